"""Changing targets. What has counted stays: later events meet the change, and only a recompute replays earlier ones.

Each function runs in a writing transaction and raises TargetFailure.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from footfall.model import instant
from footfall.model.target import (
    GroupChange,
    NewRule,
    NewStreakLevel,
    PeriodChange,
    RuleChange,
    StreakLevel,
    TargetDefinition,
    TargetPeriod,
    TargetRule,
)
from footfall.storage import target_enrolments, targets
from footfall.storage.connection import Connection
from footfall.targets.calendar import overlapping, status
from footfall.targets.checks import check_levels, check_rule
from footfall.targets.definition import active_group, definition
from footfall.targets.failure import TargetFailure

S = TypeVar("S", bound=msgspec.Struct)


def edit_group(connection: Connection, workspace: int, group: int, change: GroupChange) -> TargetDefinition:
    """Changes a group, also one that is switched off. Raises ``unknown_group`` or ``name_taken``."""
    connection.lock(workspace)
    found = targets.group_by_id(connection, workspace, group)
    if found is None:
        raise TargetFailure("unknown_group")
    if change.name is not UNSET and targets.group_named(connection, workspace, change.name) not in {None, group}:
        raise TargetFailure("name_taken")
    targets.put_group(connection, workspace, _changed(found, change, modified_at=instant.now()))
    return definition(connection, workspace, group)


def deactivate(connection: Connection, workspace: int, group: int) -> None:
    """Ends a group: nothing counts towards it any more, what has counted stays. Raises ``unknown_group``."""
    connection.lock(workspace)
    active_group(connection, workspace, group)
    edit_group(connection, workspace, group, GroupChange(active=False))


def edit_periods(
    connection: Connection, workspace: int, group: int, changes: Sequence[PeriodChange]
) -> list[TargetPeriod]:
    """Changes periods of an active group, and gives those.

    Days of one that has ended stay, and the first day of one that is running. Raises ``unknown_group``,
    ``unknown_period`` or ``invalid``.
    """
    connection.lock(workspace)
    active_group(connection, workspace, group)
    now = instant.now()
    before_of = {period.id: period for period in targets.periods_of(connection, workspace, [group])}
    periods = dict(before_of)
    changed = []
    for change in changes:
        before = before_of.get(change.id)
        if before is None:
            raise TargetFailure("unknown_period")
        after = _changed(before, change, modified_at=now)
        _check_days(before, after, now)
        periods[change.id] = after
        changed.append(after)
    if overlapping((one.starts_at, one.ends_at) for one in periods.values() if one.first_day is not None):
        raise TargetFailure("invalid", "periods overlap: both startDate and endDate belong to a period")
    for period in changed:
        targets.put_period(connection, workspace, period)
        if period.starts_at != before_of[period.id].starts_at:
            target_enrolments.move(connection, workspace, period.id, period.starts_at)
    return changed


def edit_rule(connection: Connection, workspace: int, group: int, rule: int, change: RuleChange) -> TargetRule:
    """Changes a rule of an active group, also one that is switched off.

    Raises ``unknown_group``, ``unknown_rule``, ``rule_of_another_group``, ``unknown_period`` (of a goal),
    ``kind_not_counted``, ``field_missing`` or ``invalid``.
    """
    connection.lock(workspace)
    active_group(connection, workspace, group)
    after = _changed(_rule(connection, workspace, group, rule), change, modified_at=instant.now())
    milestones = () if change.milestones is UNSET else change.milestones
    checked = {name: getattr(after, name) for name in NewRule.__struct_fields__ if hasattr(after, name)}
    check_rule(NewRule(**checked, milestones=milestones))
    targets.put_rule(connection, workspace, after)
    if change.goals is not UNSET:
        _put_goals(connection, workspace, after, change.goals)
    if change.milestones is not UNSET:
        targets.put_milestones(connection, workspace, group, rule, change.milestones)
    return after


def deactivate_rule(connection: Connection, workspace: int, group: int, rule: int) -> None:
    """Ends a rule: nothing counts by it any more, what has counted stays.

    Raises ``unknown_group``, ``unknown_rule`` (also where it has ended already) or ``rule_of_another_group``.
    """
    connection.lock(workspace)
    active_group(connection, workspace, group)
    found = _rule(connection, workspace, group, rule)
    if not found.active:
        raise TargetFailure("unknown_rule")
    targets.put_rule(connection, workspace, msgspec.structs.replace(found, active=False, modified_at=instant.now()))


def put_levels(
    connection: Connection, workspace: int, group: int, levels: Sequence[NewStreakLevel]
) -> list[StreakLevel]:
    """Gives an active group of streaks these levels instead of its own. Raises ``unknown_group`` or ``invalid``."""
    connection.lock(workspace)
    check_levels(levels, active_group(connection, workspace, group).tracking_type)
    targets.put_levels(connection, workspace, group, levels, instant.now())
    return targets.levels_of(connection, workspace, [group])


def _rule(connection: Connection, workspace: int, group: int, rule: int) -> TargetRule:
    found = targets.rule_by_id(connection, workspace, rule)
    if found is None:
        raise TargetFailure("unknown_rule")
    if found.group != group:
        raise TargetFailure("rule_of_another_group")
    return found


def _changed(before: S, change: msgspec.Struct, **others: Any) -> S:
    """``before`` with what ``change`` says of it."""
    said = {
        name: getattr(change, name)
        for name in change.__struct_fields__
        if getattr(change, name) is not UNSET and name in before.__struct_fields__
    }
    return msgspec.structs.replace(before, **said, **others)


def _check_days(before: TargetPeriod, after: TargetPeriod, now: int) -> None:
    starts_otherwise = (after.first_day, after.starts_at) != (before.first_day, before.starts_at)
    ends_otherwise = (after.last_day, after.ends_at) != (before.last_day, before.ends_at)
    if (starts_otherwise or ends_otherwise) and before.first_day is None:
        raise TargetFailure("invalid", "each customer has cycles of his own: they have no dates")
    stage = status(before, now)
    if stage == "ENDED" and (starts_otherwise or ends_otherwise):
        raise TargetFailure("invalid", f"period {before.ref_code} has ended: its dates cannot be changed")
    if stage == "RUNNING" and starts_otherwise:
        raise TargetFailure("invalid", f"period {before.ref_code} is running: only its endDate can be changed")
    if after.ends_at <= after.starts_at:
        raise TargetFailure("invalid", "endDate lies before startDate")


def _put_goals(connection: Connection, workspace: int, rule: TargetRule, goals: dict[int, int]) -> None:
    periods = {period.id for period in targets.periods_of(connection, workspace, [rule.group])}
    known = {
        goal.period: goal.id for goal in targets.goals_of(connection, workspace, [rule.group]) if goal.rule == rule.id
    }
    for period, value in goals.items():
        if period not in periods:
            raise TargetFailure("unknown_period")
        if period in known:
            targets.put_goal(connection, workspace, known[period], value)
        else:
            targets.add_goal(connection, workspace, rule.group, rule.id, period, value)
