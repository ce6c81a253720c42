"""Rows of contracts/gainsight_px.md that no other test of this folder is about: what real clients send and rely on."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from footfall.model import instant
from footfall.tenancy.creation import NewWorkspace
from tests.apis.gainsight_px.conftest import HEADER, PATH, WIDE, PxClient, Records

Refused = Callable[[httpx.Response, int], dict[str, Any]]

# 3: path, collection, documented filter fields, documented sort fields.
LISTS = [
    (PATH, "customEvents", "identifyId eventName date accountId", "accountId date"),
    ("/v1/events/email", "results", "identifyId date email engagementId emailTrackType executionDate", "date"),
    (
        "/v1/events/engagementView",
        "results",
        "identifyId accountId date contentType carouselState guideState surveyState",
        "accountId date",
    ),
    ("/v1/events/feature_match", "featureMatchEvents", "featureId identifyId accountId date", "accountId date"),
    ("/v1/events/formSubmit", "results", "identifyId accountId date", "date"),
    ("/v1/events/identify", "identifyEvents", "identifyId email date", "accountId date"),
    ("/v1/events/lead", "results", "identifyId email date", "accountId date"),
    (
        "/v1/events/pageView",
        "results",
        "identifyId accountId date path queryString pageTitle host",
        "accountId date",
    ),
    ("/v1/events/segment_match", "featureMatchEvents", "segmentId identifyId accountId date", "accountId date"),
    ("/v1/events/session", "sessionInitializedEvents", "identifyId accountId date", "accountId date"),
    ("/v1/survey/responses", "results", "identifyId accountId date contentType", "accountId date"),
]


@pytest.mark.parametrize(("path", "collection", "fields", "orders"), LISTS, ids=lambda value: str(value)[-20:])
def test_each_list_takes_its_documented_fields(
    http: httpx.Client, px: PxClient, path: str, collection: str, fields: str, orders: str
) -> None:
    """Contract 3: filter fields, sort fields, collection keys."""
    asked = [
        {"filter": f"{field}==1704067200000" if field in ("date", "executionDate") else f"{field}==x"}
        for field in fields.split()
    ]
    asked += [{"sort": sign + order} for order in orders.split() for sign in ("", "-")]
    asked += [{"pageSize": "1"}, {"pageSize": "1000"}, {"sort": "", "scrollId": "", "filter": ""}]
    for parameters in asked:
        answered = http.get(path, params=parameters, headers={HEADER: px.key})
        assert (answered.status_code, answered.json()) == (200, {collection: [], "totalHits": 0, "scrollId": None})


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/events/PageView", "/v1/events/page_view", "/v1/events/page-view", "/v1/events/featureMatch"),
        *("/v1/events/form_submit", "/v1/events/segment_io", "/v1/events/survey", "/v1/events/engagement"),
        *("/v1/Events/custom", "/V1/events/custom", "/v1/survey", "/v1/Users"),
    ],
)
def test_paths_are_as_they_are_written(http: httpx.Client, px: PxClient, path: str) -> None:
    """Contract 3: mixed casing, and no other names."""
    answered = http.get(path, headers={HEADER: px.key})

    assert answered.status_code == 404
    if path.startswith("/v1/"):
        assert answered.json()["externalapierror"]["status"] == "NOT_FOUND"


@pytest.mark.parametrize("accepted", ["text/html", "application/xml", "*/*", "nonsense"])
def test_whatever_is_accepted_gets_json(http: httpx.Client, vectors: PxClient, accepted: str) -> None:
    """Contract 1.2."""
    headers = {HEADER.lower(): vectors.key, "Accept": accepted}

    found = http.get(PATH, params=WIDE, headers=headers)
    failed = http.get(PATH, params={"pageSize": "0"}, headers=headers)

    assert (found.status_code, failed.status_code) == (200, 400)
    assert found.headers["content-type"] == failed.headers["content-type"] == "application/json"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_an_event_is_neither_changed_nor_deleted(
    http: httpx.Client, vectors: PxClient, refused: Refused, method: str
) -> None:
    """Contract 4.1: one client tries."""
    answered = http.request(method, f"{PATH}/e1", params={"hardDelete": "true"}, headers={HEADER: vectors.key})

    assert refused(answered, 405)["status"] == "METHOD_NOT_ALLOWED"
    assert vectors.found() == ["e1", "e2", "e3"]


LOADER = {
    "identifyId": "u1",
    "accountId": "a1",
    "eventName": "Clicked",
    "date": 1704067205000,
    "attributes": {"source": "web"},
    "userType": "USER",
    "propertyKey": "AP-TEST-2",
}
RUDDERSTACK = {
    **LOADER,
    "sessionId": "s",
    "url": "https://shop.example/",
    "referrer": "",
    "globalContext": {"key": "value"},
}
SITECORE = {name: LOADER[name] for name in ("eventName", "identifyId", "userType", "propertyKey", "date", "attributes")}


@pytest.mark.parametrize("body", [LOADER, RUDDERSTACK, SITECORE])
def test_what_real_clients_send_is_created(http: httpx.Client, px: PxClient, body: dict[str, Any]) -> None:
    """Contract 4.1, 6: 201 exactly, a JSON object, and never the member by which one client knows a failure."""
    answered = http.post(PATH, json=body, headers={HEADER: px.key})

    assert answered.status_code == 201
    assert isinstance(answered.json(), dict)
    assert "externalapierror" not in answered.json()
    (shown,) = px.search(**WIDE)["customEvents"]
    assert {name: shown[name] for name in body} == body


def test_a_page_has_twenty_five_events_unless_said_otherwise(http: httpx.Client, px: PxClient) -> None:
    """Contract 2.1."""
    _send(http, px, 30)

    assert len(px.search(**WIDE)["customEvents"]) == 25
    assert px.search(**WIDE)["totalHits"] == 30


def _until_a_page_is_short(px: PxClient, asked: dict[str, str]) -> list[str]:
    """PostHog, Cumulocity: every parameter again, while pages are full."""
    found, token = [], ""
    while True:
        page = px.search(**asked, scrollId=token)
        found += [event["eventId"] for event in page["customEvents"]]
        if len(page["customEvents"]) < int(asked["pageSize"]):
            return found
        token = page["scrollId"]


def _while_there_is_a_token(px: PxClient, asked: dict[str, str]) -> list[str]:
    """am4894airflowutils: while the token is truthy and the page is not empty, with a stray page number."""
    found: list[str] = []
    page = px.search(**asked, pageNumber="1")
    while page["customEvents"]:
        found += [event["eventId"] for event in page["customEvents"]]
        if not page["scrollId"]:
            break
        page = px.search(**asked, pageNumber="1", scrollId=page["scrollId"])
    return found


def _by_the_token_alone(px: PxClient, asked: dict[str, str]) -> list[str]:
    """A proxy's: later pages send nothing but the token. And polymetrics: none may come twice."""
    page = px.search(**asked)
    found, seen = [event["eventId"] for event in page["customEvents"]], set()
    while page["scrollId"]:
        assert page["scrollId"] not in seen
        seen.add(page["scrollId"])
        page = px.search(scrollId=page["scrollId"])
        found += [event["eventId"] for event in page["customEvents"]]
    return found


