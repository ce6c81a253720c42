"""One connection to the database, as the statements see it."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Dialect

from footfall.storage.statement import SQLITE, BulkInsert, Statement

Row = tuple[Any, ...]

_LOOKS = 10  # how often a limited read is looked at before it is over its limit


class TooLong(Exception):  # noqa: N818  (no fault of the question's)
    """A read took more steps than it was given, and was ended."""


class Connection:
    """Runs statements on an embedded database. Not for sharing between threads."""

    __slots__ = ("_driver", "dialect")

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        self.dialect: Dialect = SQLITE

    def rows(self, statement: Statement, **parameters: Any) -> list[Row]:
        """All rows; only for statements with a bound on their number."""
        text, defaults = statement.text(self.dialect)
        return self._driver.execute(text, {**defaults, **parameters} if defaults else parameters).fetchall()

    def row(self, statement: Statement, **parameters: Any) -> Row | None:
        """The first row, or None."""
        text, defaults = statement.text(self.dialect)
        found: Row | None = self._driver.execute(
            text, {**defaults, **parameters} if defaults else parameters
        ).fetchone()
        return found

    def value(self, statement: Statement, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.row(statement, **parameters)
        return None if found is None else found[0]

    def stream(self, statement: Statement, **parameters: Any) -> Iterator[Row]:
        """Rows one by one, in constant memory."""
        text, defaults = statement.text(self.dialect)
        return iter(self._driver.execute(text, {**defaults, **parameters}))

    def execute(self, statement: Statement, **parameters: Any) -> int:
        """Runs a change; the number of rows it touched."""
        text, defaults = statement.text(self.dialect)
        return self._driver.execute(text, {**defaults, **parameters}).rowcount

    def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> int:
        """Runs a change once per row of parameters; the number of rows touched. No defaults are added."""
        text, _ = statement.text(self.dialect)
        return self._driver.executemany(text, rows).rowcount

    def insert(self, statement: BulkInsert, rows: Iterable[Row]) -> int:
        """Inserts whole rows; the number that were new."""
        return self._driver.executemany(statement.text, rows).rowcount

    def script(self, text: str) -> None:
        """Runs a transaction command: BEGIN, COMMIT, ROLLBACK, SAVEPOINT."""
        self._driver.execute(text)

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """All that is read inside tells of one state of the database, whatever is written meanwhile."""
        self._driver.execute("BEGIN")
        try:
            yield
        finally:
            self._driver.execute("COMMIT")

    @contextmanager
    def at_most(self, steps: int) -> Iterator[None]:
        """Ends what is read inside, all together, after about ``steps`` of the engine's steps. Raises TooLong."""
        left = _LOOKS

        def is_spent() -> bool:
            nonlocal left
            left -= 1
            return left < 0

        self._driver.set_progress_handler(is_spent, steps // _LOOKS)
        try:
            yield
        except sqlite3.OperationalError as error:
            if left < 0:
                raise TooLong from error
            raise
        finally:
            self._driver.set_progress_handler(None, 0)

    def close(self) -> None:
        """Closes the connection; a transaction that is open is rolled back."""
        self._driver.close()
