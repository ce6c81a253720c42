"""Totals and pages are exact, whatever a process remembers of a search."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.capture import customer_lifecycle, customer_removal, merging
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference
from footfall.model.query import Comparison, EventQuery, Operator, Position, PropertyPath, SortKey
from footfall.storage import customers, event_search, search_memory
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.found_places import arranged
from footfall.storage.search_memory import Found, SearchMemory
from tests.conftest import Databases, driver_of
from tests.storage.test_event_search import EVENTS_OF_ALL_KINDS, Spec, Store, expected, orders, specs
from tests.storage.test_event_search import alternatives as any_alternatives

Asked = tuple[tuple[tuple[Comparison, ...], ...], tuple[SortKey, ...]]

QUESTIONS = [
    Comparison("customer_identity", Operator.LIKE, "v*"),
    Comparison("customer_identity", Operator.LIKE, "*e*"),
    Comparison("customer_identity", Operator.NOT_LIKE, "str*"),
    Comparison("customer_identity", Operator.GREATER, "u"),
    Comparison("customer_identity", Operator.EQUAL, "renamed"),
    Comparison("account_id", Operator.LIKE, "a*"),
    Comparison("account_id", Operator.EQUAL, "acme"),
    Comparison("user_type", Operator.EQUAL, "USER"),
    Comparison(PropertyPath("properties", "qty"), Operator.EQUAL, "9"),
    Comparison(PropertyPath("properties", "é"), Operator.LIKE, "é*"),
    Comparison(PropertyPath("session", "sessionId"), Operator.LIKE, "s*"),
]

Step = tuple[str, Any]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("store"), st.lists(specs, min_size=1, max_size=6)),
        st.tuples(st.sampled_from(["erase", "rename", "merge"]), st.integers(0, 5)),
        st.tuples(st.just("ask"), st.integers(0, 3)),
        st.tuples(st.just("ask"), st.integers(0, 3)),
    ),
    max_size=14,
)


class RememberingStore(Store):
    """A store whose customers change, asked through one memory."""

    def ask(self, asked: Asked, limit: int = 3) -> list[int]:
        """The sequences on all pages: what somebody sees who remembers, and somebody who does not."""
        wanted, order = asked
        query = EventQuery(workspace=self.workspace.number, alternatives=wanted, order=order, limit=limit)
        told = self._walk(query, self.memory)
        assert told == self._walk(query, None)
        return told[1]

    def _walk(self, query: EventQuery, memory: SearchMemory | None) -> tuple[int, list[int]]:
        first = self.database.read(event_search.first_page, query, memory or SearchMemory())
        found, pinned = list(first.events), first.query
        while found and len(found) % query.limit == 0:
            at = Position(tuple(getattr(found[-1], key.field) for key in query.order), found[-1].sequence)
            following = msgspec.structs.replace(pinned, after=at)
            page = self.database.read(event_search.search, following, memory or SearchMemory())
            if not page:
                break
            found += page
        assert len(found) == first.total
        return first.total, [event.sequence for event in found]

    def change(self, kind: str, which: int) -> None:
        """Does something to one of the customers whom events name, if it is there."""
        number = self.database.read(_customer, self.workspace.number, which)
        if number is None:
            return
        if kind == "erase":
            asyncio.run(customer_removal.erase(self.capture, self.workspace.number, [number]))
        elif kind == "rename":
            self.capture.change_now(_rename, self.workspace.number, number)
        else:
            self.capture.change_now(_merge, self.workspace.number, number)
            asyncio.run(customer_removal.finish(self.capture, self.workspace.number))


NAMES = [Identity("external_id", name) for name in ("Viewed", "viewed", "VIEW", "Straße", "STRASSE", "Ünit")]


def _customer(connection: Connection, workspace: int, which: int) -> int | None:
    found = customers.by_identity(connection, workspace, NAMES[which % len(NAMES)])
    return None if found is None else found.number


def _rename(connection: Connection, workspace: int, number: int) -> None:
    customer = customers.by_number(connection, workspace, number)
    assert customer is not None
    after = msgspec.structs.replace(customer, external_id=f"renamed {number}")
    customer_lifecycle.change(connection, workspace, [(customer, after)])


def _merge(connection: Connection, workspace: int, number: int) -> None:
    """With whoever goes by an e-mail address."""
    customer = customers.by_number(connection, workspace, number)
    assert customer is not None
    connection.lock(workspace)
    both = (Identity("external_id", str(customer.external_id)), Identity("email", "Viewed"))
    merging.unite(connection, workspace, [CustomerReference(identities=both)])


def _sign_in(connection: Connection, workspace: int) -> None:
    """Who was known by an e-mail address alone gets an external id."""
    customer = customers.by_identity(connection, workspace, Identity("email", "Straße"))
    assert customer is not None
    after = msgspec.structs.replace(customer, external_id="known")
    customer_lifecycle.change(connection, workspace, [(customer, after)])


@pytest.fixture(scope="module")
def store(databases: Databases) -> Iterator[RememberingStore]:
    database = Database(databases.new_url())
    database.prepare()
    opened = RememberingStore(database)
    yield opened
    opened.capture.close()
    database.close()


@pytest.fixture(scope="module", params=[2, 50_000])
def _few_places(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whether places are remembered of hardly any question, or of every one."""
    kept = search_memory._MOST_PLACES, search_memory._QUICKLY_COUNTED, search_memory._MOST_BEHIND
    search_memory._MOST_PLACES, search_memory._QUICKLY_COUNTED = request.param, 1
    search_memory._MOST_BEHIND = 4 if request.param == 2 else 1000
    yield
    search_memory._MOST_PLACES, search_memory._QUICKLY_COUNTED, search_memory._MOST_BEHIND = kept


