"""What the record lists of targets, row by row: enumerations, limits, codes, shapes (contracts/capillary.md 5)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.apis.capillary.conftest import Json, Organisation, choose
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
    tracked,
    unenrol,
    user_id,
)
from tests.conftest import Server

DIALECT = [
    *(("trackingType", kind) for kind in ("DEFAULT", "UNIFIED", "STREAKS", "NON_CONTINUOUS_STREAKS", "CAPPING")),
    *(
        ("targetEvaluationType", kind)
        for kind in ("FIXED_CALENDAR_WINDOW", "CYCLIC_WINDOW", "PERIOD_AGNOSTIC_WINDOW", "CALENDAR_CYCLIC_WINDOW")
    ),
    *(
        ("frequencyType", kind)
        for kind in ("DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY", "CUSTOM")
    ),
]
ACTOR = ["id", "code", "description", "name", "type"]


def post(organisation: Organisation, **others: Any) -> Json:
    answer = organisation.client.post("/v3/targetGroups", json=group(**others))
    failed: Json = answer.json()
    assert answer.status_code == 400
    return failed


def standing(organisation: Organisation, user: int, **query: Any) -> Json:
    answer = organisation.client.get(f"/v3/users/{user}/targetGroups", params={"includeInactive": "true", **query})
    assert answer.status_code == 200, answer.text
    data: Json = answer.json()["data"]
    return data


@pytest.mark.parametrize(("member", "value"), DIALECT)
def test_every_kind_of_group_is_shown_as_it_was_posted(organisation: Organisation, member: str, value: str) -> None:
    made = make(organisation, **{member: value})

    assert made[member] == value
    assert organisation.client.get(f"/v3/targetGroups/{made['id']}").json()["data"][member] == value


def test_a_streak_may_be_called_so(organisation: Organisation) -> None:
    levels = [{"name": "two", "targetCountOfSequence": 2}]

    assert make(organisation, trackingType="STREAK", streaks=levels)["trackingType"] == "STREAKS"


@pytest.mark.parametrize("status", ["RUNNING", "NOT_STARTED", "ENDED", "UPCOMING", "LIVE"])
def test_every_status_of_a_period_is_taken_and_overruled(organisation: Organisation, status: str) -> None:
    made = make(organisation, {**JANUARY, "periodStatus": status})

    assert made["periods"][0]["periodStatus"] == "ENDED"


@pytest.mark.parametrize("method", ["TRANSACTION", "IMPORT", "AUDIENCE_FILTER"])
def test_every_way_to_enrol_is_kept(organisation: Organisation, method: str) -> None:
    made = make(organisation, targets=[target(enrolmentMethod=method)])
    buy(organisation, "2025-01-05", 1)

    assert made["targets"][0]["enrolmentMethod"] == method
    is_enrolled = method == "TRANSACTION"
    assert bool(standing(organisation, user_id(organisation))["targetGroups"]) is is_enrolled


def test_imports_are_how_a_target_enrols_unless_it_says_otherwise(organisation: Organisation) -> None:
    body = target()
    del body["enrolmentMethod"]

    assert make(organisation, targets=[body])["targets"][0]["enrolmentMethod"] == "IMPORT"


@pytest.mark.parametrize("kind", ["STORE", "ZONE", "CONCEPT"])
def test_every_kind_of_filter_is_kept(organisation: Organisation, kind: str) -> None:
    filters = [{"entityType": kind, "entityIds": [3, 4]}]

    assert make(organisation, targets=[target(filters=filters)])["targets"][0]["filters"] == filters


@pytest.mark.parametrize("function", ["SUM", "COUNT"])
def test_an_extended_field_is_summed_or_counted(organisation: Organisation, function: str) -> None:
    window = {"windowType": "MAX", "windowTimeUnit": "DAY", "windowValue": 1}
    info = {"name": "litres", "aggregateFunction": function, "aggregateWindow": window}
    made = make(organisation, targets=[target(targetType="EXTENDED_FIELD", extendedFieldInfo=info)])
    organisation.client.post(
        "/v2/transactions?identifierName=externalId&identifierValue=c1",
        json={"billNumber": "1", "billAmount": 9, "billingDate": "2025-01-05", "extendedFields": {"litres": "2.5"}},
    )

    shown = made["targets"][0]["extendedFieldInfo"]
    assert (shown["name"], shown["aggregateFunction"]) == ("litres", function)
    first = standing(organisation, user_id(organisation))["targetGroups"][0]["targets"][0]
    assert first["targetAchievedValue"] == (2.5 if function == "SUM" else 1)


def test_a_target_of_returns_adds_them_up(organisation: Organisation) -> None:
    made = make(organisation, targets=[target(eventName="ReturnBill")])
    buy(organisation, "2025-01-05", 30)
    returned = buy(organisation, "2025-01-06", 20, kind="RETURN")

    (row,) = rows(organisation, user_id(organisation), made["targets"][0]["id"])

    assert (made["targets"][0]["eventName"], row["eventName"]) == ("ReturnBill", "RETURN_BILL")
    assert row["uniqueId"] == str(returned)


@pytest.mark.parametrize("name", ["CustomerRegistration", "PointsRedemption", "PointsTransfer"])
def test_events_that_are_none_here_are_refused(organisation: Organisation, name: str) -> None:
    assert post(organisation, targets=[target(eventName=name)])["errors"][0]["code"] == 300004


@pytest.mark.parametrize(("combination", "status"), [("ALL", 201), ("ANY", 201), (None, 201), ("SOME", 400)])
def test_a_unified_group_says_how_it_is_combined(
    organisation: Organisation, combination: str | None, status: int
) -> None:
    """What it makes of a period is in tests/targets/test_standing.py: no answer of the product shows it."""
    body = group(trackingType="UNIFIED", targets=[target(name="a"), target(name="b")], combinationType=combination)

    answer = organisation.client.post("/v3/targetGroups", json=body)

    assert answer.status_code == status
    assert status == 201 or refusal(answer)[1] == 300004


def test_limits(organisation: Organisation) -> None:
    fifty = [target(name=f"t{number}", defaultValues=[]) for number in range(50)]
    levels = [{"name": f"l{number}", "targetCountOfSequence": number} for number in range(1, 11)]

    assert len(make(organisation, name="fifty", trackingType="UNIFIED", targets=fifty)["targets"]) == 50
    too_many = post(organisation, trackingType="UNIFIED", targets=[*fifty, target(name="one more")])
    assert too_many["errors"][0]["code"] == 300004
    assert len(make(organisation, name="ten", trackingType="STREAKS", streaks=levels)["streaks"]) == 10
    long = make(organisation, name="n" * 200, description="d" * 255, targets=[target(name="t" * 200)])
    assert (len(long["name"]), len(long["description"]), len(long["targets"][0]["name"])) == (200, 255, 200)


@pytest.mark.parametrize(
    ("others", "code", "message"),
    [
        (
            {"targets": [target(name="x" * 201)]},
            310008,
            "Length of Target rule name cannot exceed 200",
        ),
        (
            {"targets": [target(targetType="EXTENDED_FIELD")]},
            310094,
            "Target rule metadata is required in case of EXTENDED_FIELD/ALTERNATE_CURRENCIES target type",
        ),
    ],
)
def test_what_a_group_is_refused_with(organisation: Organisation, others: Json, code: int, message: str) -> None:
    assert post(organisation, **others) == {
        "data": None,
        "errors": [{"code": code, "message": message}],
        "warnings": None,
    }


def test_each_code_comes_with_its_message(organisation: Organisation) -> None:
    made, other = make(organisation, JANUARY, name="Spring"), make(organisation, JANUARY, name="Other")
    rule, foreign, user = made["targets"][0]["id"], other["targets"][0]["id"], customer(organisation)
    client = organisation.client

    def told(answer: Any) -> tuple[int, int, str]:
        status, code = refusal(answer)
        return status, code, answer.json()["errors"][0]["message"]

    assert told(tracked(organisation, 10**17, rule)) == (400, 310011, "Invalid userId")
    gone = client.get(f"/v3/targetGroups/{10**17}")
    assert told(gone) == (400, 310017, "Target group not found or deactivated")
    assert told(tracked(organisation, user, 10**17)) == (400, 310018, "Target rule not found")
    assert told(tracked(organisation, user, rule, periodId=7**17)) == (400, 310019, "Target period not found")
    assert told(tracked(organisation, user, rule)) == (
        400, 310149, "No record found in user target for given UserId and TargetId",
    )  # fmt: skip
    assert told(client.post("/v3/targetGroups", json=group(name="SPRING"))) == (
        400, 310069, "Target group name already exists",
    )  # fmt: skip
    assert told(client.delete(f"/v3/targetGroups/{made['id']}/targets/{foreign}")) == (
        400, 310079, "target rule id doesn't belong to target group",
    )  # fmt: skip
    goal = [{"periodId": other["periods"][0]["id"], "defaultValue": 1}]
    wrong = client.put(f"/v3/targetGroups/{made['id']}/targets/{rule}", json={"defaultValues": goal})
    assert told(wrong) == (400, 310118, "Target Period not found for the target")
    assert told(unenrol(organisation, made, user)) == (500, 310126, "User is not enrolled to this target")
    assert enrol(organisation, made, user).json() == {"data": user, "errors": None, "warnings": None}
    assert told(enrol(organisation, made, user)) == (400, 310119, "User already enrolled for the target")
    method = client.get(f"/v3/users/{user}/enrolledTargets", params={"enrollmentType": "x"})
    assert told(method) == (400, 310130, "Invalid enrollment type as input")
    key = client.post("/v3/targetGroups/isValidName", json={"type": "x", "value": "y"})
    assert told(key) == (400, 310145, "Invalid key is passed")


def test_a_group_of_streaks_has_its_keys_in_the_products_order(organisation: Organisation) -> None:
    today = datetime.now(UTC).date()
    running = {"startDate": f"{today}", "endDate": f"{today + timedelta(days=1)}", "refCode": "NOW"}
    levels = [{"name": "two", "targetCountOfSequence": 2}]
    made = make(organisation, running, trackingType="STREAKS", streaks=levels)

    shown = organisation.client.get(f"/v3/targetGroups/{made['id']}").json()["data"]

    assert list(shown) == [
        "id", "name", "active", "preferredTillId", "periods", "activePeriod", "streaks", "totalPeriods", "description",
        "targetEvaluationType", "recurringCycles", "frequency", "targetCycleStartDate", "targetCycleEndDate",
        "frequencyType", "trackingType", "createdOn", "targets", "leaderboardEnabled", "userCreated",
    ]  # fmt: skip


def test_a_customer_is_shown_with_his_groups(organisation: Organisation) -> None:
    profile = {
        "firstName": "Ada",
        "lastName": "King",
        "identifiers": [{"type": "mobile", "value": "919900000001"}, {"type": "email", "value": "ada@example.com"}],
    }
    user = organisation.client.post("/v2/customers", json={"profiles": [profile]}).json()["createdId"]
    shown = standing(organisation, user)["customer"]

    (own,) = shown["profiles"]
    channel = {"accountId": None, "primary": True, "verified": False, "subscribed": None, "attributes": None}
    assert list(own) == [
        "firstName", "lastName", "commChannels", "source", "accountId", "userId", "orgSourceId",
    ]  # fmt: skip
    assert own == {
        "firstName": "Ada",
        "lastName": "King",
        "commChannels": [
            {**channel, "type": "mobile", "value": "919900000001"},
            {**channel, "type": "email", "value": "ada@example.com"},
        ],
        "source": "instore",
        "accountId": "",
        "userId": user,
        "orgSourceId": -1,
    }
    assert list(own["commChannels"][0]) == [
        "type", "accountId", "value", "primary", "verified", "subscribed", "attributes",
    ]  # fmt: skip
    assert list(shown["loyaltyInfo"]) == ["attribution", "loyaltyType", "lifetimePurchases"]
    assert list(shown["loyaltyInfo"]["attribution"]["createdBy"]) == ACTOR
    assert (shown["loyaltyInfo"]["loyaltyType"], shown["customFields"]) == ("loyalty", {})


def test_a_customers_targets_have_the_products_keys(organisation: Organisation) -> None:
    triggers = [{"triggerName": "half", "triggerValue": 50}]
    made = make(organisation, JANUARY, targets=[target(targetMilestoneTriggers=triggers)])
    buy(organisation, "2025-01-05", 1000)
    user = user_id(organisation)
    unenrol(organisation, made, user)

    (shown,) = standing(organisation, user)["targetGroups"][0]["targets"]

    assert list(shown) == [
        "targetId", "periodId", "periodRefCode", "periodStartDate", "periodEndDate", "targetValue",
        "targetAchievedValue", "targetName", "targetType", "targetEntity", "targetRuleId", "enrolledOn", "eventName",
        "periodStartDateWithTimeStamp", "periodEndDateWithTimeStamp", "lastUpdatedOn", "targetAchievedDateTime",
        "targetAchievedEventLogId", "currentPeriod", "unEnrolled", "milestones",
    ]  # fmt: skip
    assert list(shown["milestones"][0]) == ["id", "triggerName", "triggerValue", "isAchieved"]


def test_a_group_may_be_asked_for_by_its_own_id(organisation: Organisation) -> None:
    ahead = [target(name=str(number), enrolmentMethod="IMPORT") for number in range(5)]
    make(organisation, name="Ahead", trackingType="UNIFIED", targets=ahead)  # no rule has the id of a group below
    made = [make(organisation, name=name) for name in ("One", "Two", "Three")]
    buy(organisation, "2025-01-05", 1)
    user = user_id(organisation)

    for one in made:
        found = standing(organisation, user, targetRuleId=one["id"])["targetGroups"]
        assert [each["id"] for each in found] == [one["id"]]
    assert standing(organisation, user, targetRuleId=10**15)["targetGroups"] == []
    assert len(standing(organisation, user, excludedEntities="anything", unheardOf="1")["targetGroups"]) == 3


def test_a_streak_is_in_progress_achieved_or_dropped(organisation: Organisation) -> None:
    today = datetime.now(UTC).date()
    later = {"startDate": f"{today}", "endDate": f"{today + timedelta(days=30)}", "refCode": "NOW"}
    levels = [{"name": str(length), "targetCountOfSequence": length} for length in (1, 3)]
    goals = [{"defaultValue": 10}] * 3
    make(
        organisation, JANUARY, later, trackingType="STREAKS", streaks=levels, targets=[target(defaultValues=goals[:2])]
    )
    buy(organisation, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", 10)
    user = user_id(organisation)

    (shown,) = standing(organisation, user)["targetGroups"]
    assert [(one["status"], one["currentCount"]) for one in shown["streaks"]] == [("ACHIEVED", 1), ("INPROGRESS", 1)]
    assert [one["totalTargetCountOfSequence"] for one in shown["streaks"]] == [1, 3]

    make(
        organisation, JANUARY, FEBRUARY, MARCH, name="Past", trackingType="STREAKS", streaks=levels,
        targets=[target(defaultValues=goals)],
    )  # fmt: skip
    buy(organisation, "2025-01-05", 10)
    past = standing(organisation, user)["targetGroups"][1]
    assert [one["status"] for one in past["streaks"]] == ["ACHIEVED", "DROPPED"]


def test_the_records_of_an_enrolment_have_the_keys_of_every_row(organisation: Organisation) -> None:
    made = make(organisation, targets=[target(enrolmentMethod="IMPORT")])
    user, rule = customer(organisation), made["targets"][0]["id"]
    enrol(organisation, made, user, initialBalance=5)
    unenrol(organisation, made, user)

    began, ended = rows(organisation, user, rule)

    shown = standing(organisation, user)["targetGroups"][0]["targets"][0]
    assert [(row["eventName"], row["targetValue"]) for row in (began, ended)] == [("ENROL", 5), ("UNENROL", 0)]
    for row in (began, ended):
        assert row["eventDisplayName"] is None
        assert row["uniqueId"] == str(shown["targetId"])
        assert row["eventDate"] == row["eventProcessedDate"]
        assert row["customerId"] == user
    assert began["eventLogId"] < ended["eventLogId"]


def test_who_enrols_again_without_a_balance_goes_on_from_the_old_value(organisation: Organisation) -> None:
    made = make(organisation, targets=[target(enrolmentMethod="IMPORT")])
    user = customer(organisation)
    enrol(organisation, made, user, initialBalance=5)
    unenrol(organisation, made, user)

    assert enrol(organisation, made, user, initialBalance=None).status_code == 200

    shown = standing(organisation, user)["targetGroups"][0]["targets"][0]
    assert shown["targetAchievedValue"] == 5
    assert "unEnrolled" not in shown


def test_the_servers_clock_is_the_organisations_choice(server: Server, organisation: Organisation) -> None:
    """Dates without a zone, and attributions; the days of a period are the group's own."""
    choose(server, organisation.workspace, server_timezone="Asia/Kolkata")
    made = make(organisation, JANUARY, timeZoneName="UTC")
    buy(organisation, "2025-01-31T23:30:00Z", 1)
    user = user_id(organisation)

    (row,) = rows(organisation, user, made["targets"][0]["id"])

    assert row["eventDate"] == "2025-02-01 05:00:00.0"
    assert row["periodId"] == made["periods"][0]["id"]
    assert made["periods"][0]["attribution"]["createdOn"].endswith("+0530")
    now = datetime.now(UTC) + timedelta(hours=5, minutes=30)
    processed = datetime.fromisoformat(row["eventProcessedDate"]).replace(tzinfo=UTC)
    assert abs(processed - now) < timedelta(minutes=10)


def test_a_rules_names_differ_as_the_record_says(organisation: Organisation) -> None:
    """``targetRuleId`` is the rule; a group's id, or a customer's own target, is not taken for one (7.13)."""
    make(organisation, name="Before", trackingType="UNIFIED", targets=[target(name=str(n)) for n in range(9)])
    buy(organisation, "2025-01-05", 1)
    made = make(organisation, JANUARY)
    buy(organisation, "2025-01-06", 1)
    user = user_id(organisation)

    shown = standing(organisation, user)["targetGroups"][1]["targets"][0]

    assert shown["targetRuleId"] == made["targets"][0]["id"]
    assert refusal(tracked(organisation, user, shown["targetId"] + 10**9)) == (400, 310018)
