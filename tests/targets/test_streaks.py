"""Streaks against a plain reading of the rule."""

from hypothesis import given
from hypothesis import strategies as st

from footfall.model.target import StreakLevel
from footfall.targets.streaks import Step, streaks

LEVELS = [
    StreakLevel(id=length, group=1, name=f"{length}", length=length, created_at=0, modified_at=0)
    for length in (1, 2, 3)
]


def run(pattern: str, *, continuous: bool = True) -> list[tuple[str, int, int | None]]:
    """``x`` achieved, ``-`` missed, ``.`` not over yet; (status, count, number of the period that achieved it)."""
    steps = [
        Step(progress=i, is_achieved=one == "x", achieved_at=i * 10 if one == "x" else None, has_ended=one != ".")
        for i, one in enumerate(pattern, 1)
    ]
    found = streaks(steps, LEVELS, continuous=continuous)
    assert all(one.achieved_at == (None if one.progress is None else one.progress * 10) for one in found)
    return [(one.status, one.count, one.progress) for one in found]


def test_each_achieved_period_in_a_row_adds_one() -> None:
    assert run("xx..") == [("ACHIEVED", 2, 1), ("ACHIEVED", 2, 2), ("INPROGRESS", 2, None)]


def test_a_missed_period_drops_the_run_and_the_next_one_begins_anew() -> None:
    assert run("xx-.") == [("ACHIEVED", 0, 1), ("ACHIEVED", 0, 2), ("DROPPED", 0, None)]
    assert run("xx-x.") == [("ACHIEVED", 1, 1), ("ACHIEVED", 1, 2), ("INPROGRESS", 1, None)]


def test_a_period_that_is_not_over_misses_nothing() -> None:
    assert run("x.") == [("ACHIEVED", 1, 1), ("INPROGRESS", 1, None), ("INPROGRESS", 1, None)]
    assert run("..") == [("INPROGRESS", 0, None)] * 3


def test_without_continuity_any_achieved_periods_count() -> None:
    assert run("x-x-x-", continuous=False) == [("ACHIEVED", 3, 1), ("ACHIEVED", 3, 3), ("ACHIEVED", 3, 5)]


@given(st.text("x-.", max_size=12))
def test_a_level_is_achieved_where_there_is_a_run_of_its_length(pattern: str) -> None:
    runs = [len(own) for own in pattern.replace(".", "").split("-")] if "." not in pattern.rstrip(".") else None

    if runs is not None:
        for level, (status, count, _) in zip(LEVELS, run(pattern), strict=True):
            assert (status == "ACHIEVED") is (max(runs) >= level.length)
            assert count == runs[-1]