@pytest.mark.usefixtures("_few_places")
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    done=steps,
    terms=st.lists(st.sampled_from(QUESTIONS), min_size=2, max_size=2),
    free=st.lists(st.tuples(any_alternatives, orders), min_size=2, max_size=2),
    order=orders,
)
def test_who_remembers_is_told_what_anybody_is(
    store: RememberingStore,
    done: list[Step],
    terms: list[Comparison],
    free: list[Asked],
    order: tuple[SortKey, ...],
) -> None:
    store.start_over()
    asked: list[Asked] = [*((((term,),), order) for term in terms), *free]
    store.store(EVENTS_OF_ALL_KINDS[:9])
    is_untouched = True

    for kind, what in done:
        if kind == "store":
            store.store(what)
        elif kind == "ask":
            found = store.ask(asked[what])
            if is_untouched:
                query = EventQuery(workspace=1, alternatives=asked[what][0], order=asked[what][1])
                assert found == expected(store.rows, query)
        else:
            store.change(kind, what)
            is_untouched = False
    for each in asked:
        store.ask(each)
        store.ask(each)


VIEWED = Comparison("customer_identity", Operator.LIKE, "view*")
KNOWN = Comparison("customer_identity", Operator.LIKE, "*kn?wn")
VISITORS = Comparison("user_type", Operator.EQUAL, "VISITOR")
ONE = Comparison(PropertyPath("properties", "qty"), Operator.EQUAL, "1")


@pytest.mark.parametrize(
    ("change", "term", "before", "after"),
    [
        ("erase", VIEWED, 6, 3),
        ("erase", ONE, 9, 6),
        ("rename", VIEWED, 6, 3),
        ("rename", ONE, 9, 9),
        ("merge", VISITORS, 6, 3),
        ("merge", ONE, 9, 9),
        ("sign_in", VISITORS, 6, 3),
        ("sign_in", KNOWN, 0, 3),
    ],
)
def test_whose_stored_events_are_is_told_as_it_is_now(
    store: RememberingStore, change: str, term: Comparison, before: int, after: int
) -> None:
    store.start_over()
    names = [Identity("external_id", "Viewed"), Identity("email", "Viewed"), Identity("email", "Straße")]
    store.store([spec(identity=name, properties={"qty": 1}, session=None) for name in names for _ in range(3)])
    asked: Asked = (((term,),), ())
    assert len(store.ask(asked)) == before

    if change == "sign_in":
        store.capture.change_now(_sign_in, store.workspace.number)
    else:
        store.change(change, 0)

    assert len(store.ask(asked)) == after


