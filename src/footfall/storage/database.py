"""The database of a server or a command: opened once by URL, read from many threads, written by one per process.

``sqlite:///relative.db`` and ``sqlite:////absolute.db`` name an embedded database, ``postgresql://user@host/name``
one of a PostgreSQL server, which may be a Citus cluster.
"""

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from footfall.storage import quotas, slots
from footfall.storage.connection import Connection
from footfall.storage.engines.engine import Engine
from footfall.storage.engines.facts import EngineFacts
from footfall.storage.engines.sqlite import SqliteEngine
from footfall.storage.failures import DatabaseUnavailable, TooLong, UnsupportedDatabase

P = ParamSpec("P")
T = TypeVar("T")

URL_FORMS = "sqlite:///relative.db, sqlite:////absolute.db or postgresql://user:password@host:port/name"

_PASSWORD = re.compile(r"(?<=://)([^/@:]*:)[^/@]*(?=@)|([?&]password=)[^&]*")
_BRIEF_STEPS = 100_000  # about a millisecond of the engine's time: some 16,000 entries of an index, counted
PATIENCE_SECONDS = 30.0
_READERS = 8  # threads, and so connections, with which a process reads from a server


class Database:
    """A database. Reading: any thread, each with a connection of its own; see ``storage.writer``."""

    def __init__(self, url: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """``patience_seconds``: how long to wait for a lock that somebody else holds, or for a server's answer.

        Raises UnsupportedDatabase.
        """
        self.url = url
        self._patience_seconds = patience_seconds
        self._engine = _engine_of(url, patience_seconds)
        self._slots = self._engine.slots()
        self._quotas = self._engine.quotas()
        self._readers = threading.local()
        self._opened: list[Connection] = []
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_READERS, "footfall-reader")
        self._pager = ThreadPoolExecutor(1, "footfall-pager")

    def prepare(self) -> None:
        """Creates what is missing and brings the schema up to date.

        Raises UnsupportedDatabase for a database that is not Footfall's, or a newer Footfall's; it is left as it is.
        """
        self._engine.prepare()

    def facts(self) -> EngineFacts:
        """What the engine is like, and its database; changes nothing, and makes none. Raises as ``prepare``."""
        return self._engine.facts()

    def distribute(self, told: Callable[[str], None] = lambda _: None) -> None:
        """Spreads the tables over the cluster that the database belongs to; ``told`` hears how it goes.

        Raises UnsupportedDatabase where there is none.
        """
        self._engine.distribute(told)

    def open_writer(self) -> Connection:
        """A connection for the one thread that writes."""
        return self._engine.writer()

    def reader(self) -> Connection:
        """This thread's connection for reading."""
        connection: Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._engine.reader()
            self._readers.connection = connection
            with self._lock:
                self._opened.append(connection)
        return connection

    def read(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs ``function(connection, ...)`` here and now; a second time if the connection turns out to be lost."""
        connection = self.reader()
        try:
            return function(connection, *args, **kwargs)
        except DatabaseUnavailable:
            if not connection.is_broken:
                raise
            self._drop(connection)
        return function(self.reader(), *args, **kwargs)

    async def ask(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a bounded read. On the event loop, where the engine is embedded: a thread would cost more."""
        if self._engine.is_embedded:
            return self.read(function, *args, **kwargs)
        return await self.ask_long(function, *args, **kwargs)

    async def ask_briefly(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs a read that is short as a rule: on the event loop for about a millisecond of the engine's time.

        Where that does not suffice it is run all over again in a worker thread, so it must have no effects. Not for
        statements whose single steps may take long, such as those that parse documents.
        """
        if self._engine.is_embedded:
            connection = self.reader()
            try:
                with connection.at_most(_BRIEF_STEPS):
                    return function(connection, *args, **kwargs)
            except TooLong:
                pass
        return await self.ask_long(function, *args, **kwargs)

    async def ask_long(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a read that may take long, in a worker thread.

        Raises DatabaseUnavailable also where no thread has come free for it in time.
        """
        return await self._on_thread(self._threads, function, *args, **kwargs)

    async def ask_in_turn(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs a read of thousands of rows in a worker thread, while no other such read of this process runs.

        Making objects of rows is work that one thread of a process does at a time. Eight that want to hand the
        interpreter to each other at every row, and together do less than one alone, while a capture waits behind all
        of them. Raises as ``ask_long``.
        """
        return await self._on_thread(self._pager, function, *args, **kwargs)

    async def _on_thread(
        self,
        threads: ThreadPoolExecutor,
        function: Callable[Concatenate[Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        begin_by = time.monotonic() + self._patience_seconds / 2

        def run() -> T:
            if time.monotonic() > begin_by:
                raise DatabaseUnavailable("every connection for reading is waiting for the database")
            return self.read(function, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(threads, run)

    @asynccontextmanager
    async def slot(self, name: str, limit: int) -> AsyncIterator[bool]:
        """Holds one of the ``limit`` places called ``name``, of which all processes together have no more.

        Gives whether there was one. Raises DatabaseUnavailable.
        """
        place = await self._on_slots(self._slots.take, slots.key_of(name), limit)
        try:
            yield place is not None
        finally:
            if place is not None:
                await self._on_slots(self._slots.give_back, place)

    async def take(self, name: str, ends_at: int, limit: int, wanted: int) -> int:
        """How many of ``wanted`` units were left of ``name``'s ``limit`` until ``ends_at`` (seconds); now taken.

        All processes together take no more than the limit. Raises DatabaseUnavailable.
        """
        return await self._on_slots(self._quotas.take, quotas.key_of(name), ends_at, limit, wanted)

    async def _on_slots(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._engine.is_embedded:
            return function(*args, **kwargs)
        work = asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*args, **kwargs))
        return await asyncio.shield(work)  # a place that nobody waits for any more must be given back nevertheless

    def close(self) -> None:
        """Closes every connection that was opened for reading, and gives back every slot."""
        self._threads.shutdown()
        self._pager.shutdown()
        self._slots.close()
        self._quotas.close()
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _drop(self, connection: Connection) -> None:
        self._readers.connection = None
        with self._lock:
            self._opened.remove(connection)
        connection.close()


def url_of(path: Path) -> str:
    """The URL of the embedded database in a file, whatever characters the path has."""
    return sa.URL.create("sqlite", database=str(path.absolute())).render_as_string()


def without_password(url: str) -> str:
    """``url`` as it may be shown."""
    return _PASSWORD.sub(r"\1\2***", url)


def _engine_of(url: str, patience_seconds: float) -> Engine:
    if url.startswith(("postgresql://", "postgres://")):
        from footfall.storage.engines.postgresql import PostgresqlEngine  # noqa: PLC0415  (the driver takes memory)

        return PostgresqlEngine(url, patience_seconds)
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    if (
        parsed is not None
        and parsed.database not in (None, "", ":memory:")
        and parsed == sa.URL.create("sqlite", database=parsed.database)
    ):
        return SqliteEngine(Path(str(parsed.database)).absolute(), patience_seconds)
    raise UnsupportedDatabase(f"expected {URL_FORMS}")
