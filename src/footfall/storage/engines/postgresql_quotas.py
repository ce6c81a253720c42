"""Quotas on a server: one row for each key and moment, in a table that is not logged."""

import threading
import time

import psycopg

from footfall.storage.engines.postgresql_link import Link
from footfall.storage.failures import DatabaseUnavailable

_TAKE = """
    INSERT INTO quotas_used AS quota (key, ends_at, used) VALUES (%(key)s, %(ends_at)s, %(wanted)s)
    ON CONFLICT (key, ends_at) DO UPDATE SET used = quota.used + excluded.used RETURNING used
"""
_FORGET = "DELETE FROM quotas_used WHERE ends_at < %s"
_FORGET_EVERY = 256  # times


class PostgresqlQuotas:
    """See ``storage.quotas``."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._driver: psycopg.Connection | None = None
        self._lock = threading.Lock()
        self._count = 0

    def take(self, key: int, ends_at: int, limit: int, wanted: int) -> int:
        """See ``Quotas``."""
        with self._lock:
            try:
                used = self._used({"key": key, "ends_at": ends_at, "wanted": wanted})
            except psycopg.Error as error:
                self._drop()
                raise DatabaseUnavailable(str(error).strip().split("\n", 1)[0]) from error
        return max(0, min(wanted, limit - (used - wanted)))

    def close(self) -> None:
        """See ``Quotas``."""
        with self._lock:
            self._drop()

    def _used(self, parameters: dict[str, int]) -> int:
        """How much is used with what is wanted, which may be more than there is."""
        if self._driver is not None and self._driver.closed:
            self._drop()
        if self._driver is None:
            self._driver = self._link.connect()
            self._driver.execute(b"SET synchronous_commit = off")
        if self._count % _FORGET_EVERY == 0:
            self._driver.execute(_FORGET.encode(), (int(time.time()),))
        self._count += 1
        row = self._driver.execute(_TAKE.encode(), parameters).fetchone()
        assert row is not None
        return int(row[0])

    def _drop(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None
