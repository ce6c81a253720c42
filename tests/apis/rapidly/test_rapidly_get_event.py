"""Reading one event: contracts/rapidly.md 2.2 and 3."""

from typing import Any
from uuid import uuid4

import pytest

from footfall.storage.tables import events
from footfall.tenancy.creation import NewWorkspace
from tests.apis.rapidly.conftest import Client

USER_KEYS = [
    "id",
    "timestamp",
    "workspace_id",
    "customer_id",
    "customer",
    "external_customer_id",
    "member_id",
    "external_member_id",
    "child_count",
    "parent_id",
    "label",
    "name",
    "source",
    "metadata",
]
SYSTEM_KEYS = [*USER_KEYS[:-3], "source", "name", "metadata"]
CUSTOMER_KEYS = [
    "id",
    "created_at",
    "modified_at",
    "metadata",
    "external_id",
    "email",
    "email_verified",
    "type",
    "name",
    "billing_address",
    "workspace_id",
    "deleted_at",
    "avatar_url",
]


def test_an_event_has_exactly_the_documented_keys_in_order(client: Client, workspace: NewWorkspace) -> None:
    [event] = client.stored(
        {
            "name": "api.call",
            "timestamp": "2026-01-01T00:00:00.030839+02:00",
            "external_customer_id": "usr_1337",
            "external_member_id": "m-1",
            "metadata": {"n": 3, "ms": 12.50, "ok": True, "path": "/x"},
        }
    )

    assert list(event) == USER_KEYS
    assert {key: event[key] for key in USER_KEYS[1:]} == {
        "timestamp": "2025-12-31T22:00:00.030839Z",
        "workspace_id": workspace.rapidly.workspace_id,
        "customer_id": None,
        "customer": None,
        "external_customer_id": "usr_1337",
        "member_id": None,
        "external_member_id": "m-1",
        "child_count": 0,
        "parent_id": None,
        "label": "api.call",
        "name": "api.call",
        "source": "user",
        "metadata": {"n": 3, "ms": 12.5, "ok": True, "path": "/x"},
    }


def test_metadata_comes_back_byte_for_byte(client: Client) -> None:
    sent = b'{"z": 1.0,  "a":"\\u00e9", "big": 123456789012345678901234567890, "e": 1E5}'
    body = b'{"events":[{"name":"n","external_customer_id":"c","external_id":"k","metadata":' + sent + b"}]}"
    assert client.send(body).status_code == 201

    answer = client.get("/api/events/external/k")

    assert answer.content.endswith(b'"metadata":' + sent + b"}")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01 02:00:00.1+02:00", "2026-01-01T00:00:00.100000Z"),
        ("2026-01-01t00:00:00.123456999z", "2026-01-01T00:00:00.123456Z"),
        ("2026-01-01T00:00:00+0200", "2025-12-31T22:00:00Z"),
        (1700000000, "2023-11-14T22:13:20Z"),
        (1700000000123, "2023-11-14T22:13:20.123000Z"),
        ("1700000000", "2023-11-14T22:13:20Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_shown_in_utc_with_microseconds_where_there_are_any(client: Client, sent: object, shown: str) -> None:
    [event] = client.stored({"name": "n", "external_customer_id": "c", "timestamp": sent})

    assert event["timestamp"] == shown


def test_an_event_by_customer_id_carries_the_customer(client: Client, workspace: NewWorkspace) -> None:
    made = client.customer(email="John.Doe@Example.com", external_id="usr_1", name="John Doe", metadata={"tier": 1})

    [event] = client.stored({"name": "n", "customer_id": made["id"]})

    assert (event["customer_id"], event["external_customer_id"]) == (made["id"], None)
    assert list(event["customer"]) == CUSTOMER_KEYS
    assert event["customer"] == {
        "id": made["id"],
        "created_at": made["created_at"],
        "modified_at": None,
        "metadata": {"tier": 1},
        "external_id": "usr_1",
        "email": "John.Doe@example.com",
        "email_verified": False,
        "type": "individual",
        "name": "John Doe",
        "billing_address": None,
        "workspace_id": workspace.rapidly.workspace_id,
        "deleted_at": None,
        "avatar_url": "https://www.gravatar.com/avatar/"
        "836f82db99121b3481011f16b49dfa5fbc714a0d1b1b9f784a1ebbbf5b39577f?d=404",
    }


def test_an_event_by_external_id_shows_the_customer_once_there_is_one(client: Client) -> None:
    [before] = client.stored({"name": "n", "external_customer_id": "late_1", "external_id": "e"})
    made = client.customer(email="late@acme.test", external_id="late_1")

    after = client.event(before["id"])

    assert before["customer"] is None
    assert after["customer"]["id"] == made["id"]
    assert (after["customer_id"], after["external_customer_id"]) == (None, "late_1")


def test_child_count_counts_direct_children(client: Client) -> None:
    root, child, _ = client.stored(
        {"name": "root", "external_customer_id": "c", "external_id": "r"},
        {"name": "child", "external_customer_id": "c", "external_id": "k", "parent_id": "r"},
        {"name": "grandchild", "external_customer_id": "c", "parent_id": "k"},
    )

    assert (root["child_count"], root["parent_id"]) == (1, None)
    assert (child["child_count"], child["parent_id"]) == (1, root["id"])


def test_a_system_event_has_its_own_key_order_label_and_no_external_customer(client: Client) -> None:
    made = client.customer(email="a@acme.test", external_id="x", name="A")
    event = client.last_event()

    assert list(event) == SYSTEM_KEYS
    assert (event["source"], event["name"], event["label"]) == ("system", "customer.created", "Customer Created")
    assert (event["customer_id"], event["external_customer_id"]) == (made["id"], None)
    assert event["timestamp"] == made["created_at"]
    assert event["metadata"] == {
        "customer_id": made["id"],
        "customer_email": "a@acme.test",
        "customer_name": "A",
        "customer_external_id": "x",
    }


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1", "1"),
        ("1.50", "1.50"),
        ("-3", "-3"),
        ("0.000000000001", "0.000000000001"),
        ('"7.25"', "7.25"),
        ("1e3", "1000"),
    ],
)
def test_the_amount_of_a_cost_is_shown_as_decimal_text(client: Client, amount: str, shown: str) -> None:
    cost = f'{{"amount": {amount}, "currency": "usd", "more": 1}}'
    body = f'{{"events":[{{"name":"n","external_customer_id":"c","external_id":"k","metadata":{{"_cost":{cost}}}}}]}}'
    assert client.send(body.encode()).status_code == 201

    event = client.get("/api/events/external/k").json()

    assert event["metadata"] == {"_cost": {"amount": shown, "currency": "usd"}}


