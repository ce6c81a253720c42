"""Real parts: every API test talks HTTP to a server process on a port of its own, over a database of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import hypothesis
import pytest

from footfall.capture.service import Capture
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace, create

hypothesis.settings.register_profile("footfall", deadline=None)  # no test asserts a time
hypothesis.settings.load_profile("footfall")

FOOTFALL = Path(sys.executable).with_name("footfall")
START_SECONDS = 30


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


def start_server(database_url: str, **settings: str) -> Server:
    """Starts a server and waits until it is ready; ``settings`` become environment variables."""
    port = free_port()
    process = subprocess.Popen(
        [str(FOOTFALL), "serve", "--database", database_url, "--port", str(port)],
        env={**os.environ, **settings},
    )
    server = Server(f"http://127.0.0.1:{port}", database_url, process)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            if httpx.get(f"{server.url}/readyz").status_code == 200:
                return server
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError("the server did not become ready")


def new_workspace(database_url: str, timezone: str = "UTC") -> NewWorkspace:
    """A workspace of its own for one test."""
    database = Database(database_url)
    capture = Capture(database)
    try:
        return capture.change_now(create, f"test {uuid4()}", timezone)
    finally:
        capture.close()
        database.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server per test process; tests keep apart by workspaces."""
    path = tmp_path_factory.mktemp("server") / "footfall.db"
    running = start_server(f"sqlite:///{path}")
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
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database without a server."""
    store = Database(f"sqlite:///{tmp_path}/footfall.db")
    store.prepare()
    yield store
    store.close()


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
