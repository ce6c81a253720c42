"""What the tests of faults share: a call of every product's read and write API, and clients that do not give up."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from footfall.tenancy.creation import NewWorkspace
from tests.conftest import Server, new_workspace, start_server
from tests.products import WIDE_OPEN, Products, Sent

AT = datetime(2020, 3, 4, 5, 6, 7, tzinfo=UTC)
Call = Callable[[], httpx.Response]


def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Waits until ``condition`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


class Calls:
    """One workspace's calls, all of which work as long as the store does."""

    def __init__(self, http: httpx.Client, workspace: NewWorkspace) -> None:
        self.http = http
        self.products = Products(http, workspace)
        event = Sent("Stayed", AT, "guest 1", {"room": "12"})
        self._id = self.products.write_own(event)
        self.products.write_capillary(event)
        hook = {"transformerType": "DefaultTransformer", "tillCode": workspace.capillary.till_code}
        made = http.post("/v2/events/webhook", json={**hook, "authEnabled": False}, headers=self.products.capillary)
        self._hook = "/eucrm/webhooks/" + made.json()["webHookUri"].rsplit("/", 1)[1]

    def reads(self) -> dict[str, Call]:
        """By path: a read of each API."""
        export = {"event_name": "Stayed", "from": 20200101, "to": 20201231}
        return {
            "/api/events": lambda: self.http.get(f"/api/events/{self._id}", headers=self.products.rapidly),
            "/v2/events/event_data": lambda: self.http.get(
                "/v2/events/event_data", params={"id": self._id}, headers=self.products.capillary
            ),
            "/v2/events/search": lambda: self.http.get(
                "/v2/events/search", params={"eventName": "Stayed"}, headers=self.products.capillary
            ),
            "/v2/customers": lambda: self.http.get(
                "/v2/customers/1", params={"source": "INSTORE"}, headers=self.products.capillary
            ),
            "/v3/users": lambda: self.http.get("/v3/users/1/trackedTargetEvents/1", headers=self.products.capillary),
            "/v1/events/custom": lambda: self.http.get("/v1/events/custom", params=WIDE_OPEN, headers=self.products.px),
            "/1/events.json": lambda: self.http.post("/1/events.json", json=export, headers=self.products.clevertap),
            "/events": lambda: self.http.get(f"/events/{self._id}", headers=self.products.own),
        }

    def writes(self, name: str = "Stayed") -> dict[str, Call]:
        """By path: an event captured through each API."""
        at = int(AT.timestamp())
        px = {"eventName": name, "identifyId": "guest 1", "userType": "USER", "date": at * 1000, "attributes": {}}
        px["propertyKey"] = self.products.workspace.gainsight_px.property_key
        record = {"type": "event", "identity": "guest 1", "ts": at, "evtName": name, "evtData": {}}
        rapidly = {"name": name, "external_customer_id": "guest 1", "timestamp": AT.isoformat()}
        posted = {"event_name": "Stayed", "guest": "guest 1", "eventDateTime": AT.isoformat(), "room": "12"}
        own = {"name": name, "customer": {"external_id": "guest 1"}, "occurred_at": AT.isoformat()}
        return {
            "/eucrm/webhooks": lambda: self.http.post(self._hook, json=posted),
            "/v1/events/custom": lambda: self.http.post("/v1/events/custom", json=px, headers=self.products.px),
            "/1/upload": lambda: self.http.post("/1/upload", json={"d": [record]}, headers=self.products.clevertap),
            "/api/events": lambda: self.http.post(
                "/api/events/ingest", json={"events": [rapidly]}, headers=self.products.rapidly
            ),
            "/events": lambda: self.http.post("/events", json=own, headers=self.products.own),
        }

    def all_work(self) -> bool:
        """Whether every call is answered as it should be."""
        answers = at_once({**{f"read {path}": call for path, call in self.reads().items()}, **self.writes()})
        return all(is_good(answer) for answer in answers.values())


def is_good(answer: httpx.Response) -> bool:
    """Whether it is an answer of a store that works; there is no such target rule."""
    return answer.is_success or answer.status_code == 400


def at_once(calls: dict[str, Call]) -> dict[str, httpx.Response]:
    """The answers to calls that are made side by side."""
    with ThreadPoolExecutor(len(calls)) as threads:
        under_way = {path: threads.submit(call) for path, call in calls.items()}
        return {path: future.result() for path, future in under_way.items()}


def assert_refused(path: str, answer: httpx.Response, status: int) -> None:
    """Asserts that ``answer`` says in its product's own envelope that it may be tried again."""
    body = answer.json()
    if path.startswith("/v2/events/"):  # the product's own words: contracts/capillary.md 2
        assert (answer.status_code, body["errors"][0]["code"]) == (500, 1849)
        return
    assert answer.status_code == status, (path, answer.text)
    assert int(answer.headers["retry-after"]) >= 1
    match path:
        case "/v3/users":
            assert (body["data"], body["errors"][0]["code"]) in ((None, status), (None, 4001))
        case "/v2/customers":
            assert (body["warnings"], body["errors"][0]["code"]) in (([], status), ([], 4001))
        case "/eucrm/webhooks":
            assert body["status"]["code"] == status
        case "/v1/events/custom":
            names = {429: "TOO_MANY_REQUESTS", 503: "SERVICE_UNAVAILABLE"}
            assert body["externalapierror"]["status"] == names[status]
        case "/1/events.json" | "/1/upload":
            assert (body["status"], body["code"]) == ("fail", status)
        case "/api/events":
            assert body["error"] == {429: "TooManyRequests", 503: "ServiceUnavailable"}[status]
        case _:
            assert body["error"]["code"] == {429: "overloaded", 503: "unavailable"}[status]


@dataclass
class Captured:
    """What clients were told."""

    ids: dict[str, str] = field(default_factory=dict)
    """By what each event is known by, of those that were acknowledged."""
    refusals: Counter[int] = field(default_factory=Counter)
    """By status, how many answers were not an acknowledgement; 0: none came."""


@contextmanager
def capturing(server: Server, token: str, writers: int = 4) -> Iterator[Captured]:
    """Clients that capture, every other event with a key, and try each again until it is acknowledged.

    At the end of the block each finishes the event that it has under way.
    """
    told = Captured()
    enough = threading.Event()

    def capture(http: httpx.Client, body: dict[str, Any]) -> httpx.Response | None:
        try:
            return http.post("/events", json=body, headers={"Authorization": f"Bearer {token}"})
        except httpx.TransportError:
            return None

    def write(writer: int) -> None:
        with httpx.Client(base_url=server.url, timeout=30) as http:
            number = 0
            while not enough.is_set():
                known_by = f"{writer}-{number}"
                body: dict[str, Any] = {"name": "kept", "properties": {"n": known_by}}
                body["customer"] = {"external_id": f"c{number % 7}"}
                if number % 2:
                    body["external_id"] = known_by
                while (answer := capture(http, body)) is None or answer.status_code != 201:
                    told.refusals[0 if answer is None else answer.status_code] += 1
                    time.sleep(0.1)
                told.ids[known_by] = answer.json()["id"]
                number += 1

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        enough.set()
        for thread in threads:
            thread.join(60)


@contextmanager
def running(database_url: str, *options: str, **settings: Any) -> Iterator[Server]:
    """As ``start_server``; the server is stopped in the end."""
    server = start_server(database_url, *options, **settings)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def calls_of(server: Server) -> Iterator[Calls]:
    """A fresh workspace's calls."""
    with httpx.Client(base_url=server.url, timeout=60) as http:
        yield Calls(http, new_workspace(server.database_url))
