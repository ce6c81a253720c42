"""Enrolling and un-enrolling customers; each function runs in a writing transaction (contracts/capillary.md 5.5)."""

from collections.abc import Sequence

import msgspec

from footfall.model import instant
from footfall.model.counting import CountingRule
from footfall.model.target import (
    ENROL,
    OPEN_END,
    OPEN_START,
    UNENROL,
    EnrolledBy,
    Enrolment,
    TargetDefinition,
    TargetPeriod,
    TargetRule,
)
from footfall.model.workspace import Workspace
from footfall.storage import (
    customers,
    target_counting,
    target_enrolments,
    target_progress,
    target_reads,
    targets,
    transactions,
)
from footfall.storage.connection import Connection
from footfall.storage.target_enrolments import Entry
from footfall.storage.target_progress import Added
from footfall.targets.calendar import current
from footfall.targets.contribution import event_names
from footfall.targets.definition import active_group, definition
from footfall.targets.failure import TargetFailure
from footfall.targets.tracking import open_ledger, store


def enrol(
    connection: Connection,
    workspace: Workspace,
    *,
    group: int,
    rule: int,
    customer: int,
    period_name: str,
    initial_balance: int | None,
    reset_streak: bool = False,
) -> None:
    """Enrols a customer in the named period and all later ones; what is stored of them counts at once.

    In a unified group this enrols in every rule. ``initial_balance`` (an amount) counts once, for ``rule``, in the
    named period; who was enrolled before goes on from what he had. Cycles of the customer's own begin with the first
    event that counts from now on, or go on. ``reset_streak``: periods before the named one belong to no streak any
    more. Raises TargetFailure.
    """
    connection.lock(workspace.number)
    target = _target(connection, workspace.number, group, rule, customer)
    period = next((period for period in target.periods if period.ref_code == period_name), None)
    if period is None:
        raise TargetFailure("unknown_period")
    known = _enrolments(connection, workspace.number, target, customer)
    own = known.get(rule)
    if own is not None and own.enrolled and own.enrolled_by != "sibling":
        raise TargetFailure("already_enrolled")
    now = instant.now()
    sequence = connection.next_sequences(workspace.number, 1)[0]
    counted_already = {member for member, enrolment in known.items() if enrolment.enrolled}
    for member in _affected(target, rule):
        if member.id in counted_already and member.id != rule:
            continue
        by: EnrolledBy = "api" if member.id == rule else "sibling"
        enrolment = _begun(known.get(member.id), customer, member, period, by, now)
        if reset_streak:
            enrolment = msgspec.structs.replace(enrolment, streak_since=max(period.starts_at, _reset_at(target, now)))
        target_enrolments.put(connection, workspace.number, [enrolment])
        balance = initial_balance or 0 if member.id == rule else 0
        _log(connection, workspace.number, ENROL, enrolment, period.id, sequence, now, balance)
        _achieve_by_balance(connection, workspace.number, target, enrolment, period.id, sequence, now)
    fresh = [member for member in _affected(target, rule) if member.id not in counted_already]
    if target.group.evaluation_type == "FIXED_CALENDAR_WINDOW" and fresh:
        _count_stored(connection, workspace, target, [member.id for member in fresh], customer, now)


def unenrol(connection: Connection, workspace: Workspace, *, group: int, rule: int, customer: int) -> None:
    """Ends an enrolment (in a unified group: in every rule): nothing counts from now on, what has counted stays."""
    connection.lock(workspace.number)
    target = _target(connection, workspace.number, group, rule, customer)
    known = _enrolments(connection, workspace.number, target, customer)
    own = known.get(rule)
    if own is None or not own.enrolled:
        raise TargetFailure("not_enrolled")
    now = instant.now()
    sequence = connection.next_sequences(workspace.number, 1)[0]
    running = current(target.periods, now) if target.group.evaluation_type == "FIXED_CALENDAR_WINDOW" else None
    for member in _affected(target, rule):
        before = known.get(member.id)
        if before is None or not before.enrolled:
            continue
        ended = msgspec.structs.replace(before, enrolled=False)
        target_enrolments.put(connection, workspace.number, [ended])
        counts = running is not None and (before.since is None or running.starts_at >= before.since)
        period = running.id if running is not None and counts else before.period
        _log(connection, workspace.number, UNENROL, ended, period, sequence, now, 0)


