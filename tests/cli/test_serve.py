"""``footfall serve``: starting, stopping, and what survives either."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import FOOTFALL, START_SECONDS, free_port, new_workspace, start_server


def test_a_server_stops_gracefully(tmp_path: Path) -> None:
    server = start_server(f"sqlite:///{tmp_path}/footfall.db")

    server.stop()

    with pytest.raises(httpx.TransportError):
        httpx.get(f"{server.url}/healthz")


def test_several_workers_serve_one_database_and_end_with_their_parent(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/footfall.db"
    port = free_port()
    parent = subprocess.Popen([str(FOOTFALL), "serve", "--database", url, "--port", str(port), "--workers", "2"])
    base = f"http://127.0.0.1:{port}"
    try:
        assert until(lambda: answers(base))
        workspace = new_workspace(url)
        headers = {"Authorization": f"Bearer {workspace.footfall.token}"}

        made = [
            httpx.post(f"{base}/events", json={"name": "x", "external_id": str(n)}, headers=headers) for n in range(20)
        ]
    finally:
        parent.kill()
        parent.wait()

    assert {answer.status_code for answer in made} == {201}
    assert len({answer.json()["id"] for answer in made}) == 20
    assert until(lambda: not answers(base)), "no worker outlives its parent"


def test_a_port_in_use_ends_the_server_with_an_error(tmp_path: Path) -> None:
    server = start_server(f"sqlite:///{tmp_path}/footfall.db")
    port = server.url.rsplit(":", 1)[1]

    second = subprocess.run(
        [str(FOOTFALL), "serve", "--database", server.database_url, "--port", port],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )

    assert second.returncode != 0
    assert "address already in use" in second.stderr
    server.stop()


def test_a_wrong_setting_is_told_plainly(tmp_path: Path) -> None:
    refused = subprocess.run(
        [str(FOOTFALL), "serve", "--database", f"sqlite:///{tmp_path}/footfall.db", "--port", str(free_port())],
        env={**os.environ, "FOOTFALL_MAX_BODY_BYTES": "many"},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )

    assert refused.returncode != 0
    assert "max_body_bytes" in refused.stderr
    assert "Traceback" not in refused.stderr


def answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False
