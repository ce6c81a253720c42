"""The database of a server or a command: opened once by URL, read from many threads, written by one.

``sqlite:///relative.db`` and ``sqlite:////absolute.db`` name an embedded database: one file, WAL, every commit
forced to disk (``synchronous=FULL``) before it is acknowledged.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from footfall.storage import schema
from footfall.storage.connection import Connection, TooLong

P = ParamSpec("P")
T = TypeVar("T")

_LOCK_WAIT_MS = 30_000
_PAGES_PER_CHECKPOINT = 20_000  # what costs is folding random pages in; let the log gather more (DESIGN.md)
_WRITER_CACHE_KIB = 65_536
# Each reading thread has one. No memory map: it would save a microsecond a read, and count as memory per thread.
_READER_CACHE_KIB = 8_192
_BRIEF_STEPS = 100_000  # about a millisecond of the engine's time: some 16,000 entries of an index, counted


class DatabaseUnavailable(Exception):  # noqa: N818  (a state of the world, not a mistake of the caller's)
    """The store cannot be reached, is locked or is full; the request may be tried again."""


class UnsupportedDatabase(ValueError):  # noqa: N818
    """The URL names no engine that Footfall knows."""


class Database:
    """An embedded database. Reading: any thread, each with a connection of its own; see ``storage.writer``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = _path_of(url)
        self._readers = threading.local()
        self._opened: list[Connection] = []
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Creates the file and brings its schema up to date.

        Raises UnsupportedDatabase for a file that is not Footfall's, or a newer Footfall's; it is left as it is.
        """
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(self.path)),
            connect_args={"timeout": _LOCK_WAIT_MS / 1000},
            poolclass=sa.NullPool,
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            schema.current_version(engine)  # before anything is touched: the file may not be ours
            with closing(sqlite3.connect(self.path, timeout=_LOCK_WAIT_MS / 1000)) as driver:
                driver.execute("PRAGMA journal_mode=WAL")
            schema.upgrade(engine)
        except schema.UnknownSchema as error:
            raise UnsupportedDatabase(str(error)) from error
        except sa.exc.DBAPIError as error:
            raise DatabaseUnavailable(str(error.orig)) from error
        except OSError as error:
            raise DatabaseUnavailable(str(error)) from error
        finally:
            engine.dispose()

    def open_writer(self) -> Connection:
        """A connection for the one thread that writes."""
        connection = self._connect(_WRITER_CACHE_KIB)
        connection.script(f"PRAGMA wal_autocheckpoint={_PAGES_PER_CHECKPOINT}")
        return connection

    def reader(self) -> Connection:
        """This thread's connection for reading."""
        connection: Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._connect(_READER_CACHE_KIB)
            connection.script("PRAGMA query_only=ON")
            self._readers.connection = connection
            with self._lock:
                self._opened.append(connection)
        return connection

    def read(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs ``function(connection, ...)`` here and now."""
        try:
            return function(self.reader(), *args, **kwargs)
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error

    async def ask(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a bounded read. On the event loop, where the engine is embedded: a thread would cost more."""
        return self.read(function, *args, **kwargs)

    async def ask_briefly(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs a read that is short as a rule: on the event loop for about a millisecond of the engine's time.

        Where that does not suffice it is run all over again in a worker thread, so it must have no effects. Not for
        statements whose single steps may take long, such as those that parse documents.
        """

        def limited(connection: Connection) -> T:
            with connection.at_most(_BRIEF_STEPS):
                return function(connection, *args, **kwargs)

        try:
            return await self.ask(limited)
        except TooLong:
            return await self.ask_long(function, *args, **kwargs)

    async def ask_long(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a read that may take long, in a worker thread."""

        def run() -> T:
            return self.read(function, *args, **kwargs)

        return await asyncio.to_thread(run)

    def close(self) -> None:
        """Closes every connection that was opened for reading."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _connect(self, cache_kib: int) -> Connection:
        try:
            driver = sqlite3.connect(
                self.path, timeout=_LOCK_WAIT_MS / 1000, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error
        driver.create_function("casefold", 1, _casefold, deterministic=True)
        for setting in (
            "synchronous=FULL",
            f"cache_size=-{cache_kib}",
            "foreign_keys=ON",
            "temp_store=MEMORY",
        ):
            driver.execute(f"PRAGMA {setting}")
        return Connection(driver)


def url_of(path: Path) -> str:
    """The URL of the embedded database in a file, whatever characters the path has."""
    return sa.URL.create("sqlite", database=str(path.absolute())).render_as_string()


def _path_of(url: str) -> Path:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    if (
        parsed is None
        or not parsed.database
        or parsed.database == ":memory:"
        or parsed != sa.URL.create("sqlite", database=parsed.database)
    ):
        raise UnsupportedDatabase("expected sqlite:///relative.db or sqlite:////absolute.db")
    return Path(parsed.database).absolute()


def _casefold(value: Any) -> Any:
    """SQLite's own ``lower`` knows only ASCII."""
    return value.casefold() if isinstance(value, str) else value
