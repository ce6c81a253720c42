"""Totals of lists are exact, whatever a process remembers of them."""

import re
import threading
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from sqlalchemy.dialects import sqlite

from footfall.capture import customer_lifecycle
from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent, WhenUnknown
from footfall.model.event_listing import EventListing
from footfall.model.workspace import Workspace
from footfall.storage import customers, event_list, listing_memory, removed_events
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.engines import sqlite as sqlite_engine
from footfall.storage.engines.sqlite import SqliteConnection
from footfall.storage.event_list import EventPage, Listed
from footfall.storage.failures import TooLong
from footfall.storage.listing_memory import ListingMemory
from footfall.storage.statement import Statement
from tests.conftest import driver_of


class Store:
    """A workspace that is asked through one memory."""

    def __init__(self, database: Database, capture: Capture, tenant: Workspace) -> None:
        self.database, self.capture, self.tenant = database, capture, tenant
        self.memory = ListingMemory()
        self.stored = 0

    def add(self, count: int, colour: str = "red", name: str = "n", customer: str = "c") -> None:
        whom = CustomerReference(identities=(Identity("external_id", customer),), when_unknown=WhenUnknown.MENTION)
        new = [
            NewEvent(
                name=name,
                occurred_at=self.stored + number,
                received_at=1,
                properties=f'{{"colour":"{colour}"}}',
                customer=whom,
            )
            for number in range(count)
        ]
        self.stored += count
        assert not self.capture.submit(Batch(workspace=self.tenant, events=new)).result().refused

    def page(self, **asked: Any) -> EventPage:
        listing = EventListing(workspace=self.tenant.number, **asked)
        found = self.database.read(event_list.page, listing, self.memory)
        anew = self.database.read(event_list.page, listing, ListingMemory())
        assert found == anew, "as somebody sees it who remembers nothing"
        return found

    def erase_first(self) -> None:
        """Erases the first event of the customer's."""
        assert self.capture.change_now(_erase_first, self.tenant.number) == 1

    def rename(self, name: str | None) -> None:
        """Calls the customer otherwise."""
        self.capture.change_now(_rename, self.tenant.number, name)

    def hand_over(self, heir: str) -> None:
        """Makes the customer's events another's."""
        assert self.capture.change_now(_hand_over, self.tenant.number, heir)


def _erase_first(connection: Connection, workspace: int) -> int:
    return removed_events.erase(connection, workspace, _number_of(connection, workspace, "c"), limit=1)


def _rename(connection: Connection, workspace: int, name: str | None) -> None:
    before = customers.by_number(connection, workspace, _number_of(connection, workspace, "c"))
    assert before is not None
    customer_lifecycle.change(connection, workspace, [(before, msgspec.structs.replace(before, name=name))])


def _hand_over(connection: Connection, workspace: int, heir: str) -> int:
    numbers = [_number_of(connection, workspace, external_id) for external_id in ("c", heir)]
    return removed_events.hand_over(connection, workspace, numbers[0], numbers[1], limit=1_000)


def _number_of(connection: Connection, workspace: int, external_id: str) -> int:
    found = customers.by_identity(connection, workspace, Identity("external_id", external_id))
    assert found is not None
    return found.number


RED = {"properties": (("colour", ("red",)),)}
QUESTIONS: list[dict[str, Any]] = [RED, {"depth": 0}, {"text": "red"}, {**RED, "names": ("n",), "descending": False}]


