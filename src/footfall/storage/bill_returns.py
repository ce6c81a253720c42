"""What was returned of a bill: the events that hang from it, one index range."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection
from footfall.storage.statement import Statement
from footfall.storage.tables import event_types, events

_E = events.c

_RETURNS = Statement(
    sa.select(_E.amount, _E.properties)
    .select_from(events.join(event_types, event_types.c.number == _E.type))
    .where(
        _E.parent_id == bindparam("bill"),
        _E.workspace == bindparam("workspace"),
        event_types.c.name == bindparam("name"),
        _E.amount.is_not(None),
    )
    .order_by(_E.sequence)
)


def returns_of(connection: Connection, workspace: int, bill: bytes, name: str) -> list[tuple[int, str]]:
    """Amount and properties of the events called ``name`` that hang from the event ``bill``, as they came in."""
    rows = connection.rows(_RETURNS, workspace=workspace, bill=bill, name=name)
    return [(amount, properties) for amount, properties in rows]
