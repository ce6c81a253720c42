"""The five ways to write and the ways to read, as small clients over real HTTP: what the matrix tests are made of."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from footfall.model.secret import md5_hex
from footfall.tenancy.creation import NewWorkspace

WIDE_OPEN = {"dateRangeStart": "1577836800000", "dateRangeEnd": "1593561600000"}  # the first half of 2020


@dataclass(frozen=True)
class Sent:
    """One event to capture, in words of the model."""

    name: str
    occurred_at: datetime
    customer: str
    properties: dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What a read API shows of an event, reduced to what every product knows."""

    name: str
    occurred_at: datetime
    customer: str
    properties: dict[str, Any]


def settled(client: httpx.Client, request_id: str, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Waits until it is known what became of a post; its steps."""
    deadline = time.monotonic() + 30
    while True:
        asked = client.get("/v2/events/running_status", params={"eventId": request_id}, headers=headers)
        states: list[dict[str, Any]] = asked.json()["stateList"]
        if len(states) > 1:
            return states
        assert time.monotonic() < deadline, f"{request_id} was never settled: {states}"


class Products:
    """One workspace through every product's API."""

    def __init__(self, http: httpx.Client, workspace: NewWorkspace) -> None:
        self.http = http
        self.workspace = workspace
        part = workspace.capillary
        pair = f"{part.till_username}:{md5_hex(part.till_password)}"
        self.capillary = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        self.px = {"X-APTRINSIC-API-KEY": workspace.gainsight_px.api_key}
        self.clevertap = {
            "X-CleverTap-Account-Id": workspace.clevertap.account_id,
            "X-CleverTap-Passcode": workspace.clevertap.passcode,
        }
        self.rapidly = {"Authorization": f"Bearer {workspace.rapidly.token}"}
        self.own = {"Authorization": f"Bearer {workspace.footfall.token}"}

    # -- writing: each gives the event's id -----------------------------------------------------------------

    def write_capillary(self, event: Sent) -> str:
        fields = [
            {
                "name": "guest",
                "type": "customer",
                "attributes": {
                    "identifierType": {"valueType": "ENUM", "value": "externalId"},
                    "addCustomerIfNotExists": {"valueType": "BOOLEAN", "value": "true"},
                },
            },
            *({"name": name, "type": "string", "attributes": {}} for name in event.properties),
        ]
        definition = {"eventName": event.name, "actions": ["EIConsumer", "EMFConsumer"], "fields": fields}
        _good(self.http.post("/v2/events", json=definition, headers=self.capillary))
        hook = {
            "transformerType": "DefaultTransformer",
            "tillCode": self.workspace.capillary.till_code,
            "authEnabled": False,
        }
        address = _good(self.http.post("/v2/events/webhook", json=hook, headers=self.capillary)).json()["webHookUri"]
        body = {
            "event_name": event.name,
            "guest": event.customer,
            "eventDateTime": event.occurred_at.isoformat(timespec="seconds"),
            **event.properties,
        }
        posted: str = _good(self.http.post("/eucrm/webhooks/" + address.rsplit("/", 1)[1], json=body)).json()[
            "requestId"
        ]
        settled(self.http, posted, self.capillary)
        return posted

    def write_gainsight_px(self, event: Sent) -> str:
        body = {
            "eventName": event.name,
            "identifyId": event.customer,
            "propertyKey": self.workspace.gainsight_px.property_key,
            "userType": "USER",
            "date": _milliseconds(event.occurred_at),
            "attributes": event.properties,
        }
        made: str = _good(self.http.post("/v1/events/custom", json=body, headers=self.px)).json()["eventId"]
        return made

    def write_clevertap(self, event: Sent) -> str:
        record = {
            "type": "event",
            "identity": event.customer,
            "ts": int(event.occurred_at.timestamp()),
            "evtName": event.name,
            "evtData": event.properties,
        }
        answer = _good(self.http.post("/1/upload", json={"d": [record]}, headers=self.clevertap)).json()
        assert answer["status"] == "success", answer
        return self._id_by_search(event)

    def write_rapidly(self, event: Sent) -> str:
        body = {
            "name": event.name,
            "external_customer_id": event.customer,
            "timestamp": event.occurred_at.isoformat(),
            "metadata": event.properties,
        }
        _good(self.http.post("/api/events/ingest", json={"events": [body]}, headers=self.rapidly))
        return self._id_by_search(event)

    def write_own(self, event: Sent) -> str:
        body = {
            "name": event.name,
            "customer": {"external_id": event.customer},
            "occurred_at": event.occurred_at.isoformat(),
            "properties": event.properties,
        }
        made: str = _good(self.http.post("/events", json=body, headers=self.own)).json()["id"]
        return made

    # -- reading: each gives what it shows, or None -----------------------------------------------------------

    def read_rapidly(self, event_id: str) -> Seen | None:
        answer = self.http.get(f"/api/events/{event_id}", headers=self.rapidly)
        if answer.status_code == 404:
            return None
        shown = _good(answer).json()
        customer = shown["customer"]
        if customer is not None:
            assert shown["external_customer_id"] in (None, customer["external_id"])
        return Seen(
            name=shown["name"],
            occurred_at=datetime.fromisoformat(shown["timestamp"]),
            customer=shown["external_customer_id"] or customer["external_id"],
            properties=shown["metadata"],
        )

    def read_capillary(self, event_id: str) -> dict[str, Any] | None:
        answer = self.http.get("/v2/events/event_data", params={"id": event_id}, headers=self.capillary)
        found: list[dict[str, Any]] = _good(answer).json()["data"]
        return found[0] if found else None

    def external_id_of_user(self, user_id: int) -> str:
        answer = _good(self.http.get(f"/v2/customers/{user_id}", params={"source": "INSTORE"}, headers=self.capillary))
        (profile,) = answer.json()["profiles"]
        found: str = next(i["value"] for i in profile["identifiers"] if i["type"] == "externalId")
        return found

    def read_gainsight_px(self, **query: str) -> list[dict[str, Any]]:
        parameters = {**WIDE_OPEN, "pageSize": "1000", **query}
        answer = _good(self.http.get("/v1/events/custom", params=parameters, headers=self.px)).json()
        rows: list[dict[str, Any]] = answer["customEvents"]
        assert answer["totalHits"] >= len(rows)
        return rows

    def export_clevertap(self, name: str, batch_size: int = 5000) -> Iterator[dict[str, Any]]:
        query = {"event_name": name, "from": "00010101", "to": "99991231"}
        opened = self.http.post("/1/events.json", params={"batch_size": batch_size}, json=query, headers=self.clevertap)
        if "Invalid event" in opened.text:
            return
        cursor = _good(opened).json()["cursor"]
        while True:
            page = _good(self.http.get("/1/events.json", params={"cursor": cursor}, headers=self.clevertap)).json()
            yield from page.get("records", [])
            if "next_cursor" not in page:
                return
            cursor = page["next_cursor"]

    def read_clevertap(self, name: str, zone: str = "UTC") -> list[Seen]:
        return [
            Seen(
                name=name,
                occurred_at=datetime.strptime(f"{record['ts']:014}", "%Y%m%d%H%M%S").replace(tzinfo=ZoneInfo(zone)),
                customer=record["profile"]["identity"],
                properties=record["event_props"],
            )
            for record in self.export_clevertap(name)
        ]

    def _id_by_search(self, event: Sent) -> str:
        (found,) = self.read_gainsight_px(filter=f"eventName=={event.name};identifyId=={event.customer}")
        found_id: str = found["eventId"]
        return found_id


def _good(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    json.loads(answer.text)
    return answer


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
