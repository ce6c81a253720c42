"""The stored events that targets can count, of many customers at once: one index range for each."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.counting import Occurrence
from footfall.model.event import ADD_TRANSACTION
from footfall.storage import event_types
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import events

_E = events.c
# Adding nothing keeps the planner from walking all of a workspace's transactions instead of one customer's.
_type: sa.ColumnElement[Any] = _E.type + sa.literal_column("0")
_COUNTABLE = (_E.workspace == bindparam("workspace"), is_in(_type, "types"), ~_E.is_duplicate, _E.counts)
_OF_CUSTOMERS = Statement(
    sa.select(
        _E.customer,
        _E.sequence,
        _E.id,
        _E.occurred_at,
        _E.received_at,
        _E.type,
        _E.amount,
        _E.outlet,
        _E.properties,
    )
    .where(
        is_in(_E.customer, "customers"),
        _E.occurred_at >= bindparam("since"),
        _E.occurred_at < bindparam("until"),
        _E.sequence <= bindparam("last_sequence"),
        *_COUNTABLE,
    )
    .order_by(_E.customer, _E.sequence)
)
_PURCHASES = Statement(
    sa.select(sa.func.sum(_E.amount // 1_000_000), sa.func.sum(_E.amount % 1_000_000)).where(
        _E.customer == bindparam("customer"), _E.amount.is_not(None), *_COUNTABLE
    )
)


def of_customers(
    connection: Connection,
    workspace: int,
    customers: Sequence[int],
    names: Iterable[str],
    span: tuple[int, int],
    last_sequence: int,
) -> list[Occurrence]:
    """Events of these names that the customers did in ``span`` (``[since, until)``), duplicates left out.

    Of those up to ``last_sequence``; by customer, in the order in which they were stored.
    """
    known = {number: name for name, number in event_types.numbers(connection, workspace, names).items()}
    if not known:
        return []
    rows = connection.rows(
        _OF_CUSTOMERS,
        workspace=workspace,
        customers=customers,
        since=span[0],
        until=span[1],
        last_sequence=last_sequence,
        types=list(known),
    )
    return [
        Occurrence(
            customer=row[0],
            sequence=row[1],
            id=row[2],
            occurred_at=row[3],
            processed_at=row[4],
            name=known[row[5]],
            amount=row[6],
            outlet=row[7],
            properties=row[8],
        )
        for row in rows
    ]


def purchases(connection: Connection, workspace: int, customer: int) -> int:
    """The sum of a customer's ADD_TRANSACTION amounts; unbounded, so for a worker thread."""
    numbers = list(event_types.numbers(connection, workspace, [ADD_TRANSACTION]).values())
    row = connection.row(_PURCHASES, workspace=workspace, customer=customer, types=numbers)
    return 0 if row is None or row[0] is None else int(row[0]) * 1_000_000 + int(row[1])
