"""Periods and the clock: days become instants, and an instant finds its period without a search through all."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from footfall.model import instant
from footfall.model.target import Cycle, TargetPeriod

PeriodStatus = Literal["RUNNING", "NOT_STARTED", "ENDED"]


def bounds(first_day: date, last_day: date, zone: ZoneInfo) -> tuple[int, int]:
    """The instants ``[start, end)`` of the days from ``first_day`` to ``last_day``, both included, in ``zone``."""
    return instant.start_of_day(first_day, zone), instant.start_of_day(last_day + timedelta(days=1), zone)


def status(period: TargetPeriod, now: int) -> PeriodStatus:
    """Whether the period has begun, and ended, at ``now``."""
    if now < period.starts_at:
        return "NOT_STARTED"
    return "RUNNING" if now < period.ends_at else "ENDED"


def overlapping(spans: Iterable[tuple[int, int]]) -> bool:
    """Whether any two of ``[start, end)`` share an instant."""
    in_order = sorted(spans)
    return any(start < end for (_, end), (start, _) in pairwise(in_order))


def current(periods: Sequence[TargetPeriod], now: int) -> TargetPeriod | None:
    """The active period that is running at ``now``."""
    return next((period for period in periods if period.active and period.starts_at <= now < period.ends_at), None)


def cycle_at(cycles: Sequence[Cycle], moment: int) -> Cycle | None:
    """The cycle that ``moment`` lies in; ``cycles`` are by their start and do not overlap."""
    index = bisect_right(cycles, moment, key=lambda cycle: cycle.starts_at) - 1
    return cycles[index] if index >= 0 and moment < cycles[index].ends_at else None
