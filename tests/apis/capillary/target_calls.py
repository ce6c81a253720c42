"""Target groups as a client makes and uses them."""

import itertools
from typing import Any

import httpx

from tests.apis.capillary.conftest import Json, Organisation

JANUARY = {"startDate": "2025-01-01T00:00:00Z", "endDate": "2025-01-31T23:59:59Z", "refCode": "JAN"}
FEBRUARY = {"startDate": "2025-02-01T00:00:00Z", "endDate": "2025-02-28T23:59:59Z", "refCode": "FEB"}
MARCH = {"startDate": "2025-03-01T00:00:00Z", "endDate": "2025-03-31T23:59:59Z", "refCode": "MAR"}

GOALS = [{"defaultValue": 1000}, {"defaultValue": "2000.5"}]
"""What a rule is to reach unless a test says otherwise; in a group of fewer periods, the first of them."""

TRACKED_KEYS = [
    "eventLogId",
    "eventName",
    "customerId",
    "eventDisplayName",
    "uniqueId",
    "eventDate",
    "eventProcessedDate",
    "periodId",
    "targetGroupId",
    "targetRuleId",
    "targetValue",
]
"""Of a tracked event, in the product's order."""

_bills = itertools.count(1)
_latest: dict[tuple[str, str], str] = {}  # the bill that a return of this till's customer takes back


def target(**others: Any) -> Json:
    """A rule as posted: the sum of transactions."""
    return {
        "active": True,
        "name": "Spend 1000",
        "targetEntity": "TRANSACTION",
        "targetType": "SALES",
        "eventName": "TransactionAdd",
        "expression": "true",
        "enrolmentMethod": "TRANSACTION",
        "defaultValues": GOALS,
        **others,
    }


def group(*periods: Json, **others: Any) -> Json:
    """A group as posted, by default of January and February 2025."""
    chosen = list(periods) or [JANUARY, FEBRUARY]
    rules = [
        {**rule, "defaultValues": GOALS[: len(chosen)]} if rule.get("defaultValues") is GOALS else rule
        for rule in others.get("targets", [target()])
    ]
    return {
        "active": True,
        "name": "Spring",
        "description": "Spend",
        "trackingType": "DEFAULT",
        "targetEvaluationType": "FIXED_CALENDAR_WINDOW",
        "totalPeriods": len(chosen),
        "frequencyType": "MONTHLY",
        "frequency": 1,
        "recurringCycles": len(chosen),
        "periods": chosen,
        **others,
        "targets": rules,
    }


def make(organisation: Organisation, *periods: Json, **others: Any) -> Json:
    """Makes a group; the answer's data."""
    answer = organisation.client.post("/v3/targetGroups", json=group(*periods, **others))
    assert answer.status_code == 201, answer.text
    data: Json = answer.json()["data"]
    return data


def customer(organisation: Organisation, external_id: str = "c1") -> int:
    """Registers a customer; the userId."""
    profile = {"identifiers": [{"type": "externalId", "value": external_id}], "firstName": "Ada", "lastName": "King"}
    answer = organisation.client.post("/v2/customers", params={"source": "INSTORE"}, json={"profiles": [profile]})
    assert answer.status_code == 200, answer.text
    created: int = answer.json()["createdId"]
    return created


def buy(organisation: Organisation, day: str, amount: Any, external_id: str = "c1", kind: str = "REGULAR") -> int:
    """Stores a bill, or a return of part of the customer's latest bill; its createdId."""
    customer = organisation.capillary.till_username, external_id
    number = _latest[customer] if kind == "RETURN" else f"b{next(_bills)}"
    _latest[customer] = number
    answer = organisation.client.post(
        "/v2/transactions",
        params={"identifierName": "externalId", "identifierValue": external_id},
        json={"type": kind, "billNumber": number, "billAmount": amount, "billingDate": day},
    )
    assert answer.status_code == 200, answer.text
    created: int = answer.json()["createdId"]
    return created


def user_id(organisation: Organisation, external_id: str = "c1") -> int:
    """A known customer's userId."""
    answer = organisation.client.get(
        "/v2/customers/lookup", params={"identifierName": "externalId", "identifierValue": external_id}
    )
    found: int = answer.json()["entity"]
    return found


def enrol(organisation: Organisation, made: Json, user: int, period: str = "JAN", **others: Any) -> httpx.Response:
    """Enrols a customer in the group's first rule."""
    path = f"/v3/targetGroups/{made['id']}/targets/{made['targets'][0]['id']}/enroll"
    return organisation.client.post(path, json=[{"customerId": user, "periodName": period, **others}])


def unenrol(organisation: Organisation, made: Json, user: int) -> httpx.Response:
    """Un-enrols a customer from the group's first rule."""
    path = f"/v3/targetGroups/{made['id']}/targets/{made['targets'][0]['id']}/unEnroll"
    return organisation.client.post(path, json=[{"customerId": user}])


def tracked(organisation: Organisation, user: object, rule: object, **query: Any) -> httpx.Response:
    """The tracked events of a customer and a rule."""
    return organisation.client.get(f"/v3/users/{user}/trackedTargetEvents/{rule}", params=query)


def rows(organisation: Organisation, user: int, rule: int, **query: Any) -> list[Json]:
    """The rows of a page that must be there."""
    answer = tracked(organisation, user, rule, **{"limit": 1000, **query})
    assert answer.status_code == 200, answer.text
    data: list[Json] = answer.json()["data"]
    return data


def refusal(answer: httpx.Response) -> tuple[int, int]:
    """Status and code of a v3 failure; its envelope is checked on the way."""
    failed = answer.json()
    assert list(failed) == ["data", "errors", "warnings"]
    assert failed["data"] is None
    assert failed["warnings"] is None
    (error,) = failed["errors"]
    assert list(error) == ["code", "message"]
    return answer.status_code, error["code"]
