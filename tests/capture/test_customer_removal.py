"""Erasing customers, and merging those who turn out to be one: against the whole content of the database."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.capture import customer_removal, merging
from footfall.capture.batch import Batch
from footfall.capture.identity_resolution import Resolver
from footfall.capture.service import Capture
from footfall.model.customer import Customer, Identity
from footfall.model.event import CustomerReference, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customer_removals, customers
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import BulkInsert, Statement
from footfall.storage.tables import (
    behavioural_posts,
    enrolment_entries,
    enrolments,
    members,
    metadata,
    target_progress,
    target_visits,
    tracked_events,
)
from tests.storage.test_event_counts import kept as kept_counts
from tests.storage.test_event_counts import recounted
from tests.storage.test_event_summaries import kept, summed_up

_TABLES = {
    table.name: Statement(sa.select(*table.columns))
    for table in metadata.sorted_tables
    if table.name != "pending_answers"
}
_PROGRESS = Statement(
    sa.select(target_progress.c.id).where(
        target_progress.c.customer == sa.bindparam("customer"), target_progress.c.rule == sa.bindparam("rule")
    )
)
# What remains: numbers that tell of nobody any more, and names of events.
_NOTES = {"revisions", "customer_removals", "event_types"}


def content(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, but for counts of nothing."""
    found = {}
    for name, statement in _TABLES.items():
        rows = connection.rows(statement)
        if name == "event_counts":
            rows = _summed(rows)
        found[name] = sorted(rows, key=repr)
    return found


