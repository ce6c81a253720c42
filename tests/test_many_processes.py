"""Several server processes on one database are one server: every test talks to two of them by turns."""

import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle
from typing import Any

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.apis.clevertap.account import Account, HeldRequest
from tests.conftest import FOOTFALL, Databases, Server, new_workspace
from tests.faults import AT, eventually, running
from tests.products import Products, Sent

BEFORE = 120
LIMITS = {"FOOTFALL_CLEVERTAP_MAX_READS": "2", "FOOTFALL_CLEVERTAP_MAX_UPLOADS": "2"}


@dataclass(frozen=True)
class Both:
    """One workspace through two servers."""

    one: Products
    other: Products

    def write(self, n: int, name: str = "Counted") -> None:
        """Captures the event with this number through one of the two."""
        (self.one, self.other)[n % 2].write_own(Sent(name, AT + timedelta(seconds=n), f"c{n % 5}", {"n": n}))


@pytest.fixture(scope="module")
def servers(databases: Databases) -> Iterator[tuple[Server, Server]]:
    """Two processes on one database."""
    url = databases.new_url()
    with running(url, **LIMITS) as one, running(url, **LIMITS) as other:
        yield one, other


@pytest.fixture
def both(servers: tuple[Server, Server]) -> Iterator[Both]:
    made = new_workspace(servers[0].database_url)
    with ExitStack() as opened:
        one, other = (opened.enter_context(httpx.Client(base_url=server.url, timeout=30)) for server in servers)
        yield Both(Products(one, made), Products(other, made))


@contextmanager
def captured_meanwhile(both: Both) -> Iterator[list[int]]:
    """While the block runs, both servers capture; the numbers that have been acknowledged."""
    enough = threading.Event()
    acknowledged: list[int] = []

    def write(numbers: Iterator[int]) -> None:
        while not enough.is_set():
            number = next(numbers)
            both.write(number)
            acknowledged.append(number)

    with ThreadPoolExecutor(2) as threads:
        writers = [threads.submit(write, count(BEFORE + first, 2)) for first in range(2)]
        try:
            yield acknowledged
        finally:
            enough.set()
    for writer in writers:
        writer.result()


def exported(both: Both, cursor: str) -> list[int]:
    """The numbers of an export that is walked through both servers by turns."""
    found: list[int] = []
    for server in cycle((both.one, both.other)):
        answer = server.http.get("/1/events.json", params={"cursor": cursor}, headers=server.clevertap)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [record["event_props"]["n"] for record in page.get("records", [])]
        if "next_cursor" not in page:
            break
        cursor = page["next_cursor"]
    return found


def test_an_export_walked_through_both_while_both_capture_has_every_event_once(both: Both) -> None:
    for number in range(BEFORE):
        both.write(number)
    query = {"event_name": "Counted", "from": 20200101, "to": 20201231}
    with captured_meanwhile(both) as meanwhile:
        eventually(lambda: len(meanwhile) > 10)
        stored_before = set(meanwhile)
        opened = both.one.http.post("/1/events.json?batch_size=7", json=query, headers=both.one.clevertap)
        found = exported(both, opened.json()["cursor"])

    assert len(found) == len(set(found))
    assert {*range(BEFORE), *stored_before} <= set(found)


def test_a_scroll_begun_on_one_and_continued_on_the_other_is_complete_and_its_total_exact(both: Both) -> None:
    for number in range(BEFORE):
        both.write(number)
    with captured_meanwhile(both) as meanwhile:
        eventually(lambda: len(meanwhile) > 10)
        stored_before = {*range(BEFORE), *meanwhile}
        totals: set[int] = set()
        found: list[int] = []
        token: str | None = None
        for server in cycle((both.one, both.other)):
            query = {"pageSize": "7", "filter": "eventName==Counted", "dateRangeStart": "1583280000000"}
            query |= {"dateRangeEnd": "1593561600000"} | ({} if token is None else {"scrollId": token})
            answer = server.http.get("/v1/events/custom", params=query, headers=server.px)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            totals.add(page["totalHits"])
            found += [row["attributes"]["n"] for row in page["customEvents"]]
            token = page.get("scrollId")
            if token is None:
                break

    assert len(found) == len(set(found))
    assert stored_before <= set(found)
    assert totals == {len(found)}


def test_a_token_of_one_is_honoured_by_the_other(both: Both) -> None:
    client = both.one.workspace.capillary
    asked = {"key": client.client_key, "secret": client.client_secret}
    tokens = [
        server.http.post("/v3/oauth/token/generate", json=asked).json()["data"]["accessToken"]
        for server in (both.one, both.other)
    ]

    for token, server in zip(tokens, (both.other, both.one), strict=True):
        answer = server.http.get("/v2/events", headers={"X-CAP-API-OAUTH-TOKEN": token})
        assert answer.status_code == 200, answer.text


