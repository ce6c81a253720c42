"""``GET /v3/users/{userId}/trackedTargetEvents/{targetRuleId}`` (contracts/capillary.md 4 and 9)."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.apis.capillary.conftest import Organisation
from tests.apis.capillary.target_calls import (
    FEBRUARY,
    JANUARY,
    TRACKED_KEYS,
    buy,
    customer,
    enrol,
    make,
    refusal,
    rows,
    tracked,
    unenrol,
    user_id,
)

SAMPLE = [
    ("2025-01-09 12:00:12", "1000", 0),
    ("2025-01-09 12:00:12", "2000", 0),
    ("2025-01-09 12:00:12", "2000", 0),
    ("2025-01-09 13:00:12", "2000.46", 0),
    ("2025-01-09 13:00:12", "2000.46", 0),
    ("2025-01-20 13:00:00", "999.54", 1),
    ("2025-01-21 09:00:00", "2000", 1),
    ("2025-01-21 09:00:00", "1000", 1),
    ("2025-01-22 14:00:00", "1000", 2),
    ("2025-01-22 14:00:00", "1000", 2),
]
"""The product page's first sample: when, how much, in which period."""

SAMPLE_PERIODS = [
    {"startDate": "2025-01-01", "endDate": "2025-01-19", "refCode": "A"},
    {"startDate": "2025-01-20", "endDate": "2025-01-21", "refCode": "B"},
    {"startDate": "2025-01-22", "endDate": "2025-01-31", "refCode": "C"},
]


def test_the_products_sample_comes_back_key_by_key(organisation: Organisation) -> None:
    made = make(organisation, *SAMPLE_PERIODS, frequencyType="CUSTOM", targets=[sum_rule()])
    rule = made["targets"][0]["id"]
    created = [buy(organisation, day, amount) for day, amount, _ in SAMPLE]
    user = user_id(organisation)

    answer = tracked(organisation, user, rule)

    assert answer.status_code == 200
    assert list(answer.json()) == ["pagination", "data", "errors", "warnings"]
    assert answer.text.startswith('{"pagination":{"limit":10,"offset":0,"total":10},"data":[{"eventLogId":')
    assert answer.text.endswith('],"errors":[],"warnings":[]}')
    for row, (day, _, period), identifier in zip(answer.json()["data"], SAMPLE, created, strict=True):
        assert list(row) == TRACKED_KEYS
        assert row["eventName"] == "ADD_TRANSACTION"
        assert row["customerId"] == user
        assert row["eventDisplayName"] is None
        assert row["uniqueId"] == str(identifier)
        assert row["eventDate"] == f"{day}.0"
        assert row["periodId"] == made["periods"][period]["id"]
        assert row["targetGroupId"] == made["id"]
        assert row["targetRuleId"] == rule
    texts = json.loads(answer.text, parse_int=str, parse_float=str)["data"]
    assert [row["targetValue"] for row in texts] == [amount for _, amount, _ in SAMPLE]

    last = tracked(organisation, user, rule, periodId=made["periods"][2]["id"], limit=30).json()

    assert last["pagination"] == {"limit": 30, "offset": 0, "total": 2}
    assert last["data"] == answer.json()["data"][-2:]


def test_pages_are_counted_from_zero_and_total_counts_events(organisation: Organisation) -> None:
    made = make(organisation)
    rule = made["targets"][0]["id"]
    for index in range(23):
        buy(organisation, f"2025-01-{index + 1:02d}T10:00:00Z", index + 1)
    user = user_id(organisation)

    pages = [tracked(organisation, user, rule, offset=offset).json() for offset in range(4)]

    assert [len(page["data"]) for page in pages] == [10, 10, 3, 0]
    assert [page["pagination"] for page in pages] == [{"limit": 10, "offset": n, "total": 23} for n in range(4)]
    assert [row["targetValue"] for page in pages for row in page["data"]] == list(range(1, 24))


def test_back_dated_events_stand_at_their_own_date_and_period(organisation: Organisation) -> None:
    made = make(organisation)
    late = buy(organisation, "2025-02-03T10:00:00Z", 1)
    early = buy(organisation, "2025-01-05T10:00:00Z", 2)
    same = buy(organisation, "2025-02-03T10:00:00Z", 3)
    buy(organisation, "2025-03-01T00:00:00Z", 4)

    found = rows(organisation, user_id(organisation), made["targets"][0]["id"])

    assert [row["eventLogId"] for row in found] == [early, late, same]
    assert [row["periodId"] for row in found] == [made["periods"][n]["id"] for n in (0, 1, 1)]


