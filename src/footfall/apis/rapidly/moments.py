"""Times on the wire: parsed as leniently as the product parses, shown as it shows (contracts/rapidly.md 0, 11)."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from footfall.apis.rapidly.faults import STRING_UNICODE, Problem
from footfall.model import instant

_TYPE = Problem("datetime_type", "Input should be a valid datetime")
_NAIVE = Problem("timezone_aware", "Input should have timezone info")
_DATE_AND_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt _]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)?"
    r"(?:[Zz]|([+\-\u2212])([01]\d|2[0-3]):?([0-5]\d))?",
    re.ASCII,
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MOST_SECONDS = 20_000_000_000  # a larger number counts milliseconds
_LAST_SECOND = 253_402_300_799
_FIRST_SECOND = -62_167_219_200
_LARGEST_WHOLE = 2**63


def parse(value: object) -> int | Problem:
    """The instant that ``value`` names: ISO 8601 with an offset, or a number of seconds or milliseconds."""
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _TYPE
    if isinstance(value, float) and math.isnan(value):
        return _wrong("NaN values not permitted")
    if isinstance(value, float) and math.isinf(value):
        return _out_of_range(late=value > 0)
    return _from_number(Decimal(value) if isinstance(value, int) else Decimal(str(value)))


def show(moment: int) -> str:
    """``moment`` in UTC with ``Z``: six digits of fraction, or none when it is zero."""
    return instant.to_datetime(moment, UTC).replace(tzinfo=None).isoformat() + "Z"


def _parse_text(value: str) -> int | Problem:
    match = _DATE_AND_TIME.fullmatch(value)
    if match is not None and _date_fault(value[:10].encode()) is None:
        return _from_parts(match, value)
    if _NUMBER.fullmatch(value) and abs(exact := Decimal(value)) < _LARGEST_WHOLE:
        return _from_number(exact)
    try:
        raw = value.encode()
    except UnicodeEncodeError:
        return STRING_UNICODE
    fault = _date_fault(raw)
    if fault is None:
        return _NAIVE  # a date alone is taken for its midnight, nobody knows where
    return Problem("datetime_from_date_parsing", f"Input should be a valid datetime or date, {fault}", {"error": fault})


def _from_parts(match: re.Match[str], value: str) -> int | Problem:
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = match.groups()
    if year == "0000":
        return _wrong("year 0 is out of range")
    if sign is None and value[-1] not in "Zz":
        return _NAIVE
    offset = timedelta(0) if sign is None else timedelta(hours=int(hours), minutes=int(minutes))
    moment = datetime(
        int(year),
        int(month),
        int(day),
        int(hour),
        int(minute),
        int(second or 0),
        int((fraction or "")[:6].ljust(6, "0")),
        tzinfo=timezone(offset if sign == "+" else -offset),
    )
    return _showable(instant.from_datetime(moment))


def _from_number(number: Decimal) -> int | Problem:
    seconds = number / 1000 if abs(number) > _MOST_SECONDS else number
    if seconds >= _LAST_SECOND + 1 or seconds < _FIRST_SECOND:
        return _out_of_range(late=seconds > 0)
    return _showable(round(seconds * instant.SECOND))


def _showable(moment: int) -> int | Problem:
    return moment if moment >= instant.EARLIEST else _wrong("year 0 is out of range")


def _date_fault(raw: bytes) -> str | None:  # noqa: PLR0911  (one line per rule)
    """What pydantic's parser says of a text that is no date; None for one that is."""
    if len(raw) < 10:
        return "input is too short"
    for start, end, name in ((0, 4, "year"), (5, 7, "month"), (8, 10, "day")):
        if start and raw[start - 1 : start] != b"-":
            return "invalid date separator, expected `-`"
        if not raw[start:end].isdigit():
            return f"invalid character in {name}"
    year, month, day = int(raw[:4]), int(raw[5:7]), int(raw[8:10])
    if not 1 <= month <= 12:
        return "month value is outside expected range of 1-12"
    is_short_february = month == 2 and (year % 4 != 0 or (year % 100 == 0 and year % 400 != 0))
    if not 1 <= day <= (28 if is_short_february else _DAYS[month - 1]):
        return "day value is outside expected range"
    if len(raw) > 10 and not _DATE_AND_TIME.fullmatch(raw.decode()):
        return "unexpected extra characters at the end of the input"
    return None


def _out_of_range(*, late: bool) -> Problem:
    bound = "after 9999" if late else "before 0000"
    return _wrong(f"dates {bound} are not supported as unix timestamps")


def _wrong(fault: str) -> Problem:
    return Problem("datetime_parsing", f"Input should be a valid datetime, {fault}", {"error": fault})
