"""Export pages against a model in Python, on a real database file."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent
from footfall.model.export import NOBODY, ExportedEvent, ExportPosition, ExportQuery, PropertyFilter
from footfall.model.workspace import Workspace
from footfall.storage import customers, event_export, event_types, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.tenancy.creation import create
from tests.conftest import driver_of

FOREVER = 10**15


def store(capture: Capture, tenant: Workspace, *sent: dict[str, Any]) -> None:
    made = [
        NewEvent(
            name=one.get("name", "Viewed"),
            occurred_at=one.get("at", 0),
            received_at=0,
            properties=one["raw"] if "raw" in one else json.dumps(one.get("properties", {})),
            customer=CustomerReference(identities=(Identity("external_id", one["user"]),)) if "user" in one else None,
        )
        for one in sent
    ]
    capture.submit(Batch(workspace=tenant, events=made)).result()


def page(connection: Connection, query: ExportQuery, *args: Any, **options: Any) -> list[ExportedEvent]:
    """The events of a page that nothing stops from being whole."""
    found = event_export.page(connection, query, *args, **options)
    assert found.is_whole
    return found.events


def asking(database: Database, tenant: Workspace, name: str = "Viewed", **changes: Any) -> ExportQuery:
    asked: dict[str, Any] = {
        "workspace": tenant.number,
        "type": database.read(event_types.numbers, tenant.number, [name]).get(name, NOBODY),
        "since": 0,
        "until": FOREVER,
        "snapshot": database.read(lambda connection: connection.last_sequence(tenant.number)),
        **changes,
    }
    return ExportQuery(**asked)


def walk(database: Database, query: ExportQuery, size: int) -> Iterator[list[ExportedEvent]]:
    position: ExportPosition | None = None
    while found := database.read(page, query, position, size):
        yield found
        position = found[-1].position


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 6), max_size=40), st.integers(1, 9), st.integers(0, 6), st.integers(0, 8), st.integers(0, 5)
)
def test_pages_cover_exactly_what_was_asked_in_order_both_ways(
    database: Database,
    capture: Capture,
    tenant: Workspace,
    times: list[int],
    size: int,
    since: int,
    until: int,
    later: int,
) -> None:
    before = database.read(lambda connection: connection.last_sequence(tenant.number))
    store(capture, tenant, {"name": "Viewed"}, *({"name": f"Run {before}", "at": at} for at in times))
    query = asking(database, tenant, f"Run {before}", since=since, until=until)
    store(capture, tenant, *({"name": f"Run {before}", "at": at % 7} for at in range(later)))

    pages = list(walk(database, query, size))

    found = [event.position for each in pages for event in each]
    expected = sorted((at, before + 2 + index) for index, at in enumerate(times) if since <= at < until)
    assert [(position.occurred_at, position.sequence) for position in found] == expected
    assert all(len(each) == size for each in pages[:-1])
    for previous, current in pairwise(pages):
        back = database.read(page, query, previous[-1].position, size, backward=True)
        assert back[::-1] == previous
        assert database.read(page, query, previous[-1].position, size) == current


def plan(database: Database, statement: Statement, **parameters: Any) -> str:
    compiled = statement.compiled(sqlite.dialect(paramstyle="named"))
    driver = driver_of(database.reader())
    rows = driver.execute(f"EXPLAIN QUERY PLAN {compiled.text}", {**compiled.defaults, **parameters}).fetchall()
    return "\n".join(row[-1] for row in rows)


@pytest.mark.parametrize("backward", [False, True])
def test_a_page_is_two_index_ranges_without_sorting(embedded: Database, backward: bool) -> None:
    shared = {"workspace": 1, "type": 1, "limit": 1}
    parts = [
        ({"one_instant": False}, {"since": 0, "until": 1, "snapshot": 1}, "occurred_at>? AND occurred_at<?"),
        ({"one_instant": True}, {"at": 0, "lowest": 0, "highest": 1}, "occurred_at=? AND rowid>? AND rowid<?"),
    ]
    for shape, parameters, searched in parts:
        for of_customer in (False, True):
            built = event_export._Shape(**shape, backward=backward, of_customer=of_customer, filters=())
            found = plan(embedded, event_export._statement(built), **shared, **parameters, customer=1)
            index = (
                "events_by_customer (workspace=? AND customer=?"
                if of_customer
                else "events_by_type (workspace=? AND type=?"
            )
            assert found == f"SEARCH events USING INDEX {index} AND {searched})"


def test_statements_are_compiled_once_per_shape(database: Database, capture: Capture, tenant: Workspace) -> None:
    store(capture, tenant, {"properties": {"a": 1}})
    event_export._statement.cache_clear()

    for value in range(20):
        condition = PropertyFilter("a", "greater_than", numbers=(value,))
        database.read(page, asking(database, tenant, filters=(condition,)), None, 5)

    assert event_export._statement.cache_info().misses == 1


def test_a_customers_events_and_nobodys(database: Database, capture: Capture, tenant: Workspace) -> None:
    store(capture, tenant, {"user": "u1", "at": 1}, {"user": "u2", "at": 2}, {"at": 3}, {"user": "u1", "at": 4})
    customer = database.read(customers.by_identity, tenant.number, Identity("external_id", "u1"))
    assert customer is not None

    own = database.read(page, asking(database, tenant, customer=customer.number), None, 10)
    none = database.read(page, asking(database, tenant, customer=NOBODY), None, 10)

    assert [event.occurred_at for event in own] == [1, 4]
    assert none == []


@pytest.mark.parametrize(
    ("raw", "condition", "matches"),
    [
        (r'{"caf\u00e9": "\u00e9t\u00e9"}', PropertyFilter("café", "equals", texts=("été",)), True),
        ('{"a\\"b.$[0]": 1}', PropertyFilter('a"b.$[0]', "exists"), True),
        ('{"a": null}', PropertyFilter("a", "exists"), False),
        ('{"a": null}', PropertyFilter("a", "equals", texts=("a",), negated=True), True),
        ('{"a": 12345678901234567890123}', PropertyFilter("a", "greater_than", numbers=(10**18,)), True),
        ('{"a": "100"}', PropertyFilter("a", "greater_than", numbers=(1,)), False),
        ('{"a": {"b": 1}}', PropertyFilter("b", "exists"), False),
        ('{"a": {"b": 1}}', PropertyFilter("a", "exists"), True),
        ('{"a": ["x"]}', PropertyFilter("a", "contains", texts=("x",)), False),
        ('{"Items": ["x", 5, null, {"c": 1}]}', PropertyFilter("c", "equals", numbers=(1,), in_items=True), True),
        ('{"Items": ["x"]}', PropertyFilter("c", "exists", in_items=True), False),
        ('{"Items": "x"}', PropertyFilter("c", "exists", in_items=True), False),
        ('{"Items": {"c": {"c": 1}}}', PropertyFilter("c", "exists", in_items=True), True),
        ('{"Items": [{"c": 1}]}', PropertyFilter("c", "exists"), False),
        ('{"a": true}', PropertyFilter("a", "equals", truths=("true",)), True),
        ('{"a": "TRUE"}', PropertyFilter("a", "equals", truths=("true",)), True),
        ('{"a": 1}', PropertyFilter("a", "equals", truths=("true",)), False),
        ('{"a": true}', PropertyFilter("a", "equals", numbers=(1,)), False),
        ('{"a": 2}', PropertyFilter("a", "between", numbers=(2, 2)), True),
    ],
)
def test_filters_compare_json_values_by_their_type(
    database: Database,
    capture: Capture,
    tenant: Workspace,
    raw: str,
    condition: PropertyFilter,
    matches: bool,
) -> None:
    store(capture, tenant, {"raw": raw})

    found = database.read(page, asking(database, tenant, filters=(condition,)), None, 5)

    assert len(found) == matches


def test_a_thousand_events_of_one_instant_are_paged_in_steady_time(
    embedded: Database,
) -> None:
    capture = Capture(embedded)
    capture.change_now(create, "acme", "UTC")
    tenant = embedded.read(workspaces.by_name, "acme")
    assert tenant is not None
    store(capture, tenant, *({"at": 7, "properties": {"n": n}} for n in range(1000)))
    capture.close()
    query = asking(embedded, tenant)
    connection = embedded.reader()
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    driver_of(connection).set_progress_handler(count, 50)
    costs = []
    for _ in walk(embedded, query, 10):
        costs.append(steps)
        steps = 0
    driver_of(connection).set_progress_handler(None, 0)

    assert len(costs) == 100
    assert max(costs[50:]) <= max(costs[:5]) + 2
