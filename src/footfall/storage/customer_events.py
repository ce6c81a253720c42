"""The system's own events of customers: insertion, bounded reads, erasure.

They stand beside the captured events, in a table of their own: a bulk of captures with new customers adds three narrow
index entries for each of these, and no search, export or total of what customers *did* has to step over what happened
to their records. Those of one instant are in the order in which they were written.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.customer_event import CustomerEvent
from footfall.storage import event_counts, revisions
from footfall.storage.connection import Connection
from footfall.storage.statement import BulkInsert, Statement, is_in
from footfall.storage.tables import customer_events

_V = customer_events.c
COLUMNS = [column for column in _V if column.name != "sequence"]
"""What ``customer_event_of`` reads, in its order."""

_INSERT = BulkInsert(customer_events, numbered="sequence")
# As an expression: a planner that knows nothing of the table yet would take the workspace for more selective.
_own = _V.workspace + sa.literal_column("0") == bindparam("workspace")
_BY_ID = Statement(sa.select(*COLUMNS).where(_V.id == bindparam("id"), _own))
_of_customers = (_V.workspace == bindparam("workspace"), is_in(_V.customer, "customers"))
_COUNTED = Statement(sa.select(_V.type, _V.occurred_at).where(*_of_customers))
_HAND_OVER = Statement(
    sa.update(customer_events)
    .where(_V.workspace == bindparam("of_workspace"), _V.customer == bindparam("former"))
    .values(customer=bindparam("heir"))
)
_ERASE = Statement(sa.delete(customer_events).where(*_of_customers))


def insert(connection: Connection, workspace: int, new: Sequence[CustomerEvent]) -> None:
    """Stores events of one workspace and counts them."""
    connection.insert(
        _INSERT,
        [(each.id, each.workspace, each.type, each.customer, each.occurred_at, each.metadata) for each in new],
    )
    event_counts.add_customer_events(connection, workspace, [(each.type, each.occurred_at) for each in new])


def by_id(connection: Connection, workspace: int, identifier: bytes) -> CustomerEvent | None:
    """The event of the workspace with this id (16 bytes)."""
    row = connection.row(_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else customer_event_of(row)


def erase(connection: Connection, workspace: int, customers: Iterable[int]) -> None:
    """Takes away all that is told of the customers with these numbers, for whoever erases the customers themselves."""
    numbers = list(customers)
    counted = connection.rows(_COUNTED, workspace=workspace, customers=numbers)
    if counted:
        connection.execute(_ERASE, workspace=workspace, customers=numbers)
        event_counts.add_customer_events(connection, workspace, [(row[0], row[1]) for row in counted], erased=True)
        revisions.events_erased(connection, workspace)


def hand_over(connection: Connection, workspace: int, former: int, heir: int) -> None:
    """Files what is told of ``former`` under ``heir``."""
    connection.execute(_HAND_OVER, of_workspace=workspace, former=former, heir=heir)
    revisions.events_erased(connection, workspace)


def customer_event_of(row: Sequence[Any]) -> CustomerEvent:
    """The event in a row of ``COLUMNS``."""
    return CustomerEvent(*row)
