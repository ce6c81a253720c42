"""What a transaction did to targets, in its answer (contracts/capillary.md 6.1)."""

from typing import Any

import pytest

from tests.apis.capillary.conftest import Json, Organisation
from tests.apis.capillary.target_calls import JANUARY, make, rows, target, user_id


def sell(organisation: Organisation, number: str, amount: object, day: str = "2025-01-05", **query: Any) -> Json:
    """Posts a bill, with raw side effects; the answer."""
    return post(organisation, {"billNumber": number, "billAmount": amount, "billingDate": f"{day}T10:00:00Z"}, **query)


def post(organisation: Organisation, body: Json, **query: Any) -> Json:
    whom = {"identifierName": "externalId", "identifierValue": "c1", "rawSideEffects": "true", **query}
    answer = organisation.client.post("/v2/transactions", params=whom, json=body)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def test_a_bill_tells_how_far_each_target_has_come(organisation: Organisation) -> None:
    made = make(organisation)

    told = sell(organisation, "B1", "400.25")

    assert told["sideEffects"] == []
    (entry,) = told["rawSideEffects"]
    assert list(entry) == sorted(entry)
    assert entry == {
        "currentEventTargetValue": "400.25",
        "definedTargetValue": "1000.000",
        "periodEndDate": "2025-01-31",
        "periodRefCode": "JAN",
        "periodStartDate": "2025-01-01",
        "targetAchievedValueAfterEvent": "400.250",
        "targetAchievedValueBeforeEvent": "0.000",
        "targetEvaluationType": "FIXED_CALENDAR_WINDOW",
        "targetGroupId": str(made["id"]),
        "targetGroupName": "Spring",
        "targetName": "Spend 1000",
        "targetRuleId": str(made["targets"][0]["id"]),
        "type": "TARGETLOYALTY",
        "userId": str(user_id(organisation)),
    }


def test_each_transaction_goes_on_where_the_one_before_ended(organisation: Organisation) -> None:
    made = make(organisation)
    returned = {"type": "RETURN", "returnType": "AMOUNT", "billNumber": "B1", "billAmount": 100}

    told = [
        sell(organisation, "B1", 400),
        sell(organisation, "B2", "700"),
        post(organisation, {**returned, "billingDate": "2025-01-06T10:00:00Z"}),
        sell(organisation, "B3", 5, day="2025-02-03"),
    ]

    entries = [one["rawSideEffects"][0] for one in told]
    assert [
        (one["targetAchievedValueBeforeEvent"], one["currentEventTargetValue"], one["targetAchievedValueAfterEvent"])
        for one in entries
    ] == [
        ("0.000", "400.0", "400.000"),
        ("400.000", "700.0", "1100.000"),
        ("1100.000", "-100.0", "1000.000"),
        ("0.000", "5.0", "5.000"),
    ]
    assert [one["definedTargetValue"] for one in entries] == ["1000.000"] * 3 + ["2000.500"]
    tracked = rows(organisation, user_id(organisation), made["targets"][0]["id"])
    assert [row["eventLogId"] for row in tracked] == [one["createdId"] for one in told]


def test_each_rule_that_was_fed_has_an_entry(organisation: Organisation) -> None:
    make(organisation, name="One")
    make(organisation, name="Two", trackingType="UNIFIED", targets=[target(name="a"), target(name="b")])
    make(organisation, JANUARY, name="Other month", targets=[target(defaultValues=[{"defaultValue": 7}])])

    told = sell(organisation, "B1", 5, day="2025-02-03")

    assert [one["targetName"] for one in told["rawSideEffects"]] == ["Spend 1000", "a", "b"]


@pytest.mark.parametrize("query", [{"rawSideEffects": "false"}, {"use_async": "true"}, {"rawSideEffects": ""}])
def test_who_does_not_ask_is_not_told(organisation: Organisation, query: dict[str, str]) -> None:
    make(organisation)

    assert "rawSideEffects" not in sell(organisation, "B1", 5, **query)


def test_what_feeds_nothing_tells_of_nothing(organisation: Organisation) -> None:
    make(organisation)

    assert sell(organisation, "B1", 5, day="2024-02-03")["rawSideEffects"] == []
    assert post(organisation, {"type": "NOT_INTERESTED", "billNumber": "N"})["rawSideEffects"] == []
