"""Target groups with their periods, rules, goals, milestones and streak levels: what is to be reached."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.target import (
    Goal,
    Milestone,
    NewMilestone,
    NewPeriod,
    NewRule,
    NewStreakLevel,
    NewTargetGroup,
    StreakLevel,
    TargetGroup,
    TargetPeriod,
    TargetRule,
)
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import Statement, is_in
from footfall.storage.structs import struct_of
from footfall.storage.tables import (
    streak_levels,
    target_goals,
    target_groups,
    target_milestones,
    target_periods,
    target_rules,
)

S = TypeVar("S", bound=msgspec.Struct)
K = TypeVar("K", Milestone, StreakLevel)

_of_workspace: sa.BindParameter[int] = bindparam("workspace")
_encode = msgspec.json.encode


def _columns(table: sa.Table, kind: type[msgspec.Struct]) -> list[sa.Column[Any]]:
    return [table.c[name] for name in kind.__struct_fields__]


def _insert(table: sa.Table) -> Statement:
    given: dict[str, object] = {column.name: bindparam(column.name) for column in table.columns if column.name != "id"}
    return Statement(sa.insert(table).values(given).returning(table.c.id))


def _update(table: sa.Table, names: Iterable[str]) -> Statement:
    """Sets all of ``names`` (parameters ``new_...``) of the row ``of_id``."""
    own = (table.c.id == bindparam("of_id"), table.c.workspace == bindparam("of_workspace"))
    return Statement(sa.update(table).where(*own).values({name: bindparam(f"new_{name}") for name in names}))


def _delete(table: sa.Table) -> Statement:
    own = (table.c.id == bindparam("of_id"), table.c.workspace == bindparam("of_workspace"))
    return Statement(sa.delete(table).where(*own))


def _by_id(table: sa.Table, kind: type[msgspec.Struct]) -> Statement:
    own = (table.c.id == bindparam("id"), table.c.workspace == _of_workspace)
    return Statement(sa.select(*_columns(table, kind)).where(*own))


def _of_groups(table: sa.Table, kind: type[msgspec.Struct], *order: str) -> Statement:
    own = (table.c.workspace == _of_workspace, is_in(table.c.group, "groups"))
    return Statement(sa.select(*_columns(table, kind)).where(*own).order_by(*(table.c[name] for name in order)))


_GROUP_CHANGES = (
    "name",
    "folded",
    "description",
    "active",
    "preferred_till_id",
    "combination_type",
    "total_periods",
    "recurring_cycles",
    "user_created",
    "modified_at",
)
_PERIOD_CHANGES = ("description", "active", "first_day", "last_day", "starts_at", "ends_at", "modified_at")
_RULE_CHANGES = (
    "name",
    "description",
    "active",
    "type",
    "expression",
    "enrolment_method",
    "modified_at",
    "entity",
    "event_name",
    "aggregate",
    "filters",
    "expression_text",
    "field_name",
)

_ADD_GROUP = _insert(target_groups)
_ADD_PERIOD = _insert(target_periods)
_ADD_RULE = _insert(target_rules)
_ADD_GOAL = _insert(target_goals)
_ADD_MILESTONE = _insert(target_milestones)
_ADD_LEVEL = _insert(streak_levels)
_PUT_GROUP = _update(target_groups, _GROUP_CHANGES)
_PUT_PERIOD = _update(target_periods, _PERIOD_CHANGES)
_PUT_RULE = _update(target_rules, _RULE_CHANGES)
_PUT_GOAL = _update(target_goals, ("value",))
_PUT_MILESTONE = _update(target_milestones, ("name", "value"))
_PUT_LEVEL = _update(streak_levels, ("name", "length", "modified_at"))
_G = target_groups.c
_GROUPS = Statement(
    sa.select(*_columns(target_groups, TargetGroup)).where(_G.workspace == _of_workspace).order_by(_G.id)
)
_GROUPS_BY_ID = Statement(
    sa.select(*_columns(target_groups, TargetGroup))
    # Adding nothing keeps the planner from walking all of a workspace's groups instead of looking up a few.
    .where(_G.workspace + sa.literal_column("0") == _of_workspace, is_in(_G.id, "groups"))
    .order_by(_G.id)
)
_GROUP_BY_ID = _by_id(target_groups, TargetGroup)
_GROUP_NAMED = Statement(sa.select(_G.id).where(_G.workspace == _of_workspace, _G.folded == bindparam("folded")))
_PERIOD_BY_ID = _by_id(target_periods, TargetPeriod)
_RULE_BY_ID = _by_id(target_rules, TargetRule)
_RULES_BY_ID = Statement(
    sa.select(*_columns(target_rules, TargetRule))
    .where(target_rules.c.workspace == _of_workspace, is_in(target_rules.c.id, "rules"))
    .order_by(target_rules.c.id)
)
_PERIODS = _of_groups(target_periods, TargetPeriod, "group", "starts_at", "id")
_RULES = _of_groups(target_rules, TargetRule, "group", "id")
_GOALS = _of_groups(target_goals, Goal, "group", "rule", "id")
_MILESTONES = _of_groups(target_milestones, Milestone, "group", "rule", "value", "id")
_MILESTONES_OF_RULE = Statement(
    sa.select(*_columns(target_milestones, Milestone)).where(
        target_milestones.c.workspace == _of_workspace, target_milestones.c.rule == bindparam("of_rule")
    )
)
_LEVELS = _of_groups(streak_levels, StreakLevel, "group", "length", "id")
_DROP_MILESTONE = _delete(target_milestones)
_DROP_LEVEL = _delete(streak_levels)


def add_group(connection: Connection, workspace: int, new: NewTargetGroup, periods: int, now: int) -> int:
    """Stores the group itself, which has so many ``periods``; its id."""
    row = connection.rows(
        _ADD_GROUP,
        workspace=workspace,
        name=new.name,
        folded=new.name.casefold(),
        description=new.description,
        active=new.active,
        preferred_till_id=new.preferred_till_id,
        tracking_type=new.tracking_type,
        evaluation_type=new.evaluation_type,
        combination_type=new.combination_type,
        timezone=new.timezone,
        total_periods=periods,
        frequency_type=new.frequency_type,
        frequency=new.frequency,
        recurring_cycles=new.recurring_cycles,
        user_created=new.user_created,
        created_at=now,
        modified_at=now,
    )
    return int(row[0][0])


def add_period(connection: Connection, workspace: int, group: int, new: NewPeriod, ref_code: str, now: int) -> int:
    """Stores a period of the group; its id."""
    row = connection.rows(
        _ADD_PERIOD,
        workspace=workspace,
        group=group,
        ref_code=ref_code,
        description=new.description,
        active=new.active,
        first_day=new.first_day,
        last_day=new.last_day,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        created_at=now,
        modified_at=now,
    )
    return int(row[0][0])


def add_rule(connection: Connection, workspace: int, group: int, new: NewRule, created_after: int, now: int) -> int:
    """Stores a rule of the group; its id. Goals and milestones are stored by functions of their own."""
    row = connection.rows(
        _ADD_RULE,
        workspace=workspace,
        group=group,
        name=new.name,
        description=new.description,
        active=new.active,
        entity=new.entity,
        event_name=new.event_name,
        type=new.type,
        field_name=new.field_name,
        aggregate=new.aggregate,
        filters=_encode(new.filters).decode(),
        expression=new.expression,
        expression_text=new.expression_text,
        enrolment_method=new.enrolment_method,
        created_after=created_after,
        created_at=now,
        modified_at=now,
    )
    return int(row[0][0])


def add_goal(connection: Connection, workspace: int, group: int, rule: int, period: int, value: int) -> None:
    """Stores what the rule is to reach in the period; ``value`` is an amount."""
    connection.rows(_ADD_GOAL, workspace=workspace, group=group, rule=rule, period=period, value=value)


def put_goal(connection: Connection, workspace: int, goal: int, value: int) -> None:
    """Changes the goal with this id."""
    connection.execute(_PUT_GOAL, of_workspace=workspace, of_id=goal, new_value=value)


def put_milestones(
    connection: Connection, workspace: int, group: int, rule: int, milestones: Sequence[NewMilestone]
) -> None:
    """Gives the rule these milestones in place of its own; one of the same id, else of the same name, stays."""
    rows = connection.rows(_MILESTONES_OF_RULE, workspace=workspace, of_rule=rule)
    kept, dropped = _matched([struct_of(Milestone, row) for row in rows], milestones)
    for old in dropped:
        connection.execute(_DROP_MILESTONE, of_workspace=workspace, of_id=old.id)
    for new, before in zip(milestones, kept, strict=True):
        if before is None:
            connection.rows(_ADD_MILESTONE, workspace=workspace, group=group, rule=rule, name=new.name, value=new.value)
        elif (before.name, before.value) != (new.name, new.value):
            connection.execute(
                _PUT_MILESTONE, of_workspace=workspace, of_id=before.id, new_name=new.name, new_value=new.value
            )


def put_levels(connection: Connection, workspace: int, group: int, levels: Sequence[NewStreakLevel], now: int) -> None:
    """Gives the group these streak levels in place of its own; one of the same id, else of the same name, stays."""
    kept, dropped = _matched(levels_of(connection, workspace, [group]), levels)
    for old in dropped:
        connection.execute(_DROP_LEVEL, of_workspace=workspace, of_id=old.id)
    for new, before in zip(levels, kept, strict=True):
        if before is None:
            connection.rows(
                _ADD_LEVEL,
                workspace=workspace,
                group=group,
                name=new.name,
                length=new.length,
                created_at=now,
                modified_at=now,
            )
        elif (before.name, before.length) != (new.name, new.length):
            values = {"new_name": new.name, "new_length": new.length, "new_modified_at": now}
            connection.execute(_PUT_LEVEL, of_workspace=workspace, of_id=before.id, **values)


def put_group(connection: Connection, workspace: int, group: TargetGroup) -> None:
    """Stores what may change of a group."""
    _put(connection, _PUT_GROUP, workspace, group, _GROUP_CHANGES, folded=group.name.casefold())


def put_period(connection: Connection, workspace: int, period: TargetPeriod) -> None:
    """Stores what may change of a period."""
    _put(connection, _PUT_PERIOD, workspace, period, _PERIOD_CHANGES)


def put_rule(connection: Connection, workspace: int, rule: TargetRule) -> None:
    """Stores what may change of a rule."""
    _put(connection, _PUT_RULE, workspace, rule, _RULE_CHANGES, filters=_encode(rule.filters).decode())


def groups(connection: Connection, workspace: int) -> list[TargetGroup]:
    """All groups of the workspace, oldest first, switched-off ones included."""
    return [struct_of(TargetGroup, row) for row in connection.rows(_GROUPS, workspace=workspace)]


def groups_by_id(connection: Connection, workspace: int, identifiers: Iterable[int]) -> list[TargetGroup]:
    """Those of the groups that there are, oldest first, switched-off ones included."""
    return _listed(connection, _GROUPS_BY_ID, TargetGroup, workspace, identifiers)


def group_by_id(connection: Connection, workspace: int, identifier: int) -> TargetGroup | None:
    """The group with this id, also a switched-off one."""
    row = connection.row(_GROUP_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else struct_of(TargetGroup, row)


def group_named(connection: Connection, workspace: int, name: str) -> int | None:
    """The id of the group that goes by ``name``, in any case of letters."""
    found: int | None = connection.value(_GROUP_NAMED, workspace=workspace, folded=name.casefold())
    return found


def periods_of(connection: Connection, workspace: int, of_groups: Iterable[int]) -> list[TargetPeriod]:
    """The periods of the groups, by group and start, then id."""
    return _listed(connection, _PERIODS, TargetPeriod, workspace, of_groups)


def period_by_id(connection: Connection, workspace: int, identifier: int) -> TargetPeriod | None:
    """The period with this id."""
    row = connection.row(_PERIOD_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else struct_of(TargetPeriod, row)


def rules_of(connection: Connection, workspace: int, of_groups: Iterable[int]) -> list[TargetRule]:
    """The rules of the groups, by group and id."""
    return [_rule(row) for row in connection.rows(_RULES, workspace=workspace, groups=list(of_groups))]


def rule_by_id(connection: Connection, workspace: int, identifier: int) -> TargetRule | None:
    """The rule with this id."""
    row = connection.row(_RULE_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else _rule(row)


def rules_by_id(connection: Connection, workspace: int, identifiers: Iterable[int]) -> list[TargetRule]:
    """Those of the rules that there are, by id."""
    return [_rule(row) for row in connection.rows(_RULES_BY_ID, workspace=workspace, rules=list(identifiers))]


def goals_of(connection: Connection, workspace: int, of_groups: Iterable[int]) -> list[Goal]:
    """The goals of the groups' rules, by group, rule and id."""
    return _listed(connection, _GOALS, Goal, workspace, of_groups)


