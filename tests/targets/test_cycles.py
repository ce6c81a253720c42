"""Cycles of each customer's own."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model import instant
from footfall.model.counting import Cycle
from footfall.model.target import OPEN_END, OPEN_START, Enrolment
from footfall.targets.cycles import own_cycle, window
from tests.targets.making import counting_rule

LONDON = ZoneInfo("Europe/London")
OPEN = tuple(Cycle(period, OPEN_START, OPEN_END, period * 10) for period in (3, 4, 5))


def at(text: str) -> int:
    return instant.from_datetime(datetime.fromisoformat(text).astimezone(UTC))


@pytest.mark.parametrize(
    ("evaluation", "frequency", "number", "start", "end"),
    [
        ("CYCLIC_WINDOW", ("DAILY", 1), 0, "2025-03-29T13:30+00:00", "2025-03-30T13:30+00:00"),
        ("CYCLIC_WINDOW", ("WEEKLY", 2), 1, "2025-04-12T13:30+00:00", "2025-04-26T13:30+00:00"),
        ("CYCLIC_WINDOW", ("MONTHLY", 1), 1, "2025-04-28T13:30+00:00", "2025-05-28T13:30+00:00"),
        ("CYCLIC_WINDOW", ("CUSTOM", 10), 2, "2025-04-18T13:30+00:00", "2025-04-28T13:30+00:00"),
        ("CALENDAR_CYCLIC_WINDOW", ("DAILY", 2), 0, "2025-03-29T00:00+00:00", "2025-03-31T00:00+01:00"),
        ("CALENDAR_CYCLIC_WINDOW", ("MONTHLY", 1), 0, "2025-03-29T00:00+00:00", "2025-04-29T00:00+01:00"),
        ("CALENDAR_CYCLIC_WINDOW", ("QUARTERLY", 1), 3, "2025-12-29T00:00+00:00", "2026-03-29T00:00+00:00"),
        ("CALENDAR_CYCLIC_WINDOW", ("YEARLY", 1), 1, "2026-03-29T00:00+00:00", "2027-03-29T00:00+01:00"),
    ],
)
def test_where_a_cycle_begins_and_ends(
    evaluation: str, frequency: tuple[str, int], number: int, start: str, end: str
) -> None:
    found = window(evaluation, *frequency, LONDON, at("2025-03-29T13:30+00:00"), number)  # type: ignore[arg-type]

    assert found == (at(start), at(end))


@pytest.mark.parametrize("anchor", [instant.EARLIEST, instant.LATEST])
@pytest.mark.parametrize("kind", ["DAILY", "MONTHLY"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_the_ends_of_the_calendar_do_no_harm(anchor: int, kind: str, zone: str) -> None:
    start, end = window("CALENDAR_CYCLIC_WINDOW", kind, 2**31 - 1, ZoneInfo(zone), anchor, 99)  # type: ignore[arg-type]

    assert start <= end


def test_a_month_without_the_day_ends_a_cycle_on_its_last() -> None:
    anchor = at("2025-01-31T10:00+00:00")
    found = [window("CALENDAR_CYCLIC_WINDOW", "MONTHLY", 1, LONDON, anchor, number)[0] for number in range(4)]

    days = ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]
    assert [instant.to_datetime(moment, LONDON).date().isoformat() for moment in found] == days


@given(
    st.sampled_from(["CYCLIC_WINDOW", "CALENDAR_CYCLIC_WINDOW"]),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY", "CUSTOM"]),
    st.integers(1, 400),
    st.integers(0, 2 * 10**15),
    st.integers(0, 99),
)
def test_cycles_follow_each_other_without_a_gap(
    evaluation: str, kind: str, frequency: int, anchor: int, number: int
) -> None:
    one, following = (
        window(evaluation, kind, frequency, LONDON, anchor, step)  # type: ignore[arg-type]
        for step in (number, number + 1)
    )

    assert one[1] == following[0]
    assert one[0] < one[1] or one[0] == at("9000-01-01T00:00+00:00")
    assert number > 0 or one[0] <= anchor < one[1]


def enrolled(period: int, anchor: int, cycle: int = 1) -> Enrolment:
    return Enrolment(
        customer=1,
        rule=7,
        period=period,
        since=None,
        enrolled=True,
        enrolled_by="api",
        enrolled_at=0,
        anchor=anchor,
        cycle=cycle,
    )


def test_cycles_are_numbered_from_the_one_named_at_enrolment() -> None:
    rule = counting_rule(cycles=OPEN, evaluation_type="CYCLIC_WINDOW", frequency_type="DAILY")
    day = instant.DAY

    assert own_cycle(rule, enrolled(4, 100), 100 + day) == Cycle(5, 100 + day, 100 + 2 * day, 50)
    assert own_cycle(rule, enrolled(4, 100), 100 + 2 * day) is None
    assert own_cycle(rule, enrolled(4, 100), 99) is None


def test_a_window_without_an_end_is_the_one_that_is_open() -> None:
    rule = counting_rule(cycles=OPEN, evaluation_type="PERIOD_AGNOSTIC_WINDOW")

    assert [own_cycle(rule, enrolled(3, 100, cycle), 5) for cycle in (1, 2, 3, 4)] == [*OPEN, None]
