"""Looking through a workspace's events, newest first, each whole and with its customer; and over one's family.

A page is one index range: the order (occurred_at, sequence) is total, so whoever goes on behind a page's last event
sees every older event once, whatever is captured meanwhile.
"""

from collections import Counter
from functools import lru_cache

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection, Row
from footfall.storage.customers import CUSTOMER_COLUMNS, customer_of
from footfall.storage.event_walk import EARLIEST, LATEST, WHOLE_EVENT, Found, WalkPosition
from footfall.storage.events import EVENT_COLUMNS, event_of
from footfall.storage.statement import Statement
from footfall.storage.tables import events

_E = events.c
_OWN = len(EVENT_COLUMNS)
_WHOLE = sa.select(*EVENT_COLUMNS, *CUSTOMER_COLUMNS).select_from(WHOLE_EVENT)
_LIMIT: sa.BindParameter[int] = bindparam("limit", type_=sa.Integer)

_CHILDREN = Statement(
    _WHOLE.where(
        _E.parent_id == bindparam("parent", type_=sa.LargeBinary),
        _E.workspace + sa.literal_column("0") == bindparam("workspace"),
    )
    .order_by(_E.occurred_at, _E.sequence)
    .limit(_LIMIT)
)
_latest = (
    sa.select(_E.customer)
    .where(_E.workspace == bindparam("workspace"))
    .order_by(_E.occurred_at.desc(), _E.sequence.desc())
    .limit(_LIMIT)
)
_LATEST_CUSTOMERS = Statement(_latest)


class Browse(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: ``since <= occurred_at < until``; ``type`` and ``customer`` are numbers, None means any."""

    workspace: int
    since: int = EARLIEST
    until: int = LATEST
    type: int | None = None
    customer: int | None = None


def page(connection: Connection, asked: Browse, position: WalkPosition | None, limit: int) -> list[Found]:
    """At most ``limit`` events older than ``position`` (None: from the newest), newest first."""
    until = asked.until if position is None else min(asked.until, position.occurred_at + 1)
    given = {"type": asked.type, "customer": asked.customer}
    bounds = {name: value for name, value in given.items() if value is not None}
    if position is not None:
        bounds |= {"at": position.occurred_at, "below": position.sequence}
    statement = _statement(asked.type is not None, asked.customer is not None, position is not None)
    rows = connection.rows(statement, workspace=asked.workspace, since=asked.since, until=until, limit=limit, **bounds)
    return [_found(row) for row in rows]


def children(connection: Connection, workspace: int, parent: bytes, limit: int) -> list[Found]:
    """At most ``limit`` direct children of the event with the id ``parent``, oldest first."""
    rows = connection.rows(_CHILDREN, workspace=workspace, parent=parent, limit=limit)
    return [_found(row) for row in rows]


def customers_of_latest(connection: Connection, workspace: int, limit: int) -> tuple[Counter[int], int]:
    """How many of the latest ``limit`` events each customer (by number) has; and how many events those were."""
    rows = connection.rows(_LATEST_CUSTOMERS, workspace=workspace, limit=limit)
    return Counter(row[0] for row in rows if row[0] is not None), len(rows)


def _found(row: Row) -> Found:
    return event_of(row), None if row[_OWN] is None else customer_of(row[_OWN:])


@lru_cache(maxsize=8)
def _statement(of_type: bool, of_customer: bool, goes_on: bool) -> Statement:  # noqa: FBT001  (the shape of a text)
    select = _WHOLE.where(
        _E.workspace == bindparam("workspace"),
        _E.occurred_at >= bindparam("since", type_=sa.BigInteger),
        _E.occurred_at < bindparam("until", type_=sa.BigInteger),
    )
    if goes_on:
        at, below = bindparam("at", type_=sa.BigInteger), bindparam("below", type_=sa.BigInteger)
        select = select.where(sa.tuple_(_E.occurred_at, _E.sequence) < sa.tuple_(at, below))
    if of_customer:
        select = select.where(_E.customer == bindparam("customer", type_=sa.BigInteger))
    if of_type:
        # Who asks for a customer has few events: their index goes first.
        column = _E.type + sa.literal_column("0") if of_customer else _E.type
        select = select.where(column == bindparam("type", type_=sa.BigInteger))
    return Statement(select.order_by(_E.occurred_at.desc(), _E.sequence.desc()).limit(_LIMIT))
