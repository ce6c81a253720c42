"""Search against a naive model of it: same rows, same order, same totals, with captures going on in between."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cmp_to_key
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, Family, NewEvent
from footfall.model.query import Comparison, EventQuery, Operator, Position, PropertyPath, SortKey, Way
from footfall.model.workspace import Workspace
from footfall.storage import event_search, workspaces
from footfall.storage.database import Database
from footfall.storage.search_memory import SearchMemory
from footfall.tenancy.creation import create
from tests.conftest import Databases, driver_of

NEGATED = {Operator.NOT_EQUAL: Operator.EQUAL, Operator.NOT_LIKE: Operator.LIKE}
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")

TEXTS = ["Viewed", "viewed", "VIEW", "Straße", "STRASSE", "Ünit", "a%b", "a_b", "axb", "a\\b", "[a]", "é*", "9", "10"]
INSTANTS = [-1_500, -1, 0, 1, 999, 1_000, 1_001, 1_700_000_000_000_000, 1_700_000_000_000_500, 1_700_000_000_001_000]
PROPERTY_NAMES = ["qty", "a.b", 'q"uote', "é"]
SESSION_NAMES = ["sessionId", "userType"]

values = st.sampled_from(
    [*TEXTS, "", "USER", "visitor", "EMPTY_USER_TYPE", "CUSTOM", "9.0", "1e1", "true", "k1", "K2", "acme"]
)
patterns = st.text(alphabet=["*", "?", "a", "b", "i", "v", "%", "_", "\\", "[", "ß", "s", "é", "1", "0"], max_size=5)
property_values = st.one_of(
    st.sampled_from(TEXTS), st.integers(-20, 20), st.sampled_from([9.5, 10.0, 1e300]), st.booleans(), st.none()
)


@dataclass(frozen=True)
class Spec:
    """An event to capture."""

    name: str
    identity: Identity | None
    occurred_at: int
    account_id: str | None
    external_id: str | None
    source: str | None
    outlet: str | None
    captured_by: Any
    properties: dict[str, Any]
    session: dict[str, Any] | None
    family: Family = "custom"


identities = st.builds(Identity, st.sampled_from(["external_id", "email"]), st.sampled_from(TEXTS[:6]))
specs = st.builds(
    Spec,
    name=st.sampled_from(TEXTS),
    identity=st.none() | identities,
    occurred_at=st.sampled_from(INSTANTS),
    account_id=st.none() | st.sampled_from(["", "Acme", "ACME", "t2700-x", "Ünit"]),
    external_id=st.none() | st.sampled_from(["k1", "K1", "k2", "Straße", "STRASSE", "STRAẞE"]),
    source=st.none() | st.sampled_from(["CUSTOM", "SIGN_UP"]),
    outlet=st.none() | st.sampled_from(["AP-X", "75"]),
    captured_by=st.sampled_from(["gainsight_px", "rapidly"]),
    properties=st.dictionaries(st.sampled_from(PROPERTY_NAMES), property_values, max_size=3),
    session=st.none()
    | st.dictionaries(st.sampled_from(SESSION_NAMES), st.sampled_from(["LEAD", "s1", "S1", 5, ""]), max_size=2),
    family=st.sampled_from(["custom", "custom", "page_view"]),
)

text_fields = st.sampled_from(
    ["name", "customer_identity", "account_id", "event_id", "event_type", "property_key", "user_type"]
) | st.builds(PropertyPath, st.just("properties"), st.sampled_from(PROPERTY_NAMES))
session_fields = st.builds(PropertyPath, st.just("session"), st.sampled_from(SESSION_NAMES))
operators = st.sampled_from(list(Operator))
plain_operators = st.sampled_from([each for each in Operator if "~" not in each.value])
comparisons = st.one_of(
    st.builds(Comparison, text_fields | session_fields, operators, values | patterns),
    st.builds(Comparison, st.just("occurred_at"), plain_operators, st.sampled_from(INSTANTS)),
    st.builds(Comparison, st.just("occurred_at"), st.sampled_from([Operator.LIKE, Operator.NOT_LIKE]), patterns),
)
alternatives = st.lists(st.lists(comparisons, max_size=3).map(tuple), max_size=3).map(tuple)
orders = st.lists(
    st.builds(SortKey, st.sampled_from(["occurred_at", "account_id"]), st.booleans()),
    max_size=2,
    unique_by=lambda key: key.field,
).map(tuple)


@dataclass(frozen=True)
class Row:
    """An event as the naive model stores it."""

    sequence: int
    id: bytes
    spec: Spec
    identity: Identity | None
    workspace: Workspace

    def text(self, field: str | PropertyPath) -> str | None:
        """What a text comparison sees."""
        spec = self.spec
        ours = spec.captured_by == "gainsight_px"
        if isinstance(field, PropertyPath):
            said = (spec.session or {}).get(field.key)
            return spelt(spec.properties.get(field.key)) if field.document == "properties" else said_text(said)
        return {
            "name": spec.name,
            "customer_identity": None if self.identity is None else self.identity.value,
            "account_id": spec.account_id,
            "event_id": spec.external_id if ours and spec.external_id else identifiers.to_text(self.id),
            "event_type": spec.source if ours and spec.source else "CUSTOM",
            "property_key": spec.outlet if ours and spec.outlet else self.workspace.property_key,
            "user_type": self.user_type(),
            "occurred_at": str(spec.occurred_at // 1000),
        }[field]

    def user_type(self) -> str:
        """The kind of user."""
        if (self.spec.session or {}).get("userType") == "LEAD":
            return "LEAD"
        if self.identity is None:
            return "EMPTY_USER_TYPE"
        return "USER" if self.identity.kind == "external_id" else "VISITOR"

    def answers(self, term: Comparison) -> bool:
        """Whether the event answers the comparison."""
        if term.operator in NEGATED:
            return not self.answers(msgspec.structs.replace(term, operator=NEGATED[term.operator]))
        if term.field == "occurred_at" and isinstance(term.value, int):
            return compare(self.spec.occurred_at, term.operator, term.value)
        wanted = str(term.value)
        if isinstance(term.field, PropertyPath) and term.field.document == "properties":
            stored = self.spec.properties.get(term.field.key)
            if isinstance(stored, int | float) and not isinstance(stored, bool) and term.operator is not Operator.LIKE:
                return bool(NUMBER.fullmatch(wanted)) and compare(stored, term.operator, float(wanted))
        text = self.text(term.field)
        return bool(text) and compare(str(text).casefold(), term.operator, wanted.casefold())


def said_text(value: Any) -> str | None:
    """A field of the session, where it is a text."""
    return value if isinstance(value, str) else None


def spelt(value: Any) -> str | None:
    """A property as text."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else "1.0e+300" if value == 1e300 else str(value)


