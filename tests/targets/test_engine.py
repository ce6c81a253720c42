"""The engine driven at random against a model that knows no database: all kinds of rules and windows at once."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import Captured, NewEvent
from footfall.model.target import TargetDefinition
from footfall.storage import customers, target_reads, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.targets import definition, enrolment
from footfall.targets.failure import TargetFailure
from footfall.targets.recompute import Totals, batches, recompute_batch
from footfall.tenancy.creation import create
from tests.targets.making import ONE, new_event, new_group, new_rule
from tests.targets.naive import DAY, Event, Group, Naive, Rule

PEOPLE = ("ann", "bob")
SPANS = [("A", 0, 10 * DAY), ("B", 10 * DAY, 20 * DAY), ("C", 30 * DAY, 40 * DAY)]
MANY = json.dumps(
    {
        "arity": "binary_operation",
        "value": ">",
        "operands": [{"arity": "name", "value": "points"}, {"arity": "literal", "value": 2}],
    }
)
NAMES = ("ADD_TRANSACTION", "RETURN_BILL", "ping", "pong")

events = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(NAMES),
        st.integers(-DAY, 42 * DAY),
        st.integers(0, 9),  # amount, quantity, points
        st.booleans(),  # whether it is the same as another one: a duplicate
    ),
    min_size=1,
    max_size=6,
)


def sales(event: Event) -> int | str | None:
    assert event.amount is not None
    return {"ADD_TRANSACTION": event.amount, "RETURN_BILL": -event.amount}.get(event.name)


def bills(event: Event) -> int | str | None:
    return {"ADD_TRANSACTION": 1, "RETURN_BILL": -1}.get(event.name)


def days(event: Event) -> int | str | None:
    return "day" if event.name == "ADD_TRANSACTION" else 0 if event.name == "RETURN_BILL" else None


def quantity(event: Event) -> int | str | None:
    sign = {"ADD_TRANSACTION": 1, "RETURN_BILL": -1}.get(event.name)
    return None if sign is None else sign * sum(line["qty"] for line in event.properties["lineItemsV2"])


def points(event: Event) -> int | str | None:
    return int(event.properties["points"]) if event.name == "ping" else None


def many_points(event: Event) -> int | str | None:
    return 1 if event.name == "ping" and event.properties["points"] > 2 else None


def pong_days(event: Event) -> int | str | None:
    return "day" if event.name == "pong" else None


def the_groups() -> list[tuple[Any, Group]]:
    """Each group as it is defined, and as the model has it."""
    spans = [(start, end) for _, start, end in SPANS]
    ping: Any = {"entity": "EVENT", "event_name": "ping"}
    own: Any = {"total_periods": 3, "frequency_type": "DAILY", "frequency": 7}

    def goals(*values: int) -> tuple[int, ...]:
        return tuple(value * ONE for value in values)

    return [
        (
            new_group([new_rule(goals=goals(9, 9, 9))], SPANS, name="sums"),
            Group([Rule(sales, [9, 9, 9], by_transaction=True)], spans),
        ),
        (
            new_group(
                [
                    new_rule("count", "COUNT", "IMPORT", goals=goals(2, 2, 2)),
                    new_rule("visits", "VISIT", "IMPORT", goals=goals(2, 1, 2)),
                    new_rule("quantity", "QUANTITY", "IMPORT", goals=goals(9, 9, 0)),
                    new_rule("pings", "COUNT", "IMPORT", expression=MANY, goals=goals(1, 1, 1), **ping),
                ],
                SPANS,
                name="unified",
                tracking_type="UNIFIED",
            ),
            Group(
                [
                    Rule(bills, [2, 2, 2]),
                    Rule(days, [2, 1, 2]),
                    Rule(quantity, [9, 9, 0]),
                    Rule(many_points, [1, 1, 1]),
                ],
                spans,
                unified=True,
            ),
        ),
        (
            new_group(
                [
                    new_rule("points", "EVENT_ATTRIBUTE", field_name="points", goals=goals(5, 5, 5), **ping),
                    new_rule("pong days", "VISIT", "IMPORT", entity="EVENT", event_name="pong", goals=goals(2, 2, 2)),
                ],
                SPANS,
                name="either",
                tracking_type="UNIFIED",
            ),
            Group([Rule(points, [5, 5, 5], by_transaction=True), Rule(pong_days, [2, 2, 2])], spans, unified=True),
        ),
        (
            new_group(
                [
                    new_rule(goals=goals(9, 9, 9)),
                    new_rule("pong days", "VISIT", "IMPORT", entity="EVENT", event_name="pong", goals=goals(2, 2, 2)),
                ],
                name="cyclic",
                tracking_type="UNIFIED",
                evaluation_type="CYCLIC_WINDOW",
                **own,
            ),
            Group(
                [Rule(sales, [9, 9, 9], by_transaction=True), Rule(pong_days, [2, 2, 2])],
                [(0, 0)] * 3,
                window="cyclic",
                length=7 * DAY,
                unified=True,
            ),
        ),
        (
            new_group(
                [new_rule("visits", "VISIT", goals=goals(2, 2, 2))],
                name="open",
                evaluation_type="PERIOD_AGNOSTIC_WINDOW",
                **own,
            ),
            Group([Rule(days, [2, 2, 2], by_transaction=True)], [(0, 0)] * 3, window="open"),
        ),
    ]


class EngineMachine(RuleBasedStateMachine):
    """Captures, enrolments and recomputes; after each, all that is stored is what the model says."""

    def __init__(self, database: Database, capture: Capture) -> None:
        super().__init__()
        self.database = database
        self.capture = capture
        self.naive = Naive()
        self.made: list[TargetDefinition] = []

    @initialize(before=events)
    def start(self, before: list[tuple[str, str, int, int, bool]]) -> None:
        """Something has happened before there are targets."""
        name = f"w {uuid4()}"
        self.capture.change_now(create, name, "UTC")
        workspace = self.database.read(workspaces.by_name, name)
        assert workspace is not None
        self.workspace = workspace
        self.do([(person, "other", 0, 0, False) for person in PEOPLE])
        self.do(before)
        last = len(self.naive.events) and self.naive.events[-1].sequence
        for new, model in the_groups():
            made = self.capture.change_now(definition.create, workspace.number, new)
            for own in model.rules:
                own.created_after = last
            self.made.append(made)
            self.naive.groups.append(model)

    @rule(drawn=events)
    def do(self, drawn: list[tuple[str, str, int, int, bool]]) -> None:
        """A group of events arrives; of those that are the same only the first counts."""
        sent: list[NewEvent] = []
        told: list[Event | None] = []
        for person, name, moment, amount, again in drawn:
            properties = {"points": amount, "lineItemsV2": [{"qty": amount}, {"qty": 1}]}
            is_bill = name in {"ADD_TRANSACTION", "RETURN_BILL"}
            event = new_event(person, moment, amount * ONE if is_bill else None, name)
            event.properties = json.dumps(properties)
            for time in range(2 if again else 1):
                event.unique_key = f"{uuid4()}" if again and time == 0 else event.unique_key
                sent.append(event)
                told.append(Event(0, person, name, moment, amount, properties) if time == 0 else None)
        outcomes = self.capture.submit(Batch(workspace=self.workspace, events=sent)).result().outcomes
        for outcome, event_told in zip(outcomes, told, strict=True):
            assert isinstance(outcome, Captured)
            if event_told is not None and outcome.sequence is not None:
                event_told.sequence = outcome.sequence
                self.naive.capture(event_told)

    @rule(
        person=st.sampled_from(PEOPLE),
        which=st.sampled_from([(0, 0), (1, 0), (1, 2), (2, 0), (2, 1), (3, 0), (4, 0)]),
        period=st.integers(0, 2),
        balance=st.integers(0, 3),
    )
    def enrol(self, person: str, which: tuple[int, int], period: int, balance: int) -> None:
        made = self.made[which[0]]
        wish = {"period_name": made.periods[period].ref_code, "initial_balance": balance * ONE}
        sequence = self.capture.change_now(lambda connection: connection.last_sequence(self.workspace.number)) + 1
        accepted = self.naive.enrol(which[0], which[1], person, period, balance, sequence)
        self._call(enrolment.enrol, which, person, None if accepted else "already_enrolled", **wish)

    @rule(person=st.sampled_from(PEOPLE), which=st.sampled_from([(0, 0), (1, 1), (2, 0), (3, 0), (4, 0)]))
    def unenrol(self, person: str, which: tuple[int, int]) -> None:
        accepted = self.naive.unenrol(which[0], which[1], person)
        self._call(enrolment.unenrol, which, person, None if accepted else "not_enrolled")

    @rule(at_once=st.integers(1, 3))
    def recompute(self, at_once: int) -> None:
        """A replay under unchanged rules finds everything as it is."""
        for made in self.made:
            totals = Totals()
            for report in batches(lambda after: self.capture.change_now(self._recompute, made, after, at_once)):  # noqa: B023
                totals.add(report)
            changed = (totals.added, totals.removed, totals.changed, totals.progress, totals.enrolments)
            assert changed == (0, 0, 0, 0, 0), made.group.name

    @invariant()
    def what_is_stored_is_what_must_count(self) -> None:
        if not self.made:
            return
        expected = self.naive.standing()
        for index, made in enumerate(self.made):
            for number, own in enumerate(made.rules):
                for person in PEOPLE:
                    place = self.naive.places.get((index, number, person))
                    self._check(made, own.id, self._number(person), place, expected.get((index, number, person), {}))

    def _check(
        self,
        made: TargetDefinition,
        rule_id: int,
        person: int,
        place: Any,
        expected: dict[int, tuple[int, int | None]],
    ) -> None:
        workspace = self.workspace.number
        extents = self.database.read(target_reads.extents, workspace, person, rule_id)
        rows = self.database.read(target_reads.page, workspace, person, rule_id, extents, limit=1000, offset=0)
        progress = self.database.read(target_reads.progress_in, workspace, person, rule_id)
        position = {period.id: index for index, period in enumerate(made.periods)}
        found = {
            position[period]: (one.value // ONE, one.achieved_by)
            for period, one in progress.items()
            if one.events or one.value
        }
        assert {key: one for key, one in found.items() if key in expected or one != (0, None)} == expected, [
            one for one in made.rules if one.id == rule_id
        ]
        counted = {row.sequence: position[row.period] for row in rows if row.name not in {"ENROL", "UNENROL"}}
        assert counted == {} if place is None else counted == {s: own[0] for s, own in place.counted.items()}
        assert rows == sorted(rows)
        for period, one in progress.items():
            of_period = [row for row in rows if row.period == period]
            assert one.events == len(of_period)
            assert one.value == sum(row.counted for row in of_period)
            extent = next(extent for extent in extents if extent.period == period)
            page = self.database.read(target_reads.page, workspace, person, rule_id, extent, limit=1000, offset=0)
            assert page == of_period

    def _recompute(self, connection: Connection, made: TargetDefinition, after: int, at_once: int) -> Any:
        return recompute_batch(connection, self.workspace, made.group.id, after, at_once=at_once)

    def _call(self, function: Any, which: tuple[int, int], person: str, refusal: str | None, **others: Any) -> None:
        made = self.made[which[0]]
        wish = {"group": made.group.id, "rule": made.rules[which[1]].id, "customer": self._number(person), **others}
        if refusal is None:
            self.capture.change_now(function, self.workspace, **wish)
        else:
            with pytest.raises(TargetFailure, match=refusal):
                self.capture.change_now(function, self.workspace, **wish)

    def _number(self, person: str) -> int:
        found = self.database.read(customers.by_identity, self.workspace.number, Identity("external_id", person))
        assert found is not None
        return found.number


def test_whatever_happens_what_counts_is_what_must_count(database: Database, capture: Capture) -> None:
    """One database for all runs, a workspace of its own for each."""
    chosen = settings(max_examples=25, stateful_step_count=15, deadline=None)
    counted: list[Naive] = []

    def machine() -> EngineMachine:
        made = EngineMachine(database, capture)
        counted.append(made.naive)
        return made

    run_state_machine_as_test(machine, settings=chosen)  # type: ignore[arg-type]

    windows = {
        naive.groups[index].window
        for naive in counted
        for (index, _, _), place in naive.places.items()
        if place.counted
    }
    assert windows == {"calendar", "cyclic", "open"}, "some run had events that count in each kind of window"