@pytest.fixture
def store(database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(listing_memory, "_FIRST", 5)
    monkeypatch.setattr(listing_memory, "_MOST_READ", 7)
    monkeypatch.setattr(listing_memory, "_QUICKLY_READ", 1)
    monkeypatch.setattr(listing_memory, "_QUICKLY_COUNTED", 3)
    monkeypatch.setattr(listing_memory, "_MOST_BEHIND", 10)
    return Store(database, capture, tenant)


@pytest.mark.parametrize("question", QUESTIONS, ids=repr)
def test_what_was_stored_since_is_counted(store: Store, question: dict[str, Any]) -> None:
    for count, colour in (
        (2, "red"),
        (3, "blue"),
        (0, "red"),
        (2, "red"),
        (3, "red"),
        (8, "red"),
        (12, "red"),
        (1, "blue"),
    ):
        if count:
            store.add(count, colour)
        page = store.page(**question, limit=3)
        expected = 27 if "depth" not in question else 31
        assert page.total is not None
        assert page.total <= expected
    assert page.total == expected


@pytest.mark.parametrize("question", QUESTIONS, ids=repr)
@pytest.mark.parametrize("count", [4, 12])
def test_what_was_erased_is_not_counted(store: Store, question: dict[str, Any], count: int) -> None:
    store.add(count)
    assert store.page(**question).total == count

    store.erase_first()
    assert store.page(**question).total == count - 1
    store.erase_first()
    store.add(1)
    assert store.page(**question).total == count - 1
    store.add(1)
    assert store.page(**question).total == count


def test_a_customers_events_are_counted_each_time_while_they_are_few(store: Store) -> None:
    asked = {"external_customers": ("c",)}
    for count in (1, 1, 1, 5):
        store.add(count)
        assert store.page(**asked).total == store.stored


def test_only_so_many_questions_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_memory, "_MOST_QUESTIONS", 2)
    store.add(3)
    for colour in ("red", "blue", "green", "red"):
        store.page(properties=(("colour", (colour,)),))

    assert len(store.memory._known) == 2


def test_pages_of_what_is_remembered_are_in_order(store: Store) -> None:
    store.add(4)
    seen = []
    for offset in range(4):
        page = store.page(**RED, limit=1, offset=offset)
        [event] = page.events
        assert isinstance(event, Listed)
        assert page.has_more is (offset < 3)
        seen.append(event.event.occurred_at)

    assert seen == [3, 2, 1, 0]


def test_pages_behind_what_is_remembered_are_in_order_too(store: Store) -> None:
    store.add(30)
    for descending in (True, False):
        seen = []
        for offset in range(0, 33, 3):
            page = store.page(**RED, limit=3, offset=offset, descending=descending)
            assert page.total == 30
            seen += [each.event.occurred_at for each in page.events if isinstance(each, Listed)]
        assert seen == sorted(range(30), reverse=descending)


@pytest.mark.parametrize("descending", [True, False])
def test_what_was_stored_since_takes_its_place_among_the_first(store: Store, *, descending: bool) -> None:
    store.add(12)
    store.page(**RED, limit=3, descending=descending)
    for occurred_at in (100, -5, 6, 3):
        store.stored = occurred_at
        store.add(1)
        for offset in (0, 3, 6):
            store.page(**RED, limit=3, offset=offset, descending=descending)


def test_free_text_finds_a_customer_who_is_called_so_by_now(store: Store) -> None:
    store.add(12)
    assert store.page(text="lovelace").total == 0

    store.rename("Ada Lovelace")
    assert store.page(text="lovelace").total == 12
    store.add(2)
    store.add(1, customer="augusta lovelace")
    assert store.page(text="lovelace").total == 15
    store.rename("Byron")
    assert store.page(text="lovelace").total == 1
    assert store.page(text="byron").total == 14


def test_events_that_were_handed_over_are_their_heirs(store: Store) -> None:
    store.add(12)
    store.add(1, customer="heir")
    for question in ({**RED, "external_customers": ("heir",)}, {"text": "heir"}, {"external_customers": ("heir",)}):
        assert store.page(**question).total == 1
    store.hand_over("heir")

    for question in ({**RED, "external_customers": ("heir",)}, {"text": "heir"}, {"external_customers": ("heir",)}):
        assert store.page(**question).total == 13
    assert store.page(**RED, external_customers=("c",)).total == 0


def test_positions_that_are_remembered_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_memory, "_MOST_POSITIONS", 11)
    store.add(5)
    for number in range(4):
        store.page(properties=(("colour", ("red", f"c{number}")),), sources=("user",))

    assert len(store.memory._known) == 2
    assert store.memory._positions == sum(len(known.found.first) for known in store.memory._known.values()) == 10


