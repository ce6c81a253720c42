"""Windows: a bound on shown milliseconds becomes a bound on stored microseconds, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.apis.gainsight_px.window import Window, parse_date
from footfall.model import instant
from footfall.model.query import Operator

DAY = instant.DAY
instants = st.integers(-5_000, 5_000)
ranges = st.sampled_from(
    [Operator.EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL, Operator.GREATER, Operator.GREATER_OR_EQUAL]
)


def holds(date: int, operator: Operator, at: int) -> bool:
    return {
        Operator.EQUAL: date == at,
        Operator.LESS: date < at,
        Operator.LESS_OR_EQUAL: date <= at,
        Operator.GREATER: date > at,
        Operator.GREATER_OR_EQUAL: date >= at,
    }[operator]


@given(st.lists(st.tuples(ranges, instants), max_size=4), instants)
def test_a_window_holds_exactly_the_dates_that_answer_its_terms(terms: list[tuple[Operator, int]], at: int) -> None:
    window = Window(start=-10_000_000, end=10_000_000)
    for operator, bound in terms:
        window = window.narrowed(operator, bound)
    shown = at // instant.MILLISECOND * instant.MILLISECOND
    since, before = (int(comparison.value) for comparison in window.comparisons())

    assert (since <= at < before) == all(holds(shown, operator, bound) for operator, bound in terms)


@given(
    st.builds(Window, instants | st.none(), instants | st.none(), st.booleans(), st.booleans()),
    st.builds(Window, instants | st.none(), instants | st.none(), st.booleans(), st.booleans()),
    instants,
)
def test_a_common_window_holds_what_both_hold(one: Window, other: Window, at: int) -> None:
    def holding(window: Window) -> bool:
        wide = Window(start=-10_000_000, end=10_000_000)
        since, before = (int(comparison.value) for comparison in wide.within(window).comparisons())
        return since <= at < before

    assert holding(one.within(other)) == (holding(one) and holding(other))


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(), Window(start=100 * DAY - DAY, end=100 * DAY)),
        (Window(start=5), Window(start=5, end=100 * DAY)),
        (Window(end=5 * DAY), Window(start=4 * DAY, end=5 * DAY)),
        (Window(start=1, end=2), Window(start=1, end=2)),
    ],
)
def test_an_open_window_is_closed_by_the_rules(window: Window, expected: Window) -> None:
    assert window.resolved(100 * DAY) == expected


def test_the_span_is_limited_and_zero_lifts_the_limit() -> None:
    Window(start=0, end=190 * DAY).check_span(190)
    Window(start=0, end=10_000 * DAY).check_span(0)
    with pytest.raises(BadRequest, match=r"^Exceeded date range190days$"):
        Window(start=0, end=190 * DAY + 1).check_span(190)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1704067200000", 1_704_067_200_000_000),
        ("-1", -1000),
        ("2024-01-01T00:00:00Z", 1_704_067_200_000_000),
        ("2024-01-01T00:00:00", 1_704_067_200_000_000),
        ("2024-01-01", 1_704_067_200_000_000),
        ("2024-01-01T01:00:00.5+01:00", 1_704_067_200_500_000),
        ("2024-01-01T01:00:00 01:00", 1_704_067_200_000_000),
    ],
)
def test_dates_are_milliseconds_or_iso(text: str, expected: int) -> None:
    assert parse_date(text, "date") == expected


@given(st.text(max_size=30))
def test_any_text_is_a_showable_date_or_refused(text: str) -> None:
    try:
        at = parse_date(text, "date")
    except BadRequest:
        return

    assert instant.is_showable(at)


@pytest.mark.parametrize("text", ["", "x", "253402300800000", "0000-01-01", "10000-01-01", "2024-02-30", "٣", "1e3"])
def test_other_texts_are_no_dates(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_date(text, "date")
