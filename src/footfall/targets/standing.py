"""How a customer stands: which targets, how far, when reached (contracts/capillary.md 5.6, 5.7)."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from footfall.model.target import (
    Enrolment,
    Milestone,
    Progress,
    TargetDefinition,
    TargetPeriod,
    TargetRule,
    TrackedEvent,
)
from footfall.storage import customers, target_enrolments, target_reads, targets
from footfall.storage.connection import Connection
from footfall.targets.cycles import window
from footfall.targets.definition import definitions_of
from footfall.targets.failure import TargetFailure
from footfall.targets.streaks import Step, Streak, streaks


class Achievement(msgspec.Struct, frozen=True):
    """The event by which a goal was reached."""

    occurred_at: int
    sequence: int


class MilestoneStanding(msgspec.Struct, frozen=True):
    """A milestone, and whether the customer has come to it in the period."""

    milestone: Milestone
    is_achieved: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in one rule and one period; no ``progress`` where nothing was recorded.

    ``starts_at``, ``ends_at`` bound the period, or the customer's own cycle; None where that has no bound, or has not
    begun. ``value`` is what the product shows as achieved: capped at the goal in a group that caps.
    """

    rule: TargetRule
    period: TargetPeriod
    enrolment: Enrolment
    progress: Progress | None
    goal: int
    value: int
    is_achieved: bool
    achieved: Achievement | None
    starts_at: int | None
    ends_at: int | None
    milestones: tuple[MilestoneStanding, ...]


class GroupStanding(msgspec.Struct, frozen=True):
    """A customer in one target group.

    ``achieved_periods``: those of which all rules, or any (the group's ``combination_type``), are achieved.
    """

    definition: TargetDefinition
    standings: tuple[Standing, ...]
    streaks: tuple[Streak, ...]
    achieved_periods: frozenset[int]


class TrackedPage(msgspec.Struct, frozen=True):
    """A page of tracked events, and how many there are in all."""

    events: list[TrackedEvent]
    total: int


def tracked_page(
    connection: Connection, workspace: int, *, customer: int, rule: int, period: int | None, limit: int, page: int
) -> TrackedPage:
    """A customer's tracked events of a rule, oldest first. Raises TargetFailure for what does not exist."""
    found = target_reads.extents(connection, workspace, customer, rule)
    wanted = found if period is None else [extent for extent in found if extent.period == period]
    if not wanted:
        _check_all(connection, workspace, customer, rule, period)
    if not found:
        raise TargetFailure("nothing_recorded")
    total = sum(extent.total for extent in wanted)
    if page * limit >= total:
        return TrackedPage([], total)
    of = wanted if period is None else wanted[0]
    return TrackedPage(
        target_reads.page(connection, workspace, customer, rule, of, limit=limit, offset=page * limit), total
    )


def _check_all(connection: Connection, workspace: int, customer: int, rule: int, period: int | None) -> None:
    """Raises TargetFailure for the first of them that does not exist."""
    check_customer(connection, workspace, customer)
    known_rule = targets.rule_by_id(connection, workspace, rule)
    if known_rule is None:
        raise TargetFailure("unknown_rule")
    if period is not None:
        known_period = targets.period_by_id(connection, workspace, period)
        if known_period is None or known_period.group != known_rule.group:
            raise TargetFailure("unknown_period")


def check_customer(connection: Connection, workspace: int, customer: int) -> None:
    """Raises TargetFailure ``unknown_customer`` unless there is one of this number."""
    person = customers.by_number(connection, workspace, customer)
    if person is None or person.deleted_at is not None:
        raise TargetFailure("unknown_customer")


def standings(connection: Connection, workspace: int, customer: int, now: int) -> list[GroupStanding]:
    """How the customer stands at ``now`` in every rule that he is or was enrolled in, in each of its periods."""
    enrolments = {own.rule: own for own in target_enrolments.of_customer(connection, workspace, customer)}
    known = {(own.rule, own.period): own for own in target_reads.progress_of(connection, workspace, customer)}
    rules = targets.rules_by_id(connection, workspace, enrolments)
    definitions = definitions_of(connection, workspace, {rule.group for rule in rules})
    return [_standing(definition, enrolments, known, now) for definition in definitions]