def milestones_of(connection: Connection, workspace: int, of_groups: Iterable[int]) -> list[Milestone]:
    """The milestones of the groups' rules, by group, rule and value."""
    return _listed(connection, _MILESTONES, Milestone, workspace, of_groups)


def levels_of(connection: Connection, workspace: int, of_groups: Iterable[int]) -> list[StreakLevel]:
    """The streak levels of the groups, by group and length."""
    return _listed(connection, _LEVELS, StreakLevel, workspace, of_groups)


def _matched(before: Sequence[K], new: Sequence[NewMilestone | NewStreakLevel]) -> tuple[list[K | None], list[K]]:
    """For each new one the one that it takes the place of, if any; and those in whose place there is none."""
    left = {old.id: old for old in before}
    by_id = [None if one.id is None else left.pop(one.id, None) for one in new]
    by_name = {old.name.casefold(): old.id for old in left.values()}
    kept = []
    for one, found in zip(new, by_id, strict=True):
        named = None if found is not None else left.pop(by_name.get(one.name.casefold(), -1), None)
        kept.append(found or named)
    return kept, list(left.values())


def _listed(
    connection: Connection, statement: Statement, kind: type[S], workspace: int, of_groups: Iterable[int]
) -> list[S]:
    return [struct_of(kind, row) for row in connection.rows(statement, workspace=workspace, groups=list(of_groups))]


def _put(
    connection: Connection,
    statement: Statement,
    workspace: int,
    changed: TargetGroup | TargetPeriod | TargetRule,
    names: Iterable[str],
    **derived: object,
) -> None:
    values = {f"new_{name}": derived[name] if name in derived else getattr(changed, name) for name in names}
    connection.execute(statement, of_workspace=workspace, of_id=changed.id, **values)


_FILTERS = TargetRule.__struct_fields__.index("filters")


def _rule(row: Row) -> TargetRule:
    return struct_of(TargetRule, (*row[:_FILTERS], msgspec.json.decode(row[_FILTERS]), *row[_FILTERS + 1 :]))
