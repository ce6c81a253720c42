"""``eventDateTime``: the 17 patterns the product accepts, most specific first (contracts/capillary.md 2.6).

Patterns are in Java's notation in the contract. A text without an offset is GMT. Beyond the record, a fraction of a
second may also be followed by an offset, because that is what most languages write.
"""

import re
from datetime import UTC, datetime, timedelta

import msgspec

from footfall.model import instant

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_ZONES = {
    "GMT": 0, "UTC": 0, "UT": 0, "Z": 0, "WET": 0, "BST": 60, "CET": 60, "WEST": 60, "CEST": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "GST": 240, "PKT": 300, "IST": 330, "ICT": 420, "WIB": 420, "SGT": 480, "HKT": 480,
    "PHT": 480, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "EST": -300, "EDT": -240,
    "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
}  # fmt: skip
"""Zone names that ``z`` understands, in minutes east. ``IST`` is India's, ``CST`` America's."""

_LARGEST_OFFSET = 18 * 60
_YEAR_WITHOUT_ONE = 1970
_LONGEST = 64

_DASHED = r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
_SLASHED = r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})"
_DAY_FIRST = r"(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>\d{4})"
_MONTH_FIRST = r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})"
_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d{1,2}):(?P<S>\d{1,2})"
_FRACTION = r"\.(?P<f>\d{1,9})"
_WEEKDAY = "(?:mon|tue|wed|thu|fri|sat|sun)"
_OFFSET = r"(?P<zone>Z|[+-]\d{2}:\d{2})"

_PATTERNS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        rf"{_DASHED}T{_CLOCK}(?:{_FRACTION})?{_OFFSET}",
        rf"{_DASHED}T{_CLOCK}{_FRACTION}",
        rf"{_DASHED}T{_CLOCK}",
        rf"{_DASHED} {_CLOCK}",
        _DASHED,
        rf"{_DAY_FIRST} {_CLOCK}",
        rf"{_MONTH_FIRST} {_CLOCK}",
        rf"{_SLASHED} {_CLOCK}",
        _SLASHED,
        _DAY_FIRST,
        _MONTH_FIRST,
        rf"(?P<y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}}) {_CLOCK}",
        r"(?P<d>\d{1,2})-(?P<name>[a-z]{3})-(?P<short>\d{2})",
        rf"{_WEEKDAY} (?P<name>[a-z]{{3}}) (?P<d>\d{{1,2}}) {_CLOCK} (?P<zone>[a-z0-9:+-]{{1,9}}) (?P<y>\d{{4}})",
        r"(?P<full>[a-z]{3,9}),(?P<d>\d{1,2}),(?P<y>\d{4})",
        r"(?P<full>[a-z]{3,9}),(?P<d>\d{1,2})",
        rf"(?P<y>\d{{4}})-(?P<d>\d{{1,2}})-(?P<m>\d{{1,2}}) {_CLOCK}",
    )
)


class EventTime(msgspec.Struct, frozen=True):
    """An instant, and the offset it was written with in minutes east; None where there was none."""

    occurred_at: int
    utc_offset: int | None = None


def parse(text: str, now: int) -> EventTime | None:
    """The instant that ``text`` spells, by the first pattern that gives one; ``now`` decides two-digit years."""
    stripped = text.strip()
    if len(stripped) > _LONGEST:
        return None
    for pattern in _PATTERNS:
        match = pattern.fullmatch(stripped)
        found = None if match is None else _event_time(match.groupdict(), now)
        if found is not None:
            return found
    return None


def parse_iso8601(text: str, now: int) -> EventTime | None:
    """As ``parse``, and what else ISO 8601 knows: no seconds (``10:15Z``), an offset without a colon (``+0530``)."""
    found = parse(text, now)
    if found is not None or len(text) > _LONGEST:
        return found
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    offset = moment.utcoffset()
    if offset is None:
        return _shown(instant.from_datetime(moment.replace(tzinfo=UTC)), None)
    minutes = offset // timedelta(minutes=1)
    return _shown(instant.from_datetime(moment), minutes) if abs(minutes) <= _LARGEST_OFFSET else None


def offset_text(minutes: int) -> str:
    """``+07:00``."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def _event_time(parts: dict[str, str | None], now: int) -> EventTime | None:
    month = _month(parts)
    zone = parts.get("zone")
    offset = None if zone is None else _offset(zone)
    if month is None or (zone is not None and offset is None):
        return None
    day, hour, minute, second = (int(parts.get(name) or 0) for name in "dHMS")
    try:
        wall = datetime(_year(parts, now), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    fraction = int((parts.get("f") or "").ljust(9, "0")[:6])
    occurred_at = instant.from_datetime(wall) + fraction - (offset or 0) * 60 * instant.SECOND
    return _shown(occurred_at, offset)


def _shown(occurred_at: int, offset: int | None) -> EventTime | None:
    return EventTime(occurred_at, offset) if instant.is_showable(occurred_at) else None


def _month(parts: dict[str, str | None]) -> int | None:
    name, full = parts.get("name"), parts.get("full")
    if name is not None:
        return _MONTHS.index(name.lower()) + 1 if name.lower() in _MONTHS else None
    if full is not None:
        lowered = full.lower()
        names = _FULL_MONTHS if lowered in _FULL_MONTHS else _MONTHS
        return names.index(lowered) + 1 if lowered in names else None
    return int(parts["m"] or 0)


def _year(parts: dict[str, str | None], now: int) -> int:
    if (short := parts.get("short")) is None:
        return int(parts.get("y") or _YEAR_WITHOUT_ONE)
    latest = (instant.to_datetime(now) + timedelta(days=365 * 20)).year  # Java: 80 years back, 20 ahead
    return latest - (latest - int(short)) % 100


def _offset(zone: str) -> int | None:
    named = zone.upper()
    if named in _ZONES:
        return _ZONES[named]
    match = re.fullmatch(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})", named, re.ASCII)
    if match is None:
        return None
    hours, minutes = int(match[2]), int(match[3])
    total = hours * 60 + minutes
    if minutes > 59 or total > _LARGEST_OFFSET:
        return None
    return -total if match[1] == "-" else total