def test_a_return_takes_away_on_its_own_date(organisation: Organisation) -> None:
    made = make(organisation)
    buy(organisation, "2025-01-05T10:00:00Z", "20.05")
    buy(organisation, "2025-02-05T10:00:00Z", "0.05", kind="RETURN")

    found = rows(organisation, user_id(organisation), made["targets"][0]["id"])

    assert [(row["eventName"], row["targetValue"]) for row in found] == [
        ("ADD_TRANSACTION", 20.05),
        ("RETURN_BILL", -0.05),
    ]


def test_the_ends_of_a_period_are_days_of_the_groups_zone(organisation: Organisation) -> None:
    made = make(organisation, JANUARY, timeZoneName="Asia/Kolkata", targets=[sum_rule()])
    buy(organisation, "2024-12-31T23:59:59+05:30", 1)
    inside = [
        buy(organisation, "2025-01-01T00:00:00+05:30", 2),
        buy(organisation, "2025-01-31T23:59:59+05:30", 3),
    ]
    buy(organisation, "2025-02-01T00:00:00+05:30", 4)

    found = rows(organisation, user_id(organisation), made["targets"][0]["id"])

    assert [row["eventLogId"] for row in found] == inside
    assert found[0]["eventDate"] == "2024-12-31 18:30:00.0"


def test_errors_come_in_the_documented_order(organisation: Organisation) -> None:
    made, other = make(organisation), make(organisation, name="Other")
    rule = made["targets"][0]["id"]
    user = customer(organisation)

    assert refusal(tracked(organisation, 10**17, 10**17)) == (400, 310011)
    assert refusal(tracked(organisation, user, 10**17, periodId=1)) == (400, 310018)
    assert refusal(tracked(organisation, user, rule, periodId=10**17)) == (400, 310019)
    assert refusal(tracked(organisation, user, rule, periodId=other["periods"][0]["id"])) == (400, 310019)
    assert refusal(tracked(organisation, user, rule)) == (400, 310149)


def test_malformed_ids_keep_the_order_of_errors(organisation: Organisation) -> None:
    user = customer(organisation)

    assert refusal(tracked(organisation, 10**17, "x", periodId="x")) == (400, 310011)
    assert refusal(tracked(organisation, "x", "x", periodId="x")) == (400, 310011)
    assert refusal(tracked(organisation, user, 10**17, periodId="x")) == (400, 310018)
    assert refusal(enrol(organisation, {"id": 10**17, "targets": [{"id": "x"}]}, user)) == (400, 310017)
    assert refusal(unenrol(organisation, {"id": "x", "targets": [{"id": "x"}]}, user)) == (400, 310017)


def test_an_empty_parameter_is_one_left_out(organisation: Organisation) -> None:
    made = make(organisation)
    buy(organisation, "2025-01-05T10:00:00Z", 1)

    answer = tracked(organisation, user_id(organisation), made["targets"][0]["id"], periodId="", limit="", offset="")

    assert answer.json()["pagination"] == {"limit": 10, "offset": 0, "total": 1}


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 19, "9" * 40, "\u0661", "%00", " ", "0x1"])
def test_malformed_ids_are_unknown_ids(organisation: Organisation, value: str) -> None:
    made = make(organisation)
    user = customer(organisation)

    assert refusal(tracked(organisation, value, 1)) == (400, 310011)
    assert refusal(tracked(organisation, user, value)) == (400, 310018)
    assert refusal(tracked(organisation, user, made["targets"][0]["id"], periodId=value)) == (400, 310019)


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "-1"}, {"limit": "x"}, {"limit": 2**31}, {"offset": "1e3"}, {"offset": 10**30}]
)
def test_sizes_out_of_range_are_invalid_input(organisation: Organisation, query: dict[str, Any]) -> None:
    made = make(organisation)
    buy(organisation, "2025-01-05T10:00:00Z", 1)

    answer = tracked(organisation, user_id(organisation), made["targets"][0]["id"], **query)

    assert refusal(answer) == (400, 300004)


def test_a_negative_page_is_the_first_with_a_warning(organisation: Organisation) -> None:
    made = make(organisation)
    buy(organisation, "2025-01-05T10:00:00Z", 1)

    answer = tracked(organisation, user_id(organisation), made["targets"][0]["id"], offset=-3).json()

    assert answer["pagination"] == {"limit": 10, "offset": 0, "total": 1}
    assert [warning["message"] for warning in answer["warnings"]] == [
        "Page offset can not be in negative, fetching the first page by default"
    ]


