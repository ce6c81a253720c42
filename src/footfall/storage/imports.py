"""How far the import of a file has come; written in the transaction that stores the rows it speaks of."""

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import instant
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert
from footfall.storage.tables import imports

_I = imports.c

_GET = Statement(
    sa.select(_I.rows_done, _I.rows_rejected, _I.digest).where(
        _I.workspace == bindparam("workspace"), _I.fingerprint == bindparam("fingerprint")
    )
)
_PUT = Upsert(
    imports,
    ("workspace", "fingerprint", "rows_done", "rows_rejected", "digest", "updated_at"),
    key=("workspace", "fingerprint"),
    replaced=("rows_done", "rows_rejected", "digest", "updated_at"),
)


class ImportPosition(msgspec.Struct, frozen=True):
    """The first ``rows_done`` rows are stored or rejected; ``digest`` is of the file's bytes up to there."""

    rows_done: int
    rows_rejected: int
    digest: bytes


def get(connection: Connection, workspace: int, fingerprint: bytes) -> ImportPosition | None:
    """How far the import of this fingerprint has come."""
    row = connection.row(_GET, workspace=workspace, fingerprint=fingerprint)
    return None if row is None else ImportPosition(*row)


def put(connection: Connection, workspace: int, fingerprint: bytes, position: ImportPosition) -> None:
    """Remembers how far it has come."""
    row = (workspace, fingerprint, position.rows_done, position.rows_rejected, position.digest, instant.now())
    connection.upsert(_PUT, [row])
