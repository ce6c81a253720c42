"""Instants: whole microseconds since 1970-01-01T00:00:00Z, as ``int``.

Every ``occurred_at`` and ``received_at`` of the model is one.  Products that show less cut it; none rounds.
"""

import time
from datetime import UTC, date, datetime, timedelta, tzinfo

SECOND = 1_000_000
MILLISECOND = 1_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR

EARLIEST = -62_135_596_800 * SECOND  # 0001-01-01, the first that a calendar of ours can show
LATEST = 253_402_300_799 * SECOND  # 9999-12-31T23:59:59Z

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UTC_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (without a zone, for texts that show none)
_MICROSECOND = timedelta(microseconds=1)


def now() -> int:
    """The present instant, by the machine's clock."""
    return time.time_ns() // 1000


def from_datetime(moment: datetime) -> int:
    """The instant of an aware ``moment``; exact, unlike ``datetime.timestamp``."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(instant: int, zone: tzinfo = UTC) -> datetime:
    """``instant`` on the clock of ``zone``."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)


def utc_text(instant: int, timespec: str = "auto") -> str:
    """``YYYY-MM-DDTHH:MM:SS``, and ``.ffffff`` unless that is zero, in UTC; ``timespec`` as ``isoformat`` has it."""
    return (_UTC_EPOCH + timedelta(microseconds=instant)).isoformat(timespec=timespec)


def start_of_day(day: date, zone: tzinfo) -> int:
    """The first instant of ``day`` in ``zone``, also where that day does not begin at midnight."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return from_datetime(midnight.astimezone(UTC))


def is_showable(instant: int) -> bool:
    """Whether a four-digit calendar year can show ``instant``."""
    return EARLIEST <= instant <= LATEST
