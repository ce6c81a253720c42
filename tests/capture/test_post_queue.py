"""Posts are durable when they are acknowledged, and settled exactly once, whatever dies."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
import pytest

from footfall.apis.capillary import posts
from footfall.capture.post_queue import PostQueue
from footfall.capture.service import Capture
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition, Field, FieldAttribute, Post, WaitingPost
from footfall.model.workspace import Workspace
from footfall.storage import behavioural_events, event_details, post_queue
from footfall.storage.database import Database
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.writer import Overloaded

OWNER = bytes(16)
CUSTOMER = Field(
    "guest",
    "customer",
    {
        "identifierType": FieldAttribute("ENUM", "externalId"),
        "addCustomerIfNotExists": FieldAttribute("BOOLEAN", "true"),
    },
)


def define(capture: Capture, tenant: Workspace, name: str, *fields: Field) -> None:
    now = instant.now()
    capture.change_now(
        behavioural_events.add_definition,
        Definition(
            id=identifiers.new_id(1),
            workspace=tenant.number,
            name=name,
            label=None,
            description=None,
            actions=["EMFConsumer"],
            fields=list(fields),
            is_verified=False,
            created_at=now,
        ),
    )


def a_post(tenant: Workspace, guest: str = "g", name: str = "seen", received_at: int | None = None) -> WaitingPost:
    now = instant.now() if received_at is None else received_at
    return WaitingPost(
        id=posts.new_id(now),
        workspace=tenant.number,
        webhook=bytes(16),
        event_name=name,
        received_at=now,
        request=msgspec.json.encode({"event_name": name, "guest": guest}).decode(),
    )


def let_wait(capture: Capture, *waiting: WaitingPost) -> None:
    """As a process does that dies before it can do more."""
    for post in waiting:
        capture.change_now(post_queue.add, OWNER, post)


def logged(database: Database, tenant: Workspace) -> list[Post]:
    return database.read(behavioural_events.posts, tenant.number, None, since=0, until=instant.LATEST, limit=10_000)


def nobody_waits(database: Database) -> bool:
    return not database.read(post_queue.oldest_before, instant.LATEST, most=1, characters=1)


def wait_until_nobody_waits(database: Database) -> None:
    deadline = time.monotonic() + 30
    while not nobody_waits(database):
        assert time.monotonic() < deadline


@pytest.fixture
def other(database_url: str, database: Database) -> Iterator[tuple[Database, Capture]]:
    """A second process's database and way in."""
    store = Database(database_url)
    capture = Capture(store)
    yield store, capture
    capture.close()
    store.close()


