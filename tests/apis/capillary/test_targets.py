"""Target groups made and read, and a customer's progress (contracts/capillary.md 5)."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apis.capillary.conftest import Json, Organisation
from tests.apis.capillary.target_calls import (
    FEBRUARY,
    JANUARY,
    MARCH,
    buy,
    customer,
    enrol,
    group,
    make,
    refusal,
    rows,
    target,
    unenrol,
    user_id,
)

GROUP_KEYS = [
    "id",
    "name",
    "active",
    "preferredTillId",
    "periods",
    "totalPeriods",
    "description",
    "targetEvaluationType",
    "recurringCycles",
    "frequency",
    "targetCycleStartDate",
    "targetCycleEndDate",
    "frequencyType",
    "trackingType",
    "targets",
    "leaderboardEnabled",
    "userCreated",
]
PERIOD_KEYS = [
    "id",
    "attribution",
    "startDate",
    "endDate",
    "refCode",
    "periodStatus",
    "targetGroupId",
    "description",
    "active",
]
TARGET_KEYS = [
    "id",
    "attribution",
    "name",
    "emfRuleSetId",
    "targetType",
    "targetEntity",
    "eventName",
    "targetGroupId",
    "description",
    "active",
    "expression",
    "expressionJson",
    "filters",
    "enrolmentMethod",
    "defaultValues",
    "targetPeriodDefaultValuesMap",
]
USER_TARGET_KEYS = [
    "targetId",
    "periodId",
    "periodRefCode",
    "periodStartDate",
    "periodEndDate",
    "targetValue",
    "targetAchievedValue",
    "targetName",
    "targetType",
    "targetEntity",
    "targetRuleId",
    "enrolledOn",
    "eventName",
    "periodStartDateWithTimeStamp",
    "periodEndDateWithTimeStamp",
    "lastUpdatedOn",
    "targetAchievedDateTime",
    "targetAchievedEventLogId",
    "currentPeriod",
    "milestones",
]


def current_month() -> Json:
    """A period that is running now."""
    today = datetime.now(UTC).date()
    return {
        "startDate": f"{today - timedelta(days=3)}",
        "endDate": f"{today + timedelta(days=3)}",
        "refCode": "NOW",
        "periodStatus": "ENDED",
    }


def test_a_group_comes_back_in_the_products_shape(organisation: Organisation) -> None:
    answer = organisation.client.post("/v3/targetGroups", json=group(preferredTillId=5))

    assert answer.status_code == 201
    assert list(answer.json()) == ["data", "errors", "warnings"]
    made = answer.json()["data"]
    assert list(made) == GROUP_KEYS
    assert made["targetCycleStartDate"] == "2025-01-01T00:00:00.000Z"
    assert made["targetCycleEndDate"] == "2025-02-28T23:59:59.000Z"
    assert (made["totalPeriods"], made["preferredTillId"]) == (2, 5)
    period = made["periods"][0]
    assert list(period) == PERIOD_KEYS
    assert (period["startDate"], period["endDate"], period["periodStatus"]) == ("2025-01-01", "2025-01-31", "ENDED")
    assert period["targetGroupId"] == made["id"]
    attribution = period["attribution"]
    assert list(attribution) == ["createdOn", "lastUpdatedOn", "lastUpdatedBy", "createdBy"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", attribution["createdOn"])
    assert list(attribution["createdBy"]) == ["id", "code", "description", "name", "type"]
    assert attribution["createdBy"]["id"] == organisation.capillary.till_id
    rule = made["targets"][0]
    assert list(rule) == TARGET_KEYS
    assert (rule["eventName"], rule["expression"], rule["filters"]) == ("TransactionAdd", "true", [])
    values = rule["defaultValues"]
    assert [list(value) for value in values] == [["id", "periodId", "defaultValue"]] * 2
    assert rule["targetPeriodDefaultValuesMap"] == {str(value["periodId"]): value for value in values}
    assert '"defaultValue":1000.000}' in answer.text
    assert '"defaultValue":2000.500}' in answer.text


def test_the_status_of_a_period_is_computed(organisation: Organisation) -> None:
    coming = {"startDate": "2999-01-01", "endDate": "2999-01-31", "periodStatus": "RUNNING"}
    made = make(organisation, JANUARY, current_month(), coming)

    assert [period["periodStatus"] for period in made["periods"]] == ["ENDED", "RUNNING", "NOT_STARTED"]
    assert made["periods"][2]["refCode"] == f"PERIOD_G_{made['id']}_3"


def test_reads_add_the_active_period_and_the_time_of_creation(organisation: Organisation) -> None:
    made = make(organisation, JANUARY, current_month())
    client = organisation.client

    shown = client.get(f"/v3/targetGroups/{made['id']}").json()["data"]

    assert shown["activePeriod"] == made["periods"][1]
    assert datetime.now(UTC).timestamp() * 1000 - shown["createdOn"] < 60_000
    assert {name: shown[name] for name in made} == made
    short = client.get(f"/v3/targetGroups/{made['id']}", params={"includePeriods": "false"}).json()["data"]
    assert "periods" not in short
    assert client.get(f"/v3/targetGroups/{made['id']}/targetPeriods").json()["data"] == made["periods"]
    assert client.get(f"/v3/targetGroups/{made['id']}/targets").json()["data"] == made["targets"]


def test_the_list_shows_what_is_asked_for(organisation: Organisation) -> None:
    first = make(organisation)
    own = make(organisation, name="Own", userCreated=True)
    ended = make(organisation, name="Ended")
    organisation.client.delete(f"/v3/targetGroups/{ended['id']}")

    def listed(**query: Any) -> list[int]:
        answer = organisation.client.get("/v3/targetGroups", params=query).json()
        return [one["id"] for one in answer["data"]]

    assert listed() == [first["id"], ended["id"]]
    assert listed(includeOnlyActive="true") == [first["id"]]
    assert listed(includeUserCreatedTargetGroups="true") == [first["id"], own["id"], ended["id"]]
    assert refusal(organisation.client.get("/v3/targetGroups", params={"includePeriods": "maybe"})) == (400, 300004)
    assert refusal(organisation.client.get(f"/v3/targetGroups/{ended['id']}")) == (400, 310017)


def test_a_name_is_unique_without_regard_to_case(organisation: Organisation) -> None:
    make(organisation, name="Straße")

    answer = organisation.client.post("/v3/targetGroups", json=group(name="STRASSE"))

    assert refusal(answer) == (400, 310069)
    assert answer.json()["errors"][0]["message"] == "Target group name already exists"


def test_members_that_are_not_documented_are_ignored(organisation: Organisation) -> None:
    body = group(unheardOf=1, targets=[target(unheardOf={})])

    answer = organisation.client.post("/v3/targetGroups", json=body)

    assert answer.status_code == 201
    assert "unheardOf" not in answer.text


def test_a_member_that_is_null_is_a_member_left_out(organisation: Organisation) -> None:
    optional = dict.fromkeys(
        [
            "active", "description", "preferredTillId", "targetEvaluationType", "timeZoneName", "combinationType",
            "userCreated", "leaderboardEnabled", "fromDate", "toDate", "targetCycleStartDate", "streaks",
        ]
    )  # fmt: skip
    of_period = dict.fromkeys(["active", "description", "refCode", "periodStatus"])
    of_target = dict.fromkeys(
        [
            "active", "description", "eventName", "expression", "expressionJson", "filters", "enrolmentMethod",
            "defaultValues", "targetMilestoneTriggers",
        ]
    )  # fmt: skip

    made = make(
        organisation,
        {**JANUARY, **of_period},
        targets=[target(**of_target, extendedFieldInfo={"name": None, "aggregateFunction": None})],
        **optional,
    )

    assert (made["active"], made["periods"][0]["active"], made["targets"][0]["active"]) == (True, True, True)
    assert made["periods"][0]["refCode"] == f"PERIOD_G_{made['id']}_1"
    assert made["targets"][0]["enrolmentMethod"] == "IMPORT"
    added = organisation.client.post(f"/v3/targetGroups/{made['id']}/targetPeriods", json=[{**FEBRUARY, **of_period}])
    assert added.status_code == 201, added.text


def test_numbers_and_booleans_may_come_as_texts(organisation: Organisation) -> None:
    made = make(
        organisation,
        JANUARY,
        totalPeriods="1",
        frequency="1",
        preferredTillId="-1",
        active="true",
        targets=[target(expression="", defaultValues=[{"defaultValue": "99.5"}])],
    )

    assert (made["totalPeriods"], made["preferredTillId"], made["active"]) == (1, -1, True)
    assert made["targets"][0]["defaultValues"][0]["defaultValue"] == 99.5


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"name": None}, 300004),
        ({"targetEvaluationType": "LUNAR_WINDOW"}, 300004),
        ({"trackingType": "MAGIC"}, 300004),
        ({"trackingType": "STREAKS", "streaks": [{"name": "s", "targetCountOfSequence": 0}]}, 300004),
        ({"trackingType": "STREAKS", "streaks": [{"name": "s", "targetCountOfSequence": n} for n in (2, 1)]}, 300004),
        (
            {"trackingType": "STREAKS", "streaks": [{"name": "s", "targetCountOfSequence": n} for n in range(1, 12)]},
            300004,
        ),
        ({"trackingType": "STREAKS", "targets": [target(), target(name="two")]}, 300004),
        ({"periods": []}, 300004),
        ({"periods": [{"refCode": "JAN"}], "totalPeriods": 1}, 300004),
        ({"streaks": [{"name": "s", "targetCountOfSequence": 2}]}, 300004),
        ({"leaderboardEnabled": True}, 300004),
        ({"frequencyType": "HOURLY"}, 300004),
        ({"totalPeriods": 3}, 300004),
        ({"recurringCycles": -2}, 300004),
        ({"timeZoneName": "Mars/Olympus"}, 300004),
        ({"timeZoneName": "../../etc/passwd"}, 300004),
        ({"name": ""}, 300004),
        ({"name": "x" * 201}, 300004),
        ({"name": "a\0b"}, 300004),
        ({"description": "x" * 256}, 300004),
        ({"preferredTillId": 10**19}, 300004),
        ({"frequency": -1}, 300004),
        ({"fromDate": "2025-01-02"}, 300004),
        ({"toDate": "2025-02-01"}, 300004),
        ({"targetCycleStartDate": "2025-02-01"}, 300004),
        ({"targets": []}, 300004),
        ({"targets": [target(), target()]}, 300004),
        ({"targets": [target(targetEntity="EVENT", targetType="SALES")]}, 310033),
        ({"targets": [target(targetEntity="EVENT", targetType="COUNT", eventName=None)]}, 300004),
        ({"targets": [target(targetEntity="POINTS", targetType="REGULAR_POINTS")]}, 310033),
        ({"targets": [target(targetEntity="PLANET", targetType="COUNT")]}, 310033),
        ({"targets": [target(targetType="WEIGHT")]}, 310033),
        ({"targets": [target(targetEntity="EVENT", targetType="EVENT_ATTRIBUTE", eventName="e")]}, 310094),
        ({"targets": [target(targetType="EXTENDED_FIELD")]}, 310094),
        ({"targets": [target(extendedFieldInfo={"name": "x"})]}, 300004),
        ({"targets": [target(eventName="CustomerRegistration")]}, 300004),
        ({"targets": [target(expression="a > 1")]}, 300004),
        ({"targets": [target(expressionJson='{"arity":"binary"}')]}, 300004),
        ({"targets": [target(expressionJson="[" * 100_000)]}, 300004),
        ({"targets": [target(filters=[{"entityType": "PLANET", "entityIds": [1]}])]}, 300004),
        ({"targets": [target(filters=[{"entityType": "STORE"}])]}, 300004),
        ({"targets": [target(enrolmentMethod="MAGIC")]}, 300004),
        ({"targets": [target(targetMilestoneTriggers=[{}])]}, 300004),
        ({"targets": [target(name="x" * 201)]}, 310008),
        ({"targets": [target(defaultValues=[{"defaultValue": 1}] * 3)]}, 300004),
        ({"targets": [target(defaultValues=[{"defaultValue": "NaN"}])]}, 300004),
        ({"targets": [target(defaultValues=[{"defaultValue": -1}])]}, 300004),
        ({"targets": [target(defaultValues=[{"defaultValue": "1e900000"}])]}, 300004),
    ],
)
def test_what_is_not_served_is_refused_by_name(organisation: Organisation, others: Json, code: int) -> None:
    assert refusal(organisation.client.post("/v3/targetGroups", json=group(**others))) == (400, code)
    assert organisation.client.get("/v3/targetGroups").json()["data"] == []


@pytest.mark.parametrize(
    "period",
    [
        {"startDate": "2025-02-02", "endDate": "2025-02-01"},
        {"startDate": "2025-02-30", "endDate": "2025-03-01"},
        {"startDate": "0000-01-01", "endDate": "2025-03-01"},
        {"startDate": "2025-02-01", "endDate": "9999-12-31"},
        {"startDate": "2025-02-01T12:00:00", "endDate": "2025-02-02"},
        {"startDate": "2025-02-01T25:00:00Z", "endDate": "2025-02-02"},
        {"startDate": "1735689600000", "endDate": "2025-02-02"},
        {"startDate": "2025-01-31", "endDate": "2025-02-28"},
        {"startDate": "2025-02-01", "endDate": "2025-02-02", "refCode": "JAN"},
        {"startDate": "2025-02-01", "endDate": "2025-02-02", "refCode": " "},
        {"startDate": "2025-02-01"},
    ],
)
def test_periods_are_whole_days_that_do_not_overlap(organisation: Organisation, period: Json) -> None:
    assert refusal(organisation.client.post("/v3/targetGroups", json=group(JANUARY, period))) == (400, 300004)


def test_a_midnight_of_the_groups_zone_may_be_written_in_utc(organisation: Organisation) -> None:
    period = {"startDate": "2024-12-31T18:30:00Z", "endDate": "2025-01-31T18:29:59Z"}

    made = make(organisation, period, timeZoneName="Asia/Kolkata", targets=[target(defaultValues=[])])

    assert (made["periods"][0]["startDate"], made["periods"][0]["endDate"]) == ("2025-01-01", "2025-01-31")


def test_what_published_bodies_say_is_taken(organisation: Organisation) -> None:
    """Fewer totalPeriods than periods, cycles without end, a group that begins at midnight of its zone."""
    made = make(
        organisation,
        JANUARY,
        FEBRUARY,
        totalPeriods=1,
        recurringCycles=-1,
        frequency=0,
        timeZoneName="Asia/Kolkata",
        targetCycleStartDate="2024-12-31T18:30:00.000Z",
        fromDate="2025-01-01",
        toDate="2025-02-28T18:29:59.000Z",
    )

    assert (made["totalPeriods"], made["recurringCycles"], made["frequency"]) == (2, -1, 0)
    assert made["targetCycleStartDate"] == "2025-01-01T00:00:00.000Z"


def test_periods_can_be_added(organisation: Organisation) -> None:
    made = make(organisation)
    path = f"/v3/targetGroups/{made['id']}/targetPeriods"

    answer = organisation.client.post(path, json=[MARCH])

    assert answer.status_code == 201
    (added,) = answer.json()["data"]
    assert list(added) == PERIOD_KEYS
    shown = organisation.client.get(f"/v3/targetGroups/{made['id']}").json()["data"]
    assert [period["refCode"] for period in shown["periods"]] == ["JAN", "FEB", "MAR"]
    assert shown["totalPeriods"] == 3
    assert shown["targets"][0]["defaultValues"][2]["periodId"] == added["id"]
    assert shown["targets"][0]["defaultValues"][2]["defaultValue"] == 2000.5
    buy(organisation, "2025-03-05T10:00:00Z", 5)
    (row,) = rows(organisation, user_id(organisation), made["targets"][0]["id"])
    assert row["periodId"] == added["id"]
    assert refusal(organisation.client.post(path, json=[FEBRUARY])) == (400, 300004)
    assert refusal(organisation.client.post(path, json=[])) == (400, 300004)
    assert refusal(organisation.client.post("/v3/targetGroups/1e3/targetPeriods", json=[MARCH])) == (400, 310017)


def test_a_group_has_at_most_a_hundred_periods(organisation: Organisation) -> None:
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 11)]
    periods = [{"startDate": day, "endDate": day} for day in days]

    assert refusal(organisation.client.post("/v3/targetGroups", json=group(*periods[:101]))) == (400, 300004)
    assert len(make(organisation, *periods[:100])["periods"]) == 100


def test_progress_is_the_sum_and_tells_when_the_goal_was_reached(organisation: Organisation) -> None:
    made = make(organisation)
    buy(organisation, "2025-01-05T10:00:00Z", "400.50")
    reaching = buy(organisation, "2025-01-04T10:00:00Z", "600")
    buy(organisation, "2025-01-06T10:00:00Z", "0.25", kind="RETURN")
    user = user_id(organisation)

    answer = organisation.client.get(f"/v3/users/{user}/targetGroups", params={"includeInactive": "true"})

    assert list(answer.json()) == ["data", "errors", "warnings"]
    data = answer.json()["data"]
    assert list(data) == ["userId", "customer", "targetGroups"]
    assert list(data["customer"]) == ["id", "profiles", "loyaltyInfo", "customFields"]
    assert data["customer"]["loyaltyInfo"]["lifetimePurchases"] == 1000.5
    (shown,) = data["targetGroups"]
    assert list(shown) == [
        "id",
        "attribution",
        "name",
        "preferredTillId",
        "targets",
        "targetEvaluationType",
        "trackingType",
    ]
    january, february = shown["targets"]
    assert list(january) == USER_TARGET_KEYS
    assert '"targetValue":1000.000,"targetAchievedValue":1000.250,' in answer.text
    assert (january["targetAchievedEventLogId"], january["targetAchievedDateTime"]) == (
        reaching,
        "2025-01-04T10:00:00.000Z",
    )
    assert january["targetRuleId"] == made["targets"][0]["id"]
    assert january["periodStartDateWithTimeStamp"] == "2025-01-01T00:00:00.000Z"
    assert january["periodEndDateWithTimeStamp"] == "2025-01-31T23:59:59.000Z"
    assert (february["targetId"], february["targetAchievedValue"]) == (None, 0)
    assert (february["targetAchievedDateTime"], february["currentPeriod"]) == (None, False)


def test_a_customers_groups_can_be_narrowed(organisation: Organisation) -> None:
    made = make(organisation)
    other = make(organisation, current_month(), name="Other", targets=[target(defaultValues=[])])
    buy(organisation, "2025-01-05T10:00:00Z", 1)
    buy(organisation, datetime.now(UTC).isoformat(timespec="seconds"), 2)
    user = user_id(organisation)

    def shown(**query: Any) -> list[int]:
        answer = organisation.client.get(f"/v3/users/{user}/targetGroups", params=query)
        return [one["id"] for one in answer.json()["data"]["targetGroups"]]

    assert shown() == [other["id"]]
    assert shown(includeInactive="true") == [made["id"], other["id"]]
    assert shown(trackingDate="2025-01-20") == [made["id"]]
    assert shown(trackingDate=1737331200000) == [made["id"]]
    assert shown(includeInactive="true", targetRuleId=made["targets"][0]["id"]) == [made["id"]]
    organisation.client.delete(f"/v3/targetGroups/{other['id']}")
    assert shown() == []
    assert shown(includeInactiveTargets="true") == [other["id"]]
    unenrol(organisation, made, user)
    answer = organisation.client.get(f"/v3/users/{user}/targetGroups", params={"includeInactive": "true"})
    assert {one["unEnrolled"] for one in answer.json()["data"]["targetGroups"][0]["targets"]} == {True}


def test_a_customer_without_targets_has_none(organisation: Organisation) -> None:
    user = customer(organisation)
    client = organisation.client

    assert client.get(f"/v3/users/{user}/targetGroups").json()["data"]["targetGroups"] == []
    assert refusal(client.get("/v3/users/x/targetGroups")) == (400, 310011)
    assert refusal(client.get(f"/v3/users/{user}/targetGroups", params={"trackingDate": "soon"})) == (400, 300004)
    assert refusal(client.get(f"/v3/users/{user}/targetGroups", params={"targetRuleId": "x"})) == (400, 300004)


def test_the_entry_of_an_enrolment_names_the_users_target(organisation: Organisation) -> None:
    made = make(organisation, targets=[target(enrolmentMethod="IMPORT")])
    user = customer(organisation)
    enrol(organisation, made, user, "JAN", initialBalance=5)

    (row,) = rows(organisation, user, made["targets"][0]["id"])

    answer = organisation.client.get(f"/v3/users/{user}/targetGroups", params={"includeInactive": "true"}).json()
    january = answer["data"]["targetGroups"][0]["targets"][0]
    assert row["uniqueId"] == str(january["targetId"])
    assert january["targetAchievedValue"] == 5


def test_amounts_near_the_largest_add_up_exactly(organisation: Organisation) -> None:
    make(organisation)
    for _ in range(3):
        buy(organisation, "2025-01-05T10:00:00Z", "9223372036854.775807")
    user = user_id(organisation)

    answer = organisation.client.get(f"/v3/users/{user}/targetGroups", params={"includeInactive": "true"})

    assert answer.status_code == 200, answer.text
    assert '"targetAchievedValue":27670116110564.327421,' in answer.text
    assert '"lifetimePurchases":27670116110564.327421}' in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"name": "\\ud800"}',
        b"[" * 200_000,
        b'{"streaks":' + b"[" * 200_000,
        b'{"name": 1e400}',
    ],
)
def test_broken_bodies_are_invalid_input(organisation: Organisation, sent: bytes) -> None:
    assert refusal(organisation.client.post("/v3/targetGroups", content=sent)) == (400, 300004)
    assert refusal(organisation.client.post("/v3/targetGroups/1/targets/1/enroll", content=sent)) == (400, 300004)
    assert refusal(organisation.client.post("/v3/targetGroups/1/targets/1/unEnroll", content=sent)) == (400, 300004)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
JUNK = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(["group", "period", "target"]), junk=JUNK, pick=st.integers(0, 99))
def test_any_value_in_any_member_is_answered(organisation: Organisation, place: str, junk: object, pick: int) -> None:
    sent = json.loads(json.dumps(group()))
    part = {"group": sent, "period": sent["periods"][0], "target": sent["targets"][0]}[place]
    part[sorted(part)[pick % len(part)]] = junk

    answer = organisation.client.post("/v3/targetGroups", content=json.dumps(sent))

    assert answer.status_code == 201 or refusal(answer)[0] == 400, answer.text
