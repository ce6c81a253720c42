"""Group commit, on a real database file."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.writer import Closed, Overloaded, Writer


class Gate:
    """Holds the writer inside a transaction until it is opened, and remembers the groups it saw."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()
        self.groups: list[list[int]] = []

    def apply(self, connection: Connection, works: Sequence[int]) -> list[Any]:
        self.groups.append(list(works))
        self.entered.set()
        assert self.open.wait(10)
        if any(work < 0 for work in works):
            raise ValueError("negative")
        return [work * 2 for work in works]


def test_what_waits_during_a_commit_is_the_next_group(database: Database) -> None:
    gate = Gate()
    writer = Writer(database, gate.apply, weigh=lambda _: 1)

    first = writer.submit(1)
    assert gate.entered.wait(10)
    others = [writer.submit(number) for number in (2, 3, 4)]
    gate.open.set()

    assert [future.result(10) for future in (first, *others)] == [2, 4, 6, 8]
    assert gate.groups == [[1], [2, 3, 4]]
    writer.close()


def test_a_bad_unit_harms_only_itself(database: Database) -> None:
    gate = Gate()
    writer = Writer(database, gate.apply, weigh=lambda _: 1)

    writer.submit(1)
    assert gate.entered.wait(10)
    good, bad, also_good = writer.submit(2), writer.submit(-1), writer.submit(3)
    gate.open.set()

    assert (good.result(10), also_good.result(10)) == (4, 6)
    with pytest.raises(ValueError, match="negative"):
        bad.result(10)
    writer.close()


def test_a_unit_that_nobody_waits_for_any_more_stops_nothing(database: Database) -> None:
    gate = Gate()
    writer = Writer(database, gate.apply, weigh=lambda _: 1)

    abandoned = writer.submit(1)
    assert gate.entered.wait(10)
    assert abandoned.cancel()
    gate.open.set()

    assert writer.submit(2).result(10) == 4
    writer.close()


def test_a_full_queue_refuses_at_once_and_recovers(database: Database) -> None:
    gate = Gate()
    writer = Writer(database, gate.apply, weigh=lambda _: 10, capacity=25)

    running = writer.submit(1)
    assert gate.entered.wait(10)
    waiting = [writer.submit(2), writer.submit(3)]
    with pytest.raises(Overloaded):
        writer.submit(4)
    gate.open.set()

    assert [future.result(10) for future in (running, *waiting)] == [2, 4, 6]
    assert writer.submit(5).result(10) == 10
    writer.close()


def test_a_unit_larger_than_the_queue_is_let_in_alone(database: Database) -> None:
    gate = Gate()
    gate.open.set()
    writer = Writer(database, gate.apply, weigh=lambda _: 1000, capacity=10)

    assert writer.submit(7).result(10) == 14
    writer.close()


def test_closing_writes_what_was_accepted_and_takes_no_more(database: Database) -> None:
    gate = Gate()
    writer = Writer(database, gate.apply, weigh=lambda _: 1)
    accepted = [writer.submit(number) for number in range(20)]
    gate.open.set()

    writer.close()

    assert [future.result(0) for future in accepted] == [number * 2 for number in range(20)]
    with pytest.raises(Closed):
        writer.submit(1)


def test_a_database_locked_by_another_process_is_told_as_unavailable(embedded: Database, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    gate = Gate()
    gate.open.set()
    database = Database(embedded.url, patience_seconds=0.05)
    writer = Writer(database, gate.apply, weigh=lambda _: 1)

    with pytest.raises(DatabaseUnavailable):
        writer.submit(1).result(10)
    other.execute("ROLLBACK")

    assert writer.submit(2).result(10) == 4, "the writer recovers by itself"
    other.close()
    writer.close()
    database.close()


def test_a_failure_that_has_ended_the_transaction_is_told_by_its_own_name(database: Database) -> None:
    """As SQLite does when the disk is full: nothing is left to roll back then."""

    def fill_the_disk(connection: Connection, works: Sequence[int]) -> list[Any]:
        if works == [1]:
            connection.rollback()
            raise DatabaseUnavailable("database or disk is full")
        return list(works)

    writer = Writer(database, fill_the_disk, weigh=lambda _: 1)

    with pytest.raises(DatabaseUnavailable, match="disk is full"):
        writer.submit(1).result(10)

    assert writer.submit(2).result(10) == 2
    writer.close()


def test_requests_of_one_group_are_answered_together_each_with_its_own_result(database: Database) -> None:
    gate = Gate()
    writer = Writer(database, gate.apply, weigh=lambda _: 1)

    async def scenario() -> list[Any]:
        first = asyncio.create_task(writer.write(1))
        await asyncio.to_thread(gate.entered.wait, 10)
        others = [asyncio.create_task(writer.write(number)) for number in (2, -3, 4)]
        await asyncio.sleep(0)
        gate.open.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    one, two, bad, four = asyncio.run(scenario())

    assert (one, two, four) == (2, 4, 8)
    assert isinstance(bad, ValueError)
    writer.close()


def test_work_is_done_although_the_request_that_asked_for_it_was_cancelled(database: Database) -> None:
    gate = Gate()
    writer = Writer(database, gate.apply, weigh=lambda _: 1)

    async def scenario() -> int:
        running = asyncio.create_task(writer.write(1))
        await asyncio.to_thread(gate.entered.wait, 10)
        cancelled = asyncio.create_task(writer.write(2))
        await asyncio.sleep(0)
        cancelled.cancel()
        gate.open.set()
        await running
        result: int = await writer.write(3)
        return result

    assert asyncio.run(scenario()) == 6
    assert [number for group in gate.groups for number in group] == [1, 2, 3]
    writer.close()


def test_an_event_loop_that_is_gone_stops_nothing(database: Database) -> None:
    gate = Gate()
    writer = Writer(database, gate.apply, weigh=lambda _: 1)

    async def leave() -> None:
        asyncio.create_task(writer.write(1))  # noqa: RUF006  (left behind on purpose)
        await asyncio.to_thread(gate.entered.wait, 10)

    asyncio.run(leave())
    gate.open.set()

    assert writer.submit(2).result(10) == 4
    writer.close()
