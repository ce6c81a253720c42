"""Logs as JSON, of a real server."""

import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.conftest import FOOTFALL, Server, free_port, until_ready


def entries(log: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in log.read_bytes().splitlines()]


def test_an_answered_request_is_an_entry_with_its_id(tmp_path: Path) -> None:
    log = tmp_path / "log"
    url = f"sqlite:///{tmp_path}/footfall.db"
    port = free_port()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [str(FOOTFALL), "serve", "--database", url, "--port", str(port)],
            env={**os.environ, "FOOTFALL_LOG_FORMAT": "json"},
            stderr=stream,
        )
        server = Server(f"http://127.0.0.1:{port}", url, process)
        try:
            until_ready(server)
            named = httpx.get(f"{server.url}/1/events.json?secret=x", headers={"X-Request-ID": "from-me.1"})
            unnamed = httpx.get(f"{server.url}/healthz", headers={"X-Request-ID": "not usable"})
            itself = httpx.get(f"{server.url}/api/events/", headers={"X-Request-ID": "from-me.2"})
        finally:
            server.stop()

    assert named.headers["x-request-id"] == "from-me.1"
    told = {entry["request_id"]: entry for entry in entries(log) if entry["message"] == "request"}
    entry = told["from-me.1"]
    assert (entry["product"], entry["method"], entry["path"], entry["status"]) == (
        "clevertap",
        "GET",
        "/1/events.json",
        401,
    )
    assert (entry["level"], entry["logger"]) == ("info", "footfall.request")
    assert entry["milliseconds"] > 0
    assert told[unnamed.headers["x-request-id"]]["product"] == "server"
    assert told[itself.headers["x-request-id"]]["product"] == "rapidly"
    assert "from-me.2" not in told  # this product names its answers itself
    assert "secret" not in log.read_text()


def test_answers_bear_no_id_unless_requests_are_logged(http: httpx.Client) -> None:
    assert "x-request-id" not in http.get("/1/events.json", headers={"X-Request-ID": "from-me"}).headers
