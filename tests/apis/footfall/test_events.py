"""Footfall's own API over HTTP."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.apis.footfall.errors import InvalidEvent
from footfall.apis.footfall.mapping import new_event
from footfall.tenancy.creation import NewWorkspace
from tests.conftest import Server, new_workspace, start_server

NOBODY = "00000000-0000-4000-8000-000000000000"
NDJSON = {"Content-Type": "application/x-ndjson"}


def auth(workspace: NewWorkspace) -> dict[str, str]:
    return {"Authorization": f"Bearer {workspace.footfall.token}"}


@pytest.fixture
def own(http: httpx.Client, workspace: NewWorkspace) -> httpx.Client:
    http.headers.update(auth(workspace))
    return http


def lines(*events: object) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def found(own: httpx.Client, external_id: str) -> bool:
    return own.get("/events", params={"external_id": external_id}).status_code == 200


def test_an_event_reads_back_as_it_was_sent(own: httpx.Client) -> None:
    sent = (
        b'{"name":"Bought","occurred_at":"2024-05-01T12:30:00.1234567+02:00","external_id":"o-1",'
        b'"customer":{"external_id":"c-1","email":" Ada@Example.COM","mobile":"+44 20-7946","name":"Ada"},'
        b'"account_id":"acme","source":"shop","amount":139.12,"properties":{"b": 1.50,"a":[null]},"session":{"s":1}}'
    )

    created = own.post("/events", content=sent)

    assert created.status_code == 201
    assert created.json()["duplicate"] is False
    read = own.get(f"/events/{created.json()['id']}")
    assert read.status_code == 200
    event = read.json()
    customer = event.pop("customer")
    event.pop("received_at")
    assert event == {
        "id": created.json()["id"],
        "name": "Bought",
        "label": None,
        "occurred_at": "2024-05-01T10:30:00.123456Z",
        "utc_offset": 120,
        "external_id": "o-1",
        "account_id": "acme",
        "source": "shop",
        "amount": "139.12",
        "properties": {"b": 1.5, "a": [None]},
        "session": {"s": 1},
        "parent_id": None,
        "captured_by": "footfall",
    }
    assert '"properties":{"b": 1.50,"a":[null]}' in read.text
    assert (customer["external_id"], customer["email"], customer["mobile"], customer["name"]) == (
        "c-1",
        "ada@example.com",
        "44207946",
        "Ada",
    )
    assert own.get("/events", params={"external_id": "o-1"}).text == read.text


def test_a_name_is_enough(own: httpx.Client) -> None:
    created = own.post("/events", json={"name": "Looked"})

    event = own.get(f"/events/{created.json()['id']}").json()
    assert event["occurred_at"] == event["received_at"]
    assert (event["customer"], event["properties"], event["session"], event["amount"]) == (None, {}, None, None)


def test_the_same_external_id_again_is_a_duplicate_of_the_same_id(own: httpx.Client) -> None:
    first = own.post("/events", json={"name": "A", "external_id": "k"}).json()
    again = own.post("/events", json={"name": "B", "external_id": "k"}).json()

    assert again == {"id": first["id"], "duplicate": True}


@pytest.mark.parametrize(
    ("event", "field", "told"),
    [
        ('{"nmae":"x","name":"y"}', "nmae", "unknown field"),
        ('{"name":"x","customer":{"mail":"y"}}', "customer.mail", "unknown field"),
        ("{}", "name", "missing required field"),
        ('{"name":7}', "name", "Expected `str`"),
        ('{"name":""}', "name", "1 to 512"),
        ('{"name":"a\\u0000b"}', "name", "NUL"),
        ('{"name":"x","occurred_at":"2024-05-01T12:30:00"}', "occurred_at", "RFC 3339"),
        ('{"name":"x","occurred_at":"2024-02-30T12:30:00Z"}', "occurred_at", "RFC 3339"),
        ('{"name":"x","occurred_at":"0001-01-01T00:00:00+14:00"}', "occurred_at", "years 1 to 9999"),
        ('{"name":"x","occurred_at":99999999999999999999}', "occurred_at", "years 1 to 9999"),
        ('{"name":"x","occurred_at":true}', "occurred_at", "Expected"),
        ('{"name":"x","customer":{}}', "customer", "Expected one of"),
        ('{"name":"x","customer":{"mobile":"none"}}', "customer.mobile", "digits"),
        ('{"name":"x","customer":{"id":"17"}}', "customer.id", "UUID"),
        (f'{{"name":"x","customer":{{"id":"{NOBODY}"}}}}', "customer.id", "no customer"),
        ('{"name":"x","amount":"1,5"}', "amount", "number"),
        ('{"name":"x","amount":1e300}', "amount", "number"),
        ('{"name":"x","amount":true}', "amount", "number"),
        ('{"name":"x","properties":[]}', "properties", "Expected an object"),
        ('{"name":"x","properties":{"a":1e999}}', "properties", "out of the range"),
        ('{"name":"x","properties":' + '{"a":' * 150 + "1" + "}" * 151, "properties", "Nested deeper"),
        ('{"name":"x","properties":' + '{"a":' * 9000 + "1" + "}" * 9001, None, "Nested too deeply"),
        ('{"name":"x","session":1}', "session", "Expected an object"),
        (f'{{"name":"x","parent_id":"{NOBODY}"}}', "parent", "parent"),
        ('{"name":"x","parent_external_id":"nobody"}', "parent", "parent"),
        ('{"name":"\\ud800 lonely"}', None, "Not valid JSON"),
        ('{"name":"x"} {"name":"y"}', None, "Not valid JSON"),
        ("hello", None, "Not valid JSON"),
        ("", None, "empty"),
    ],
)
def test_a_bad_event_is_refused_with_its_field(own: httpx.Client, event: str, field: str | None, told: str) -> None:
    answer = own.post("/events", content=event)

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "invalid_event"
    assert told in error["message"]
    assert error.get("field") == field


def test_invalid_utf8_is_refused(own: httpx.Client) -> None:
    answer = own.post("/events", content=b'{"name":"x","properties":{"a":"\xff"}}')

    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Not valid UTF-8")


def test_an_event_over_the_limit_is_413(own: httpx.Client) -> None:
    answer = own.post("/events", content=b'{"name":"' + b"x" * 1_100_000 + b'"}')

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


def test_a_compressed_body_is_refused(own: httpx.Client) -> None:
    answer = own.post("/events", content=b"x", headers={"Content-Encoding": "gzip"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_encoding")


def test_good_lines_are_stored_and_bad_ones_told_by_number(own: httpx.Client) -> None:
    body = b'{"name":"a","external_id":"1"}\n\n{"nam":"b"}\r\n{"name":"c","external_id":"1"}\nnonsense\n{"name":"d"}'

    answer = own.post("/events", content=body, headers=NDJSON)

    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["duplicates"], told["rejected"], told["errors_omitted"]) == (2, 1, 2, 0)
    assert [error["line"] for error in told["errors"]] == [3, 5]


def test_an_arrays_elements_are_told_by_their_place(own: httpx.Client) -> None:
    answer = own.post("/events", content=b' [{"name":"a"}, 17, {"name":"b"}, {"name":""}]')

    told = answer.json()
    assert (answer.status_code, told["accepted"], told["rejected"]) == (200, 2, 2)
    assert [(error["line"], error.get("field")) for error in told["errors"]] == [(2, None), (4, "name")]


def test_an_array_broken_in_the_middle_keeps_what_came_before(own: httpx.Client) -> None:
    answer = own.post("/events", content=b'[{"name":"a","external_id":"x1"},{"name":"b"')

    told = answer.json()
    assert (answer.status_code, told["accepted"], told["rejected"]) == (200, 1, 1)
    assert "byte 33" in told["errors"][0]["message"]
    assert found(own, "x1")


@pytest.mark.parametrize(("body", "headers"), [(b"", NDJSON), (b"\n \n", NDJSON), (b"[]", {})])
def test_a_stream_of_nothing_stores_nothing(own: httpx.Client, body: bytes, headers: dict[str, str]) -> None:
    answer = own.post("/events", content=body, headers=headers)

    assert answer.status_code == 200
    assert answer.json() == {"accepted": 0, "duplicates": 0, "rejected": 0, "errors": [], "errors_omitted": 0}


def test_all_lines_bad_is_400_with_the_same_summary(own: httpx.Client) -> None:
    answer = own.post("/events", content=b"x\n" * 1500, headers=NDJSON)

    told = answer.json()
    assert (answer.status_code, told["rejected"], len(told["errors"]), told["errors_omitted"]) == (400, 1500, 1000, 500)


def test_a_long_stream_in_small_chunks_is_stored_whole(own: httpx.Client) -> None:
    events = [{"name": f"n{i % 7}", "external_id": f"s{i}", "properties": {"i": i}} for i in range(5000)]
    body = json.dumps(events).encode()

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(body), 7777):
            yield body[start : start + 7777]

    answer = own.post("/events", content=chunks())

    assert answer.json()["accepted"] == 5000
    assert own.get("/events", params={"external_id": "s4999"}).json()["properties"] == {"i": 4999}


def test_a_parent_may_stand_earlier_in_the_same_stream(own: httpx.Client) -> None:
    filler = [{"name": "f"}] * 1500
    body = lines({"name": "p", "external_id": "mum"}, *filler, {"name": "c", "parent_external_id": "mum"})

    told = own.post("/events", content=body, headers=NDJSON).json()

    assert (told["accepted"], told["rejected"]) == (1502, 0)


def test_atomic_stores_everything_when_all_is_good(own: httpx.Client) -> None:
    body = lines(*({"name": "a", "external_id": f"t{i}"} for i in range(2500)), {"name": "a", "external_id": "t0"})

    answer = own.post("/events?atomic=true", content=body, headers=NDJSON)

    assert answer.status_code == 200
    assert (answer.json()["accepted"], answer.json()["duplicates"]) == (2500, 1)
    assert found(own, "t2499")


@pytest.mark.parametrize(
    "bad",
    [{"name": ""}, {"name": "c", "parent_external_id": "nobody"}, {"name": "c", "customer": {"id": NOBODY}}],
)
def test_atomic_stores_nothing_when_anything_is_bad(own: httpx.Client, bad: dict[str, Any]) -> None:
    body = lines(*({"name": "a", "external_id": f"u{i}"} for i in range(1200)), bad)

    answer = own.post("/events?atomic=true", content=body, headers=NDJSON)

    told = answer.json()
    assert (answer.status_code, told["accepted"], told["rejected"]) == (400, 0, 1)
    assert told["errors"][0]["line"] == 1201
    assert not found(own, "u0")


def test_atomic_must_be_true_or_false(own: httpx.Client) -> None:
    answer = own.post("/events?atomic=maybe", json=[])

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "atomic")


def test_an_aborted_upload_keeps_the_complete_lines(server: Server, own: httpx.Client, workspace: NewWorkspace) -> None:
    head = (
        f"POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {workspace.footfall.token}\r\n"
        "Content-Type: application/x-ndjson\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as line:
        line.sendall(head.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 100")
        line.sendall(lines({"name": "a", "external_id": "whole"}) + b'{"name":"a","external_id":"hal')

    deadline = time.monotonic() + 10
    while not found(own, "whole") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found(own, "whole")


@pytest.mark.parametrize("seconds_between", [0.25, 5])
def test_what_a_slow_stream_has_sent_is_soon_there(
    own: httpx.Client, server: Server, workspace: NewWorkspace, seconds_between: float
) -> None:
    """Whether it trickles or pauses: nobody waits until it has sent a whole batch."""
    seen_after: list[float] = []

    def slowly() -> Iterator[bytes]:
        began = time.monotonic()
        last_sent = 0.0
        number = 0
        with httpx.Client(base_url=server.url, headers=auth(workspace)) as reader:
            while not seen_after and time.monotonic() < began + 10:
                if time.monotonic() >= last_sent + seconds_between:
                    yield lines({"name": "slow", "external_id": str(number)})
                    number += 1
                    last_sent = time.monotonic()
                if found(reader, "0"):
                    seen_after.append(time.monotonic() - began)
                time.sleep(0.05)
        yield lines({"name": "slow", "external_id": "last"})

    answer = own.post("/events", content=slowly(), headers=NDJSON)

    assert (answer.status_code, answer.json()["rejected"], answer.json()["duplicates"]) == (200, 0, 0)
    assert seen_after, "before the stream has ended"
    assert found(own, "last")


def test_a_slow_atomic_stream_shows_nothing_before_its_end(
    own: httpx.Client, server: Server, workspace: NewWorkspace
) -> None:
    def slowly() -> Iterator[bytes]:
        yield lines({"name": "slow", "external_id": "early"})
        time.sleep(1.5)
        with httpx.Client(base_url=server.url, headers=auth(workspace)) as reader:
            assert not found(reader, "early")
        yield lines({"name": ""})

    answer = own.post("/events?atomic=true", content=slowly(), headers=NDJSON)

    assert (answer.status_code, answer.json()["accepted"]) == (400, 0)
    assert not found(own, "early")


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer nonsense", "Basic x", "Bearer footfall_" + "A" * 48])
def test_without_a_valid_token_there_is_nothing_to_see(http: httpx.Client, token: str) -> None:
    for answer in (
        http.get("/events?external_id=x", headers={"Authorization": token}),
        http.get(f"/events/{NOBODY}", headers={"Authorization": token}),
        http.post("/events", json={"name": "x"}, headers={"Authorization": token}),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "unauthorized"


def test_another_products_token_is_no_token_here(http: httpx.Client, workspace: NewWorkspace) -> None:
    answer = http.get("/events?external_id=x", headers={"Authorization": f"Bearer {workspace.rapidly.token}"})

    assert answer.status_code == 401


def test_workspaces_do_not_see_each_other(
    http: httpx.Client, workspace: NewWorkspace, other_workspace: NewWorkspace
) -> None:
    event = {"name": "x", "external_id": "same", "customer": {"external_id": "c"}}
    mine = http.post("/events", json=event, headers=auth(workspace)).json()
    theirs = http.post("/events", json=event, headers=auth(other_workspace)).json()

    assert mine["id"] != theirs["id"]
    assert theirs["duplicate"] is False
    assert http.get(f"/events/{mine['id']}", headers=auth(other_workspace)).status_code == 404
    customer = http.get(f"/events/{mine['id']}", headers=auth(workspace)).json()["customer"]["id"]
    refused = http.post("/events", json={"name": "y", "customer": {"id": customer}}, headers=auth(other_workspace))
    assert refused.status_code == 400
    child = http.post("/events", json={"name": "y", "parent_id": mine["id"]}, headers=auth(other_workspace))
    assert child.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/events/not-a-uuid", 404, "not_found"),
        ("GET", f"/events/{NOBODY}", 404, "not_found"),
        ("GET", "/events?external_id=unknown", 404, "not_found"),
        ("GET", "/events", 400, "bad_request"),
        ("DELETE", "/events", 405, "method_not_allowed"),
        ("GET", "/nowhere", 404, "not_found"),
    ],
)
def test_every_failure_wears_the_same_envelope(
    own: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    answer = own.request(method, path)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert isinstance(answer.json()["error"]["message"], str)


def test_the_limit_of_an_event_is_the_deployments_choice(tmp_path_factory: pytest.TempPathFactory) -> None:
    running = start_server(
        f"sqlite:///{tmp_path_factory.mktemp('small')}/footfall.db",
        FOOTFALL_MAX_EVENT_BYTES="100",
        FOOTFALL_QUEUE_CAPACITY="1000",
    )
    try:
        workspace = new_workspace(running.database_url)
        body = lines({"name": "x" * 200}, *({"name": "a"} for _ in range(6000)))
        answer = httpx.post(f"{running.url}/events", content=body, headers={**auth(workspace), **NDJSON}, timeout=30)
    finally:
        running.stop()

    assert (answer.json()["accepted"], answer.json()["rejected"]) == (6000, 1)


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(
    ["name", "occurred_at", "customer", "amount", "properties", "session", "parent_id", "source", "external_id"]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(fields, wild, max_size=6), st.binary(max_size=4))
def test_anything_becomes_an_event_or_a_refusal(members: dict[str, object], junk: bytes) -> None:
    for content in (json.dumps({"name": "x", **members}).encode(), junk, b'{"name":"x"' + junk):
        with suppress(InvalidEvent):
            assert new_event(content, 0).name