def _target(connection: Connection, workspace: int, group: int, rule: int, customer: int) -> TargetDefinition:
    active_group(connection, workspace, group)
    found = targets.rule_by_id(connection, workspace, rule)
    if found is None or not found.active:
        raise TargetFailure("unknown_rule")
    if found.group != group:
        raise TargetFailure("rule_of_another_group")
    person = customers.by_number(connection, workspace, customer)
    if person is None or person.deleted_at is not None:
        raise TargetFailure("unknown_customer")
    return definition(connection, workspace, group)


def _affected(target: TargetDefinition, rule: int) -> Sequence[TargetRule]:
    unified = target.group.tracking_type == "UNIFIED"
    return [member for member in target.rules if member.id == rule or (unified and member.active)]


def _enrolments(
    connection: Connection, workspace: int, target: TargetDefinition, customer: int
) -> dict[int, Enrolment]:
    found = target_enrolments.of_customers(connection, workspace, [customer], [rule.id for rule in target.rules])
    return {rule: enrolment for (_, rule), enrolment in found.items()}


def _begun(
    before: Enrolment | None, customer: int, rule: TargetRule, period: TargetPeriod, by: EnrolledBy, now: int
) -> Enrolment:
    """A new enrolment, or one that goes on; one by a sibling that is now asked for by name keeps its periods."""
    if before is not None and before.enrolled:
        return msgspec.structs.replace(before, enrolled_by=by)
    since = period.starts_at if period.first_day is not None else None
    if before is not None and before.anchor is not None:
        return msgspec.structs.replace(before, enrolled=True, enrolled_by=by, enrolled_at=now)
    return Enrolment(
        customer=customer,
        rule=rule.id,
        period=period.id,
        since=since,
        enrolled=True,
        enrolled_by=by,
        enrolled_at=now,
        streak_since=None if before is None else before.streak_since,
    )


def _reset_at(target: TargetDefinition, now: int) -> int:
    """From when on a streak begins anew where each customer has cycles of his own."""
    return OPEN_START if target.group.evaluation_type == "FIXED_CALENDAR_WINDOW" else now


def _log(
    connection: Connection,
    workspace: int,
    name: str,
    enrolment: Enrolment,
    period: int,
    sequence: int,
    now: int,
    value: int,
) -> None:
    """Writes an ENROL or UNENROL entry; its unique id is the customer's progress it belongs to."""
    place = enrolment.customer, enrolment.rule, period
    added = Added(enrolment.enrolled_at, now, value=value, entries=1)
    progress = target_progress.add(connection, workspace, {place: added})[place]
    entry = Entry(
        customer=enrolment.customer,
        rule=enrolment.rule,
        occurred_at=now,
        sequence=sequence,
        period=period,
        name=name,
        progress=progress.id,
        value=value,
        since=enrolment.since,
    )
    target_enrolments.add_entry(connection, workspace, entry)


def _achieve_by_balance(
    connection: Connection,
    workspace: int,
    target: TargetDefinition,
    enrolment: Enrolment,
    period: int,
    sequence: int,
    now: int,
) -> None:
    goal = next((goal.value for goal in target.goals if (goal.rule, goal.period) == (enrolment.rule, period)), 0)
    own = target_reads.progress_in(connection, workspace, enrolment.customer, enrolment.rule)[period]
    if 0 < goal <= own.value and own.achieved_by is None:
        target_progress.achieve(connection, workspace, {(own.customer, own.rule, own.period): (now, sequence)})


def _count_stored(
    connection: Connection,
    workspace: Workspace,
    target: TargetDefinition,
    rules: Sequence[int],
    customer: int,
    now: int,
) -> None:
    """Counts what is stored of the periods that the enrolment opens and has not counted yet."""
    every = target_counting.of_group(connection, workspace.number, target.group.id, OPEN_START, OPEN_END)
    counting: list[CountingRule] = [rule for rule in every if rule.id in rules]
    if not counting:
        return
    cycles = counting[0].cycles
    stored = transactions.of_customers(
        connection,
        workspace.number,
        [customer],
        event_names(counting),
        (cycles[0].starts_at, cycles[-1].ends_at),
        connection.last_sequence(workspace.number),
    )
    ledger = open_ledger(connection, workspace, counting, [customer], {one.outlet for one in stored})
    for rule in counting:
        known = target_reads.tracked_sequences(connection, workspace.number, customer, rule.id)
        ledger.count_stored(rule, (one for one in stored if one.sequence not in known), now)
    store(connection, workspace, ledger)
