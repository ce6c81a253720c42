"""How many requests of one account may be under way at once (contracts/clevertap.md 1.5); counted per process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from footfall.apis.clevertap.errors import TooManyConcurrentRequests


class Gate:
    """Counts requests under way by account. For one event loop."""

    def __init__(self) -> None:
        self._under_way: Counter[int] = Counter()

    @contextmanager
    def enter(self, account: int, limit: int) -> Iterator[None]:
        """Holds one of ``limit`` places (0: there is no limit). Raises TooManyConcurrentRequests."""
        if limit and self._under_way[account] >= limit:
            raise TooManyConcurrentRequests
        self._under_way[account] += 1
        try:
            yield
        finally:
            self._under_way[account] -= 1
            if not self._under_way[account]:
                del self._under_way[account]


READS = Gate()
UPLOADS = Gate()
