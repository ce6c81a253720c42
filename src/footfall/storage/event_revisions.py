"""How often what is stored of a workspace's events has changed otherwise than by storing more of them.

The promise: of a state with the same revision as an earlier one, whatever was stored up to that earlier one is as it
was, because each change is noted in its own transaction. So what was found out then holds, and only what has been
stored since is to be looked at. A change of who events are about is noted apart: most questions do not ask for it.
"""

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert
from footfall.storage.tables import event_revisions

_R = event_revisions.c
_NOW = Statement(sa.select(_R.erased, _R.renamed).where(_R.workspace == bindparam("workspace")))
_ADD = Upsert(event_revisions, ("workspace", "erased", "renamed"), key=("workspace",), added=("erased", "renamed"))


class Revision(msgspec.Struct, frozen=True):
    """``erased``: how often events were taken away; ``renamed``: how often it changed whose events some are."""

    erased: int = 0
    renamed: int = 0


def current(connection: Connection, workspace: int) -> Revision:
    """The revision of the state that the connection sees."""
    row = connection.row(_NOW, workspace=workspace)
    return Revision() if row is None else Revision(row[0], row[1])


def note_erased(connection: Connection, workspace: int) -> None:
    """Notes that this transaction takes events away."""
    connection.upsert(_ADD, [(workspace, 1, 0)])


def note_renamed(connection: Connection, workspace: int) -> None:
    """Notes that this transaction makes stored events somebody else's, or gives their customer another name."""
    connection.upsert(_ADD, [(workspace, 0, 1)])
