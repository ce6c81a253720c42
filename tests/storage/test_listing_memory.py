"""Totals of lists are exact, whatever a process remembers of them."""

from typing import Any

import pytest
import sqlalchemy as sa

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent, WhenUnknown
from footfall.model.event_listing import EventListing
from footfall.model.workspace import Workspace
from footfall.storage import event_counts, event_list, listing_memory
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.event_list import EventPage, Listed
from footfall.storage.listing_memory import ListingMemory
from footfall.storage.statement import Statement
from footfall.storage.tables import events


class Store:
    """A workspace that is asked through one memory."""

    def __init__(self, database: Database, capture: Capture, tenant: Workspace) -> None:
        self.database, self.capture, self.tenant = database, capture, tenant
        self.memory = ListingMemory()
        self.stored = 0

    def add(self, count: int, colour: str = "red", name: str = "n") -> None:
        whom = CustomerReference(identities=(Identity("external_id", "c"),), when_unknown=WhenUnknown.MENTION)
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

    def erase(self, occurred_at: int) -> None:
        self.capture.change_now(_erase, self.tenant.number, occurred_at)


def _erase(connection: Connection, workspace: int, occurred_at: int) -> None:
    """Erases the event of an instant, and its count."""
    of = (events.c.workspace == workspace, events.c.occurred_at == occurred_at)
    number = connection.value(Statement(sa.select(events.c.type).where(*of)))
    connection.execute(Statement(sa.delete(events).where(*of)))
    for type_, level in ((number, event_counts._OF_A_TYPE), (event_counts.ALL_TYPES, event_counts._OF_ALL_TYPES)):
        event_counts._add(connection, workspace, {level: {(type_, 0): -1}})


RED = {"properties": (("colour", ("red",)),)}
QUESTIONS: list[dict[str, Any]] = [RED, {"depth": 0}, {"text": "red"}, {**RED, "names": ("n",), "descending": False}]


@pytest.fixture
def store(database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(listing_memory, "_FEW", 5)
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

    store.erase(0)
    assert store.page(**question).total == count - 1
    store.erase(1)
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
