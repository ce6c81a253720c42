"""Times of a file's rows, as instants.

A local time that a zone's clocks show twice (the hour that is put back) is the first of the two; one that they
never show (the hour that is skipped) is read on the clock as it went before, so 01:30 on London's spring Sunday
is 02:30 summer time.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from footfall.importing.mapping import TimeMapping
from footfall.model import instant

Moment = tuple[int, int | None]
"""The instant, and the offset from UTC in minutes where one is known."""

_REMEMBERED = 8192  # rows of a file often share their minute
_FIELDS = {
    "%Y": r"(?P<Y>\d{4})",
    "%m": r"(?P<m>\d{1,2})",
    "%d": r"(?P<d>\d{1,2})",
    "%H": r"(?P<H>\d{1,2})",
    "%M": r"(?P<M>\d{1,2})",
    "%S": r"(?P<S>\d{1,2})",
    "%f": r"(?P<f>\d{1,6})",
}
_DIRECTIVE = re.compile(r"%.", re.DOTALL)


def reader(mapping: TimeMapping) -> Callable[[str], Moment]:
    """A function from text to its moment; it raises ValueError for a text that is none."""
    zone = None if mapping.zone is None else ZoneInfo(mapping.zone)
    match mapping.format:
        case "epoch_s":
            return lambda text: (_epoch(text, instant.SECOND), None)
        case "epoch_ms":
            return lambda text: (_epoch(text, instant.MILLISECOND), None)
        case "iso":
            local = datetime.fromisoformat
        case pattern:
            local = _parser(pattern)

    @lru_cache(maxsize=_REMEMBERED)
    def read(text: str) -> Moment:
        try:
            return _moment(local(text), zone)
        except OverflowError:
            raise ValueError("out of the calendar") from None

    return read


def _moment(read: datetime, zone: ZoneInfo | None) -> Moment:
    aware = read
    if read.tzinfo is None:
        if zone is None:
            raise ValueError("has no offset, and the mapping names no zone")
        aware = read.replace(tzinfo=zone)
    occurred_at = _checked(instant.from_datetime(aware))
    # In a skipped hour the clock shows another offset than the one the time was read with.
    shown = aware if read.tzinfo is not None else aware.astimezone(UTC).astimezone(zone)
    offset = shown.utcoffset()
    return occurred_at, None if offset is None else int(offset.total_seconds()) // 60


def _epoch(text: str, unit: int) -> int:
    try:
        exact = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not exact.is_finite() or exact.adjusted() > 18:
        raise ValueError("out of the calendar")
    return _checked(int(exact * unit))


def _checked(moment: int) -> int:
    if not instant.is_showable(moment):
        raise ValueError("out of the calendar")
    return moment


def _parser(pattern: str) -> Callable[[str], datetime]:
    """As ``datetime.strptime``, several times as fast for the formats that consist of plain numbers."""
    directives = _DIRECTIVE.findall(pattern)
    if not {"%Y", "%m", "%d"} <= set(directives) <= _FIELDS.keys() or len(set(directives)) < len(directives):
        return lambda text: datetime.strptime(text, pattern)  # noqa: DTZ007  (the caller adds the zone)
    literals = _DIRECTIVE.split(pattern)
    text = "".join(
        re.escape(literal) + _FIELDS.get(field, "") for literal, field in zip(literals, [*directives, ""], strict=True)
    )
    matcher = re.compile(text, re.ASCII)

    def parse(given: str) -> datetime:
        found = matcher.fullmatch(given)
        if found is None:
            raise ValueError(f"does not have the form {pattern}")
        part = found.groupdict()
        return datetime(  # noqa: DTZ001  (the caller adds the zone)
            int(part["Y"]),
            int(part["m"]),
            int(part["d"]),
            int(part.get("H") or 0),
            int(part.get("M") or 0),
            int(part.get("S") or 0),
            int((part.get("f") or "0").ljust(6, "0")),
        )

    return parse
