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
_NUMBERS = ("customers", "erased", "renamed")
_ADD = Upsert(revisions, ("workspace", "slot", *_NUMBERS), key=("workspace", "slot"), added=_NUMBERS)
_SUMS = Statement(
    sa.select(*(sa.cast(func.sum(_R[name]), sa.BigInteger) for name in _NUMBERS)).where(
        _R.workspace == bindparam("workspace")
    )
)


class Revision(msgspec.Struct, frozen=True):
    """How often ``customers`` had their records changed, in whatever part; how often events were ``erased``.

    ``renamed``: how often it changed whose events some are, or what their customer is called. Noted apart, because most
    questions do not ask for it.
    """

    customers: int = 0
    erased: int = 0
    renamed: int = 0


def customers_changed(connection: Connection, workspace: int) -> None:
    """Notes that this transaction changes records of customers."""
    connection.upsert(_ADD, [(workspace, connection.slot, 1, 0, 0)])


def events_erased(connection: Connection, workspace: int) -> None:
    """Notes that this transaction takes events away, the system's own included."""
    connection.upsert(_ADD, [(workspace, connection.slot, 0, 1, 0)])


def events_renamed(connection: Connection, workspace: int) -> None:
    """Notes that this transaction makes stored events somebody else's, or gives their customer another name."""
    connection.upsert(_ADD, [(workspace, connection.slot, 0, 0, 1)])


def read(connection: Connection, workspace: int) -> Revision:
    """The numbers, before anything that they are to vouch for is read."""
    row = connection.row(_SUMS, workspace=workspace)
    return Revision() if row is None else Revision(*(number or 0 for number in row))
