"""Event types: the dictionary of a workspace's event names, with their labels."""

from collections.abc import Iterable
from typing import get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import instant
from footfall.model.event import Family
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert, is_in
from footfall.storage.tables import event_types

CUSTOM: Family = "custom"
FAMILIES: tuple[Family, ...] = get_args(Family)

Key = tuple[Family, str]
"""A type: its family and its name."""

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
    sa.select(_T.number, _T.family, _T.name).where(
        _T.workspace == bindparam("workspace"), is_in(_T.family, "families"), is_in(_T.name, "names")
    )
)
_OF_FAMILY = Statement(
    sa.select(_T.number).where(_T.workspace == bindparam("workspace"), _T.family == bindparam("family"))
)
# As two ranges of the index of names.
_OF_OTHERS = Statement(
    sa.select(_T.number).where(
        _T.workspace == bindparam("workspace"),
        sa.or_(_T.family < bindparam("family"), _T.family > bindparam("family")),
    )
)
_ADD = Upsert(event_types, ("workspace", "name", "folded", "created_at", "family"), key=("workspace", "family", "name"))
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
    .where(
        _T.workspace == bindparam("of_workspace"),
        _T.family == sa.literal_column(f"'{CUSTOM}'"),
        _T.name == bindparam("of_name"),
    )
    .values(label=bindparam("new_label"))
)


def numbers(connection: Connection, workspace: int, names: Iterable[str]) -> dict[str, int]:
    """The numbers of those ``names`` that the workspace knows; of several families' that bear one, custom events'."""
    found = keyed(connection, workspace, [(family, name) for name in names for family in FAMILIES])
    return {name: found[family, name] for family, name in sorted(found, key=lambda key: key[0] == CUSTOM)}


def keyed(connection: Connection, workspace: int, keys: Iterable[Key]) -> dict[Key, int]:
    """The numbers of those types, given by their families and names, that the workspace knows."""
    wanted = set(keys)
    rows = connection.rows(
        _BY_NAME,
        workspace=workspace,
        families=sorted({family for family, _ in wanted}),
        names=sorted({name for _, name in wanted}),
    )
    return {(family, name): number for number, family, name in rows if (family, name) in wanted}


def of_family(connection: Connection, workspace: int, family: Family) -> frozenset[int]:
    """The types of a family."""
    return frozenset(row[0] for row in connection.rows(_OF_FAMILY, workspace=workspace, family=family))


def of_others(connection: Connection, workspace: int, family: Family) -> frozenset[int]:
    """The types of all other families."""
    return frozenset(row[0] for row in connection.rows(_OF_OTHERS, workspace=workspace, family=family))


def add(connection: Connection, workspace: int, names: Iterable[str], family: Family = CUSTOM) -> None:
    """Makes ``names`` known; those that are known stay as they are."""
    add_keys(connection, workspace, [(family, name) for name in names])


def add_keys(connection: Connection, workspace: int, keys: Iterable[Key]) -> None:
    """Makes types known by their families and names."""
    now = instant.now()
    connection.upsert(_ADD, [(workspace, name, name.casefold(), now, family) for family, name in keys])


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
