"""Times on the wire: parsed as leniently as the product parses, shown as it shows (contracts/rapidly.md 0, 11)."""

import math
import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone
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
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_FRACTION = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
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
    seconds = _seconds(value)
    fault = _too_far(seconds)
    return _wrong(fault) if fault else _showable(round(seconds * instant.SECOND))


def show(moment: int) -> str:
    """``moment`` in UTC with ``Z``: six digits of fraction, or none when it is zero."""
    return f"{instant.utc_text(moment)}Z"


def _parse_text(value: str) -> int | Problem:
    if _USUAL.fullmatch(value):
        with suppress(ValueError):  # no such day: told below
            return instant.from_datetime(datetime.fromisoformat(value))
    match = _DATE_AND_TIME.fullmatch(value)
    if match is not None and date_fault(value[:10].encode()) is None:
        return _from_parts(match, value)
    from_number = _parse_number(value)
    if from_number is not None:
        return from_number
    try:
        raw = value.encode()
    except UnicodeEncodeError:
        return STRING_UNICODE
    fault = date_fault(raw)
    if fault is None:
        return _NAIVE  # a date alone is taken for its midnight, nobody knows where
    return _no_date(fault)


def _parse_number(value: str) -> int | Problem | None:
    if _FRACTION.fullmatch(value):
        seconds = _seconds(float(value))
        if not _too_far(seconds):
            return _showable(round(seconds * instant.SECOND))
    elif _WHOLE.fullmatch(value) and abs(int(value)) < _LARGEST_WHOLE:
        seconds = _seconds(int(value))
        fault = _too_far(seconds)
        return _no_date(fault) if fault else _showable(round(seconds * instant.SECOND))
    return None


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


def _seconds(number: float) -> Decimal:
    exact = Decimal(str(number))
    return exact / 1000 if abs(exact) > _MOST_SECONDS else exact


def _too_far(seconds: Decimal) -> str | None:
    if _FIRST_SECOND <= seconds < _LAST_SECOND + 1:
        return None
    return f"dates {'after 9999' if seconds > 0 else 'before 0000'} are not supported as unix timestamps"


def _showable(moment: int) -> int | Problem:
    return moment if moment >= instant.EARLIEST else _wrong("year 0 is out of range")


def date_fault(raw: bytes) -> str | None:  # noqa: PLR0911  (one line per rule)
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


def _no_date(fault: str) -> Problem:
    return Problem("datetime_from_date_parsing", f"Input should be a valid datetime or date, {fault}", {"error": fault})


def _wrong(fault: str) -> Problem:
    return Problem("datetime_parsing", f"Input should be a valid datetime, {fault}", {"error": fault})