def _standing(
    definition: TargetDefinition,
    enrolments: Mapping[int, Enrolment],
    known: Mapping[tuple[int, int], Progress],
    now: int,
) -> GroupStanding:
    found: list[Standing] = []
    runs: list[Streak] = []
    for rule in definition.rules:
        enrolment = enrolments.get(rule.id)
        if enrolment is not None:
            own = _of_rule(definition, rule, enrolment, known)
            found += own
            if definition.levels:
                runs += _streaks(definition, enrolment, own, now)
    return GroupStanding(definition, tuple(found), tuple(runs), _achieved_periods(definition, found))


def _of_rule(
    definition: TargetDefinition, rule: TargetRule, enrolment: Enrolment, known: Mapping[tuple[int, int], Progress]
) -> list[Standing]:
    goals = {goal.period: goal.value for goal in definition.goals if goal.rule == rule.id}
    milestones = [milestone for milestone in definition.milestones if milestone.rule == rule.id]
    caps = definition.group.tracking_type == "CAPPING"
    found = []
    for period, (starts_at, ends_at) in zip(definition.periods, _bounds(definition, enrolment), strict=True):
        progress = known.get((rule.id, period.id))
        goal = goals.get(period.id, 0)
        value = 0 if progress is None else progress.value
        has_event = progress is not None and progress.achieved_at is not None and progress.achieved_by is not None
        found.append(
            Standing(
                rule=rule,
                period=period,
                enrolment=enrolment,
                progress=progress,
                goal=goal,
                value=min(value, goal) if caps and goal > 0 else value,
                is_achieved=0 < goal <= value,
                achieved=Achievement(progress.achieved_at, progress.achieved_by)  # type: ignore[union-attr,arg-type]
                if has_event
                else None,
                starts_at=starts_at,
                ends_at=ends_at,
                milestones=tuple(MilestoneStanding(own, value >= own.value) for own in milestones),
            )
        )
    return found


def _bounds(definition: TargetDefinition, enrolment: Enrolment) -> list[tuple[int | None, int | None]]:
    """When each of the group's periods is, for the enrolled customer."""
    group = definition.group
    if group.evaluation_type == "FIXED_CALENDAR_WINDOW":
        return [(period.starts_at, period.ends_at) for period in definition.periods]
    zone = ZoneInfo(group.timezone)
    found: list[tuple[int | None, int | None]] = []
    number = 0
    for period in definition.periods:
        if period.id < enrolment.period or enrolment.anchor is None or not period.active:
            found.append((None, None))
            continue
        starts_at, ends_at = window(
            group.evaluation_type, group.frequency_type, group.frequency, zone, enrolment.anchor, number
        )
        is_open = group.evaluation_type == "PERIOD_AGNOSTIC_WINDOW"
        found.append((starts_at, None if is_open else ends_at))
        number += 1
    return found


def _streaks(definition: TargetDefinition, enrolment: Enrolment, own: Sequence[Standing], now: int) -> list[Streak]:
    """Periods from before the enrolment, and of cycles that have not begun, are no part of a streak."""
    since = max((moment for moment in (enrolment.since, enrolment.streak_since) if moment is not None), default=None)
    steps = [
        Step(
            progress=None if one.progress is None else one.progress.id,
            is_achieved=one.is_achieved,
            achieved_at=None if one.achieved is None else one.achieved.occurred_at,
            has_ended=one.ends_at is not None and one.ends_at <= now,
        )
        for one in own
        if one.period.active and one.starts_at is not None and (since is None or one.starts_at >= since)
    ]
    return streaks(steps, definition.levels, continuous=definition.group.tracking_type == "STREAKS")


def _achieved_periods(definition: TargetDefinition, found: Sequence[Standing]) -> frozenset[int]:
    combine = any if definition.group.combination_type == "ANY" else all
    by_period: dict[int, list[bool]] = {}
    for one in found:
        if one.rule.active:
            by_period.setdefault(one.period.id, []).append(one.is_achieved)
    return frozenset(period for period, achieved in by_period.items() if combine(achieved))
