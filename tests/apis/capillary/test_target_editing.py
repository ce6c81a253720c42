"""Changing groups, periods, targets and streaks (contracts/capillary.md 5.4)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apis.capillary.conftest import Json, Organisation
from tests.apis.capillary.target_calls import JANUARY, MARCH, buy, group, make, refusal, rows, target, user_id

MILESTONE = {"triggerName": "half", "triggerValue": 500}
TIMES = frozenset({"lastUpdatedOn", "activePeriod", "createdOn"})


def without_times(tree: Any) -> Any:
    """What of an answer stays when nothing is changed."""
    if isinstance(tree, dict):
        return {name: without_times(value) for name, value in tree.items() if name not in TIMES}
    return [without_times(one) for one in tree] if isinstance(tree, list) else tree


def day(offset: int) -> str:
    """The day so many days from today."""
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


ENDED = {"startDate": day(-20), "endDate": day(-10), "refCode": "ENDED"}
RUNNING = {"startDate": day(-5), "endDate": day(5), "refCode": "RUNNING"}
LATER = {"startDate": day(10), "endDate": day(20), "refCode": "LATER"}


def put(organisation: Organisation, path: str, body: Any) -> httpx.Response:
    return organisation.client.put(f"/v3/targetGroups/{path}", json=body)


def shown(organisation: Organisation, made: Json) -> Json:
    data: Json = organisation.client.get(f"/v3/targetGroups/{made['id']}").json()["data"]
    return data


def test_a_group_is_changed_and_what_is_left_out_stays(organisation: Organisation) -> None:
    made = make(organisation)

    answer = put(organisation, f"editTargetGroup/{made['id']}", {"name": "Renamed", "preferredTillId": 7})

    assert answer.status_code == 200
    assert list(answer.json()) == ["data", "errors", "warnings"]
    changed = answer.json()["data"]
    assert (changed["name"], changed["preferredTillId"]) == ("Renamed", 7)
    for member in ("description", "periods", "targets", "trackingType", "active", "frequency"):
        assert changed[member] == made[member], member


def test_what_makes_a_group_what_it_is_stays(organisation: Organisation) -> None:
    made = make(organisation)
    make(organisation, name="Taken")
    path = f"editTargetGroup/{made['id']}"

    for body, code in [
        ({"trackingType": "UNIFIED"}, 300004),
        ({"targetEvaluationType": "CYCLIC_WINDOW"}, 300004),
        ({"frequencyType": "WEEKLY"}, 300004),
        ({"timeZoneName": "Asia/Tokyo"}, 300004),
        ({"leaderboardEnabled": True}, 300004),
        ({"name": "taken"}, 310069),
        ({"name": "x" * 201}, 300004),
        ({"targets": [{"id": 999_999}]}, 310018),
        ({"periods": [{"id": 999_999}]}, 310019),
        ({"targets": [{"id": 2**63}]}, 310018),
        ({"targets": [{"id": 10**30}]}, 310018),
        ({"targets": [{"name": "one"}, {"name": "two"}]}, 300004),
        ({"recurringCycles": -2}, 300004),
        ([], 300004),
    ]:
        assert refusal(put(organisation, path, body)) == (400, code), body
    assert refusal(put(organisation, "editTargetGroup/999999", {})) == (400, 310017)
    assert refusal(put(organisation, "editTargetGroup/x", {})) == (400, 310017)
    assert shown(organisation, made)["name"] == made["name"]
    assert put(organisation, path, {"trackingType": "DEFAULT", "frequency": 1}).status_code == 200


def test_the_body_of_a_creation_changes_what_it_made(organisation: Organisation) -> None:
    plain = group(ENDED, RUNNING, LATER, targets=[target(targetMilestoneTriggers=[MILESTONE])])
    nameless = {name: value for name, value in LATER.items() if name != "refCode"}
    unified = group(nameless, name="Two", trackingType="UNIFIED", targets=[target(name="a"), target(name="b")])
    levels = [{"name": "one", "targetCountOfSequence": 1}, {"name": "three", "targetCountOfSequence": 3}]
    streaks = group(RUNNING, name="Run", trackingType="STREAKS", streaks=levels)
    for body in (plain, unified, streaks):
        made = organisation.client.post("/v3/targetGroups", json=body).json()["data"]
        path = f"editTargetGroup/{made['id']}"

        for again in ({**body, "description": "anew"}, {**shown(organisation, made), "description": "anew"}):
            answer = put(organisation, path, again)

            assert answer.status_code == 200, answer.text
            assert without_times(answer.json()["data"]) == {**without_times(made), "description": "anew"}


def test_the_target_of_a_group_of_one_needs_no_name(organisation: Organisation) -> None:
    made = make(organisation)

    changed = put(organisation, f"editTargetGroup/{made['id']}", {"targets": [{"name": "Other"}]}).json()["data"]

    assert [(one["id"], one["name"]) for one in changed["targets"]] == [(made["targets"][0]["id"], "Other")]


def test_streaks_and_milestones_keep_their_ids(organisation: Organisation) -> None:
    levels = [{"name": "two", "targetCountOfSequence": 2}, {"name": "three", "targetCountOfSequence": 3}]
    half, most = MILESTONE, {"triggerName": "most", "triggerValue": 900}
    rule = target(targetMilestoneTriggers=[half, most])
    made = make(organisation, trackingType="STREAKS", streaks=levels, targets=[rule])
    two, three = made["streaks"]
    first, second = made["targets"][0]["targetMilestoneTriggers"]
    longer = [
        {"id": three["id"], "name": "four", "targetCountOfSequence": 4},
        {"name": "five", "targetCountOfSequence": 5},
    ]
    triggers = [{"id": first["id"], "triggerName": "quarter", "triggerValue": 250}, {**most, "triggerValue": 800}]
    body = {"streaks": longer, "targetMilestoneTriggers": triggers}

    answer = put(organisation, f"{made['id']}/targets/{made['targets'][0]['id']}", body)

    assert answer.status_code == 200, answer.text
    after = shown(organisation, made)
    four, five = after["streaks"]
    assert (four["id"], four["name"]) == (three["id"], "four")
    assert five["id"] not in {two["id"], three["id"]}
    assert four["attribution"]["createdOn"] == three["attribution"]["createdOn"]
    found = after["targets"][0]["targetMilestoneTriggers"]
    assert [(one["id"], one["triggerName"], one["triggerValue"]) for one in found] == [
        (first["id"], "quarter", 250),
        (second["id"], "most", 800),
    ]


def test_a_targets_type_changes_with_what_belongs_to_it(organisation: Organisation) -> None:
    rule = target(targetType="EXTENDED_FIELD", extendedFieldInfo={"name": "litres"})
    made = make(organisation, targets=[rule])
    path = f"{made['id']}/targets/{made['targets'][0]['id']}"

    changed = put(organisation, path, {"targetType": "SALES"}).json()["data"]

    assert changed["targetType"] == "SALES"
    assert "extendedFieldInfo" not in changed
    assert refusal(put(organisation, path, {"targetType": "EXTENDED_FIELD"})) == (400, 310094)
    for name in ("", "x" * 201, "a\0b"):
        body = {"targetType": "EXTENDED_FIELD", "extendedFieldInfo": {"name": name}}
        assert refusal(put(organisation, path, body)) == (400, 300004)


def test_an_unknown_group_is_told_before_what_is_wrong_in_it(organisation: Organisation) -> None:
    for path, body in [("999999/targets/1", {"defaultValues": [{"defaultValue": 1}]}), ("999999/targetPeriods", [{}])]:
        assert refusal(put(organisation, path, body)) == (400, 310017)
    more = organisation.client.post("/v3/targetGroups/999999/targets", json=[target()])
    assert refusal(more) == (400, 310017)


def test_a_group_takes_its_parts_along(organisation: Organisation) -> None:
    made = make(organisation, JANUARY)
    rule = made["targets"][0]

    body = {"periods": [{**MARCH}], "targets": [{"id": rule["id"], "name": "Renamed", "defaultValues": []}]}
    changed = put(organisation, f"editTargetGroup/{made['id']}", body).json()["data"]

    assert [one["refCode"] for one in changed["periods"]] == ["JAN", "MAR"]
    assert changed["targets"][0]["name"] == "Renamed"
    assert [one["defaultValue"] for one in changed["targets"][0]["defaultValues"]] == [1000, 1000]


def test_dates_change_as_far_as_a_period_has_not_passed(organisation: Organisation) -> None:
    made = make(organisation, ENDED, RUNNING, LATER)
    ended, running, later = (one["id"] for one in made["periods"])
    path = f"{made['id']}/targetPeriods"

    assert refusal(put(organisation, path, [{"id": ended, "endDate": day(-9)}])) == (400, 300004)
    assert refusal(put(organisation, path, [{"id": running, "startDate": day(-4)}])) == (400, 300004)
    assert refusal(put(organisation, path, [{"id": running, "endDate": day(12)}])) == (400, 300004)  # overlaps
    assert refusal(put(organisation, path, [{"id": 999_999, "endDate": day(7)}])) == (400, 310019)
    assert refusal(put(organisation, path, [])) == (400, 300004)
    answer = put(
        organisation,
        path,
        [
            {"id": running, "startDate": day(-5), "endDate": day(7)},
            {"refCode": "LATER", "startDate": day(11), "endDate": day(21), "description": "moved"},
            {"id": ended, "description": "over"},
        ],
    )

    assert answer.status_code == 200, answer.text
    by_id = {one["id"]: one for one in shown(organisation, made)["periods"]}
    assert by_id[running]["endDate"] == day(7)
    assert (by_id[later]["startDate"], by_id[later]["description"]) == (day(11), "moved")
    assert (by_id[ended]["endDate"], by_id[ended]["description"]) == (day(-10), "over")


def test_a_changed_rule_leaves_what_has_counted(organisation: Organisation) -> None:
    made = make(organisation, JANUARY)
    rule = made["targets"][0]
    buy(organisation, "2025-01-05", 7)
    user = user_id(organisation)

    changed = put(organisation, f"{made['id']}/targets/{rule['id']}", {"targetType": "COUNT", "name": "Bills"})
    buy(organisation, "2025-01-06", 7)

    assert changed.status_code == 200
    assert (changed.json()["data"]["targetType"], changed.json()["data"]["name"]) == ("COUNT", "Bills")
    assert len(rows(organisation, user, rule["id"])) == 2
    answer = organisation.client.get(f"/v3/users/{user}/targetGroups", params={"includeInactive": True}).json()
    (standing,) = answer["data"]["targetGroups"][0]["targets"]
    assert standing["targetAchievedValue"] == 8


def test_goals_change_by_position_or_period(organisation: Organisation) -> None:
    made = make(organisation)
    rule, (january, february) = made["targets"][0]["id"], (one["id"] for one in made["periods"])
    path = f"{made['id']}/targets/{rule}"

    put(organisation, path, {"defaultValues": [{"defaultValue": 5}]})
    answer = put(organisation, path, {"defaultValues": [{"periodId": february, "defaultValue": "6.5"}]})

    goals = answer.json()["data"]["targetPeriodDefaultValuesMap"]
    assert goals[str(january)]["defaultValue"] == 5
    assert goals[str(february)]["defaultValue"] == 6.5
    other = make(organisation, name="Other")["periods"][0]["id"]
    wrong = put(organisation, path, {"defaultValues": [{"periodId": other, "defaultValue": 1}]})
    assert refusal(wrong) == (400, 310118)
    assert refusal(put(organisation, path, {"defaultValues": [{"defaultValue": 1}] * 3})) == (400, 300004)


def test_a_rule_belongs_to_its_group(organisation: Organisation) -> None:
    made, other = make(organisation), make(organisation, name="Other")
    rule = other["targets"][0]["id"]

    for method in ("PUT", "DELETE"):
        path = f"/v3/targetGroups/{made['id']}/targets/{rule}"
        assert refusal(organisation.client.request(method, path, json={})) == (400, 310079)
        path = f"/v3/targetGroups/{made['id']}/targets/999999"
        assert refusal(organisation.client.request(method, path, json={})) == (400, 310018)


def test_a_target_that_was_deleted_counts_no_more(organisation: Organisation) -> None:
    made = make(organisation, JANUARY, trackingType="UNIFIED", targets=[target(name="one"), target(name="two")])
    one, two = (rule["id"] for rule in made["targets"])
    buy(organisation, "2025-01-05", 1)

    answer = organisation.client.delete(f"/v3/targetGroups/{made['id']}/targets/{one}")
    buy(organisation, "2025-01-06", 1)

    assert answer.json() == {"data": True, "errors": None, "warnings": None}
    user = user_id(organisation)
    assert (len(rows(organisation, user, one)), len(rows(organisation, user, two))) == (1, 2)
    assert refusal(organisation.client.delete(f"/v3/targetGroups/{made['id']}/targets/{one}")) == (400, 310018)


def test_a_unified_group_gets_more_targets(organisation: Organisation) -> None:
    made = make(organisation, JANUARY, trackingType="UNIFIED", targets=[target(name="one")])

    added = organisation.client.post(
        f"/v3/targetGroups/{made['id']}/targets", json=[target(name="two", defaultValues=[])]
    )
    changed = put(
        organisation,
        f"{made['id']}/unifiedTargets",
        {"targets": [{"id": made["targets"][0]["id"], "name": "first"}, target(name="three", defaultValues=[])]},
    )

    assert added.status_code == 201
    assert [one["name"] for one in added.json()["data"]] == ["two"]
    assert changed.status_code == 200, changed.text
    assert [one["name"] for one in changed.json()["data"]["targets"]] == ["first", "two", "three"]
    half = put(organisation, f"{made['id']}/unifiedTargets", [{"name": "half"}])
    assert refusal(half) == (400, 300004)
    single = make(organisation, name="Single")
    assert refusal(put(organisation, f"{single['id']}/unifiedTargets", [])) == (400, 300004)
    more = organisation.client.post(f"/v3/targetGroups/{single['id']}/targets", json=[target(name="two")])
    assert refusal(more) == (400, 300004)


def test_streaks_are_changed_with_their_target(organisation: Organisation) -> None:
    levels = [{"name": "two", "targetCountOfSequence": 2}]
    made = make(organisation, trackingType="STREAKS", streaks=levels)
    path = f"{made['id']}/targets/{made['targets'][0]['id']}"

    answer = put(organisation, path, {"streaks": [{"name": "one", "targetCountOfSequence": 1}]})

    assert answer.status_code == 200
    assert [one["name"] for one in shown(organisation, made)["streaks"]] == ["one"]
    assert refusal(put(organisation, path, {"streaks": [{"name": "x", "targetCountOfSequence": 0}]})) == (400, 300004)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("targetGroupName", "Spring", False),
        ("targetGroupName", "SPRING ", False),
        ("targetGroupName", "Autumn", True),
        ("targetGroupName", "", False),
        ("streakName", "Spring", True),
        ("targetName", "x" * 200, True),
        ("streakLevelName", "x" * 201, False),
        ("periodName", " ", False),
    ],
)
def test_names_are_judged(organisation: Organisation, kind: str, value: str, expected: bool) -> None:
    make(organisation)

    answer = organisation.client.post("/v3/targetGroups/isValidName", json={"type": kind, "value": value})

    assert answer.status_code == 200
    assert answer.json() == {"data": expected, "errors": None, "warnings": None}


def test_a_key_that_names_nothing_is_310145(organisation: Organisation) -> None:
    answer = organisation.client.post("/v3/targetGroups/isValidName", json={"type": "planetName", "value": "x"})

    assert refusal(answer) == (400, 310145)


def test_milestones_are_groups_by_page(organisation: Organisation) -> None:
    january = make(organisation, JANUARY, name="January")
    running = make(organisation, RUNNING, name="Running", targets=[target(targetType="COUNT")])
    later = make(organisation, LATER, name="Later one")
    streaks = make(organisation, name="Streaks", trackingType="STREAKS")
    stopped = make(organisation, RUNNING, name="Stopped")
    organisation.client.delete(f"/v3/targetGroups/{stopped['id']}")

    def ids(**query: Any) -> list[int]:
        answer = organisation.client.get(
            "/v3/milestones", params={name.replace("_", "-"): v for name, v in query.items()}
        )
        assert answer.status_code == 200, answer.text
        assert list(answer.json()) == ["pagination", "data", "errors", "warnings"]
        assert answer.json()["errors"] == []
        return [one["id"] for one in answer.json()["data"]]

    every = [january["id"], running["id"], later["id"], stopped["id"]]
    assert ids() == every
    assert ids(status="LIVE") == [running["id"]]
    assert ids(status="ENDED") == [january["id"]]
    assert ids(status="UPCOMING") == [later["id"]]
    assert ids(status="STOPPED") == [stopped["id"]]
    assert ids(type="COUNT") == [running["id"]]
    assert ids(type="STREAKS") == [streaks["id"]]
    assert ids(name="later") == [later["id"]]
    assert ids(target_on="EVENT") == []
    assert ids(start_date=day(9)) == [later["id"]]
    assert ids(end_date=1738281600000) == [january["id"]]
    assert ids(end_date="2025-01-31") == [january["id"]]
    assert ids(limit=3, offset=1) == every[3:]
    page = organisation.client.get("/v3/milestones", params={"limit": 1, "offset": -1}).json()
    assert page["pagination"] == {"limit": 1, "offset": 0, "total": 4}
    assert page["warnings"]
    assert "periods" not in page["data"][0]
    full = organisation.client.get("/v3/milestones", params={"require-periods": "true"}).json()
    assert "periods" in full["data"][0]
    for query in ({"status": "MAYBE"}, {"limit": 0}, {"start-date": "soon"}):
        assert refusal(organisation.client.get("/v3/milestones", params=query)) == (400, 300004)


HUGE = st.sampled_from([2**63, -(2**63) - 1, 10**30])
LEAVES = st.none() | st.booleans() | st.integers() | HUGE | st.floats(allow_nan=False) | st.text(max_size=5)
JUNK = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner))
SOME = st.integers(0, 99)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(["", "periods", "targets", "streaks"]), junk=JUNK, pick=SOME)
def test_any_value_in_any_member_of_a_change_is_answered(
    organisation: Organisation, place: str, junk: object, pick: int
) -> None:
    known = organisation.client.get("/v3/targetGroups").json()["data"]
    levels = [{"name": "two", "targetCountOfSequence": 2}]
    sent = known[0] if known else make(organisation, LATER, trackingType="STREAKS", streaks=levels)
    number, periods, targets = sent["id"], sent["periods"], sent["targets"]
    rule = targets[0]["id"]
    part = (sent.get(place) or [sent])[0]  # a change may have taken the streaks away
    names = [name for name in sorted(part) if name != "active"]
    part[names[pick % len(names)]] = junk

    for path, body in [
        (f"editTargetGroup/{number}", sent),
        (f"{number}/targetPeriods", periods),
        (f"{number}/targets/{rule}", targets[0]),
        (f"{number}/unifiedTargets", targets),
    ]:
        answer = organisation.client.put(f"/v3/targetGroups/{path}", content=json.dumps(body))
        assert answer.status_code == 200 or refusal(answer)[0] == 400, answer.text
