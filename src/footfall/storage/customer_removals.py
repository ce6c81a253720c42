"""Customers who are gone while some of what was theirs is still there: what is left to do, kept until it is done.

A removal without an heir erases; one with an heir hands over. Done ones are remembered for a while, because a writer
may have resolved a customer just before the removal, and writes only after it.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import instant
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert, is_in
from footfall.storage.tables import customer_removals

REMEMBERED = 600 * instant.SECOND
"""Far longer than a transaction may take."""

_R = customer_removals.c
_own = _R.workspace == bindparam("workspace")
_ADD = Upsert(
    customer_removals,
    ("workspace", "customer", "heir", "removed_at", "done_at"),
    key=("workspace", "customer"),
    replaced=("heir", "removed_at", "done_at"),
)
_FORGET = Statement(sa.delete(customer_removals).where(_own, _R.done_at < bindparam("before")))
_INHERITED = Statement(
    sa.update(customer_removals)
    .where(_R.workspace == bindparam("of_workspace"), _R.heir == bindparam("former"))
    .values(heir=bindparam("next_heir", type_=sa.BigInteger))
)
_DONE = Statement(
    sa.update(customer_removals)
    .where(_R.workspace == bindparam("of_workspace"), _R.customer == bindparam("gone"))
    .values(done_at=bindparam("now"))
)
_FIRST = Statement(
    sa.select(_R.customer, _R.heir).where(_own, _R.done_at.is_(None)).order_by(_R.removed_at, _R.customer).limit(1)
)
_AMONG = Statement(sa.select(_R.customer).where(_own, is_in(_R.customer, "customers")))
_ANY = Statement(sa.select(_R.customer).where(_own).limit(1))
_WORKSPACES = Statement(sa.select(_R.workspace).distinct().where(_R.done_at.is_(None)).order_by(_R.workspace))


def add(connection: Connection, workspace: int, gone: Iterable[int], heir: int | None, now: int) -> None:
    """Notes that the customers with these numbers are gone; what was to become theirs becomes their heir's."""
    connection.execute(_FORGET, workspace=workspace, before=now - REMEMBERED)
    numbers = sorted(gone)
    for number in numbers:
        connection.execute(_INHERITED, of_workspace=workspace, former=number, next_heir=heir)
    connection.upsert(_ADD, [(workspace, number, heir, now, None) for number in numbers])


def first(connection: Connection, workspace: int) -> tuple[int, int | None] | None:
    """The removal that has waited longest for its end: who is gone, and the heir."""
    row = connection.row(_FIRST, workspace=workspace)
    return None if row is None else (row[0], row[1])


def end(connection: Connection, workspace: int, gone: int, now: int) -> None:
    """Notes that nothing is left to do."""
    connection.execute(_DONE, of_workspace=workspace, gone=gone, now=now)


def among(connection: Connection, workspace: int, customers: Sequence[int]) -> bool:
    """Whether any of ``customers`` has been removed of late."""
    if connection.row(_ANY, workspace=workspace) is None:
        return False
    return connection.row(_AMONG, workspace=workspace, customers=customers) is not None


def workspaces(connection: Connection) -> list[int]:
    """The numbers of workspaces that have something left to do."""
    return [row[0] for row in connection.rows(_WORKSPACES)]
