"""Counts kept with the events, against counting the events anew."""

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent, WhenUnknown
from footfall.model.workspace import Workspace
from footfall.storage import event_counts, schema, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.event_counts import Span
from footfall.storage.statement import Statement
from footfall.storage.tables import event_counts as counts_table
from footfall.storage.tables import events as events_table
from footfall.storage.time_buckets import WIDTHS
from footfall.tenancy.creation import create
from tests.conftest import Databases, driver_of

STRANGER = CustomerReference(identities=(Identity("external_id", "x"),), when_unknown=WhenUnknown.REFUSE)
_COUNTS = Statement(sa.select(*counts_table.c))
_EVENTS = Statement(sa.select(events_table.c.workspace, events_table.c.type, events_table.c.occurred_at))


def an_event(name: str, at: int, **fields: object) -> NewEvent:
    return NewEvent(name=name, occurred_at=at, received_at=0, **fields)  # type: ignore[arg-type]


def kept(connection: Connection) -> dict[tuple[int, ...], int]:
    """What the table says, by workspace, type, level, bucket."""
    found: Counter[tuple[int, ...]] = Counter()
    for *key, _slot, events in connection.rows(_COUNTS):
        found[tuple(key)] += events
    return dict(found)


def recounted(connection: Connection) -> dict[tuple[int, ...], int]:
    """What the table should say."""
    found: Counter[tuple[int, ...]] = Counter()
    for workspace, number, at in connection.rows(_EVENTS):
        for level, width in enumerate(WIDTHS):
            found[workspace, event_counts.ALL_TYPES, level, at // width] += 1
            if level:
                found[workspace, number, level, at // width] += 1
    return dict(found)


def agree(database: Database) -> int:
    """Checks that the counts are those of the events; how many events there are."""
    found = database.read(recounted)
    assert database.read(kept) == found
    return sum(count for (_, number, level, _), count in found.items() if number == level == 0)


def store(capture: Capture, workspace: Workspace, sent: Sequence[NewEvent]) -> None:
    capture.submit(Batch(workspace=workspace, events=list(sent))).result()


def test_counts_follow_captures_of_all_times(database: Database, capture: Capture, tenant: Workspace) -> None:
    draw = random.Random(1)
    for size in (1, 300, 7):
        moments = [draw.randrange(-400 * instant.DAY, 400 * instant.DAY) for _ in range(size)]
        store(capture, tenant, [an_event(f"name {at % 5}", at) for at in moments])
    store(capture, tenant, [an_event("edge", at) for at in (-1, 0, -instant.HOUR, instant.EARLIEST, instant.LATEST)])

    assert agree(database) == 313


def test_events_that_come_again_are_not_counted_again(database: Database, capture: Capture, tenant: Workspace) -> None:
    store(capture, tenant, [an_event("n", 5, external_id="e1"), an_event("n", 6, external_id="e1")])
    store(capture, tenant, [an_event("other", 7, external_id="e1"), an_event("n", 8, external_id="e2")])

    assert agree(database) == 2


def test_refused_events_are_not_counted(database: Database, capture: Capture, tenant: Workspace) -> None:
    mixed = [an_event("n", 5), an_event("n", 6, customer=STRANGER)]
    store(capture, tenant, mixed)
    capture.submit(Batch(workspace=tenant, events=mixed, all_or_nothing=True)).result()

    assert agree(database) == 1


def test_a_group_that_fails_leaves_no_counts(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(capture, tenant, [an_event("n", 5)])

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("footfall.capture.recorder.track", fail)  # what comes last in the transaction
        with pytest.raises(ZeroDivisionError):
            store(capture, tenant, [an_event("n", 6)])

    assert agree(database) == 1


def test_workspaces_count_apart(database: Database, capture: Capture, tenant: Workspace) -> None:
    capture.change_now(create, "other", "UTC")
    other = database.read(workspaces.by_name, "other")
    assert other is not None
    waiting = [
        capture.submit(Batch(workspace=each, events=[an_event("n", 5)] * times))
        for each, times in ((tenant, 2), (other, 3))
    ]
    for future in waiting:
        future.result()

    assert agree(database) == 5
    assert database.read(event_counts.count, tenant.number, [Span(None)]) == 2
    assert database.read(event_counts.count, other.number, [Span(None)]) == 3


def test_a_database_of_before_the_counts_is_counted_when_it_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    _at_version(path, "0003")
    with closing(sqlite3.connect(path)) as direct:
        draw = random.Random(2)
        direct.executemany(
            "INSERT INTO events (id, workspace, type, customer_link, occurred_at, received_at, is_duplicate,"
            " captured_by, properties) VALUES (?, ?, ?, 0, ?, 0, 0, 'footfall', '{}')",
            [
                (number.to_bytes(16, "big"), number % 2 + 1, number % 3 + 1, draw.randrange(-(10**16), 10**16))
                for number in range(500)
            ],
        )
        direct.commit()
    database = Database(f"sqlite:///{path}")

    database.prepare()

    assert agree(database) == 500
    database.close()


def _at_version(path: Path, version: str) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    config.set_main_option("version_path_separator", "os")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        connection.commit()
    engine.dispose()


TYPES = 12
MOMENTS = [*range(-5 * WIDTHS[1], 5 * WIDTHS[1], WIDTHS[0] // 3), *range(-(10**16), 10**16, 10**14), 0, -1, 1]
moments = st.sampled_from(MOMENTS) | st.integers(-(10**16), 10**16) | st.integers(-WIDTHS[2], WIDTHS[2])
spans = st.builds(
    lambda types, ends: Span(types, *ends),
    st.none() | st.frozensets(st.integers(1, TYPES), max_size=TYPES),
    st.lists(moments, min_size=2, max_size=2).map(sorted),
) | st.builds(Span, st.none() | st.frozensets(st.integers(1, TYPES), min_size=1, max_size=2))


class Filled(msgspec.Struct):
    """A store, and what is in it: (type, occurred_at)."""

    database: Database
    workspace: Workspace
    stored: list[tuple[int, int]]


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[Filled]:
    database = Database(databases.new_url())
    database.prepare()
    capture = Capture(database)
    capture.change_now(create, "acme", "UTC")
    workspace = database.read(workspaces.by_name, "acme")
    assert workspace is not None
    draw = random.Random(3)
    times = MOMENTS + [draw.randrange(-WIDTHS[2], WIDTHS[2]) for _ in range(300)]
    store(capture, workspace, [an_event(f"name {number}", 0) for number in range(TYPES)])
    store(capture, workspace, [an_event(f"name {draw.randrange(TYPES)}", at) for at in times])
    yield Filled(database, workspace, [row[1:] for row in database.read(lambda each: each.rows(_EVENTS))])
    capture.close()
    database.close()


@given(st.lists(spans, min_size=1, max_size=4))
def test_spans_count_what_lies_in_at_least_one_of_them(filled: Filled, asked: list[Span]) -> None:
    found = filled.database.read(event_counts.count, filled.workspace.number, asked)

    assert found == sum(
        any(each.since <= at < each.before and (each.types is None or number in each.types) for each in asked)
        for number, at in filled.stored
    )


def test_a_long_span_is_read_from_the_counts_by_their_key(embedded: Database) -> None:
    connection = embedded.reader()
    seen: list[str] = []
    driver_of(connection).set_trace_callback(seen.append)
    span = Span(frozenset({1, 2}), -(10**15) - 1, 10**15 + 1)
    event_counts.count(connection, 1, [span])
    driver_of(connection).set_trace_callback(None)

    plan = [row[3] for row in driver_of(connection).execute(f"EXPLAIN QUERY PLAN {seen[-1]}")]

    read = [step for step in plan if step.startswith(("SEARCH", "SCAN")) and "parts" not in step]
    key = "SEARCH event_counts USING PRIMARY KEY (workspace=? AND type=? AND level=? AND bucket>? AND bucket<?)"
    edge = (
        "SEARCH events USING COVERING INDEX events_by_type (workspace=? AND type=? AND occurred_at>? AND occurred_at<?)"
    )
    assert set(read) == {key, edge}
