"""Events of a customer who is gone: taken away, or handed over to another customer, some at a time."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage import behavioural_events, event_counts, revisions
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import events

_E = events.c
_SOME = Statement(
    sa.select(_E.id, _E.type, _E.occurred_at)
    .where(_E.workspace == bindparam("workspace"), _E.customer == bindparam("customer"))
    .order_by(_E.occurred_at, _E.sequence)
    .limit(bindparam("limit", type_=sa.Integer))
)
# As an expression: a planner that knows nothing of the table yet would take the workspace for more selective.
_own = _E.workspace + sa.literal_column("0")
_ERASE = Statement(sa.delete(events).where(_own == bindparam("workspace"), is_in(_E.id, "ids")))
_HAND_OVER = Statement(
    sa.update(events)
    .where(_own == bindparam("of_workspace"), is_in(_E.id, "ids"))
    .values(customer=bindparam("heir", type_=sa.BigInteger))
)


def erase(connection: Connection, workspace: int, customer: int, limit: int) -> int:
    """Takes away at most ``limit`` events of ``customer``, from the counts and the log of posts as well; how many."""
    found = _some(connection, workspace, customer, limit)
    if found:
        ids = [row[0] for row in found]
        connection.execute(_ERASE, workspace=workspace, ids=ids)
        behavioural_events.erase_posts(connection, workspace, ids)
        event_counts.add(connection, workspace, [(row[1], row[2]) for row in found], erased=True)
        revisions.events_erased(connection, workspace)
    return len(found)


def hand_over(connection: Connection, workspace: int, customer: int, heir: int, limit: int) -> int:
    """Makes at most ``limit`` events of ``customer`` events of ``heir``; how many."""
    found = _some(connection, workspace, customer, limit)
    if found:
        connection.execute(_HAND_OVER, of_workspace=workspace, ids=[row[0] for row in found], heir=heir)
        revisions.events_renamed(connection, workspace)
    return len(found)


def _some(connection: Connection, workspace: int, customer: int, limit: int) -> list[Row]:
    return connection.rows(_SOME, workspace=workspace, customer=customer, limit=limit)
