"""Reads of thousands of rows: one at a time, and in nobody else's way."""

import asyncio
import threading

import pytest

from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.failures import DatabaseUnavailable


def test_long_pages_are_made_one_after_the_other(database: Database) -> None:
    under_way: list[int] = []
    most: list[int] = []

    def page(_connection: Connection, number: int) -> int:
        under_way.append(number)
        most.append(len(under_way))
        threading.Event().wait(0.01)
        under_way.remove(number)
        return number

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(database.ask_in_turn(page, number) for number in range(5)))

    assert asyncio.run(all_at_once()) == [0, 1, 2, 3, 4]
    assert most == [1] * 5


def test_other_reads_do_not_wait_for_a_page(database: Database) -> None:
    answered = threading.Event()

    def page(_connection: Connection) -> bool:
        return answered.wait(30)

    def other(_connection: Connection) -> None:
        answered.set()

    async def both() -> bool:
        slow = asyncio.create_task(database.ask_in_turn(page))
        await database.ask_long(other)
        return await slow

    assert asyncio.run(both())


def test_who_waits_for_too_long_is_told(database_url: str) -> None:
    database = Database(database_url, patience_seconds=0.1)
    began = threading.Event()

    def page(_connection: Connection) -> None:
        began.set()
        threading.Event().wait(0.2)

    async def one_behind_the_other() -> None:
        first = asyncio.create_task(database.ask_in_turn(page))
        await database.ask_long(lambda _: began.wait(30))
        with pytest.raises(DatabaseUnavailable):
            await database.ask_in_turn(page)
        await first

    try:
        asyncio.run(one_behind_the_other())
    finally:
        database.close()
