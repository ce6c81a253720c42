"""The pure rules against the plainest thing that could be right."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.counting import CountingRule, Cycle, Occurrence, Tracked
from footfall.model.target import Enrolment
from footfall.targets.counting import Ledger
from footfall.targets.tracking import first_to_reach
from tests.targets.making import counting_rule

CYCLES = (Cycle(1, 0, 10), Cycle(2, 10, 20), Cycle(3, 25, 30))


def bill(customer: int, sequence: int, moment: int, value: int | None, name: str = "ADD_TRANSACTION") -> Occurrence:
    return Occurrence(
        customer=customer,
        sequence=sequence,
        id=bytes(16),
        occurred_at=moment,
        processed_at=99,
        name=name,
        amount=value,
        outlet=None,
        properties="{}",
    )


transactions = st.lists(
    st.tuples(st.integers(1, 3), st.integers(-2, 32), st.integers(-100, 100)), min_size=1, max_size=30
).map(lambda drawn: [bill(c, i, t, v) for i, (c, t, v) in enumerate(drawn, 1)])
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


def counted_by(rules: list[CountingRule], occurrences: list[Occurrence]) -> list[Tracked]:
    ledger = Ledger(rules, {}, returns_count=True)
    for occurrence in occurrences:
        ledger.occur(occurrence)
    return ledger.tracked


def naive(
    occurrences: list[Occurrence], known: dict[tuple[int, int], Enrolment], *, by_transaction: bool
) -> set[tuple[int, int, int]]:
    """(sequence, period, value) of what must count."""
    found = set()
    for one in occurrences:
        for cycle in CYCLES:
            enrolment = known.get((one.customer, 7))
            since = (enrolment.since or 0) if enrolment else 0
            enrolled = enrolment.enrolled if enrolment else by_transaction
            if cycle.starts_at <= one.occurred_at < cycle.ends_at and enrolled and cycle.starts_at >= since:
                found.add((one.sequence, cycle.period, one.amount or 0))
    return found


def shown(tracked: list[Tracked]) -> set[tuple[int, int, int]]:
    return {(one.occurrence.sequence, one.cycle.period, one.counted) for one in tracked}


@given(transactions, enrolments, st.booleans(), st.randoms(use_true_random=False))
def test_what_counts_is_independent_of_order_and_grouping(
    drawn: list[Occurrence],
    known: dict[tuple[int, int], Enrolment],
    by_transaction: bool,
    shuffle: random.Random,
) -> None:
    expected = naive(drawn, known, by_transaction=by_transaction)
    shuffled = list(drawn)
    shuffle.shuffle(shuffled)

    tracked: list[Tracked] = []
    enrolled = dict(known)
    while shuffled:
        size = shuffle.randint(1, len(shuffled))
        ledger = Ledger(
            [counting_rule(cycles=CYCLES, enrols_by_transaction=by_transaction)], enrolled, returns_count=True
        )
        for occurrence in shuffled[:size]:
            ledger.occur(occurrence)
        tracked += ledger.tracked
        enrolled = ledger.enrolments
        del shuffled[:size]

    assert len(tracked) == len(expected)
    assert shown(tracked) == expected


@given(transactions)
def test_one_rule_that_enrols_by_transaction_opens_its_unified_group(drawn: list[Occurrence]) -> None:
    rules = [
        counting_rule(cycles=CYCLES, unified=True),
        counting_rule(8, cycles=CYCLES, unified=True, enrols_by_transaction=False),
    ]

    tracked = counted_by(rules, drawn)

    first, second = ([one for one in tracked if one.rule.id == rule.id] for rule in rules)
    assert shown(first) == shown(second) == naive(drawn, {}, by_transaction=True)


def test_what_one_rule_of_a_unified_group_counts_enrols_in_all() -> None:
    rules = [
        counting_rule(cycles=CYCLES, unified=True),
        counting_rule(8, cycles=CYCLES, unified=True, entity="EVENT", event_name="visit", type="COUNT"),
    ]
    ledger = Ledger(rules, {}, returns_count=True)

    ledger.occur(bill(1, 1, 5, None, "visit"))

    assert set(ledger.enrolments) == {(1, 7), (1, 8)}
    assert [one.rule.id for one in ledger.tracked] == [8]


def test_an_event_that_a_filter_keeps_out_enrols_nobody() -> None:
    never = '{"arity":"literal","value":"false","type":"boolean:primitive"}'
    ledger = Ledger([counting_rule(cycles=CYCLES, expression=never)], {}, returns_count=True)

    ledger.occur(bill(1, 1, 5, 5))

    assert (ledger.enrolments, ledger.tracked) == ({}, [])


@pytest.mark.parametrize(("goal", "sequence"), [(9, 2), (10, 4), (20, None)])
def test_a_goal_is_reached_once_by_the_first_event_that_gets_there(goal: int, sequence: int | None) -> None:
    arrived = counted_by(
        [counting_rule(cycles=CYCLES)], [bill(1, i, 9 - i, v) for i, v in enumerate([4, 5, -3, 4, 9], 1)]
    )

    found = first_to_reach(arrived, 0, goal)

    assert (None if found is None else found.sequence) == sequence


def test_what_was_reached_before_counts_on_the_way_to_a_goal() -> None:
    (one,) = counted_by([counting_rule(cycles=CYCLES)], [bill(1, 1, 1, 2)])

    assert first_to_reach([one], 8, 10) is one.occurrence
    assert first_to_reach([one], 7, 10) is None
