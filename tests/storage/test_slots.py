"""Places that all processes on one database share."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress

import psycopg
import pytest

from footfall.storage.database import Database

_HOLD = """
import sys, time
from footfall.storage import slots
from footfall.storage.database import Database
database = Database(sys.argv[1])
print([database._slots.take(slots.key_of("door"), 3) is not None for _ in range(int(sys.argv[2]))], flush=True)
time.sleep(600)
"""


@contextmanager
def another_process(url: str, places: int) -> Iterator[str]:
    """Another process, which asks for that many of three places and is killed in the end; what it was given."""
    process = subprocess.Popen([sys.executable, "-c", _HOLD, url, str(places)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def given(database: Database, wanted: int, name: str = "door", limit: int = 3) -> list[bool]:
    """Whether each of ``wanted`` requests at once has a place."""
    async with AsyncExitStack() as all_at_once:
        return [await all_at_once.enter_async_context(database.slot(name, limit)) for _ in range(wanted)]


def test_no_more_requests_hold_a_place_than_there_are_and_each_gives_it_back(database: Database) -> None:
    assert asyncio.run(given(database, 5)) == [True, True, True, False, False]
    assert asyncio.run(given(database, 4)) == [True, True, True, False]


def test_groups_of_other_names_have_places_of_their_own(database: Database) -> None:
    async def side_by_side() -> list[bool]:
        async with database.slot("door", 1) as one, database.slot("gate", 1) as other, database.slot("door", 1) as more:
            return [one, other, more]

    assert asyncio.run(side_by_side()) == [True, True, False]


def test_a_place_is_given_back_when_its_request_fails(database: Database) -> None:
    async def fail() -> None:
        async with database.slot("door", 1):
            raise ValueError

    for _ in range(2):
        with suppress(ValueError):
            asyncio.run(fail())
    assert asyncio.run(given(database, 1, limit=1)) == [True]


def test_processes_share_the_places_and_the_dead_hold_none(database: Database) -> None:
    with another_process(database.url, 2) as first:
        assert first == "[True, True]"
        assert asyncio.run(given(database, 2)) == [True, False]
        with another_process(database.url, 2) as second:
            assert second == "[True, False]"
            assert asyncio.run(given(database, 1)) == [False]

    deadline = time.monotonic() + 10  # a server takes a moment to hear of a death
    while asyncio.run(given(database, 4)) != [True, True, True, False]:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="session")
def test_places_outlive_the_connection_that_holds_them(database: Database) -> None:
    async def hold_and_lose() -> list[bool]:
        async with database.slot("door", 3) as first:
            with psycopg.connect(database.url, autocommit=True) as direct:
                direct.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            async with database.slot("door", 3) as second:
                with another_process(database.url, 2) as other:
                    assert other == "[True, False]", "the place that was lost was taken again"
                return [first, second]

    assert asyncio.run(hold_and_lose()) == [True, True]
    assert asyncio.run(given(database, 3)) == [True, True, True]
