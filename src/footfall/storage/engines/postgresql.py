"""PostgreSQL 15 or newer, also with Citus: many processes on many machines read and write at the same time.

Isolation is READ COMMITTED: a writer that decides on what it has read locks its workspace first. Rows go in by
COPY, which is twice as fast as any INSERT of many rows; a key that another writer has taken meanwhile is a Conflict.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext, suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import errors
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.engine import Dialect

from footfall.model import instant
from footfall.storage import distribution, schema
from footfall.storage.connection import Connection, Row
from footfall.storage.engines.facts import EngineFacts
from footfall.storage.engines.postgresql_link import Link
from footfall.storage.engines.postgresql_quotas import PostgresqlQuotas
from footfall.storage.engines.postgresql_slots import PostgresqlSlots
from footfall.storage.failures import Conflict, DatabaseUnavailable, FateUnknown, UnsupportedDatabase
from footfall.storage.quotas import Quotas
from footfall.storage.slots import Slots
from footfall.storage.statement import BulkInsert, Compiled, Statement, Upsert

_DIALECT: Dialect = psycopg_dialect.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
_OLDEST = 150_000  # PostgreSQL 15
_SLOTS = 16
_ROWS_AT_A_TIME = 2_000
_WORKSPACE_LOCK = 0x466F6F74  # the first half of the advisory locks' keys; the second is the workspace
_READERS_PATIENCE_SECONDS = 1.0  # for writers with lower sequences: a group of captures takes less
_STILL_MILLISECONDS = 200  # that a reader waits for writers of its workspace, while further ones wait behind it
_PAUSE_SECONDS = 0.002
_NO_TEXT = "\ufdd0"  # asked for in place of a text with a NUL, which nothing stored is and the server refuses

_CONFLICTS = (errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure)
_FAILURES = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)

_NEXT_SEQUENCES = "SELECT footfall_next_sequences(%s::integer, %s::integer)"
_NEXT_NUMBERS = "SELECT nextval('customers_number_seq') FROM generate_series(1, %s::integer)"
_IS_CLUSTER = "SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL"
_LAST_SEQUENCE = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_sequence"
_NUMBERED = """
    SELECT quote_ident(table_name), quote_ident(column_name),
        pg_get_serial_sequence(quote_ident(table_name), column_name)
    FROM information_schema.columns WHERE table_schema = 'public' AND is_identity = 'YES'
"""
_LAST_NUMBER = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM customers_number_seq"
# Migration v0001 says what these locks are; a lock's number stands in two columns of 32 bits.
_LOWEST_UNDER_WAY = """
    SELECT min(((classid::bigint << 32) | objid::bigint) & ((1::bigint << 40) - 1)) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint >> 8) = ((70 << 16) | (%s::integer & 65535))
    AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_NOTE_WRITER = "INSERT INTO commits (writer, number, committed_at) VALUES (%s, 0, %s)"
_FORGET_WRITERS = "DELETE FROM commits WHERE committed_at < %s"
_REMEMBERED = 7 * 24 * 3600 * instant.SECOND
# The note of a writer that was given up is negative, which makes a commit of its that is still on the way fail.
_COMMIT = (
    "UPDATE commits SET number = {number}, committed_at = {now} WHERE writer = '\\x{writer}' AND number >= 0; "
    "SELECT 1 / count(*) FROM commits WHERE writer = '\\x{writer}' AND number = {number}; COMMIT"
)
_LAST_COMMIT = "SELECT number FROM commits WHERE writer = %s FOR UPDATE"
_GIVE_UP = "UPDATE commits SET number = -1 - number WHERE writer = %s AND number >= 0"