@pytest.mark.parametrize("term", QUESTIONS, ids=repr)
def test_what_is_stored_between_two_pages_is_on_neither_and_is_there_when_asked_again(
    store: RememberingStore, term: Comparison
) -> None:
    store.start_over()
    store.store(EVENTS_OF_ALL_KINDS)
    query = EventQuery(workspace=store.workspace.number, alternatives=((term,),), limit=2)
    before = expected(store.rows, query)
    first = store.database.read(event_search.first_page, query, store.memory)
    store.store([replace(spec, external_id=None) for spec in EVENTS_OF_ALL_KINDS])

    again = store.database.read(event_search.first_page, query, store.memory)
    found, total = store.pages(first.query, iter([]))

    assert (found, total) == (before, first.total)
    assert again.total == len(expected(store.rows, query))


QTY = Comparison(PropertyPath("properties", "qty"), Operator.LESS, "5")
SINCE = Comparison("occurred_at", Operator.GREATER_OR_EQUAL, -10_000)
BEFORE = Comparison("occurred_at", Operator.LESS, 10**16)


@pytest.mark.parametrize(
    "wanted",
    [
        ((QTY,),),
        ((SINCE, BEFORE, QTY),),
        ((SINCE, BEFORE, QTY), (SINCE, BEFORE, Comparison("name", Operator.EQUAL, "viewed"))),
        ((SINCE, BEFORE, Comparison("customer_identity", Operator.LIKE, "*w*")), (SINCE, BEFORE, QTY)),
        ((SINCE, BEFORE, Comparison("account_id", Operator.LIKE, "*e*")),),
    ],
)
@pytest.mark.parametrize("order", [(SortKey("occurred_at"),), (SortKey("account_id"), SortKey("occurred_at"))])
def test_what_is_asked_again_looks_at_nothing_but_what_was_stored_since(
    embedded: Database, wanted: tuple[tuple[Comparison, ...], ...], order: tuple[SortKey, ...]
) -> None:
    store = RememberingStore(embedded)
    store.store(EVENTS_OF_ALL_KINDS)
    query = EventQuery(workspace=store.workspace.number, alternatives=wanted, order=order)
    before = embedded.read(event_search.first_page, query, store.memory)
    store.store([replace(EVENTS_OF_ALL_KINDS[0], properties={"qty": 4}, external_id=None, account_id="e")])
    connection = embedded.reader()
    statements: list[str] = []
    driver_of(connection).set_trace_callback(statements.append)

    found = event_search.first_page(connection, query, store.memory)

    driver_of(connection).set_trace_callback(None)
    store.capture.close()
    assert found.total >= before.total
    since = [text for text in statements if "events.sequence > 60" in text]
    assert len(since) == 1
    plan = [row[3] for row in driver_of(connection).execute(f"EXPLAIN QUERY PLAN {since[0]}")]
    assert [step for step in plan if "events" in step] == ["SEARCH events USING INTEGER PRIMARY KEY (rowid>?)"]
    others = [text for text in statements if "FROM events" in text and text != since[0]]
    plans = [row[3] for text in others for row in driver_of(connection).execute(f"EXPLAIN QUERY PLAN {text}")]
    of_a_page = "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)"
    assert {step for step in plans if " events " in step} == {of_a_page}


