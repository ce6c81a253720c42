"""Limits on requests hold over all processes on a database."""

import asyncio

import pytest

from footfall.storage.database import Database
from footfall.tenancy.rate_limit import DAY, SECOND, RateLimit, TooOften

NOON = 43_200.0


def admitted(limit: RateLimit, name: str, requests: int, limits: dict[int, int]) -> int:
    async def ask() -> int:
        count = 0
        for _ in range(requests):
            try:
                await limit.count(name, limits)
            except TooOften:
                continue
            count += 1
        return count

    return asyncio.run(ask())


@pytest.fixture
def second(database: Database, database_url: str) -> Database:
    """Another process's database: the same one."""
    return Database(database_url)


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_one_process_lets_in_exactly_as_many_as_allowed(database: Database, limit: int) -> None:
    now = [4e9]  # far ahead, so that nothing is forgotten meanwhile
    guard = RateLimit(database, lambda: now[0])

    assert admitted(guard, "key", limit + 50, {SECOND: limit}) == limit
    assert admitted(guard, "other key", 1, {SECOND: limit}) == 1
    now[0] += 1
    assert admitted(guard, "key", limit + 50, {SECOND: limit}) == limit


def test_several_processes_let_in_no_more_together(database: Database, second: Database) -> None:
    guards = [RateLimit(each, lambda: 4e9) for each in (database, second)]

    counts = [0, 0]
    for _ in range(30):
        for index, guard in enumerate(guards):
            counts[index] += admitted(guard, "key", 1, {SECOND: 40})
    second.close()

    assert sum(counts) == 40
    assert min(counts) > 10


def test_a_days_quota_survives_a_restart(database: Database, database_url: str) -> None:
    day = 50_000 * DAY
    assert admitted(RateLimit(database, lambda: day + NOON), "key", 30, {DAY: 20}) == 20

    restarted = Database(database_url)
    assert admitted(RateLimit(restarted, lambda: day + NOON + 9), "key", 30, {DAY: 20}) == 0
    assert admitted(RateLimit(restarted, lambda: day + DAY + 1.0), "key", 30, {DAY: 20}) == 20
    restarted.close()


def test_whoever_is_refused_hears_when_to_come_again(database: Database) -> None:
    guard = RateLimit(database, lambda: 50_000 * DAY + NOON)

    async def ask() -> int:
        await guard.count("key", {DAY: 1})
        with pytest.raises(TooOften) as refused:
            await guard.count("key", {SECOND: 0, DAY: 1})
        return refused.value.retry_after

    assert asyncio.run(ask()) == DAY - NOON


def test_many_keys_keep_their_own_counts(database: Database) -> None:
    guard = RateLimit(database, lambda: 4e9)

    assert [admitted(guard, f"key {number}", 3, {SECOND: 2}) for number in range(300)] == [2] * 300
