"""A year of invoices against an independent computation: sums by month, counts by quarter, visits by week, streaks."""

import random
from typing import Any

import pytest
import sqlalchemy as sa

from footfall.capture.service import Capture
from footfall.model.workspace import Workspace
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import enrolments, target_progress, target_visits, tracked_events
from tests.targets.invoices import (
    as_event,
    capture_all,
    enrol_all,
    expected,
    make,
    numbers_of,
    outcome,
    recompute,
    some_invoices,
)


@pytest.mark.parametrize("order", ["as they came", "at random"])
def test_whatever_the_order_every_row_every_progress_and_every_streak_is_what_it_must_be(
    database: Database, capture: Capture, tenant: Workspace, order: str
) -> None:
    invoices = some_invoices(900, 40)
    made = make(capture, tenant, "TRANSACTION")
    sent = (
        sorted(invoices, key=lambda one: one.at) if order == "as they came" else random.Random(1).sample(invoices, 900)
    )

    capture_all(capture, tenant, [as_event(one) for one in sent])

    numbers = numbers_of(database, tenant, {one.customer for one in invoices})
    found = outcome(database, tenant, made, numbers)
    assert found == expected(invoices)
    assert {status for own in found.streaks.values() for status, _ in own} == {"ACHIEVED", "DROPPED", "INPROGRESS"}
    totals = recompute(capture, tenant, made)
    assert (totals.added, totals.removed, totals.changed, totals.progress, totals.enrolments) == (0, 0, 0, 0, 0)
    assert totals.kept == sum(len(own) for periods in found.rows.values() for own in periods.values())


def test_customers_who_are_enrolled_on_the_way_come_to_the_same(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    invoices = some_invoices(500, 30)
    events = [as_event(one) for one in invoices]
    capture_all(capture, tenant, events[:300])
    made = make(capture, tenant, "IMPORT")
    numbers = numbers_of(database, tenant, {one.customer for one in invoices[:300]})
    enrol_all(capture, tenant, made, numbers.values())
    capture_all(capture, tenant, events[300:])

    assert outcome(database, tenant, made, numbers) == expected(
        [invoice for invoice in invoices if invoice.customer in numbers]
    )
    totals = recompute(capture, tenant, made)
    assert (totals.added, totals.removed, totals.changed, totals.progress, totals.enrolments) == (0, 0, 0, 0, 0)


def test_a_recompute_brings_back_what_is_gone(database: Database, capture: Capture, tenant: Workspace) -> None:
    invoices = some_invoices(300, 20)
    made = make(capture, tenant, "TRANSACTION")
    capture_all(capture, tenant, [as_event(one) for one in invoices])
    numbers = numbers_of(database, tenant, {one.customer for one in invoices})
    before = outcome(database, tenant, made, numbers)

    capture.change_now(_forget)
    totals = recompute(capture, tenant, made)

    assert outcome(database, tenant, made, numbers) == before == expected(invoices)
    assert totals.added == sum(len(own) for periods in before.rows.values() for own in periods.values())
    assert (totals.removed, totals.changed, totals.kept) == (0, 0, 0)


def _forget(connection: Connection) -> None:
    tables: list[Any] = [tracked_events, target_progress, target_visits, enrolments]
    for table in tables:
        connection.execute(Statement(sa.delete(table)))
