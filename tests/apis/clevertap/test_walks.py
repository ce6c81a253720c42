"""The promise of an export: a walk that is interrupted anywhere yields every event of its range exactly once.

A state machine opens exports, reads pages, forgets them, reads them again, spells cursors otherwise, captures meanwhile
and restarts the server's parts, all across days on which the account's clock changes.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from footfall.apis.clevertap import export
from footfall.apis.clevertap.query import read
from footfall.apis.services import Services
from footfall.app import _start
from footfall.capture.batch import Batch
from footfall.model import instant
from footfall.model.event import NewEvent
from footfall.model.workspace import Workspace
from footfall.settings import Settings
from footfall.storage import workspaces
from footfall.storage.database import Database
from tests.apis.clevertap.account import Account, event, numbers
from tests.conftest import Databases, new_workspace, start_server

CHANGES = {  # a zone, and days around the changes of its clock: an hour twice, an hour never, no midnight
    "Europe/Berlin": (date(2016, 3, 27), date(2016, 10, 30)),
    "America/Sao_Paulo": (date(2016, 10, 16), date(2016, 2, 20)),
    "Australia/Lord_Howe": (date(2016, 4, 3), date(2016, 10, 2)),
    "Asia/Kolkata": (date(2016, 1, 1), date(2016, 7, 1)),
}


@dataclass
class Walk:
    """An export under way, and what it should yield in all."""

    cursor: str
    expected: list[int]
    size: int
    seen: list[int] = field(default_factory=list)
    pages: dict[str, bytes] = field(default_factory=dict)
    is_over: bool = False


class Walks(RuleBasedStateMachine):
    """Exports of one account while anything happens."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()
        self._services: Services = _start(Settings(database_url=self.url), asyncio.Event())
        self._workspace: Workspace
        self._day: date
        self._stored: list[tuple[int, int, int]] = []  # occurred_at, order of capture, number
        self._walks: list[Walk] = []

    @initialize(zone=st.sampled_from(sorted(CHANGES)), which=st.integers(0, 1), count=st.integers(0, 60))
    def begin(self, zone: str, which: int, count: int) -> None:
        made = new_workspace(self.url, zone)
        found = self._services.database.read(workspaces.by_name, made.workspace.name)
        assert found is not None
        self._workspace = found
        self._day = CHANGES[zone][which]
        self.capture([minute * 37 for minute in range(count)])

    @rule(minutes=st.lists(st.integers(-3000, 3000), max_size=20))
    def capture(self, minutes: list[int]) -> None:
        """Events around the day of the change, many at the same instant."""
        noon = instant.from_datetime(datetime(self._day.year, self._day.month, self._day.day, 12, tzinfo=UTC))
        sent = []
        for minute in minutes:
            number = len(self._stored)
            at = noon + minute // 7 * 7 * 60 * instant.SECOND
            self._stored.append((at, number, number))
            properties = json.dumps({"n": number, "even": number % 2 == 0})
            sent.append(NewEvent(name="Viewed", occurred_at=at, received_at=0, properties=properties))
        self._services.capture.submit(Batch(workspace=self._workspace, events=sent)).result()

    @precondition(lambda self: self._stored)
    @rule(size=st.integers(1, 9), before=st.integers(0, 2), after=st.integers(0, 2), filtered=st.booleans())
    def open(self, size: int, before: int, after: int, filtered: bool) -> None:
        days = self._day - timedelta(before), self._day + timedelta(after)
        query: dict[str, Any] = {"event_name": "Viewed", "from": f"{days[0]:%Y%m%d}", "to": f"{days[1]:%Y%m%d}"}
        if filtered:
            query["event_properties"] = [{"name": "even", "value": "true"}]
        asked = read("POST", json.dumps(query).encode(), {"batch_size": str(size)})
        assert not isinstance(asked, str)
        cursor = self._run(export.open_export(self._services, self._workspace, asked))
        inside = [each for each in sorted(self._stored) if days[0] <= self._local(each[0]).date() <= days[1]]
        expected = [number for _, _, number in inside if not filtered or number % 2 == 0]
        self._walks.append(Walk(cursor, expected, size))

    @precondition(lambda self: any(not walk.is_over for walk in self._walks))
    @rule(data=st.data(), times=st.integers(0, 2), is_lost=st.booleans())
    def turn_page(self, data: st.DataObject, times: int, is_lost: bool) -> None:
        """Reads the next page; when it gets lost on its way, the client will ask for it again."""
        walk = data.draw(st.sampled_from([walk for walk in self._walks if not walk.is_over]))
        page = self._page(walk, walk.cursor, times)
        if is_lost:
            return
        walk.seen += numbers(page.get("records", []))
        assert walk.seen == walk.expected[: len(walk.seen)]
        for record in page.get("records", []):
            at = self._stored[record["event_props"]["n"]][0]
            assert record["ts"] == int(f"{self._local(at):%Y%m%d%H%M%S}")
        if "next_cursor" in page:
            walk.cursor = page["next_cursor"]
        else:
            assert page == {"status": "success"}
            assert walk.seen == walk.expected
            walk.is_over = True

    @precondition(lambda self: any(walk.pages for walk in self._walks))
    @rule(data=st.data(), times=st.integers(0, 2))
    def read_again(self, data: st.DataObject, times: int) -> None:
        """Any page that was read before."""
        walk = data.draw(st.sampled_from([walk for walk in self._walks if walk.pages]))
        self._page(walk, data.draw(st.sampled_from(sorted(walk.pages))), times)

    @rule()
    def restart(self) -> None:
        self._stop()
        self._services = _start(Settings(database_url=self.url), asyncio.Event())

    def teardown(self) -> None:
        """Every walk comes to its end."""
        for walk in self._walks:
            for _ in range(len(walk.expected) + 2):
                if walk.is_over:
                    break
                page = self._page(walk, walk.cursor, 0)
                walk.seen += numbers(page.get("records", []))
                walk.cursor = page.get("next_cursor", "")
                walk.is_over = not walk.cursor
            assert walk.is_over
            assert walk.seen == walk.expected
        self._stop()
        self._loop.close()

    def _page(self, walk: Walk, cursor: str, times: int) -> dict[str, Any]:
        encoded = "".join(f"%{ord(each):02X}" for each in cursor)
        spelled = (cursor, encoded, quote(encoded))[times]
        asked = read("GET", b"", {"cursor": unquote(spelled)})  # as a server's query string is read
        assert isinstance(asked, str)
        raw = self._run(export.page(self._services, self._workspace, asked))
        page: dict[str, Any] = json.loads(raw)
        records = page.get("records", [])
        shown = json.dumps(records).encode()
        assert walk.pages.setdefault(cursor, shown) == shown
        if records:
            assert "next_cursor" in page
            assert len(records) <= walk.size
        return page

    def _local(self, at: int) -> datetime:
        return instant.to_datetime(at, ZoneInfo(self._workspace.timezone))

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    def _stop(self) -> None:
        self._services.posts.close()
        self._services.capture.close()
        self._services.database.close()


