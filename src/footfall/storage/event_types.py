"""Event types: the dictionary of a workspace's event names, with their labels."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import instant
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert, is_in
from footfall.storage.tables import event_types

_T = event_types.c


class EventType(msgspec.Struct, frozen=True):
    """A name that events of a workspace bear.

    ``label_selector``: the dotted path of the property whose value, where an event has one, is its label.
    """

    number: int
    name: str
    label: str | None
    label_selector: str | None
    created_at: int
    modified_at: int | None


_BY_NAME = Statement(
    sa.select(_T.number, _T.name).where(
        _T.workspace == bindparam("workspace"),
        is_in(_T.name, "names"),
    )
)
_ADD = Upsert(event_types, ("workspace", "name", "folded", "created_at"), key=("workspace", "name"))
_ALL = Statement(
    sa.select(_T.number, _T.name, _T.folded, _T.label).where(_T.workspace == bindparam("workspace")).order_by(_T.name)
)
_DESCRIBED = Statement(
    sa.select(_T.number, _T.name, _T.label, _T.label_selector, _T.created_at, _T.modified_at)
    .where(_T.workspace == bindparam("workspace"))
    .order_by(_T.number)
)
_DESCRIBE = Statement(
    sa.update(event_types)
    .where(_T.workspace == bindparam("of_workspace"), _T.number == bindparam("of_number"))
    .values(label=bindparam("new_label"), label_selector=bindparam("new_selector"), modified_at=bindparam("changed_at"))
)
_SET_LABEL = Statement(
    sa.update(event_types)
    .where(_T.workspace == bindparam("of_workspace"), _T.name == bindparam("of_name"))
    .values(label=bindparam("new_label"))
)


def numbers(connection: Connection, workspace: int, names: Iterable[str]) -> dict[str, int]:
    """The numbers of those ``names`` that the workspace knows."""
    return {name: number for number, name in connection.rows(_BY_NAME, workspace=workspace, names=list(names))}


def add(connection: Connection, workspace: int, names: Iterable[str]) -> None:
    """Makes ``names`` known; those that are known stay as they are."""
    now = instant.now()
    connection.upsert(_ADD, [(workspace, name, name.casefold(), now) for name in names])


def every(connection: Connection, workspace: int) -> list[tuple[int, str, str, str | None]]:
    """All types of the workspace: number, name, name folded for comparison, label."""
    return [(number, name, folded, label) for number, name, folded, label in connection.rows(_ALL, workspace=workspace)]


def described(connection: Connection, workspace: int) -> list[EventType]:
    """All types of the workspace, oldest first."""
    return [EventType(*row) for row in connection.rows(_DESCRIBED, workspace=workspace)]


def describe(connection: Connection, workspace: int, changed: EventType) -> None:
    """Stores what is said of a type."""
    connection.execute(
        _DESCRIBE,
        of_workspace=workspace,
        of_number=changed.number,
        new_label=changed.label,
        new_selector=changed.label_selector,
        changed_at=changed.modified_at,
    )


def set_label(connection: Connection, workspace: int, name: str, label: str | None) -> None:
    """Labels a type, which becomes known by it."""
    add(connection, workspace, [name])
    connection.execute(_SET_LABEL, of_workspace=workspace, of_name=name, new_label=label)