def test_an_llm_always_has_prompt_and_response(client: Client) -> None:
    usage = {"vendor": "v", "model": "m", "input_tokens": "5", "output_tokens": 1.0, "total_tokens": 6, "more": 1}

    [event] = client.stored({"name": "n", "external_customer_id": "c", "metadata": {"a": 1, "_llm": usage}})

    assert event["metadata"] == {
        "a": 1,
        "_llm": {
            "vendor": "v",
            "model": "m",
            "prompt": None,
            "response": None,
            "input_tokens": 5,
            "output_tokens": 1,
            "total_tokens": 6,
        },
    }


@pytest.mark.parametrize(
    "spell", [str.upper, lambda text: text.replace("-", ""), "urn:uuid:{}".format, "{{{}}}".format]
)
def test_an_id_may_be_spelt_in_any_way(client: Client, spell: Any) -> None:
    [event] = client.stored({"name": "n", "external_customer_id": "c"})

    assert client.get(f"/api/events/{spell(event['id'])}").json() == event


@pytest.mark.parametrize(
    ("given", "kind", "msg"),
    [
        ("749ec817-5f0b-1f6e-9d3c-0d8a3a1b2c4d", "uuid_version", "UUID version 4 expected"),
    ],
)
def test_an_id_must_be_a_version_4_uuid(client: Client, given: str, kind: str, msg: str) -> None:
    answer = client.get(f"/api/events/{given}")

    assert answer.status_code == 422
    [fault] = answer.json()["detail"]
    assert (fault["type"], fault["loc"], fault["msg"], fault["input"]) == (kind, ["path", "id"], msg, given)


def test_an_unknown_event_and_another_workspaces_are_not_found(client: Client, other_client: Client) -> None:
    [event] = client.stored({"name": "n", "external_customer_id": "c", "external_id": "k"})

    for answer in (
        client.get(f"/api/events/{uuid4()}"),
        other_client.get(f"/api/events/{event['id']}"),
        other_client.get("/api/events/external/k"),
    ):
        assert (answer.status_code, answer.text) == (404, '{"error":"ResourceNotFound","detail":"Not found"}')


def test_an_event_of_another_product_shows_its_customer_without_an_address(
    client: Client, workspace: NewWorkspace
) -> None:
    uploaded = {"identity": "c7", "type": "event", "evtName": "Viewed", "ts": 1700000000, "evtData": {"a": {"b": None}}}
    sent = client.http.post(
        "/1/upload",
        json={"d": [uploaded]},
        headers={
            "X-CleverTap-Account-Id": workspace.clevertap.account_id,
            "X-CleverTap-Passcode": workspace.clevertap.passcode,
        },
    )
    assert sent.status_code == 200

    event = client.last_event(events)

    customer = event["customer"]
    assert (event["source"], event["name"], event["label"]) == ("user", "Viewed", "Viewed")
    assert (event["customer_id"], event["external_customer_id"]) == (customer["id"], "c7")
    assert (customer["email"], customer["avatar_url"], customer["type"]) == (None, None, None)
    assert event["metadata"] == {"a": {"b": None}}