def _as_many_as_there_are(px: PxClient, asked: dict[str, str]) -> list[str]:
    """tap-gainsightpx: until it has as many rows as the total."""
    found: list[str] = []
    page = px.search(**asked)
    while page["customEvents"] and page["scrollId"] is not None and len(found) < page["totalHits"]:
        found += [event["eventId"] for event in page["customEvents"]]
        if len(found) >= page["totalHits"]:
            return found
        page = px.search(**asked, scrollId=page["scrollId"])
    return found + [event["eventId"] for event in page["customEvents"]]


@pytest.mark.parametrize("count", [0, 1, 6, 7, 9])
@pytest.mark.parametrize(
    "walk", [_until_a_page_is_short, _while_there_is_a_token, _by_the_token_alone, _as_many_as_there_are]
)
def test_every_client_stops_where_all_is_read(
    http: httpx.Client, px: PxClient, walk: Callable[[PxClient, dict[str, str]], list[str]], count: int
) -> None:
    """Contract 2.6, 6: full last pages and short ones."""
    _send(http, px, count)
    asked = {**WIDE, "pageSize": "3", "sort": "-date", "filter": "attributes.n>=0"}

    assert walk(px, asked) == [f"e{number}" for number in reversed(range(count))]


def test_another_page_size_holds_from_there_on(http: httpx.Client, px: PxClient) -> None:
    """Contract 2.6, rule 5."""
    _send(http, px, 9)
    first = px.search(**WIDE, pageSize="2")

    second = px.search(scrollId=first["scrollId"], pageSize="4", sort="-date", filter="eventName==nothing")
    third = px.search(scrollId=second["scrollId"])

    pages = [[event["eventId"] for event in page["customEvents"]] for page in (first, second, third)]
    assert pages == [["e0", "e1"], ["e2", "e3", "e4", "e5"], ["e6", "e7", "e8"]]
    assert (second["totalHits"], third["scrollId"]) == (9, None)


