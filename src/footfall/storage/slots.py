"""Slots: named groups of a few places, each held by at most one request of all processes on one database.

A process that dies gives its places back by dying, because what holds them (a lock on a file, a session of the
server) ends with it.
"""

import hashlib
from typing import Protocol

Place = tuple[int, int]
"""A held place: the group's key, and the place's number in it."""

MOST_PLACES = 1 << 16
_KEY_BYTES = 5


class Slots(Protocol):
    """One process's hand in the groups. For any thread."""

    def take(self, key: int, limit: int) -> Place | None:
        """One of the group's first ``limit`` places, or None when all are held. Raises DatabaseUnavailable."""

    def give_back(self, place: Place) -> None:
        """Lets go of it. Never raises: a store that cannot be reached has let go by itself."""

    def close(self) -> None:
        """Lets go of all."""


def key_of(name: str) -> int:
    """The key of the group called ``name``: 40 bits."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=_KEY_BYTES).digest())


def free_places(held: set[Place], key: int, limit: int) -> list[int]:
    """The numbers of the group's places that are not in ``held``; none when ``held`` has all that it may."""
    taken = {number for group, number in held if group == key}
    if len(taken) >= limit:
        return []
    return [number for number in range(min(limit, MOST_PLACES)) if number not in taken]
