"""Groups and rules of every kind, as the product's wire has them (contracts/capillary.md 5.2, 5.3, 5.6)."""

import json
from typing import Any

import pytest

from tests.apis.capillary.conftest import Json, Organisation
from tests.apis.capillary.target_calls import (
    FEBRUARY,
    JANUARY,
    MARCH,
    TRACKED_KEYS,
    buy,
    customer,
    enrol,
    group,
    make,
    refusal,
    rows,
    target,
    tracked,
    user_id,
)

TARGET_KEYS = [
    *("id", "attribution", "name", "emfRuleSetId", "targetType", "targetEntity", "eventName", "targetGroupId"),
    *("description", "active", "expression", "expressionJson", "filters", "enrolmentMethod", "defaultValues"),
    "targetPeriodDefaultValuesMap",
]
STREAK_KEYS = [
    *("userStreakId", "streakId", "streakName", "status", "currentCount", "totalTargetCountOfSequence"),
    *("streakAchievedUserTargetId", "streakAchievedDateTime"),
]
DOUBLE = {"name": "points", "type": "double", "attributes": {}}


def behavioural(event: str, **others: Any) -> Json:
    """A rule about a behavioural event."""
    return target(targetEntity="EVENT", eventName=event, **{"targetType": "COUNT", **others})


def standing(organisation: Organisation, user: int, **query: Any) -> Json:
    """A customer's one group."""
    answer = organisation.client.get(f"/v3/users/{user}/targetGroups", params={"includeInactive": True, **query})
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["data"]["targetGroups"]
    shown: Json = found
    return shown


def settled(organisation: Organisation, *posted: str) -> None:
    """Waits until posts are events."""
    for request_id in posted:
        for _ in range(2_000):
            if organisation.events(request_id):
                break
        else:
            raise AssertionError(organisation.latest_log())


def test_a_rule_of_every_kind_comes_back_as_it_was_posted(organisation: Organisation) -> None:
    organisation.define("played", DOUBLE)
    tree = '{"arity":"literal","value":"true","type":"boolean:primitive"}'
    rules = [
        target(name="sum"),
        target(name="gross", targetType="GROSS_SALES"),
        target(name="count", targetType="COUNT"),
        target(name="visits", targetType="VISIT"),
        target(name="quantity", targetType="QUANTITY"),
        target(name="lines", targetEntity="LINEITEM", targetType="SALES"),
        target(name="field", targetType="EXTENDED_FIELD", extendedFieldInfo={"name": "points"}),
        behavioural("played", name="plays"),
        behavioural("played", name="days", targetType="VISIT"),
        behavioural(
            "played",
            name="points",
            targetType="EVENT_ATTRIBUTE",
            extendedFieldInfo={"name": "points", "aggregateFunction": "SUM"},
        ),
        target(name="where", filters=[{"entityType": "STORE", "entityIds": [1, 2]}], expressionJson=tree),
    ]

    made = make(organisation, trackingType="UNIFIED", targets=rules)

    for sent, shown in zip(rules, made["targets"], strict=True):
        extra = [name for name in ("extendedFieldInfo", "targetMilestoneTriggers") if name in shown]
        assert list(shown) == TARGET_KEYS + extra
        assert (shown["targetEntity"], shown["targetType"]) == (sent["targetEntity"], sent["targetType"])
        assert shown["eventName"] == sent["eventName"]
        assert shown["filters"] == sent.get("filters", [])
    assert made["targets"][9]["extendedFieldInfo"] == {"name": "points", "aggregateFunction": "SUM"}


@pytest.mark.parametrize("attribute", ["nothing", "text"])
def test_an_attribute_that_is_no_number_of_the_event_is_310092(organisation: Organisation, attribute: str) -> None:
    organisation.define("played", DOUBLE, {"name": "text", "type": "string", "attributes": {}})
    rule = behavioural("played", targetType="EVENT_ATTRIBUTE", extendedFieldInfo={"name": attribute})

    assert refusal(organisation.client.post("/v3/targetGroups", json=group(targets=[rule]))) == (400, 310092)


def test_behavioural_events_count_one_with_three_decimals(organisation: Organisation) -> None:
    """The product page's second sample: a back-dated event, one row to a page, two in all."""
    organisation.define("testBehavioural")
    december = {"startDate": "2024-12-01", "endDate": "2024-12-31", "refCode": "DEC"}
    made = make(organisation, december, targets=[behavioural("testBehavioural", defaultValues=[{"defaultValue": 2}])])
    first = organisation.post("testBehavioural", eventDateTime="2024-12-05")
    settled(organisation, first)
    second = organisation.post("testBehavioural", eventDateTime="2024-12-06 10:00:00")
    settled(organisation, second)
    user = organisation.event(first)["userId"]

    answer = tracked(organisation, user, made["targets"][0]["id"], limit=1)

    (row,) = answer.json()["data"]
    assert answer.json()["pagination"] == {"limit": 1, "offset": 0, "total": 2}
    assert list(row) == TRACKED_KEYS
    assert (row["eventName"], row["eventDisplayName"]) == ("GENERIC_EVENT", "testBehavioural")
    assert (row["uniqueId"], row["eventDate"]) == (first, "2024-12-05 00:00:00.0")
    assert row["eventProcessedDate"] > "2025"
    assert json.loads(answer.text, parse_float=str)["data"][0]["targetValue"] == "1.000"


