"""PostgreSQL is killed, stopped, hangs, is locked or turns read-only under a running server, which recovers."""

import time
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest

from tests.conftest import Server, new_workspace, start_server
from tests.faults import Calls, Captured, assert_refused, at_once, calls_of, capturing, eventually, running
from tests.postgresql import PostgresServer
from tests.products import settled

BOUND_SECONDS = 20
"""How long an answer may take of a server that has one second's patience."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that may be broken, and keeps what it has committed."""
    server = PostgresServer(durable=True)
    yield server
    server.remove()


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """A database of its own."""
    return postgres.new_database("faults")


@pytest.fixture
def server(url: str) -> Iterator[Server]:
    """The server under test, with the patience that it has by default."""
    with running(url) as found:
        yield found


@pytest.fixture
def impatient(url: str) -> Iterator[Server]:
    """A server that waits for its database for as short as it can be told to."""
    with running(f"{url}?connect_timeout=2", FOOTFALL_DATABASE_PATIENCE_SECONDS="1") as found:
        yield found


@pytest.fixture
def calls(impatient: Server) -> Iterator[Calls]:
    with calls_of(impatient) as found:
        yield found


def stored(url: str) -> Counter[str]:
    """How often each event is in the store."""
    with psycopg.connect(url) as direct:
        return Counter(row[0] for row in direct.execute("SELECT properties::json ->> 'n' FROM events"))


def assert_kept(told: Captured, url: str) -> None:
    """Asserts that everything acknowledged is stored, and everything stored was acknowledged once."""
    assert stored(url) == Counter(told.ids.keys())
    assert len(set(told.ids.values())) == len(told.ids)


def in_time(calls: dict[str, Callable[[], httpx.Response]]) -> dict[str, httpx.Response]:
    """The answers, none of which keeps its client waiting."""
    began = time.monotonic()
    answers = at_once(calls)
    assert time.monotonic() - began < BOUND_SECONDS
    return answers


def test_what_was_acknowledged_survives_kill_nine_of_the_server(url: str) -> None:
    server = start_server(url)
    token = new_workspace(url).footfall.token
    port = int(server.url.rsplit(":", 1)[1])
    with capturing(server, token) as told:
        time.sleep(1)
        server.kill()
        again = start_server(url, port=port)
        time.sleep(0.5)
    again.stop()

    found = stored(url)
    assert len(told.ids) > 20
    assert set(found) == set(told.ids)
    assert all(count == 1 for known_by, count in found.items() if int(known_by.split("-")[1]) % 2), "those with a key"
    # An answer that died with the server is a doubt that only a key resolves: one such event per client at most.
    assert found.total() - len(told.ids) <= 4


def test_nothing_is_lost_or_doubled_when_all_of_postgresql_is_killed(
    postgres: PostgresServer, server: Server, url: str
) -> None:
    """With keys and without: a commit whose answer is lost is looked up when the database is back."""
    token = new_workspace(url).footfall.token
    with capturing(server, token) as told:
        time.sleep(0.7)
        before = len(told.ids)
        postgres.kill()
        postgres.start()
        eventually(lambda: len(told.ids) > before + 20)

    assert before > 20
    assert set(told.refusals) <= {503}
    assert_kept(told, url)


def test_while_postgresql_is_stopped_every_api_says_so_and_goes_on_when_it_is_back(
    postgres: PostgresServer, impatient: Server, calls: Calls
) -> None:
    postgres.stop()
    try:
        for path, answer in in_time(calls.reads()).items():
            assert_refused(path, answer, 503)
        for path, answer in in_time(calls.writes()).items():
            assert_refused(path, answer, 503)
        assert calls.http.get("/readyz").status_code == 503
        assert calls.http.get("/healthz").status_code == 200
    finally:
        postgres.start()

    eventually(calls.all_work)
    assert calls.http.get("/readyz").status_code == 200


def test_while_postgresql_hangs_every_api_says_so_in_time_and_goes_on_when_it_does(
    postgres: PostgresServer, calls: Calls, url: str
) -> None:
    """It takes connections and never says a word: no lock's and no statement's limit ends that."""
    postgres.hang()
    try:
        for path, answer in in_time(calls.writes("hung")).items():
            assert_refused(path, answer, 503)
        for path, answer in in_time(calls.reads()).items():
            assert_refused(path, answer, 503)
        assert calls.http.get("/healthz").status_code == 200
    finally:
        postgres.go_on()

    eventually(calls.all_work)
    with psycopg.connect(url) as direct:
        found = direct.execute(
            "SELECT count(*) FROM events JOIN event_types ON event_types.number = events.type"
            " WHERE event_types.name = 'hung'"
        ).fetchone()
    assert found == (0,), "what was refused did not come in later"


def test_a_hang_in_the_middle_of_writing_loses_and_doubles_nothing(postgres: PostgresServer, url: str) -> None:
    patient = running(f"{url}?connect_timeout=20", FOOTFALL_DATABASE_PATIENCE_SECONDS="20")
    with patient as server, capturing(server, new_workspace(url).footfall.token) as told:
        time.sleep(0.7)
        before = len(told.ids)
        postgres.hang()
        time.sleep(1)
        postgres.go_on()
        eventually(lambda: len(told.ids) > before + 20)

    assert not told.refusals, "nobody noticed"
    assert_kept(told, url)


def test_when_postgresql_turns_read_only_reads_go_on_and_writes_come_back(
    postgres: PostgresServer, calls: Calls, url: str
) -> None:
    """As after a failover to a server that is not yet the primary."""
    name = url.rsplit("/", 1)[1]
    with psycopg.connect(postgres.url(), autocommit=True) as direct:
        direct.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
        direct.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

        assert all(answer.status_code in (200, 400) for answer in in_time(calls.reads()).values())
        for path, answer in in_time(calls.writes()).items():
            assert_refused(path, answer, 503)

        direct.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = off".encode())
    eventually(calls.all_work)


def test_while_a_table_is_locked_writes_are_refused_in_time_and_then_go_on(calls: Calls, url: str) -> None:
    with psycopg.connect(url) as direct:
        direct.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        posted: list[str] = []
        for path, answer in in_time(calls.writes()).items():
            if path == "/eucrm/webhooks" and answer.is_success:  # it waits in another table
                posted.append(answer.json()["requestId"])
            else:
                assert_refused(path, answer, 503)
        locked = {path: call for path, call in calls.reads().items() if path in ("/api/events", "/events")}
        for path, answer in in_time(locked).items():
            assert_refused(path, answer, 503)
    eventually(calls.all_work)
    for request_id in posted:
        settled(calls.http, request_id, calls.products.capillary)
