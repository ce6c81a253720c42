"""Nothing acknowledged is lost, nothing is stored twice: shown by killing real processes."""

import random
import sqlite3
import threading
import time
from pathlib import Path

import httpx

from tests.conftest import Server, new_workspace, start_server
from tests.products import Products

WRITERS = 4


def test_what_was_acknowledged_survives_kill_nine(tmp_path: Path) -> None:
    """Clients capture with keys of their own and retry what was not acknowledged, while the server dies twice."""
    url = f"sqlite:///{tmp_path}/footfall.db"
    server = start_server(url)
    workspace = new_workspace(url)
    headers = {"Authorization": f"Bearer {workspace.footfall.token}"}
    acknowledged: dict[str, str] = {}
    for life in range(2):
        _capture_until_killed(server, headers, acknowledged, life)
        server = start_server(url)

    with httpx.Client(base_url=server.url) as http:
        products = Products(http, workspace)
        for key, event_id in random.sample(sorted(acknowledged.items()), min(50, len(acknowledged))):
            again = http.post("/events", json={"name": "kept", "external_id": key}, headers=headers).json()
            assert again == {"id": event_id, "duplicate": True}
            assert products.read_rapidly(event_id) is not None
    server.stop()

    with sqlite3.connect(tmp_path / "footfall.db") as direct:
        keys = [row[0] for row in direct.execute("SELECT external_id FROM events")]
        assert direct.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    direct.close()
    assert len(acknowledged) > 20
    assert set(acknowledged) <= set(keys)
    assert len(keys) == len(set(keys))


def test_a_graceful_stop_answers_what_it_has_accepted(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/footfall.db"
    server = start_server(url)
    workspace = new_workspace(url)
    headers = {"Authorization": f"Bearer {workspace.footfall.token}"}
    acknowledged: dict[str, str] = {}

    _capture_until_killed(server, headers, acknowledged, 0, gracefully=True)

    with sqlite3.connect(tmp_path / "footfall.db") as direct:
        keys = {row[0] for row in direct.execute("SELECT external_id FROM events")}
    direct.close()
    assert set(acknowledged) == keys, "whatever was stored was also answered"


def _capture_until_killed(
    server: Server, headers: dict[str, str], acknowledged: dict[str, str], life: int, *, gracefully: bool = False
) -> None:
    def write(writer: int) -> None:
        with httpx.Client(base_url=server.url) as http:
            for number in range(100_000):
                key = f"{life}-{writer}-{number}"
                body = {"name": "kept", "external_id": key, "customer": {"external_id": f"c{number % 7}"}}
                try:
                    answer = http.post("/events", json=body, headers=headers)
                except httpx.TransportError:
                    return
                if answer.status_code != 201:
                    return
                acknowledged[key] = answer.json()["id"]

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    if gracefully:
        server.stop()
    else:
        server.kill()
    for thread in threads:
        thread.join()
