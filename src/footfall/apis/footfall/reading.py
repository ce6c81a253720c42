"""Reading one event together with its customer, in one consistent look."""

from footfall.model.customer import Customer
from footfall.model.event import Event
from footfall.storage import customers, events
from footfall.storage.connection import Connection


def event_with_customer(
    connection: Connection, workspace: int, identifier: bytes
) -> tuple[Event, Customer | None] | None:
    """The event of this id and its customer; None when the workspace has no such event."""
    event = events.by_id(connection, workspace, identifier)
    if event is None:
        return None
    customer = None if event.customer is None else customers.by_number(connection, workspace, event.customer)
    return event, customer
