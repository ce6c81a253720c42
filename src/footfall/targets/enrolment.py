"""Enrolling and un-enrolling customers; each function runs in a writing transaction (contracts/capillary.md 5.5)."""

from collections.abc import Sequence

import msgspec

from footfall.model import instant
from footfall.model.target import (
    ENROL,
    UNENROL,
    CountingRule,
    Cycle,
    EnrolledBy,
    Enrolment,
    TargetDefinition,
    TargetPeriod,
    TargetRule,
    TrackedEvent,
)
from footfall.model.workspace import Workspace
from footfall.storage import customers, target_progress, targets
from footfall.storage.connection import Connection
from footfall.targets.calendar import current
from footfall.targets.definition import active_group, definition
from footfall.targets.failure import TargetFailure
from footfall.targets.tracking import replay, stored_transactions


def enrol(
    connection: Connection,
    workspace: Workspace,
    *,
    group: int,
    rule: int,
    customer: int,
    period_name: str,
    initial_balance: int | None,
) -> None:
    """Enrols a customer in the named period and all later ones; what is stored of them counts at once.

    In a unified group this enrols in every rule. ``initial_balance`` (an amount) counts once, for ``rule``, in the
    named period. Raises TargetFailure.
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
    for member in _affected(target, rule):
        before = known.get(member.id)
        counted_already = before is not None and before.enrolled
        if counted_already and member.id != rule:
            continue
        by: EnrolledBy = "api" if member.id == rule else "sibling"
        enrolment = _begun(before if counted_already else None, customer, member, period, by, now)
        target_progress.put_enrolments(connection, workspace.number, [enrolment])
        balance = initial_balance or 0 if member.id == rule else 0
        _log(connection, workspace.number, ENROL, enrolment, member, period.id, sequence, now, balance)
        if not counted_already:
            _count_stored(connection, workspace, target, member, enrolment, now)


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
    running = current(target.periods, now)
    for member in _affected(target, rule):
        before = known.get(member.id)
        if before is None or not before.enrolled:
            continue
        ended = msgspec.structs.replace(before, enrolled=False)
        target_progress.put_enrolments(connection, workspace.number, [ended])
        counts = running is not None and (before.since is None or running.starts_at >= before.since)
        period = running.id if running is not None and counts else before.period
        _log(connection, workspace.number, UNENROL, ended, member, period, sequence, now, 0)


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
    found = target_progress.enrolments_in(connection, workspace, [customer], [rule.id for rule in target.rules])
    return {rule: enrolment for (_, rule), enrolment in found.items()}


def _begun(
    before: Enrolment | None, customer: int, rule: TargetRule, period: TargetPeriod, by: EnrolledBy, now: int
) -> Enrolment:
    """A new enrolment; one by a sibling that is now asked for by name keeps its periods."""
    if before is not None:
        return msgspec.structs.replace(before, enrolled_by=by)
    return Enrolment(
        customer=customer,
        rule=rule.id,
        period=period.id,
        since=period.starts_at,
        enrolled=True,
        enrolled_by=by,
        enrolled_at=now,
    )


def _log(
    connection: Connection,
    workspace: int,
    name: str,
    enrolment: Enrolment,
    rule: TargetRule,
    period: int,
    sequence: int,
    now: int,
    value: int,
) -> None:
    """Writes an ENROL or UNENROL entry; its unique id is the customer's progress it belongs to."""
    progress = target_progress.begin(connection, workspace, enrolment, period, now)
    entry = TrackedEvent(
        customer=enrolment.customer,
        rule=rule.id,
        group=rule.group,
        period=period,
        sequence=sequence,
        name=name,
        display_name=None,
        unique_id=str(progress),
        occurred_at=now,
        processed_at=now,
        value=value,
    )
    place = (enrolment.customer, rule.id)
    target_progress.add_tracked(connection, workspace, [entry], {place: enrolment.enrolled_at})


def _count_stored(
    connection: Connection,
    workspace: Workspace,
    target: TargetDefinition,
    rule: TargetRule,
    enrolment: Enrolment,
    now: int,
) -> None:
    """Counts what is stored of the periods that the enrolment opens and has not counted yet."""
    cycles = tuple(
        Cycle(period.id, period.starts_at, period.ends_at)
        for period in target.periods
        if period.active and (enrolment.since is None or period.starts_at >= enrolment.since)
    )
    if not cycles:
        return
    stored = stored_transactions(
        connection,
        workspace,
        [enrolment.customer],
        cycles[0].starts_at,
        cycles[-1].ends_at,
        last_sequence=connection.last_sequence(workspace.number),
    )
    known = target_progress.tracked_sequences(connection, workspace.number, enrolment.customer, rule.id)
    counting = CountingRule(
        id=rule.id,
        group=rule.group,
        unified=False,
        enrols_by_transaction=False,
        created_after=rule.created_after,
        cycles=cycles,
    )
    fresh = replay((one for one in stored if one.sequence not in known), counting, now)
    place = (enrolment.customer, rule.id)
    target_progress.add_tracked(connection, workspace.number, fresh, {place: enrolment.enrolled_at})
