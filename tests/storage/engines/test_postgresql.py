"""What only a server has: writers side by side, connections that break, commits whose answer is lost."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customers, events, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.engines.postgresql import PostgresqlConnection, PostgresqlEngine
from footfall.storage.engines.postgresql_link import Link, WatchedConnection
from footfall.storage.failures import DatabaseUnavailable, FateUnknown
from footfall.tenancy.creation import create

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="session")


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """The same database, as another process sees it."""
    found = Database(database.url)
    yield found
    found.close()


@pytest.fixture
def other_capture(other: Database) -> Iterator[Capture]:
    service = Capture(other)
    yield service
    service.close()


def an_event(key: str | None = None, customer: str | None = None) -> NewEvent:
    return NewEvent(
        name="Viewed",
        occurred_at=1,
        received_at=1,
        external_id=key,
        customer=None if customer is None else CustomerReference(identities=(Identity("external_id", customer),)),
    )


def store(capture: Capture, tenant: Workspace, *sent: NewEvent) -> list[Captured]:
    outcomes = capture.submit(Batch(workspace=tenant, events=list(sent))).result(30).outcomes
    return [outcome for outcome in outcomes if isinstance(outcome, Captured)]


@pytest.fixture
def slow_writer(database: Database, capture: Capture, tenant: Workspace) -> Iterator[Connection]:
    """A writer that has been given sequences and has not committed, in a store that knows the events' name."""
    store(capture, tenant, an_event())
    connection = database.open_writer()
    connection.begin()
    connection.lock(tenant.number, shared=True)
    connection.next_sequences(tenant.number, 3)
    yield connection
    connection.close()


def test_a_reader_that_follows_waits_for_whoever_was_given_lower_sequences(
    database: Database, capture: Capture, tenant: Workspace, slow_writer: Connection
) -> None:
    (later,) = store(capture, tenant, an_event())
    seen: list[int] = []
    reader = threading.Thread(target=lambda: seen.append(database.reader().last_sequence(tenant.number)))
    reader.start()
    time.sleep(0.1)
    assert seen == [], "three sequences below are still to appear"

    slow_writer.commit()
    reader.join(10)

    assert seen == [later.sequence]


