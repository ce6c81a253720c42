"""Spans of days cut into periods (contracts/rapidly.md 2.5). Pure."""

from datetime import date, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from footfall.model import instant

Interval = Literal["year", "month", "week", "day", "hour"]
INTERVALS: tuple[Interval, ...] = get_args(Interval)

_MOST_DAYS: dict[Interval, int] = {"hour": 7, "day": 366, "week": 371, "month": 1460, "year": 3650}


class Periods(msgspec.Struct, frozen=True):
    """``starts``: the first instants of the periods; ``since`` and ``before`` the ends of the whole span."""

    starts: list[int]
    since: int
    before: int

    def index_of(self, moment: int) -> int:
        """Which period ``moment``, within the span, is in."""
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= moment else (low, middle)
        return low


def is_too_long(first: date, last: date, interval: Interval) -> bool:
    """Whether there would be too many periods."""
    return (last - first).days > _MOST_DAYS[interval]


def cut(first: date, last: date, interval: Interval, zone: ZoneInfo) -> Periods:
    """The periods of the days from ``first`` to ``last``, both included; the first one may begin before them."""
    since = instant.start_of_day(first, zone)
    before = instant.start_of_day(last + timedelta(days=1), zone)
    if first > last:
        return Periods([], since, since)
    if interval == "hour":
        return Periods(list(range(since, before, instant.HOUR)), since, before)
    starts = []
    day = _begin(first, interval)
    while day <= last:
        starts.append(instant.start_of_day(day, zone))
        day = _following(day, interval)
    return Periods(starts, since, before)


def _begin(day: date, interval: Interval) -> date:
    match interval:
        case "year":
            return day.replace(month=1, day=1)
        case "month":
            return day.replace(day=1)
        case "week":
            monday = day.toordinal() - day.weekday()
            return date.fromordinal(max(1, monday))
        case _:
            return day


def _following(day: date, interval: Interval) -> date:
    match interval:
        case "year":
            return day.replace(year=day.year + 1)
        case "month":
            return day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
        case "week":
            return day + timedelta(days=7)
        case _:
            return day + timedelta(days=1)
