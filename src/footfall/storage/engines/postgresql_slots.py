"""Slots on a server: each place is an advisory lock of the one session that a process keeps for them.

When the session is lost, so are its places; the next one takes again those whose requests are still under way, unless
somebody was faster: for so long there may be more requests than places.
"""

import threading

import psycopg

from footfall.storage.engines.postgresql_link import Link
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.slots import MOST_PLACES, Place, free_places

_FIRST_BYTE = 0x53 << 56  # keeps the locks' keys apart from those of migration v0001
# Only of places that the session does not hold: those it would be given again.
_TAKE = "SELECT number FROM unnest(%s::bigint[]) AS number WHERE pg_try_advisory_lock(%s::bigint + number) LIMIT 1"
_TAKE_AGAIN = "SELECT pg_try_advisory_lock(key) FROM unnest(%s::bigint[]) AS key"
_GIVE_BACK = "SELECT pg_advisory_unlock(%s::bigint)"


class PostgresqlSlots:
    """See ``storage.slots``."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._driver: psycopg.Connection | None = None
        self._held: set[Place] = set()
        self._lock = threading.Lock()

    def take(self, key: int, limit: int) -> Place | None:
        """See ``Slots``."""
        with self._lock:
            free = free_places(self._held, key, limit)
            if not free:
                return None
            try:
                number = self._first_free(key, free)
            except psycopg.Error as error:
                self._drop()
                raise DatabaseUnavailable(str(error).strip().split("\n", 1)[0]) from error
            if number is None:
                return None
            self._held.add((key, number))
            return key, number

    def give_back(self, place: Place) -> None:
        """See ``Slots``."""
        with self._lock:
            self._held.discard(place)
            if self._driver is not None:
                try:
                    self._driver.execute(_GIVE_BACK.encode(), (_lock_of(*place),))
                except psycopg.Error:
                    self._drop()

    def close(self) -> None:
        """See ``Slots``."""
        with self._lock:
            self._held.clear()
            self._drop()

    def _first_free(self, key: int, numbers: list[int]) -> int | None:
        parameters = (numbers, _lock_of(key, 0))
        if self._driver is not None:
            try:
                return _number(self._driver, parameters)
            except psycopg.OperationalError:
                self._drop()
        self._driver = self._link.connect()
        self._driver.execute(_TAKE_AGAIN.encode(), ([_lock_of(*place) for place in self._held],))
        return _number(self._driver, parameters)

    def _drop(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None


def _lock_of(key: int, number: int) -> int:
    return _FIRST_BYTE | key * MOST_PLACES + number


def _number(driver: psycopg.Connection, parameters: tuple[list[int], int]) -> int | None:
    found = driver.execute(_TAKE.encode(), parameters).fetchone()
    return None if found is None else int(found[0])
