"""A real client: tap-gainsightpx copies everything there is, also when it or the server is interrupted.

contracts/gainsight_px.md 6.1.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.apis.gainsight_px.families import OTHERS
from footfall.model import instant
from tests.apis.gainsight_px.conftest import HEADER, PxClient
from tests.clients import installed
from tests.conftest import Databases, new_workspace, start_server

AT = 1704067200000
EVENTS = 130
PAGE = 20
STREAM_OF = {
    "email": "email_events",
    "engagement_view": "engagement_view_events",
    "feature_match": "feature_match_events",
    "form_submit": "form_submit_events",
    "identify": "identify_events",
    "lead": "lead_events",
    "page_view": "page_view_events",
    "segment_match": "segment_match_events",
    "session": "session_events",
    "survey_response": "survey_responses",
}
DROPPED = {("form_submit_events", "scheme")}  # what the tap has no column for
KEYS = {"users": "aptrinsicId", "accounts": "id"}


class Store:
    """A server, what was captured into it, and the tap that reads it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.server = start_server(url)
        self.workspace = new_workspace(url)
        self.folder = folder
        self.expected: dict[str, dict[str, dict[str, Any]]] = {}
        self._fill()

    def restart_as_after_a_power_cut(self) -> None:
        port = int(self.server.url.rsplit(":", 1)[1])
        self.server.kill()
        self.server = start_server(self.server.database_url, port=port)

    def command(self, state: str | None = None) -> list[str]:
        config = {
            "api_url": f"{self.server.url}/v1",
            "api_key": self.workspace.gainsight_px.api_key,
            "page_size": PAGE,
            "start_date": "2024-01-01T00:00:00Z",
            "end_date": "2024-01-02T00:00:00Z",
        }
        (self.folder / "config.json").write_text(json.dumps(config))
        command = [str(installed.python("tap_gainsightpx") / "tap-gainsightpx"), "--config", "config.json"]
        if state is not None:
            (self.folder / "state.json").write_text(state)
            command += ["--state", "state.json"]
        return command

    def sync(self, state: str | None = None) -> list[dict[str, Any]]:
        """Everything that a whole run writes."""
        ended = subprocess.run(
            self.command(state), check=False, cwd=self.folder, capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == 0, ended.stderr[-2000:]
        return [json.loads(line) for line in ended.stdout.splitlines()]

    def sync_until_killed(self, records: int) -> list[dict[str, Any]]:
        """What a run has written by the time it is killed, after so many records."""
        messages: list[dict[str, Any]] = []
        with subprocess.Popen(
            self.command(), cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                messages.append(json.loads(line))
                if sum(message["type"] == "RECORD" for message in messages) >= records:
                    break
            process.kill()
        return messages

    def _fill(self) -> None:
        with httpx.Client(base_url=self.server.url, timeout=30) as http:
            px = PxClient(http, self.workspace)
            custom = self.expected.setdefault("custom_events", {})
            batch = []
            for number in range(EVENTS):
                event = {
                    "eventId": f"e{number}",
                    "identifyId": f"u{number % 7}",
                    "propertyKey": px.property_key,
                    "date": AT + number // 3,  # three at a time: pages end between events of one instant
                    "userType": "USER",
                    "eventName": f"Event {number % 5}",
                    "attributes": {"number": number, "nested": {"é": [None, True]}},
                }
                batch.append(event)
                custom[f"e{number}"] = event
            answered = http.post("/v1/events/custom/batch", json=batch, headers={HEADER: px.key})
            assert answered.json() == []
            own = {"Authorization": f"Bearer {self.workspace.footfall.token}"}
            for listed in OTHERS:
                stream = self.expected.setdefault(STREAM_OF[listed.family], {})
                for number in range(3):
                    fields = {name: "x" for name, kind in listed.fields.items() if kind == "text"}
                    at = instant.now() // 1000 - 1000 if listed.family == "survey_response" else AT + number
                    sent = {"family": listed.family, "external_id": f"{listed.family}{number}", "occurred_at": at}
                    session = {"referrer": "x", "remoteHost": "x"}
                    http.post(
                        "/events",
                        json={**sent, "customer": {"external_id": "u1"}, "properties": fields, "session": session},
                        headers=own,
                    ).raise_for_status()
                    stream[f"{listed.family}{number}"] = {**fields, "date": at, "identifyId": "u1"}
            key = {HEADER: px.key}
            for number in range(3):
                account = {"id": f"a{number}", "name": f"Account {number}", "customAttributes": {"n": number}}
                http.post("/v1/accounts", json=account, headers=key).raise_for_status()
                self.expected.setdefault("accounts", {})[f"a{number}"] = account
            users = http.get("/v1/users", params={"pageSize": "1000"}, headers=key).json()["users"]
            self.expected["users"] = {user["aptrinsicId"]: {"identifyId": user["identifyId"]} for user in users}


@pytest.fixture
def store(databases: Databases, tmp_path: Path) -> Iterator[Store]:
    made = Store(databases.new_url(), tmp_path)
    yield made
    made.server.stop()


def records(messages: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """By stream and primary key, as whoever loads them would keep them."""
    kept: dict[str, dict[str, dict[str, Any]]] = {}
    for message in messages:
        if message["type"] == "RECORD":
            stream, record = message["stream"], message["record"]
            kept.setdefault(stream, {})[record[KEYS.get(stream, "eventId")]] = record
    return kept


def check(kept: dict[str, dict[str, dict[str, Any]]], expected: dict[str, dict[str, dict[str, Any]]]) -> None:
    """Whether exactly what was captured was copied, with the values that were captured."""
    assert {stream: set(rows) for stream, rows in kept.items()} == {k: set(rows) for k, rows in expected.items()}
    for stream, rows in expected.items():
        for key, fields in rows.items():
            known = {name: value for name, value in fields.items() if (stream, name) not in DROPPED}
            assert {name: kept[stream][key].get(name) for name in known} == known, (stream, key)


def test_a_full_sync_copies_every_stream_and_each_record_once(store: Store) -> None:
    messages = store.sync()

    streams = [message["stream"] for message in messages if message["type"] == "SCHEMA"]
    assert len(set(streams)) == 16
    copied = [message for message in messages if message["type"] == "RECORD"]
    assert len(copied) == sum(map(len, store.expected.values()))
    check(records(messages), store.expected)


def test_a_sync_that_was_interrupted_goes_on_from_its_state(store: Store) -> None:
    before = store.sync_until_killed(records=EVENTS // 2)
    states = [message["value"] for message in before if message["type"] == "STATE"]
    store.restart_as_after_a_power_cut()

    after = store.sync(json.dumps(states[-1]) if states else "{}")

    check(records([*before, *after]), store.expected)


def test_a_sync_outlives_the_server(store: Store) -> None:
    """The tap asks again where the server is away for a moment; scroll ids hold."""
    with subprocess.Popen(
        store.command(), cwd=store.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        messages = [json.loads(process.stdout.readline())]
        store.restart_as_after_a_power_cut()
        messages += [json.loads(line) for line in process.stdout]
        assert process.wait(timeout=120) == 0

    check(records(messages), store.expected)


def test_what_the_tap_is_not_allowed_ends_it(store: Store) -> None:
    command = store.command()
    config = json.loads((store.folder / "config.json").read_text())
    (store.folder / "config.json").write_text(json.dumps({**config, "api_key": "wrong"}))

    ended = subprocess.run(command, check=False, cwd=store.folder, capture_output=True, text=True, timeout=120)

    assert ended.returncode != 0
    assert "401" in ended.stderr
