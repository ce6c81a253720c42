"""Adapters: what other systems call an event and its fields."""

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.behavioural_event import Adapter
from footfall.storage.connection import Connection
from footfall.storage.statement import BulkInsert, Statement
from footfall.storage.tables import behavioural_adapters

_A = behavioural_adapters.c

_ADD = BulkInsert(behavioural_adapters)
_REMOVE = Statement(
    sa.delete(behavioural_adapters).where(
        _A.workspace == bindparam("of_workspace"),
        _A.transformer == bindparam("of_transformer"),
        _A.event_name == bindparam("of_event_name"),
    )
)
_ALL = Statement(
    sa.select(_A.workspace, _A.transformer, _A.event_name, _A.mapping, _A.changed_at)
    .where(_A.workspace == bindparam("workspace"))
    .order_by(_A.event_name, _A.transformer)
)


def put(connection: Connection, adapter: Adapter) -> None:
    """Stores ``adapter`` in place of the one of the same transformer and event."""
    connection.lock(adapter.workspace)
    connection.execute(
        _REMOVE,
        of_workspace=adapter.workspace,
        of_transformer=adapter.transformer,
        of_event_name=adapter.event_name,
    )
    row = (
        adapter.workspace,
        adapter.transformer,
        adapter.event_name,
        bytes(adapter.mapping).decode(),
        adapter.changed_at,
    )
    connection.insert(_ADD, [row])


def every(connection: Connection, workspace: int) -> list[Adapter]:
    """The workspace's adapters, by event."""
    return [
        Adapter(
            workspace=row[0],
            transformer=row[1],
            event_name=row[2],
            mapping=msgspec.Raw(row[3].encode()),
            changed_at=row[4],
        )
        for row in connection.rows(_ALL, workspace=workspace)
    ]
