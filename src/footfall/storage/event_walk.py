"""Walking through a workspace's events, each whole and with its customer, in the order of time up to a snapshot.

The promise: page after page, every event that answers the question comes exactly once, whatever is captured
meanwhile, because the order (occurred_at, sequence) is total and never changes below the snapshot. A page is at most
two index ranges of one index: the rest of the instant at which the page before ended, and the instants beyond it.
"""

from functools import lru_cache
from heapq import merge
from itertools import islice

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.customer import Customer
from footfall.model.event import Event
from footfall.storage.connection import Connection
from footfall.storage.customers import CUSTOMER_COLUMNS, customer_of
from footfall.storage.events import EVENT_COLUMNS, event_of
from footfall.storage.statement import Statement
from footfall.storage.tables import customers, event_types, events

_E = events.c
_OWN = len(EVENT_COLUMNS)
WHOLE_EVENT = events.join(event_types, event_types.c.number == _E.type).outerjoin(
    customers, sa.and_(customers.c.number == _E.customer, customers.c.workspace == _E.workspace)
)
"""An event with its name and its customer, whose columns are those of ``EVENT_COLUMNS`` and ``CUSTOMER_COLUMNS``."""

Found = tuple[Event, Customer | None]

EARLIEST = -(2**63)
LATEST = 2**63 - 1
"""No event is before or after these instants."""


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: ``since <= occurred_at < until`` and ``sequence <= snapshot``; None means any.

    ``types`` are numbers of event types, ``customer`` is a number.
    """

    workspace: int
    snapshot: int
    since: int = EARLIEST
    until: int = LATEST
    types: tuple[int, ...] | None = None
    customer: int | None = None
    source: str | None = None


class WalkPosition(msgspec.Struct, frozen=True):
    """Where a page ended: at the event of this time and sequence."""

    occurred_at: int
    sequence: int


def page(connection: Connection, walk: Walk, position: WalkPosition | None, limit: int) -> list[Found]:
    """At most ``limit`` events behind ``position`` (None: from the start)."""
    if walk.types is None:
        return _of_type(connection, walk, None, position, limit)
    pages = [_of_type(connection, walk, number, position, limit) for number in walk.types]
    return list(islice(merge(*pages, key=_place), limit))


def _place(found: Found) -> tuple[int, int]:
    return found[0].occurred_at, found[0].sequence


def _of_type(
    connection: Connection, walk: Walk, number: int | None, position: WalkPosition | None, limit: int
) -> list[Found]:
    if position is None:
        return _range(connection, walk, number, walk.since, limit)
    found = _rest_of_instant(connection, walk, number, position, limit)
    if len(found) < limit:
        found += _range(connection, walk, number, position.occurred_at + 1, limit - len(found))
    return found


def _range(connection: Connection, walk: Walk, number: int | None, since: int, limit: int) -> list[Found]:
    statement = _statement(_shape(walk, number, one_instant=False))
    return _rows(connection, statement, walk, number, since=since, until=walk.until, limit=limit)


def _rest_of_instant(
    connection: Connection, walk: Walk, number: int | None, position: WalkPosition, limit: int
) -> list[Found]:
    statement = _statement(_shape(walk, number, one_instant=True))
    at, behind = position.occurred_at, position.sequence
    return _rows(connection, statement, walk, number, at=at, behind=behind, limit=limit)


def _rows(connection: Connection, statement: Statement, walk: Walk, number: int | None, **bounds: int) -> list[Found]:
    asked = {"type": number, "customer": walk.customer, "source": walk.source}
    given = {name: value for name, value in asked.items() if value is not None}
    rows = connection.rows(statement, workspace=walk.workspace, snapshot=walk.snapshot, **given, **bounds)
    return [(event_of(row), None if row[_OWN] is None else customer_of(row[_OWN:])) for row in rows]


class _Shape(msgspec.Struct, frozen=True):
    """What decides the SQL text."""

    one_instant: bool
    of_type: bool
    of_customer: bool
    of_source: bool


def _shape(walk: Walk, number: int | None, *, one_instant: bool) -> _Shape:
    return _Shape(one_instant, number is not None, walk.customer is not None, walk.source is not None)


@lru_cache(maxsize=32)
def _statement(shape: _Shape) -> Statement:
    select = sa.select(*EVENT_COLUMNS, *CUSTOMER_COLUMNS).select_from(WHOLE_EVENT)
    select = select.where(_E.workspace == bindparam("workspace"), _E.sequence <= bindparam("snapshot"))
    if shape.one_instant:
        select = select.where(_E.occurred_at == bindparam("at"), _E.sequence > bindparam("behind"))
    else:
        select = select.where(_E.occurred_at >= bindparam("since"), _E.occurred_at < bindparam("until"))
    if shape.of_customer:
        select = select.where(_E.customer == bindparam("customer"))
    if shape.of_type:
        # Who asks for a customer has few events: their index goes first.
        column = _E.type + sa.literal_column("0") if shape.of_customer else _E.type
        select = select.where(column == bindparam("type", type_=sa.BigInteger))
    if shape.of_source:
        select = select.where(_E.source == bindparam("source"))
    return Statement(select.order_by(_E.occurred_at, _E.sequence).limit(bindparam("limit", type_=sa.Integer)))
