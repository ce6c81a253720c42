"""A shop's invoices, three targets over them, and what must come of them: worked out from the invoices alone.

Sum per month with streaks of up to three months, count per quarter, visits per week; on the clocks of London.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import amount, instant
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent
from footfall.model.target import NewPeriod, NewTargetGroup, TargetDefinition
from footfall.model.workspace import Workspace
from footfall.storage import customers, target_reads
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import events
from footfall.targets import definition, enrolment
from footfall.targets.calendar import bounds
from footfall.targets.recompute import Totals, batches, recompute_batch
from footfall.targets.standing import standings
from tests.targets.making import ONE, new_group, new_rule

LONDON = ZoneInfo("Europe/London")
MONTHS = [date(2010 + (11 + index) // 12, (11 + index) % 12 + 1, 1) for index in range(14)]  # December 2010 on
QUARTERS = [date(2010 + (9 + index) // 12, (9 + index) % 12 + 1, 1) for index in range(0, 18, 3)]
WEEKS = [date(2010, 11, 29) + timedelta(weeks=index) for index in range(55)]
MONTHLY_GOAL = Decimal(400)
STREAKS = (1, 2, 3)


@dataclass(frozen=True)
class Invoice:
    """One invoice; ``at`` is London's clock, ``amount`` negative for a cancellation."""

    number: str
    customer: str
    at: datetime
    amount: Decimal

    @property
    def day(self) -> date:
        """The day it is of."""
        return self.at.date()


def some_invoices(number: int, customers: int, seed: int = 7) -> list[Invoice]:
    """Made up: over the months and a little around them, every seventh a cancellation, some within an hour of DST."""
    source = random.Random(seed)
    found = []
    for index in range(number):
        day = datetime(2010, 11, 20, tzinfo=LONDON) + timedelta(days=source.randrange(400))
        at = day.replace(hour=source.choice([0, 1, 8, 12, 16, 23]), minute=source.choice([0, 30, 59]))
        cancelled = source.random() < 1 / 7
        value = Decimal(source.randrange(1, 9_000_000)).scaleb(-4) * (-1 if cancelled else 1)
        who = f"c{min(source.randrange(customers), source.randrange(customers))}"
        found.append(Invoice(f"{'C' if cancelled else ''}{index}", who, at, value))
    return found


def as_event(invoice: Invoice) -> NewEvent:
    """As Capillary's API captures it."""
    return NewEvent(
        name="RETURN_BILL" if invoice.number.startswith("C") else "ADD_TRANSACTION",
        occurred_at=instant.from_datetime(invoice.at.astimezone(UTC)),
        received_at=instant.now(),
        external_id=invoice.number,
        amount=amount.parse(invoice.amount),
        customer=CustomerReference(identities=(Identity("external_id", invoice.customer),)),
    )


def the_groups(method: Any) -> dict[str, NewTargetGroup]:
    """Months, quarters and weeks."""
    goals: dict[str, tuple[Any, list[date], int]] = {
        "months": ("SALES", MONTHS, int(MONTHLY_GOAL)),
        "quarters": ("COUNT", QUARTERS, 3),
        "weeks": ("VISIT", WEEKS, 2),
    }
    groups = {}
    for name, (kind, firsts, goal) in goals.items():
        groups[name] = new_group(
            [new_rule(name, kind, method, goals=(goal * ONE,) * (len(firsts) - 1))],
            name=name,
            timezone="Europe/London",
            tracking_type="STREAKS" if name == "months" else "DEFAULT",
            levels=[(f"{length} months", length) for length in STREAKS] if name == "months" else (),
        )
        groups[name] = _with_periods(groups[name], firsts)
    return groups


