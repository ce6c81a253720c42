"""How often a credential may ask: so many requests a second, so many a day, over all processes together.

A process takes several requests' worth at a time from what all share (``storage.quotas``), a twentieth of the limit, so
that a request costs a look into its own memory. No more than the limit is ever let in. Where several processes serve,
each may hold back up to a twentieth that it has not used.
"""

import math
import time
from collections.abc import Callable

import msgspec

from footfall.storage.database import Database

_PART = 20
_MOST_REMEMBERED = 10_000

SECOND = 1
MINUTE = 60
DAY = 24 * 3600


class TooOften(Exception):  # noqa: N818
    """More requests than allowed; the next one is welcome in ``retry_after`` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"more requests than allowed; try again in {retry_after} s")
        self.retry_after = retry_after


class _Held(msgspec.Struct):
    """What this process has taken until ``ends_at``, and whether there may be more."""

    ends_at: int
    left: int
    is_spent: bool = False


class RateLimit:
    """Counts requests. For one event loop."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._held: dict[tuple[str, int], _Held] = {}

    async def count(self, name: str, limits: dict[int, int]) -> None:
        """Counts one request of ``name``. Raises TooOften.

        ``limits``: how many there may be in so many seconds, which begin for all at the same moments; 0 is any number.
        """
        for seconds, limit in limits.items():
            if limit:
                await self._count(name, seconds, limit)

    async def _count(self, name: str, seconds: int, limit: int) -> None:
        now = self._clock()
        ends_at = (int(now) // seconds + 1) * seconds
        held = self._held.get((name, seconds))
        if held is None or held.ends_at != ends_at:
            if len(self._held) >= _MOST_REMEMBERED:
                self._held.clear()
            held = self._held[name, seconds] = _Held(ends_at, 0)
        if not held.left and not held.is_spent:
            granted = await self._database.take(f"{name} {seconds}", ends_at, limit, max(1, limit // _PART))
            held.left += granted
            held.is_spent = not granted
        if not held.left:
            raise TooOften(max(1, math.ceil(ends_at - now)))
        held.left -= 1
