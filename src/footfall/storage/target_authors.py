"""At which till the parts of target groups were made, and changed last. Of parts that say nothing nobody knows."""

from collections.abc import Iterable
from enum import IntEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.organisation import Till
from footfall.storage import targets
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import Statement, Upsert, is_in
from footfall.storage.tables import target_authors, tills

_A = target_authors.c
_KEY = ("workspace", "group", "part", "id")
_CREATED = Upsert(
    target_authors, (*_KEY, "created_by", "modified_by"), key=_KEY, replaced=("created_by", "modified_by")
)
_MODIFIED = Upsert(target_authors, (*_KEY, "created_by", "modified_by"), key=_KEY, replaced=("modified_by",))
_creator, _modifier = tills.alias(), tills.alias()


class Part(IntEnum):
    """What of a group it is about; the numbers stand in the store."""

    GROUP = 0
    PERIOD = 1
    RULE = 2
    LEVEL = 3


Stamps = dict[tuple[Part, int], int]
"""By part and its id: when it was changed last."""


class Authors(msgspec.Struct, frozen=True):
    """The tills at which a part was made and changed last; None: the organisation's own, or not known."""

    created_by: Till | None
    modified_by: Till | None


def _till(of: sa.FromClause) -> list[sa.ColumnElement[object]]:
    return [of.c[name].label(None) for name in ("id", "code", "name", "description")]


_OF_GROUPS = Statement(
    sa.select(_A.part, _A.id, *_till(_creator), *_till(_modifier))
    .select_from(
        target_authors.outerjoin(
            _creator, sa.and_(_creator.c.workspace == _A.workspace, _creator.c.id == _A.created_by)
        ).outerjoin(_modifier, sa.and_(_modifier.c.workspace == _A.workspace, _modifier.c.id == _A.modified_by))
    )
    .where(_A.workspace == bindparam("workspace"), is_in(_A.group, "groups"))
)


def stamps(connection: Connection, workspace: int, group: int) -> Stamps:
    """When each part of the group was changed last; nothing for a group that is not there."""
    own = targets.group_by_id(connection, workspace, group)
    if own is None:
        return {}
    found = {(Part.GROUP, own.id): own.modified_at}
    found |= {(Part.PERIOD, one.id): one.modified_at for one in targets.periods_of(connection, workspace, [group])}
    found |= {(Part.RULE, one.id): one.modified_at for one in targets.rules_of(connection, workspace, [group])}
    found |= {(Part.LEVEL, one.id): one.modified_at for one in targets.levels_of(connection, workspace, [group])}
    return found


def note(connection: Connection, workspace: int, group: int, before: Stamps, till: int) -> None:
    """Notes that what differs from ``before`` was done at ``till``; inside the transaction that did it."""
    after = stamps(connection, workspace, group)
    made = [part for part in after if part not in before]
    changed = [part for part, at in after.items() if before.get(part, at) != at]
    connection.upsert(_CREATED, [(workspace, group, part, identifier, till, till) for part, identifier in made])
    connection.upsert(_MODIFIED, [(workspace, group, part, identifier, None, till) for part, identifier in changed])


def of_groups(connection: Connection, workspace: int, groups: Iterable[int]) -> dict[tuple[int, int], Authors]:
    """Of the groups' parts, by part and id."""
    rows = connection.rows(_OF_GROUPS, workspace=workspace, groups=list(groups))
    return {(row[0], row[1]): Authors(_shown(row[2:6]), _shown(row[6:10])) for row in rows}


def _shown(row: Row) -> Till | None:
    identifier, code, name, description = row
    return None if identifier is None else Till(id=identifier, code=code, name=name, description=description)
