"""Distributing: refused in plain words where there is no cluster, online where there is one."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from click.testing import CliRunner

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.cli.main import main
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.query import Comparison, EventQuery, Operator, SortKey
from footfall.model.workspace import Workspace
from footfall.storage import distribution, event_details, event_search, events, workspaces
from footfall.storage.database import Database, url_of
from footfall.storage.engines.postgresql import _DIALECT, PostgresqlConnection, _bound
from footfall.storage.search_memory import SearchMemory
from footfall.tenancy.creation import NewWorkspace
from tests import citus
from tests.conftest import CITUS_URL, Server, new_workspace, start_server
from tests.products import Products

on_cluster = pytest.mark.parametrize("engine", ["citus"], indirect=True, scope="session")
needs_cluster = pytest.mark.cluster

NAME = "kept"
WRITERS = 3
BEFORE = 3_000
START = instant.now()
TODAY = {
    "dateRangeStart": str((START - instant.DAY) // instant.MILLISECOND),
    "dateRangeEnd": str((START + instant.DAY) // instant.MILLISECOND),
}


def test_an_embedded_database_is_not_distributed(tmp_path: Path) -> None:
    url = url_of(tmp_path / "footfall.db")

    told = CliRunner().invoke(main, ["db", "distribute", "--database", url])

    assert told.exit_code == 1
    assert told.output == (
        f"Error: {url}: an embedded database is on one machine; a cluster has a URL postgresql://...\n"
    )


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="session")
def test_a_server_without_citus_is_not_distributed(database: Database) -> None:
    told = CliRunner().invoke(main, ["db", "distribute", "--database", database.url])

    assert told.exit_code == 1
    assert "it has no extension citus; see docs/scaling.md" in told.output


@needs_cluster
@on_cluster
def test_every_table_is_distributed_and_a_second_time_changes_nothing(database: Database) -> None:
    told: list[str] = []

    database.distribute(told.append)

    assert told == []
    with psycopg.connect(database.url) as direct:
        kinds: dict[str, str] = dict(
            direct.execute("SELECT table_name::text, citus_table_type FROM citus_tables").fetchall()
        )
        own = {row[0] for row in direct.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {name for name, kind in kinds.items() if kind == "reference"} == set(distribution.REFERENCE)
    assert {name for name, kind in kinds.items() if kind == "distributed"} == set(distribution.DISTRIBUTED)
    assert own - set(kinds) == {"alembic_version", "commits"}, "what only the coordinator needs"


@pytest.fixture
def alone() -> Iterator[str]:
    """A database on the coordinator that is not part of the cluster yet."""
    name = f"test_{uuid4().hex[:12]}_alone"
    yield citus.create_alone(CITUS_URL, name)
    citus.drop_database(CITUS_URL, name)


@pytest.fixture
def serving(alone: str) -> Iterator[Server]:
    """A server on it."""
    Database(alone).prepare()
    server = start_server(alone)
    yield server
    server.stop()


@needs_cluster
def test_a_filled_database_is_distributed_while_it_is_written_and_read(alone: str, serving: Server) -> None:
    """What was prepared and cached before goes on working; what fails meanwhile is 503, and succeeds when repeated."""
    workspace = new_workspace(alone)
    database = Database(alone)
    _fill(database, workspace)
    clients = _Clients(serving.url, workspace)
    clients.run_for(1.0)

    citus.join(CITUS_URL, alone.rsplit("/", 1)[1])
    told: list[str] = []
    database.distribute(told.append)
    database.close()
    clients.run_for(2.0)
    clients.stop()

    assert len(told) == len(distribution.REFERENCE) + len(distribution.DISTRIBUTED)
    assert clients.unexpected == Counter(), "besides what succeeds there is 503, and nothing else"
    with psycopg.connect(alone) as direct:
        stored = [row[0] for row in direct.execute("SELECT external_id FROM events WHERE external_id IS NOT NULL")]
        counted = direct.execute("SELECT sum(events) FROM event_counts WHERE type = 0 AND level = 0").fetchone()
        people = direct.execute("SELECT count(*), count(DISTINCT external_id) FROM customers").fetchone()
    assert sorted(stored) == sorted(clients.acknowledged), "nothing is lost, and nothing is there twice"
    assert counted == (BEFORE + len(stored),)
    assert people is not None
    assert people[0] == people[1]
    with httpx.Client(base_url=serving.url, timeout=30) as http:
        products = Products(http, workspace)
        _, event_id = clients.acknowledged.popitem()
        assert products.read_rapidly(event_id) is not None
        assert products.read_capillary(event_id) is not None
        assert sum(1 for _ in products.export_clevertap(NAME)) == BEFORE + len(stored)
        assert len(products.read_gainsight_px(filter=f"eventName=={NAME}", **TODAY)) == 1_000


def _fill(database: Database, workspace: NewWorkspace) -> None:
    capture = Capture(database)
    tenant = database.read(workspaces.by_name, workspace.workspace.name)
    assert tenant is not None
    for start in range(0, BEFORE, 1_000):
        sent = [_an_event(number) for number in range(start, start + 1_000)]
        capture.submit(Batch(workspace=tenant, events=sent)).result(60)
    capture.close()


def _an_event(number: int) -> NewEvent:
    customer = CustomerReference(identities=(Identity("external_id", f"c{number % 50}"),))
    return NewEvent(name=NAME, occurred_at=START - number, received_at=START, customer=customer)


class _Clients:
    """Some that capture one event after the other and repeat what was not acknowledged, and some that read."""

    def __init__(self, url: str, workspace: NewWorkspace) -> None:
        self.acknowledged: dict[str, str] = {}
        self.unexpected: Counter[tuple[str, int, str]] = Counter()
        self.refused: Counter[str] = Counter()
        self._url = url
        self._workspace = workspace
        self._stopping = threading.Event()
        jobs: list[Callable[[httpx.Client], None]] = [self._read, *[self._write] * WRITERS]
        self._threads = [threading.Thread(target=self._client, args=(job,)) for job in jobs]
        for thread in self._threads:
            thread.start()

    def run_for(self, seconds: float) -> None:
        time.sleep(seconds)
        assert all(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)

    def _client(self, job: Callable[[httpx.Client], None]) -> None:
        with httpx.Client(base_url=self._url, timeout=90) as http:
            job(http)

    def _write(self, http: httpx.Client) -> None:
        headers = {"Authorization": f"Bearer {self._workspace.footfall.token}"}
        while not self._stopping.is_set():
            key = uuid4().hex
            body = {"name": NAME, "external_id": key, "customer": {"external_id": f"c{key[:2]}"}}
            while key not in self.acknowledged:
                answer = http.post("/events", json=body, headers=headers)
                if answer.status_code == 201:
                    self.acknowledged[key] = answer.json()["id"]
                elif not self._may_be_refused(answer):
                    return

    def _read(self, http: httpx.Client) -> None:
        products = Products(http, self._workspace)
        while not self._stopping.is_set():
            event_id = next(reversed(list(self.acknowledged.values())), None)
            reads: list[tuple[str, dict[str, str], dict[str, str]]] = [
                ("/v1/events/custom", {"filter": f"eventName=={NAME}", "pageSize": "25", **TODAY}, products.px)
            ]
            if event_id is not None:
                reads += [
                    (f"/api/events/{event_id}", {}, products.rapidly),
                    ("/v2/events/event_data", {"id": event_id}, products.capillary),
                ]
            for path, query, headers in reads:
                answer = http.get(path, params=query, headers=headers)
                if answer.status_code != 200:
                    self._may_be_refused(answer)

    def _may_be_refused(self, answer: httpx.Response) -> bool:
        path = answer.request.url.path
        if answer.status_code == 503 or (
            answer.status_code == 500 and "1849" in answer.text
        ):  # Capillary's word for it
            self.refused[path] += 1
            return True
        self.unexpected[path, answer.status_code, answer.text[:200]] += 1
        return False


@needs_cluster
@on_cluster
def test_an_event_by_its_id_is_asked_of_one_shard(database: Database, tenant: Workspace) -> None:
    connection = database.reader()
    assert isinstance(connection, PostgresqlConnection)
    for statement in (events._BY_ID, event_details._EVENT_WITH_CUSTOMER, event_details._EVENT_WITH_DEFINITION):
        compiled = statement.compiled(_DIALECT)
        values = _bound(compiled, {"workspace": tenant.number, "id": bytes(16)})
        plan = connection._driver.execute(f"EXPLAIN {compiled.text}".encode(), values).fetchall()
        (tasks,) = [line for (line,) in plan if "Task Count" in line]
        assert tasks.strip() == "Task Count: 1"


@pytest.mark.parametrize(
    "engine", ["postgresql", pytest.param("citus", marks=needs_cluster)], indirect=True, scope="session"
)
def test_a_total_is_that_of_its_snapshot_while_others_write(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    """Two processes write; each first page's total is what a walk up to its snapshot finds."""
    others = [Database(database.url) for _ in range(2)]
    ways_in = [Capture(other) for other in others]
    capture.submit(Batch(workspace=tenant, events=[_an_event(0)])).result(30)
    stopping = threading.Event()
    stored: list[int] = []

    def write(way_in: Capture) -> None:
        number = 0
        while not stopping.is_set():
            number += 1
            sent = [
                _an_event(number),
                NewEvent(name=NAME, occurred_at=START - number * instant.HOUR, received_at=START),
            ]
            outcomes = way_in.submit(Batch(workspace=tenant, events=sent)).result(30).outcomes
            stored.extend(each.sequence for each in outcomes if isinstance(each, Captured) and each.sequence)

    writers = [threading.Thread(target=write, args=(way_in,)) for way_in in ways_in]
    for writer in writers:
        writer.start()
    by_name = Comparison("name", Operator.EQUAL, NAME)
    query = EventQuery(
        workspace=tenant.number, alternatives=((by_name,),), order=(SortKey("occurred_at", descending=True),), limit=5
    )
    totals: list[tuple[int, int]] = []
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        first = database.read(event_search.first_page, query, SearchMemory())
        assert first.query.snapshot is not None
        totals.append((first.query.snapshot, first.total))
    stopping.set()
    for writer in writers:
        writer.join(30)
    for way_in, other in zip(ways_in, others, strict=True):
        way_in.close()
        other.close()

    assert len(totals) > 5
    assert len(stored) > 20
    for snapshot, total in totals:
        assert total == 1 + sum(sequence <= snapshot for sequence in stored)


@needs_cluster
@on_cluster
def test_a_total_does_not_wait_for_a_writer_that_takes_long(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    capture.submit(Batch(workspace=tenant, events=[_an_event(0), _an_event(1)])).result(30)
    slow = database.open_writer()
    slow.begin()
    slow.lock(tenant.number, shared=True)
    query = EventQuery(workspace=tenant.number, alternatives=((Comparison("name", Operator.EQUAL, NAME),),), limit=5)

    first = database.read(event_search.first_page, query, SearchMemory())

    assert (first.total, len(first.events)) == (2, 2)
    slow.close()