def compare(left: Any, operator: Operator, right: Any) -> bool:
    """One comparison, as the contract words it."""
    match operator:
        case Operator.EQUAL:
            return bool(left == right)
        case Operator.LESS:
            return bool(left < right)
        case Operator.LESS_OR_EQUAL:
            return bool(left <= right)
        case Operator.GREATER:
            return bool(left > right)
        case Operator.GREATER_OR_EQUAL:
            return bool(left >= right)
        case _:
            signs = {"*": ".*", "?": "."}
            pattern = "".join(signs.get(sign) or re.escape(sign) for sign in right)
            return re.fullmatch(pattern, left, re.DOTALL) is not None


def expected(rows: list[Row], query: EventQuery) -> list[int]:
    """The sequences of all rows that answer, in order."""

    def before(left: Row, right: Row) -> int:
        for key in query.order:
            ours, theirs = (getattr(row.spec, key.field) for row in (left, right))
            if ours != theirs:
                is_less = ours is None or (theirs is not None and ours < theirs)
                return -1 if is_less != key.descending else 1
        backwards = bool(query.order) and query.order[-1].descending
        return (right.sequence - left.sequence) if backwards else (left.sequence - right.sequence)

    asked = query.alternatives or ((),)
    found = [row for row in rows if row.spec.family == query.family]
    found = [row for row in found if any(all(map(row.answers, terms)) for terms in asked)]
    return [row.sequence for row in sorted(found, key=cmp_to_key(before))]