def _with_periods(group: NewTargetGroup, firsts: list[date]) -> NewTargetGroup:
    periods = []
    for first, following in pairwise(firsts):
        last = following - timedelta(days=1)
        starts_at, ends_at = bounds(first, last, LONDON)
        periods.append(
            NewPeriod(
                ref_code=first.isoformat(),
                first_day=first.isoformat(),
                last_day=last.isoformat(),
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )
    return msgspec.structs.replace(group, periods=tuple(periods))


Rows = dict[tuple[str, str], dict[str, set[tuple[str, Decimal]]]]
"""(group, customer) -> period -> (invoice, value shown)"""
Standing = dict[tuple[str, str], dict[str, Decimal]]
"""(group, customer) -> period -> value"""
Runs = dict[str, list[tuple[str, int]]]
"""customer -> (status, current run) of each length"""


@dataclass
class Outcome:
    """What the targets show."""

    rows: Rows
    standing: Standing
    streaks: Runs


def expected(invoices: Iterable[Invoice]) -> Outcome:
    """From the invoices alone."""
    rows: Rows = defaultdict(lambda: defaultdict(set))
    for invoice in invoices:
        for name, firsts in (("months", MONTHS), ("quarters", QUARTERS), ("weeks", WEEKS)):
            for first, following in pairwise(firsts):
                if first <= invoice.day < following:
                    rows[name, invoice.customer][first.isoformat()].add((invoice.number, invoice.amount))
    days = {invoice.number: invoice.day for invoice in invoices}
    standing: Standing = {}
    for (name, customer), periods in rows.items():
        standing[name, customer] = {}
        for period, own in periods.items():
            bought = {number for number, _ in own if not number.startswith("C")}
            standing[name, customer][period] = {
                "months": sum((value for _, value in own), Decimal(0)),
                "quarters": Decimal(2 * len(bought) - len(own)),
                "weeks": Decimal(len({days[number] for number in bought})),
            }[name]
    streaks = {customer: _runs(standing[name, customer]) for name, customer in standing if name == "months"}
    return Outcome({key: dict(own) for key, own in rows.items()}, standing, streaks)


def _runs(months: dict[str, Decimal]) -> list[tuple[str, int]]:
    """The product's rule, read plainly: all months are over, a missed one ends a run."""
    achieved = "".join("x" if months.get(first.isoformat(), 0) >= MONTHLY_GOAL else "-" for first in MONTHS[:-1])
    current = len(achieved) - len(achieved.rstrip("x"))
    missed_last = achieved.endswith("-")
    return [
        ("ACHIEVED" if "x" * length in achieved else "DROPPED" if missed_last else "INPROGRESS", current)
        for length in STREAKS
    ]


def capture_all(capture: Capture, tenant: Workspace, events: Sequence[NewEvent], seed: int = 3) -> None:
    """In requests of many sizes, some of them repeated."""
    source = random.Random(seed)
    pending = []
    start = 0
    while start < len(events):
        size = source.choice([1, 2, 7, 50, 400])
        times = 2 if source.random() < 0.1 else 1
        batch = Batch(workspace=tenant, events=list(events[start : start + size]))
        pending += [capture.submit(batch) for _ in range(times)]
        start += size
    for future in pending:
        assert not future.result().refused


def enrol_all(capture: Capture, tenant: Workspace, made: dict[str, TargetDefinition], numbers: Iterable[int]) -> None:
    """Everybody in everything, from its first period on."""
    pending = []
    for number in numbers:
        for one in made.values():
            wish: dict[str, Any] = {"period_name": one.periods[0].ref_code, "initial_balance": None}
            pending.append(
                capture.submit_change(
                    enrolment.enrol, tenant, group=one.group.id, rule=one.rules[0].id, customer=number, **wish
                )
            )
    for future in pending:
        future.result()


def make(capture: Capture, tenant: Workspace, method: Any) -> dict[str, TargetDefinition]:
    """The three groups."""
    return {
        name: capture.change_now(definition.create, tenant.number, group) for name, group in the_groups(method).items()
    }


def numbers_of(database: Database, tenant: Workspace, names: Iterable[str]) -> dict[str, int]:
    """The customers' numbers by external id."""
    found = {}
    for name in names:
        person = database.read(customers.by_identity, tenant.number, Identity("external_id", name))
        assert person is not None
        found[name] = person.number
    return found


def outcome(
    database: Database, tenant: Workspace, made: dict[str, TargetDefinition], numbers: dict[str, int]
) -> Outcome:
    """What the store says."""
    invoice_of = dict(database.read(_external_ids, tenant.number))
    rows: Rows = {}
    standing: Standing = {}
    streaks: Runs = {}
    groups = {one.group.id: name for name, one in made.items()}
    for name, number in numbers.items():
        for one in database.read(standings, tenant.number, number, instant.now()):
            group = groups[one.definition.group.id]
            key = group, name
            codes = {period.id: period.ref_code for period in one.definition.periods}
            values = {
                own.period.ref_code: Decimal(own.value).scaleb(-6)
                for own in one.standings
                if own.progress is not None and own.progress.events
            }
            rule = one.definition.rules[0].id
            extents = database.read(target_reads.extents, tenant.number, number, rule)
            tracked = database.read(target_reads.page, tenant.number, number, rule, extents, limit=100_000, offset=0)
            assert tracked == sorted(tracked)
            by_period: dict[str, set[tuple[str, Decimal]]] = defaultdict(set)
            for row in tracked:
                if row.name != "ENROL":
                    by_period[codes[row.period]].add((invoice_of[row.sequence], Decimal(row.value).scaleb(-6)))
            assert sum(len(own) for own in by_period.values()) == sum(row.name != "ENROL" for row in tracked)
            if by_period:
                rows[key] = dict(by_period)
                standing[key] = {code: value for code, value in values.items() if code in by_period}
            assert all(value == 0 for code, value in values.items() if code not in by_period)
            if group == "months" and by_period:
                streaks[name] = [(own.status, own.count) for own in one.streaks]
    return Outcome(rows, standing, streaks)


def recompute(capture: Capture, tenant: Workspace, made: dict[str, TargetDefinition]) -> Totals:
    """Of all groups, in batches."""
    totals = Totals()
    for one in made.values():
        group = one.group.id
        for report in batches(lambda after: capture.change_now(recompute_batch, tenant, group, after)):  # noqa: B023
            totals.add(report)
    return totals


def _external_ids(connection: Connection, workspace: int) -> list[Any]:
    found = sa.select(events.c.sequence, events.c.external_id).where(events.c.workspace == workspace)
    return connection.rows(Statement(found))