def test_the_largest_page_and_offset_are_answered(organisation: Organisation) -> None:
    made = make(organisation)
    buy(organisation, "2025-01-05T10:00:00Z", 1)
    user, rule = user_id(organisation), made["targets"][0]["id"]

    assert len(rows(organisation, user, rule, limit=2**31 - 1)) == 1
    assert rows(organisation, user, rule, limit=2**31 - 1, offset=2**31 - 1) == []


def test_nobody_reads_without_credentials(organisation: Organisation) -> None:
    answer = organisation.client.get("/v3/users/1/trackedTargetEvents/1", headers={"Authorization": "Basic eDp5"})

    assert refusal(answer)[0] == 401


def test_organisations_do_not_see_each_other(organisation: Organisation, other_organisation: Organisation) -> None:
    made, other = make(organisation), make(other_organisation)
    buy(organisation, "2025-01-05T10:00:00Z", 1)
    buy(other_organisation, "2025-01-05T10:00:00Z", 2)
    user, stranger = user_id(organisation), user_id(other_organisation)
    rule, foreign_rule = made["targets"][0]["id"], other["targets"][0]["id"]

    assert [row["targetValue"] for row in rows(organisation, user, rule)] == [1]
    assert refusal(tracked(organisation, stranger, rule)) == (400, 310011)
    assert refusal(tracked(organisation, user, foreign_rule)) == (400, 310018)
    assert refusal(tracked(organisation, user, rule, periodId=other["periods"][0]["id"])) == (400, 310019)
    assert refusal(organisation.client.get(f"/v3/targetGroups/{other['id']}")) == (400, 310017)
    assert refusal(organisation.client.get(f"/v3/users/{stranger}/targetGroups")) == (400, 310011)
    assert refusal(enrol(organisation, other, user)) == (400, 310017)
    assert refusal(enrol(organisation, made, stranger)) == (400, 310011)
    assert [one["id"] for one in organisation.client.get("/v3/targetGroups").json()["data"]] == [made["id"]]


def test_enrolment_by_api_counts_what_is_stored_from_its_cycle_on(organisation: Organisation) -> None:
    made = make(organisation, targets=[sum_rule(enrolmentMethod="IMPORT")])
    rule = made["targets"][0]["id"]
    buy(organisation, "2025-01-05T10:00:00Z", 1)
    buy(organisation, "2025-02-05T10:00:00Z", 2)
    user = user_id(organisation)
    assert refusal(tracked(organisation, user, rule)) == (400, 310149)

    answer = enrol(organisation, made, user, "FEB")

    assert (answer.status_code, answer.text) == (200, f'{{"data":{user},"errors":null,"warnings":null}}')
    buy(organisation, "2025-02-06T10:00:00Z", 3)
    buy(organisation, "2025-01-06T10:00:00Z", 4)
    found = rows(organisation, user, rule)
    assert [(row["eventName"], row["targetValue"]) for row in found] == [
        ("ADD_TRANSACTION", 2),
        ("ADD_TRANSACTION", 3),
        ("ENROL", 0),
    ]
    assert {row["periodId"] for row in found} == {made["periods"][1]["id"]}
    assert len({row["eventLogId"] for row in found}) == 3


def test_the_initial_balance_counts_once_in_the_cycle_named(organisation: Organisation) -> None:
    made = make(organisation, targets=[sum_rule(enrolmentMethod="IMPORT")])
    rule = made["targets"][0]["id"]
    user = customer(organisation)

    enrol(organisation, made, user, "FEB", initialBalance=12.5)

    (row,) = rows(organisation, user, rule)
    assert (row["eventName"], row["targetValue"], row["eventDisplayName"]) == ("ENROL", 12.5, None)
    assert row["periodId"] == made["periods"][1]["id"]
    assert rows(organisation, user, rule, periodId=made["periods"][0]["id"]) == []


def test_after_unenrolment_nothing_counts_and_history_stays(organisation: Organisation) -> None:
    made = make(organisation)
    rule = made["targets"][0]["id"]
    buy(organisation, "2025-01-05T10:00:00Z", 1)
    user = user_id(organisation)

    assert unenrol(organisation, made, user).json() == {"data": user, "errors": None, "warnings": None}
    missed = buy(organisation, "2025-01-06T10:00:00Z", 2)

    found = rows(organisation, user, rule)
    assert [(row["eventName"], row["targetValue"]) for row in found] == [("ADD_TRANSACTION", 1), ("UNENROL", 0)]
    assert refusal(unenrol(organisation, made, user)) == (500, 310126)

    assert enrol(organisation, made, user).status_code == 200
    assert missed in {row["eventLogId"] for row in rows(organisation, user, rule)}
    values = [Decimal(str(row["targetValue"])) for row in rows(organisation, user, rule)]
    assert sum(values) == 3


