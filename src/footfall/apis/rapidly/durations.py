"""Durations on the wire: ISO 8601, clock-like, or a number of seconds (contracts/rapidly.md 1.5)."""

import re
from decimal import Decimal

from footfall.apis.rapidly import scalars
from footfall.apis.rapidly.faults import Problem
from footfall.model import instant

_TYPE = Problem("time_delta_type", "Input should be a valid timedelta")
_ISO = re.compile(
    r"([+-])?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,9}))?S)?)?",
    re.ASCII,
)
_CLOCK = re.compile(r"([+-])?(?:(\d+) ?(?:d|day|days),? ?)?(?:(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_DAYS = (365, 30, 7, 1)  # of a year, a month, a week, a day
_LONGEST_DAYS = 999_999_999


def parse(value: object) -> int | Problem:
    """The microseconds that ``value`` lasts."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return _TYPE
    if isinstance(value, str):
        if isinstance(scalars.text(value), Problem):
            return _wrong("invalid character in hour")
        lasting = _of_text(value.strip())
    else:
        lasting = _seconds(str(value)) if value == value and abs(value) != float("inf") else None  # noqa: PLR0124
    if lasting is None:
        return _wrong("input is too short" if value == "" else "invalid digit in duration")
    if abs(lasting) > _LONGEST_DAYS * instant.DAY:
        return _wrong("durations may not exceed 999,999,999 days")
    return lasting


def _of_text(text: str) -> int | None:
    if _NUMBER.fullmatch(text):
        return _seconds(text)
    iso = _ISO.fullmatch(text)
    if iso is not None and any(part is not None for part in iso.groups()[1:]):
        sign, *numbers, fraction = iso.groups()
        days = sum(int(number or 0) * days for number, days in zip(numbers[:4], _DAYS, strict=True))
        hours, minutes, seconds = (int(number or 0) for number in numbers[4:])
        return _total(sign, days, hours * 3600 + minutes * 60 + seconds, fraction)
    clock = _CLOCK.fullmatch(text)
    if clock is None or not text.strip("+-"):
        return None
    sign, whole, hours_text, minutes_text, seconds_text, fraction = clock.groups()
    of_day = int(hours_text or 0) * 3600 + int(minutes_text or 0) * 60 + int(seconds_text or 0)
    return _total(sign, int(whole or 0), of_day, fraction)


def _total(sign: str | None, days: int, seconds: int, fraction: str | None) -> int:
    lasting = days * instant.DAY + seconds * instant.SECOND + int((fraction or "")[:6].ljust(6, "0"))
    return -lasting if sign == "-" else lasting


def _seconds(text: str) -> int:
    return int(Decimal(text) * instant.SECOND)


def _wrong(fault: str) -> Problem:
    return Problem("time_delta_parsing", f"Input should be a valid timedelta, {fault}", {"error": fault})
