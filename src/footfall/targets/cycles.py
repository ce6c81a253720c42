"""Cycles of each customer's own: where they begin, how long they are, which one an instant lies in.

CYCLIC_WINDOW: lengths in units of 24 hours from the instant at which the first began. CALENDAR_CYCLIC_WINDOW: whole
days of the group's zone, from the day on which it began, in the calendar's months and years. PERIOD_AGNOSTIC_WINDOW:
one is open until its goal is reached, however long that takes.
"""

from calendar import monthrange
from datetime import date
from zoneinfo import ZoneInfo

from footfall.model import instant
from footfall.model.counting import CountingRule, Cycle
from footfall.model.target import OPEN_END, Enrolment, EvaluationType, FrequencyType

_DAYS: dict[FrequencyType, int] = {
    "DAILY": 1,
    "WEEKLY": 7,
    "MONTHLY": 30,
    "QUARTERLY": 90,
    "HALF_YEARLY": 180,
    "YEARLY": 365,
    "CUSTOM": 1,
}
_MONTHS: dict[FrequencyType, int] = {"MONTHLY": 1, "QUARTERLY": 3, "HALF_YEARLY": 6, "YEARLY": 12}
_EARLIEST = instant.EARLIEST + 2 * instant.DAY  # the calendar of every zone can show them
_LATEST = instant.LATEST - 2 * instant.DAY
_LAST = date(9000, 1, 1)  # no cycle begins later


def window(
    evaluation: EvaluationType, frequency_type: FrequencyType, frequency: int, zone: ZoneInfo, anchor: int, number: int
) -> tuple[int, int]:
    """``[start, end)`` of the cycle ``number``, from 0, of a customer whose first began at ``anchor``."""
    if evaluation == "PERIOD_AGNOSTIC_WINDOW":
        return anchor, OPEN_END
    if evaluation == "CYCLIC_WINDOW":
        length = _DAYS[frequency_type] * frequency * instant.DAY
        return anchor + number * length, anchor + (number + 1) * length
    first = instant.to_datetime(min(max(anchor, _EARLIEST), _LATEST), zone).date()
    starts, ends = (_after(first, frequency_type, frequency * step) for step in (number, number + 1))
    return instant.start_of_day(starts, zone), instant.start_of_day(ends, zone)


def own_cycle(rule: CountingRule, enrolment: Enrolment, moment: int) -> Cycle | None:
    """The customer's cycle that ``moment`` lies in, of those from the one he was enrolled in."""
    assert enrolment.anchor is not None
    own = cycles_from(rule, enrolment.period)
    if rule.evaluation_type == "PERIOD_AGNOSTIC_WINDOW":
        return own[enrolment.cycle - 1] if enrolment.cycle <= len(own) else None
    zone = ZoneInfo(rule.counted.timezone)
    for number, cycle in enumerate(own):
        start, end = window(rule.evaluation_type, rule.frequency_type, rule.frequency, zone, enrolment.anchor, number)
        if moment < start:
            return None
        if moment < end:
            return Cycle(cycle.period, start, end, cycle.goal)
    return None


def cycles_from(rule: CountingRule, period: int) -> tuple[Cycle, ...]:
    """The cycles of a rule, by number, from that of ``period`` on."""
    in_order = sorted(rule.cycles, key=lambda cycle: cycle.period)
    return tuple(cycle for cycle in in_order if cycle.period >= period)


def _after(first: date, frequency_type: FrequencyType, steps: int) -> date:
    """``first`` and so many units later; a month's last day where it has no such day."""
    months = _MONTHS.get(frequency_type)
    if months is None:
        return date.fromordinal(min(first.toordinal() + _DAYS[frequency_type] * steps, _LAST.toordinal()))
    year, month = divmod(first.year * 12 + first.month - 1 + months * steps, 12)
    if year >= _LAST.year:
        return _LAST
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
