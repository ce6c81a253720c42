"""What counts: pure rules from transactions, rules and enrolments to tracked events.

The promise: which events count for a customer, in which period and with which value depends on the events and the
enrolments alone, never on the order in which the events arrive; and no event counts twice for one rule.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from footfall.model.event import ADD_TRANSACTION, RETURN_BILL
from footfall.model.target import CountingRule, Cycle, Enrolment, TrackedEvent, Transaction
from footfall.targets.calendar import cycle_at

Place = tuple[int, int]
"""(customer, rule)"""


class Counted(msgspec.Struct, frozen=True):
    """What came of counting: tracked events, and enrolments that transactions brought about."""

    tracked: list[TrackedEvent]
    enrolled: dict[Place, Enrolment]


def contribution(name: str, amount: int | None, *, returns_count: bool) -> int | None:
    """By what value an event counts; None when it does not. A return takes away, whichever sign it came with."""
    if amount is None:
        return None
    if name == ADD_TRANSACTION:
        return amount
    return -abs(amount) if name == RETURN_BILL and returns_count else None


def count(
    transactions: Iterable[Transaction], rules: Sequence[CountingRule], enrolments: Mapping[Place, Enrolment]
) -> Counted:
    """Counts ``transactions`` that nobody has counted yet; where a rule allows it, the first one enrols."""
    opened = _groups_open_to_transactions(rules)
    tracked: list[TrackedEvent] = []
    enrolled: dict[Place, Enrolment] = {}
    for transaction in transactions:
        for rule in rules:
            cycle = cycle_at(rule.cycles, transaction.occurred_at)
            if cycle is None:
                continue
            place = (transaction.customer, rule.id)
            enrolment = enrolments.get(place) or enrolled.get(place)
            if enrolment is None and (rule.enrols_by_transaction or rule.group in opened):
                enrolment = enrolled[place] = _enrolment_by(transaction, rule, cycle)
            if enrolment is not None and admits(enrolment, cycle):
                tracked.append(tracked_event(transaction, rule, cycle))
    return Counted(tracked, enrolled)


def admits(enrolment: Enrolment, cycle: Cycle) -> bool:
    """Whether what happens in ``cycle`` counts for the enrolled customer."""
    return enrolment.enrolled and (enrolment.since is None or cycle.starts_at >= enrolment.since)


def tracked_event(transaction: Transaction, rule: CountingRule, cycle: Cycle) -> TrackedEvent:
    """The record that ``transaction`` counted."""
    return TrackedEvent(
        customer=transaction.customer,
        rule=rule.id,
        group=rule.group,
        period=cycle.period,
        sequence=transaction.sequence,
        name=transaction.name,
        display_name=None,
        unique_id=str(transaction.sequence),
        occurred_at=transaction.occurred_at,
        processed_at=transaction.processed_at,
        value=transaction.value,
    )


def _groups_open_to_transactions(rules: Sequence[CountingRule]) -> set[int]:
    """Unified groups enrol as a whole, so that one rule which enrols by transaction opens all."""
    return {rule.group for rule in rules if rule.unified and rule.enrols_by_transaction}


def _enrolment_by(transaction: Transaction, rule: CountingRule, cycle: Cycle) -> Enrolment:
    return Enrolment(
        customer=transaction.customer,
        rule=rule.id,
        period=cycle.period,
        since=None,
        enrolled=True,
        enrolled_by="transaction",
        enrolled_at=transaction.processed_at,
    )