class Store:
    """A real database, and what the naive model knows of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.capture = Capture(database)
        self.memory = SearchMemory()
        self._names = (f"w{number}" for number in count())
        self.start_over()

    def start_over(self) -> None:
        """Begins a workspace of its own."""
        name = next(self._names)
        self.capture.change_now(create, name)
        workspace = self.database.read(workspaces.by_name, name)
        assert workspace is not None
        self.workspace = workspace
        self.rows: list[Row] = []

    def store(self, wanted: list[Spec]) -> None:
        """Captures into the database and the model."""
        sent = [self._new_event(spec) for spec in wanted]
        outcomes = self.capture.submit(Batch(workspace=self.workspace, events=sent)).result().outcomes
        for spec, outcome in zip(wanted, outcomes, strict=True):
            assert isinstance(outcome, Captured)
            if outcome.sequence is not None:
                self.rows.append(Row(outcome.sequence, outcome.id, spec, spec.identity, self.workspace))

    def pages(self, query: EventQuery, later: Iterator[list[Spec]]) -> tuple[list[int], int]:
        """The sequences on all pages of ``query`` with ``later`` captured in between, and the count on the last."""
        seen: list[int] = []
        while True:
            page = self.database.read(event_search.search, query, self.memory)
            seen += [event.sequence for event in page]
            self.store(next(later, []))
            if len(page) < query.limit:
                return seen, self.database.read(event_search.count, query)
            last = page[-1]
            position = Position(tuple(getattr(last, key.field) for key in query.order), last.sequence)
            query = msgspec.structs.replace(query, after=position)

    @staticmethod
    def _new_event(spec: Spec) -> NewEvent:
        return NewEvent(
            name=spec.name,
            occurred_at=spec.occurred_at,
            received_at=0,
            properties=msgspec.json.encode(spec.properties).decode(),
            customer=None if spec.identity is None else CustomerReference(identities=(spec.identity,)),
            external_id=spec.external_id,
            account_id=spec.account_id,
            source=spec.source,
            outlet=spec.outlet,
            session=None if spec.session is None else msgspec.json.encode(spec.session).decode(),
            captured_by=spec.captured_by,
            family=spec.family,
        )


@pytest.fixture(scope="module")
def store(databases: Databases) -> Iterator[Store]:
    """One database for the whole module; every example has a workspace of its own in it."""
    database = Database(databases.new_url())
    database.prepare()
    opened = Store(database)
    yield opened
    opened.capture.close()
    database.close()


@settings(deadline=None, max_examples=150)
@given(
    first=st.lists(specs, max_size=12),
    later=st.lists(st.lists(specs, max_size=2), max_size=4),
    wanted=alternatives,
    order=orders,
    limit=st.integers(1, 5),
    way=st.sampled_from([None, "in_order", "by_condition"]),
    family=st.sampled_from(["custom", "custom", "page_view"]),
)
def test_every_search_finds_what_a_naive_one_finds(
    store: Store,
    first: list[Spec],
    later: list[list[Spec]],
    wanted: tuple[tuple[Comparison, ...], ...],
    order: tuple[SortKey, ...],
    limit: int,
    way: Way | None,
    family: Family,
) -> None:
    store.start_over()
    store.store(first)
    snapshot = max((row.sequence for row in store.rows), default=0)
    query = EventQuery(workspace=store.workspace.number, alternatives=wanted, order=order, limit=limit, family=family)
    answer = expected(store.rows, query)

    begun = store.database.read(event_search.first_page, query, store.memory)
    assert ([event.sequence for event in begun.events], begun.total) == (answer[:limit], len(answer))
    pinned = msgspec.structs.replace(query, snapshot=snapshot, way=way)
    found, total = store.pages(pinned, iter(later))

    assert found == answer
    assert total == len(answer)
    assert store.pages(begun.query, iter(()))[0] == answer
    now = msgspec.structs.replace(query, snapshot=None)
    assert store.database.read(event_search.count, now) == len(expected(store.rows, now))


PROPERTIES: list[dict[str, Any]] = [
    {},
    {"qty": 9},
    {"qty": "9"},
    {"qty": 10.5, "é": "É*"},
    {"qty": None},
    {"qty": True},
    {"qty": ""},
]
EVENTS_OF_ALL_KINDS = [
    Spec(
        name=TEXTS[number % len(TEXTS)],
        identity=[None, Identity("external_id", "Viewed"), Identity("email", "straße")][number % 3],
        occurred_at=INSTANTS[number % len(INSTANTS)],
        account_id=[None, "", "Acme", "ACME", "t2700-x", "a%b"][number % 6],
        external_id=f"K{number}" if number % 4 else None,
        source=[None, "SIGN_UP"][number % 2],
        outlet=["AP-X", None, "75"][number % 3],
        captured_by=["gainsight_px", "rapidly"][number % 2],
        properties=PROPERTIES[number % len(PROPERTIES)],
        session=[None, {"userType": "LEAD", "sessionId": "S1"}, {"userType": 5, "sessionId": 5}, {"sessionId": ""}][
            number % 4
        ],
    )
    for number in range(60)
]
VALUES = [
    *TEXTS,
    "",
    "*",
    "?",
    "??",
    "v*",
    "*e?",
    "ACME",
    "a?b",
    "9.0",
    "10.5",
    "true",
    "-?",
    "s1",
    "lead",
    "user",
    "k1",
]
FIELDS: list[Any] = [
    "name",
    "customer_identity",
    "account_id",
    "event_id",
    "event_type",
    "property_key",
    "user_type",
    *(PropertyPath("properties", name) for name in PROPERTY_NAMES),
    *(PropertyPath("session", name) for name in SESSION_NAMES),
]


@pytest.mark.parametrize("operator", list(Operator))
def test_every_comparison_finds_what_a_naive_one_finds(store: Store, operator: Operator) -> None:
    store.start_over()
    store.store(EVENTS_OF_ALL_KINDS)
    texts = [Comparison(field, operator, value) for field in FIELDS for value in VALUES]
    shown = [str(row.text("event_id")) for row in store.rows[:20]]
    texts += [Comparison("event_id", operator, value.upper()) for value in shown]
    texts += [Comparison("event_id", operator, identifiers.to_text(row.id)) for row in store.rows[:20]]
    wanted: list[str] | list[int] = VALUES if "~" in operator.value else INSTANTS

    for term in [*texts, *(Comparison("occurred_at", operator, value) for value in wanted)]:
        query = EventQuery(workspace=store.workspace.number, alternatives=((term,),), limit=100)
        found = [event.sequence for event in store.database.read(event_search.search, query, store.memory)]
        assert found == expected(store.rows, query), term


KEYS = [SortKey(field, descending) for field in ("occurred_at", "account_id") for descending in (False, True)]
ORDERS = [(), *((key,) for key in KEYS), *((one, other) for one in KEYS for other in KEYS if one.field != other.field)]


@pytest.mark.parametrize("limit", [1, 7])
def test_pages_of_every_order_follow_each_other_through_ties_and_missing_values(store: Store, limit: int) -> None:
    store.start_over()
    store.store(EVENTS_OF_ALL_KINDS)

    for order in ORDERS:
        query = EventQuery(workspace=store.workspace.number, order=order, limit=limit)
        assert store.pages(query, iter([])) == (expected(store.rows, query), len(store.rows)), order


WINDOW = (Comparison("occurred_at", Operator.GREATER_OR_EQUAL, 0), Comparison("occurred_at", Operator.LESS, 10**16))


@pytest.mark.parametrize(
    ("term", "index"),
    [
        (Comparison("name", Operator.EQUAL, "strasse"), "events_by_type"),
        (Comparison("name", Operator.LIKE, "a?b"), "events_by_type"),
        (Comparison("customer_identity", Operator.EQUAL, "strasse"), "events_by_customer"),
        (Comparison("account_id", Operator.EQUAL, "acme"), "events_by_account"),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
def test_a_page_in_the_order_of_time_is_two_ranges_of_an_index_at_the_position_and_beyond_it(
    embedded: Database, term: Comparison, index: str, *, descending: bool
) -> None:
    store = Store(embedded)
    store.start_over()
    store.store(EVENTS_OF_ALL_KINDS)
    store.capture.close()
    connection = embedded.reader()
    driver = driver_of(connection)
    query = EventQuery(
        workspace=store.workspace.number,
        alternatives=((*WINDOW, term),),
        order=(SortKey("occurred_at", descending),),
        after=Position((1_700_000_000_000_000,), 1),
        snapshot=10**9,
    )
    seen: list[str] = []
    driver.set_trace_callback(seen.append)
    assert event_search.search(connection, query, store.memory) == event_search.search(connection, query, store.memory)
    driver.set_trace_callback(None)

    plan = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {seen[-1]}")]

    ranges = [step for step in plan if "events_by" in step]
    assert all(step.startswith(f"SEARCH events USING INDEX {index} (workspace=?") for step in ranges)
    own = "sequence" if index == "events_by_account" else "rowid"
    at_position = f"occurred_at=? AND {own}{'<' if descending else '>'}?)"
    beyond = "occurred_at>? AND occurred_at<?)"
    assert sum(at_position in step for step in ranges) == sum(beyond in step for step in ranges) == len(ranges) / 2 > 0
    assert not [step for step in plan if "SCAN events" in step or "TEMP B-TREE" in step]


def test_pages_after_the_first_need_not_look_names_up_again_and_find_the_same(store: Store) -> None:
    store.start_over()
    store.store(EVENTS_OF_ALL_KINDS)
    terms = (Comparison("name", Operator.EQUAL, "strasse"), Comparison("account_id", Operator.NOT_EQUAL, "acme"))
    other = (Comparison("name", Operator.LIKE, "*"),)
    first = store.database.read(
        event_search.first_page,
        EventQuery(workspace=store.workspace.number, alternatives=(terms, other), limit=1),
        store.memory,
    )
    narrow, wide = first.query.types
    assert narrow is not None
    assert len(narrow) == 2
    assert wide is None  # too many names to carry along
    store.store([replace(EVENTS_OF_ALL_KINDS[0], name=name, external_id=None) for name in ("sTrasse", "STRASSE")])

    for alternative, types in ((terms, narrow), (other, wide)):
        query = msgspec.structs.replace(first.query, alternatives=(alternative,), types=(types,), limit=100)
        looked_up = msgspec.structs.replace(query, types=())
        found = store.database.read(event_search.search, query, store.memory)
        assert found == store.database.read(event_search.search, looked_up, store.memory)
        assert len(found) == store.database.read(event_search.count, query) > 0


def test_the_first_page_tells_of_one_state_of_the_store(store: Store) -> None:
    store.start_over()
    store.store(EVENTS_OF_ALL_KINDS)
    query = EventQuery(workspace=store.workspace.number, limit=3)

    first = store.database.read(event_search.first_page, query, store.memory)
    store.store(EVENTS_OF_ALL_KINDS[:5])

    assert first.total == store.database.read(event_search.count, first.query) == len(EVENTS_OF_ALL_KINDS)
    assert [event.sequence for event in first.events] == expected(store.rows[: first.total], query)[:3]


@pytest.mark.parametrize("descending", [False, True])
def test_a_position_outside_the_bounds_is_before_or_behind_all_of_them(store: Store, *, descending: bool) -> None:
    store.start_over()
    store.store([replace(EVENTS_OF_ALL_KINDS[1], occurred_at=at, external_id=None) for at in (5, 5, 6, 7, 7)])
    bounds = (Comparison("occurred_at", Operator.GREATER_OR_EQUAL, 5), Comparison("occurred_at", Operator.LESS, 8))
    query = EventQuery(
        workspace=store.workspace.number,
        alternatives=(bounds,),
        order=(SortKey("occurred_at", descending),),
    )
    sequences = [row.sequence for row in store.rows]
    last = sequences[-1] + 1

    below, above = (
        [
            event.sequence
            for event in store.database.read(
                event_search.search, msgspec.structs.replace(query, after=at), store.memory
            )
        ]
        for at in (Position((4,), last), Position((8,), 0))
    )

    assert (below, above) == (([], sequences[::-1]) if descending else (sequences, []))


def test_events_of_one_instant_are_paged_through_in_the_order_of_their_capture(store: Store) -> None:
    store.start_over()
    spec = EVENTS_OF_ALL_KINDS[1]
    for at in (5, 9):
        store.store([replace(spec, occurred_at=at, external_id=None)] * 7)

    for descending in (False, True):
        query = EventQuery(
            workspace=store.workspace.number,
            alternatives=((Comparison("name", Operator.NOT_EQUAL, "nothing"),),),
            order=(SortKey("occurred_at", descending),),
            limit=2,
        )
        sequences = [row.sequence for row in store.rows]
        assert store.pages(query, iter([]))[0] == (sequences[::-1] if descending else sequences)