def test_an_attribute_is_summed_and_shown_as_one(organisation: Organisation) -> None:
    organisation.define("played", DOUBLE)
    rule = behavioural(
        "played",
        targetType="EVENT_ATTRIBUTE",
        extendedFieldInfo={"name": "points", "aggregateFunction": "SUM"},
        defaultValues=[{"defaultValue": 10}],
    )
    made = make(organisation, JANUARY, targets=[rule])
    posted = [
        organisation.post("played", points=points, eventDateTime=f"2025-01-0{day}")
        for day, points in ((1, 4), (2, 7.5))
    ]
    settled(organisation, *posted)
    user = organisation.event(posted[0])["userId"]

    (shown,) = standing(organisation, user)["targets"]

    assert (shown["targetAchievedValue"], shown["targetValue"]) == (11.5, 10)
    assert shown["targetAchievedDateTime"] is not None
    assert [row["targetValue"] for row in rows(organisation, user, made["targets"][0]["id"])] == [1, 1]


def test_a_duplicate_and_an_event_for_analytics_alone_do_not_count(organisation: Organisation) -> None:
    key = {
        "name": "ref",
        "type": "string",
        "attributes": {"isUniqueKeyField": {"valueType": "BOOLEAN", "value": "true"}},
    }
    organisation.define("booked", key)
    organisation.define("looked", actions=["EIConsumer"])
    path = organisation.make_webhook(uniquenessCheckEnabled=True)
    rules = [behavioural("booked", name="bookings"), behavioural("looked", name="looks")]
    made = make(organisation, JANUARY, trackingType="UNIFIED", targets=rules)

    sent = [
        organisation.client.post(path, json={"guest": "g1", "eventDateTime": "2025-01-05", **event}).json()["requestId"]
        for event in (
            {"event_name": "booked", "ref": "r1"},
            {"event_name": "booked", "ref": "r1"},
            {"event_name": "looked"},
        )
    ]
    settled(organisation, *sent)

    user = organisation.event(sent[0])["userId"]
    assert [organisation.event(one)["additonalAttributes"]["isDuplicate"] for one in sent] == [False, True, False]
    assert [row["uniqueId"] for row in rows(organisation, user, made["targets"][0]["id"])] == [sent[0]]
    shown = {one["targetName"]: one["targetAchievedValue"] for one in standing(organisation, user)["targets"]}
    assert shown == {"bookings": 1, "looks": 0}


def test_milestones_tell_which_of_them_are_reached(organisation: Organisation) -> None:
    triggers = [{"triggerName": "half", "triggerValue": 50}, {"triggerName": "all", "triggerValue": "100.0"}]
    made = make(organisation, JANUARY, targets=[target(targetMilestoneTriggers=triggers)])
    buy(organisation, "2025-01-05", 60)

    (shown,) = standing(organisation, user_id(organisation))["targets"]

    posted = made["targets"][0]["targetMilestoneTriggers"]
    assert [(one["triggerName"], one["triggerValue"]) for one in posted] == [("half", 50), ("all", 100)]
    assert shown["milestones"] == [
        {**one, "isAchieved": reached} for one, reached in zip(posted, (True, False), strict=True)
    ]


def test_streaks_count_periods_in_a_row(organisation: Organisation) -> None:
    levels = [{"name": "two", "targetCountOfSequence": 2}, {"name": "three", "targetCountOfSequence": 3}]
    goals = [{"defaultValue": 10}] * 3
    rule = target(defaultValues=goals)
    made = make(
        organisation, JANUARY, FEBRUARY, MARCH, trackingType="STREAKS", streaks=levels, targets=[rule], name="Streak"
    )
    for day in ("2025-01-05", "2025-02-05"):
        buy(organisation, day, 10)
    user = user_id(organisation)

    shown = standing(organisation, user)

    assert [one["name"] for one in made["streaks"]] == ["two", "three"]
    assert list(made["streaks"][0]) == ["id", "attribution", "targetGroupId", "name", "targetCountOfSequence"]
    assert [list(one) for one in shown["streaks"]] == [STREAK_KEYS, STREAK_KEYS]
    two, three = shown["streaks"]
    february = next(one for one in shown["targets"] if one["periodRefCode"] == "FEB")
    assert (two["status"], two["streakAchievedUserTargetId"]) == ("ACHIEVED", february["targetId"])
    assert two["streakAchievedDateTime"] == february["targetAchievedDateTime"]
    assert (three["status"], three["streakAchievedUserTargetId"], three["currentCount"]) == ("DROPPED", None, 0)
    assert list(shown)[-4:] == ["targets", "streaks", "targetEvaluationType", "trackingType"]
    buy(organisation, "2025-03-05", 10)
    assert standing(organisation, user)["streaks"][1]["status"] == "ACHIEVED"


