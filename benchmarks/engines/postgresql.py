"""PostgreSQL: a server of the run's own, durable; the baseline is ``psycopg`` alone."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from benchmarks.engines.contract import Mark, NewRows, Row
from benchmarks.engines.export import PAGE, SELECT, encode_page
from tests.postgresql import PostgresServer

_MARKS = "SELECT (SELECT max(sequence) FROM events), (SELECT max(number) FROM customers)"


class PostgresqlBench:
    """Databases of a server that is started for the run, as the tests start theirs, and gone with it."""

    name = "postgresql"
    is_embedded = False

    def __init__(self) -> None:
        self._server = PostgresServer(durable=True)

    def version(self) -> str:
        """That of the server."""
        with psycopg.connect(self._server.url()) as driver:
            return f"PostgreSQL {driver.info.server_version // 10_000}"

    def url(self, label: str) -> str:
        """As ``footfall --database`` takes it."""
        return self._server.url(label)

    def labels(self) -> list[str]:
        """Of the server's databases."""
        with psycopg.connect(self._server.url()) as driver:
            return [row[0] for row in driver.execute("SELECT datname FROM pg_database")]

    def exists(self, label: str) -> bool:
        """Whether there is such a database."""
        return label in self.labels()

    def make(self, label: str) -> None:
        """Makes an empty one."""
        self.drop(label)
        self._command("CREATE DATABASE {} TEMPLATE template0", label)

    def copy(self, source: str, label: str) -> None:
        """Copies the files, as the server does best for large ones."""
        self.drop(label)
        self._command("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", label, source)

    def rename(self, source: str, label: str) -> None:
        """Renames it."""
        self.drop(label)
        self._command("ALTER DATABASE {} RENAME TO {}", source, label)

    def settle(self, label: str) -> None:
        """What the server would do by itself within minutes: statistics, and the map of what is visible to all."""
        with psycopg.connect(self.url(label), autocommit=True) as driver:
            driver.execute("VACUUM (ANALYZE)")

    def drop(self, label: str) -> None:
        """Removes it, if it is there."""
        self._command("DROP DATABASE IF EXISTS {} WITH (FORCE)", label)

    def size(self, label: str) -> int:
        """As the server tells it."""
        with psycopg.connect(self._server.url()) as driver:
            found = driver.execute("SELECT pg_database_size(%s)", (label,)).fetchone()
        assert found is not None
        return int(found[0])

    @contextmanager
    def raw(self, label: str) -> Iterator["RawPostgresql"]:
        """A connection of ``psycopg``."""
        with psycopg.connect(self.url(label), autocommit=True) as driver:
            yield RawPostgresql(driver)

    def close(self) -> None:
        """Ends the server and deletes its folder."""
        self._server.remove()

    def _command(self, text: str, *names: str) -> None:
        with psycopg.connect(self._server.url(), autocommit=True) as driver:
            driver.execute(sql.SQL(text).format(*map(sql.Identifier, names)))


class RawPostgresql:
    """The engine's own speed."""

    def __init__(self, driver: psycopg.Connection[Row]) -> None:
        self._driver = driver

    def mark(self) -> Mark:
        """Where the store stands."""
        found = self._driver.execute(_MARKS).fetchone()
        assert found is not None
        return Mark(*found)

    def rows_since(self, mark: Mark) -> NewRows:
        """What has been added since."""
        ask = self._driver.execute
        return NewRows(
            events=ask("SELECT * FROM events WHERE sequence > %s ORDER BY sequence", (mark.sequence,)).fetchall(),
            customers=ask("SELECT * FROM customers WHERE number > %s ORDER BY number", (mark.customer,)).fetchall(),
            identities=ask(
                "SELECT * FROM identities WHERE customer > %s ORDER BY customer", (mark.customer,)
            ).fetchall(),
        )

    def insert(self, rows: NewRows, per_transaction: int) -> float:
        """``COPY``, transaction by transaction."""
        started = time.perf_counter()
        for part in rows.by_transaction(per_transaction):
            with self._driver.transaction():
                self._copy("customers", part.customers)
                self._copy("identities", part.identities)
                self._copy("events", part.events)
        return time.perf_counter() - started

    def export(self, event_name: str, since: int, until: int) -> tuple[int, float]:
        """Selects through a cursor of the server's, and encodes."""
        count = 0
        started = time.perf_counter()
        with self._driver.transaction(), self._driver.cursor("export") as cursor:
            cursor.execute(SELECT.format("%s").encode(), (event_name, since, until))
            while page := cursor.fetchmany(PAGE):
                encode_page(page)
                count += len(page)
        return count, time.perf_counter() - started

    def _copy(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            with self._driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
