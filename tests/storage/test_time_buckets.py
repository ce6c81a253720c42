"""Cutting spans of time into buckets, against counting the instants one by one."""

from hypothesis import given
from hypothesis import strategies as st

from footfall.storage.time_buckets import BEGINNING, END, WIDTHS, Edge, Run, cut, widened

levels = st.integers(0, len(WIDTHS) - 1)
# Close together, far apart, on both sides of 1970, on the borders of buckets and a little beside them.
instants = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-3 * WIDTHS[1], 3 * WIDTHS[1]),
    st.builds(
        lambda width, number, beside: width * number + beside,
        st.sampled_from(WIDTHS),
        st.integers(-40, 40),
        st.integers(-1, 1),
    ),
)
borders = instants | st.sampled_from([BEGINNING, END])


def counted(at: int, runs: list[Run], edges: list[Edge]) -> int:
    """How often an event at this instant is counted."""
    in_runs = sum(run.first <= at // WIDTHS[run.level] < run.end for run in runs)
    return in_runs + sum((-1 if edge.excess else 1) * (edge.since <= at < edge.before) for edge in edges)


@given(st.lists(borders, min_size=2, max_size=2).map(sorted), levels, st.data())
def test_an_instant_counts_once_within_the_span_and_not_outside(
    span: list[int], finest: int, data: st.DataObject
) -> None:
    since, before = span
    runs, edges = cut(since, before, finest)

    beside = st.builds(lambda at, by: at + by, st.sampled_from(span), st.integers(-WIDTHS[1], WIDTHS[1]))
    for at in [since - 1, since, before - 1, before, data.draw(instants), data.draw(beside)]:
        assert counted(at, runs, edges) == (since <= at < before), at


@given(st.lists(borders, min_size=2, max_size=2).map(sorted), levels)
def test_a_span_of_any_length_is_a_few_runs_of_allowed_levels_and_short_edges(span: list[int], finest: int) -> None:
    runs, edges = cut(span[0], span[1], finest)

    assert len(runs) <= 2 * len(WIDTHS) - 1
    assert all(run.level >= finest and run.first < run.end for run in runs)
    assert sum(run.end - run.first for run in runs if run.level < len(WIDTHS) - 1) <= 2 * (7 + 31 + 31)
    assert len(edges) <= 2
    assert sum(edge.before - edge.since for edge in edges) <= WIDTHS[finest]


def test_a_span_from_the_beginning_to_the_end_has_no_edges() -> None:
    assert cut(BEGINNING, END) == ([Run(3, BEGINNING // WIDTHS[3], END // WIDTHS[3])], [])


@given(st.dictionaries(st.tuples(st.integers(0, 2), st.integers(-10_000, 10_000)), st.integers(1, 9)), levels)
def test_wider_buckets_hold_what_the_narrow_ones_within_them_hold(
    narrow: dict[tuple[int, int], int], finest: int
) -> None:
    for level, wide in widened(narrow, finest):
        ratio = WIDTHS[level] // WIDTHS[finest]
        for of, bucket in narrow:
            within = [n for (kind, number), n in narrow.items() if kind == of and number // ratio == bucket // ratio]
            assert wide[of, bucket // ratio] == sum(within)
        assert sum(wide.values()) == sum(narrow.values())