moments = st.integers(0, 40)
late_specs = st.builds(
    lambda at, spec: replace(spec, occurred_at=at, external_id=None), moments, st.sampled_from(EVENTS_OF_ALL_KINDS)
)


@pytest.mark.usefixtures("_few_places")
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=st.lists(late_specs, max_size=12),
    moves=st.lists(st.tuples(st.integers(0, 6), st.lists(late_specs, max_size=4)), min_size=3, max_size=8),
    terms=st.lists(st.lists(st.sampled_from(QUESTIONS), max_size=2), min_size=1, max_size=2),
    is_open=st.booleans(),
    order=orders,
)
def test_a_window_that_slides_is_answered_as_any_other(
    store: RememberingStore,
    first: list[Spec],
    moves: list[tuple[int, list[Spec]]],
    terms: list[list[Comparison]],
    order: tuple[SortKey, ...],
    *,
    is_open: bool,
) -> None:
    """Both ends move, or the later one alone."""
    store.start_over()
    store.store(first)
    ends = 10

    for moved, stored in moves:
        store.store(stored)
        ends += moved
        since = Comparison("occurred_at", Operator.GREATER_OR_EQUAL, 3 if is_open else ends - 12)
        window = (since, Comparison("occurred_at", Operator.LESS, ends))
        query = EventQuery(
            workspace=store.workspace.number,
            alternatives=tuple((*window, *each) for each in terms),
            order=order,
            limit=3,
            slides=True,
        )
        begun = store.database.read(event_search.first_page, query, store.memory)
        answer = expected(store.rows, query)
        assert (begun.total, [event.sequence for event in begun.events]) == (len(answer), answer[:3])
        assert store.pages(begun.query, iter([]))[0] == answer


def test_a_window_that_slid_looks_at_nothing_but_what_came_and_went(embedded: Database) -> None:
    store = RememberingStore(embedded)
    store.store([replace(EVENTS_OF_ALL_KINDS[0], occurred_at=at, external_id=None) for at in range(50)])
    connection = embedded.reader()
    statements: list[str] = []

    def asked(ends: int) -> EventQuery:
        window = (
            Comparison("occurred_at", Operator.GREATER_OR_EQUAL, ends - 20),
            Comparison("occurred_at", Operator.LESS, ends),
        )
        wanted = ((*window, QTY), (*window, Comparison("customer_identity", Operator.LIKE, "*w*")))
        return EventQuery(workspace=store.workspace.number, alternatives=wanted, slides=True)

    event_search.first_page(connection, asked(30), store.memory)
    driver_of(connection).set_trace_callback(statements.append)

    event_search.first_page(connection, asked(32), store.memory)

    driver_of(connection).set_trace_callback(None)
    store.capture.close()
    looking = [text for text in statements if "json_each(events.properties)" in text]
    assert len(looking) == 1
    assert "occurred_at >= 30 AND events.occurred_at < 32" in looking[0]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, embedded: Database) -> None:
    monkeypatch.setattr(search_memory, "_MOST_PLACES_IN_ALL", 10)
    memory = SearchMemory()

    def asked(number: int) -> EventQuery:
        return EventQuery(workspace=number)

    for number in range(5):
        places = arranged((), [(sequence, 0, None) for sequence in range(4)])
        embedded.read(memory.remember, asked(number), Found(4, places), 9)

    assert [number for number in range(5) if memory.knows(asked(number))] == [3, 4]


def spec(**changes: Any) -> Spec:
    return replace(EVENTS_OF_ALL_KINDS[1], external_id=None, **changes)


def test_one_workspace_is_not_told_of_another(store: RememberingStore) -> None:
    store.start_over()
    one = store.workspace
    store.store([spec(properties={"qty": 1})] * 2)
    asked: Asked = (((Comparison(PropertyPath("properties", "qty"), Operator.EQUAL, "1"),),), ())
    assert len(store.ask(asked)) == 2

    store.start_over()

    assert store.workspace.number != one.number
    assert store.ask(asked) == []
