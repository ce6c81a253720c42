"""Tracking in capture's transaction, against an independent computation."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import amount, instant
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.target import EnrolmentMethod, NewPeriod, NewRule, NewTargetGroup, TargetDefinition
from footfall.model.workspace import Workspace
from footfall.storage import customers, target_reads
from footfall.storage.database import Database
from footfall.targets import definition, enrolment
from footfall.targets.calendar import bounds
from footfall.targets.standing import tracked_page

LONDON = ZoneInfo("Europe/London")
MONTHS = [date(2010 + (11 + index) // 12, (11 + index) % 12 + 1, 1) for index in range(14)]  # December 2010 on

Sums = dict[tuple[str, str], tuple[Decimal, int]]
"""(customer, YYYY-MM) -> sum, number of events"""


def a_group(method: EnrolmentMethod = "TRANSACTION") -> NewTargetGroup:
    """Thirteen months of London from December 2010."""
    periods = []
    for first, following in pairwise(MONTHS):
        last = following - timedelta(days=1)
        starts_at, ends_at = bounds(first, last, LONDON)
        periods.append(
            NewPeriod(
                ref_code=f"{first:%Y-%m}",
                description=None,
                active=True,
                first_day=first.isoformat(),
                last_day=last.isoformat(),
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )
    rule = NewRule(
        name="Sum",
        description=None,
        active=True,
        type="SALES",
        expression="true",
        enrolment_method=method,
        goals=(amount.MILLIONTHS,) * len(periods),
    )
    return NewTargetGroup(
        name="Monthly",
        description=None,
        active=True,
        preferred_till_id=None,
        tracking_type="DEFAULT",
        combination_type="ALL",
        timezone="Europe/London",
        frequency_type="MONTHLY",
        frequency=1,
        recurring_cycles=13,
        user_created=False,
        periods=tuple(periods),
        rules=(rule,),
    )


def invoices(number: int) -> tuple[list[NewEvent], Sums]:
    """Invoices of 150 customers over 13 months and a little around them, with the sums they must give."""
    source = random.Random(7)
    events = []
    expected: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for index in range(number):
        local = datetime(2010, 11, 20, tzinfo=LONDON) + timedelta(minutes=source.randrange(60 * 24 * 430))
        who = f"c{source.randrange(150)}" if source.random() > 0.05 else None
        cancelled = source.random() < 0.15
        value = Decimal(source.randrange(1, 10_000_000)).scaleb(-4) * (-1 if cancelled else 1)
        events.append(
            NewEvent(
                name="RETURN_BILL" if cancelled else "ADD_TRANSACTION",
                occurred_at=instant.from_datetime(local.astimezone(UTC)),
                received_at=instant.now(),
                external_id=f"{'C' if cancelled else ''}{index}",
                customer=None if who is None else CustomerReference(identities=(Identity("external_id", who),)),
                amount=amount.parse(value),
            )
        )
        month = f"{local.astimezone(UTC).astimezone(LONDON):%Y-%m}"
        if who is not None and "2010-12" <= month <= "2011-12":
            expected[who, month].append(value)
    source.shuffle(events)
    return events, {key: (sum(values, Decimal(0)), len(values)) for key, values in expected.items()}


def capture_all(capture: Capture, tenant: Workspace, events: list[NewEvent]) -> None:
    """In requests of many sizes, some of them repeated."""
    source = random.Random(3)
    rest = list(events)
    pending = []
    while rest:
        size = source.choice([1, 2, 7, 50, 400])
        pending.append(capture.submit(Batch(workspace=tenant, events=rest[:size])))
        if source.random() < 0.2:
            pending.append(capture.submit(Batch(workspace=tenant, events=rest[:size])))
        del rest[:size]
    for future in pending:
        assert not future.result().refused


def read_sums(database: Database, tenant: Workspace, made: TargetDefinition) -> tuple[Sums, Sums]:
    """What the tracked rows add up to, and what stands as progress."""
    rule = made.rules[0].id
    months = {period.id: period.ref_code for period in made.periods}
    from_rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    progress: Sums = {}
    for index in range(150):
        person = database.read(customers.by_identity, tenant.number, Identity("external_id", f"c{index}"))
        assert person is not None
        for one in database.read(target_reads.progress_of, tenant.number, person.number):
            progress[f"c{index}", months[one.period]] = (Decimal(one.value).scaleb(-6), one.events)
        page = database.read(
            tracked_page, tenant.number, customer=person.number, rule=rule, period=None, limit=10_000, page=0
        )
        assert page.total == len(page.events)
        assert page.events == sorted(page.events)
        for event in page.events:
            from_rows[f"c{index}", months[event.period]].append(event.value)
    return {key: (Decimal(sum(v)).scaleb(-6), len(v)) for key, v in from_rows.items()}, progress


def test_sums_of_thirteen_months_agree_with_an_independent_computation(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    made = capture.change_now(definition.create, tenant.number, a_group())
    events, expected = invoices(4_000)

    capture_all(capture, tenant, events)

    from_rows, progress = read_sums(database, tenant, made)
    assert from_rows == expected
    assert progress == expected


def test_enrolling_after_the_fact_gives_the_same_sums(database: Database, capture: Capture, tenant: Workspace) -> None:
    events, expected = invoices(2_000)
    capture_all(capture, tenant, events[:1_500])
    made = capture.change_now(definition.create, tenant.number, a_group("IMPORT"))
    everybody = [
        database.read(customers.by_identity, tenant.number, Identity("external_id", f"c{index}"))
        for index in range(150)
    ]
    for person in everybody:
        assert person is not None
        capture.change_now(
            enrolment.enrol,
            tenant,
            group=made.group.id,
            rule=made.rules[0].id,
            customer=person.number,
            period_name="2010-12",
            initial_balance=None,
        )

    capture_all(capture, tenant, events[1_000:])

    from_rows, progress = read_sums(database, tenant, made)
    assert {key: total for key, (total, _) in from_rows.items() if key[1] != "2010-12"} == {
        key: total for key, (total, _) in expected.items() if key[1] != "2010-12"
    }
    december = {key: total for key, (total, _) in from_rows.items() if key[1] == "2010-12"}
    assert len(december) == 150  # everybody has the entry of the enrolment there, which is worth nothing
    assert {key: total for key, total in december.items() if total} == {
        key: total for key, (total, _) in expected.items() if key[1] == "2010-12" and total
    }
    assert progress == from_rows


def bills(customer: str = "c1") -> list[NewEvent]:
    """A purchase of 5 and a return of 2 in December 2010."""
    moment = instant.from_datetime(datetime(2010, 12, 5, tzinfo=UTC))
    return [
        NewEvent(
            name=name,
            occurred_at=moment,
            received_at=moment,
            amount=value,
            customer=CustomerReference(identities=(Identity("external_id", customer),)),
        )
        for name, value in (("ADD_TRANSACTION", 5), ("RETURN_BILL", 2))
    ]


def test_an_organisation_can_keep_returns_out(database: Database, capture: Capture, tenant: Workspace) -> None:
    capture.change_now(definition.create, tenant.number, a_group())
    choosy = msgspec.structs.replace(tenant, settings=msgspec.Raw(b'{"capillary":{"returns_count":false}}'))

    capture.submit(Batch(workspace=tenant, events=bills("c1"))).result()
    capture.submit(Batch(workspace=choosy, events=bills("c2"))).result()

    found = []
    for name in ("c1", "c2"):
        person = database.read(customers.by_identity, tenant.number, Identity("external_id", name))
        assert person is not None
        (progress,) = database.read(target_reads.progress_of, tenant.number, person.number)
        found.append((progress.value, progress.events))
    assert found == [(3, 2), (5, 1)]


def test_a_record_of_enrolment_never_shares_its_sequence_with_an_event(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    taken = [capture.change_now(lambda connection: connection.next_sequences(tenant.number, 1)[0])]
    for _ in range(3):
        result = capture.submit(Batch(workspace=tenant, events=bills())).result()
        taken += [one.sequence for one in result.outcomes if isinstance(one, Captured) and one.sequence]
        taken.append(capture.change_now(lambda connection: connection.next_sequences(tenant.number, 1)[0]))

    assert taken == list(range(1, 11))


def test_an_event_that_is_not_to_count_never_does(database: Database, capture: Capture, tenant: Workspace) -> None:
    capture.change_now(definition.create, tenant.number, a_group())
    silent = [msgspec.structs.replace(bill, counts=False) for bill in bills("c1")]
    capture.submit(Batch(workspace=tenant, events=[*silent, *bills("c2")])).result()
    late = msgspec.structs.replace(a_group("IMPORT"), name="Late")
    made = capture.change_now(definition.create, tenant.number, late)

    sums = {}
    for name in ("c1", "c2"):
        person = database.read(customers.by_identity, tenant.number, Identity("external_id", name))
        assert person is not None
        on_arrival = database.read(target_reads.progress_of, tenant.number, person.number)
        capture.change_now(
            enrolment.enrol,
            tenant,
            group=made.group.id,
            rule=made.rules[0].id,
            customer=person.number,
            period_name="2010-12",
            initial_balance=None,
        )
        afterwards = database.read(target_reads.progress_of, tenant.number, person.number)
        sums[name] = (sum(one.value for one in on_arrival), sum(one.value for one in afterwards))

    assert sums == {"c1": (0, 0), "c2": (3, 6)}


def test_a_flagged_duplicate_counts_nothing(database: Database, capture: Capture, tenant: Workspace) -> None:
    made = capture.change_now(definition.create, tenant.number, a_group())
    moment = made.periods[0].starts_at

    def bill() -> NewEvent:
        return NewEvent(
            name="ADD_TRANSACTION",
            occurred_at=moment,
            received_at=moment,
            amount=5,
            unique_key="k",
            customer=CustomerReference(identities=(Identity("external_id", "c1"),)),
        )

    capture.submit(Batch(workspace=tenant, events=[bill(), bill()])).result()

    person = database.read(customers.by_identity, tenant.number, Identity("external_id", "c1"))
    assert person is not None
    (progress,) = database.read(target_reads.progress_of, tenant.number, person.number)
    assert (progress.value, progress.events) == (5, 1)