def test_what_a_dead_process_left_behind_is_settled_once_by_one_that_starts(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    define(capture, tenant, "seen", CUSTOMER)
    waiting = [a_post(tenant, f"g{number}") for number in range(1_100)]
    let_wait(capture, *waiting)

    queue = PostQueue(database, capture, partial(posts.settle, database, capture))
    asyncio.run(queue.add(late := a_post(tenant)))
    wait_until_nobody_waits(database)
    queue.close()

    entries = logged(database, tenant)
    assert {entry.status for entry in entries} == {"EVENT_SUCCESS"}
    assert sorted(entry.id for entry in entries) == sorted(post.id for post in [*waiting, late])
    assert all(database.read(event_details.with_definition, tenant.number, post.id) for post in waiting)


def test_what_another_process_leaves_behind_is_taken_up_after_a_while_by_one_that_runs(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall.capture.post_queue._LOOK_ROUND_SECONDS", 0.02)
    define(capture, tenant, "seen", CUSTOMER)
    queue = PostQueue(database, capture, partial(posts.settle, database, capture))
    asyncio.run(queue.add(a_post(tenant)))
    for _ in range(3):
        wait_until_nobody_waits(database)
        let_wait(capture, a_post(tenant, received_at=instant.now() - 3600 * instant.SECOND))
    wait_until_nobody_waits(database)
    queue.close()

    assert len(logged(database, tenant)) == 4


def test_processes_that_settle_the_same_posts_at_once_settle_each_once(
    database: Database, capture: Capture, tenant: Workspace, other: tuple[Database, Capture]
) -> None:
    define(capture, tenant, "seen", CUSTOMER)
    waiting = [a_post(tenant, f"g{number % 7}") for number in range(200)]
    let_wait(capture, *waiting)
    start = threading.Barrier(2)

    def settle(store: Database, way_in: Capture, order: Sequence[WaitingPost]) -> int:
        start.wait()
        return sum(posts.settle(store, way_in, order[first : first + 20]) for first in range(0, 200, 20))

    with ThreadPoolExecutor(2) as threads:
        mine = threads.submit(settle, database, capture, waiting)
        its = threads.submit(settle, *other, waiting[::-1])
        assert mine.result() + its.result() == len(waiting)

    assert nobody_waits(database)
    assert sorted(entry.id for entry in logged(database, tenant)) == sorted(post.id for post in waiting)


def test_a_process_that_dies_between_taking_and_storing_has_taken_nothing(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    post = a_post(tenant)
    let_wait(capture, post)

    dying = database.open_writer()
    dying.begin()
    assert post_queue.take(dying, tenant.number, [post.id]) == {post.id}
    dying.close()

    assert database.read(post_queue.waiting, tenant.number, post.id) == post
    assert capture.change_now(post_queue.take, tenant.number, [post.id]) == {post.id}
    assert capture.change_now(post_queue.take, tenant.number, [post.id]) == set()


def test_a_post_of_another_workspace_cannot_be_taken_or_seen(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    post = a_post(tenant)
    let_wait(capture, post)

    assert capture.change_now(post_queue.take, tenant.number + 1, [post.id]) == set()
    assert database.read(post_queue.waiting, tenant.number + 1, post.id) is None
    assert not nobody_waits(database)


def test_posts_that_cannot_be_dealt_with_keep_nobody_else_waiting(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    define(capture, tenant, "seen", CUSTOMER)
    define(capture, tenant, "broken")  # no field names a customer: no API lets such a definition in
    waiting = [a_post(tenant), a_post(tenant, name="broken"), a_post(tenant)]
    let_wait(capture, *waiting)

    assert posts.settle(database, capture, waiting) == 3

    outcome = {entry.id: entry.status for entry in logged(database, tenant)}
    assert [outcome[post.id] for post in waiting] == ["EVENT_SUCCESS", "EVENT_CONSUMER_FAILED", "EVENT_SUCCESS"]
    assert nobody_waits(database)


def test_a_post_waits_until_the_store_is_back(database: Database, capture: Capture, tenant: Workspace) -> None:
    define(capture, tenant, "seen", CUSTOMER)
    away = [True, True]

    def settle(waiting: Sequence[WaitingPost]) -> int:
        if away:
            away.pop()
            raise DatabaseUnavailable("away")
        return posts.settle(database, capture, waiting)

    queue = PostQueue(database, capture, settle)
    asyncio.run(queue.add(post := a_post(tenant)))
    while away:
        queue._woken.set()
    queue.close()

    assert [entry.id for entry in logged(database, tenant)] == [post.id]


def test_more_posts_than_may_wait_are_refused(database: Database, capture: Capture, tenant: Workspace) -> None:
    goes_on = threading.Event()

    def settle(waiting: Sequence[WaitingPost]) -> int:
        goes_on.wait()
        return posts.settle(database, capture, waiting)

    queue = PostQueue(database, capture, settle, capacity=2)
    asyncio.run(queue.add(a_post(tenant)))
    asyncio.run(queue.add(a_post(tenant)))
    with pytest.raises(Overloaded):
        asyncio.run(queue.add(a_post(tenant)))
    goes_on.set()
    queue.close()

    assert len(logged(database, tenant)) == 2


def test_a_group_is_bounded_by_what_its_posts_hold(database: Database, capture: Capture, tenant: Workspace) -> None:
    waiting = [a_post(tenant, "g" * 100, received_at=1_000_000 + number) for number in range(10)]
    let_wait(capture, *waiting)

    def oldest(most: int, characters: int) -> list[WaitingPost]:
        return database.read(post_queue.oldest_of, OWNER, most=most, characters=characters)

    assert oldest(3, 10_000) == waiting[:3]
    assert oldest(10, 300) == waiting[:2]
    assert oldest(10, 1) == waiting[:1], "one that is larger than a group is one alone"
    assert database.read(post_queue.oldest_of, bytes([1]) * 16, most=9, characters=9) == []
    assert database.read(post_queue.oldest_before, 1_000_002, most=9, characters=10_000) == waiting[:2]
