"""What is below an event: read by its children alone, whatever else is stored."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.event_listing import EventListing
from footfall.model.workspace import Workspace
from footfall.storage import event_family, event_list, workspaces
from footfall.storage.database import Database
from footfall.storage.engines import sqlite as engine
from footfall.storage.engines.sqlite import SqliteConnection
from footfall.storage.listing_memory import ListingMemory
from footfall.storage.statement import Statement
from footfall.tenancy.creation import create
from tests.conftest import driver_of

_WAYS = (
    "SEARCH events USING INDEX events_by_parent (parent_id=?)",
    "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)",  # of the page that is shown
)


def named(key: str, parent: str | None = None) -> NewEvent:
    return NewEvent(
        name="n",
        occurred_at=1,
        received_at=1,
        external_id=key,
        parent_external_id=parent,
        properties='{"colour":"red"}',
        customer=CustomerReference(identities=(Identity("external_id", "c"),)),
    )


@pytest.fixture
def family(embedded: Database) -> Iterator[tuple[Workspace, list[bytes]]]:
    """A root with three generations of two below it, and its ids."""
    capture = Capture(embedded)
    capture.change_now(create, "shop", "UTC")
    tenant = embedded.read(workspaces.by_name, "shop")
    assert tenant is not None
    sent = [named("r")] + [
        named(f"{place}{level}", f"a{level - 1}" if level else "r") for level in range(3) for place in "ab"
    ]
    outcomes = capture.submit(Batch(workspace=tenant, events=sent)).result().outcomes
    yield tenant, [outcome.id for outcome in outcomes if isinstance(outcome, Captured)]
    capture.close()


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({}, 2),
        ({"depth": 1}, 2),
        ({"depth": 2}, 4),
        ({"depth": 5}, 6),
        ({"depth": 5, "names": ("n",)}, 6),
        ({"depth": 5, "external_customers": ("c",)}, 6),
        ({"depth": 5, "properties": (("colour", ("red",)),)}, 6),
        ({"depth": 5, "text": "red"}, 6),
        ({"depth": 5, "since": 2}, 0),
        ({"external_customers": ("c",), "names": ("n",)}, 2),
    ],
    ids=repr,
)
def test_a_subtree_is_read_by_its_children_alone(
    embedded: Database,
    family: tuple[Workspace, list[bytes]],
    asked: dict[str, Any],
    total: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tenant, ids = family
    plans = _explained(monkeypatch)

    page = event_list.page(
        embedded.reader(), EventListing(workspace=tenant.number, parent=ids[0], **asked), ListingMemory()
    )

    assert page.total == total
    assert plans
    assert all(plan.startswith(_WAYS) for plan in plans), plans


def test_sums_over_a_subtree_read_its_children_alone(
    embedded: Database, family: tuple[Workspace, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, ids = family
    plans = _explained(monkeypatch)

    assert len(list(event_family.descendants(embedded.reader(), tenant.number, ids[0]))) == 6

    assert plans
    assert all(plan.startswith(_WAYS) for plan in plans), plans


def _explained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How the statements that are run come by events."""
    ways: list[str] = []

    def explaining(run: Any) -> Any:
        def explained(self: SqliteConnection, statement: Statement, **parameters: Any) -> Any:
            compiled = statement.compiled(sqlite.dialect(paramstyle="named"))
            values = engine._bound(compiled, dict(parameters))
            rows = driver_of(self).execute(f"EXPLAIN QUERY PLAN {compiled.text}", values).fetchall()
            ways.extend(row[-1] for row in rows if row[-1].startswith(("SCAN events", "SEARCH events")))
            return run(self, statement, **parameters)

        return explained

    monkeypatch.setattr(SqliteConnection, "rows", explaining(SqliteConnection.rows))
    monkeypatch.setattr(SqliteConnection, "row", explaining(SqliteConnection.row))
    monkeypatch.setattr(SqliteConnection, "stream", explaining(SqliteConnection.stream))
    return ways