class PostgresqlConnection:
    """A connection to the server; over ``link``, another one asks what became of a commit."""

    def __init__(self, driver: psycopg.Connection, link: Link, writer: bytes | None = None) -> None:
        """``writer``: under which its commits are noted; None where it only reads."""
        self._driver = driver
        self._link = link
        self._writer = writer
        self._commits = 0
        self._shares_locks = True
        self.is_sole_writer = False
        self.is_limited = False
        self._is_cluster = False
        self.slot = secrets.randbelow(_SLOTS)

    @property
    def is_broken(self) -> bool:
        """See ``Connection``."""
        return self._driver.closed

    @property
    def sees_one_state(self) -> bool:
        """See ``Connection``."""
        return not self._is_cluster

    def at_most(self, steps: int) -> AbstractContextManager[None]:  # noqa: ARG002
        """See ``Connection``: the server takes its steps elsewhere."""
        return nullcontext()

    def state(self) -> object | None:
        """See ``Connection``: only the tables tell."""
        return None

    def rows(self, statement: Statement, **parameters: Any) -> list[Row]:
        """See ``Connection``."""
        with _translated():
            return self._run(statement, parameters).fetchall()

    def row(self, statement: Statement, **parameters: Any) -> Row | None:
        """See ``Connection``."""
        with _translated():
            return self._run(statement, parameters).fetchone()

    def value(self, statement: Statement, **parameters: Any) -> Any:
        """See ``Connection``."""
        found = self.row(statement, **parameters)
        return None if found is None else found[0]

    def stream(self, statement: Statement, **parameters: Any) -> Iterator[Row]:
        """See ``Connection``."""
        compiled = statement.compiled(_DIALECT)
        with _translated(), self._in_transaction(), self._driver.cursor(f"s{secrets.token_hex(4)}") as cursor:
            cursor.itersize = _ROWS_AT_A_TIME
            cursor.execute(compiled.text, _bound(compiled, parameters))
            yield from cursor

    def execute(self, statement: Statement, **parameters: Any) -> int:
        """See ``Connection``."""
        with _translated():
            return self._run(statement, parameters).rowcount

    def insert(self, statement: BulkInsert, rows: Iterable[Row]) -> None:
        """See ``Connection``."""
        quote = _DIALECT.identifier_preparer.quote
        columns = ", ".join(quote(name) for name in statement.columns)
        text = f"COPY {quote(statement.table.name)} ({columns}) FROM STDIN"
        with _translated(), self._driver.cursor() as cursor, cursor.copy(text.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def upsert(self, statement: Upsert, rows: Sequence[Row]) -> list[Row]:
        """See ``Connection``."""
        if not rows:
            return []
        named = zip(statement.columns, zip(*rows, strict=True), strict=True)
        with _translated(), self._driver.cursor(binary=True) as cursor:
            cursor.execute(statement.text(_DIALECT).encode(), {column.name: list(values) for column, values in named})
            return cursor.fetchall() if statement.returns else []

    def begin(self, *, again: bool = False) -> None:
        """See ``Connection``."""
        self._shares_locks = not again
        self._script("BEGIN")

    def commit(self) -> None:
        """See ``Connection``.

        The commit notes itself, so that one whose answer is lost with the connection is told from one that failed.
        """
        assert self._writer is not None, "a connection for reading does not write"
        self._commits += 1
        try:
            self._script(_COMMIT.format(writer=self._writer.hex(), number=self._commits, now=instant.now()))
        except errors.DivisionByZero as error:
            self.close()  # its note was cleared away while it wrote nothing; another connection has one of its own
            raise DatabaseUnavailable("the writer was forgotten") from error
        except DatabaseUnavailable:
            if not self.is_broken or not self._has_committed():
                raise

    def rollback(self) -> None:
        """See ``Connection``."""
        with suppress(psycopg.Error):
            self._driver.execute("ROLLBACK")

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """See ``Connection``."""
        self._script("SAVEPOINT undoing")
        try:
            yield
        except (DatabaseUnavailable, Conflict):
            raise
        except BaseException:
            self._script("ROLLBACK TO SAVEPOINT undoing; RELEASE SAVEPOINT undoing")
            raise
        self._script("RELEASE SAVEPOINT undoing")

    @contextmanager
    def snapshot(self, workspace: int) -> Iterator[int]:
        """See ``Connection``."""
        last = self.last_sequence(workspace)  # not inside, where what it waits for would not be seen
        with _translated():
            self._is_cluster = self._value(_IS_CLUSTER)  # it may have become one since
        # A state that the coordinator's own shards kept, and those of other nodes did not, would help nobody.
        self._script("BEGIN READ ONLY" if self._is_cluster else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield last
        finally:
            self.rollback()

    def holds_still(self, workspace: int) -> bool:
        """See ``Connection``."""
        if self._is_cluster:
            self._script(f"SET LOCAL lock_timeout = {_STILL_MILLISECONDS}")
            try:
                self.lock(workspace)
            except DatabaseUnavailable:
                if self.is_broken:
                    raise
                self._script("ROLLBACK; BEGIN READ ONLY")
                return False
        return True

    def lock(self, workspace: int, *, shared: bool = False) -> None:
        """See ``Connection``."""
        function = "pg_advisory_xact_lock_shared" if shared and self._shares_locks else "pg_advisory_xact_lock"
        with _translated():
            self._driver.execute(f"SELECT {function}({_WORKSPACE_LOCK}, %s)".encode(), (workspace,))

    def next_sequences(self, workspace: int, count: int) -> Sequence[int]:
        """See ``Connection``."""
        with _translated():
            drawn: list[int] = self._value(_NEXT_SEQUENCES, workspace, count)
            return drawn

    def last_sequence(self, workspace: int) -> int:
        """See ``Connection``.

        Waits until the writers that have been given lower sequences are done, so that nothing will ever appear
        below it. One that takes longer than a reader should wait is left above it, whole.
        """
        deadline = time.monotonic() + _READERS_PATIENCE_SECONDS
        with _translated():
            last: int = self._value(_LAST_SEQUENCE)
            while True:
                lowest = self._value(_LOWEST_UNDER_WAY, workspace)
                if lowest is None or lowest >= last:
                    return last
                if time.monotonic() > deadline:
                    return int(lowest)
                time.sleep(_PAUSE_SECONDS)

    def next_customer_numbers(self, count: int) -> Sequence[int]:
        """See ``Connection``."""
        with _translated():
            return [row[0] for row in self._driver.execute(_NEXT_NUMBERS, (count,))]

    def last_customer_number(self) -> int:
        """See ``Connection``."""
        with _translated():
            return int(self._value(_LAST_NUMBER))

    def number_above(self, sequence: int, customer_number: int) -> None:
        """See ``Connection``."""
        with _translated():
            for table, column, numbers in self._driver.execute(_NUMBERED).fetchall():
                self._raise_to(numbers, self._value(f"SELECT max({column}) FROM {table}") or 0)
            self._raise_to("events_sequence", sequence)
            self._raise_to("customers_number_seq", customer_number)

    def _raise_to(self, numbers: str, last: int) -> None:
        if last > 0:
            self._driver.execute("SELECT setval(%s, %s)", (numbers, last))

    def close(self) -> None:
        """See ``Connection``."""
        self._driver.close()

    def _run(self, statement: Statement, parameters: dict[str, Any]) -> psycopg.Cursor[Row]:
        compiled = statement.compiled(_DIALECT)
        cursor = self._driver.cursor(binary=True)
        return cursor.execute(compiled.text.encode(), _bound(compiled, parameters))

    def _value(self, text: str, *parameters: object) -> Any:
        row = self._driver.execute(text.encode(), parameters).fetchone()
        assert row is not None
        return row[0]

    def _script(self, text: str) -> None:
        with _translated():
            self._driver.execute(text.encode())

    @contextmanager
    def _in_transaction(self) -> Iterator[None]:
        if self._driver.info.transaction_status == TransactionStatus.IDLE:
            with self._driver.transaction():
                yield
        else:
            yield

    def _has_committed(self) -> bool:
        """Whether the last commit is in the database; if not, it never will be. Raises FateUnknown if nobody can tell.

        A server that hung may find it on its way in when it goes on: then it finds the writer given up, too.
        """
        deadline = time.monotonic() + self._link.silence_seconds
        while True:
            try:
                with self._link.connect() as asking, asking.transaction():
                    asking.execute("SET LOCAL lock_timeout = '1s'")
                    # The lost connection's transaction may still be under way: its note is waited for.
                    found = asking.execute(_LAST_COMMIT.encode(), (self._writer,)).fetchone()
                    asking.execute(_GIVE_UP.encode(), (self._writer,))
                return found is not None and found[0] in (self._commits, -1 - self._commits)
            except psycopg.Error as error:
                if time.monotonic() > deadline:
                    raise FateUnknown(_first_line(error)) from error
                time.sleep(_PAUSE_SECONDS * 50)


class PostgresqlEngine:
    """One database of a server."""

    is_embedded = False

    def __init__(self, url: str, patience_seconds: float) -> None:
        self._link = Link(url, patience_seconds)

    def prepare(self) -> None:
        """See ``Engine``."""
        engine = self._alchemy()
        try:
            with _translated(), engine.connect() as connection:
                version = connection.connection.driver_connection.info.server_version  # type: ignore[union-attr]
            if version < _OLDEST:
                raise UnsupportedDatabase(f"it is PostgreSQL {version // 10_000}, and Footfall needs 15 or newer")
            schema.upgrade(engine)
        except schema.UnknownSchema as error:
            raise UnsupportedDatabase(str(error)) from error
        except sa.exc.DBAPIError as error:
            raise DatabaseUnavailable(_first_line(error.orig or error)) from error
        finally:
            engine.dispose()

    def facts(self) -> EngineFacts:
        """See ``Engine``."""
        engine = self._alchemy()
        try:
            with _translated(), engine.connect() as connection:
                info = connection.connection.driver_connection.info  # type: ignore[union-attr]
                cluster = connection.scalar(sa.text("SELECT extversion FROM pg_extension WHERE extname = 'citus'"))
                return EngineFacts(
                    version=f"PostgreSQL {info.parameter_status('server_version')}",
                    is_supported=info.server_version >= _OLDEST,
                    schema=schema.current_version(engine),
                    cluster=cluster,
                )
        except schema.UnknownSchema as error:
            raise UnsupportedDatabase(str(error)) from error
        except sa.exc.DBAPIError as error:
            raise DatabaseUnavailable(_first_line(error.orig or error)) from error
        finally:
            engine.dispose()

    def distribute(self, told: Callable[[str], None]) -> None:
        """See ``Engine``."""
        engine = self._alchemy()
        try:
            distribution.distribute(engine, told)
        except sa.exc.DBAPIError as error:
            raise DatabaseUnavailable(_first_line(error.orig or error)) from error
        finally:
            engine.dispose()

    def reader(self) -> Connection:
        """See ``Engine``."""
        with _translated():
            return PostgresqlConnection(self._link.connect(read_only=True), self._link)

    def writer(self) -> Connection:
        """See ``Engine``."""
        name = secrets.token_bytes(16)
        now = instant.now()
        with _translated(), ExitStack() as undoing:
            driver = undoing.enter_context(closing(self._link.connect()))
            driver.execute(_FORGET_WRITERS.encode(), (now - _REMEMBERED,))
            driver.execute(_NOTE_WRITER.encode(), (name, now))
            undoing.pop_all()
        return PostgresqlConnection(driver, self._link, name)

    def quotas(self) -> Quotas:
        """See ``Engine``."""
        return PostgresqlQuotas(self._link)

    def slots(self) -> Slots:
        """See ``Engine``."""
        return PostgresqlSlots(self._link)

    def _alchemy(self) -> sa.Engine:
        return sa.create_engine("postgresql+psycopg://", poolclass=sa.NullPool, creator=self._link.connect_plainly)


def _bound(compiled: Compiled, parameters: dict[str, Any]) -> dict[str, Any]:
    if compiled.defaults:
        parameters = compiled.defaults | parameters
    for name, value in parameters.items():
        if type(value) is str and "\0" in value:
            parameters = {**parameters, name: _NO_TEXT}
    for name, kind in compiled.lists.items():
        parameters[name] = _list(parameters[name], kind)
    return parameters


def _list(values: Iterable[Any], kind: Any) -> list[Any]:
    if isinstance(kind, sa.Numeric):
        return [str(value) for value in values]  # the driver takes no list of both integers and floats
    return [value for value in values if not (isinstance(value, str) and "\0" in value)]


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _CONFLICTS as error:
        raise Conflict(_first_line(error)) from error
    except errors.ProgramLimitExceeded:
        raise  # the statement is at fault, not the server
    except _FAILURES as error:
        raise DatabaseUnavailable(_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
