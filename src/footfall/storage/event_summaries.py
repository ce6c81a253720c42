"""What each customer did: how often, first and last, by event name; kept instead of counted.

The promise: whoever sees events sees them summed up, because both are written in one transaction. A row stands for a
workspace, a customer, a type and a ``slot``: where several processes write, few wait for each other's customers, and a
customer has few rows nevertheless.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func

from footfall.model.export import EventSummary
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert, is_in
from footfall.storage.tables import event_summaries, event_types

_SLOTS = 4
_TYPE_BITS = 31
_TYPE_MASK = (1 << _TYPE_BITS) - 1

_S = event_summaries.c
_KEY = ("workspace", "customer", "type", "slot")
_ADD = Upsert(
    event_summaries,
    (*_KEY, "events", "first_at", "last_at"),
    key=_KEY,
    added=("events",),
    lowered=("first_at",),
    raised=("last_at",),
)
_of_customers = (_S.workspace == bindparam("workspace"), is_in(_S.customer, "customers"))
_events: sa.ColumnElement[Any] = sa.cast(func.sum(_S.events), sa.BigInteger)
_OF = Statement(
    sa.select(_S.customer, event_types.c.name, _events, func.min(_S.first_at), func.max(_S.last_at))
    .select_from(event_summaries.join(event_types, event_types.c.number == _S.type))
    .where(*_of_customers)
    .group_by(_S.customer, event_types.c.name)
    .order_by(_S.customer, event_types.c.name)
)
_OF_ONE = Statement(
    sa.select(_S.type, _S.slot, _S.events, _S.first_at, _S.last_at).where(
        _S.workspace == bindparam("workspace"), _S.customer == bindparam("customer")
    )
)
_ERASE = Statement(sa.delete(event_summaries).where(*_of_customers))


def add(connection: Connection, workspace: int, stored: Iterable[tuple[int, int, int]]) -> None:
    """Sums up events that this transaction has stored, given as (customer, type, occurred_at)."""
    # A number for each key, and just the time for what happened once, as most does: thousands are added at a time.
    single: dict[int, int] = {}
    several: dict[int, list[int]] = {}
    get = single.get
    for customer, number, at in stored:
        key = customer << _TYPE_BITS | number
        first = get(key)
        if first is None:
            single[key] = at
            continue
        known = several.get(key)
        if known is None:
            known = several[key] = [1, first, first]
        known[0] += 1
        if at < known[1]:
            known[1] = at
        elif at > known[2]:
            known[2] = at
    slot = connection.slot % _SLOTS
    # Neighbours go to one page; and all writers take their locks in one order.
    rows = [
        (workspace, key >> _TYPE_BITS, key & _TYPE_MASK, slot, *several.get(key, (1, at, at)))
        for key, at in sorted(single.items())
    ]
    connection.upsert(_ADD, rows)


def of_customers(connection: Connection, workspace: int, customers: Iterable[int]) -> list[EventSummary]:
    """What ``customers`` did, by customer and event name."""
    rows = connection.rows(_OF, workspace=workspace, customers=list(customers))
    return [EventSummary(*row) for row in rows]


def move(connection: Connection, workspace: int, customer: int, heir: int) -> None:
    """Adds what ``customer`` did to what ``heir`` did, and takes it away there."""
    rows = connection.rows(_OF_ONE, workspace=workspace, customer=customer)
    connection.upsert(_ADD, sorted((workspace, heir, *row) for row in rows))
    erase(connection, workspace, [customer])


def erase(connection: Connection, workspace: int, customers: Iterable[int]) -> None:
    """Takes away what is said of ``customers``."""
    connection.execute(_ERASE, workspace=workspace, customers=list(customers))
