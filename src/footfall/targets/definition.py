"""Defining targets: groups with all that belongs to them, made and read; changes are in ``targets.editing``.

What makes or changes something runs in a writing transaction.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeVar

import msgspec

from footfall.model import instant
from footfall.model.target import (
    Goal,
    Milestone,
    NewPeriod,
    NewRule,
    NewTargetGroup,
    StreakLevel,
    TargetDefinition,
    TargetGroup,
    TargetPeriod,
    TargetRule,
)
from footfall.storage import targets
from footfall.storage.connection import Connection
from footfall.targets.calendar import overlapping
from footfall.targets.checks import MOST_PERIODS, check_group, check_names, check_rule
from footfall.targets.failure import TargetFailure

M = TypeVar("M", TargetPeriod, TargetRule, StreakLevel)
G = TypeVar("G", Goal, Milestone)


def create(connection: Connection, workspace: int, new: NewTargetGroup) -> TargetDefinition:
    """Makes a group with its periods, rules, goals, milestones and streak levels.

    Raises TargetFailure ``name_taken``, ``kind_not_counted``, ``field_missing`` or ``invalid``.
    """
    connection.lock(workspace)
    check_group(new)
    if targets.group_named(connection, workspace, new.name) is not None:
        raise TargetFailure("name_taken")
    now = instant.now()
    wanted = new.periods or tuple(NewPeriod(ref_code=None) for _ in range(new.total_periods))
    group = targets.add_group(connection, workspace, new, len(wanted), now)
    calendar = new.evaluation_type == "FIXED_CALENDAR_WINDOW"
    periods = store_periods(connection, workspace, group, (), wanted, now, calendar=calendar)
    for rule in new.rules:
        store_rule(connection, workspace, group, rule, periods, now)
    targets.put_levels(connection, workspace, group, new.levels, now)
    return definition(connection, workspace, group)


def add_periods(connection: Connection, workspace: int, group: int, new: Sequence[NewPeriod]) -> list[TargetPeriod]:
    """Gives an active group more periods; each rule's goal there is its goal in the latest period so far.

    Events stored before are not counted anew. Raises TargetFailure ``unknown_group`` or ``invalid``.
    """
    connection.lock(workspace)
    active_group(connection, workspace, group)
    before = definition(connection, workspace, group)
    now = instant.now()
    calendar = before.group.evaluation_type == "FIXED_CALENDAR_WINDOW"
    added = set(store_periods(connection, workspace, group, before.periods, new, now, calendar=calendar))
    latest = before.periods[-1].id
    for goal in before.goals:
        if goal.period == latest:
            for period in sorted(added):
                targets.add_goal(connection, workspace, group, goal.rule, period, goal.value)
    total = len(before.periods) + len(added)
    targets.put_group(
        connection, workspace, msgspec.structs.replace(before.group, total_periods=total, modified_at=now)
    )
    return [period for period in targets.periods_of(connection, workspace, [group]) if period.id in added]


def add_rules(connection: Connection, workspace: int, group: int, new: Sequence[NewRule]) -> list[TargetRule]:
    """Gives an active group more rules; ``goals`` fit its periods by position. What is stored counts for nobody yet.

    Only a unified group has more than one. Raises TargetFailure ``unknown_group``, ``kind_not_counted``,
    ``field_missing`` or ``invalid``.
    """
    connection.lock(workspace)
    own = active_group(connection, workspace, group)
    before = definition(connection, workspace, group)
    check_names([*(rule.name for rule in before.rules), *(rule.name for rule in new)], own.tracking_type)
    for rule in new:
        check_rule(rule)
    now = instant.now()
    periods = [period.id for period in before.periods]
    added = {store_rule(connection, workspace, group, rule, periods, now) for rule in new}
    return [rule for rule in targets.rules_of(connection, workspace, [group]) if rule.id in added]


def active_group(connection: Connection, workspace: int, group: int) -> TargetGroup:
    """The group with this id. Raises TargetFailure ``unknown_group``, also for one that has been deactivated."""
    found = targets.group_by_id(connection, workspace, group)
    if found is None or not found.active:
        raise TargetFailure("unknown_group")
    return found


def definition(connection: Connection, workspace: int, group: int) -> TargetDefinition:
    """The group with all that belongs to it. Raises TargetFailure ``unknown_group``."""
    found = targets.group_by_id(connection, workspace, group)
    if found is None:
        raise TargetFailure("unknown_group")
    return _assembled(connection, workspace, [found])[0]


def definitions(
    connection: Connection, workspace: int, *, only_active: bool, user_created: bool
) -> list[TargetDefinition]:
    """All groups, oldest first; those that users created only if ``user_created``."""
    found = [
        group
        for group in targets.groups(connection, workspace)
        if (group.active or not only_active) and (user_created or not group.user_created)
    ]
    return _assembled(connection, workspace, found)


def definitions_of(connection: Connection, workspace: int, groups: Iterable[int]) -> list[TargetDefinition]:
    """Those groups, by id."""
    return _assembled(connection, workspace, targets.groups_by_id(connection, workspace, groups))


def store_periods(
    connection: Connection,
    workspace: int,
    group: int,
    before: Sequence[TargetPeriod],
    new: Sequence[NewPeriod],
    now: int,
    *,
    calendar: bool,
) -> list[int]:
    """Checks and stores; the ids of the new periods, in their order."""
    if len(before) + len(new) > MOST_PERIODS:
        raise TargetFailure("invalid", f"a target group has at most {MOST_PERIODS} periods")
    if calendar and any(period.first_day is None or period.last_day is None for period in new):
        raise TargetFailure("invalid", "each period has a startDate and an endDate")
    spans = [(period.starts_at, period.ends_at) for period in before]
    spans += [(period.starts_at, period.ends_at) for period in new]
    if calendar and overlapping(spans):
        raise TargetFailure("invalid", "periods overlap: both startDate and endDate belong to a period")
    taken = {period.ref_code for period in before}
    ids = []
    for position, period in enumerate(new, start=len(before) + 1):
        own = (
            period
            if calendar
            else NewPeriod(ref_code=period.ref_code, description=period.description, active=period.active)
        )
        ref_code = period.ref_code or f"PERIOD_G_{group}_{position}"
        if ref_code in taken:
            raise TargetFailure("invalid", f"refCode {ref_code} occurs more than once in the target group")
        taken.add(ref_code)
        ids.append(targets.add_period(connection, workspace, group, own, ref_code, now))
    return ids


def store_rule(
    connection: Connection, workspace: int, group: int, new: NewRule, periods: Sequence[int], now: int
) -> int:
    """Stores a checked rule with its goals and milestones; its id."""
    created_after = connection.last_sequence(workspace)
    identifier = targets.add_rule(connection, workspace, group, new, created_after, now)
    for period, goal in zip(periods, new.goals, strict=False):
        targets.add_goal(connection, workspace, group, identifier, period, goal)
    targets.put_milestones(connection, workspace, group, identifier, new.milestones)
    return identifier


def _assembled(connection: Connection, workspace: int, groups: Sequence[TargetGroup]) -> list[TargetDefinition]:
    ids = [group.id for group in groups]
    periods = _by_group(targets.periods_of(connection, workspace, ids))
    rules = _by_group(targets.rules_of(connection, workspace, ids))
    levels = _by_group(targets.levels_of(connection, workspace, ids))
    group_of_rule = {rule.id: rule.group for members in rules.values() for rule in members}
    goals = _by_rule(targets.goals_of(connection, workspace, ids), group_of_rule)
    milestones = _by_rule(targets.milestones_of(connection, workspace, ids), group_of_rule)
    return [
        TargetDefinition(
            group=group,
            periods=tuple(periods.get(group.id, ())),
            rules=tuple(rules.get(group.id, ())),
            goals=tuple(goals.get(group.id, ())),
            milestones=tuple(milestones.get(group.id, ())),
            levels=tuple(levels.get(group.id, ())),
        )
        for group in groups
    ]


def _by_group(members: Iterable[M]) -> dict[int, list[M]]:
    return {group: list(own) for group, own in groupby(members, key=lambda member: member.group)}


def _by_rule(members: Iterable[G], group_of_rule: dict[int, int]) -> dict[int, list[G]]:
    found: dict[int, list[G]] = {}
    for member in members:
        found.setdefault(group_of_rule[member.rule], []).append(member)
    return found
