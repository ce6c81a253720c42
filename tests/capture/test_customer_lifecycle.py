"""What happens to customers, and what is told of it in the same transaction."""

import json
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from footfall.capture import customer_lifecycle as lifecycle
from footfall.capture.batch import Batch
from footfall.capture.customer_lifecycle import NameTaken, NewCustomer
from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.customer import Customer, CustomerProfile, Identity
from footfall.model.customer_details import Address, CustomerDetails, details_of, with_details
from footfall.model.customer_event import TYPES, CustomerEvent
from footfall.model.event import CustomerReference, NewEvent, WhenUnknown
from footfall.model.workspace import Workspace
from footfall.storage import customer_events, customers, event_counts
from footfall.storage.connection import Connection
from footfall.storage.customer_events import customer_event_of
from footfall.storage.database import Database
from footfall.storage.event_counts import Span
from footfall.storage.statement import Statement
from footfall.storage.tables import customer_events as table

_TOLD = Statement(
    sa.select(*customer_events.COLUMNS).where(table.c.workspace == sa.bindparam("workspace")).order_by(table.c.sequence)
)
ADA = NewCustomer(external_id="ada", email="ada@acme.test", name="Ada")
HOME = Address(line1="1 Main St", line2=None, postal_code=None, city=None, state=None, country="DE")


class Log:
    """A workspace whose customers change, and what is told of them."""

    def __init__(self, database: Database, capture: Capture, tenant: Workspace) -> None:
        self.database, self.capture, self.tenant = database, capture, tenant
        self.number = tenant.number

    def create(self, new: NewCustomer = ADA) -> Customer:
        return self.capture.change_now(lifecycle.create, self.number, new)

    def change(self, before: Customer, **fields: Any) -> Customer:
        pair = (before, msgspec.structs.replace(before, **fields))
        return self.capture.change_now(lifecycle.change, self.number, [pair])[0]

    def delete(self, *gone: Customer, **how: Any) -> list[Customer]:
        return self.capture.change_now(lifecycle.delete, self.number, gone, **how)

    def capture_events(self, *references: CustomerReference) -> None:
        events = [NewEvent(name="Viewed", occurred_at=1, received_at=1, customer=each) for each in references]
        assert not self.capture.submit(Batch(workspace=self.tenant, events=events)).result().refused

    def events(self) -> list[CustomerEvent]:
        return self.database.read(_events, self.number)

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        return [(each.name, json.loads(each.metadata)) for each in self.events()]

    def named(self, kind: Any, value: str) -> Customer | None:
        return self.database.read(customers.by_identity, self.number, Identity(kind, value))


def _events(connection: Connection, workspace: int) -> list[CustomerEvent]:
    return [customer_event_of(row) for row in connection.rows(_TOLD, workspace=workspace)]


@pytest.fixture
def log(database: Database, capture: Capture, tenant: Workspace) -> Log:
    return Log(database, capture, tenant)


def test_a_creation_is_told_with_the_values_of_that_moment(log: Log) -> None:
    made = log.create()
    log.change(made, name="Countess")

    created = log.events()[0]
    assert (created.name, created.customer, created.occurred_at) == ("customer.created", made.number, made.created_at)
    assert list(json.loads(created.metadata).items()) == [
        ("customer_id", identifiers.to_text(made.id)),
        ("customer_email", "ada@acme.test"),
        ("customer_name", "Ada"),
        ("customer_external_id", "ada"),
    ]


def test_a_name_that_somebody_goes_by_is_refused_and_nothing_is_written(log: Log) -> None:
    log.create()

    with pytest.raises(NameTaken) as refused:
        log.create(NewCustomer(external_id="ada", email="ada@acme.test"))

    assert refused.value.taken == {Identity("external_id", "ada"), Identity("email", "ada@acme.test")}
    assert len(log.events()) == 1


def test_whoever_was_only_mentioned_becomes_the_customer(log: Log) -> None:
    log.capture_events(
        CustomerReference(identities=(Identity("external_id", "ada"),), when_unknown=WhenUnknown.MENTION)
    )
    mentioned = log.named("external_id", "ada")

    made = log.create()

    assert mentioned is not None
    assert (made.number, made.id) == (mentioned.number, mentioned.id)
    assert [name for name, _ in log.told()] == ["customer.created"]


def test_a_change_tells_what_it_changed_and_leaves_out_what_it_cleared(log: Log) -> None:
    made = with_details(log.create(), CustomerDetails(type="team"))
    before = log.change(made, account_id="a")
    at_home = with_details(before, CustomerDetails(type="team", billing_address=HOME))

    after = log.change(before, name=None, properties=msgspec.Raw(b'{"plan":"pro"}'), details=at_home.details)

    assert [fields["updated_fields"] for _, fields in log.told()[1:]] == [
        {},
        {"billing_address": json.loads(msgspec.json.encode(HOME)), "metadata": {"plan": "pro"}},
    ]
    assert after.modified_at == log.events()[-1].occurred_at
    assert details_of(after).type == "team"


