"""How a customer stands: which targets, how far, when reached (contracts/capillary.md 5.6, 5.7)."""

from collections.abc import Iterable

import msgspec

from footfall.model.target import Enrolment, Progress, TargetDefinition, TargetPeriod, TargetRule, TrackedEvent
from footfall.storage import customers, target_progress, targets
from footfall.storage.connection import Connection
from footfall.targets.definition import definitions_of
from footfall.targets.failure import TargetFailure


class Achievement(msgspec.Struct, frozen=True):
    """The event by which a goal was reached."""

    occurred_at: int
    sequence: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A customer in one rule and one period; no ``progress`` where nothing was recorded."""

    rule: TargetRule
    period: TargetPeriod
    enrolment: Enrolment
    progress: Progress | None
    goal: int
    achieved: Achievement | None


class GroupStanding(msgspec.Struct, frozen=True):
    """A customer in one target group."""

    definition: TargetDefinition
    standings: tuple[Standing, ...]


class TrackedPage(msgspec.Struct, frozen=True):
    """A page of tracked events, and how many there are in all."""

    events: list[TrackedEvent]
    total: int


def reached(in_arrival_order: Iterable[TrackedEvent], goal: int) -> Achievement | None:
    """The first event with which the running sum came to ``goal``; a later return does not undo it."""
    total = 0
    for event in in_arrival_order:
        total += event.value
        if total >= goal:
            return Achievement(event.occurred_at, event.sequence)
    return None


def tracked_page(
    connection: Connection, workspace: int, *, customer: int, rule: int, period: int | None, limit: int, page: int
) -> TrackedPage:
    """A customer's tracked events of a rule, oldest first. Raises TargetFailure for what does not exist."""
    counted = target_progress.counted(connection, workspace, customer, rule)
    if not counted or (period is not None and period not in counted):
        _check_all(connection, workspace, customer, rule, period)
    if not counted:
        raise TargetFailure("nothing_recorded")
    total = sum(counted.values()) if period is None else counted.get(period, 0)
    if page * limit >= total:
        return TrackedPage([], total)
    events = target_progress.page(
        connection, workspace, customer, rule, period=period, limit=limit, offset=page * limit
    )
    return TrackedPage(events, total)


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


def standings(connection: Connection, workspace: int, customer: int) -> list[GroupStanding]:
    """How the customer stands in every rule that he is or was enrolled in, in each of its periods."""
    enrolments = {own.rule: own for own in target_progress.enrolments_of(connection, workspace, customer)}
    known = {(own.rule, own.period): own for own in target_progress.progress_of(connection, workspace, customer)}
    rules = (targets.rule_by_id(connection, workspace, rule) for rule in enrolments)
    groups = {rule.group for rule in rules if rule is not None}
    found = []
    for definition in definitions_of(connection, workspace, groups):
        goals = {(goal.rule, goal.period): goal.value for goal in definition.goals}
        members = []
        for rule in definition.rules:
            enrolment = enrolments.get(rule.id)
            if enrolment is None:
                continue
            for period in definition.periods:
                progress = known.get((rule.id, period.id))
                goal = goals.get((rule.id, period.id), 0)
                members.append(
                    Standing(
                        rule=rule,
                        period=period,
                        enrolment=enrolment,
                        progress=progress,
                        goal=goal,
                        achieved=_achievement(connection, workspace, progress, goal),
                    )
                )
        found.append(GroupStanding(definition, tuple(members)))
    return found


def _achievement(connection: Connection, workspace: int, progress: Progress | None, goal: int) -> Achievement | None:
    if progress is None or goal <= 0:
        return None
    counted = target_progress.in_arrival_order(connection, workspace, progress.customer, progress.rule, progress.period)
    return reached(counted, goal)
