"""One event with what an answer shows beside it, in a single statement: one moment, one way to the engine and back."""

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.behavioural_event import Definition
from footfall.model.customer import Customer, Identity
from footfall.model.customer_event import CustomerEvent
from footfall.model.event import CustomerLink, Event
from footfall.storage import customer_events
from footfall.storage.behavioural_events import definition_of
from footfall.storage.connection import Connection
from footfall.storage.customers import CUSTOMER_COLUMNS, by_identity, by_number, customer_of
from footfall.storage.events import EVENT_COLUMNS, event_of
from footfall.storage.statement import Statement
from footfall.storage.tables import behavioural_definitions, customers, event_types, events

_E = events.c
_D = behavioural_definitions.c
_child = events.alias("child")

_FROM = events.join(event_types, event_types.c.number == _E.type)
_WITH_CUSTOMER = _FROM.outerjoin(
    customers, sa.and_(customers.c.number == _E.customer, customers.c.workspace == _E.workspace)
)
_WITH_DEFINITION = _FROM.outerjoin(
    behavioural_definitions, sa.and_(_D.workspace == _E.workspace, _D.name == event_types.c.name)
)
_CHILDREN = (
    sa.select(sa.func.count())
    .select_from(_child)
    .where(_child.c.parent_id == bindparam("id"), _child.c.workspace == bindparam("workspace"))
    .scalar_subquery()
)
_ASKED = (_E.id == bindparam("id"), _E.workspace == bindparam("workspace"))

_EVENT_WITH_CUSTOMER = Statement(
    sa.select(*EVENT_COLUMNS, *CUSTOMER_COLUMNS).select_from(_WITH_CUSTOMER).where(*_ASKED)
)
SHOWN_COLUMNS = (
    _E.id,
    event_types.c.name,
    event_types.c.label,
    event_types.c.label_selector,
    _E.customer_link,
    _E.occurred_at,
    _E.parent_id,
    _E.member_id,
    _E.external_member_id,
    _E.properties,
)
"""The fields of ``EventInHierarchy``, in their order, but the number of children."""

_EVENT_IN_HIERARCHY = Statement(
    sa.select(*SHOWN_COLUMNS, _CHILDREN, *CUSTOMER_COLUMNS).select_from(_WITH_CUSTOMER).where(*_ASKED)
)
_EVENT_WITH_DEFINITION = Statement(sa.select(*EVENT_COLUMNS, *_D).select_from(_WITH_DEFINITION).where(*_ASKED))

_OWN = len(EVENT_COLUMNS)


class EventInHierarchy(msgspec.Struct, frozen=True):
    """What is shown of an event beside its relatives, in the words of ``Event``. Every column costs a by-id read."""

    id: bytes
    name: str
    label: str | None
    label_selector: str | None
    customer_link: int
    occurred_at: int
    parent_id: bytes | None
    member_id: bytes | None
    external_member_id: str | None
    properties: str
    child_count: int


_SHOWN = len(EventInHierarchy.__struct_fields__)


def with_customer(connection: Connection, workspace: int, identifier: bytes) -> tuple[Event, Customer | None] | None:
    """The event with this id (16 bytes) and its customer; None when the workspace has no such event."""
    row = connection.row(_EVENT_WITH_CUSTOMER, workspace=workspace, id=identifier)
    if row is None:
        return None
    return event_of(row), None if row[_OWN] is None else customer_of(row[_OWN:])


def in_hierarchy(
    connection: Connection, workspace: int, identifier: bytes
) -> tuple[EventInHierarchy, Customer | None, Customer | None] | None:
    """The event with this id (16 bytes), with the number of its direct children; its customer, and who is ``present``.

    That is whoever is registered under the customer's external id now: the customer, unless he is deleted.
    """
    row = connection.row(_EVENT_IN_HIERARCHY, workspace=workspace, id=identifier)
    if row is None:
        return None
    event = EventInHierarchy(*row[:_SHOWN])
    if row[_SHOWN] is None:
        return event, None, None
    customer = customer_of(row[_SHOWN:])
    present: Customer | None = customer if customer.registered else None
    if customer.deleted_at is not None:
        present = holder_of_external_id(connection, customer) if event.customer_link != CustomerLink.BY_ID else None
    return event, customer, present


def holder_of_external_id(connection: Connection, former: Customer) -> Customer | None:
    """Who is registered under the external id of a deleted customer by now."""
    if former.external_id is None:
        return None
    holder = by_identity(connection, former.workspace, Identity("external_id", former.external_id))
    return holder if holder is not None and holder.registered and holder.deleted_at is None else None


def of_customer_record(
    connection: Connection, workspace: int, identifier: bytes
) -> tuple[CustomerEvent, Customer | None] | None:
    """The system's own event with this id (16 bytes), and the customer whom it tells of."""
    found = customer_events.by_id(connection, workspace, identifier)
    return None if found is None else (found, by_number(connection, workspace, found.customer))


def with_definition(
    connection: Connection, workspace: int, identifier: bytes
) -> tuple[Event, Definition | None] | None:
    """The event with this id (16 bytes) and the definition that its name has, if any."""
    row = connection.row(_EVENT_WITH_DEFINITION, workspace=workspace, id=identifier)
    if row is None:
        return None
    return event_of(row), None if row[_OWN] is None else definition_of(row[_OWN:])
