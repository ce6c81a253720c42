"""Quotas: how much of something may be used until a moment, by all processes on one database together.

What is taken is gone until then, also when the process that took it dies. Whoever uses much takes several units at a
time, and need not ask for each.
"""

import hashlib
from typing import Protocol

_KEY_BYTES = 7


class Quotas(Protocol):
    """One process's hand in the quotas. For any thread."""

    def take(self, key: int, ends_at: int, limit: int, wanted: int) -> int:
        """How many of ``wanted`` units were left of the ``limit`` until ``ends_at`` (seconds since 1970); now taken.

        Raises DatabaseUnavailable.
        """

    def close(self) -> None:
        """Lets go of what it holds open."""


def key_of(name: str) -> int:
    """The key of the quota called ``name``: 56 bits, never zero."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=_KEY_BYTES).digest()) or 1
