"""Posts that wait to be made into events: durable from their acknowledgement until what became of them is.

A row belongs to the process that has accepted it (``owner``) as long as that one lives; whoever makes an event of it
takes it away in the same transaction, so that nobody can make another.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.behavioural_event import WaitingPost
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import BulkInsert, Statement, is_in
from footfall.storage.tables import behavioural_queue

_Q = behavioural_queue.c

_ADD = BulkInsert(behavioural_queue)
_COLUMNS = (_Q.id, _Q.workspace, _Q.webhook, _Q.event_name, _Q.received_at, _Q.request)
_OLDEST = sa.select(_Q.id, _Q.size).order_by(_Q.received_at, _Q.id).limit(bindparam("most"))
_OLDEST_OF_OWNER = Statement(_OLDEST.where(_Q.owner == bindparam("owner")))
_OLDEST_BEFORE = Statement(_OLDEST.where(_Q.received_at < bindparam("before")))
_BY_IDS = Statement(sa.select(*_COLUMNS).where(is_in(_Q.id, "ids")).order_by(_Q.received_at, _Q.id))
_ONE = Statement(sa.select(*_COLUMNS).where(_Q.id == bindparam("id"), _Q.workspace == bindparam("workspace")))
_TAKE = Statement(
    sa.delete(behavioural_queue)
    .where(is_in(_Q.id, "ids"), _Q.workspace + sa.literal_column("0") == bindparam("of_workspace"))
    .returning(_Q.id)
)


def add(connection: Connection, owner: bytes, new: WaitingPost) -> None:
    """Lets ``new`` wait; ``owner`` (16 bytes) is the process that will see to it."""
    size = len(new.request)
    row = (new.id, new.workspace, new.webhook, owner, new.event_name, new.received_at, size, new.request)
    connection.insert(_ADD, [row])


def oldest_of(connection: Connection, owner: bytes, *, most: int, characters: int) -> list[WaitingPost]:
    """Up to ``most`` posts of ``owner``, oldest first, of so many ``characters`` together, but at least one."""
    return _oldest(connection, _OLDEST_OF_OWNER, characters, owner=owner, most=most)


def oldest_before(connection: Connection, before: int, *, most: int, characters: int) -> list[WaitingPost]:
    """As ``oldest_of``, of whichever owner, of what was received before that instant."""
    return _oldest(connection, _OLDEST_BEFORE, characters, before=before, most=most)


def waiting(connection: Connection, workspace: int, identifier: bytes) -> WaitingPost | None:
    """The post with this request id, while it waits."""
    row = connection.row(_ONE, workspace=workspace, id=identifier)
    return None if row is None else WaitingPost(**dict(zip(WaitingPost.__struct_fields__, row, strict=True)))


def take(connection: Connection, workspace: int, ids: Iterable[bytes]) -> set[bytes]:
    """Inside a transaction: takes posts away; which of ``ids`` were there, and so are the caller's now."""
    return {row[0] for row in connection.rows(_TAKE, of_workspace=workspace, ids=list(ids))}


def _oldest(connection: Connection, statement: Statement, characters: int, **parameters: Any) -> list[WaitingPost]:
    names = WaitingPost.__struct_fields__
    while listed := connection.rows(statement, **parameters):
        rows = connection.rows(_BY_IDS, ids=_first(listed, characters))
        if rows:  # else somebody has taken them in between, and there may be more
            return [WaitingPost(**dict(zip(names, row, strict=True))) for row in rows]
    return []


def _first(listed: Sequence[Row], characters: int) -> list[bytes]:
    """The first of ``listed`` ids and sizes that have so many characters together, and at least one."""
    chosen: list[bytes] = []
    left = characters
    for identifier, size in listed:
        if chosen and size > left:
            break
        chosen.append(identifier)
        left -= size
    return chosen
