"""What counting costs a capture, and what it is to ask how a customer stands.

Transactions that feed three targets go beside the same that feed none, in the same store, in turns: one workspace has a
sum per month, a count per quarter and visits per week, in which every customer is enrolled; the other has no targets.
Then its customers are asked for, each as likely as any other.
"""

import random
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing
from datetime import date
from itertools import count, pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import bindparam

from benchmarks import servers
from benchmarks.engines.contract import Engine
from benchmarks.load import get
from benchmarks.measure import ROUNDS
from benchmarks.reads import Read, beside_bare
from benchmarks.report import Line, Target
from benchmarks.servers import Running
from footfall.capture.batch import Batch, BatchResult
from footfall.capture.service import Capture
from footfall.demo.client import DemoClient
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import ADD_TRANSACTION, CustomerReference, NewEvent
from footfall.model.target import NewPeriod, NewRule, NewTargetGroup, TargetType
from footfall.model.workspace import Workspace
from footfall.storage import targets, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import target_progress
from footfall.targets import definition
from footfall.targets.calendar import bounds
from footfall.tenancy.creation import create

_UTC = ZoneInfo("UTC")
_YEAR = date(2026, 1, 1)
_LOADED_AT_ONCE = 5_000
_SINGLES_IN_FLIGHT = 64
_BODIES_IN_FLIGHT = 3
_ASKED_FOR = 2_000
_DAY = "2026-06-15T12:00:00Z"

_BOUNDS = Statement(
    sa.select(sa.func.min(target_progress.c.customer), sa.func.max(target_progress.c.customer)).where(
        target_progress.c.rule == bindparam("rule")
    )
)


def feeding_and_asking(engine: Engine, customers: int, bare: Running, seconds: float) -> list[Line]:
    """A transaction by itself, as requests bring them, and thousands together, as imports do; then the reads.

    So many ``customers`` are enrolled.
    """
    with ExitStack() as stack:
        label = "targets_fed"
        engine.make(label)
        stack.callback(engine.drop, label)
        database = stack.enter_context(closing(Database(engine.url(label))))
        database.prepare()
        capture = stack.enter_context(closing(Capture(database)))
        fed, plain = (_Shop(database, capture, name, customers) for name in ("fed", "plain"))
        _define(capture, fed.workspace)
        for shop in (fed, plain):
            shop.capture_all(customers)
        lines = [
            _line("by itself", fed, plain, 1, _SINGLES_IN_FLIGHT, seconds),
            _line("of thousands", fed, plain, _LOADED_AT_ONCE, _BODIES_IN_FLIGHT, seconds),
        ]
        asked = _reads(database, fed)
        with servers.footfall(engine.url(label)) as server:
            return lines + [beside_bare(read, server, bare, seconds) for read in asked]


def _reads(database: Database, shop: "_Shop") -> list[Read]:
    """How customers stand on one day of the year, and what counted towards their sums of the months."""
    authorization = {"Authorization": DemoClient("", shop.made).capillary_authorization}
    groups = [group.id for group in database.read(targets.groups, shop.workspace.number)]
    rules = database.read(targets.rules_of, shop.workspace.number, groups)
    rule = next(rule.id for rule in rules if rule.type == "SALES")
    least, most = database.read(_bounds, rule)
    chance = random.Random(2)  # noqa: S311
    people = [chance.randint(least, most) for _ in range(_ASKED_FOR)]
    enrolled = f"of {most - least + 1:,} enrolled, Capillary"
    progress = [get(f"/v3/users/{user}/targetGroups?trackingDate={_DAY}", authorization) for user in people]
    tracked = [get(f"/v3/users/{user}/trackedTargetEvents/{rule}?limit=10", authorization) for user in people]
    return [
        Read(operation=f"a customer's progress in three targets, {enrolled}", requests=progress, least=0.0, clients=8),
        Read(operation=f"tracked target events, page of 10, {enrolled}", requests=tracked, least=0.4),
    ]


def _bounds(connection: Connection, rule: int) -> tuple[int, int]:
    """The lowest and the highest number of the customers in a rule: they came one after another."""
    row = connection.row(_BOUNDS, rule=rule)
    assert row is not None
    return row[0], row[1]


