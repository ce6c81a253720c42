"""Events: insertion, and the bounded reads, each over one index range."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.event import Event
from footfall.storage.connection import Connection, Row
from footfall.storage.functions import is_among_texts
from footfall.storage.statement import BulkInsert, Statement, is_in
from footfall.storage.tables import event_types, events

_E = events.c

EVENT_COLUMNS = [
    _E.sequence,
    _E.id,
    _E.workspace,
    event_types.c.name,
    event_types.c.label,
    _E.customer,
    _E.customer_link,
    _E.occurred_at,
    _E.received_at,
    _E.utc_offset,
    _E.external_id,
    _E.account_id,
    _E.source,
    _E.outlet,
    _E.amount,
    _E.parent_id,
    _E.member_id,
    _E.external_member_id,
    _E.unique_key,
    _E.is_duplicate,
    _E.captured_by,
    _E.properties,
    _E.session,
    event_types.c.family,
]
"""What ``event_of`` reads, in its order."""

Place = tuple[int, bytes]
"""Where an event stands in its family: how many ancestors it has, and the id of the first (its own, without any)."""

_FROM = events.join(event_types, event_types.c.number == _E.type)

_BY_ID = Statement(
    sa.select(*EVENT_COLUMNS).select_from(_FROM).where(_E.id == bindparam("id"), _E.workspace == bindparam("workspace"))
)
# As an expression: a planner that knows nothing of the table yet would take the workspace for more selective.
_own = _E.workspace + sa.literal_column("0") == bindparam("workspace")
_KNOWN = Statement(sa.select(_E.id).where(_own, is_in(_E.id, "ids")))
_PLACES = Statement(sa.select(_E.id, _E.level, _E.root_id).where(_own, is_in(_E.id, "ids")))
_KNOWN_KEYS = Statement(
    sa.select(_E.unique_key)
    .distinct()
    .where(
        _E.workspace == bindparam("workspace"),
        is_among_texts(_E.unique_key, "keys"),
        _E.unique_key.is_not(None),
    )
)
_CHILDREN = Statement(
    sa.select(sa.func.count()).where(_E.parent_id == bindparam("id"), _E.workspace == bindparam("workspace"))
)
_INSERT = BulkInsert(events)
_OF_CUSTOMER = Statement(
    sa.select(*EVENT_COLUMNS)
    .select_from(_FROM)
    .where(
        _E.workspace == bindparam("workspace"),
        _E.customer == bindparam("customer"),
        _E.occurred_at >= bindparam("since"),
    )
    .order_by(_E.occurred_at, _E.sequence)
)


def by_id(connection: Connection, workspace: int, identifier: bytes) -> Event | None:
    """The event of the workspace with this id (16 bytes)."""
    row = connection.row(_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else event_of(row)


def known(connection: Connection, workspace: int, ids: Sequence[bytes]) -> set[bytes]:
    """Which of ``ids`` are events of the workspace."""
    return {row[0] for row in connection.rows(_KNOWN, workspace=workspace, ids=ids)}


def places(connection: Connection, workspace: int, ids: Sequence[bytes]) -> dict[bytes, Place]:
    """The places of those of ``ids`` that are events of the workspace."""
    return {
        identifier: (0, identifier) if level is None else (level, root)
        for identifier, level, root in connection.rows(_PLACES, workspace=workspace, ids=ids)
    }


def known_keys(connection: Connection, workspace: int, keys: Iterable[str]) -> set[str]:
    """Which of these unique keys stored events have."""
    return {row[0] for row in connection.rows(_KNOWN_KEYS, workspace=workspace, keys=list(keys))}


def count_children(connection: Connection, workspace: int, identifier: bytes) -> int:
    """How many events have this one as their direct parent."""
    return int(connection.value(_CHILDREN, workspace=workspace, id=identifier))


def of_customer(connection: Connection, workspace: int, customer: int, since: int) -> Iterable[Event]:
    """A customer's events from the instant ``since`` on, oldest first; streamed."""
    rows = connection.stream(_OF_CUSTOMER, workspace=workspace, customer=customer, since=since)
    return (event_of(row) for row in rows)


def insert(connection: Connection, rows: Iterable[Row]) -> None:
    """Stores rows in the order of the table's columns; none of their ids may be known."""
    connection.insert(_INSERT, rows)


def event_of(row: Sequence[Any]) -> Event:
    """The event in a row of ``EVENT_COLUMNS``."""
    return Event(
        sequence=row[0],
        id=row[1],
        workspace=row[2],
        name=row[3],
        label=row[4],
        customer=row[5],
        customer_link=row[6],
        occurred_at=row[7],
        received_at=row[8],
        utc_offset=row[9],
        external_id=row[10],
        account_id=row[11],
        source=row[12],
        outlet=row[13],
        amount=row[14],
        parent_id=row[15],
        member_id=row[16],
        external_member_id=row[17],
        unique_key=row[18],
        is_duplicate=row[19],
        captured_by=row[20],
        properties=row[21],
        session=row[22],
        family=row[23],
    )