def test_a_walk_yields_every_event_of_its_range_exactly_once_whatever_happens(database_url: str) -> None:
    machine = type("WalksOnThisEngine", (Walks,), {"url": database_url})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    made = databases.new_url()
    yield made
    databases.drop(made)


def test_a_walk_outlives_a_server_that_is_killed(url: str) -> None:
    """With captures that go on, and a cursor that is sent again in another spelling."""
    database = Database(url)
    database.prepare()
    database.close()
    made = new_workspace(url, "Europe/Berlin")
    server = start_server(url)
    port = int(server.url.rsplit(":", 1)[1])
    noon = 1477828800  # 2016-10-30T12:00:00Z; the clock of Berlin was set back in that night
    with httpx.Client(base_url=server.url, timeout=30) as http:
        account = Account(http, made)
        account.stored(*(event(at=noon + (n - 60) * 600, n=n) for n in range(120)))
        opened = account.open(parameters="batch_size=7", days=(20161029, 20161030))
        cursor, seen = opened.json()["cursor"], list[int]()
        inside = [
            n
            for n in range(120)
            if datetime(2016, 10, 28, 22, tzinfo=UTC).timestamp()
            <= noon + (n - 60) * 600
            < datetime(2016, 10, 30, 23, tzinfo=UTC).timestamp()
        ]
        turned = 0
        while cursor:
            turned += 1
            if turned == 3:
                account.get(cursor=cursor)  # an answer that the client never gets to see
                server.kill()
                server = start_server(url, port=port)
                cursor = quote("".join(f"%{ord(each):02X}" for each in cursor))
            account.stored(event(at=noon + turned, n=1000 + turned))
            page = http.get(f"/1/events.json?cursor={cursor}", headers=account.headers).json()
            seen += numbers(page.get("records", []))
            cursor = page.get("next_cursor")
    server.stop()

    assert seen == inside
