"""Tracking: what the events just stored contribute to targets, written in the same transaction.

Per group of events: one look-up of the rules whose periods the events fall into, one of the enrolments, one insert.
"""

from collections.abc import Iterable, Sequence

from footfall.model.event import RecordedEvent
from footfall.model.target import CountingRule, Cycle, Enrolment, TrackedEvent, Transaction
from footfall.model.workspace import Workspace
from footfall.storage import target_progress, targets, transactions
from footfall.storage.connection import Connection
from footfall.targets.calendar import cycle_at
from footfall.targets.counting import Place, contribution, count, tracked_event
from footfall.targets.settings import settings_of


def track(connection: Connection, workspace: Workspace, recorded: Sequence[RecordedEvent]) -> None:
    """Counts ``recorded`` events towards the targets whose customers are enrolled."""
    countable = list(_transactions(workspace, recorded))
    if not countable:
        return
    moments = [transaction.occurred_at for transaction in countable]
    rules = targets.counting(connection, workspace.number, min(moments), max(moments))
    if not rules:
        return
    customers = {transaction.customer for transaction in countable}
    enrolments = target_progress.enrolments_in(connection, workspace.number, customers, [rule.id for rule in rules])
    counted = count(countable, rules, enrolments)
    target_progress.put_enrolments(connection, workspace.number, counted.enrolled.values())
    earlier = _earlier_in_the_cycle(connection, workspace, rules, counted.enrolled)
    enrolled_at = {place: enrolment.enrolled_at for place, enrolment in (enrolments | counted.enrolled).items()}
    target_progress.add_tracked(connection, workspace.number, [*counted.tracked, *earlier], enrolled_at)


def is_counting(connection: Connection, workspace: Workspace, first: int, last: int) -> bool:
    """Whether any target counts what happens between the instants ``first`` and ``last``."""
    return bool(targets.counting(connection, workspace.number, first, last))


def _transactions(workspace: Workspace, recorded: Sequence[RecordedEvent]) -> Iterable[Transaction]:
    returns_count = settings_of(workspace).returns_count
    for stored in recorded:
        event = stored.event
        if stored.customer is None or stored.is_duplicate or not event.counts:
            continue
        value = contribution(event.name, event.amount, returns_count=returns_count)
        if value is not None:
            yield Transaction(
                customer=stored.customer,
                sequence=stored.sequence,
                occurred_at=event.occurred_at,
                processed_at=event.received_at,
                name=event.name,
                value=value,
            )


def _earlier_in_the_cycle(
    connection: Connection, workspace: Workspace, rules: Sequence[CountingRule], enrolled: dict[Place, Enrolment]
) -> list[TrackedEvent]:
    """What newly enrolled customers did in the cycle of their enrolment before the rule was made.

    Whatever arrived later met the rule on its arrival, and would have enrolled the customer itself.
    """
    found: list[TrackedEvent] = []
    by_id = {rule.id: rule for rule in rules if rule.created_after}
    newcomers: dict[tuple[int, int], dict[int, int]] = {}  # (rule, period) -> customer -> when enrolled
    for (customer, rule_id), enrolment in enrolled.items():
        if rule_id in by_id:
            newcomers.setdefault((rule_id, enrolment.period), {})[customer] = enrolment.enrolled_at
    for (rule_id, period), moments in newcomers.items():
        rule = by_id[rule_id]
        cycle = next(cycle for cycle in rule.cycles if cycle.period == period)
        stored = stored_transactions(
            connection, workspace, moments, cycle.starts_at, cycle.ends_at, last_sequence=rule.created_after
        )
        found += [_replayed(one, rule, cycle, moments[one.customer]) for one in stored]
    return found


def stored_transactions(
    connection: Connection,
    workspace: Workspace,
    customers: Iterable[int],
    since: int,
    until: int,
    *,
    last_sequence: int,
) -> list[Transaction]:
    """The countable stored events of the customers in ``[since, until)``, up to ``last_sequence``."""
    returns_count = settings_of(workspace).returns_count
    rows = transactions.of_customers(connection, workspace.number, customers, since, until, last_sequence)
    found = []
    for customer, sequence, occurred_at, received_at, name, amount in rows:
        value = contribution(name, amount, returns_count=returns_count)
        if value is not None:
            found.append(
                Transaction(
                    customer=customer,
                    sequence=sequence,
                    occurred_at=occurred_at,
                    processed_at=received_at,
                    name=name,
                    value=value,
                )
            )
    return found


def replay(transactions_stored: Iterable[Transaction], rule: CountingRule, processed_at: int) -> list[TrackedEvent]:
    """Stored transactions as tracked events of the periods of ``rule``, processed only now."""
    found = []
    for transaction in transactions_stored:
        cycle = cycle_at(rule.cycles, transaction.occurred_at)
        if cycle is not None:
            found.append(_replayed(transaction, rule, cycle, processed_at))
    return found


def _replayed(transaction: Transaction, rule: CountingRule, cycle: Cycle, processed_at: int) -> TrackedEvent:
    late = Transaction(
        customer=transaction.customer,
        sequence=transaction.sequence,
        occurred_at=transaction.occurred_at,
        processed_at=max(processed_at, transaction.processed_at),
        name=transaction.name,
        value=transaction.value,
    )
    return tracked_event(late, rule, cycle)
