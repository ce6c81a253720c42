"""The account's clock: instants as the integers yyyyMMddHHmmss (contracts/clevertap.md 2.4)."""

from datetime import UTC, tzinfo

from footfall.model import instant

_DAY_SECONDS = 86_400
_MINUTES = tuple(hour * 10_000 + minute * 100 for hour in range(24) for minute in range(60))
_LAST_OF_DAY = 235_959


class Clock:
    """Shows instants on the clock of one zone; quick for those that come in order.

    The clock is read once per day: on a day that begins at midnight and has 24 hours, the rest is counting. No zone
    ever changed its clock twice within a day, so that such a day has no change in it.
    """

    __slots__ = ("_began", "_day", "_ends", "_zone")

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._began = self._ends = 0  # epoch seconds: of which day _day is
        self._day: int | None = None  # yyyyMMdd000000; None where the day is not an even one

    def digits(self, moment: int) -> int:
        """``ts``: the instant ``moment`` on this clock."""
        seconds = moment // instant.SECOND
        if not self._began <= seconds < self._ends:
            self._turn_to(seconds)
        if self._day is None:
            return local_digits(moment, self._zone)
        minute, second = divmod(seconds - self._began, 60)
        return self._day + _MINUTES[minute] + second

    def _turn_to(self, seconds: int) -> None:
        shown = local_digits(seconds * instant.SECOND, self._zone)
        hours, rest = divmod(shown % 1_000_000, 10_000)
        self._began = seconds - hours * 3600 - rest // 100 * 60 - rest % 100
        self._ends = self._began + _DAY_SECONDS
        day = shown - shown % 1_000_000
        first, last = (local_digits(each * instant.SECOND, self._zone) for each in (self._began, self._ends - 1))
        self._day = day if (first, last) == (day, day + _LAST_OF_DAY) else None


def local_digits(moment: int, zone: tzinfo) -> int:
    """``ts``: the instant ``moment`` on the clock of ``zone``."""
    try:
        at = instant.to_datetime(moment, zone)
    except OverflowError:  # the zone's clock would show year 0 or 10000
        at = instant.to_datetime(min(max(moment, instant.EARLIEST), instant.LATEST), UTC)
    day = (at.year * 100 + at.month) * 100 + at.day
    return ((day * 100 + at.hour) * 100 + at.minute) * 100 + at.second
