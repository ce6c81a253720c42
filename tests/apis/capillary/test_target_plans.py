"""What a customer's targets cost to read: one index range of each table that grows, however much there is.

The tables that grow with customers and events; definitions are as many as somebody has written.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from footfall.apis.capillary.target_mapping import View
from footfall.apis.capillary.user_target_mapping import Enrolled, Wanted, enrolled_targets, user_target_groups
from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.workspace import Workspace
from footfall.storage import customers, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.targets import definition, enrolment
from footfall.targets.standing import tracked_page
from footfall.tenancy.creation import create
from tests.conftest import driver_of
from tests.targets.making import ONE, new_event, new_group, new_rule

GROWING = frozenset(
    {"events", "customers", "identities", "tracked_events", "target_progress", "enrolments", "enrolment_entries"}
)
"""Tables whose rows are as many as customers or events."""

DEFINITIONS = frozenset({"target_groups", "target_rules", "target_periods", "target_goals"})
"""Tables whose rows are as many as target groups, which users may make for themselves."""

Read = Callable[[Connection, Workspace, int, int, int], Any]


def page(connection: Connection, workspace: Workspace, customer: int, rule: int, period: int) -> object:
    return tracked_page(connection, workspace.number, customer=customer, rule=rule, period=None, limit=10, page=0)


def page_of_period(connection: Connection, workspace: Workspace, customer: int, rule: int, period: int) -> object:
    return tracked_page(connection, workspace.number, customer=customer, rule=rule, period=period, limit=10, page=1)


def progress(connection: Connection, workspace: Workspace, customer: int, rule: int, period: int) -> object:
    view = View(workspace, instant.now())
    return user_target_groups(connection, view, customer, Wanted(tracking_at=view.now, inactive_periods=True))


def enrolled(connection: Connection, workspace: Workspace, customer: int, rule: int, period: int) -> object:
    wanted = Enrolled(rules=None, tracking_at=None, method=None, only_user_created=False)
    return enrolled_targets(connection, View(workspace, instant.now()), customer, wanted)


OF_CUSTOMER = "workspace=? AND customer=?"
OF_PLACE = f"{OF_CUSTOMER} AND rule=?"


@pytest.mark.parametrize(
    ("read", "ranges"),
    [
        (page, {"target_progress": OF_PLACE, "customers": "rowid=?", "tracked_events": OF_PLACE,
                "enrolment_entries": OF_PLACE}),
        (page_of_period, {"target_progress": OF_PLACE, "customers": "rowid=?",
                          "tracked_events": f"{OF_PLACE} AND occurred_at>? AND occurred_at<?",
                          "enrolment_entries": OF_PLACE}),
        (progress, {"customers": "rowid=?", "enrolments": OF_CUSTOMER, "target_progress": OF_CUSTOMER,
                    "events": OF_CUSTOMER}),
        (enrolled, {"customers": "rowid=?", "enrolments": OF_CUSTOMER, "target_progress": OF_CUSTOMER}),
    ],
    ids=["page", "page_of_period", "progress", "enrolled"],
)  # fmt: skip
def test_one_index_range_of_each_table(embedded: Database, read: Read, ranges: dict[str, str]) -> None:
    with_service = Capture(embedded)
    workspace, customer, rule, period = filled(embedded, with_service)
    driver = driver_of(embedded.reader())
    seen: list[str] = []
    driver.set_trace_callback(seen.append)

    read(embedded.reader(), workspace, customer, rule, period)

    driver.set_trace_callback(None)
    with_service.close()
    plans = [
        [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {text}")]
        for text in seen
        if text.startswith(("SELECT", "WITH"))
    ]
    found = [
        (match[2], match[3])
        for plan in plans
        for step in plan
        if (match := re.match(r"(SEARCH|SCAN) (\w+)(?:.*\((.*)\))?", step))
    ]
    assert sorted((table, key) for table, key in found if table in GROWING) == sorted(ranges.items())
    assert not [key for table, key in found if table in DEFINITIONS and key in {None, "workspace=?"}]
    sorting = [plan for plan in plans if any("TEMP B-TREE" in step for step in plan)]
    assert not [table for table in GROWING for plan in sorting for step in plan if re.search(rf" {table}\b", step)]


def filled(database: Database, service: Capture) -> tuple[Workspace, int, int, int]:
    """A customer among ten who has bought fifteen times and was enrolled by name."""
    service.change_now(create, "acme", "UTC")
    workspace = database.read(workspaces.by_name, "acme")
    assert workspace is not None
    group = new_group([new_rule(method="IMPORT")], [("FIRST", 0, 100), ("SECOND", 100, 200)])
    target = service.change_now(definition.create, workspace.number, group)
    bills = [new_event(f"c{number % 10}", number, ONE) for number in range(150)]
    service.submit(Batch(workspace=workspace, events=bills)).result()
    found = database.read(customers.by_identity, workspace.number, Identity("external_id", "c3"))
    assert found is not None
    service.change_now(
        enrolment.enrol,
        workspace,
        group=target.group.id,
        rule=target.rules[0].id,
        customer=found.number,
        period_name=target.periods[0].ref_code,
        initial_balance=None,
    )
    return workspace, found.number, target.rules[0].id, target.periods[0].id
