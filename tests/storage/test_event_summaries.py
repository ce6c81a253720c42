"""Summaries kept with the events, against summing the events up anew."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent
from footfall.model.export import EventSummary
from footfall.model.workspace import Workspace
from footfall.storage import customers, event_summaries, schema
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import event_types, events

_SUMMED_UP = Statement(
    sa.select(
        events.c.customer,
        event_types.c.name,
        sa.func.count(),
        sa.func.min(events.c.occurred_at),
        sa.func.max(events.c.occurred_at),
    )
    .select_from(events.join(event_types, event_types.c.number == events.c.type))
    .where(events.c.customer.is_not(None))
    .group_by(events.c.customer, event_types.c.name)
)


def summed_up(connection: Connection) -> list[EventSummary]:
    found = [EventSummary(*row) for row in connection.rows(_SUMMED_UP)]
    return sorted(found, key=lambda each: (each.customer, each.name))


def kept(connection: Connection, workspace: int) -> list[EventSummary]:
    last = connection.last_customer_number()
    return event_summaries.of_customers(connection, workspace, range(1, last + 1))


def an_event(name: str, at: int, user: str | None) -> NewEvent:
    reference = None if user is None else CustomerReference(identities=(Identity("external_id", user),))
    return NewEvent(name=name, occurred_at=at, received_at=0, customer=reference)


def store(capture: Capture, workspace: Workspace, *sent: NewEvent) -> None:
    capture.submit(Batch(workspace=workspace, events=list(sent))).result()


def test_summaries_say_how_often_first_and_last(database: Database, capture: Capture, tenant: Workspace) -> None:
    sent = [("Viewed", 5, "u1"), ("Viewed", 3, "u1"), ("Bought", 4, "u1"), ("Viewed", 1, "u2"), ("Viewed", 2, None)]
    store(capture, tenant, *(an_event(*each) for each in sent))
    customer = database.read(customers.by_identity, tenant.number, Identity("external_id", "u1"))
    assert customer is not None

    found = database.read(event_summaries.of_customers, tenant.number, [customer.number])

    assert found == [
        EventSummary(customer.number, "Bought", 1, 4, 4),
        EventSummary(customer.number, "Viewed", 2, 3, 5),
    ]
    assert database.read(event_summaries.of_customers, tenant.number + 1, [customer.number]) == []


def test_summaries_follow_captures_in_any_order_of_time(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    draw = random.Random(5)
    for size in (1, 200, 30):
        sent = [
            an_event(f"name {draw.randrange(4)}", draw.randrange(-(10**15), 10**15), f"u{draw.randrange(9)}")
            for _ in range(size)
        ]
        store(capture, tenant, *sent)

    assert database.read(kept, tenant.number) == database.read(summed_up)


def test_a_repeated_event_is_summed_up_once(database: Database, capture: Capture, tenant: Workspace) -> None:
    reference = CustomerReference(identities=(Identity("external_id", "u1"),))
    for _ in range(2):
        store(capture, tenant, NewEvent(name="x", occurred_at=1, received_at=0, external_id="key", customer=reference))

    assert [each.count for each in database.read(kept, tenant.number)] == [1]


def test_what_was_stored_before_there_were_summaries_is_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    _at_version(path, "0004")
    with closing(sqlite3.connect(path)) as direct, direct:
        draw = random.Random(2)
        for number in (1, 2, 3):
            direct.execute(
                "INSERT INTO event_types (number, workspace, name, folded, created_at) VALUES (?, 1, ?, ?, 0)",
                (number, f"name {number}", f"name {number}"),
            )
        direct.executemany(
            "INSERT INTO events (id, workspace, type, customer, customer_link, occurred_at, received_at, is_duplicate,"
            " captured_by, properties) VALUES (?, 1, ?, ?, 0, ?, 0, 0, 'footfall', '{}')",
            [
                (number.to_bytes(16, "big"), number % 3 + 1, number % 7 or None, draw.randrange(-(10**16), 10**16))
                for number in range(500)
            ],
        )
    database = Database(f"sqlite:///{path}")

    database.prepare()

    found = database.read(event_summaries.of_customers, 1, range(10))
    assert len(found) == 18
    assert found == database.read(summed_up)
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
