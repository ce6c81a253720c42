"""Streaks: how many periods in a row, or in all, a customer has achieved. Pure, and worked out from progress alone.

A period is achieved where its value stands at the goal or above, so that returns can undo it, and the order in which
events came plays no part (contracts/capillary.md 5.7).
"""

from collections.abc import Sequence

import msgspec

from footfall.model.target import StreakLevel, StreakStatus


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One period as a streak sees it, in order of time. ``achieved_at``: of the event that reached the goal."""

    progress: int | None  # id
    is_achieved: bool
    achieved_at: int | None
    has_ended: bool


class Streak(msgspec.Struct, frozen=True, kw_only=True):
    """How a customer stands in one level.

    ``progress`` is the user target with which he achieved it, ``achieved_at`` the time of the event that did.
    """

    level: StreakLevel
    status: StreakStatus
    count: int
    progress: int | None
    achieved_at: int | None


def streaks(steps: Sequence[Step], levels: Sequence[StreakLevel], *, continuous: bool) -> list[Streak]:
    """Where the customer stands in each of the levels.

    A period that has ended without its goal resets a continuous run: levels not achieved by then are DROPPED until the
    next period is achieved. What is achieved stays achieved.
    """
    count, dropped = 0, False
    reached: dict[int, Step] = {}
    for step in steps:
        if step.is_achieved:
            count, dropped = count + 1, False
            reached.setdefault(count, step)
        elif step.has_ended and continuous:
            count, dropped = 0, True
    return [_streak(level, count, reached.get(level.length), dropped=dropped) for level in levels]


def _streak(level: StreakLevel, count: int, by: Step | None, *, dropped: bool) -> Streak:
    return Streak(
        level=level,
        status="ACHIEVED" if by is not None else "DROPPED" if dropped else "INPROGRESS",
        count=count,
        progress=None if by is None else by.progress,
        achieved_at=None if by is None else by.achieved_at,
    )
