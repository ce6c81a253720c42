"""Which customer an event names."""

import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Customer, CustomerProfile, Identity
from footfall.model.event import CustomerReference, NewEvent, Refused, WhenUnknown
from footfall.model.workspace import Workspace
from footfall.storage import customers, events, workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import create

USER = Identity("external_id", "u1")
MAIL = Identity("email", "u1@example.org")


class Shop:
    """Captures one event per call and tells whom it was about."""

    def __init__(self, database: Database, capture: Capture, tenant: Workspace) -> None:
        self.database, self.capture, self.tenant = database, capture, tenant

    def event(self, *identities: Identity, **more: object) -> Customer:
        reference = CustomerReference(identities=identities, **more)  # type: ignore[arg-type]
        event = NewEvent(name="Viewed", occurred_at=1, received_at=1, customer=reference)
        result = self.capture.submit(Batch(workspace=self.tenant, events=[event])).result()
        (outcome,) = result.outcomes
        assert not isinstance(outcome, Refused)
        stored = self.database.read(events.by_id, self.tenant.number, outcome.id)
        assert stored is not None
        assert stored.customer is not None
        found = self.database.read(customers.by_number, self.tenant.number, stored.customer)
        assert found is not None
        return found


@pytest.fixture
def shop(database: Database, capture: Capture, tenant: Workspace) -> Shop:
    return Shop(database, capture, tenant)


def test_the_same_identity_is_the_same_customer(shop: Shop) -> None:
    assert shop.event(USER).number == shop.event(USER).number


def test_other_identities_sent_along_become_names_of_the_customer(shop: Shop) -> None:
    first = shop.event(USER, MAIL)

    assert first.email == MAIL.value
    assert shop.event(MAIL).number == first.number


def test_an_identity_learnt_later_is_added(shop: Shop) -> None:
    first = shop.event(USER)
    second = shop.event(USER, MAIL)

    assert (second.number, second.email) == (first.number, MAIL.value)


def test_two_people_who_share_an_email_stay_two_people(shop: Shop) -> None:
    first = shop.event(USER, MAIL)
    second = shop.event(Identity("external_id", "u2"), MAIL)

    assert first.number != second.number
    assert second.email is None
    assert shop.event(MAIL).number == first.number


def test_a_known_email_finds_the_customer_when_the_leading_name_is_new_to_him(shop: Shop) -> None:
    first = shop.event(MAIL)
    second = shop.event(USER, MAIL)

    assert (second.number, second.external_id) == (first.number, USER.value)


def test_a_mentioned_customer_is_registered_by_the_first_who_registers(shop: Shop) -> None:
    mentioned = shop.event(USER, when_unknown=WhenUnknown.MENTION)
    registered = shop.event(USER)
    again = shop.event(USER, when_unknown=WhenUnknown.MENTION)

    assert not mentioned.registered
    assert registered.registered
    assert again.registered
    assert mentioned.number == registered.number == again.number
    assert mentioned.created_at < registered.created_at == again.created_at


def test_a_profile_fills_in_what_is_unknown_and_overrules_nothing(shop: Shop) -> None:
    shop.event(USER, profile=CustomerProfile(name="Ada", properties={"plan": "pro"}))
    found = shop.event(USER, profile=CustomerProfile(name="Bob", properties={"plan": "free"}))

    assert found.name == "Ada"
    assert bytes(found.properties) == b'{"plan":"pro"}'


def test_an_unknown_customer_who_must_be_known_is_refused(capture: Capture, tenant: Workspace) -> None:
    references = [
        CustomerReference(identities=(USER,), when_unknown=WhenUnknown.REFUSE),
        CustomerReference(number=12345),
        CustomerReference(id=bytes(16)),
    ]
    batch = [NewEvent(name="x", occurred_at=1, received_at=1, customer=reference) for reference in references]

    result = capture.submit(Batch(workspace=tenant, events=batch)).result()

    assert result.outcomes == [Refused("customer", "unknown_customer")] * 3
    assert result.inserted == 0


def test_customers_of_another_workspace_are_unknown(
    shop: Shop, database: Database, capture: Capture, tenant: Workspace
) -> None:
    known = shop.event(USER)
    capture.change_now(create, "other", "UTC")
    other = database.read(workspaces.by_name, "other")
    assert other is not None

    assert Shop(database, capture, other).event(USER).number != known.number
    by_number = NewEvent(name="x", occurred_at=1, received_at=1, customer=CustomerReference(number=known.number))
    by_id = NewEvent(name="x", occurred_at=1, received_at=1, customer=CustomerReference(id=known.id))
    result = capture.submit(Batch(workspace=other, events=[by_number, by_id])).result()
    assert sorted(result.refused) == [0, 1]


def test_one_batch_creates_a_customer_once(capture: Capture, tenant: Workspace, database: Database) -> None:
    reference = CustomerReference(identities=(USER,))
    batch = [NewEvent(name="x", occurred_at=1, received_at=1, customer=reference) for _ in range(10)]

    capture.submit(Batch(workspace=tenant, events=batch)).result()

    assert database.read(lambda connection: connection.last_customer_number()) == 1
