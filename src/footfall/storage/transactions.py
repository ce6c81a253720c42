"""The stored events that targets can count, of many customers at once: one index range for each."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.event import ADD_TRANSACTION, RETURN_BILL
from footfall.storage import event_types
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import events

_E = events.c
# Adding nothing keeps the planner from walking all of a workspace's transactions instead of one customer's.
_type: sa.ColumnElement[Any] = _E.type + sa.literal_column("0")
_COUNTABLE = (
    _E.workspace == bindparam("workspace"),
    is_in(_type, "types"),
    _E.amount.is_not(None),
    ~_E.is_duplicate,
)
_OF_CUSTOMERS = Statement(
    sa.select(_E.customer, _E.sequence, _E.occurred_at, _E.received_at, _E.type, _E.amount)
    .where(
        is_in(_E.customer, "customers"),
        _E.occurred_at >= bindparam("since"),
        _E.occurred_at < bindparam("until"),
        _E.sequence <= bindparam("last_sequence"),
        *_COUNTABLE,
    )
    .order_by(_E.customer, _E.occurred_at, _E.sequence)
)
_PURCHASES = Statement(
    sa.select(sa.func.sum(_E.amount // 1_000_000), sa.func.sum(_E.amount % 1_000_000)).where(
        _E.customer == bindparam("customer"), *_COUNTABLE
    )
)

StoredTransaction = tuple[int, int, int, int, str, int]
"""customer, sequence, occurred_at, received_at, event's name, amount"""


def of_customers(
    connection: Connection, workspace: int, customers: Iterable[int], since: int, until: int, last_sequence: int
) -> list[StoredTransaction]:
    """What the customers did in ``[since, until)``, of the events up to ``last_sequence``; by customer, then time."""
    names = _types(connection, workspace)
    rows = connection.rows(
        _OF_CUSTOMERS,
        workspace=workspace,
        customers=list(customers),
        since=since,
        until=until,
        last_sequence=last_sequence,
        types=list(names),
    )
    return [(*row[:4], names[row[4]], row[5]) for row in rows]


def purchases(connection: Connection, workspace: int, customer: int) -> int:
    """The sum of a customer's ADD_TRANSACTION amounts; unbounded, so for a worker thread."""
    numbers = [number for number, name in _types(connection, workspace).items() if name == ADD_TRANSACTION]
    row = connection.row(_PURCHASES, workspace=workspace, customer=customer, types=numbers)
    return 0 if row is None or row[0] is None else int(row[0]) * 1_000_000 + int(row[1])


def _types(connection: Connection, workspace: int) -> dict[int, str]:
    known = event_types.numbers(connection, workspace, (ADD_TRANSACTION, RETURN_BILL))
    return {number: name for name, number in known.items()}
