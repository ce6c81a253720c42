"""The live tail over HTTP."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.apis.footfall.test_events import auth
from tests.conftest import Databases, Server, new_workspace, start_server


class Follower:
    """Reads server-sent events in a thread of its own."""

    def __init__(self, url: str, workspace: NewWorkspace, **parameters: str) -> None:
        self.messages: list[tuple[int, dict[str, Any]]] = []
        self.is_ended = threading.Event()
        self._begun = threading.Event()
        self._socket: socket.socket | None = None
        self._url, self._headers, self._parameters = url, auth(workspace), parameters
        self._client = httpx.Client(timeout=30)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        assert self._begun.wait(10)

    def close(self) -> None:
        """Breaks the connection off."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._client.close()

    def _read(self) -> None:
        request = self._client.stream("GET", f"{self._url}/events/tail", params=self._parameters, headers=self._headers)
        with suppress(httpx.HTTPError), request as answer:
            self._socket = answer.extensions["network_stream"].get_extra_info("socket")
            position = 0
            for line in answer.iter_lines():
                self._begun.set()
                if line.startswith("id: "):
                    position = int(line[4:])
                elif line.startswith("data: "):
                    self.messages.append((position, json.loads(line[6:])))
        self.is_ended.set()

    def wait_for(self, count: int) -> list[str]:
        deadline = time.monotonic() + 10
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return [event["name"] for _, event in self.messages]


Follow = Callable[..., Follower]


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Makes followers, and ends them."""
    made: list[Follower] = []

    def begin(url: str, workspace: NewWorkspace, **parameters: str) -> Follower:
        made.append(Follower(url, workspace, **parameters))
        return made[-1]

    yield begin
    for follower in made:
        follower.close()


@pytest.fixture
def own(http: httpx.Client, workspace: NewWorkspace) -> httpx.Client:
    http.headers.update(auth(workspace))
    return http


def test_events_arrive_as_they_are_stored(
    follow: Follow, own: httpx.Client, server: Server, workspace: NewWorkspace
) -> None:
    own.post("/events", json={"name": "before"})
    follower = follow(server.url, workspace)

    sent = own.post("/events", json={"name": "first", "properties": {"a": 1}}).json()
    own.post("/events", json=[{"name": "second"}, {"name": "third"}])

    assert follower.wait_for(3) == ["first", "second", "third"]
    assert follower.messages[0][1] == own.get(f"/events/{sent['id']}").json()


def test_a_connection_that_broke_is_gone_on_with(
    follow: Follow, own: httpx.Client, server: Server, workspace: NewWorkspace
) -> None:
    follower = follow(server.url, workspace)
    own.post("/events", json=[{"name": "first"}, {"name": "second"}])
    follower.wait_for(2)

    behind_first = follow(server.url, workspace, after=str(follower.messages[0][0]))

    assert behind_first.wait_for(1) == ["second"]


@pytest.mark.parametrize(
    ("parameters", "names"),
    [({"name": "b"}, ["b"]), ({"customer": "ada"}, ["a", "b"]), ({"source": "web"}, ["b", "c"])],
)
def test_filters(
    follow: Follow,
    own: httpx.Client,
    server: Server,
    workspace: NewWorkspace,
    parameters: dict[str, str],
    names: list[str],
) -> None:
    follower = follow(server.url, workspace, **parameters)
    ada = {"external_id": "ada"}

    own.post(
        "/events",
        json=[
            {"name": "a", "customer": ada},
            {"name": "b", "customer": ada, "source": "web"},
            {"name": "c", "source": "web"},
            {"name": "b", "customer": ada, "source": "web"},
        ],
    )

    expected = [*names, "b"]
    assert follower.wait_for(len(expected)) == expected


def test_nobody_follows_another_workspace(
    follow: Follow, own: httpx.Client, server: Server, workspace: NewWorkspace, other_workspace: NewWorkspace
) -> None:
    follower = follow(server.url, other_workspace)
    own.post("/events", json={"name": "mine"})
    httpx.post(f"{server.url}/events", json={"name": "theirs"}, headers=auth(other_workspace))

    assert follower.wait_for(1) == ["theirs"]


def test_a_place_that_is_none_and_a_missing_token_are_refused(own: httpx.Client, server: Server) -> None:
    refused = own.get("/events/tail", params={"after": "x"})

    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "after")
    assert httpx.get(f"{server.url}/events/tail").status_code == 401


@pytest.fixture
def stopped_later(databases: Databases) -> Iterator[Server]:
    running = start_server(databases.new_url())
    yield running
    running.stop()


def test_a_server_that_stops_does_not_wait_for_followers(follow: Follow, stopped_later: Server) -> None:
    follower = follow(stopped_later.url, new_workspace(stopped_later.database_url))

    stopped_later.process.terminate()

    assert follower.is_ended.wait(10)
    stopped_later.process.wait(timeout=10)
