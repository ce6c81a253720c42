"""Days, instants and periods."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from footfall.model import instant
from footfall.model.counting import Cycle
from footfall.targets.calendar import bounds, cycle_at, overlapping

SPANS = st.lists(st.integers(0, 60), unique=True, min_size=2, max_size=20).map(sorted)


def test_a_day_of_london_in_summer_begins_an_hour_before_that_of_utc() -> None:
    start, end = bounds(date(2011, 3, 27), date(2011, 3, 27), ZoneInfo("Europe/London"))

    assert instant.to_datetime(start) == datetime(2011, 3, 27, 0, tzinfo=UTC)
    assert instant.to_datetime(end) == datetime(2011, 3, 27, 23, tzinfo=UTC)


@given(st.dates(date(1900, 1, 1), date(9998, 12, 31)), st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]))
def test_every_instant_of_a_day_lies_in_it(day: date, zone: str) -> None:
    start, end = bounds(day, day, ZoneInfo(zone))

    assert instant.to_datetime(start, ZoneInfo(zone)).date() == day
    assert instant.to_datetime(end - 1, ZoneInfo(zone)).date() == day
    assert instant.to_datetime(end, ZoneInfo(zone)).date() != day


@given(SPANS, st.integers(-1, 61))
def test_a_period_is_found_as_if_all_were_tried(edges: list[int], moment: int) -> None:
    cycles = [Cycle(index, *pair) for index, pair in enumerate(zip(edges[::2], edges[1::2], strict=False))]

    expected = next((cycle for cycle in cycles if cycle.starts_at <= moment < cycle.ends_at), None)

    assert cycle_at(cycles, moment) == expected


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5)), max_size=6))
def test_spans_overlap_when_two_share_an_instant(given_spans: list[tuple[int, int]]) -> None:
    spans = [(start, start + length) for start, length in given_spans]

    instants = [moment for start, end in spans for moment in range(start, end)]

    assert overlapping(spans) == (len(instants) != len(set(instants)))