def test_enrolment_refuses_what_does_not_fit(organisation: Organisation) -> None:
    made, other = make(organisation), make(organisation, name="Other")
    rule, foreign = made["targets"][0]["id"], other["targets"][0]["id"]
    user = customer(organisation)
    path = f"/v3/targetGroups/{made['id']}/targets/{rule}/enroll"

    assert refusal(enrol(organisation, made, 10**17)) == (400, 310011)
    assert refusal(enrol(organisation, made, user, "MAY")) == (400, 310019)
    assert refusal(enrol(organisation, {"id": 10**17, "targets": [{"id": 1}]}, user)) == (400, 310017)
    assert refusal(enrol(organisation, {"id": made["id"], "targets": [{"id": 10**17}]}, user)) == (400, 310018)
    assert refusal(enrol(organisation, {"id": made["id"], "targets": [{"id": foreign}]}, user)) == (400, 310079)
    assert refusal(enrol(organisation, made, user, initialBalance="1e999999")) == (400, 300004)
    for wrong in ("[]", "{}", "[1]", '[{"customerId":1}]', "[", "", '[{"customerId":1e400,"periodName":"JAN"}]'):
        assert refusal(organisation.client.post(path, content=wrong)) == (400, 300004)
    assert refusal(enrol(organisation, made, 10**30)) == (400, 310011)
    digits = f'[{{"customerId":{"9" * 5000},"periodName":"JAN"}}]'
    assert refusal(organisation.client.post(path, content=digits)) in {(400, 300004), (400, 310011)}
    assert refusal(unenrol(organisation, made, 10**30)) == (400, 310011)
    assert enrol(organisation, made, user).status_code == 200
    assert refusal(enrol(organisation, made, user)) == (400, 310119)


def test_a_deactivated_group_counts_no_more_but_shows_its_history(organisation: Organisation) -> None:
    made = make(organisation)
    buy(organisation, "2025-01-05T10:00:00Z", 1)

    deleted = organisation.client.delete(f"/v3/targetGroups/{made['id']}")

    assert (deleted.status_code, deleted.json()) == (200, {"data": True, "errors": None, "warnings": None})
    buy(organisation, "2025-01-06T10:00:00Z", 2)
    user = user_id(organisation)
    assert [row["targetValue"] for row in rows(organisation, user, made["targets"][0]["id"])] == [1]
    assert refusal(organisation.client.delete(f"/v3/targetGroups/{made['id']}")) == (400, 310017)
    assert refusal(enrol(organisation, made, user)) == (400, 310017)


def test_all_rules_of_a_unified_group_enrol_together(organisation: Organisation) -> None:
    targets = [sum_rule(name="a", enrolmentMethod="IMPORT"), sum_rule(name="b", enrolmentMethod="IMPORT")]
    made = make(organisation, trackingType="UNIFIED", targets=targets)
    buy(organisation, "2025-01-05T10:00:00Z", 7)
    user = user_id(organisation)
    first, second = (one["id"] for one in made["targets"])

    assert enrol(organisation, made, user).status_code == 200

    logs = [[(row["eventLogId"], row["targetValue"]) for row in rows(organisation, user, r)] for r in (first, second)]
    assert logs[0] == logs[1]
    assert [value for _, value in logs[0]] == [7, 0]
    sibling = {"id": made["id"], "targets": [{"id": second}]}
    assert enrol(organisation, sibling, user, initialBalance=1).status_code == 200
    assert refusal(enrol(organisation, sibling, user)) == (400, 310119)
    assert [row["targetValue"] for row in rows(organisation, user, second)] == [7, 0, 1]
    assert unenrol(organisation, made, user).status_code == 200
    assert refusal(unenrol(organisation, sibling, user)) == (500, 310126)


def test_activity_of_the_cycle_before_the_rule_was_made_counts(organisation: Organisation) -> None:
    buy(organisation, "2025-01-05T10:00:00Z", 1)
    buy(organisation, "2025-02-05T10:00:00Z", 2)
    made = make(organisation, JANUARY, FEBRUARY)
    rule, user = made["targets"][0]["id"], user_id(organisation)
    assert refusal(tracked(organisation, user, rule)) == (400, 310149)

    buy(organisation, "2025-02-06T10:00:00Z", 4)

    assert [row["targetValue"] for row in rows(organisation, user, rule)] == [2, 4]


def sum_rule(**others: Any) -> dict[str, Any]:
    return {
        "name": "Sum",
        "targetEntity": "TRANSACTION",
        "targetType": "SALES",
        "expression": True,
        "enrolmentMethod": "TRANSACTION",
        "defaultValues": [],
        **others,
    }
