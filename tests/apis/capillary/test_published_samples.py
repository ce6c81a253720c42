"""The answers that the product's two pages show, made anew from posted inputs (contracts/capillary.md 3.2, 4.2).

Each comes back key by key, in order, number by number as it is spelled. Only two things differ, because no client
chooses them: ids, of which each stands wherever the sample has its own, and the server's clock.
"""

import json
from typing import Any

import httpx

from tests.apis.capillary.conftest import Organisation
from tests.apis.capillary.target_calls import make, target, tracked, user_id

IDS = frozenset(
    {
        *("orgId", "userId", "eventId", "tillCode", "customerId", "requestId", "source_till_id", "source_user_id"),
        *("uniqueId", "x-cap-lineage-id", "String", "ouTillCode", "eventLogId", "periodId", "targetGroupId"),
        "targetRuleId",
    }
)
CLOCK = frozenset({"date", "autoUpdateTimeStamp", "x-cap-lineage-start", "eventProcessedDate"})

EVENT = """{
"data": [
{
"orgId": 100737,
"userId": 565496268,
"date": "2026-01-23T08:40:01Z",
"eventName": "Group_User_Event",
"eventId": "b26d5065-2177-4a18-a5ae-332682072073",
"source": "INSTORE",
"tillCode": "75155373",
"additonalAttributes": {
"String": "75155373",
"accountId": null,
"autoUpdateTimeStamp": 1769157601101,
"customerId": "565496268",
"displayName": null,
"eventDateTime": "1724488200000",
"eventDateTimeInputOffset": "+07:00",
"eventName": "Group_User_Event",
"groupId": "3854766",
"isDuplicate": false,
"is_mongo_push": true,
"orgId": 100737,
"ouTillCode": "rutuja_capillary",
"requestId": "b26d5065-2177-4a18-a5ae-332682072073",
"source": "INSTORE",
"source_till_id": 75155373,
"source_user_id": 565496268,
"uniqueId": "b26d5065-2177-4a18-a5ae-332682072073",
"x-cap-lineage-id": "b26d5065-2177-4a18-a5ae-332682072073",
"x-cap-lineage-start": "1769157599735"
},
"psiAttributes": [],
"uniqueId": "b26d5065-2177-4a18-a5ae-332682072073"
}
],
"warnings": [],
"errors": []
}"""

TRANSACTIONS = [  # eventLogId, uniqueId, eventDate, periodId, targetValue
    (606066681, "880613909", "2025-01-09 12:00:12", 9887, "1000"),
    (606066721, "880613938", "2025-01-09 12:00:12", 9887, "2000"),
    (606068043, "880614460", "2025-01-09 12:00:12", 9887, "2000"),
    (606072487, "880616667", "2025-01-09 13:00:12", 9887, "2000.46"),
    (608082820, "880897427", "2025-01-09 13:00:12", 9887, "2000.46"),
    (615116253, "881039056", "2025-01-20 13:00:00", 9888, "999.54"),
    (615376598, "881070102", "2025-01-21 09:00:00", 9888, "2000"),
    (615376684, "881070130", "2025-01-21 09:00:00", 9888, "1000"),
    (615460983, "881101809", "2025-01-22 14:00:00", 9889, "1000"),
    (615461137, "881101873", "2025-01-22 14:00:00", 9889, "1000"),
]
PERIODS = [
    {"startDate": "2025-01-01", "endDate": "2025-01-19", "refCode": "9887"},
    {"startDate": "2025-01-20", "endDate": "2025-01-21", "refCode": "9888"},
    {"startDate": "2025-01-22", "endDate": "2025-01-31", "refCode": "9889"},
]

BEHAVIOURAL = """{
"pagination": {
"limit": 1,
"offset": 0,
"total": 2
},
"data": [
{
"eventLogId": 31748158,
"eventName": "GENERIC_EVENT",
"customerId": 387544807,
"eventDisplayName": "testBehavioural",
"uniqueId": "6621dee9-6c2a-43ad-aa41-be2bf138de04",
"eventDate": "2024-12-05 00:00:00.0",
"eventProcessedDate": "2024-12-12 18:42:52.0",
"periodId": 77865,
"targetGroupId": 52065,
"targetRuleId": 79192,
"targetValue": 1.000
}
],
"errors": [],
"warnings": []
}"""


def page(rows: list[tuple[int, str, str, int, str]], limit: int) -> str:
    """A page of the first sample's group, as the product shows it."""
    shown = ",".join(
        f'{{"eventLogId":{log},"eventName":"ADD_TRANSACTION","customerId":564332013,"eventDisplayName":null,'
        f'"uniqueId":"{unique}","eventDate":"{at}.0","eventProcessedDate":"{at}.0","periodId":{period},'
        f'"targetGroupId":1717,"targetRuleId":1986,"targetValue":{value}}}'
        for log, unique, at, period, value in rows
    )
    pagination = f'{{"limit":{limit},"offset":0,"total":{len(rows)}}}'
    return f'{{"pagination":{pagination},"data":[{shown}],"errors":[],"warnings":[]}}'


