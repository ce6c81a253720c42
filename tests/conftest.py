"""Real parts: every API test talks HTTP to a server process on a port of its own, over a database of its own.

Whatever needs a database runs once per engine: on SQLite, on a PostgreSQL server that the test run starts, and on the
Citus cluster that FOOTFALL_TEST_CITUS_URL names, where it does.
"""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import hypothesis
import pytest

from footfall.capture.service import Capture
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database, url_of
from footfall.storage.engines.sqlite import SqliteConnection
from footfall.tenancy.creation import NewWorkspace, create
from tests import citus, postgresql
from tests.postgresql import PostgresServer

_SERVER = pytest.StashKey[PostgresServer]()

hypothesis.settings.register_profile("footfall", deadline=None)  # no test asserts a time
hypothesis.settings.load_profile("footfall")

CITUS_URL = os.environ.get("FOOTFALL_TEST_CITUS_URL", "")
ENGINES = ["sqlite", "postgresql", *(["citus"] if CITUS_URL else [])]

FOOTFALL = Path(sys.executable).with_name("footfall")
START_SECONDS = 90


@dataclass(frozen=True)
class Server:
    """A running ``footfall serve``."""

    url: str
    database_url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> int:
        """Stops it gracefully; its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=START_SECONDS)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait(timeout=START_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_server(database_url: str, *options: str, port: int | None = None, **settings: str) -> Server:
    """Starts a server and waits until it is ready.

    ``options`` are those of ``footfall serve``; ``settings`` become environment variables.
    """
    port = port or free_port()
    process = subprocess.Popen(
        [str(FOOTFALL), "serve", "--database", database_url, "--port", str(port), *options],
        env={**os.environ, **settings},
    )
    server = Server(f"http://127.0.0.1:{port}", database_url, process)
    until_ready(server)
    return server


def until_ready(server: Server) -> None:
    """Waits until it is."""
    process = server.process
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            if httpx.get(f"{server.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError("the server did not become ready")


def _with_name(server_url: str, name: str) -> str:
    return f"{server_url.rsplit('/', 1)[0]}/{name}"


def new_workspace(database_url: str, timezone: str = "UTC") -> NewWorkspace:
    """A workspace of its own for one test."""
    database = Database(database_url)
    capture = Capture(database)
    try:
        return capture.change_now(create, f"test {uuid4()}", timezone)
    finally:
        capture.close()
        database.close()


def pytest_configure(config: pytest.Config) -> None:
    """One PostgreSQL server for all test processes, from before the first until after the last."""
    if hasattr(config, "workerinput"):
        return
    config.stash[_SERVER] = PostgresServer()


def pytest_configure_node(node: Any) -> None:
    """Tells a test process where the server is."""
    node.workerinput["postgresql_url"] = node.config.stash[_SERVER].url()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what only a cluster can show where there is none."""
    left_out = [] if CITUS_URL else [item for item in items if item.get_closest_marker("cluster")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the server."""
    if _SERVER in config.stash:
        config.stash[_SERVER].remove()


@pytest.fixture(scope="session")
def postgresql_url(pytestconfig: pytest.Config) -> str:
    """A database of the PostgreSQL server in which others can be made."""
    url: str = getattr(pytestconfig, "workerinput", {}).get("postgresql_url") or pytestconfig.stash[_SERVER].url()
    return url


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that this test runs on."""
    name: str = request.param
    return name


class Databases:
    """Makes databases of one engine, with the schema in them."""

    def __init__(self, engine: str, folder: Path, server_url: str) -> None:
        self._engine = engine
        self._folder = folder
        self._server_url = server_url
        self._prefix = f"test_{uuid4().hex[:12]}"
        self._made: list[str] = []
        self._free: list[str] = []
        self._on_cluster: list[str] = []
        self._has_template = False

    def new_url(self) -> str:
        """The URL of one more database."""
        name = f"{self._prefix}_{len(self._made)}"
        self._made.append(name)
        match self._engine:
            case "sqlite":
                return f"sqlite:///{self._folder}/{name}.db"
            case "postgresql":
                self._prepare_template()
                postgresql.create_database(self._server_url, name, f"{self._prefix}_template")
                return _with_name(self._server_url, name)
            case _:
                return self._free.pop() if self._free else self._new_on_cluster(name)

    def new_empty_url(self) -> str:
        """The URL of one without a schema."""
        if self._engine == "sqlite":
            return self.new_url()
        name = f"{self._prefix}_{len(self._made)}"
        self._made.append(name)
        postgresql.create_database(self._server_url, name)
        return _with_name(self._server_url, name)

    def drop(self, url: str) -> None:
        """Makes room."""
        match self._engine:
            case "sqlite":
                for path in self._folder.glob(f"{Path(url).name}*"):
                    path.unlink()
            case "postgresql":
                postgresql.drop_database(self._server_url, url.rsplit("/", 1)[1])
            case _:
                citus.clear_database(url)
                self._free.append(url)

    def _new_on_cluster(self, name: str) -> str:
        self._on_cluster.append(citus.create_database(CITUS_URL, name))
        return self._on_cluster[-1]

    def forget(self) -> None:
        """Drops what stays for others at the end: each database on a cluster keeps processes of its own busy."""
        if self._engine == "citus":
            for url in self._on_cluster:
                citus.drop_database(CITUS_URL, url.rsplit("/", 1)[1])

    def _prepare_template(self) -> None:
        if self._has_template:
            return
        self._has_template = True
        postgresql.create_database(self._server_url, f"{self._prefix}_template")
        template = Database(_with_name(self._server_url, f"{self._prefix}_template"))
        template.prepare()
        template.close()


@pytest.fixture(scope="session")
def databases(engine: str, tmp_path_factory: pytest.TempPathFactory, postgresql_url: str) -> Iterator[Databases]:
    """Makes databases of the engine."""
    made = Databases(engine, tmp_path_factory.mktemp("databases"), postgresql_url)
    yield made
    made.forget()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """An empty database without a server."""
    url = databases.new_url()
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
def server(databases: Databases) -> Iterator[Server]:
    """One server per test process and engine; tests keep apart by workspaces."""
    running = start_server(databases.new_url())
    yield running
    running.stop()


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    """A client of the running server."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def workspace(server: Server) -> NewWorkspace:
    """A fresh workspace on the running server, in UTC, with all its secrets."""
    return new_workspace(server.database_url)


@pytest.fixture
def other_workspace(server: Server) -> NewWorkspace:
    """A second tenant, to show that nothing leaks."""
    return new_workspace(server.database_url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database without a server."""
    store = Database(database_url)
    store.prepare()
    yield store
    store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where ``embedded`` is."""
    return tmp_path / "footfall.db"


@pytest.fixture
def embedded(file: Path) -> Iterator[Database]:
    """An empty SQLite database, for what only an embedded engine has."""
    store = Database(url_of(file))
    store.prepare()
    yield store
    store.close()


def driver_of(connection: Connection) -> sqlite3.Connection:
    """SQLite's own connection."""
    assert isinstance(connection, SqliteConnection)
    return connection._driver


@pytest.fixture
def capture(database: Database) -> Iterator[Capture]:
    """The way into ``database``."""
    service = Capture(database)
    yield service
    service.close()


@pytest.fixture
def tenant(database: Database, capture: Capture) -> Workspace:
    """A workspace in ``database``, as the model sees it."""
    made = capture.change_now(create, "acme", "UTC")
    found = database.read(workspaces.by_name, made.workspace.name)
    assert found is not None
    return found
