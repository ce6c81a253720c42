"""A store whose targets were counted under the schema before 0008 tells the same after it: nothing is lost or new."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.amount import MILLIONTHS
from footfall.storage import schema, workspaces
from footfall.storage.database import Database
from footfall.targets.recompute import Totals, batches, recompute_batch
from footfall.targets.standing import standings, tracked_page
from tests.conftest import Databases
from tests.targets.making import new_event

BEFORE = "0006"
WORKSPACE, GROUP, BILL, RETURN = 1, 1, 1, 2
PERIODS = {1: (0, 1_000), 2: (1_000, 2_000), 3: (2_000, 3_000)}
RULES = (1, 2)
GOALS = {(1, 1): 30 * MILLIONTHS, (1, 2): 25_500_000, (1, 3): 0, (2, 1): 10 * MILLIONTHS, (2, 2): 1, (2, 3): 2**62}
PEOPLE = tuple(range(1, 9))
NAMED = (7, 8)
"""Enrolled by name, from the second period on; the others by their first bill, for all."""
LARGE = (3, 9 * 10**18)
"""One customer's bills are so large that their sums leave 64 bits."""


class Counted(msgspec.Struct, frozen=True):
    """A row of tracked events as it stood before."""

    customer: int
    rule: int
    occurred_at: int
    sequence: int
    period: int
    name: str
    unique_id: str
    processed_at: int
    value: int


