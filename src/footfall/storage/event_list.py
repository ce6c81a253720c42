"""Lists of events, captured ones and the system's own: one page, and how many there are.

The way of a question: its names and customers become numbers (``storage.listing_terms``), these become a few index
ranges (``storage.listing_statement``), of which a page takes positions; then the page's events are read with their
customers and the numbers of their children. Totals of names and time come from the counts.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam, func

from footfall.model.customer import Customer
from footfall.model.customer_event import CustomerEvent
from footfall.model.event_listing import EventListing
from footfall.storage import customer_events as log
from footfall.storage import customers, listing_statement
from footfall.storage.connection import Connection
from footfall.storage.customers import CUSTOMER_COLUMNS, customer_of
from footfall.storage.event_details import SHOWN_COLUMNS, EventInHierarchy, holder_of_external_id
from footfall.storage.failures import TooLong
from footfall.storage.listing_memory import ListingMemory, Position
from footfall.storage.listing_shape import shape_of
from footfall.storage.listing_terms import look_up
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import customer_events, event_types, events
from footfall.storage.tables import customers as customers_table

_E = events.c
_V = customer_events.c
_FEW = 8
_PARENTS_AT_A_TIME = 500
_WITH_CUSTOMER = events.join(event_types, event_types.c.number == _E.type).outerjoin(
    customers_table, sa.and_(customers_table.c.number == _E.customer, customers_table.c.workspace == _E.workspace)
)
_ROWS = Statement(
    sa.select(_E.sequence, *SHOWN_COLUMNS, *CUSTOMER_COLUMNS)
    .select_from(_WITH_CUSTOMER)
    .where(is_in(_E.sequence, "sequences"), _E.workspace + sa.literal_column("0") == bindparam("workspace"))
)
_SYSTEM_ROWS = Statement(
    sa.select(_V.sequence, *log.COLUMNS).where(
        is_in(_V.sequence, "sequences"), _V.workspace + sa.literal_column("0") == bindparam("workspace")
    )
)
_CHILDREN = Statement(
    sa.select(_E.parent_id, func.count())
    .where(is_in(_E.parent_id, "parents"), _E.workspace + sa.literal_column("0") == bindparam("workspace"))
    .group_by(_E.parent_id)
)


class Listed(msgspec.Struct, frozen=True):
    """A captured event of a page, with its customer, and whoever goes by his external id now (``event_details``)."""

    event: EventInHierarchy
    customer: Customer | None
    present: Customer | None


class ListedSystemEvent(msgspec.Struct, frozen=True):
    """An event of the system's, with the customer whom it tells of."""

    event: CustomerEvent
    customer: Customer | None


AnyListed = Listed | ListedSystemEvent


class EventPage(msgspec.Struct, frozen=True):
    """A page; ``total`` of all pages, None where it was not asked for. ``has_more``: a page follows."""

    events: list[AnyListed]
    total: int | None
    has_more: bool


def page(connection: Connection, asked: EventListing, memory: ListingMemory, *, counted: bool = True) -> EventPage:
    """One page; ``counted``: with the total. ``memory``: see there.

    Raises TooLong inside ``Connection.at_most`` where documents would have to be looked through.
    """
    positions: Sequence[Position] | None
    total = None
    if asked.parent is not None and asked.depth is not None and asked.depth != 1:
        positions, total = _descendants(connection, asked)
    else:
        found = memory.find(connection, asked) if counted else memory.recall(connection, asked)
        total = found.total if found is not None else None
        positions = None if found is None else found.page(asked.offset, asked.limit + 1)
        if positions is None:
            positions = _positions(connection, asked)
    shown = _read(connection, asked.workspace, positions[: asked.limit])
    return EventPage(shown, total if counted else None, len(positions) > asked.limit)


def _positions(connection: Connection, asked: EventListing) -> list[Position]:
    if connection.is_limited and (asked.properties or asked.text):
        raise TooLong
    shape, values = shape_of(asked, look_up(connection, asked))
    if not shape.parts:
        return []
    bounds = {"limit": asked.limit + 1, "offset": asked.offset, "reach": asked.offset + asked.limit + 1}
    rows = connection.rows(listing_statement.page(shape), **values, **bounds)
    return [(row[1], row[2]) for row in rows]


def _cut(found: Sequence[tuple[int, int, int]], asked: EventListing) -> list[Position]:
    """The page of all that there are: instant, origin and sequence of each."""
    ordered = sorted(found, reverse=asked.descending)
    return [(origin, sequence) for _, origin, sequence in ordered[asked.offset : asked.offset + asked.limit + 1]]


def _descendants(connection: Connection, asked: EventListing) -> tuple[list[Position], int]:
    """The page of a subtree, generation by generation: nothing but the subtree is read."""
    shape, values = shape_of(asked, look_up(connection, asked))
    assert asked.parent is not None
    assert asked.depth is not None
    found: list[tuple[int, int, int]] = []
    parents = [asked.parent]
    if not shape.parts:
        return [], 0
    statement = listing_statement.generation(shape)
    for _ in range(asked.depth):
        children = []
        for start in range(0, len(parents), _PARENTS_AT_A_TIME):
            some = parents[start : start + _PARENTS_AT_A_TIME]
            for row in connection.rows(statement, **values, parents=some):
                children.append(row[0])
                if row[4]:
                    found.append((row[1], row[2], row[3]))
        parents = children
    return _cut(found, asked), len(found)


def _read(connection: Connection, workspace: int, positions: Sequence[Position]) -> list[AnyListed]:
    captured = [sequence for origin, sequence in positions if origin == 0]
    of_system = [sequence for origin, sequence in positions if origin == 1]
    found: dict[Position, AnyListed] = {}
    if captured:
        found |= _read_captured(connection, workspace, captured)
    if of_system:
        rows = connection.rows(_SYSTEM_ROWS, workspace=workspace, sequences=of_system)
        told = {row[0]: log.customer_event_of(row[1:]) for row in rows}
        about = customers.by_numbers(connection, workspace, {each.customer for each in told.values()})
        found |= {(1, at): ListedSystemEvent(each, about.get(each.customer)) for at, each in told.items()}
    # An event that was erased since its position was read is left out.
    return [found[position] for position in positions if position in found]


def _read_captured(connection: Connection, workspace: int, sequences: list[int]) -> dict[Position, AnyListed]:
    rows = connection.rows(_ROWS, workspace=workspace, sequences=sequences)
    width = 1 + len(SHOWN_COLUMNS)
    children: dict[bytes, int] = dict(connection.rows(_CHILDREN, workspace=workspace, parents=[row[1] for row in rows]))
    known: dict[int, tuple[Customer, Customer | None]] = {}
    listed: dict[Position, AnyListed] = {}
    for row in rows:
        event = EventInHierarchy(*(*row[1:width], children.get(row[1], 0)))
        number = row[width]
        if number is None:
            listed[0, row[0]] = Listed(event, None, None)
            continue
        if number not in known:
            known[number] = _customer(connection, row[width:])
        listed[0, row[0]] = Listed(event, *known[number])
    return listed


def _customer(connection: Connection, row: Sequence[Any]) -> tuple[Customer, Customer | None]:
    customer = customer_of(row)
    present: Customer | None = customer if customer.registered else None
    if customer.deleted_at is not None:
        present = holder_of_external_id(connection, customer)
    return customer, present