def test_a_reader_that_cannot_wait_stays_below_what_may_still_appear(
    database: Database,
    capture: Capture,
    tenant: Workspace,
    slow_writer: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("footfall.storage.engines.postgresql._READERS_PATIENCE_SECONDS", 0.1)
    (later,) = store(capture, tenant, an_event())
    assert later.sequence is not None

    assert database.read(_last, tenant) == later.sequence - 4, "what was stored before the writer began"
    slow_writer.commit()
    assert database.read(_last, tenant) == later.sequence


def test_nobody_waits_for_another_workspace(
    database: Database,
    capture: Capture,
    tenant: Workspace,
    slow_writer: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("footfall.storage.engines.postgresql._READERS_PATIENCE_SECONDS", 0)
    capture.change_now(create, "other", "UTC")
    neighbour = database.read(workspaces.by_name, "other")
    assert neighbour is not None

    (stored,) = store(capture, neighbour, an_event())

    assert database.read(_last, neighbour) == stored.sequence, "who waits without patience stays below"


def test_a_reader_that_follows_never_passes_over_an_event(
    database: Database, capture: Capture, other_capture: Capture, tenant: Workspace
) -> None:
    """Two processes write; a third takes what is new, over and over."""
    done = threading.Event()

    def write(way_in: Capture) -> None:
        for _ in range(60):
            store(way_in, tenant, an_event(), an_event())

    writers = [threading.Thread(target=write, args=(way_in,)) for way_in in (capture, other_capture)]
    for writer in writers:
        writer.start()
    followed: list[int] = []
    reached = 0

    def follow() -> None:
        nonlocal reached
        last = database.read(_last, tenant)
        followed.extend(_sequences(database, reached, last))
        reached = last

    while any(writer.is_alive() for writer in writers):
        follow()
    done.set()
    follow()

    assert followed == _sequences(database, 0, 10**9)
    assert len(followed) == 240


def test_two_processes_store_what_both_are_sent_once(
    database: Database, capture: Capture, other_capture: Capture, tenant: Workspace
) -> None:
    keys = [f"key {number}" for number in range(200)]
    outcomes: dict[str, list[Captured]] = {"one": [], "other": []}

    def write(name: str, way_in: Capture, order: list[str]) -> None:
        for start in range(0, len(order), 10):
            batch = [an_event(key, customer=f"person {key[-1]}") for key in order[start : start + 10]]
            outcomes[name] += store(way_in, tenant, *batch)

    writers = [
        threading.Thread(target=write, args=("one", capture, keys)),
        threading.Thread(target=write, args=("other", other_capture, keys[::-1])),
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)

    told = outcomes["one"] + outcomes["other"]
    assert len(told) == 400
    assert sum(not outcome.repeated for outcome in told) == 200
    assert len(_sequences(database, 0, 10**9)) == 200
    people = {f"person {digit}" for digit in range(10)}
    held = database.read(customers.holders, tenant.number, [Identity("external_id", name) for name in people])
    assert len({customer.number for customer in held.values()}) == 10


def test_a_broken_connection_is_replaced_without_anybody_noticing(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    store(capture, tenant, an_event("before"))
    assert database.read(events.known, tenant.number, []) == set()
    _end_connections(database)

    (stored,) = store(capture, tenant, an_event("after"))

    assert database.read(events.by_id, tenant.number, stored.id) is not None


@pytest.mark.parametrize("after", [True, False], ids=["looked up", "done again"])
def test_a_commit_whose_answer_is_lost_or_that_never_arrived_is_there_once(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    _lose_the_answer_of_the_next_commit(monkeypatch, after=after)

    (stored,) = store(capture, tenant, an_event())

    assert not stored.repeated
    assert len(_sequences(database, 0, 10**9)) == 1


def test_a_commit_of_which_nobody_can_tell_is_unavailable(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> WatchedConnection:
        raise psycopg.OperationalError("no route to host")

    store(capture, tenant, an_event())
    _lose_the_answer_of_the_next_commit(monkeypatch, after=True)
    monkeypatch.setattr(link_of(database), "silence_seconds", 0.1)
    monkeypatch.setattr(Link, "connect", gone)

    with pytest.raises(FateUnknown):
        store(capture, tenant, an_event())

    monkeypatch.undo()
    assert len(store(capture, tenant, an_event())) == 1, "it recovers by itself"


def test_a_commit_that_was_given_up_cannot_arrive_any_more(database: Database, tenant: Workspace) -> None:
    """As after a hang: the server finds the commit on its way in, after it has been asked what became of it."""
    late = database.open_writer()
    assert isinstance(late, PostgresqlConnection)
    late.begin()
    late.next_sequences(tenant.number, 1)
    late._commits = 1

    assert not late._has_committed()
    assert not late._has_committed(), "the same answer however often it is asked"
    late._commits = 0
    with pytest.raises(DatabaseUnavailable):
        late.commit()

    assert late.is_broken


def test_a_commit_that_arrived_is_found_however_often_it_is_asked_for(database: Database, tenant: Workspace) -> None:
    writer = database.open_writer()
    assert isinstance(writer, PostgresqlConnection)
    writer.begin()
    writer.commit()

    assert [writer._has_committed() for _ in range(3)] == [True, True, True]
    writer.close()


def test_a_silent_connection_is_given_up_only_when_nobody_else_is_answered_either(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_of(database)
    monkeypatch.setattr(link, "silence_seconds", 0.2)
    connection = link.connect()

    assert connection.execute("SELECT 1 FROM pg_sleep(0.7)").fetchone() == (1,)
    monkeypatch.setattr(link, "is_silent", lambda: True)
    with pytest.raises(psycopg.OperationalError, match="does not answer any more"):
        connection.execute("SELECT pg_sleep(5)")

    assert connection.closed


def test_a_url_may_name_several_servers_of_which_the_primary_is_found(database: Database) -> None:
    port = int(database.url.rsplit(":", 1)[1].split("/")[0])
    two = database.url.replace(f"127.0.0.1:{port}", f"127.0.0.1:1,127.0.0.1:{port}")
    both = Database(f"{two}?target_session_attrs=read-write")

    assert both.read(workspaces.by_name, "nobody") is None
    both.close()


def test_a_text_with_a_nul_finds_nothing(database: Database, tenant: Workspace) -> None:
    assert database.read(customers.by_identity, tenant.number, Identity("external_id", "a\0b")) is None
    assert database.read(customers.holders, tenant.number, [Identity("external_id", "a\0b")]) == {}


def link_of(database: Database) -> Link:
    engine = database._engine
    assert isinstance(engine, PostgresqlEngine)
    return engine._link


def _last(connection: Connection, workspace: Workspace) -> int:
    return connection.last_sequence(workspace.number)


def _sequences(database: Database, after: int, last: int) -> list[int]:
    with psycopg.connect(database.url) as direct:
        found = direct.execute(
            "SELECT sequence FROM events WHERE sequence > %s AND sequence <= %s ORDER BY sequence", (after, last)
        )
        return [row[0] for row in found]


def _end_connections(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as direct:
        direct.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _lose_the_answer_of_the_next_commit(monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    """The connection breaks at a commit: ``after`` the server has done it, or before it hears of it."""
    run = PostgresqlConnection._script
    lost = False

    def script(self: PostgresqlConnection, text: str) -> None:
        nonlocal lost
        if not text.endswith("COMMIT") or lost:
            run(self, text)
            return
        lost = True
        if after:
            run(self, text)
        self._driver.close()
        raise DatabaseUnavailable("the connection is lost")

    monkeypatch.setattr(PostgresqlConnection, "_script", script)
