"""Changing targets: what may change, and that what has counted stays until somebody recomputes."""

from typing import Any

import msgspec
import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.target import (
    Filter,
    GroupChange,
    NewMilestone,
    NewStreakLevel,
    PeriodChange,
    RuleChange,
    TargetDefinition,
)
from footfall.model.workspace import Workspace
from footfall.storage import customers, target_reads
from footfall.storage.database import Database
from footfall.targets import definition, editing, enrolment
from footfall.targets.failure import TargetFailure
from footfall.targets.recompute import batches, recompute_batch
from tests.targets.making import ONE, new_event, new_group, new_rule

SPANS = [("A", 0, 10), ("B", 10, 20)]
NEVER = '{"arity":"literal","value":"false","type":"boolean:primitive"}'


@pytest.fixture
def made(capture: Capture, tenant: Workspace) -> TargetDefinition:
    return capture.change_now(definition.create, tenant.number, new_group([new_rule(goals=(9 * ONE, 9 * ONE))], SPANS))


def edit(capture: Capture, tenant: Workspace, made: TargetDefinition, **change: Any) -> Any:
    group, rule = made.group.id, made.rules[0].id
    return capture.change_now(editing.edit_rule, tenant.number, group, rule, RuleChange(**change))


def values(database: Database, tenant: Workspace, made: TargetDefinition) -> list[tuple[int, int | None]]:
    """(value, sequence that reached the goal) by period, of the one customer."""
    person = database.read(customers.by_identity, tenant.number, Identity("external_id", "ann"))
    assert person is not None
    found = database.read(target_reads.progress_in, tenant.number, person.number, made.rules[0].id)
    return [(one.value // ONE, one.achieved_by) for _, one in sorted(found.items())]


def buy(capture: Capture, tenant: Workspace, moment: int, amount: int) -> None:
    capture.submit(Batch(workspace=tenant, events=[new_event("ann", moment, amount * ONE)])).result()


def test_what_has_counted_stays_and_later_events_meet_the_changed_rule(
    database: Database, capture: Capture, tenant: Workspace, made: TargetDefinition
) -> None:
    buy(capture, tenant, 1, 5)
    edit(capture, tenant, made, type="COUNT")
    buy(capture, tenant, 2, 7)

    assert values(database, tenant, made) == [(6, None)]

    reports = list(
        batches(lambda after: capture.change_now(recompute_batch, tenant, made.group.id, after)),
    )
    assert values(database, tenant, made) == [(2, None)]
    assert [(one.added, one.removed, one.changed, one.kept) for one in reports] == [(0, 0, 1, 1)]
    assert [(one.before, one.after) for one in reports[0].progress] == [(6 * ONE, 2 * ONE)]


def test_a_recompute_that_only_looks_changes_nothing(
    database: Database, capture: Capture, tenant: Workspace, made: TargetDefinition
) -> None:
    buy(capture, tenant, 1, 5)
    edit(capture, tenant, made, expression=NEVER)

    report = database.read(recompute_batch, tenant, made.group.id, 0, dry_run=True)

    assert report is not None
    assert (report.removed, report.enrolments) == (1, 1)
    assert [(one.before, one.after) for one in report.progress] == [(5 * ONE, None)]
    assert values(database, tenant, made) == [(5, None)]
    capture.change_now(recompute_batch, tenant, made.group.id, 0)
    assert values(database, tenant, made) == []


def test_a_lower_goal_is_reached_by_the_next_event_or_by_a_recompute(
    database: Database, capture: Capture, tenant: Workspace, made: TargetDefinition
) -> None:
    buy(capture, tenant, 1, 5)
    first = made.periods[0].id
    edit(capture, tenant, made, goals={first: 4 * ONE})
    assert values(database, tenant, made) == [(5, None)]

    buy(capture, tenant, 2, 1)
    assert values(database, tenant, made) == [(6, 2)]

    capture.change_now(recompute_batch, tenant, made.group.id, 0)
    assert values(database, tenant, made) == [(6, 1)]


def test_a_rule_that_is_switched_off_counts_no_more(
    database: Database, capture: Capture, tenant: Workspace, made: TargetDefinition
) -> None:
    buy(capture, tenant, 1, 5)
    capture.change_now(editing.deactivate_rule, tenant.number, made.group.id, made.rules[0].id)
    buy(capture, tenant, 2, 5)

    assert values(database, tenant, made) == [(5, None)]
    with pytest.raises(TargetFailure, match="unknown_rule"):
        capture.change_now(editing.deactivate_rule, tenant.number, made.group.id, made.rules[0].id)
    with pytest.raises(TargetFailure, match="unknown_rule"):
        capture.change_now(recompute_batch, tenant, made.group.id, 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "EVENT_ATTRIBUTE"}, "kind_not_counted"),
        ({"entity": "POINTS", "type": "ALL_POINTS"}, "kind_not_counted"),
        ({"type": "EXTENDED_FIELD"}, "field_missing"),
        ({"field_name": "x"}, "invalid"),
        ({"event_name": "ping"}, "invalid"),
        ({"expression": "{}"}, "invalid"),
        ({"goals": {0: ONE}}, "unknown_period"),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(
    database: Database, capture: Capture, tenant: Workspace, made: TargetDefinition, change: Any, reason: str
) -> None:
    with pytest.raises(TargetFailure) as refused:
        edit(capture, tenant, made, **change)

    assert refused.value.reason == reason
    assert database.read(definition.definition, tenant.number, made.group.id) == made


def test_all_that_may_change_of_a_rule(
    database: Database, capture: Capture, tenant: Workspace, made: TargetDefinition
) -> None:
    change: dict[str, Any] = {
        "name": "New",
        "description": "d",
        "entity": "EVENT",
        "event_name": "stay",
        "type": "EVENT_ATTRIBUTE",
        "field_name": "nights",
        "aggregate": "COUNT",
        "filters": (Filter("ZONE", (1, 2)),),
        "enrolment_method": "IMPORT",
    }
    found = edit(capture, tenant, made, milestones=(NewMilestone(name="half", value=ONE),), **change)

    stored = database.read(definition.definition, tenant.number, made.group.id)
    assert stored.rules == (found,)
    assert {name: getattr(found, name) for name in change} == change
    assert [(one.name, one.value) for one in stored.milestones] == [("half", ONE)]


def test_all_that_may_change_of_a_group(capture: Capture, tenant: Workspace, made: TargetDefinition) -> None:
    capture.change_now(definition.create, tenant.number, new_group([new_rule()], SPANS, name="Taken"))
    number, group = tenant.number, made.group.id

    found = capture.change_now(editing.edit_group, number, group, GroupChange(name="group", description="d"))
    assert (found.group.name, found.group.description, found.periods) == ("group", "d", made.periods)
    with pytest.raises(TargetFailure, match="name_taken"):
        capture.change_now(editing.edit_group, number, group, GroupChange(name="TAKEN"))
    with pytest.raises(TargetFailure, match="unknown_group"):
        capture.change_now(editing.edit_group, number, 0, GroupChange())
    capture.change_now(editing.deactivate, number, group)
    with pytest.raises(TargetFailure, match="unknown_group"):
        capture.change_now(editing.deactivate, number, group)


def test_which_days_of_a_period_may_change(capture: Capture, tenant: Workspace) -> None:
    now = instant.now()
    spans = [("past", 0, 10), ("now", now - 10**12, now + 10**12), ("next", now + 10**13, now + 2 * 10**13)]
    made = capture.change_now(definition.create, tenant.number, new_group([new_rule()], spans))
    past, running, coming = made.periods

    def change(**wish: Any) -> Any:
        return capture.change_now(editing.edit_periods, tenant.number, made.group.id, [PeriodChange(**wish)])

    (longer,) = change(id=running.id, ends_at=running.ends_at + 5, description="x")
    assert (longer.ends_at, longer.description) == (running.ends_at + 5, "x")
    (moved,) = change(id=coming.id, starts_at=coming.starts_at - 5, ends_at=coming.ends_at + 5)
    assert moved.starts_at == coming.starts_at - 5
    for wish in (
        {"id": past.id, "ends_at": 11},
        {"id": running.id, "starts_at": running.starts_at - 1},
        {"id": coming.id, "starts_at": running.ends_at - 1},
        {"id": coming.id, "ends_at": coming.starts_at - 6},
    ):
        with pytest.raises(TargetFailure, match=r"period|endDate"):
            change(**wish)
    with pytest.raises(TargetFailure, match="unknown_period"):
        change(id=0)


def test_who_is_enrolled_in_a_period_moves_with_its_start(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    now = instant.now()
    spans = [("next", now + 10**13, now + 2 * 10**13)]
    made = capture.change_now(definition.create, tenant.number, new_group([new_rule(method="IMPORT")], spans))
    buy(capture, tenant, 1, 1)
    person = database.read(customers.by_identity, tenant.number, Identity("external_id", "ann"))
    assert person is not None
    wish: dict[str, Any] = {"group": made.group.id, "rule": made.rules[0].id, "customer": person.number}
    capture.change_now(enrolment.enrol, tenant, period_name="next", initial_balance=None, **wish)
    earlier = PeriodChange(id=made.periods[0].id, starts_at=now + 10**12)
    capture.change_now(editing.edit_periods, tenant.number, made.group.id, [earlier])

    buy(capture, tenant, now + 10**12, 5)

    assert values(database, tenant, made) == [(5, None)]


def test_streak_levels_are_replaced(capture: Capture, tenant: Workspace, made: TargetDefinition) -> None:
    streaks = new_group([new_rule()], SPANS, name="s", tracking_type="STREAKS", levels=[("two", 2)])
    of_streaks = capture.change_now(definition.create, tenant.number, streaks)
    assert [(one.name, one.length) for one in of_streaks.levels] == [("two", 2)]

    levels = [NewStreakLevel(name="one", length=1), NewStreakLevel(name="three", length=3)]
    found = capture.change_now(editing.put_levels, tenant.number, of_streaks.group.id, levels)

    assert [(one.name, one.length) for one in found] == [("one", 1), ("three", 3)]
    with pytest.raises(TargetFailure, match="has no streaks"):
        capture.change_now(editing.put_levels, tenant.number, made.group.id, levels)
    with pytest.raises(TargetFailure, match="ascending"):
        capture.change_now(editing.put_levels, tenant.number, of_streaks.group.id, levels[::-1])


def test_levels_and_milestones_of_the_same_id_or_name_stay(
    capture: Capture, tenant: Workspace, made: TargetDefinition
) -> None:
    levels = [("one", 1), ("two", 2), ("three", 3)]
    streaks = new_group([new_rule()], SPANS, name="s", tracking_type="STREAKS", levels=levels)
    group = capture.change_now(definition.create, tenant.number, streaks).group.id
    one, two, three = capture.change_now(
        editing.put_levels, tenant.number, group, [NewStreakLevel(name=n, length=k) for n, k in levels]
    )

    new = [
        NewStreakLevel(name="TWO", length=1),
        NewStreakLevel(name="two", length=4, id=three.id),
        NewStreakLevel(name="other", length=5, id=-7),
    ]
    first, second, other = capture.change_now(editing.put_levels, tenant.number, group, new)

    assert (first.id, first.name, first.length, first.created_at) == (two.id, "TWO", 1, two.created_at)
    assert (second.id, second.name, second.length) == (three.id, "two", 4)
    assert other.id not in {one.id, two.id, three.id}

    def milestones(*new: NewMilestone) -> dict[str, int]:
        capture.change_now(
            editing.edit_rule, tenant.number, made.group.id, made.rules[0].id, RuleChange(milestones=new)
        )
        found = capture.change_now(definition.definition, tenant.number, made.group.id).milestones
        return {one.name: one.id for one in found}

    before = milestones(NewMilestone(name="a", value=1), NewMilestone(name="b", value=2))
    after = milestones(NewMilestone(name="c", value=3, id=before["a"]), NewMilestone(name="b", value=1))

    assert after == {"b": before["b"], "c": before["a"]}


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"rules": ()}, "targets must not be empty"),
        ({"periods": ()}, "periods must not be empty"),
        ({"tracking_type": "DEFAULT", "rules": (new_rule("a"), new_rule("b"))}, "exactly one target"),
        ({"levels": (NewStreakLevel(name="x", length=1),)}, "has no streaks"),
        ({"evaluation_type": "CYCLIC_WINDOW", "frequency": 0}, "at least 1"),
        ({"evaluation_type": "CYCLIC_WINDOW", "periods": (), "total_periods": 101}, "at most 100 periods"),
        ({"rules": (new_rule(milestones=(NewMilestone(name="m", value=1),) * 101),)}, "at most 100 milestones"),
    ],
)
def test_a_group_that_cannot_be_is_refused(capture: Capture, tenant: Workspace, others: Any, says: str) -> None:
    wish = msgspec.structs.replace(new_group([new_rule()], SPANS), **others)

    with pytest.raises(TargetFailure, match=says):
        capture.change_now(definition.create, tenant.number, wish)