class Number(str):
    """A number of a JSON text, as it is spelled there."""

    __slots__ = ()


def read(text: str) -> Any:
    return json.loads(text, parse_int=Number, parse_float=Number)


Known = dict[str, dict[str, str]]
"""By member: which of our ids stands for which of the sample's."""


def assert_same_but_for_ids(sample: Any, answer: Any) -> None:
    """Equal but for the names of ids: where the sample has the same twice, so has the answer, and only there."""
    known: Known = {}
    _compare(sample, answer, "", known)
    ours: dict[str, str] = {}
    for name, renamed in known.items():
        assert len(set(renamed.values())) == len(renamed), name
        for theirs, own in renamed.items():
            assert ours.setdefault(theirs, own) == own, name


def _compare(sample: Any, answer: Any, name: str, known: Known) -> None:
    assert type(sample) is type(answer), name
    if isinstance(sample, dict):
        assert list(sample) == list(answer)
        for key, value in sample.items():
            _compare(value, answer[key], key, known)
    elif isinstance(sample, list):
        assert len(sample) == len(answer), name
        for one, other in zip(sample, answer, strict=True):
            _compare(one, other, name, known)
    elif name in IDS:
        assert known.setdefault(name, {}).setdefault(str(sample), str(answer)) == answer, name
    elif name in CLOCK:
        assert [len(part) for part in str(sample).split(":")] == [len(part) for part in str(answer).split(":")], name
    else:
        assert sample == answer, name


def test_the_behavioural_event(organisation: Organisation) -> None:
    organisation.define("Group_User_Event", {"name": "String", "type": "tillCode"}, {"name": "club", "type": "groupId"})

    request_id = organisation.post(
        "Group_User_Event",
        String=organisation.capillary.till_code,
        club=3854766,
        eventDateTime="2024-08-24T15:30:00+07:00",
    )

    answer = organisation.client.get("/v2/events/event_data", params={"id": request_id})
    assert_same_but_for_ids(read(EVENT), read(answer.text))
    assert_invariants(answer.json()["data"][0], request_id)


def assert_invariants(event: Any, request_id: str) -> None:
    """What holds of every event (3.3)."""
    inner = event["additonalAttributes"]
    assert {event["eventId"], inner["requestId"], inner["x-cap-lineage-id"]} == {request_id}
    assert event["userId"] == int(inner["customerId"]) == inner["source_user_id"]
    assert event["orgId"] == inner["orgId"]
    assert event["tillCode"] == str(inner["source_till_id"])
    assert int(inner["x-cap-lineage-start"]) <= inner["autoUpdateTimeStamp"]
    assert event["uniqueId"] == inner["uniqueId"]
    assert list(inner) == sorted(inner)
    assert [key for key, value in inner.items() if value is None] == ["accountId", "displayName"]
    assert None not in event.values()


def test_the_invariants_hold_of_the_sample_itself() -> None:
    (event,) = json.loads(EVENT)["data"]

    assert_invariants(event, "b26d5065-2177-4a18-a5ae-332682072073")
    inner = event["additonalAttributes"]
    assert inner["autoUpdateTimeStamp"] - int(inner["x-cap-lineage-start"]) == 1366


def test_the_transactions_of_three_periods(organisation: Organisation) -> None:
    made = make(
        organisation,
        *PERIODS,
        frequencyType="CUSTOM",
        targets=[target(defaultValues=[])],
    )
    for number, (_, _, at, _, value) in enumerate(TRANSACTIONS):
        sent = organisation.client.post(
            "/v2/transactions",
            params={"identifierName": "externalId", "identifierValue": "c1"},
            json={"billNumber": f"b{number}", "billAmount": value, "billingDate": f"{at}"},
        )
        assert sent.status_code == 200, sent.text
    user, rule = user_id(organisation), made["targets"][0]["id"]
    last = next(one["id"] for one in made["periods"] if one["refCode"] == "9889")

    whole: httpx.Response = tracked(organisation, user, rule)
    of_one_period = tracked(organisation, user, rule, periodId=last, limit=30)

    assert_same_but_for_ids(
        [read(page(TRANSACTIONS, 10)), read(page(TRANSACTIONS[-2:], 30))], [read(whole.text), read(of_one_period.text)]
    )


def test_the_behavioural_events_of_a_page_of_one(organisation: Organisation) -> None:
    organisation.define("testBehavioural")
    december = {"startDate": "2024-12-01", "endDate": "2024-12-31", "refCode": "DEC"}
    rule = target(targetEntity="EVENT", targetType="COUNT", eventName="testBehavioural")
    made = make(organisation, december, targets=[rule])
    first = organisation.post("testBehavioural", eventDateTime="2024-12-05")
    organisation.post("testBehavioural", eventDateTime="2024-12-06")
    user = organisation.event(first)["userId"]

    answer = tracked(organisation, user, made["targets"][0]["id"], limit=1)

    assert_same_but_for_ids(read(BEHAVIOURAL), read(answer.text))
