"""Enrolment and counting, driven at random against a model that knows no database."""

from collections import defaultdict
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import amount
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.target import EnrolmentMethod, NewPeriod, NewRule, NewTargetGroup
from footfall.storage import customers, target_reads, workspaces
from footfall.storage.database import Database
from footfall.targets import definition, enrolment
from footfall.targets.failure import TargetFailure
from footfall.tenancy.creation import create

SPANS = {"A": (0, 10), "B": (10, 20), "C": (30, 40)}
PEOPLE = st.sampled_from(["ann", "bob"])
METHODS: tuple[EnrolmentMethod, ...] = ("IMPORT", "TRANSACTION")
PURCHASES = st.lists(st.tuples(PEOPLE, st.integers(-3, 43), st.integers(-9, 9)), min_size=1, max_size=5)


def a_group(method: EnrolmentMethod) -> NewTargetGroup:
    periods = tuple(
        NewPeriod(
            ref_code=name,
            description=None,
            active=True,
            first_day="1970-01-01",
            last_day="1970-01-01",
            starts_at=start,
            ends_at=end,
        )
        for name, (start, end) in SPANS.items()
    )
    counted = NewRule(
        name="Sum",
        description=None,
        active=True,
        type="SALES",
        expression="true",
        enrolment_method=method,
        goals=(amount.MILLIONTHS,),
    )
    return NewTargetGroup(
        name=method,
        description=None,
        active=True,
        preferred_till_id=None,
        tracking_type="DEFAULT",
        combination_type="ALL",
        timezone="UTC",
        frequency_type="CUSTOM",
        frequency=1,
        recurring_cycles=1,
        user_created=False,
        periods=periods,
        rules=(counted,),
    )


def period_of(moment: int) -> str | None:
    return next((name for name, (start, end) in SPANS.items() if start <= moment < end), None)


class EnrolmentMachine(RuleBasedStateMachine):
    """``counted`` holds, by method and person, the sequences that must have counted."""

    def __init__(self, database: Database, capture: Capture) -> None:
        super().__init__()
        self.database = database
        self.capture = capture
        self.counted: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)

    @initialize()
    def start(self) -> None:
        name = f"w {uuid4()}"
        self.capture.change_now(create, name, "UTC")
        workspace = self.database.read(workspaces.by_name, name)
        assert workspace is not None
        self.workspace = workspace
        self.groups = {
            method: self.capture.change_now(definition.create, workspace.number, a_group(method)) for method in METHODS
        }
        self.stored: list[tuple[int, str, int, int]] = []  # sequence, person, time, value
        self.since: dict[tuple[str, str], int] = {}
        self.live: dict[tuple[str, str], bool] = {}
        self.balance: dict[tuple[str, str], int] = defaultdict(int)
        self.purchase([("ann", -1, 0), ("bob", -1, 0)])  # everybody exists

    @rule(bought=PURCHASES)
    def purchase(self, bought: list[tuple[str, int, int]]) -> None:
        events = [
            NewEvent(
                name="ADD_TRANSACTION",
                occurred_at=moment,
                received_at=100,
                amount=value,
                customer=CustomerReference(identities=(Identity("external_id", person),)),
            )
            for person, moment, value in bought
        ]
        outcomes = self.capture.submit(Batch(workspace=self.workspace, events=events)).result().outcomes
        for outcome, (person, moment, value) in zip(outcomes, bought, strict=True):
            assert isinstance(outcome, Captured)
            assert outcome.sequence is not None
            self.stored.append((outcome.sequence, person, moment, value))
            for method in METHODS:
                self._arrive((method, person), outcome.sequence, moment, value)

    @rule(
        method=st.sampled_from(METHODS), person=PEOPLE, period=st.sampled_from(sorted(SPANS)), balance=st.integers(0, 9)
    )
    def enrol(self, method: str, person: str, period: str, balance: int) -> None:
        place = (method, person)
        if self.live.get(place):
            with pytest.raises(TargetFailure, match="already_enrolled"):
                self._call(enrolment.enrol, place, period_name=period, initial_balance=balance)
            return
        self._call(enrolment.enrol, place, period_name=period, initial_balance=balance)
        self.live[place] = True
        self.since[place] = SPANS[period][0]
        self.balance[place] += balance
        for sequence, who, moment, value in self.stored:
            if who == person and period_of(moment) is not None and moment >= self.since[place]:
                self.counted[place][sequence] = value

    @rule(method=st.sampled_from(METHODS), person=PEOPLE)
    def unenrol(self, method: str, person: str) -> None:
        place = (method, person)
        if not self.live.get(place):
            with pytest.raises(TargetFailure, match="not_enrolled"):
                self._call(enrolment.unenrol, place)
            return
        self._call(enrolment.unenrol, place)
        self.live[place] = False

    @invariant()
    def what_is_stored_is_what_must_count(self) -> None:
        if not hasattr(self, "groups"):
            return
        for method, group in self.groups.items():
            for person in ("ann", "bob"):
                number, rule_id, workspace = self._number(person), group.rules[0].id, self.workspace.number
                extents = self.database.read(target_reads.extents, workspace, number, rule_id)
                rows = self.database.read(target_reads.page, workspace, number, rule_id, extents, limit=1000, offset=0)
                progress = self.database.read(target_reads.progress_in, workspace, number, rule_id)
                purchases = {row.sequence: row.value for row in rows if row.name == "ADD_TRANSACTION"}
                assert purchases == self.counted[method, person]
                assert len({row.sequence for row in rows}) == len(rows)
                assert sum(one.events for one in progress.values()) == len(rows)
                total = sum(one.value for one in progress.values())
                assert total == sum(row.value for row in rows)
                assert total == sum(purchases.values()) + self.balance[method, person]

    def _arrive(self, place: tuple[str, str], sequence: int, moment: int, value: int) -> None:
        if period_of(moment) is None:
            return
        if place[0] == "TRANSACTION" and place not in self.live:
            self.live[place] = True
            self.since[place] = 0
        if self.live.get(place) and moment >= self.since[place]:
            self.counted[place][sequence] = value

    def _call(self, function: Any, place: tuple[str, str], **others: Any) -> None:
        group = self.groups[place[0]]  # type: ignore[index]
        self.capture.change_now(
            function,
            self.workspace,
            group=group.group.id,
            rule=group.rules[0].id,
            customer=self._number(place[1]),
            **others,
        )

    def _number(self, person: str) -> int:
        found = self.database.read(customers.by_identity, self.workspace.number, Identity("external_id", person))
        assert found is not None
        return found.number


def test_enrolment_counts_what_it_must(database: Database, capture: Capture) -> None:
    """One database for all runs, a workspace of its own for each."""
    chosen = settings(max_examples=25, stateful_step_count=15, deadline=None)
    counted: list[dict[tuple[str, str], dict[int, int]]] = []

    def machine() -> EnrolmentMachine:
        made = EnrolmentMachine(database, capture)
        counted.append(made.counted)
        return made

    run_state_machine_as_test(machine, settings=chosen)  # type: ignore[arg-type]

    assert any(sequences for each in counted for sequences in each.values()), "some run had events that count"
