"""Whole events by what is exactly known of them, against a naive model, on every engine."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, Event, NewEvent
from footfall.model.record_search import PropertyMatch, RecordSearch
from footfall.model.text import words
from footfall.model.workspace import Workspace
from footfall.storage import event_types, events, record_search, workspaces
from footfall.storage.database import Database
from footfall.storage.engines.sqlite import _NAMED
from footfall.tenancy.creation import create
from tests.conftest import Databases, driver_of

TEXTS = [
    "Red shirt",
    "red",
    "RED-shirt",
    "a_b",
    "a b",
    "Straße",
    "STRASSE",
    "20",
    "20.0",
    "%",
    "é",
    "",
    "x'y",
    '"',
    "true",
]
KEYS = ["x", "a.b", 'q"uote', "é"]
NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?")


class Stored:
    """A database with events in it, and the same events as the naive model knows them."""

    def __init__(self, database: Database, tenant: Workspace, found: list[Event]) -> None:
        self.database = database
        self.tenant = tenant
        self.events = found

    def naive(self, asked: RecordSearch, name: str | None) -> list[bytes]:
        """The ids of all that answer, in order."""
        found = [
            event
            for event in self.events
            if asked.id in {None, event.id}
            and name in {None, event.name}
            and asked.customer in {None, event.customer}
            and (asked.since is None or event.occurred_at >= asked.since)
            and (asked.before is None or event.occurred_at < asked.before)
            and (asked.is_duplicate is None or bool(event.is_duplicate) == asked.is_duplicate)
            and all(any(answers(event, match) for match in choice) for choice in asked.properties)
        ]
        found.sort(key=lambda event: (event.occurred_at, event.sequence), reverse=asked.descending)
        return [event.id for event in found]


def answers(event: Event, match: PropertyMatch) -> bool:
    """Whether the event has such a property."""
    value = msgspec.json.decode(event.properties).get(match.key)
    if value in (None, ""):
        return False
    if match.how == "present":
        return True
    if isinstance(value, int | float) and not isinstance(value, bool):
        return NUMBER.fullmatch(match.value) is not None and float(match.value) == value
    text = str(value).lower() if isinstance(value, bool) else value
    if match.how == "same":
        return bool(text == match.value)
    return set(words(match.value)) <= set(words(text))


@pytest.fixture(scope="module")
def stored(databases: Databases) -> Iterator[Stored]:
    """Sixty events of two names and three customers, some of them at the same instant, some duplicates."""
    url = databases.new_url()
    database = Database(url)
    database.prepare()
    capture = Capture(database)
    capture.change_now(create, "acme")
    tenant = database.read(workspaces.by_name, "acme")
    assert tenant is not None
    values: list[Any] = [*TEXTS, 20, 20.0, -1, 20.5, True, None]
    sent = [
        NewEvent(
            name=("seen", "heard")[index % 2],
            occurred_at=1_000_000 * (index // 3 - 5),
            received_at=0,
            properties=msgspec.json.encode({KEYS[index % 4]: values[index % len(values)], "n": index}).decode(),
            customer=CustomerReference(identities=(Identity("external_id", f"g{index % 3}"),)) if index % 7 else None,
            unique_key=f"k{index % 20}" if index % 2 else None,
        )
        for index in range(60)
    ]
    outcomes = capture.submit(Batch(workspace=tenant, events=sent)).result().outcomes
    found = [database.read(events.by_id, tenant.number, one.id) for one in outcomes if isinstance(one, Captured)]
    yield Stored(database, tenant, [one for one in found if one is not None])
    capture.close()
    database.close()
    databases.drop(url)


matches = st.one_of(
    st.builds(PropertyMatch, st.sampled_from(KEYS), st.sampled_from(TEXTS), st.just("same")),
    st.builds(
        PropertyMatch, st.sampled_from(KEYS), st.sampled_from([text for text in TEXTS if words(text)]), st.just("words")
    ),
    st.builds(PropertyMatch, st.sampled_from(KEYS), st.just(""), st.just("present")),
)
instants = st.none() | st.integers(-6, 16).map(lambda second: second * 1_000_000)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_every_search_finds_what_a_naive_one_finds(stored: Stored, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([None, "seen", "heard"]))
    number = None
    if name is not None:
        number = stored.database.read(event_types.numbers, stored.tenant.number, [name])[name]
    asked = RecordSearch(
        workspace=stored.tenant.number,
        id=data.draw(st.none() | st.sampled_from([event.id for event in stored.events])),
        type=number,
        customer=data.draw(st.none() | st.sampled_from([event.customer for event in stored.events])),
        since=data.draw(instants),
        before=data.draw(instants),
        is_duplicate=data.draw(st.sampled_from([None, True, False])),
        properties=data.draw(st.lists(st.lists(matches, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple)),
        descending=data.draw(st.booleans()),
        limit=data.draw(st.integers(1, 70)),
        skip=data.draw(st.sampled_from([0, 1, 5, 59, 60, 10**15])),
    )

    page, total = stored.database.read(record_search.search, asked)

    expected = stored.naive(asked, name)
    assert total == len(expected)
    assert [event.id for event in page] == expected[asked.skip : asked.skip + asked.limit]
    assert all(event in stored.events for event in page)


def test_another_workspace_finds_nothing(stored: Stored) -> None:
    for asked in (RecordSearch(workspace=stored.tenant.number + 1), RecordSearch(workspace=99, id=stored.events[0].id)):
        assert stored.database.read(record_search.search, asked) == ([], 0)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (("id", "customer", "type", "since"), "sqlite_autoindex_events_1 (id=?)"),
        (("customer", "type", "since"), "events_by_customer (workspace=? AND customer=? AND occurred_at>?)"),
        (("type", "since", "before"), "events_by_type (workspace=? AND type=? AND occurred_at>? AND occurred_at<?)"),
        (("since",), "events_by_time (workspace=? AND occurred_at>?)"),
        ((), "events_by_time (workspace=?)"),
    ],
)
def test_an_embedded_engine_walks_one_index_range(embedded: Database, asked: tuple[str, ...], index: str) -> None:
    statement = record_search._page((frozenset(asked), ((("words", True),),), True))
    compiled = statement.compiled(_NAMED)
    values = dict.fromkeys(re.findall(r":(\w+)", compiled.text), 1) | {"id": bytes(16)} | {"value0_0": "[]"}

    plan = driver_of(embedded.reader()).execute(f"EXPLAIN QUERY PLAN {compiled.text}", values).fetchall()

    details = [row[3] for row in plan]
    assert f"SEARCH events USING INDEX {index}" in details
    assert "id" in asked or not any("TEMP B-TREE" in detail for detail in details)
