"""Sending custom events over HTTP: contracts/gainsight_px.md 4.1."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.demo.client import DemoClient
from footfall.tenancy.creation import NewWorkspace
from tests.apis.gainsight_px.conftest import WIDE, PxClient
from tests.conftest import Server

Refused = Callable[[httpx.Response, int], dict[str, Any]]


def test_an_event_sent_is_created(px: PxClient) -> None:
    created = px.post(eventId="my-1", date=1704067200000)

    assert created.status_code == 201
    assert created.json()["eventId"] == "my-1"
    assert px.found() == ["my-1"]


def test_without_an_event_id_the_answer_names_the_one_given(px: PxClient) -> None:
    created = px.post(date=1704067200000).json()

    assert created["eventId"] == created["id"]
    assert px.found(f"eventId=={created['id'].upper()}") == [created["id"]]


def test_an_event_without_an_account_gets_its_customers(px: PxClient, server: Server, workspace: NewWorkspace) -> None:
    identifiers = [{"type": "externalId", "value": "u1"}]
    profile = {"identifiers": identifiers, "source": "WECHAT", "accountId": "Acme"}
    DemoClient(server.url, workspace).capillary("POST", "/v2/customers", {"profiles": [profile]})

    px.post(eventId="none", identifyId="u1", date=1704067200000)
    px.post(eventId="own", identifyId="u1", accountId="Other", date=1704067200001)

    shown = [(event["eventId"], event["accountId"]) for event in px.search(**WIDE)["customEvents"]]
    assert shown == [("none", "Acme"), ("own", "Other")]


def test_an_event_id_sent_again_changes_nothing(px: PxClient) -> None:
    first = px.post(eventId="my-1", eventName="Clicked", date=1704067200000)
    second = px.post(eventId="my-1", eventName="Viewed", date=1704067201000)

    assert second.status_code == 201
    assert second.json() == first.json()
    assert [event["eventName"] for event in px.search(**WIDE)["customEvents"]] == ["Clicked"]


def test_without_a_date_the_event_happens_now(px: PxClient) -> None:
    before = time.time_ns() // 1_000_000
    px.post()
    after = time.time_ns() // 1_000_000

    assert before <= px.search()["customEvents"][0]["date"] <= after


def test_properties_come_back_byte_for_byte(px: PxClient) -> None:
    attributes = '{ "n" : 1.50, "big":123456789012345678901234567890, "e":"\\u00e9\\ud83d\\ude00", "l":[1,{"a":null}] }'
    context = '{"role" : "Admin"}'
    body = (
        f'{{"eventName":"x","identifyId":"u1","propertyKey":"{px.property_key}","userType":"USER","date":1704067200000,'
        f'"attributes":{attributes},"globalContext":{context}}}'
    )
    assert px.post_raw(body.encode()).status_code == 201

    shown = px.get(**WIDE).text

    assert f'"attributes":{attributes}' in shown
    assert f'"globalContext":{context}' in shown


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({"userType": None}, ["userType"]),
        ({"userType": "user"}, ["userType"]),
        ({"eventName": None, "identifyId": "", "propertyKey": 5}, ["eventName", "identifyId", "propertyKey"]),
        ({"eventName": "x" * 2001}, ["eventName"]),
        ({"identifyId": "x" * 1025}, ["identifyId"]),
        ({"eventName": "a\0b", "identifyId": "\0", "url": "\0"}, ["eventName", "identifyId", "url"]),
        ({"eventId": {"a": 1}}, ["eventId"]),
        ({"date": "2024-01-01"}, ["date"]),
        ({"date": 1.5}, ["date"]),
        ({"date": True}, ["date"]),
        ({"date": 10**30}, ["date"]),
        ({"date": 253402300800000}, ["date"]),
        ({"date": -62135596800001}, ["date"]),
        ({"attributes": []}, ["attributes"]),
        ({"attributes": {f"a{number}": 1 for number in range(51)}}, ["attributes"]),
        ({"attributes": {"k" * 1025: 1}}, ["attributes"]),
        ({"globalContext": "x"}, ["globalContext"]),
        ({"sessionId": 5, "url": [], "accountId": False}, ["sessionId", "accountId", "url"]),
    ],
)
def test_every_field_at_fault_is_named(
    px: PxClient, refused: Refused, fields: dict[str, Any], faulty: list[str]
) -> None:
    error = refused(px.post(**{"date": 1704067200000, **fields}), 400)

    assert [fault["field"] for fault in error["subErrors"]] == faulty
    for fault in error["subErrors"]:
        assert fault["object"] == "customEvent"
        assert fault["message"].startswith(fault["field"])
    assert px.search(**WIDE)["totalHits"] == 0


def test_a_rejected_value_is_told_back(px: PxClient, refused: Refused) -> None:
    error = refused(px.post(userType="user", eventName=None), 400)

    assert [fault["rejectedValue"] for fault in error["subErrors"]] == [None, "user"]


def test_the_limits_themselves_are_allowed(px: PxClient) -> None:
    attributes = {f"{number}".ljust(1024, "k"): "v" for number in range(50)}

    assert px.post(eventName="n" * 2000, attributes=attributes).status_code == 201
    assert px.post(eventName="Straße", identifyId="ünï", accountId=None, unknown={"x": 1}).status_code == 201


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"5",
        b"[]",
        b'[{"eventName":"x"}]',
        b"\xff\xfe",
        b'{"eventName":"\xff"}',
        b'{"eventName":"\\ud800"}',
        b'{"attributes":{"a":"\\udc00"}}',
        b'{"attributes":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b"[" * 100_000,
    ],
)
def test_what_is_no_event_is_a_bad_request(px: PxClient, refused: Refused, content: bytes) -> None:
    assert refused(px.post_raw(content), 400)["status"] == "BAD_REQUEST"


def test_a_body_that_is_too_large_is_refused(px: PxClient, refused: Refused) -> None:
    assert refused(px.post(url="x" * 17_000_000), 413)["status"] == "PAYLOAD_TOO_LARGE"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(
    [
        "eventName",
        "identifyId",
        "propertyKey",
        "userType",
        "eventId",
        "date",
        "sessionId",
        "attributes",
        "globalContext",
    ]
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(fields=st.dictionaries(names, json_values, max_size=4))
def test_no_body_breaks_the_server(px: PxClient, fields: dict[str, Any]) -> None:
    body = {"eventName": "x", "identifyId": "u", "propertyKey": "p", "userType": "USER", **fields}

    answered = px.post_raw(json.dumps(body).encode())

    assert answered.status_code in (201, 400), answered.text
    assert px.search("attributes.a!=b", sort="accountId")["totalHits"] >= 0


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(["eventName", "identifyId", "date", "attributes.a", "userType", "sessionId", "", "x"]),
    operator=st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~", "!~", "=", ""]),
    value=st.text(max_size=8),
    sort=st.sampled_from(["", "date", "-accountId"]) | st.text(max_size=4),
    scroll=st.just("") | st.text(max_size=10),
)
def test_no_query_breaks_the_server(
    px: PxClient, field: str, operator: str, value: str, sort: str, scroll: str
) -> None:
    answered = px.get(filter=f"{field}{operator}{value}", sort=sort, scrollId=scroll)

    assert answered.status_code in (200, 400), answered.text
