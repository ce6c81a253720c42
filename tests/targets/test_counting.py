"""The pure rules against the plainest thing that could be right."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.target import CountingRule, Cycle, Enrolment, TrackedEvent, Transaction
from footfall.targets.counting import contribution, count
from footfall.targets.standing import Achievement, reached

CYCLES = (Cycle(1, 0, 10), Cycle(2, 10, 20), Cycle(3, 25, 30))

transactions = st.lists(
    st.tuples(st.integers(1, 3), st.integers(-2, 32), st.integers(-100, 100)), min_size=1, max_size=30
).map(
    lambda drawn: [
        Transaction(customer=c, sequence=i, occurred_at=t, processed_at=99, name="ADD_TRANSACTION", value=v)
        for i, (c, t, v) in enumerate(drawn, 1)
    ]
)
enrolments = st.dictionaries(
    st.integers(1, 3), st.tuples(st.sampled_from([None, 0, 10, 25]), st.booleans()), max_size=3
).map(
    lambda drawn: {
        (c, 7): Enrolment(
            customer=c, rule=7, period=1, since=since, enrolled=enrolled, enrolled_by="api", enrolled_at=0
        )
        for c, (since, enrolled) in drawn.items()
    }
)


def rule(*, by_transaction: bool, identifier: int = 7, unified: bool = False) -> CountingRule:
    return CountingRule(
        id=identifier,
        group=5,
        unified=unified,
        enrols_by_transaction=by_transaction,
        created_after=0,
        cycles=CYCLES,
    )


def naive(
    given_transactions: list[Transaction], known: dict[tuple[int, int], Enrolment], *, by_transaction: bool
) -> set[tuple[int, int, int]]:
    """(sequence, period, value) of what must count."""
    found = set()
    for one in given_transactions:
        for cycle in CYCLES:
            enrolment = known.get((one.customer, 7))
            since = (enrolment.since or 0) if enrolment else 0
            enrolled = enrolment.enrolled if enrolment else by_transaction
            if cycle.starts_at <= one.occurred_at < cycle.ends_at and enrolled and cycle.starts_at >= since:
                found.add((one.sequence, cycle.period, one.value))
    return found


def shown(tracked: list[TrackedEvent]) -> set[tuple[int, int, int]]:
    return {(event.sequence, event.period, event.value) for event in tracked}


@given(transactions, enrolments, st.booleans(), st.randoms(use_true_random=False))
def test_what_counts_is_independent_of_order_and_grouping(
    drawn: list[Transaction],
    known: dict[tuple[int, int], Enrolment],
    by_transaction: bool,
    shuffle: random.Random,
) -> None:
    expected = naive(drawn, known, by_transaction=by_transaction)
    shuffled = list(drawn)
    shuffle.shuffle(shuffled)

    tracked: list[TrackedEvent] = []
    enrolled = dict(known)
    while shuffled:
        size = shuffle.randint(1, len(shuffled))
        counted = count(shuffled[:size], [rule(by_transaction=by_transaction)], enrolled)
        tracked += counted.tracked
        enrolled |= counted.enrolled
        del shuffled[:size]

    assert len(tracked) == len(expected)
    assert shown(tracked) == expected


@given(transactions)
def test_one_rule_that_enrols_by_transaction_opens_its_unified_group(drawn: list[Transaction]) -> None:
    rules = [
        rule(by_transaction=True, unified=True),
        rule(by_transaction=False, identifier=8, unified=True),
    ]

    counted = count(drawn, rules, {})

    first, second = ([event for event in counted.tracked if event.rule == one.id] for one in rules)
    assert shown(first) == shown(second) == naive(drawn, {}, by_transaction=True)


@pytest.mark.parametrize(
    ("name", "amount", "returns_count", "value"),
    [
        ("ADD_TRANSACTION", 5, True, 5),
        ("ADD_TRANSACTION", -5, True, -5),
        ("ADD_TRANSACTION", None, True, None),
        ("RETURN_BILL", 5, True, -5),
        ("RETURN_BILL", -5, True, -5),
        ("RETURN_BILL", -5, False, None),
        ("Purchase", 5, True, None),
    ],
)
def test_transactions_count_and_returns_take_away(
    name: str,
    amount: int | None,
    returns_count: bool,
    value: int | None,
) -> None:
    assert contribution(name, amount, returns_count=returns_count) == value


def test_a_goal_is_reached_once_by_the_first_event_that_gets_there() -> None:
    values = [4, 5, -3, 4, 9]
    arrived = [
        count(
            [Transaction(customer=1, sequence=i, occurred_at=9 - i, processed_at=0, name="ADD_TRANSACTION", value=v)],
            [rule(by_transaction=True)],
            {},
        ).tracked[0]
        for i, v in enumerate(values, 1)
    ]

    assert reached(arrived, 9) == Achievement(7, 2)
    assert reached(arrived, 10) == Achievement(5, 4)
    assert reached(arrived, 20) is None