def test_customers_own_cycles_get_periods_without_days(capture: Capture, tenant: Workspace) -> None:
    wish = new_group([new_rule(goals=(ONE, 2 * ONE))], evaluation_type="CYCLIC_WINDOW", total_periods=2)

    made = capture.change_now(definition.create, tenant.number, wish)

    assert [(one.ref_code, one.first_day, one.last_day) for one in made.periods] == [
        (f"PERIOD_G_{made.group.id}_{number}", None, None) for number in (1, 2)
    ]
    assert [goal.value for goal in made.goals] == [ONE, 2 * ONE]
    assert made.group.total_periods == 2


def test_rules_are_added_to_a_unified_group_only(capture: Capture, tenant: Workspace, made: TargetDefinition) -> None:
    unified = new_group([new_rule("a", goals=(ONE,))], SPANS, name="u", tracking_type="UNIFIED")
    group = capture.change_now(definition.create, tenant.number, unified).group.id

    (added,) = capture.change_now(definition.add_rules, tenant.number, group, [new_rule("b", "COUNT", goals=(ONE,))])

    assert (added.name, added.type, added.group) == ("b", "COUNT", group)
    with pytest.raises(TargetFailure, match="exactly one target"):
        capture.change_now(definition.add_rules, tenant.number, made.group.id, [new_rule("b")])
