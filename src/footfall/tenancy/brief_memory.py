"""What a process remembers for a second: credentials and what hangs from them.

Whatever is changed in the store therefore takes effect within a second in every process. The memory is emptied as a
whole: to look at each entry's age would cost the requests more than to look a few things up again.
"""

import time
from typing import Any

_SECONDS_TO_TRUST = 1.0
_MOST_REMEMBERED = 10_000
_LONGEST_REMEMBERED = 1_024

Key = tuple[str | bytes | int | None, ...]


class BriefMemory:
    """Values by key. For one event loop."""

    def __init__(self) -> None:
        self._known: dict[Key, Any] = {}
        self._forget_at = 0.0

    @property
    def age(self) -> float:
        """When it is emptied next: to be noted before a value is read from the store."""
        return self._forget_at

    def recall(self, key: Key) -> Any:
        """The value; None when it is not known, or was learnt before this second."""
        now = time.monotonic()
        if now >= self._forget_at:
            self._known.clear()
            self._forget_at = now + _SECONDS_TO_TRUST
            return None
        return self._known.get(key)

    def forget(self) -> None:
        """Empties it now: what was changed in this process takes effect at once."""
        self._forget_at = 0.0

    def remember(self, key: Key, value: object, age: float) -> None:
        """Keeps a value that was read after ``age`` was noted.

        If the memory was emptied meanwhile, it was read too long ago to be trusted until it is again.
        """
        if age != self._forget_at or _size(key) > _LONGEST_REMEMBERED:
            return
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = value


def _size(key: Key) -> int:
    return sum(len(part) for part in key if isinstance(part, str | bytes))