def test_what_nobody_has_changed_is_not_looked_at_again(store: Store) -> None:
    store.add(12)
    asked = EventListing(workspace=store.tenant.number, properties=RED["properties"])
    reader = store.database.reader()
    is_told = isinstance(reader, SqliteConnection)  # others tell only by their tables
    assert store.memory.recall(reader, asked) is None
    found = store.memory.find(reader, asked)

    assert store.memory.recall(reader, asked) is (found if is_told else None)
    store.add(1, "blue")
    assert store.memory.recall(reader, asked) is None
    assert store.memory.find(reader, asked).total == 12


def test_documents_are_not_looked_through_in_a_hurry(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_memory, "_MOST_BEHIND_BRIEFLY", 2)
    asked = EventListing(workspace=store.tenant.number, limit=3, properties=RED["properties"])
    reader = store.database.reader()
    has_to_hurry = isinstance(reader, SqliteConnection)  # no server holds anybody up here

    def total_in_a_hurry() -> int | None:
        with reader.at_most(100_000), suppress(TooLong):
            return event_list.page(reader, asked, store.memory).total
        return None

    for added, expected in ((12, None), (2, 14), (3, None)):
        store.add(added)
        assert total_in_a_hurry() == (expected if has_to_hurry else store.stored)
        assert event_list.page(reader, asked, store.memory).total == store.stored


@pytest.mark.parametrize("question", QUESTIONS, ids=repr)
def test_totals_are_exact_while_events_are_captured(store: Store, question: dict[str, Any]) -> None:
    store.add(2)
    sent, acknowledged, seen = 2, 2, [0]
    listing = EventListing(workspace=store.tenant.number, limit=100, **question)

    def capture() -> None:
        nonlocal sent, acknowledged
        for _ in range(40):
            sent += 3
            store.add(3)
            acknowledged += 3

    capturing = threading.Thread(target=capture)
    capturing.start()
    while capturing.is_alive() or seen[-1] < acknowledged:
        least = acknowledged
        page = store.database.read(event_list.page, listing, store.memory)
        assert page.total is not None
        assert least <= page.total <= sent
        assert page.total >= seen[-1]
        places = [each.event.occurred_at for each in page.events if isinstance(each, Listed)]
        assert places == sorted(set(places), reverse=listing.descending)
        seen.append(page.total)
    capturing.join()

    assert store.page(**question, limit=100).total == store.stored


@pytest.mark.parametrize(
    "question",
    [
        *QUESTIONS,
        {"depth": 2},
        {**RED, "external_customers": ("c",)},
        {**RED, "names": ("n",), "sources": ("user",)},
        {**RED, "since": 1, "before": 10_000},
        {**RED, "parent": b"p" * 16},
        {"text": "c", "names": ("n", "m")},
    ],
    ids=repr,
)
def test_what_was_stored_since_is_one_range_of_what_is_stored(
    store: Store, question: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(12, name="m")
    store.add(12)
    asked = EventListing(workspace=store.tenant.number, **question)
    event_list.page(store.database.reader(), asked, store.memory)
    store.add(1)
    reader = store.database.reader()
    if not isinstance(reader, SqliteConnection):
        return  # so small a store has nothing to plan there
    plans: list[str] = []
    run = SqliteConnection.rows

    def explained(self: SqliteConnection, statement: Statement, **parameters: Any) -> Any:
        if "after" in parameters:
            compiled = statement.compiled(sqlite.dialect(paramstyle="named"))
            values = sqlite_engine._bound(compiled, dict(parameters))
            rows = driver_of(self).execute(f"EXPLAIN QUERY PLAN {compiled.text}", values).fetchall()
            plans.append("; ".join(row[-1] for row in rows))
        return run(self, statement, **parameters)

    monkeypatch.setattr(SqliteConnection, "rows", explained)
    event_list.page(reader, asked, store.memory)

    assert plans
    assert all(
        re.match(r"SEARCH (customer_)?events USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)", plan)
        for plan in plans
    ), plans
