"""SQLite: embedded, one file, WAL; every commit is forced to disk (``synchronous=FULL``) before it is acknowledged."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

from footfall.model.text import words
from footfall.model.words import has_words
from footfall.storage import schema
from footfall.storage.connection import Connection, Row
from footfall.storage.engines.facts import EngineFacts
from footfall.storage.engines.sqlite_quotas import SqliteQuotas
from footfall.storage.engines.sqlite_slots import SqliteSlots
from footfall.storage.engines.turn import Turn
from footfall.storage.failures import DatabaseUnavailable, TooLong, UnsupportedDatabase
from footfall.storage.quotas import Quotas
from footfall.storage.slots import Slots
from footfall.storage.statement import BulkInsert, Compiled, Statement, Upsert, json_array

_NAMED: Dialect = sqlite.dialect(paramstyle="named")
_POSITIONAL: Dialect = sqlite.dialect(paramstyle="qmark")

_PAGES_PER_CHECKPOINT = 20_000  # what costs is folding random pages in; let the log gather more (DESIGN.md)
_WRITER_CACHE_KIB = 65_536
# Each reading thread has one. No memory map: it would save a microsecond a read, and count as memory per thread.
_READER_CACHE_KIB = 8_192
_given = sa.table("sqlite_sequence", sa.column("name", sa.Text), sa.column("seq", sa.Integer))
_of_table = _given.c.name == sa.bindparam("table")
_LAST = Statement(sa.select(_given.c.seq).where(_of_table))
_ADVANCE = Statement(sa.update(_given).where(_of_table).values(seq=_given.c.seq + sa.bindparam("count")))
_START = Statement(sa.insert(_given).values(name=sa.bindparam("table"), seq=sa.bindparam("count")))

# The interpreter's lock changes hands at every statement, so each brings many rows.
_ROWS_PER_STATEMENT = (128, 16, 1)

_LOOKS = 10  # how often a limited read is looked at before it is over its limit


class SqliteConnection:
    """A connection to the file."""

    __slots__ = (
        "_driver",
        "_own",
        "_turn",
        "is_broken",
        "is_limited",
        "is_sole_writer",
        "sees_one_state",
        "slot",
    )

    def __init__(self, driver: sqlite3.Connection, turn: Turn | None = None) -> None:
        self._driver = driver
        self._turn = turn
        self._own = object()  # its states are told from those of other connections
        self.is_limited = False
        self.is_broken = False  # nothing breaks the way to a file
        self.is_sole_writer = True
        self.sees_one_state = True
        self.slot = 0

    def state(self) -> object | None:
        """See ``Connection``."""
        try:
            return self._own, self._driver.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error

    def rows(self, statement: Statement, **parameters: Any) -> list[Row]:
        """See ``Connection``."""
        compiled = statement.compiled(_NAMED)
        try:
            return self._driver.execute(compiled.text, _bound(compiled, parameters)).fetchall()
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error

    def row(self, statement: Statement, **parameters: Any) -> Row | None:
        """See ``Connection``."""
        compiled = statement.compiled(_NAMED)
        try:
            found: Row | None = self._driver.execute(compiled.text, _bound(compiled, parameters)).fetchone()
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error
        return found

    def value(self, statement: Statement, **parameters: Any) -> Any:
        """See ``Connection``."""
        found = self.row(statement, **parameters)
        return None if found is None else found[0]

    def stream(self, statement: Statement, **parameters: Any) -> Iterator[Row]:
        """See ``Connection``."""
        compiled = statement.compiled(_NAMED)
        try:
            yield from self._driver.execute(compiled.text, _bound(compiled, parameters))
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error

    def execute(self, statement: Statement, **parameters: Any) -> int:
        """See ``Connection``."""
        compiled = statement.compiled(_NAMED)
        try:
            return self._driver.execute(compiled.text, _bound(compiled, parameters)).rowcount
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error

    def insert(self, statement: BulkInsert, rows: Iterable[Row]) -> None:
        """See ``Connection``."""
        self._run_many(statement, list(rows))

    def upsert(self, statement: Upsert, rows: Sequence[Row]) -> list[Row]:
        """See ``Connection``."""
        return self._run_many(statement, rows, returns=statement.returns)

    def begin(self, *, again: bool = False) -> None:  # noqa: ARG002  (who writes is alone)
        """See ``Connection``. Waits for this process's turn to write."""
        assert self._turn is not None, "a connection for reading does not write"
        with self._turn.taken():
            self.script("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """See ``Connection``."""
        self.script("COMMIT")

    def rollback(self) -> None:
        """See ``Connection``."""
        with suppress(sqlite3.OperationalError):  # a full disk has ended the transaction already
            self._driver.execute("ROLLBACK")

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """See ``Connection``."""
        self.script("SAVEPOINT undoing")
        try:
            yield
        except DatabaseUnavailable:
            raise
        except BaseException:
            self.script("ROLLBACK TO undoing")
            self.script("RELEASE undoing")
            raise
        self.script("RELEASE undoing")

    @contextmanager
    def snapshot(self, workspace: int) -> Iterator[int]:
        """See ``Connection``."""
        self.script("BEGIN")
        try:
            yield self.last_sequence(workspace)
        finally:
            self.script("COMMIT")

    def holds_still(self, workspace: int) -> bool:  # noqa: ARG002
        """See ``Connection``: what is read sees no writer."""
        return True

    def lock(self, workspace: int, *, shared: bool = False) -> None:
        """See ``Connection``: who writes is alone already."""

    def next_sequences(self, workspace: int, count: int) -> Sequence[int]:  # noqa: ARG002  (one writer, one row of numbers)
        """See ``Connection``."""
        return self._next("events", count)

    def last_sequence(self, workspace: int) -> int:  # noqa: ARG002
        """See ``Connection``."""
        return self._last("events")

    def next_customer_numbers(self, count: int) -> Sequence[int]:
        """See ``Connection``."""
        return self._next("customers", count)

    def last_customer_number(self) -> int:
        """See ``Connection``."""
        return self._last("customers")

    def number_above(self, sequence: int, customer_number: int) -> None:
        """See ``Connection``. What else is numbered, the engine has raised with each row."""
        for table, last in (("events", sequence), ("customers", customer_number)):
            if self._last(table) < last:
                self._next(table, last - self._last(table))

    def script(self, text: str) -> None:
        """Runs a command of the engine's own."""
        try:
            self._driver.execute(text)
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error

    @contextmanager
    def at_most(self, steps: int) -> Iterator[None]:
        """See ``Connection``."""
        left = _LOOKS

        def is_spent() -> bool:
            nonlocal left
            left -= 1
            return left < 0

        self._driver.set_progress_handler(is_spent, steps // _LOOKS)
        self.is_limited = True
        try:
            yield
        except DatabaseUnavailable as error:
            if left < 0:
                raise TooLong from error
            raise
        finally:
            self._driver.set_progress_handler(None, 0)
            self.is_limited = False

    def close(self) -> None:
        """See ``Connection``."""
        self._driver.close()
        if self._turn is not None:
            self._turn.close()

    def _next(self, table: str, count: int) -> range:
        if not self.execute(_ADVANCE, table=table, count=count):
            self.execute(_START, table=table, count=count)
        last = self._last(table)
        return range(last - count + 1, last + 1)

    def _last(self, table: str) -> int:
        return self.value(_LAST, table=table) or 0

    def _run_many(self, statement: BulkInsert | Upsert, rows: Sequence[Row], *, returns: bool = False) -> list[Row]:
        found: list[Row] = []
        start = 0
        for size in _ROWS_PER_STATEMENT:
            end = len(rows) - (len(rows) - start) % size
            if start < end:
                pieces = (rows[first : first + size] for first in range(start, end, size))
                given = (list(chain.from_iterable(piece)) for piece in pieces)
                text = statement.text(_POSITIONAL, size)
                try:
                    if returns:
                        for values in given:
                            found += self._driver.execute(text, values).fetchall()
                    else:
                        self._driver.executemany(text, given)
                except sqlite3.OperationalError as error:
                    raise DatabaseUnavailable(str(error)) from error
            start = end
        return found


def _bound(compiled: Compiled, parameters: dict[str, Any]) -> dict[str, Any]:
    if compiled.defaults:
        parameters = compiled.defaults | parameters
    for name, kind in compiled.lists.items():
        values = parameters[name]
        parameters[name] = b"".join(values) if isinstance(kind, sa.LargeBinary) else json_array(values)
    return parameters


class SqliteEngine:
    """The database in one file."""

    is_embedded = True

    def __init__(self, path: Path, patience_seconds: float) -> None:
        """``patience_seconds``: how long to wait while another process writes."""
        self.path = path
        self._patience_seconds = patience_seconds

    def prepare(self) -> None:
        """See ``Engine``. The file comes into being, and the folder it is in."""
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(self.path)),
            connect_args={"timeout": self._patience_seconds},
            poolclass=sa.NullPool,
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            schema.current_version(engine)  # before anything is touched: the file may not be ours
            with closing(sqlite3.connect(self.path, timeout=self._patience_seconds)) as driver:
                driver.execute("PRAGMA journal_mode=WAL")
            schema.upgrade(engine)
        except schema.UnknownSchema as error:
            raise UnsupportedDatabase(str(error)) from error
        except (sqlite3.Error, OSError) as error:
            raise DatabaseUnavailable(str(error)) from error
        except sa.exc.DBAPIError as error:
            raise DatabaseUnavailable(str(error.orig)) from error
        finally:
            engine.dispose()

    def facts(self) -> EngineFacts:
        """See ``Engine``."""
        version = f"SQLite {sqlite3.sqlite_version}"
        if not self.path.exists():
            return EngineFacts(version=version, is_supported=True, schema=None)
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(self.path)), poolclass=sa.NullPool)
        try:
            return EngineFacts(version=version, is_supported=True, schema=schema.current_version(engine))
        except schema.UnknownSchema as error:
            raise UnsupportedDatabase(str(error)) from error
        except sa.exc.DBAPIError as error:
            raise DatabaseUnavailable(str(error.orig)) from error
        finally:
            engine.dispose()

    def distribute(self, told: Callable[[str], None]) -> None:  # noqa: ARG002
        """See ``Engine``."""
        raise UnsupportedDatabase("an embedded database is on one machine; a cluster has a URL postgresql://...")

    def reader(self) -> Connection:
        """See ``Engine``."""
        connection = SqliteConnection(self._connect(_READER_CACHE_KIB))
        # What a read sorts or tells apart may be as many as the events: beyond the cache it goes into a file.
        connection.script("PRAGMA temp_store=FILE")
        connection.script("PRAGMA query_only=ON")
        return connection

    def writer(self) -> Connection:
        """See ``Engine``."""
        connection = SqliteConnection(self._connect(_WRITER_CACHE_KIB), Turn(self.path))
        connection.script(f"PRAGMA wal_autocheckpoint={_PAGES_PER_CHECKPOINT}")
        return connection

    def quotas(self) -> Quotas:
        """See ``Engine``."""
        return SqliteQuotas(self.path)

    def slots(self) -> Slots:
        """See ``Engine``."""
        return SqliteSlots(self.path)

    def _connect(self, cache_kib: int) -> sqlite3.Connection:
        try:
            driver = sqlite3.connect(
                self.path, timeout=self._patience_seconds, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(str(error)) from error
        driver.create_function("footfall_casefold", 1, _casefold, deterministic=True)
        driver.create_function("footfall_words", 1, _words, deterministic=True)
        driver.create_function("footfall_json_has_words", 2, has_words, deterministic=True)
        driver.create_function("footfall_member", 2, _member, deterministic=True)
        try:
            for setting in (
                "synchronous=FULL",
                f"cache_size=-{cache_kib}",
                "foreign_keys=ON",
                "temp_store=MEMORY",
            ):
                driver.execute(f"PRAGMA {setting}")
        except sqlite3.OperationalError as error:
            driver.close()
            raise DatabaseUnavailable(str(error)) from error
        return driver


_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _member(document: str, key: str) -> str | None:
    """A member of a JSON object as it is written."""
    found = _members(document).get(key)
    return None if found is None else bytes(found).decode()


def _casefold(value: Any) -> Any:
    """SQLite's own ``lower`` knows only ASCII."""
    return value.casefold() if isinstance(value, str) else value


def _words(value: Any) -> Any:
    """The words of a text, each with a blank before and behind it."""
    return f" {' '.join(words(value))} " if isinstance(value, str) else value
