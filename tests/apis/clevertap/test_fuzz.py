"""Whatever is sent: an answer in CleverTap's envelope, never a 500."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apis.clevertap.account import DAY, NOON, Account, event

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["", "\0", "event", "profile", "token", "u1", "Viewed", "Charged", "$D_1", str(NOON)]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Items", "Name", "Email", "Phone", "Age", "$add", "$incr", "id", "type"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
records = st.fixed_dictionaries(
    {},
    optional={
        key: st.just(usual) | values
        for key, usual in {
            "type": "event",
            "identity": "u1",
            "objectId": "__d",
            "FBID": "f",
            "ts": NOON,
            "evtName": "Viewed",
            "evtData": {"n": 1},
            "profileData": {"Name": "Jack"},
            "tokenData": {"id": "t", "type": "fcm"},
        }.items()
    },
)
queries = st.fixed_dictionaries(
    {},
    optional={
        key: st.just(usual) | values
        for key, usual in {
            "event_name": "Viewed",
            "from": 20160712,
            "to": 20160712,
            "batch_size": 3,
            "cursor": None,
            "identity": "u1",
            "email": "a@b.c",
            "objectId": "__" + "0" * 32,
            "event_properties": [{"name": "n", "operator": "gt", "value": 0}],
            "session_properties": [{"name": "utm_source", "operator": "exists"}],
            "common_profile_properties": {"profile_fields": [{"name": "Name", "value": "Jack"}]},
            "groups": {"g": {"trend_type": "monthly", "property_type": "event_properties", "name": "n"}},
            "unique": True,
            "sum_event_prop": "n",
            "guid": "__" + "0" * 32,
        }.items()
    },
)


def checked(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 400:
        assert body.keys() == {"status", "error", "code"}
        assert body["status"] == "fail"
    return body


@few
@given(st.lists(records | values, max_size=5))
def test_any_upload_gets_a_verdict_on_every_record(account: Account, uploaded: list[Any]) -> None:
    body = checked(account.upload(*uploaded))

    assert body["processed"] + len(body["unprocessed"]) == len(uploaded)
    for item in body["unprocessed"]:
        assert item["code"] in {*range(509, 536), 555}
    assert checked(account.upload(event()))["status"] == "success"


@few
@given(queries | values)
def test_any_query_opens_an_export_or_is_refused(account: Account, query: Any) -> None:
    account.stored(event())
    opened = checked(account.post("/1/events.json", content=json.dumps(query)))

    if "cursor" in opened:
        assert checked(account.get(cursor=opened["cursor"]))["status"] == "success"


@few
@given(query=queries | values)
@pytest.mark.parametrize("what", ["counts/events", "counts/profiles", "counts/trends", "counts/top", "delete/profiles"])
def test_any_query_of_the_neighbours_is_answered(account: Account, what: str, query: Any) -> None:
    account.stored(event(n=1))
    body = checked(account.post(f"/1/{what}.json", content=json.dumps(query)))

    if body["status"] == "partial":
        assert checked(account.get(f"/1/{what}.json", req_id=body["req_id"]))["status"] in {"success", "fail"}


@few
@given(queries | values)
def test_any_query_opens_an_export_of_users_or_is_refused(account: Account, query: Any) -> None:
    account.stored(event(n=1))
    opened = checked(account.post("/1/profiles.json", content=json.dumps(query)))

    if "cursor" in opened:
        assert checked(account.get("/1/profiles.json", cursor=opened["cursor"]))["status"] == "success"


@few
@given(st.binary(max_size=60))
@pytest.mark.parametrize(
    "path",
    ["/1/upload", "/1/events.json", "/1/profiles.json", "/1/counts/top.json", "/1/delete/profiles.json"],
)
def test_any_bytes_are_answered(account: Account, path: str, body: bytes) -> None:
    assert checked(account.post(path, content=body))


@few
@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=80))
def test_any_query_string_is_answered(account: Account, text: str) -> None:
    query = json.dumps({"event_name": "Viewed", **DAY})

    assert checked(account.http.get(f"/1/events.json?{text}", headers=account.headers))
    assert checked(account.http.post(f"/1/events.json?{text}", headers=account.headers, content=query))
    assert checked(account.http.get(f"/1/events.json?cursor={text}", headers=account.headers))
    for path in ("/1/profiles.json", "/1/counts/trends.json", "/getSchema"):
        assert checked(account.http.get(f"{path}?{text}", headers=account.headers))