@pytest.mark.parametrize("name", ["a=b", "a:b,c@d", "a<b>c~d", '"quoted"', "a b", " blank ", "100%_", "a&b", "#?/"])
def test_a_value_is_all_that_stands_before_the_next_semicolon(http: httpx.Client, px: PxClient, name: str) -> None:
    """Contract 2.2: nothing is quoted or escaped."""
    for place, each in enumerate((name, f"{name}x")):
        sent = {**SITECORE, "eventName": each, "eventId": f"e{place}"}
        assert http.post(PATH, json=sent, headers={HEADER: px.key}).status_code == 201

    assert px.found(f"eventName=={name};identifyId==u1;") == ["e0"]


def test_the_kind_of_user_is_frozen_on_the_event(px: PxClient, users: Records) -> None:
    """Contract 5.4."""
    users.create(identifyId="u1", type="LEAD")
    px.post(eventId="e1", date=1704067200000, userType="LEAD")

    users.update("u1", type="USER", accountId="later")

    (shown,) = px.search("userType==LEAD", **WIDE)["customEvents"]
    assert (shown["userType"], shown["accountId"]) == ("LEAD", "")


def test_the_last_day_asked_for_again_and_again_is_what_is_stored_then(px: PxClient, users: Records) -> None:
    """Contract 2.3: without a window, the last day; whatever filter goes with it."""
    asked = ["attributes.n>=0", "identifyId~u*", "userType==USER", "accountId!~x*", "identifyId==U1"]
    now = instant.now() // instant.MILLISECOND
    px.post(eventId="yesterday", date=now - 82_800_000, attributes={"n": 0})
    px.post(eventId="soon", date=now + 86_400_000, attributes={"n": 0})
    for number in range(4):
        for text in asked:
            page = px.search(text, sort="date")
            expected = ["yesterday", *(f"e{each}" for each in range(number))]
            assert [event["eventId"] for event in page["customEvents"]] == expected, text
            assert page["totalHits"] == len(expected)
        px.post(eventId=f"e{number}", attributes={"n": number})


def test_the_same_questions_are_answered_as_users_are_called_then(px: PxClient, users: Records) -> None:
    """Contract 5.4: an event's user goes by the name he has when it is asked."""
    px.post(identifyId="before", eventId="e1", date=1704067200000)
    asked = [f"identifyId~{pattern}" for pattern in ("be*", "*ne?", "*")]
    assert [px.found(text) for text in asked] == [["e1"], [], ["e1"]]

    assert users.delete("before", hardDelete="true").status_code == 200
    px.post(identifyId="new", eventId="e2", date=1704067200001)

    assert [px.found(text) for text in asked] == [["e1"], ["e2"], ["e1", "e2"]]


def test_two_workspaces_ask_the_same_and_are_told_of_their_own(
    http: httpx.Client, px: PxClient, other_workspace: NewWorkspace
) -> None:
    other = PxClient(http, other_workspace)
    px.post(eventId="mine", date=1704067200000, attributes={"n": 1})
    other.post(eventId="theirs", date=1704067200000, attributes={"n": 1})

    for _ in range(2):
        assert px.found("attributes.n==1") == ["mine"]
        assert other.found("attributes.n==1") == ["theirs"]


def _send(http: httpx.Client, px: PxClient, count: int) -> None:
    batch = [
        {**SITECORE, "eventId": f"e{number}", "date": 1704067200000 + number, "attributes": {"n": number}}
        for number in range(count)
    ]
    if batch:
        assert http.post(f"{PATH}/batch", json=batch, headers={HEADER: px.key}).json() == []
