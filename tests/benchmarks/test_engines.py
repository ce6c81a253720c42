"""The baselines do what they are said to do: the same rows, in a copy of the same store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import dataset
from benchmarks.engines.contract import NewRows
from benchmarks.engines.sqlite import SqliteEngine
from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.event import NewEvent
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import create


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[SqliteEngine]:
    made = SqliteEngine(tmp_path / "stores")
    yield made
    made.close()


@pytest.fixture
def filled(engine: SqliteEngine) -> str:
    """The label of a store with the first half of two thousand events."""
    engine.make("filled")
    database = Database(engine.url("filled"))
    database.prepare()
    capture = Capture(database)
    capture.change_now(create, "bench", "UTC")
    capture.close()
    database.close()
    store(engine, "filled", list(dataset.new_events(2_000))[:1_000])
    return "filled"


def store(engine: SqliteEngine, label: str, events: list[NewEvent]) -> None:
    database = Database(engine.url(label))
    capture = Capture(database)
    workspace = database.read(workspaces.by_name, "bench")
    assert workspace is not None
    capture.submit(Batch(workspace=workspace, events=events)).result()
    capture.close()
    database.close()


def test_the_raw_insert_stores_what_footfall_has_stored(engine: SqliteEngine, filled: str) -> None:
    engine.copy(filled, "copy")
    with engine.raw(filled) as written, engine.raw("copy") as raw:
        mark = written.mark()
        store(engine, filled, list(dataset.new_events(20_000))[:1_000])  # of ten times as many customers
        rows = written.rows_since(mark)

        raw.insert(rows, 300)

        assert len(rows.events) == 1_000
        assert rows.customers
        assert len(rows.customers) == len(rows.identities)
        assert raw.rows_since(mark) == rows


@pytest.mark.parametrize(("events", "customers"), [(1_000, 40), (999, 1), (3, 0)])
def test_rows_are_cut_into_transactions_without_loss(events: int, customers: int) -> None:
    rows = NewRows(
        events=[(number,) for number in range(events)],
        customers=[(number,) for number in range(customers)],
        identities=[(number,) for number in range(customers)],
    )

    parts = list(rows.by_transaction(300))

    assert [len(part.events) for part in parts[:-1]] == [300] * (len(parts) - 1)
    assert [row for part in parts for row in part.events] == rows.events
    assert [row for part in parts for row in part.customers] == rows.customers
    assert [row for part in parts for row in part.identities] == rows.identities


def test_the_raw_export_reads_one_name_in_its_window(engine: SqliteEngine, filled: str) -> None:
    name = dataset.NAMES[5]
    until = dataset.START + dataset.SPAN // 4
    expected = [
        event
        for event in list(dataset.new_events(2_000))[:1_000]
        if event.name == name and dataset.START <= event.occurred_at < until
    ]

    with engine.raw(filled) as raw:
        count, _ = raw.export(name, dataset.START, until)

    assert count == len(expected) > 0


def test_a_store_can_be_weighed_renamed_and_dropped(engine: SqliteEngine, filled: str) -> None:
    engine.rename(filled, "renamed")

    assert engine.labels() == ["renamed"]
    assert engine.size("renamed") > 100_000
    engine.drop("renamed")
    assert not engine.exists("renamed")
