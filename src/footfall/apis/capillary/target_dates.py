"""Days of target groups as posted: ISO 8601, with or without a time that is a day's boundary."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from footfall.apis.capillary.target_failures import invalid

_YEARS = range(1900, 9999)  # shown with four digits in every zone
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})?(?P<offset>Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_MIDNIGHT = frozenset({None, "00:00", "00:00:00"})
_END_OF_DAY = _MIDNIGHT | {"23:59", "23:59:59"}


def first_day(text: str, zone: ZoneInfo) -> date:
    """The day that a ``startDate`` names. Raises CapillaryError."""
    return _day(text, "startDate", zone, _MIDNIGHT)


def last_day(text: str, zone: ZoneInfo) -> date:
    """The day that an ``endDate`` names. Raises CapillaryError."""
    return _day(text, "endDate", zone, _END_OF_DAY)


def zone_named(name: str) -> ZoneInfo:
    """An IANA zone. Raises CapillaryError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(f"timeZoneName {name!r} is not an IANA time zone") from None


def written_day(text: str, member: str) -> date:
    """The day as it stands in ``text``, whatever time follows. Raises CapillaryError."""
    match = _MOMENT.fullmatch(text.strip())
    try:
        day = None if match is None else date.fromisoformat(match["day"])
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise invalid(f"{member} {text!r} is not an ISO 8601 date")
    return day


def any_day(text: str, member: str, zone: ZoneInfo) -> date:
    """The day that ``text`` names, whatever time follows; in ``zone`` where only there it is a boundary."""
    return _bounded_day(text, member, zone, _END_OF_DAY) or written_day(text, member)


def _day(text: str, member: str, zone: ZoneInfo, boundary: frozenset[str | None]) -> date:
    day = _bounded_day(text, member, zone, boundary)
    if day is None:
        raise invalid(f"{member} {text!r} is not the boundary of a day; periods are whole days")
    return day


def _bounded_day(text: str, member: str, zone: ZoneInfo, boundary: frozenset[str | None]) -> date | None:
    """The day whose boundary ``text`` names: as written, or in ``zone`` where only there it is one; else None."""
    match = _MOMENT.fullmatch(text.strip())
    day = written_day(text, member)
    if match is None or match["clock"] in boundary:
        return day
    offset = match["offset"]
    if offset is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{match['clock']}{offset}").astimezone(zone)
    except (ValueError, OverflowError):
        raise invalid(f"{member} {text!r} is not an ISO 8601 date") from None
    return moment.date() if f"{moment:%H:%M:%S}" in boundary else None
