"""The embedded database's disk is full, or another process holds its lock, under a running server."""

import resource
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.faults import Calls, assert_refused, at_once, calls_of, eventually, running

BOUND_SECONDS = 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "footfall.db"


@pytest.fixture
def server(path: Path) -> Iterator[Server]:
    with running(f"sqlite:///{path}", FOOTFALL_DATABASE_PATIENCE_SECONDS="1") as found:
        yield found


@pytest.fixture
def calls(server: Server) -> Iterator[Calls]:
    with calls_of(server) as found:
        yield found


def assert_reads_go_on(calls: Calls) -> None:
    for path, answer in at_once(calls.reads()).items():
        assert answer.status_code == 200 or path == "/v3/users", (path, answer.text)


def count_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as direct:
        count: int = direct.execute("SELECT count(*) FROM events").fetchone()[0]
    return count


def test_on_a_full_disk_writes_are_refused_whole_reads_go_on_and_all_recovers(
    server: Server, calls: Calls, path: Path
) -> None:
    """The server's files may not grow; that is lifted from outside, as if somebody had made room."""
    before = count_of(path)
    pid = server.process.pid
    largest = path.with_name("footfall.db-wal").stat().st_size
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, hard))

    for where, answer in at_once(calls.writes()).items():
        assert_refused(where, answer, 503)
    assert_reads_go_on(calls)
    assert count_of(path) == before, "nothing is stored in part"

    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    eventually(lambda: all(answer.is_success for answer in at_once(calls.writes()).values()))
    server.stop()
    with closing(sqlite3.connect(path)) as direct:
        assert direct.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_while_another_process_writes_writes_are_refused_in_time_and_reads_go_on(calls: Calls, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        before = count_of(path)
        began = time.monotonic()
        for where, answer in at_once(calls.writes()).items():
            assert_refused(where, answer, 503)
        assert time.monotonic() - began < BOUND_SECONDS
        assert_reads_go_on(calls)
        assert calls.http.get("/readyz").status_code == 200
        other.execute("ROLLBACK")

    assert count_of(path) == before
    eventually(calls.all_work)


def test_a_full_queue_refuses_in_each_products_words_and_stores_nothing_of_it(path: Path) -> None:
    """Another process holds the lock: one event is being written, one waits, and no more may."""
    settings = {"FOOTFALL_QUEUE_CAPACITY": "1", "FOOTFALL_DATABASE_PATIENCE_SECONDS": "60"}
    with (
        running(f"sqlite:///{path}", **settings) as server,
        calls_of(server) as calls,
        ThreadPoolExecutor() as threads,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        before = count_of(path)
        waiting = []
        for _ in range(2):
            waiting.append(threads.submit(calls.writes()["/events"]))
            time.sleep(0.5)

        for where, answer in at_once(calls.writes("refused")).items():
            assert_refused(where, answer, 429)
        assert_reads_go_on(calls)

        other.execute("ROLLBACK")
        assert [future.result().status_code for future in waiting] == [201, 201]
        assert count_of(path) == before + 2
        assert all(call().is_success for call in calls.writes().values())
