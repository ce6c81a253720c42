"""Reads that are short as a rule: where they run, and what becomes of one that is not."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.engines.sqlite import SqliteConnection
from footfall.storage.failures import DatabaseUnavailable, TooLong
from footfall.storage.statement import Statement

_COUNT_UP = Statement(
    sa.text(
        "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < :last) SELECT count(*) FROM up"
    ).bindparams(bindparam("last"))
)
FEW = 10
MANY = 200_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'brief.db'}")
    yield found
    found.close()


def count_up(connection: Connection, last: int) -> tuple[int, threading.Thread]:
    """Counts to ``last``; also the thread that did it."""
    return int(connection.value(_COUNT_UP, last=last)), threading.current_thread()


def test_a_short_read_runs_on_the_event_loop(database: Database) -> None:
    counted, thread = asyncio.run(database.ask_briefly(count_up, FEW))

    assert counted == FEW
    assert thread is threading.current_thread()


def test_a_read_that_turns_out_long_is_done_again_in_a_worker_thread(database: Database) -> None:
    counted, thread = asyncio.run(database.ask_briefly(count_up, MANY))

    assert counted == MANY
    assert thread is not threading.current_thread()


def test_short_reads_stay_on_the_event_loop_however_many_went_before(database: Database) -> None:
    async def threads() -> set[threading.Thread]:
        return {(await database.ask_briefly(count_up, 1_000))[1] for _ in range(200)}

    assert asyncio.run(threads()) == {threading.current_thread()}


def test_a_limit_holds_for_all_reads_inside_together(database: Database) -> None:
    reader = database.reader()
    assert isinstance(reader, SqliteConnection)

    with pytest.raises(TooLong), reader.at_most(10_000):
        _ = [count_up(reader, 100) for _ in range(1_000)]


def test_a_limit_ends_with_its_block(database: Database) -> None:
    reader = database.reader()
    assert isinstance(reader, SqliteConnection)
    with pytest.raises(TooLong), reader.at_most(1_000):
        count_up(reader, MANY)

    assert count_up(reader, MANY)[0] == MANY


def test_a_failure_within_the_limit_stays_what_it_is(database: Database) -> None:
    reader = database.reader()
    assert isinstance(reader, SqliteConnection)
    with pytest.raises(DatabaseUnavailable, match="no such table"), reader.at_most(1_000):
        reader.value(Statement(sa.text("SELECT 1 FROM nowhere")))
