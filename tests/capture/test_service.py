"""Capture against a real database file."""

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customers, events
from footfall.storage.database import Database


def an_event(**fields: object) -> NewEvent:
    given = {"name": "Viewed", "occurred_at": 1_000_000, "received_at": 2_000_000, **fields}
    return NewEvent(**given)  # type: ignore[arg-type]


def of(external_id: str) -> CustomerReference:
    return CustomerReference(identities=(Identity("external_id", external_id),))


def test_a_captured_event_reads_back_with_its_customer(database: Database, capture: Capture, tenant: Workspace) -> None:
    sent = an_event(customer=of("u1"), properties='{"a": 1}')

    result = capture.submit(Batch(workspace=tenant, events=[sent])).result()

    outcome = result.outcomes[0]
    assert isinstance(outcome, Captured)
    stored = database.read(events.by_id, tenant.number, outcome.id)
    assert stored is not None
    assert (stored.name, stored.properties) == ("Viewed", '{"a": 1}')
    assert stored.customer is not None
    customer = database.read(customers.by_number, tenant.number, stored.customer)
    assert customer is not None
    assert customer.external_id == "u1"


def test_an_external_id_is_stored_once(capture: Capture, tenant: Workspace) -> None:
    batch = Batch(workspace=tenant, events=[an_event(external_id="e1"), an_event(external_id="e1")])

    first = capture.submit(batch).result()
    second = capture.submit(batch).result()

    assert (first.inserted, first.repeated) == (1, 1)
    assert (second.inserted, second.repeated) == (0, 2)
