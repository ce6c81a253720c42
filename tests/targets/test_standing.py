"""How customers stand: milestones, caps, unified groups, streaks that begin anew; and what a capture told."""

from typing import Any

import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import Captured, NewEvent
from footfall.model.target import Contribution, NewMilestone, TargetDefinition
from footfall.model.workspace import Workspace
from footfall.storage import customers
from footfall.storage.database import Database
from footfall.targets import definition, enrolment
from footfall.targets.standing import GroupStanding, standings
from tests.targets.making import ONE, new_event, new_group, new_rule

SPANS = [(f"{number}", number * 10, number * 10 + 10) for number in range(5)]


def make(capture: Capture, tenant: Workspace, *rules: Any, **others: Any) -> TargetDefinition:
    return capture.change_now(definition.create, tenant.number, new_group(rules, SPANS, **others))


def number_of(database: Database, tenant: Workspace) -> int:
    person = database.read(customers.by_identity, tenant.number, Identity("external_id", "ann"))
    assert person is not None
    return person.number


def standing(database: Database, tenant: Workspace, now: int = 10**6) -> GroupStanding:
    (found,) = database.read(standings, tenant.number, number_of(database, tenant), now)
    return found


def buy(capture: Capture, tenant: Workspace, *bought: tuple[int, int]) -> list[list[Contribution]]:
    """(moment, amount) each; what the capture tells of each."""
    events: list[NewEvent] = [new_event("ann", moment, value * ONE) for moment, value in bought]
    result = capture.submit(Batch(workspace=tenant, events=events, tells_targets=True)).result()
    captured = [one for one in result.outcomes if isinstance(one, Captured)]
    return [result.tally.of(one.sequence or 0) for one in captured]


def test_milestones_are_achieved_in_each_period_by_its_value(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    milestones = (NewMilestone(name="low", value=2 * ONE), NewMilestone(name="high", value=5 * ONE))
    make(capture, tenant, new_rule(milestones=milestones))
    buy(capture, tenant, (1, 2), (11, 5), (21, 1))

    found = [[one.is_achieved for one in own.milestones] for own in standing(database, tenant).standings]

    assert found == [[True, False], [True, True], [False, False], [False, False], [False, False]]


def test_a_group_that_caps_shows_no_more_than_the_goal(database: Database, capture: Capture, tenant: Workspace) -> None:
    """What lies above the cap is kept, so that returns take from it first, whatever the order."""
    make(capture, tenant, new_rule(goals=(5 * ONE,)), tracking_type="CAPPING")
    buy(capture, tenant, (1, 4), (2, 4))

    first = standing(database, tenant).standings[0]

    assert (first.value, first.is_achieved) == (5 * ONE, True)
    assert first.progress is not None
    assert first.progress.value == 8 * ONE


@pytest.mark.parametrize(("combination", "achieved"), [("ALL", {0}), ("ANY", {0, 1})])
def test_a_period_of_a_unified_group_is_achieved_by_all_rules_or_any(
    database: Database, capture: Capture, tenant: Workspace, combination: Any, achieved: set[int]
) -> None:
    made = make(
        capture,
        tenant,
        new_rule("sum", goals=(5 * ONE,) * 5),
        new_rule("count", "COUNT", goals=(2 * ONE,) * 5),
        tracking_type="UNIFIED",
        combination_type=combination,
    )
    buy(capture, tenant, (1, 4), (2, 4), (11, 9), (21, 1))

    found = standing(database, tenant).achieved_periods

    assert found == {made.periods[index].id for index in achieved}


def test_a_streak_that_is_reset_forgets_the_periods_before(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    made = make(capture, tenant, new_rule(goals=(ONE,) * 5), tracking_type="STREAKS", levels=[("two", 2), ("three", 3)])
    buy(capture, tenant, (1, 1), (11, 1), (21, 1))
    assert [(one.status, one.count) for one in standing(database, tenant, 30).streaks] == [("ACHIEVED", 3)] * 2

    wish: dict[str, Any] = {
        "group": made.group.id,
        "rule": made.rules[0].id,
        "customer": number_of(database, tenant),
    }
    capture.change_now(enrolment.unenrol, tenant, **wish)
    again: dict[str, Any] = {"period_name": "2", "initial_balance": None, "reset_streak": True}
    capture.change_now(enrolment.enrol, tenant, **wish, **again)

    assert [(one.status, one.count) for one in standing(database, tenant, 30).streaks] == [("INPROGRESS", 1)] * 2
    assert [(one.status, one.count) for one in standing(database, tenant, 40).streaks] == [("DROPPED", 0)] * 2


def test_streaks_say_which_progress_achieved_them_and_when(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    make(capture, tenant, new_rule(goals=(ONE,) * 5), tracking_type="NON_CONTINUOUS_STREAKS", levels=[("two", 2)])
    buy(capture, tenant, (31, 1), (1, 1))

    found = standing(database, tenant)

    (streak,) = found.streaks
    (last,) = [own.progress for own in found.standings if own.period.ref_code == "3"]
    assert last is not None
    assert (streak.status, streak.progress, streak.achieved_at) == ("ACHIEVED", last.id, 31)


def test_own_cycles_stand_where_they_are_for_the_customer(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    cyclic: dict[str, Any] = {"evaluation_type": "CYCLIC_WINDOW", "total_periods": 2, "frequency_type": "DAILY"}
    capture.change_now(definition.create, tenant.number, new_group([new_rule()], name="c", **cyclic))
    buy(capture, tenant, (7, 1), (7 + instant.DAY, 2))

    found = [(own.starts_at, own.ends_at, own.value) for own in standing(database, tenant).standings]

    day = instant.DAY
    assert found == [(7, 7 + day, ONE), (7 + day, 7 + 2 * day, 2 * ONE)]


def test_a_capture_tells_what_each_event_did(capture: Capture, tenant: Workspace) -> None:
    made = make(
        capture,
        tenant,
        new_rule("sum", goals=(5 * ONE,) * 5),
        new_rule("visits", "VISIT"),
        tracking_type="UNIFIED",
    )
    buy(capture, tenant, (1, 2))
    first, second, nowhere = buy(capture, tenant, (2, 4), (3, 1), (99, 1))

    assert [(one.rule, one.goal, one.before, one.after, one.value) for one in first] == [
        (made.rules[0].id, 5 * ONE, 2 * ONE, 6 * ONE, 4 * ONE),
        (made.rules[1].id, 0, ONE, ONE, 4 * ONE),
    ]
    assert [(one.before, one.after) for one in second] == [(6 * ONE, 7 * ONE), (ONE, ONE)]
    assert {(one.group, one.period) for one in second} == {(made.group.id, made.periods[0].id)}
    assert nowhere == []
