"""The way to a PostgreSQL server: connections that notice when it no longer answers.

A server that is gone refuses, or its machine says so. One that hangs (its storage does, its machine is paused, the
cable is cut) says nothing at all, and the driver would wait for ever. So whoever has heard nothing for a while asks
for a second connection: if nobody answers that either, the first is given up. A statement that merely takes long is
not ended, because the server still answers others.
"""

import time
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from footfall.storage.failures import UnsupportedDatabase

# What a connection is given unless the URL says otherwise: seconds, or milliseconds, until a silent server is gone.
_CONNECT = {"connect_timeout": "3", "keepalives_idle": "15", "keepalives_interval": "5", "tcp_user_timeout": "30000"}

# Every read has its index. A plan made while a table was small would else walk it for as long as the plan is kept.
_SESSION = "SET enable_seqscan = off; SET jit = off; SET client_encoding = 'UTF8'"


class Link:
    """One database of one server, or of several of which one is the primary, as libpq's URLs name them."""

    def __init__(self, url: str, patience_seconds: float) -> None:
        """``patience_seconds``: how long to wait for a lock, and twice as long as to wait for a silent server.

        Raises UnsupportedDatabase for a URL that libpq does not take.
        """
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise UnsupportedDatabase(str(error).strip()) from error
        if not given.get("dbname"):
            raise UnsupportedDatabase("the URL of a server's database ends with its name: postgresql://host/name")
        self.silence_seconds = patience_seconds / 2
        self._conninfo = make_conninfo(url, **{name: value for name, value in _CONNECT.items() if name not in given})
        self._session = (
            f"{_SESSION}; SET lock_timeout = '{round(patience_seconds * 1000)}ms'"
            "; SET idle_in_transaction_session_timeout = '120s'"
        ).encode()

    def connect(self, *, read_only: bool = False) -> "WatchedConnection":
        """A new connection, in autocommit. Raises psycopg.Error."""
        made = WatchedConnection.connect(self._conninfo, autocommit=True)
        made.link = self
        try:
            made.execute(self._session)
            if read_only:
                made.execute(b"SET default_transaction_read_only = on")
        except psycopg.Error:
            made.close()
            raise
        return made

    def connect_plainly(self) -> psycopg.Connection:
        """A new connection as the driver makes it, for long work on the schema."""
        return psycopg.connect(self._conninfo)

    def is_silent(self) -> bool:
        """Whether nobody answers any more. An answer of any kind, a refusal too, is one."""
        try:
            psycopg.connect(self._conninfo).close()
        except errors.ConnectionTimeout:
            return True
        except psycopg.Error:
            return False
        return False


class WatchedConnection(psycopg.Connection):
    """A connection that is given up when its server falls silent, with an OperationalError."""

    link: Link | None = None

    def wait(self, gen: PQGen[Any], *args: Any, **kwargs: Any) -> Any:
        """Where the driver waits for the server."""
        return super().wait(gen if self.link is None else self._watched(gen, self.link), *args, **kwargs)

    def _watched(self, gen: Any, link: Link) -> Any:
        """``gen``, which the driver sends what is ready: several times a second nothing, while it waits."""
        waiting_since = 0.0
        ready = None
        try:
            while True:
                wanted = gen.send(ready)
                ready = yield wanted
                if ready:
                    waiting_since = 0.0
                    continue
                now = time.monotonic()
                if not waiting_since:
                    waiting_since = now
                elif now - waiting_since > link.silence_seconds:
                    if link.is_silent():
                        self.pgconn.finish()
                        raise psycopg.OperationalError("the server does not answer any more")
                    waiting_since = time.monotonic()
        except StopIteration as done:
            return done.value