def test_everybody_has_cycles_of_his_own(organisation: Organisation) -> None:
    made = make(
        organisation,
        targetEvaluationType="CYCLIC_WINDOW",
        frequencyType="WEEKLY",
        periods=None,
        totalPeriods=2,
        targets=[target(defaultValues=[{"defaultValue": 5}] * 2)],
    )
    buy(organisation, "2025-01-05T12:00:00Z", 3)
    buy(organisation, "2025-01-12T11:59:59Z", 4)
    buy(organisation, "2025-01-12T12:00:00Z", 1)
    user = user_id(organisation)

    first, second = standing(organisation, user)["targets"]

    codes = [f"PERIOD_G_{made['id']}_{number}" for number in (1, 2)]
    assert [one["refCode"] for one in made["periods"]] == codes
    assert [(one["startDate"], one["endDate"]) for one in made["periods"]] == [(None, None)] * 2
    assert (made["targetCycleStartDate"], made["targetCycleEndDate"]) == (None, None)
    assert (first["periodRefCode"], first["targetAchievedValue"]) == (codes[0], 7)
    assert first["periodStartDateWithTimeStamp"] == "2025-01-05T12:00:00.000Z"
    assert first["periodEndDateWithTimeStamp"] == "2025-01-12T12:00:00.000Z"
    assert (second["periodRefCode"], second["targetAchievedValue"]) == (codes[1], 1)


def test_an_open_period_lasts_until_its_goal(organisation: Organisation) -> None:
    make(
        organisation,
        targetEvaluationType="PERIOD_AGNOSTIC_WINDOW",
        periods=None,
        totalPeriods=2,
        targets=[target(defaultValues=[{"defaultValue": 5}] * 2)],
    )
    for day, amount in (("2025-01-05", 3), ("2025-06-05", 4), ("2025-07-05", 1)):
        buy(organisation, day, amount)

    shown = standing(organisation, user_id(organisation))["targets"]

    assert [one["targetAchievedValue"] for one in shown] == [7, 1]
    assert shown[0]["periodEndDate"] is None


def test_what_is_capped_shows_no_more_than_its_goal(organisation: Organisation) -> None:
    make(organisation, JANUARY, trackingType="CAPPING", targets=[target(defaultValues=[{"defaultValue": 50}])])
    buy(organisation, "2025-01-05", 60)

    (shown,) = standing(organisation, user_id(organisation))["targets"]

    assert shown["targetAchievedValue"] == 50


def test_a_streak_is_reset_at_enrolment_where_asked(organisation: Organisation) -> None:
    levels = [{"name": "two", "targetCountOfSequence": 2}]
    rule = target(defaultValues=[{"defaultValue": 10}] * 3, enrolmentMethod="IMPORT")
    made = make(organisation, JANUARY, FEBRUARY, MARCH, trackingType="STREAKS", streaks=levels, targets=[rule])
    user = customer(organisation)
    enrol(organisation, made, user)
    for day in ("2025-01-05", "2025-02-05"):
        buy(organisation, day, 10)
    assert standing(organisation, user)["streaks"][0]["status"] == "ACHIEVED"
    path = f"/v3/targetGroups/{made['id']}/targets/{made['targets'][0]['id']}/unEnroll"
    organisation.client.post(path, json=[{"customerId": user}])

    assert enrol(organisation, made, user, "FEB", resetStreakStatus=True).status_code == 200

    assert standing(organisation, user)["streaks"][0]["currentCount"] <= 1


def test_enrolled_targets_are_rules(organisation: Organisation) -> None:
    made = make(organisation, JANUARY)
    other = make(organisation, JANUARY, name="Other", targets=[target(enrolmentMethod="IMPORT")])
    user = customer(organisation)
    enrol(organisation, other, user)
    buy(organisation, "2025-01-05", 1)
    path = f"/v3/users/{user}/enrolledTargets"

    def ids(**query: Any) -> list[int]:
        answer = organisation.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        assert list(answer.json()) == ["data", "errors", "warnings"]
        return [one["id"] for one in answer.json()["data"]]

    transaction, imported = made["targets"][0]["id"], other["targets"][0]["id"]
    assert ids() == [transaction, imported]
    assert ids(enrollmentType="IMPORT") == [imported]
    assert ids(targetRuleIds=f"{transaction},99") == [transaction]
    assert ids(trackingDate="2025-01-05") == [transaction, imported]
    assert ids(trackingDate="2025-03-05") == []
    assert ids(trackingDate=1736035200000) == [transaction, imported]
    assert ids(trackingDate=1741132800000) == []
    assert refusal(organisation.client.get(path, params={"trackingDate": "9" * 14})) == (400, 300004)
    assert ids(includeOnlyUserCreated=True) == []
    assert refusal(organisation.client.get(path, params={"enrollmentType": "MAGIC"})) == (400, 310130)
    assert refusal(organisation.client.get("/v3/users/999999/enrolledTargets")) == (400, 310011)
    assert refusal(organisation.client.get(path, params={"targetRuleIds": "x"})) == (400, 300004)
