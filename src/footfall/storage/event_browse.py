"""Looking through a workspace's events by time, each whole and with its customer; and over one's family.

A page is one index range: the order (occurred_at, sequence) is total, so whoever goes on behind a page's last event
sees every further event once, whatever is captured meanwhile.
"""

from collections import Counter
from functools import lru_cache
from heapq import merge
from itertools import islice
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection, Row
from footfall.storage.customers import CUSTOMER_COLUMNS, customer_of
from footfall.storage.event_walk import EARLIEST, LATEST, WHOLE_EVENT, Found, WalkPosition
from footfall.storage.events import EVENT_COLUMNS, event_of
from footfall.storage.statement import Statement, is_in
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

_Driver = Literal["parent", "customer", "account", "type", "time"]


class Browse(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: ``since <= occurred_at < until`` and ``sequence <= snapshot``; None means any.

    ``types`` are numbers of event types, ``customer`` is a number, ``parent`` an event's id: its children.
    """

    workspace: int
    since: int = EARLIEST
    until: int = LATEST
    types: tuple[int, ...] | None = None
    customer: int | None = None
    account: str | None = None
    parent: bytes | None = None
    snapshot: int | None = None
    descending: bool = True


class _Shape(msgspec.Struct, frozen=True):
    """What decides the SQL text."""

    driver: _Driver
    of_types: bool
    of_customer: bool
    of_account: bool
    to_snapshot: bool
    goes_on: bool
    descending: bool


def page(connection: Connection, asked: Browse, position: WalkPosition | None, limit: int) -> list[Found]:
    """At most ``limit`` events behind ``position`` (None: from the first), newest first unless asked otherwise."""
    if asked.types is None or asked.parent is not None or asked.customer is not None or asked.account is not None:
        return _range(connection, asked, position, limit)
    # Each type is an index range of its own: a rare one does not make all the time be walked.
    ranges = [
        _range(connection, msgspec.structs.replace(asked, types=(number,)), position, limit) for number in asked.types
    ]
    return list(islice(merge(*ranges, key=_place, reverse=asked.descending), limit))


def _place(found: Found) -> tuple[int, int]:
    return found[0].occurred_at, found[0].sequence


def _range(connection: Connection, asked: Browse, position: WalkPosition | None, limit: int) -> list[Found]:
    values: dict[str, object] = {"workspace": asked.workspace, "since": asked.since, "until": asked.until}
    if position is not None:
        values |= {"at": position.occurred_at, "behind": position.sequence}
        if asked.descending:
            values["until"] = min(asked.until, position.occurred_at + 1)
        else:
            values["since"] = max(asked.since, position.occurred_at)
    given = {"customer": asked.customer, "account": asked.account, "parent": asked.parent, "snapshot": asked.snapshot}
    values |= {name: value for name, value in given.items() if value is not None}
    driver = _driver(asked)
    if asked.types is not None:
        values |= {"type": asked.types[0]} if driver == "type" else {"types": list(asked.types)}
    shape = _Shape(
        driver,
        of_types=asked.types is not None,
        of_customer=asked.customer is not None,
        of_account=asked.account is not None,
        to_snapshot=asked.snapshot is not None,
        goes_on=position is not None,
        descending=asked.descending,
    )
    return [_found(row) for row in connection.rows(_statement(shape), limit=limit, **values)]


def _driver(asked: Browse) -> _Driver:
    """By which index: who asks for an event's children or for a customer asks for few events."""
    if asked.parent is not None:
        return "parent"
    if asked.customer is not None:
        return "customer"
    if asked.account is not None:
        return "account"
    return "time" if asked.types is None else "type"


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


@lru_cache(maxsize=64)
def _statement(shape: _Shape) -> Statement:
    """A range of the driver's index; what is asked besides is written so that no other index is taken for it."""
    nothing: sa.ColumnElement[int] = sa.literal_column("0")
    workspace = _E.workspace + nothing if shape.driver == "parent" else _E.workspace
    select = _WHOLE.where(
        workspace == bindparam("workspace"),
        _E.occurred_at >= bindparam("since", type_=sa.BigInteger),
        _E.occurred_at < bindparam("until", type_=sa.BigInteger),
    )
    if shape.goes_on:
        place = sa.tuple_(_E.occurred_at, _E.sequence)
        behind = sa.tuple_(bindparam("at", type_=sa.BigInteger), bindparam("behind", type_=sa.BigInteger))
        select = select.where(place < behind if shape.descending else place > behind)
    if shape.driver == "parent":
        select = select.where(_E.parent_id == bindparam("parent", type_=sa.LargeBinary))
    if shape.of_customer:
        customer = _E.customer if shape.driver == "customer" else _E.customer + nothing
        select = select.where(customer == bindparam("customer", type_=sa.BigInteger))
    if shape.of_account:
        account = _E.account_id if shape.driver == "account" else _E.account_id.op("||")(sa.literal_column("''"))
        select = select.where(account == bindparam("account", type_=sa.Text))
    if shape.driver == "type":
        select = select.where(_E.type == bindparam("type", type_=sa.BigInteger))
    elif shape.of_types:
        select = select.where(is_in(_E.type + nothing, "types", sa.BigInteger()))
    if shape.to_snapshot:
        select = select.where(_E.sequence + nothing <= bindparam("snapshot", type_=sa.BigInteger))
    order = (_E.occurred_at, _E.sequence)
    return Statement(select.order_by(*(key.desc() if shape.descending else key for key in order)).limit(_LIMIT))
