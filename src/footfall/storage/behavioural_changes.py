"""Who changed which definition of a behavioural event, and how: only ever added to."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.behavioural_event import Change
from footfall.storage.connection import Connection
from footfall.storage.statement import BulkInsert, Statement
from footfall.storage.tables import behavioural_changes

_C = behavioural_changes.c

_ADD = BulkInsert(behavioural_changes)
_LATEST = (
    sa.select(_C.id, _C.workspace, _C.event_name, _C.action, _C.changed_by, _C.changed_at, _C.before, _C.after)
    .where(_C.workspace == bindparam("workspace"))
    .order_by(_C.changed_at.desc(), _C.id.desc())
    .limit(bindparam("limit"))
)
_ALL = Statement(_LATEST)
_OF_NAME = Statement(_LATEST.where(_C.event_name == bindparam("event_name")))


def add(connection: Connection, change: Change) -> None:
    """Notes a change."""
    row = (
        change.id,
        change.workspace,
        change.event_name,
        change.action,
        change.changed_by,
        change.changed_at,
        None if change.before is None else bytes(change.before).decode(),
        None if change.after is None else bytes(change.after).decode(),
    )
    connection.insert(_ADD, [row])


def latest(connection: Connection, workspace: int, event_name: str | None, limit: int) -> list[Change]:
    """The latest changes, newest first; of one event where its name is given."""
    if event_name is None:
        rows: Sequence[tuple[object, ...]] = connection.rows(_ALL, workspace=workspace, limit=limit)
    else:
        rows = connection.rows(_OF_NAME, workspace=workspace, event_name=event_name, limit=limit)
    return [_change(row) for row in rows]


def _change(row: Sequence[object]) -> Change:
    named = dict(zip(Change.__struct_fields__, row, strict=True))
    for name in ("before", "after"):
        value = named[name]
        named[name] = None if value is None else msgspec.Raw(str(value).encode())
    return Change(**named)  # type: ignore[arg-type]
