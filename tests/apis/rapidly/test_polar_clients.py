"""Polar's own clients against a real server: contracts/rapidly.md 6. Every generation reads the same."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.clients import installed
from tests.conftest import Server

SCRIPTS = Path(__file__).parent / "polar"
SEEN = {
    "made": ["Ada@acme.test", "Ada", "ada", {"plan": "pro", "seats": 3}, "Berlin"],
    "ingested": [2, 1],
    "listed": [["customer.created", "system", "Customer Created"], ["llm", "user", "llm"], ["llm", "user", "llm"]],
    "filtered": ["llm", 1],
    "got": [True, 1, "Ada"],
    "names": [["llm", "user", 2], ["customer.created", "system", 1]],
    "missing": 404,
    "refused": [["parent_id", ["body", "events", 0, "parent_id"]]],
    "customers": ["Ada@acme.test"],
    "changed": "Countess",
    "external": "Countess",
    "told": ["customer.deleted", "customer.updated", "customer.created"],
}


def run(command: list[str | Path], server: Server, workspace: NewWorkspace, folder: Path = SCRIPTS) -> dict[str, Any]:
    environment = {**os.environ, "BASE_URL": server.url, "TOKEN": workspace.rapidly.token}
    ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr.decode()
    seen: dict[str, Any] = json.loads(ended.stdout)
    return seen


@pytest.mark.parametrize(("client", "script"), [("polar_sdk_0", "sdk_0.py"), ("polar_sdk_1", "sdk_1.py")])
def test_a_python_client_reads_what_it_wrote(server: Server, workspace: NewWorkspace, client: str, script: str) -> None:
    assert run([installed.python(client) / "python", SCRIPTS / script], server, workspace) == SEEN


@pytest.mark.parametrize(("client", "script"), [("polar_node_0", "node_0.mjs"), ("polar_node_1", "node_1.mjs")])
def test_a_node_client_reads_what_it_wrote(server: Server, workspace: NewWorkspace, client: str, script: str) -> None:
    command: list[str | Path] = [installed.node_program(), SCRIPTS / script]

    assert run(command, server, workspace, installed.node(client)) == SEEN


def test_a_client_that_gathers_batches_loses_and_doubles_nothing(server: Server, workspace: NewWorkspace) -> None:
    command: list[str | Path] = [installed.python("polar_sdk_0") / "python", SCRIPTS / "sdk_0.py", "batches"]

    assert run(command, server, workspace) == {"soaked": [230]}
