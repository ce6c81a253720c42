"""Fills a fresh workspace with the shop's story, through the APIs that a user would use."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import msgspec

from footfall.demo.client import DemoClient
from footfall.demo.shop import MONTHS, first_day, shoppers, story

CUSTOMERS = 600
VISITS = 10_000
_LOOKS = 200
_PAUSE_SECONDS = 0.05
_EVENTS_PER_REQUEST = 5_000
_GOAL = 100


class Shown(msgspec.Struct, frozen=True):
    """What the printed ``curl`` lines point at."""

    request_id: str
    user_id: int
    target_rule_id: int
    event_id: str
    events: int
    first: date
    last: date


def fill(client: DemoClient, seed: int, progress: Callable[[str], None]) -> Shown:
    """Defines a monthly target, captures the story, posts one behavioural event; what there is to see."""
    today = datetime.now(UTC).date()
    first = first_day(today)
    progress("a target: spend 100 a month, everybody enrolled by a first purchase")
    rule = _define_target(client, first)
    progress("the story of the shop, through POST /events")
    people = shoppers(seed, CUSTOMERS)
    events = story(seed, people, VISITS, today)
    stored = 0
    while part := list(islice(events, _EVENTS_PER_REQUEST)):
        answer = client.capture(part)
        if answer["rejected"]:
            raise RuntimeError(f"the demo's own events were refused: {answer['errors'][:3]}")
        stored += answer["accepted"]
        progress(f"{stored:,} events")
    progress("one behavioural event, through Capillary's webhook")
    best = people[0]
    request_id = _post_behavioural_event(client, best.external_id)
    found = _settled(client, request_id)
    page = client.gainsight_px(
        "GET",
        f"/v1/events/custom?filter=eventName==Session%20Started;identifyId=={best.external_id}"
        f"&dateRangeStart={milliseconds(first)}&pageSize=1&sort=-date",
    )
    return Shown(
        request_id=request_id,
        user_id=found["data"][0]["userId"],
        target_rule_id=rule,
        event_id=page["customEvents"][0]["eventId"],
        events=stored + 1,
        first=first,
        last=today,
    )


def _settled(client: DemoClient, request_id: str) -> dict[str, Any]:
    """The event of a post: it is answered before it is dealt with."""
    for _ in range(_LOOKS):
        found: dict[str, Any] = client.capillary("GET", f"/v2/events/event_data?id={request_id}")
        if found["data"]:
            return found
        time.sleep(_PAUSE_SECONDS)
    raise RuntimeError("the posted event did not become readable")


def milliseconds(day: date) -> int:
    """Midnight UTC of ``day`` as epoch milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _define_target(client: DemoClient, first: date) -> int:
    starts = [_months_later(first, index) for index in range(MONTHS + 1)]
    periods = [
        {
            "active": True,
            "startDate": f"{start.isoformat()}T00:00:00Z",
            "endDate": f"{(following - timedelta(days=1)).isoformat()}T23:59:59Z",
            "refCode": f"M{start:%Y%m}",
            "description": f"{start:%B %Y}",
        }
        for start, following in pairwise(starts)
    ]
    group: dict[str, Any] = {
        "active": True,
        "name": "Monthly spend",
        "description": "Spend 100 a month",
        "trackingType": "DEFAULT",
        "targetEvaluationType": "FIXED_CALENDAR_WINDOW",
        "totalPeriods": MONTHS,
        "frequencyType": "MONTHLY",
        "frequency": 1,
        "recurringCycles": MONTHS,
        "periods": periods,
        "targets": [
            {
                "active": True,
                "name": "Spend 100",
                "targetEntity": "TRANSACTION",
                "targetType": "SALES",
                "eventName": "TransactionAdd",
                "expression": "true",
                "enrolmentMethod": "TRANSACTION",
                "defaultValues": [{"defaultValue": _GOAL}] * MONTHS,
            }
        ],
    }
    made = client.capillary("POST", "/v3/targetGroups", group)
    rule: int = made["data"]["targets"][0]["id"]
    return rule


def _months_later(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _post_behavioural_event(client: DemoClient, external_id: str) -> str:
    definition = {
        "eventName": "table_booked",
        "label": "Table booked",
        "actions": ["EIConsumer", "EMFConsumer"],
        "fields": [
            {
                "name": "guest",
                "type": "customer",
                "attributes": {
                    "isRequired": {"valueType": "BOOLEAN", "value": "true"},
                    "identifierType": {"valueType": "ENUM", "value": "externalId"},
                    "source": {"valueType": "ENUM", "value": "INSTORE"},
                    "addCustomerIfNotExists": {"valueType": "BOOLEAN", "value": "true"},
                },
            },
            {"name": "seats", "type": "double", "attributes": {}},
        ],
    }
    client.capillary("POST", "/v2/events", definition)
    hook = client.capillary(
        "POST",
        "/v2/events/webhook",
        {
            "transformerType": "DefaultTransformer",
            "tillCode": client.workspace.capillary.till_code,
            "authEnabled": False,
            "uniquenessCheckEnabled": False,
        },
    )
    path = "/eucrm/webhooks/" + hook["webHookUri"].rsplit("/", 1)[1]
    moment = (datetime.now(UTC) - timedelta(minutes=5)).isoformat(timespec="seconds")
    posted = client.capillary(
        "POST", path, {"event_name": "table_booked", "guest": external_id, "seats": 4, "eventDateTime": moment}
    )
    request_id: str = posted["requestId"]
    return request_id