def _line(how: str, fed: "_Shop", plain: "_Shop", size: int, in_flight: int, seconds: float) -> Line:
    rounds = [
        (fed.per_second(size, in_flight, seconds / ROUNDS), plain.per_second(size, in_flight, seconds / ROUNDS))
        for _ in range(ROUNDS)
    ]
    print(".", end="", flush=True)
    return Line(
        operation=f"capture a transaction {how}, which feeds three targets",
        figure=median(one for one, _ in rounds),
        unit="events/s",
        baseline=median(other for _, other in rounds),
        against="one that feeds none",
        target=Target(0.5),
    )


class _Shop:
    """A workspace whose customers buy."""

    def __init__(self, database: Database, capture: Capture, name: str, customers: int) -> None:
        self.made = capture.change_now(create, name, "UTC")
        found = database.read(workspaces.by_name, name)
        assert found is not None
        self.workspace: Workspace = found
        self._capture = capture
        self._customers = customers
        self._chance = random.Random(1)  # noqa: S311  (the same in every run)
        self._numbers = count()

    def capture_all(self, customers: int) -> None:
        """One purchase of each customer, which enrols."""
        for first in range(0, customers, _LOADED_AT_ONCE):
            last = min(first + _LOADED_AT_ONCE, customers)
            batch = Batch(workspace=self.workspace, events=[self._purchase(who) for who in range(first, last)])
            self._capture.submit(batch).result()

    def per_second(self, size: int, in_flight: int, seconds: float) -> float:
        """Purchases captured a second, by requests of ``size`` of which so many are under way."""
        batches = self._batches(size)
        ready = [next(batches) for _ in range(in_flight)]
        waiting: deque[Future[BatchResult]] = deque()
        done = 0
        started = time.perf_counter()
        while time.perf_counter() - started < seconds or not done:
            waiting.append(self._capture.submit(ready.pop() if ready else next(batches)))
            if len(waiting) >= in_flight:
                waiting.popleft().result()
                done += size
        for future in waiting:
            future.result()
        return (done + size * len(waiting)) / (time.perf_counter() - started)

    def _batches(self, size: int) -> Iterator[Batch]:
        while True:
            events = [self._purchase(self._chance.randrange(self._customers)) for _ in range(size)]
            yield Batch(workspace=self.workspace, events=events)

    def _purchase(self, customer: int) -> NewEvent:
        number = next(self._numbers)
        moment = instant.start_of_day(_YEAR, _UTC) + self._chance.randrange(365 * instant.DAY)
        return NewEvent(
            name=ADD_TRANSACTION,
            occurred_at=moment - moment % instant.SECOND,
            received_at=instant.now(),
            external_id=f"B{number}",
            amount=self._chance.randrange(1, 500) * 1_000_000,
            properties=f'{{"billNumber":"B{number}","billAmount":"20","paymentModes":[{{"mode":"cash"}}]}}',
            customer=CustomerReference(identities=(Identity("external_id", f"c{customer}"),)),
            source="INSTORE",
            outlet="1",
            captured_by="capillary",
        )


def _define(capture: Capture, workspace: Workspace) -> None:
    weeks = [date.fromordinal(_YEAR.toordinal() + 7 * number) for number in range(54)]
    months = [date(2026 + number // 12, number % 12 + 1, 1) for number in range(13)]
    kinds: dict[TargetType, list[date]] = {"SALES": months, "COUNT": months[::3], "VISIT": weeks}
    for kind, firsts in kinds.items():
        capture.change_now(definition.create, workspace.number, _group(kind, firsts))


def _group(kind: TargetType, firsts: list[date]) -> NewTargetGroup:
    periods = []
    for first, following in pairwise(firsts):
        last = date.fromordinal(following.toordinal() - 1)
        starts_at, ends_at = bounds(first, last, _UTC)
        period: dict[str, Any] = {"ref_code": first.isoformat(), "starts_at": starts_at, "ends_at": ends_at}
        periods.append(NewPeriod(first_day=first.isoformat(), last_day=last.isoformat(), **period))
    goals = (100 * 1_000_000,) * len(periods)
    return NewTargetGroup(
        name=kind,
        timezone="UTC",
        frequency_type="CUSTOM",
        frequency=1,
        recurring_cycles=len(periods),
        periods=tuple(periods),
        rules=(NewRule(name=kind, type=kind, enrolment_method="TRANSACTION", goals=goals),),
    )