@pytest.fixture
def before(databases: Databases) -> Iterator[tuple[str, list[Counted]]]:
    """The URL of a store of the schema before, and what counted in it."""
    url = databases.new_empty_url()
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(schema._MIGRATIONS))
        config.set_main_option("version_path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
    counted = list(_happened())
    with engine.begin() as connection:
        _store(connection, counted)
    engine.dispose()
    yield url, counted
    databases.drop(url)


def _happened() -> Iterator[Counted]:
    """Bills and returns in any order of time, each counted by both rules; and the records of enrolments."""
    chance = random.Random(8)
    sequence = 0
    for person in NAMED:
        for rule in RULES:
            sequence += 1
            at = chance.randrange(1_000, 2_000)
            balance = 11 * MILLIONTHS if rule == 1 else 0
            yield Counted(person, rule, at, sequence, 2, "ENROL", str(_progress(person, rule, 2)), at, balance)
    for _ in range(300):
        sequence += 1
        person, at = chance.choice(PEOPLE), chance.randrange(3_000)
        period = at // 1_000 + 1
        if person in NAMED and period == 1:
            continue
        is_return = chance.random() < 0.25
        value = LARGE[1] if person == LARGE[0] else chance.randrange(1, 9_000_000)
        name = "RETURN_BILL" if is_return else "ADD_TRANSACTION"
        for rule in RULES:
            signed = -value if is_return else value
            yield Counted(person, rule, at, sequence, period, name, str(sequence), at + sequence, signed)


def _progress(person: int, rule: int, period: int) -> int:
    return person * 100 + rule * 10 + period


def _store(connection: sa.Connection, counted: Sequence[Counted]) -> None:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    tables = metadata.tables

    def add(table: str, *rows: dict[str, Any]) -> None:
        connection.execute(sa.insert(tables[table]), list(rows))

    made = {"workspace": WORKSPACE, "created_at": 0, "modified_at": 0}
    tenant = {"till_code": "t", "property_key": "p", "account_id": "a", "settings": "{}", "created_at": 0}
    add(
        "workspaces",
        {"number": 1, "id": bytes(16), "name": "acme", "timezone": "UTC", "org_id": 1, "till_id": 1} | tenant,
    )
    for person in PEOPLE:
        own = {"id": bytes([person] * 16), "external_id": f"c{person}", "identity_folded": f"c{person}"}
        rest = {"registered": True, "properties": "{}", "details": "{}"}
        add("customers", {"number": person, "workspace": WORKSPACE, "created_at": 0} | own | rest)
        add("identities", {"workspace": WORKSPACE, "kind": "external_id", "value": f"c{person}", "customer": person})
    for number, name in ((BILL, "ADD_TRANSACTION"), (RETURN, "RETURN_BILL")):
        add("event_types", {"number": number, "workspace": 1, "name": name, "folded": name.lower(), "created_at": 0})
    group = {"tracking_type": "UNIFIED", "combination_type": "ALL", "timezone": "UTC", "total_periods": 3}
    kind = {"frequency_type": "CUSTOM", "frequency": 1, "recurring_cycles": 3, "user_created": False, "active": True}
    add("target_groups", made | {"id": GROUP, "name": "G", "folded": "g"} | group | kind)
    for number, (starts_at, ends_at) in PERIODS.items():
        days = {"first_day": "1970-01-01", "last_day": "1970-01-01", "starts_at": starts_at, "ends_at": ends_at}
        add("target_periods", made | {"id": number, "group": GROUP, "ref_code": f"P{number}", "active": True} | days)
    always = '{"arity":"literal","value":"true","type":"boolean:primitive"}'
    for rule in RULES:
        of_rule = {"type": "SALES", "expression": always, "enrolment_method": "TRANSACTION", "created_after": 0}
        add("target_rules", made | {"id": rule, "group": GROUP, "name": f"R{rule}", "active": True} | of_rule)
    for number, ((rule, period), goal) in enumerate(GOALS.items(), start=1):
        place = {"workspace": WORKSPACE, "group": GROUP, "rule": rule, "period": period}
        add("target_goals", place | {"id": number, "value": goal})
    _store_events(add, counted)
    _store_participation(add, counted)
    if connection.dialect.name == "postgresql":
        last = max(one.sequence for one in counted)
        connection.execute(sa.text(f"SELECT setval('events_sequence', {last})"))
        for table, column in (("customers", "number"), ("event_types", "number"), ("target_progress", "id")):
            name = connection.scalar(sa.text(f"SELECT pg_get_serial_sequence('{table}', '{column}')"))
            if name is not None:
                connection.execute(sa.text(f"SELECT setval('{name}', 100000)"))


def _store_events(add: Any, counted: Sequence[Counted]) -> None:
    for one in counted:
        if one.rule == RULES[0] and one.name != "ENROL":
            told = {"occurred_at": one.occurred_at, "received_at": one.processed_at, "amount": abs(one.value)}
            rest = {"customer_link": 1, "is_duplicate": False, "captured_by": "capillary", "properties": "{}"}
            kind = RETURN if one.name == "RETURN_BILL" else BILL
            identifier = identifiers.derived_id(bytes(16), str(one.sequence))
            own = {"sequence": one.sequence, "id": identifier, "workspace": WORKSPACE, "type": kind}
            add("events", own | {"customer": one.customer} | told | rest)


def _store_participation(add: Any, counted: Sequence[Counted]) -> None:
    of_place: dict[tuple[int, int, int], list[Counted]] = defaultdict(list)
    for one in counted:
        of_place[one.customer, one.rule, one.period].append(one)
        row = {name: getattr(one, name) for name in Counted.__struct_fields__}
        add("tracked_events", row | {"workspace": WORKSPACE, "group": GROUP})
    enrolled: set[tuple[int, int]] = set()
    for (customer, rule, period), events in of_place.items():
        total = sum(one.value for one in events)
        place = {"workspace": WORKSPACE, "customer": customer, "rule": rule}
        first = min(one.processed_at for one in events)
        sums = {"whole": total // MILLIONTHS, "millionths": total % MILLIONTHS, "events": len(events)}
        own = {"id": _progress(customer, rule, period), "period": period, "enrolled_at": first, "updated_at": first}
        add("target_progress", place | own | sums)
        if (customer, rule) not in enrolled:
            enrolled.add((customer, rule))
            named = customer in NAMED
            by = {"enrolled_by": "api" if named else "transaction", "since": 1_000 if named else None}
            add("enrolments", place | by | {"period": period, "enrolled": True, "enrolled_at": first})


def reached(events: Sequence[Counted], goal: int) -> tuple[int, int] | None:
    """When and by which event the sum came to the goal first, in order of arrival."""
    total = 0
    for one in sorted(events, key=lambda one: one.sequence):
        total += one.value
        if 0 < goal <= total:
            return one.occurred_at, one.sequence
    return None


def test_what_had_counted_is_read_as_before(before: tuple[str, list[Counted]]) -> None:
    url, counted = before
    database = Database(url)

    database.prepare()

    for person in PEOPLE:
        own = [one for one in counted if one.customer == person]
        groups = database.read(standings, WORKSPACE, person, 5_000)
        shown = {(one.rule.id, one.period.id): one for group in groups for one in group.standings}
        assert set(shown) == set(GOALS)
        for rule in RULES:
            of_rule = sorted((one for one in own if one.rule == rule), key=lambda one: (one.occurred_at, one.sequence))
            _assert_pages(database, person, rule, None, of_rule)
            for period in PERIODS:
                events = [one for one in of_rule if one.period == period]
                found = shown[rule, period]
                if events:
                    _assert_pages(database, person, rule, period, events)
                    assert found.progress is not None
                    assert found.progress.id == _progress(person, rule, period)
                assert found.value == sum(one.value for one in events)
                expected = reached(events, GOALS[rule, period])
                achieved = None if found.achieved is None else (found.achieved.occurred_at, found.achieved.sequence)
                assert achieved == expected, (person, rule, period)
    database.close()


def _assert_pages(database: Database, person: int, rule: int, period: int | None, expected: list[Counted]) -> None:
    seen = []
    for page in range(len(expected) // 7 + 1):
        found = database.read(tracked_page, WORKSPACE, customer=person, rule=rule, period=period, limit=7, page=page)
        assert found.total == len(expected)
        seen += [
            Counted(
                one.customer, one.rule, one.occurred_at, one.sequence, one.period, one.name, one.unique_id,
                one.processed_at, one.value,
            )
            for one in found.events
        ]  # fmt: skip
    entries = [
        one if one.name != "ENROL" else msgspec.structs.replace(one, processed_at=one.occurred_at) for one in expected
    ]
    assert seen == entries
    assert all((a.occurred_at, a.sequence) < (b.occurred_at, b.sequence) for a, b in pairwise(seen))


def test_a_replay_of_what_was_stored_before_finds_nothing_to_change(before: tuple[str, list[Counted]]) -> None:
    url, counted = before
    database = Database(url)
    database.prepare()
    tenant = database.read(workspaces.by_name, "acme")
    assert tenant is not None

    totals = Totals()
    for report in batches(lambda last: database.read(recompute_batch, tenant, GROUP, last, dry_run=True)):
        assert not report.progress
        totals.add(report)

    kept = sum(one.name != "ENROL" for one in counted)
    assert (totals.customers, totals.added, totals.removed, totals.changed, totals.kept) == (len(PEOPLE), 0, 0, 0, kept)
    database.close()


def test_what_comes_later_counts_on_top(before: tuple[str, list[Counted]]) -> None:
    url, counted = before
    database = Database(url)
    database.prepare()
    tenant = database.read(workspaces.by_name, "acme")
    assert tenant is not None
    capture = Capture(database)

    capture.submit(Batch(workspace=tenant, events=[new_event("c1", 500, 7 * MILLIONTHS)])).result(30)

    capture.close()
    (group,) = database.read(standings, WORKSPACE, 1, 5_000)
    before_it = sum(one.value for one in counted if (one.customer, one.rule, one.period) == (1, 1, 1))
    assert group.standings[0].value == before_it + 7 * MILLIONTHS
    database.close()