def _summed(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    sums: dict[tuple[Any, ...], int] = {}
    for row in rows:
        sums[row[:4]] = sums.get(row[:4], 0) + row[5]
    return [(*key, count) for key, count in sums.items() if count]


def agree(database: Database) -> int:
    """Checks that the counts are those of the events; how many events there are."""
    expected = database.read(recounted)
    counts = database.read(kept_counts)
    assert {key: count for key, count in counts.items() if count and key[1] >= 0} == expected
    return sum(count for (_, number, level, _), count in expected.items() if number == level == 0)


def reference(*names: Identity) -> CustomerReference:
    return CustomerReference(identities=names)


def user(value: str) -> Identity:
    return Identity("external_id", value)


def device(value: str) -> Identity:
    return Identity("object_id", value)


def store(capture: Capture, workspace: Workspace, *about: tuple[Identity, ...], count: int = 1) -> None:
    sent = [
        NewEvent(name=f"n{at % 2}", occurred_at=at, received_at=0, customer=reference(*names))
        for names in about
        for at in range(count)
    ]
    capture.submit(Batch(workspace=workspace, events=sent)).result()


def found(database: Database, workspace: Workspace, name: Identity) -> Customer:
    known = database.read(customers.by_identity, workspace.number, name)
    assert known is not None
    return known


def put(connection: Connection, table: sa.Table, **values: Any) -> None:
    """A row, with noughts where nothing is said."""
    insert = BulkInsert(table, numbered="id" if table is target_progress else None)
    texts = {column.name: "" for column in table.columns if isinstance(column.type, sa.Text)}
    connection.insert(insert, [tuple({**texts, **values}.get(name, 0) for name in insert.columns)])


def take_part(connection: Connection, workspace: int, customer: int, rule: int, values: list[int]) -> None:
    """Enrolled in a rule that has counted something."""
    place: dict[str, Any] = {"workspace": workspace, "customer": customer, "rule": rule, "period": 1}
    put(connection, enrolments, **place, enrolled_by="api")
    put(connection, target_visits, **place, day=customer)
    for email in (f"{rule}@x.org", f"{customer}-{rule}@x.org"):
        identifier = f"{customer}{rule}{email}".encode()
        put(connection, members, id=identifier, workspace=workspace, customer=customer, email=email)
    put(connection, target_progress, **place, whole=sum(values), events=len(values))
    (progress,) = [row[0] for row in connection.rows(_PROGRESS, customer=customer, rule=rule)]
    put(connection, enrolment_entries, **place, sequence=customer, progress=progress)
    for at, value in enumerate(values):
        put(
            connection, tracked_events, **place, occurred_at=at, sequence=customer * 10**6 + at, value=value, event=b"e"
        )


def log_post(connection: Connection, workspace: int, identifier: bytes) -> None:
    put(connection, behavioural_posts, id=identifier, workspace=workspace, webhook=b"w" * 16, request="{}", states="[]")


@pytest.mark.parametrize("count", [1, 7, 2001])
def test_nothing_is_left_of_an_erased_customer(
    database: Database, capture: Capture, tenant: Workspace, count: int
) -> None:
    store(capture, tenant, (user("other"), device("d0")), count=3)
    other = found(database, tenant, user("other"))
    capture.change_now(take_part, tenant.number, other.number, 1, [1, 2])
    before = database.read(content)
    store(capture, tenant, (user("gone"), device("d1"), Identity("email", "gone@example.com")), count=count)
    gone = found(database, tenant, user("gone"))
    capture.change_now(take_part, tenant.number, gone.number, 1, list(range(count)))
    event = NewEvent(name="n0", occurred_at=1, received_at=0, id=b"p" * 16, customer=reference(user("gone")))
    capture.submit(Batch(workspace=tenant, events=[event])).result()
    capture.change_now(log_post, tenant.number, b"p" * 16)

    asyncio.run(customer_removal.erase(capture, tenant.number, [gone.number]))

    after = database.read(content)
    assert {name: after[name] for name in after.keys() - _NOTES} == {
        name: before[name] for name in before.keys() - _NOTES
    }
    assert agree(database) == 3


def test_another_workspaces_customer_is_not_erased(database: Database, capture: Capture, tenant: Workspace) -> None:
    store(capture, tenant, (user("u"),))
    before = database.read(content)

    asyncio.run(customer_removal.erase(capture, tenant.number + 1, [found(database, tenant, user("u")).number]))

    assert database.read(content) == before


def test_who_comes_with_an_erased_customers_name_is_somebody_new(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    store(capture, tenant, (user("u"),), count=5)
    gone = found(database, tenant, user("u")).number
    capture.change_now(customer_removal.begin_to_erase, tenant.number, [gone])

    store(capture, tenant, (user("u"),), count=2)
    asyncio.run(customer_removal.finish(capture, tenant.number))

    new = found(database, tenant, user("u"))
    assert new.number != gone
    assert agree(database) == 2
    assert database.read(kept, tenant.number) == database.read(summed_up)


def test_a_removal_that_was_broken_off_is_gone_on_with(database: Database, capture: Capture, tenant: Workspace) -> None:
    store(capture, tenant, (user("u"),), count=1500)
    gone = found(database, tenant, user("u")).number
    capture.change_now(customer_removal.begin_to_erase, tenant.number, [gone])
    capture.change_now(customer_removal.go_on, tenant.number)
    assert agree(database) == 500

    asyncio.run(customer_removal.finish_all(capture, database))

    assert agree(database) == 0
    assert database.read(customer_removals.workspaces) == []


def test_who_was_looked_up_before_he_was_erased_is_looked_up_again(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where several processes write: one erases the customer between another's look-up and its writing."""
    store(capture, tenant, (user("u"),))
    gone = found(database, tenant, user("u")).number
    other = Capture(database)
    resolve = Resolver.__init__
    erasing: list[int] = []

    def look_up(self: Resolver, *args: Any) -> None:
        resolve(self, *args)
        if not self._connection.is_sole_writer and not erasing:
            erasing.append(gone)
            asyncio.run(customer_removal.erase(other, tenant.number, [gone]))

    monkeypatch.setattr(Resolver, "__init__", look_up)

    store(capture, tenant, (user("u"),))

    other.close()
    present = found(database, tenant, user("u")).number
    assert (present == gone) == (not erasing)
    assert {each.customer for each in database.read(summed_up)} == {present}
    assert database.read(kept, tenant.number) == database.read(summed_up)
    assert agree(database) == (1 if erasing else 2)


def test_merged_customers_are_one_in_every_table(database: Database, capture: Capture, tenant: Workspace) -> None:
    store(capture, tenant, (device("d1"),), count=1200)
    store(capture, tenant, (user("u"),), count=4)
    anonymous, known = found(database, tenant, device("d1")), found(database, tenant, user("u"))
    for each, values in ((anonymous, [1, 2, 3]), (known, [4])):
        capture.change_now(take_part, tenant.number, each.number, 1, values)
    capture.change_now(take_part, tenant.number, anonymous.number, 2, [7])

    heirs = capture.change_now(merging.unite, tenant.number, [reference(user("u"), device("d1"))])
    asyncio.run(customer_removal.finish(capture, tenant.number))

    assert {gone: heir.number for gone, heir in heirs.items()} == {anonymous.id: known.number}
    merged = found(database, tenant, device("d1"))
    assert (merged.number, merged.object_id, merged.external_id) == (known.number, "d1", "u")
    assert agree(database) == 1204
    assert database.read(kept, tenant.number) == database.read(summed_up)
    assert {each.customer for each in database.read(summed_up)} == {known.number}
    left = database.read(content)
    columns = target_progress.columns.keys()
    progress = [dict(zip(columns, row, strict=True)) for row in left["target_progress"]]
    assert {each["rule"]: (each["whole"], each["events"]) for each in progress} == {1: (10, 4), 2: (7, 1)}
    assert len(left["tracked_events"]) == 5
    assert {row[7] for row in left["enrolment_entries"]} == {each["id"] for each in progress}
    assert {row[4] for row in left["target_visits"]} == {anonymous.number, known.number}
    assert sorted(row[3] for row in left["members"]) == sorted(
        ["1@x.org", "2@x.org", f"{anonymous.number}-1@x.org", f"{anonymous.number}-2@x.org", f"{known.number}-1@x.org"]
    )
    whose = ("customers", "identities", "enrolments", "tracked_events", "customer_events", "target_visits", "members")
    for table in whose:
        column = metadata.tables[table].columns.keys().index("number" if table == "customers" else "customer")
        assert {row[column] for row in left[table]} == {known.number}


def test_who_inherits_from_somebody_merged_away_meanwhile_gets_all(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    store(capture, tenant, (device("d1"),), count=2500)
    store(capture, tenant, (device("d2"),), (user("u"),), count=1)
    first = capture.change_now(merging.unite, tenant.number, [reference(device("d2"), device("d1"))])
    second = capture.change_now(merging.unite, tenant.number, [reference(user("u"), device("d2"))])
    assert (len(first), len(second)) == (1, 1)

    asyncio.run(customer_removal.finish(capture, tenant.number))

    heir = found(database, tenant, user("u"))
    assert found(database, tenant, device("d1")).number == heir.number
    assert {each.customer for each in database.read(summed_up)} == {heir.number}
    assert database.read(kept, tenant.number) == database.read(summed_up)


def test_erasing_an_heir_erases_what_was_still_to_become_his(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    store(capture, tenant, (device("d1"),), count=1500)
    store(capture, tenant, (user("u"),))
    capture.change_now(merging.unite, tenant.number, [reference(user("u"), device("d1"))])

    asyncio.run(customer_removal.erase(capture, tenant.number, [found(database, tenant, user("u")).number]))

    assert agree(database) == 0
    left = database.read(content)
    assert left["customers"] == left["identities"] == left["customer_events"] == left["event_summaries"] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((user("a"), device("d")), (user("b"),)),
        ((user("a"), Identity("email", "a@x.org")), (device("e"), Identity("email", "b@x.org"))),
        ((user("a"), Identity("mobile", "111")), (device("e"), Identity("mobile", "222"))),
    ],
)
def test_customers_who_contradict_each_other_stay_two(
    database: Database, capture: Capture, tenant: Workspace, one: tuple[Identity, ...], other: tuple[Identity, ...]
) -> None:
    store(capture, tenant, one, other)
    before = database.read(content)

    assert capture.change_now(merging.unite, tenant.number, [reference(*one, *other)]) == {}

    assert database.read(content) == before


names = st.lists(
    st.sampled_from([user("a"), user("b"), device("1"), device("2"), device("3"), Identity("email", "e@x.org")]),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)


@given(st.lists(names, min_size=1, max_size=12))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_people_are_merged_no_event_is_lost_and_no_two_share_a_name(
    database: Database, capture: Capture, tenant: Workspace, said: list[tuple[Identity, ...]]
) -> None:
    before = agree(database)
    for each in said:
        capture.change_now(merging.unite, tenant.number, [reference(*each)])
        store(capture, tenant, each)

    assert agree(database) == before + len(said)
    assert database.read(kept, tenant.number) == database.read(summed_up)
    rows = database.read(content)
    present = {row[0] for row in rows["customers"]}
    assert {row[3] for row in rows["identities"]} <= present
    assert {each.customer for each in database.read(summed_up)} <= present
    asyncio.run(customer_removal.erase(capture, tenant.number, present))
    assert agree(database) == before == 0
