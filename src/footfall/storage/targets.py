"""Target groups with their periods, rules and goals: what is to be reached."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.target import (
    CountingRule,
    Cycle,
    Goal,
    NewPeriod,
    NewRule,
    NewTargetGroup,
    TargetGroup,
    TargetPeriod,
    TargetRule,
)
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, is_in
from footfall.storage.structs import struct_of
from footfall.storage.tables import target_goals, target_groups, target_periods, target_rules

_G = target_groups.c
_P = target_periods.c
_R = target_rules.c
_Q = target_goals.c


_GROUP = [_G[name] for name in TargetGroup.__struct_fields__]
_PERIOD = [_P[name] for name in TargetPeriod.__struct_fields__]
_RULE = [_R[name] for name in TargetRule.__struct_fields__]
_GOAL = [_Q[name] for name in Goal.__struct_fields__]


def _insert(table: sa.Table) -> Statement:
    given: dict[str, object] = {column.name: bindparam(column.name) for column in table.columns if column.name != "id"}
    return Statement(sa.insert(table).values(given).returning(table.c.id))


_ADD_GROUP = _insert(target_groups)
_ADD_PERIOD = _insert(target_periods)
_ADD_RULE = _insert(target_rules)
_ADD_GOAL = _insert(target_goals)
_GROUPS = Statement(sa.select(*_GROUP).where(_G.workspace == bindparam("workspace")).order_by(_G.id))
_GROUP_BY_ID = Statement(sa.select(*_GROUP).where(_G.id == bindparam("id"), _G.workspace == bindparam("workspace")))
_GROUP_NAMED = Statement(
    sa.select(_G.id).where(_G.workspace == bindparam("workspace"), _G.folded == bindparam("folded"))
)
_PERIODS = Statement(
    sa.select(*_PERIOD)
    .where(_P.workspace == bindparam("workspace"), is_in(_P.group, "groups"))
    .order_by(_P.group, _P.starts_at)
)
_PERIOD_BY_ID = Statement(sa.select(*_PERIOD).where(_P.id == bindparam("id"), _P.workspace == bindparam("workspace")))
_RULES = Statement(
    sa.select(*_RULE).where(_R.workspace == bindparam("workspace"), is_in(_R.group, "groups")).order_by(_R.group, _R.id)
)
_RULE_BY_ID = Statement(sa.select(*_RULE).where(_R.id == bindparam("id"), _R.workspace == bindparam("workspace")))
_GOALS = Statement(
    sa.select(*_GOAL)
    .where(_Q.workspace == bindparam("workspace"), is_in(_Q.group, "groups"))
    .order_by(_Q.group, _Q.rule, _Q.id)
)
_DEACTIVATE = Statement(
    sa.update(target_groups)
    .where(_G.id == bindparam("of_id"), _G.workspace == bindparam("of_workspace"))
    .values(active=bindparam("new_active"), modified_at=bindparam("now"))
)
_COUNT_PERIODS = Statement(
    sa.update(target_groups)
    .where(_G.id == bindparam("of_id"), _G.workspace == bindparam("of_workspace"))
    .values(total_periods=bindparam("new_total"), modified_at=bindparam("now"))
)
_COUNTING = Statement(
    sa.select(
        _R.id,
        _R.group,
        _G.tracking_type,
        _R.enrolment_method,
        _R.created_after,
        _P.id,
        _P.starts_at,
        _P.ends_at,
    )
    .select_from(target_periods)
    .join(target_groups, _G.id == _P.group)
    .join(target_rules, sa.and_(_R.workspace == _P.workspace, _R.group == _P.group))
    .where(
        _P.workspace == bindparam("workspace"),
        _P.ends_at > bindparam("first"),
        _P.starts_at <= bindparam("last"),
        _P.active == bindparam("yes"),
        _G.active == bindparam("yes"),
        _R.active == bindparam("yes"),
    )
    .order_by(_R.id, _P.starts_at)
)


def add_group(connection: Connection, workspace: int, new: NewTargetGroup, now: int) -> int:
    """Stores the group itself; its id."""
    row = connection.rows(
        _ADD_GROUP,
        workspace=workspace,
        name=new.name,
        folded=new.name.casefold(),
        description=new.description,
        active=new.active,
        preferred_till_id=new.preferred_till_id,
        tracking_type=new.tracking_type,
        combination_type=new.combination_type,
        timezone=new.timezone,
        total_periods=len(new.periods),
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
    """Stores a rule of the group; its id. Goals are stored by ``add_goal``."""
    row = connection.rows(
        _ADD_RULE,
        workspace=workspace,
        group=group,
        name=new.name,
        description=new.description,
        active=new.active,
        type=new.type,
        expression=new.expression,
        enrolment_method=new.enrolment_method,
        created_after=created_after,
        created_at=now,
        modified_at=now,
    )
    return int(row[0][0])


def add_goal(connection: Connection, workspace: int, group: int, rule: int, period: int, value: int) -> None:
    """Stores what the rule is to reach in the period; ``value`` is an amount."""
    connection.rows(_ADD_GOAL, workspace=workspace, group=group, rule=rule, period=period, value=value)


def set_active(connection: Connection, workspace: int, group: int, *, active: bool, now: int) -> None:
    """Switches a group on or off."""
    connection.execute(_DEACTIVATE, of_workspace=workspace, of_id=group, new_active=active, now=now)


def set_total_periods(connection: Connection, workspace: int, group: int, total: int, now: int) -> None:
    """Notes how many periods the group has."""
    connection.execute(_COUNT_PERIODS, of_workspace=workspace, of_id=group, new_total=total, now=now)


def groups(connection: Connection, workspace: int) -> list[TargetGroup]:
    """All groups of the workspace, oldest first, switched-off ones included."""
    return [struct_of(TargetGroup, row) for row in connection.rows(_GROUPS, workspace=workspace)]


def group_by_id(connection: Connection, workspace: int, identifier: int) -> TargetGroup | None:
    """The group with this id, also a switched-off one."""
    row = connection.row(_GROUP_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else struct_of(TargetGroup, row)


def has_group_named(connection: Connection, workspace: int, name: str) -> bool:
    """Whether a group goes by ``name``, in any case of letters."""
    return connection.row(_GROUP_NAMED, workspace=workspace, folded=name.casefold()) is not None


def periods_of(connection: Connection, workspace: int, of_groups: Iterable[int]) -> list[TargetPeriod]:
    """The periods of the groups, by group and start."""
    return [
        struct_of(TargetPeriod, row) for row in connection.rows(_PERIODS, workspace=workspace, groups=list(of_groups))
    ]


def period_by_id(connection: Connection, workspace: int, identifier: int) -> TargetPeriod | None:
    """The period with this id."""
    row = connection.row(_PERIOD_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else struct_of(TargetPeriod, row)


def rules_of(connection: Connection, workspace: int, of_groups: Iterable[int]) -> list[TargetRule]:
    """The rules of the groups, by group and id."""
    return [struct_of(TargetRule, row) for row in connection.rows(_RULES, workspace=workspace, groups=list(of_groups))]


def rule_by_id(connection: Connection, workspace: int, identifier: int) -> TargetRule | None:
    """The rule with this id."""
    row = connection.row(_RULE_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else struct_of(TargetRule, row)


def goals_of(connection: Connection, workspace: int, of_groups: Iterable[int]) -> list[Goal]:
    """The goals of the groups' rules, by group, rule and id."""
    rows = connection.rows(_GOALS, workspace=workspace, groups=list(of_groups))
    return [struct_of(Goal, row) for row in rows]


def counting(connection: Connection, workspace: int, first: int, last: int) -> list[CountingRule]:
    """Active rules with those of their active periods that overlap ``[first, last]`` (instants)."""
    rows = connection.rows(_COUNTING, workspace=workspace, first=first, last=last, yes=True)
    found = []
    for (rule, group, tracking, method, created_after), periods in groupby(rows, key=itemgetter(0, 1, 2, 3, 4)):
        found.append(
            CountingRule(
                id=rule,
                group=group,
                unified=tracking == "UNIFIED",
                enrols_by_transaction=method == "TRANSACTION",
                created_after=created_after,
                cycles=tuple(Cycle(*row[5:]) for row in periods),
            )
        )
    return found
