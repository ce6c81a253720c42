"""How a server finds what the hot reads ask for: by one index range each, whatever the size of the store.

A small store has nothing to plan; so what a planner turns to only there, or only where it knows no better, is switched
off. What is left tells whether an index answers the statement.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.event_listing import EventListing
from footfall.model.export import ExportPosition, ExportQuery
from footfall.model.query import Comparison, EventQuery, Operator, Position, SortKey
from footfall.model.record_search import RecordSearch
from footfall.model.workspace import Workspace
from footfall.storage import (
    customers,
    event_browse,
    event_counts,
    event_details,
    event_export,
    event_list,
    event_search,
    event_types,
    events,
    record_search,
    target_reads,
)
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.engines import postgresql
from footfall.storage.engines.postgresql import PostgresqlConnection
from footfall.storage.event_browse import Browse
from footfall.storage.event_counts import Span
from footfall.storage.event_walk import WalkPosition
from footfall.storage.listing_memory import ListingMemory
from footfall.storage.search_memory import SearchMemory
from footfall.storage.statement import Statement
from footfall.storage.target_reads import Extent

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="session")

NAMES = ("Viewed", "Bought", "Left")
MIDDLE = 1_500
_PLANNER = (
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
)

_COLUMNS = (
    *("id", "workspace", "type", "customer", "rule", "period", "level", "bucket", "occurred_at", "sequence"),
    *("parent_id", "identity_folded", "kind", "value", "number"),
)

Plan = dict[str, Any]


@pytest.fixture
def stored(database: Database, capture: Capture, tenant: Workspace) -> list[Captured]:
    sent = [
        NewEvent(
            name=NAMES[number % 3],
            occurred_at=number,
            received_at=number,
            customer=CustomerReference(identities=(Identity("external_id", f"c{number % 10}"),)),
        )
        for number in range(3_000)
    ]
    outcomes = capture.submit(Batch(workspace=tenant, events=sent)).result(60).outcomes
    database.read(_analyze)
    return [outcome for outcome in outcomes if isinstance(outcome, Captured)]


@pytest.fixture
def plans(database: Database, stored: list[Captured], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Plan]]:
    """The plans of the statements that are run, in their order."""
    assert stored
    gathered: list[Plan] = []
    run = PostgresqlConnection._run

    def explained(self: PostgresqlConnection, statement: Statement, parameters: dict[str, Any]) -> Any:
        compiled = statement.compiled(postgresql._DIALECT)
        values = postgresql._bound(compiled, dict(parameters))
        found = self._driver.execute(f"EXPLAIN (FORMAT JSON) {compiled.text}".encode(), values).fetchone()
        assert found is not None
        gathered.append((found[0] if isinstance(found[0], list) else json.loads(found[0]))[0]["Plan"])
        return run(self, statement, parameters)

    database.read(_settle)
    monkeypatch.setattr(PostgresqlConnection, "_run", explained)
    yield gathered
    monkeypatch.undo()


def test_an_event_by_its_id(database: Database, tenant: Workspace, stored: list[Captured], plans: list[Plan]) -> None:
    for read in (
        events.by_id,
        event_details.in_hierarchy,
        event_details.with_customer,
        event_details.with_definition,
    ):
        assert read(database.reader(), tenant.number, stored[5].id) is not None
        assert ("events_pkey", ["id"]) in _ranges(plans.pop(), "events")


def test_children(database: Database, tenant: Workspace, stored: list[Captured], plans: list[Plan]) -> None:
    database.read(event_details.in_hierarchy, tenant.number, stored[5].id)

    assert ("events_by_parent", ["parent_id"]) in _ranges(plans[0], "events")


@pytest.mark.parametrize("depth", [None, 1, 3])
def test_a_subtree(
    database: Database, tenant: Workspace, stored: list[Captured], plans: list[Plan], depth: int
) -> None:
    asked = EventListing(workspace=tenant.number, parent=stored[5].id, depth=depth)

    assert database.read(event_list.page, asked, ListingMemory()).total == 0

    assert [found for plan in plans for found in _ranges(plan, "events")] == [("events_by_parent", ["parent_id"])]


@pytest.mark.parametrize("asked", [{"depth": 0}, {"properties": (("colour", ("red",)),)}, {"text": "red"}])
def test_what_was_stored_since_a_list_was_asked_for(
    database: Database,
    capture: Capture,
    tenant: Workspace,
    stored: list[Captured],
    plans: list[Plan],
    asked: dict[str, Any],
) -> None:
    memory, listing = ListingMemory(), EventListing(workspace=tenant.number, **asked)
    database.read(event_list.page, listing, memory)
    new = NewEvent(name="Viewed", occurred_at=1, received_at=1, customer=None)
    capture.submit(Batch(workspace=tenant, events=[new])).result(60)
    plans.clear()

    database.read(memory.find, listing)

    assert [found for plan in plans for found in _ranges(plan, "events")] == [("events_by_sequence", ["sequence"])]


def test_who_goes_by_which_names(database: Database, capture: Capture, tenant: Workspace, plans: list[Plan]) -> None:
    wanted = [Identity("external_id", f"person {number}") for number in range(20)]
    many = [Identity("external_id", f"person {number}") for number in range(2_000)]
    sent = [
        NewEvent(name="Viewed", occurred_at=0, received_at=0, customer=CustomerReference(identities=(each,)))
        for each in many
    ]
    capture.submit(Batch(workspace=tenant, events=sent)).result(60)
    database.read(_analyze)

    assert len(database.read(customers.holders, tenant.number, wanted)) == 20

    assert _ranges(plans[-1], "identities") == [("identities_by_value", ["workspace", "kind", "value"])]
    assert _ranges(plans[-1], "customers") == [("customers_pkey", ["number"])]


def test_a_customers_latest_events(database: Database, tenant: Workspace, plans: list[Plan]) -> None:
    customer = database.read(customers.by_identity, tenant.number, Identity("external_id", "c3"))
    assert customer is not None

    asked = Browse(workspace=tenant.number, customer=customer.number)
    page = database.read(event_browse.page, asked, None, 10)
    position = WalkPosition(page[-1][0].occurred_at, page[-1][0].sequence)
    assert len(database.read(event_browse.page, asked, position, 10)) == len(page) == 10

    first, second = (_ranges(plan, "events") for plan in plans[-2:])
    assert first == [("events_by_customer", ["workspace", "customer", "occurred_at"])]
    assert second == [("events_by_customer", ["workspace", "customer", "occurred_at", "sequence"])]
    assert not any(_sorts(plan) for plan in plans[-2:])


@pytest.mark.parametrize("descending", [False, True])
def test_a_page_of_one_name(database: Database, tenant: Workspace, plans: list[Plan], *, descending: bool) -> None:
    _search(database, tenant, _named("Viewed"), descending=descending)

    assert _ranges(plans[-1], "events") == [("events_by_type", ["workspace", "type"])]
    assert not _sorts(plans[-1])


@pytest.mark.parametrize("descending", [False, True])
def test_a_page_of_several_names_in_a_window(
    database: Database, tenant: Workspace, plans: list[Plan], *, descending: bool
) -> None:
    window = [Comparison("occurred_at", Operator.GREATER_OR_EQUAL, 100), Comparison("occurred_at", Operator.LESS, 900)]
    _search(database, tenant, Comparison("name", Operator.LIKE, "*"), *window, descending=descending)

    assert _ranges(plans[-1], "events") == [("events_by_type", ["workspace", "type", "occurred_at"])] * 3
    assert not _sorts(plans[-1])


@pytest.mark.parametrize("descending", [False, True])
def test_a_page_behind_a_position(
    database: Database, tenant: Workspace, stored: list[Captured], plans: list[Plan], *, descending: bool
) -> None:
    after = Position((MIDDLE,), stored[MIDDLE].sequence or 0)
    _search(database, tenant, _named("Viewed"), descending=descending, after=after)

    rest_of_instant, beyond = _ranges(plans[-1], "events")
    assert {"workspace", "occurred_at", "sequence"} <= set(rest_of_instant[1])
    assert beyond == ("events_by_type", ["workspace", "type", "occurred_at"])
    assert not _sorts(plans[-1])
    limits = [node for node in _nodes(plans[-1]) if node["Node Type"] == "Limit"]
    assert len(limits) == 3, "of each range no more than a page is wanted, and of both"


@pytest.mark.parametrize("descending", [False, True])
def test_a_page_of_everything_behind_a_position(
    database: Database, tenant: Workspace, stored: list[Captured], plans: list[Plan], *, descending: bool
) -> None:
    after = Position((MIDDLE,), stored[MIDDLE].sequence or 0)
    _search(database, tenant, descending=descending, after=after)

    rest_of_instant, beyond = _ranges(plans[-1], "events")
    assert rest_of_instant == ("events_by_time", ["workspace", "occurred_at", "sequence"])
    assert beyond == ("events_by_time", ["workspace", "occurred_at"])
    assert not _sorts(plans[-1])


def test_a_page_of_a_customer(database: Database, tenant: Workspace, plans: list[Plan]) -> None:
    _search(database, tenant, Comparison("customer_identity", Operator.EQUAL, "c3"), _named("Viewed"))

    looked_up = next(plan for plan in plans if any(node.get("Relation Name") == "customers" for node in _nodes(plan)))
    assert _ranges(looked_up, "customers") == [("customers_by_identity", ["workspace", "identity_folded"])]
    assert _ranges(plans[-1], "events") == [("events_by_customer", ["workspace", "customer"])]
    assert not _sorts(plans[-1])


def test_a_page_of_an_export(database: Database, tenant: Workspace, stored: list[Captured], plans: list[Plan]) -> None:
    (number,) = database.read(event_types.numbers, tenant.number, ["Viewed"]).values()
    query = ExportQuery(workspace=tenant.number, type=number, since=0, until=3_000, snapshot=10**6)
    position = ExportPosition(MIDDLE, stored[MIDDLE].sequence or 0)
    plans.clear()

    assert len(database.read(event_export.page, query, position, 100).events) == 100

    assert {"workspace", "occurred_at", "sequence"} <= set(_ranges(plans[0], "events")[0][1])
    assert _ranges(plans[1], "events") == [("events_by_type", ["workspace", "type", "occurred_at", "sequence"])]
    assert not any(_sorts(plan) for plan in plans)


def test_a_total_of_names_and_time(database: Database, tenant: Workspace, plans: list[Plan]) -> None:
    assert database.read(event_counts.count, tenant.number, [Span(frozenset({1}), 5, 10**12 + 7)]) > 0

    for _, columns in _ranges(plans[0], "event_counts"):
        assert columns == ["workspace", "type", "level", "bucket"]
    for _, columns in _ranges(plans[0], "events"):
        assert {"workspace", "occurred_at"} <= set(columns)


@pytest.mark.parametrize("entries", [0, 1])
@pytest.mark.parametrize("whole", [True, False])
def test_a_page_of_tracked_events(
    database: Database, tenant: Workspace, plans: list[Plan], *, whole: bool, entries: int
) -> None:
    """Records of enrolments, where there are any, are merged in, not sorted."""
    extent = Extent(period=1, events=20, entries=entries, first_at=0, last_at=10**12, group=1)

    database.read(target_reads.page, tenant.number, 1, 1, [extent] if whole else extent, limit=10, offset=0)

    of_place = ["workspace", "customer", "rule"]
    key = of_place if whole else [*of_place, "occurred_at"]
    assert [columns for _, columns in _ranges(plans[0], "tracked_events")] == [key]
    assert [columns for _, columns in _ranges(plans[0], "enrolment_entries")] == [of_place] * entries
    assert not _sorts(plans[0])


def test_how_far_a_customer_has_come(database: Database, tenant: Workspace, plans: list[Plan]) -> None:
    database.read(target_reads.progress_of, tenant.number, 1)
    database.read(target_reads.extents, tenant.number, 1, 1)

    assert [columns for _, columns in _ranges(plans[0], "target_progress")] == [["workspace", "customer"]]
    assert [columns for _, columns in _ranges(plans[1], "target_progress")] == [["workspace", "customer", "rule"]]


def _named(name: str) -> Comparison:
    return Comparison("name", Operator.EQUAL, name)


def _search(
    database: Database,
    tenant: Workspace,
    *terms: Comparison,
    descending: bool = True,
    after: Position | None = None,
) -> None:
    query = EventQuery(
        workspace=tenant.number,
        alternatives=(terms,),
        order=(SortKey("occurred_at", descending=descending),),
        limit=25,
        snapshot=10**6,
        after=after,
    )
    assert len(database.read(event_search.search, query, SearchMemory())) == 25


def _ranges(plan: Plan, table: str) -> list[tuple[str, list[str]]]:
    """How the plan comes by rows of a table: each index, and which of its columns bound the range."""
    found = []
    for node in _nodes(plan):
        if node.get("Relation Name") == table:
            assert node["Node Type"] in ("Index Scan", "Index Only Scan"), node["Node Type"]
            condition = node["Index Cond"]
            columns = [word for word in _COLUMNS if re.search(rf"\b{word}\)? [=<>]", condition)]
            found.append((node["Index Name"], columns))
    return found


def _sorts(plan: Plan) -> list[Plan]:
    """Sorts, but for those of a few rows: of no more than a page, or of the rest of one instant."""
    return [
        node
        for node in _nodes(plan)
        if node["Node Type"] == "Sort" and not any(each["Node Type"] == "Limit" for each in _nodes(node))
    ]


def _nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _analyze(connection: Connection) -> None:
    assert isinstance(connection, PostgresqlConnection)
    connection._driver.execute(b"SET default_transaction_read_only = off")
    connection._driver.execute(b"ANALYZE")


def _settle(connection: Connection) -> None:
    assert isinstance(connection, PostgresqlConnection)
    connection._driver.execute(_PLANNER.encode())


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (("id", "customer", "type", "since"), ("events_pkey", ["id"])),
        (("customer", "type", "since"), ("events_by_customer", ["workspace", "customer", "occurred_at"])),
        (("type", "since", "before"), ("events_by_type", ["workspace", "type", "occurred_at"])),
        (("since",), ("events_by_time", ["workspace", "occurred_at"])),
        ((), ("events_by_time", ["workspace"])),
    ],
)
def test_a_page_of_whole_events(
    database: Database,
    tenant: Workspace,
    stored: list[Captured],
    plans: list[Plan],
    asked: tuple[str, ...],
    index: tuple[str, list[str]],
) -> None:
    (number,) = database.read(event_types.numbers, tenant.number, ["Viewed"]).values()
    one = database.read(events.by_id, tenant.number, stored[0].id)
    assert one is not None
    known: dict[str, Any] = {"id": one.id, "customer": one.customer, "type": number, "since": 0, "before": 10**16}
    question = RecordSearch(workspace=tenant.number, **{name: known[name] for name in asked})
    looked_at = len(plans)

    page, total = database.read(record_search.search, question)

    assert total >= len(page) > 0
    plan = plans[looked_at]
    assert _ranges(plan, "events") == [index]
    assert "id" in asked or not _sorts(plan)