def test_a_changed_name_is_free_for_others(log: Log) -> None:
    made = log.create()
    log.change(made, email="countess@acme.test")

    other = log.create(NewCustomer(email="ada@acme.test"))

    assert log.named("email", "countess@acme.test") == log.database.read(customers.by_number, log.number, made.number)
    with pytest.raises(NameTaken):
        log.change(other, email="countess@acme.test")


def test_a_deleted_customer_lets_go_of_the_names_and_may_get_them_back(log: Log) -> None:
    made = log.create(msgspec.structs.replace(ADA, identities=(Identity("card_number", "4711"),)))
    [gone] = log.delete(made)

    assert log.named("external_id", "ada") is None
    assert (gone.external_id, gone.email) == ("ada", "ada@acme.test"), "his events go on telling whose they are"
    assert log.told()[-1] == (
        "customer.deleted",
        {
            "customer_id": identifiers.to_text(made.id),
            "customer_email": "ada@acme.test",
            "customer_name": "Ada",
            "customer_external_id": None,
        },
    )
    assert log.database.read(customers.former, log.number, "ada") == [gone]

    heir = log.create(NewCustomer(email="ada@acme.test"))
    [revived] = log.capture.change_now(lifecycle.revive, log.number, [gone])

    assert revived == log.named("external_id", "ada") == log.named("card_number", "4711")
    assert (revived.deleted_at, revived.email, bytes(revived.details)) == (None, None, b"{}")
    assert log.named("email", "ada@acme.test") == heir
    assert [name for name, _ in log.told()][2:] == ["customer.created", "customer.created"]


def test_a_product_may_keep_names_of_those_it_deletes(log: Log) -> None:
    made = log.create()

    [gone] = log.delete(made, kept=("external_id",))

    assert log.named("external_id", "ada") == gone
    assert log.named("email", "ada@acme.test") is None
    assert log.delete(gone) == [], "only once"


def test_an_anonymised_customer_is_told_of_and_cannot_be_recognised(log: Log) -> None:
    made = log.create(msgspec.structs.replace(ADA, properties=msgspec.Raw(b'{"plan":"pro"}'), mobile="4912345"))

    [gone] = log.delete(made, anonymised=True)

    name, told = log.told()[-1]
    assert name == "customer.deleted"
    assert told["customer_email"] == gone.email
    assert gone.email is not None
    assert gone.email.endswith("@redacted.invalid")
    assert gone.mobile is None
    assert told["customer_name"] == gone.name != "Ada"
    assert list(json.loads(bytes(gone.properties))) == ["plan", "__anonymized_at"]
    assert log.named("external_id", "ada") is None


def test_captures_tell_of_customers_they_register_and_change(log: Log) -> None:
    ada, bob = Identity("external_id", "ada"), Identity("external_id", "bob")
    log.capture_events(CustomerReference(identities=(ada,)), CustomerReference(identities=(bob,)))
    log.capture_events(CustomerReference(identities=(ada,), profile=CustomerProfile(name="Ada", properties={"a": 1})))
    log.capture_events(CustomerReference(identities=(ada,)), CustomerReference(identities=(bob,)))

    told = log.told()

    assert [name for name, _ in told] == ["customer.created", "customer.created", "customer.updated"]
    assert {fields["customer_external_id"] for _, fields in told[:2]} == {"ada", "bob"}
    assert told[2][1]["updated_fields"] == {"name": "Ada", "metadata": {"a": 1}}


def test_of_whoever_is_only_mentioned_nothing_is_told(log: Log) -> None:
    mention = CustomerReference(identities=(Identity("external_id", "ada"),), when_unknown=WhenUnknown.MENTION)
    log.capture_events(mention)
    assert log.events() == []

    log.capture_events(CustomerReference(identities=mention.identities))

    assert [name for name, _ in log.told()] == ["customer.created"]


def test_counts_follow_what_is_told_and_what_is_erased(log: Log) -> None:
    made = log.create()
    other = log.create(NewCustomer(email="other@acme.test"))
    log.delete(made)
    span = Span(frozenset(TYPES.values()))
    assert log.database.read(event_counts.count_customer_events, log.number, span) == 3
    half = Span(frozenset(TYPES.values()), since=other.created_at)
    assert log.database.read(event_counts.count_customer_events, log.number, half) == 2

    log.capture.change_now(customer_events.erase, log.number, [made.number])

    assert log.database.read(event_counts.count_customer_events, log.number, span) == 1
    assert [each.customer for each in log.events()] == [other.number]