def test_a_credential_revoked_on_the_command_line_ends_on_both_within_a_second(
    both: Both, servers: tuple[Server, Server]
) -> None:
    name = both.one.workspace.workspace.name
    database = ["--workspace", name, "--database", servers[0].database_url]
    listed = subprocess.run(
        [FOOTFALL, "credential", "list", *database], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    identifier = next(line.split()[0] for line in listed.splitlines() if "footfall_token" in line)

    def statuses() -> set[int]:
        return {
            server.http.get("/events", params={"external_id": "x"}, headers=server.own).status_code
            for server in (both.one, both.other)
        }

    assert statuses() == {404}
    subprocess.run([FOOTFALL, "credential", "revoke", identifier, *database], check=True, timeout=60)
    time.sleep(1)

    assert statuses() == {401}


def at_both(both: Both, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers to an event that is sent to both at the same moment."""
    ready = threading.Barrier(2)

    def send(server: Products) -> dict[str, Any]:
        ready.wait(10)
        answer = server.http.post("/events", json=body, headers=server.own)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(send, (both.one, both.other)))


def test_one_key_sent_to_both_at_once_is_stored_once(both: Both) -> None:
    for number in range(20):
        first, second = at_both(both, {"name": "Keyed", "external_id": f"key {number}"})
        assert first["id"] == second["id"]
        assert {first["duplicate"], second["duplicate"]} == {False, True}

    found = both.one.read_gainsight_px(filter="eventName==Keyed", **_from_now())
    assert len(found) == 20


def test_a_new_customer_named_by_both_at_once_comes_into_being_once(both: Both) -> None:
    for number in range(20):
        made = at_both(both, {"name": "Met", "customer": {"external_id": f"new {number}"}})

        shown = [
            both.one.http.get(f"/api/events/{event['id']}", headers=both.one.rapidly).json()["customer"]
            for event in made
        ]
        assert made[0]["id"] != made[1]["id"]
        assert shown[0]["external_id"] == f"new {number}"
        assert shown[0] == shown[1]


def _from_now() -> dict[str, str]:
    now = int(time.time() * 1000)
    return {"dateRangeStart": str(now - 3_600_000), "dateRangeEnd": str(now + 3_600_000)}


@pytest.mark.parametrize("path", ["/1/events.json", "/1/upload"])
def test_limits_of_requests_at_once_hold_over_both(both: Both, path: str) -> None:
    accounts = [Account(server.http, server.workspace) for server in (both.one, both.other)]
    with ExitStack() as at_the_end:
        held = [at_the_end.enter_context(closing(HeldRequest(account, path))) for account in accounts]
        eventually(lambda: all(account.post(path, {}).status_code == 429 for account in accounts))

        assert b" 400 " in held[0].finish()
        assert [account.post(path, {}).status_code for account in accounts] == [400, 400]
        assert b" 400 " in held[1].finish()


def test_a_server_that_dies_gives_its_places_back(both: Both, servers: tuple[Server, Server]) -> None:
    survivor = Account(both.one.http, both.one.workspace)
    with ExitStack() as at_the_end:
        dying = at_the_end.enter_context(running(servers[0].database_url, **LIMITS))
        http = at_the_end.enter_context(httpx.Client(base_url=dying.url))
        for _ in range(2):
            at_the_end.enter_context(closing(HeldRequest(Account(http, both.one.workspace), "/1/upload")))
        eventually(lambda: survivor.upload().status_code == 429)

        dying.kill()

        eventually(lambda: survivor.upload().status_code == 200)
        assert survivor.upload().status_code == 200, "its places stay free"


def test_two_workers_of_one_server_are_one_too(databases: Databases) -> None:
    with running(databases.new_url(), "--workers", "2") as server, httpx.Client(base_url=server.url) as http:
        made: NewWorkspace = new_workspace(server.database_url)
        headers = {"Authorization": f"Bearer {made.footfall.token}", "Connection": "close"}  # each a worker of its own
        with ThreadPoolExecutor(8) as threads:
            bodies = [
                {"name": "Shared", "external_id": f"k{n % 100}", "properties": {"n": n % 100}} for n in range(200)
            ]
            answers = list(threads.map(lambda body: http.post("/events", json=body, headers=headers), bodies))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 100
        assert sum(answer.json()["duplicate"] for answer in answers) == 100

        http.headers["Connection"] = "close"
        found = Products(http, made).read_gainsight_px(filter="eventName==Shared", **_from_now())
        assert sorted(row["attributes"]["n"] for row in found) == list(range(100))
