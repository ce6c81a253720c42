"""Which properties customers have."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection
from footfall.storage.functions import members
from footfall.storage.statement import Statement
from footfall.storage.tables import customers

_C = customers.c
_SOME = (
    sa.select(_C.properties)
    .where(_C.workspace == bindparam("workspace"), _C.deleted_at.is_(None))
    .limit(bindparam("limit", type_=sa.Integer))
    .subquery("some")
)
_held = members(_SOME.c.properties, "held")
_KEYS = Statement(sa.select(_held.c.key).distinct().select_from(_SOME.join(_held, sa.true())).order_by(_held.c.key))


def keys(connection: Connection, workspace: int, limit: int) -> list[str]:
    """The names of properties that customers have, by those of ``limit`` of them, in no particular order."""
    return [row[0] for row in connection.rows(_KEYS, workspace=workspace, limit=limit)]
