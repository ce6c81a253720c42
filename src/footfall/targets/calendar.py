"""Periods and the clock: days become instants, and an instant finds its period without a search through all."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from footfall.model import instant
from footfall.model.counting import Cycle
from footfall.model.target import TargetPeriod

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


def day_number(moment: int, timezone: str) -> int:
    """The day that ``moment`` lies in, on the clocks of ``timezone``, in days since 1970-01-01."""
    if _ROUND_SINCE <= moment < _ROUND_UNTIL:
        return _day_at(moment - moment % _QUARTER, timezone)
    return _day(moment, timezone)


_QUARTER = 15 * 60 * instant.SECOND
_ROUND_SINCE = 3 * 365 * instant.DAY  # since then the offsets of all zones are whole quarters of an hour
_ROUND_UNTIL = instant.LATEST - 2 * instant.DAY
_EPOCH = date(1970, 1, 1).toordinal()


def _day(moment: int, timezone: str) -> int:
    try:
        return instant.to_datetime(moment, ZoneInfo(timezone)).toordinal() - _EPOCH
    except OverflowError:  # before the calendar's first day there, or after its last
        return moment // instant.DAY


_day_at = lru_cache(maxsize=65_536)(_day)
