"""How often what a workspace has stored was changed afterwards, kept instead of looked for.

The promise: whatever a reader has found out about events and their customers stays true, but for what was stored since,
as long as these numbers are what they were: both are written in one transaction with the change. Storing more events
or customers is none.
"""

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam, func

from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert
from footfall.storage.tables import revisions

_R = revisions.c
_ADD = Upsert(
    revisions,
    ("workspace", "slot", "customers", "events"),
    key=("workspace", "slot"),
    added=("customers", "events"),
)
_SUMS = Statement(
    sa.select(sa.cast(func.sum(_R.customers), sa.BigInteger), sa.cast(func.sum(_R.events), sa.BigInteger)).where(
        _R.workspace == bindparam("workspace")
    )
)


class Revision(msgspec.Struct, frozen=True):
    """How often ``customers`` had their records changed, and ``events`` were erased or handed over."""

    customers: int
    events: int


def customers_changed(connection: Connection, workspace: int) -> None:
    """Notes that this transaction changes records of customers."""
    connection.upsert(_ADD, [(workspace, connection.slot, 1, 0)])


def events_moved(connection: Connection, workspace: int) -> None:
    """Notes that this transaction erases events, the system's own included, or gives them to another customer."""
    connection.upsert(_ADD, [(workspace, connection.slot, 0, 1)])


def read(connection: Connection, workspace: int) -> Revision:
    """The numbers, before anything that they are to vouch for is read."""
    row = connection.row(_SUMS, workspace=workspace)
    return Revision(0, 0) if row is None else Revision(row[0] or 0, row[1] or 0)
