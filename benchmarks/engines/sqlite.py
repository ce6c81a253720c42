"""SQLite: a database is a file; the baseline is ``sqlite3`` alone."""

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.engines.contract import Mark, NewRows, Row
from benchmarks.engines.export import PAGE, SELECT, encode_page
from footfall.storage.database import url_of

_SETTINGS = ("synchronous=FULL", "cache_size=-65536", "temp_store=MEMORY", "wal_autocheckpoint=20000")
"""Those of ``storage.database`` for the one that writes."""
_SUFFIXES = ("", "-wal", "-shm", "-turn")


class SqliteEngine:
    """Files in one folder."""

    name = "sqlite"
    is_embedded = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def version(self) -> str:
        """That of the library."""
        return f"SQLite {sqlite3.sqlite_version}"

    def url(self, label: str) -> str:
        """As ``footfall --database`` takes it."""
        return url_of(self._path(label))

    def labels(self) -> list[str]:
        """Of the files in the folder."""
        return [path.stem for path in self._folder.glob("*.db")]

    def exists(self, label: str) -> bool:
        """Whether there is such a file."""
        return self._path(label).exists()

    def make(self, label: str) -> None:
        """Makes room: the file comes into being when it is opened."""
        self.drop(label)

    def copy(self, source: str, label: str) -> None:
        """Copies the file."""
        self._fold(source)
        self.drop(label)
        shutil.copy(self._path(source), self._path(label))

    def rename(self, source: str, label: str) -> None:
        """Renames the file."""
        self._fold(source)
        self.drop(label)
        self._path(source).rename(self._path(label))
        self.drop(source)

    def settle(self, label: str) -> None:
        """Folds the log into the file."""
        self._fold(label)

    def drop(self, label: str) -> None:
        """Removes the file and those beside it."""
        for suffix in _SUFFIXES:
            Path(f"{self._path(label)}{suffix}").unlink(missing_ok=True)

    def size(self, label: str) -> int:
        """The file's bytes, once the log is folded into it."""
        self._fold(label)
        return self._path(label).stat().st_size

    @contextmanager
    def raw(self, label: str) -> Iterator["RawSqlite"]:
        """A connection of ``sqlite3``."""
        with closing(sqlite3.connect(self._path(label), isolation_level=None)) as driver:
            for setting in _SETTINGS:
                driver.execute(f"PRAGMA {setting}")
            yield RawSqlite(driver)

    def close(self) -> None:
        """Nothing was started."""

    def _path(self, label: str) -> Path:
        return self._folder / f"{label}.db"

    def _fold(self, label: str) -> None:
        with closing(sqlite3.connect(self._path(label))) as driver:
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class RawSqlite:
    """The engine's own speed."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def mark(self) -> Mark:
        """Where the store stands."""
        return Mark(
            *self._driver.execute(
                "SELECT (SELECT max(sequence) FROM events), (SELECT max(number) FROM customers)"
            ).fetchone()
        )

    def rows_since(self, mark: Mark) -> NewRows:
        """What has been added since."""
        ask = self._driver.execute
        return NewRows(
            events=ask("SELECT * FROM events WHERE sequence > ? ORDER BY sequence", (mark.sequence,)).fetchall(),
            customers=ask("SELECT * FROM customers WHERE number > ? ORDER BY number", (mark.customer,)).fetchall(),
            identities=ask(
                "SELECT * FROM identities WHERE customer > ? ORDER BY customer", (mark.customer,)
            ).fetchall(),
        )

    def insert(self, rows: NewRows, per_transaction: int) -> float:
        """``executemany``, transaction by transaction."""
        started = time.perf_counter()
        for part in rows.by_transaction(per_transaction):
            self._driver.execute("BEGIN IMMEDIATE")
            self._insert("customers", part.customers)
            self._insert("identities", part.identities)
            self._insert("events", part.events)
            self._driver.execute("COMMIT")
        return time.perf_counter() - started

    def export(self, event_name: str, since: int, until: int) -> tuple[int, float]:
        """Selects and encodes."""
        count = 0
        started = time.perf_counter()
        cursor = self._driver.execute(SELECT.format("?"), (event_name, since, until))
        while page := cursor.fetchmany(PAGE):
            encode_page(page)
            count += len(page)
        return count, time.perf_counter() - started

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            self._driver.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
