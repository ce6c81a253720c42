"""Defining targets: groups with their periods and rules; each function runs in a writing transaction."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeVar

from footfall.model import instant
from footfall.model.target import (
    Goal,
    NewPeriod,
    NewTargetGroup,
    TargetDefinition,
    TargetGroup,
    TargetPeriod,
    TargetRule,
)
from footfall.storage import targets
from footfall.storage.connection import Connection
from footfall.targets.calendar import overlapping
from footfall.targets.failure import TargetFailure

MOST_PERIODS = 100
MOST_RULES = 50

M = TypeVar("M", TargetPeriod, TargetRule)


def create(connection: Connection, workspace: int, new: NewTargetGroup) -> TargetDefinition:
    """Makes a group with its periods, rules and goals. Raises TargetFailure ``name_taken`` or ``invalid``."""
    connection.lock(workspace)
    if targets.has_group_named(connection, workspace, new.name):
        raise TargetFailure("name_taken")
    if len(new.rules) > MOST_RULES:
        raise TargetFailure("invalid", f"a target group has at most {MOST_RULES} targets")
    now = instant.now()
    group = targets.add_group(connection, workspace, new, now)
    periods = _add_periods(connection, workspace, group, (), new.periods, now)
    created_after = connection.last_sequence(workspace)
    for rule in new.rules:
        identifier = targets.add_rule(connection, workspace, group, rule, created_after, now)
        for period, goal in zip(periods, rule.goals, strict=False):
            targets.add_goal(connection, workspace, group, identifier, period, goal)
    return definition(connection, workspace, group)


def add_periods(connection: Connection, workspace: int, group: int, new: Sequence[NewPeriod]) -> list[TargetPeriod]:
    """Gives an active group more periods; each rule's goal there is its goal in the latest period so far.

    Events stored before are not counted anew. Raises TargetFailure ``unknown_group`` or ``invalid``.
    """
    connection.lock(workspace)
    before = definition(connection, workspace, group)
    now = instant.now()
    added = set(_add_periods(connection, workspace, group, before.periods, new, now))
    latest = before.periods[-1].id
    for goal in before.goals:
        if goal.period == latest:
            for period in sorted(added):
                targets.add_goal(connection, workspace, group, goal.rule, period, goal.value)
    targets.set_total_periods(connection, workspace, group, len(before.periods) + len(added), now)
    return [period for period in targets.periods_of(connection, workspace, [group]) if period.id in added]


def deactivate(connection: Connection, workspace: int, group: int) -> None:
    """Ends a group: nothing counts towards it any more, what has counted stays. Raises ``unknown_group``."""
    connection.lock(workspace)
    active_group(connection, workspace, group)
    targets.set_active(connection, workspace, group, active=False, now=instant.now())


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
    wanted = set(groups)
    return _assembled(
        connection, workspace, [group for group in targets.groups(connection, workspace) if group.id in wanted]
    )


def _assembled(connection: Connection, workspace: int, groups: Sequence[TargetGroup]) -> list[TargetDefinition]:
    ids = [group.id for group in groups]
    periods = _by_group(targets.periods_of(connection, workspace, ids))
    rules = _by_group(targets.rules_of(connection, workspace, ids))
    group_of_rule = {rule.id: rule.group for members in rules.values() for rule in members}
    goals: dict[int, list[Goal]] = {}
    for goal in targets.goals_of(connection, workspace, ids):
        goals.setdefault(group_of_rule[goal.rule], []).append(goal)
    return [
        TargetDefinition(
            group=group,
            periods=tuple(periods.get(group.id, ())),
            rules=tuple(rules.get(group.id, ())),
            goals=tuple(goals.get(group.id, ())),
        )
        for group in groups
    ]


def _by_group(members: Iterable[M]) -> dict[int, list[M]]:
    return {group: list(own) for group, own in groupby(members, key=lambda member: member.group)}


def _add_periods(
    connection: Connection,
    workspace: int,
    group: int,
    before: Sequence[TargetPeriod],
    new: Sequence[NewPeriod],
    now: int,
) -> list[int]:
    """The ids of the new periods, in their order."""
    if len(before) + len(new) > MOST_PERIODS:
        raise TargetFailure("invalid", f"a target group has at most {MOST_PERIODS} periods")
    spans = [(period.starts_at, period.ends_at) for period in before]
    if overlapping(spans + [(period.starts_at, period.ends_at) for period in new]):
        raise TargetFailure("invalid", "periods overlap: both startDate and endDate belong to a period")
    taken = {period.ref_code for period in before}
    ids = []
    for position, period in enumerate(new, start=len(before) + 1):
        ref_code = period.ref_code or f"PERIOD_G_{group}_{position}"
        if ref_code in taken:
            raise TargetFailure("invalid", f"refCode {ref_code} occurs more than once in the target group")
        taken.add(ref_code)
        ids.append(targets.add_period(connection, workspace, group, period, ref_code, now))
    return ids
