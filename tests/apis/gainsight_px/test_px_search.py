"""Searching over HTTP: the rows of contracts/gainsight_px.md 2 and 8."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.apis.gainsight_px.conftest import HEADER, PATH, WIDE, PxClient
from tests.conftest import Databases, new_workspace, start_server

Refused = Callable[[httpx.Response, int], dict[str, Any]]
DAY = 86_400_000


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], ["e1", "e2", "e3"]),
        (["identifyId==u1"], ["e1", "e2", "e3"]),
        (["eventName~cl*"], ["e1", "e2"]),
        (["eventName~cl?ck"], ["e2"]),
        (["eventName!~cl*"], ["e3"]),
        (["eventName==Clicked", "eventName==Viewed"], ["e1", "e3"]),
        (["identifyId==u1;eventName==Viewed;"], ["e3"]),
        (["accountId~t2700*;date>1704067201000;date<1704067203000;"], ["e3"]),
        (["accountId!=Acme"], ["e2", "e3"]),
        (["accountId!~Ac*"], ["e2", "e3"]),
        (["date>=2024-01-01T00:00:01Z"], ["e2", "e3"]),
        (["date>2024-01-01T00:00:01Z"], ["e3"]),
        (["date<=2024-01-01T02:00:01+02:00"], ["e1", "e2"]),
        (["date<2024-01-01T00:00:01"], ["e1"]),
        (["date==1704067201000"], ["e2"]),
        (["date!=1704067201000"], ["e1", "e3"]),
        (["date~170406720?000;eventName!=click"], ["e1", "e3"]),
        (["identifyId>=u1"], ["e1", "e2", "e3"]),
        (["identifyId<u1"], []),
        (["eventName>=clicked"], ["e1", "e3"]),
        (["eventName==cl*"], []),
        (["accountId=="], []),
        (["accountId!="], ["e1", "e2", "e3"]),
        (["accountId~*"], ["e1", "e3"]),
        (["eventId==E2"], ["e2"]),
        (["userType==user;eventType==custom"], ["e1", "e2", "e3"]),
        (["eventName==Clicked;", ";", ""], ["e1"]),
    ],
)
def test_a_filter_finds_what_the_contract_says(vectors: PxClient, filters: list[str], expected: list[str]) -> None:
    page = vectors.search(*filters, **WIDE)

    assert [event["eventId"] for event in page["customEvents"]] == expected
    assert page["totalHits"] == len(expected)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("date", ["e1", "e2", "e3"]),
        ("-date", ["e3", "e2", "e1"]),
        ("accountId;-date", ["e2", "e1", "e3"]),
        ("-accountId", ["e3", "e1", "e2"]),
        ("+date", ["e1", "e2", "e3"]),
        ("-date;accountId;", ["e3", "e2", "e1"]),
        ("-date;date", ["e3", "e2", "e1"]),
        ("", ["e1", "e2", "e3"]),
    ],
)
def test_a_sort_orders_as_the_contract_says(vectors: PxClient, sort: str, expected: list[str]) -> None:
    assert vectors.found(sort=sort) == expected


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"pageSize": "0"}, "pageSize"),
        ({"pageSize": "1001"}, "pageSize"),
        ({"pageSize": "abc"}, "pageSize"),
        ({"pageSize": "-1"}, "pageSize"),
        ({"pageSize": "99999999999999999999"}, "pageSize"),
        ({"filter": "foo"}, "foo"),
        ({"filter": "nope==1"}, "nope"),
        ({"filter": "eventName=Clicked"}, "eventName=Clicked"),
        ({"filter": "==Clicked"}, "==Clicked"),
        ({"filter": "eventName~a\0b"}, "NUL"),
        ({"filter": "attributes.==1"}, "attributes."),
        ({"filter": "date>=x"}, "'x'"),
        ({"filter": "date>=999999999999999999"}, "999999999999999999"),
        ({"filter": "date>=2024-13-01"}, "2024-13-01"),
        ({"filter": ";".join(["eventName==x"] * 101)}, "100 terms"),
        ({"filter": "eventName==" + "x" * 8000}, "8000 characters"),
        ({"filter": "date>1704067202000;date<1704067201000"}, "start is after the end"),
        ({"sort": "eventName"}, "eventName"),
        ({"sort": "-"}, "sort"),
        ({"dateRangeStart": "yesterday"}, "dateRangeStart"),
        ({"dateRangeStart": "1704067202000", "dateRangeEnd": "1704067201000"}, "start is after the end"),
        ({"scrollId": "nonsense"}, "scrollId"),
        ({"scrollId": "näh"}, "scrollId"),
    ],
)
def test_what_cannot_be_asked_is_a_bad_request(
    px: PxClient, refused: Refused, parameters: dict[str, str], names: str
) -> None:
    error = refused(px.get(**parameters), 400)

    assert error["status"] == "BAD_REQUEST"
    assert names in error["message"]


def test_a_window_of_more_than_190_days_is_refused_in_the_vendors_words(px: PxClient, refused: Refused) -> None:
    for answered in (
        px.get(dateRangeStart="0", dateRangeEnd="1704067200000"),
        px.get(filter="date>=2024-01-01"),
        px.get(("filter", "date==5"), ("filter", f"date>=0;date<={190 * DAY + 1}")),
    ):
        assert refused(answered, 400)["message"] == "Exceeded date range190days"

    assert px.search(f"date>=0;date<={190 * DAY}")["totalHits"] == 0


def test_without_a_window_the_last_day_is_searched(px: PxClient) -> None:
    now = time.time_ns() // 1_000_000
    px.post(eventId="now")
    px.post(eventId="earlier", date=now - DAY + 60_000)
    px.post(eventId="too early", date=now - DAY - 60_000)
    px.post(eventId="to come", date=now + 60_000)

    assert [event["eventId"] for event in px.search()["customEvents"]] == ["earlier", "now"]
    assert px.search("eventName==Clicked")["totalHits"] == 2
    assert px.search(f"date>={now - 2 * DAY}")["totalHits"] == 3
    assert px.search(dateRangeEnd=str(now + DAY))["totalHits"] == 2


def test_each_alternative_has_a_window_of_its_own(px: PxClient) -> None:
    px.post(eventId="now", eventName="Viewed")
    px.post(eventId="old", eventName="Clicked", date=1704067200000)

    assert px.search("eventName==Clicked", "eventName==Viewed")["totalHits"] == 1
    assert px.search("eventName==Clicked;date==2024-01-01", "eventName==Viewed")["totalHits"] == 2


def test_a_range_and_a_filter_on_dates_intersect(vectors: PxClient) -> None:
    assert vectors.found("date>=1704067201000", dateRangeEnd="1704067201000") == ["e2"]
    assert vectors.found("date<1704067201000", dateRangeStart="1704067201000") == []


def test_an_alternative_without_dates_takes_the_range_as_it_is_given(vectors: PxClient) -> None:
    found = vectors.found(dateRangeStart="2024-01-01T00:00:01Z", dateRangeEnd="2024-01-01 00:00:02")

    assert found == ["e2", "e3"]


def test_a_shown_event_has_every_field(px: PxClient) -> None:
    sent = {
        "eventId": "e1",
        "identifyId": "u1",
        "propertyKey": "AP-ELSEWHERE-2-1",
        "date": 1704067200123,
        "eventType": "SIGN_UP",
        "sessionId": "s1",
        "userType": "LEAD",
        "accountId": "Acme",
        "globalContext": {"role": "Admin"},
        "eventName": "Clicked",
        "attributes": {"n": 1.50, "s": "é"},
        "url": "https://shop.example/",
        "referrer": "https://search.example/",
        "remoteHost": "shop.example",
    }
    px.post(**sent)

    shown = px.search(**WIDE)["customEvents"][0]

    assert shown == sent
    assert list(shown) == list(sent)


def test_what_was_not_sent_is_shown_empty(px: PxClient) -> None:
    created = px.post(date=1704067200000).json()

    assert px.search(**WIDE)["customEvents"] == [
        {
            "eventId": created["id"],
            "identifyId": "u1",
            "propertyKey": px.property_key,
            "date": 1704067200000,
            "eventType": "CUSTOM",
            "sessionId": "",
            "userType": "USER",
            "accountId": "",
            "globalContext": {},
            "eventName": "Clicked",
            "attributes": {},
            "url": "",
            "referrer": "",
            "remoteHost": "",
        }
    ]


def test_attributes_are_filtered_by_name_as_numbers_or_texts(px: PxClient) -> None:
    odd = 'we"ird.na me'
    px.post(eventId="e1", date=1704067200000, attributes={"qty": 9, "tag": "Ünit", "vip": True, odd: "x"})
    px.post(eventId="e2", date=1704067201000, attributes={"qty": 10.5, "tag": "other", "vip": False, "none": None})
    px.post(eventId="e3", date=1704067202000, attributes={"qty": "9", "nested": {"a": 1}})

    assert px.found("attributes.qty==9.0") == ["e1"]
    assert px.found("attributes.qty==9") == ["e1", "e3"]
    assert px.found("attributes.qty>9;attributes.qty<1e2") == ["e2"]
    assert px.found("attributes.qty~?") == ["e1", "e3"]
    assert px.found("attributes.tag==ÜNIT") == ["e1"]
    assert px.found("attributes.tag!=other") == ["e1", "e3"]
    assert px.found("attributes.vip==TRUE") == ["e1"]
    assert px.found("attributes.none~*") == []
    assert px.found(f"attributes.{odd}==X") == ["e1"]
    assert px.found('attributes.nested~*"a"*') == ["e3"]
    assert px.found("attributes.Tag==other") == []


def test_every_base_field_can_be_filtered(px: PxClient) -> None:
    px.post(eventId="e1", date=1704067200000, sessionId="S-1", propertyKey="AP-X", eventType="SIGN_UP", url="http://a")
    px.post(eventId="e2", date=1704067201000, userType="VISITOR")

    assert px.found("sessionId==s-1") == ["e1"]
    assert px.found("sessionId!~s*") == ["e2"]
    assert px.found("propertyKey==ap-x") == ["e1"]
    assert px.found(f"propertyKey=={px.property_key}") == ["e2"]
    assert px.found("eventType~sign*") == ["e1"]
    assert px.found("userType==visitor") == ["e2"]
    assert px.found("url~*A") == ["e1"]
    assert px.found("eventId>e1") == ["e2"]


def test_as_many_terms_as_are_allowed_are_answered(vectors: PxClient) -> None:
    every_field = ["attributes.a", "accountId", "identifyId", "sessionId", "userType", "eventId", "date", "eventName"]
    terms = [f"{every_field[number % 8]}!~x{number}" for number in range(100)]

    assert vectors.found(";".join(terms)) == ["e1", "e2", "e3"]
    assert vectors.found(*terms) == ["e1", "e2", "e3"]
    assert vectors.found(*[f"attributes.a==x{number}" for number in range(100)]) == []


def test_pages_follow_each_other_by_the_scroll_id_alone(vectors: PxClient) -> None:
    first = vectors.search(**WIDE, pageSize="2")
    second = vectors.search(scrollId=first["scrollId"])

    assert [event["eventId"] for event in first["customEvents"]] == ["e1", "e2"]
    assert [event["eventId"] for event in second["customEvents"]] == ["e3"]
    assert (first["totalHits"], second["totalHits"]) == (3, 3)
    assert second["scrollId"] is None


def test_a_full_page_has_a_scroll_id_even_if_nothing_is_left(vectors: PxClient) -> None:
    full = vectors.search(**WIDE, pageSize="3")

    assert len(full["customEvents"]) == 3
    after = vectors.search(scrollId=full["scrollId"])
    assert after == {"customEvents": [], "totalHits": 3, "scrollId": None}


def test_a_scroll_id_changes_on_every_page_and_overrules_what_is_resent(vectors: PxClient) -> None:
    first = vectors.search("identifyId==u1", **WIDE, pageSize="1", sort="-date")
    second = vectors.search("identifyId==nobody", scrollId=first["scrollId"], pageSize="2", sort="date")

    assert [event["eventId"] for event in second["customEvents"]] == ["e2", "e1"]
    assert second["scrollId"] != first["scrollId"]
    third = vectors.search(scrollId=second["scrollId"], filter="rubbish", dateRangeStart="rubbish")
    assert third["customEvents"] == []
    assert vectors.get(scrollId=first["scrollId"], pageSize="0").status_code == 400


def test_a_scroll_neither_slides_nor_sees_what_comes_later(px: PxClient) -> None:
    an_hour_ago = time.time_ns() // 1_000_000 - 3_600_000
    for number in range(3):
        px.post(eventId=f"e{number}", date=an_hour_ago + number)
    first = px.search(pageSize="2", sort="-date")
    px.post(eventId="late, but first")
    px.post(eventId="late, but last", date=an_hour_ago - 1)

    second = px.search(scrollId=first["scrollId"])

    assert [event["eventId"] for event in second["customEvents"]] == ["e0"]
    assert second["totalHits"] == 3
    assert px.search()["totalHits"] == 5


def test_a_scroll_id_is_no_use_to_another_workspace(
    http: httpx.Client, vectors: PxClient, other_workspace: NewWorkspace, refused: Refused
) -> None:
    token = vectors.search(**WIDE, pageSize="1")["scrollId"]

    assert refused(PxClient(http, other_workspace).get(scrollId=token), 400)["status"] == "BAD_REQUEST"
    assert refused(vectors.get(scrollId=token[:-2] + "AA"), 400)["status"] == "BAD_REQUEST"


def test_two_workspaces_see_only_their_own_events(
    http: httpx.Client, vectors: PxClient, other_workspace: NewWorkspace
) -> None:
    other = PxClient(http, other_workspace)
    other.post(eventId="e1", identifyId="u1", eventName="Clicked", date=1704067200000, attributes={"whose": "other"})

    assert other.found("identifyId==u1") == ["e1"]
    assert other.search("identifyId==u1", **WIDE)["customEvents"][0]["attributes"] == {"whose": "other"}
    assert vectors.found("attributes.whose~*") == []
    assert vectors.search(**WIDE)["totalHits"] == 3


def test_the_filter_may_come_unencoded_and_with_unknown_parameters(vectors: PxClient) -> None:
    window = "dateRangeStart=1704060000000&dateRangeEnd=1704080000000"
    answered = vectors.get_raw(f"{window}&filter=date>=2024-01-01T00:00:01Z;eventName~v*;&pageNumber=1&sort=&scrollId=")

    assert [event["eventId"] for event in answered.json()["customEvents"]] == ["e3"]


def test_a_blank_that_was_a_plus_still_means_an_offset(vectors: PxClient) -> None:
    answered = vectors.get_raw("filter=date>=2024-01-01T02:00:01+02:00;date<=1704067201000")

    assert [event["eventId"] for event in answered.json()["customEvents"]] == ["e2"]


def test_the_limit_of_the_window_can_be_lifted(tmp_path: Path) -> None:
    server = start_server(f"sqlite:///{tmp_path}/footfall.db", FOOTFALL_PX_MAX_WINDOW_DAYS="0")
    try:
        workspace = new_workspace(server.database_url)
        with httpx.Client(base_url=server.url) as http:
            px = PxClient(http, workspace)
            px.post(date=1291190400000)
            px.post(date=1323388800000)
            page = px.search("eventName==Clicked", dateRangeStart="2010-12-01", dateRangeEnd="2011-12-10")
    finally:
        server.stop()

    assert page["totalHits"] == 2


def test_a_missing_or_wrong_key_is_unauthorized(http: httpx.Client, px: PxClient, refused: Refused) -> None:
    for headers in ({}, {HEADER: "wrong"}, {HEADER: px.property_key}, {"Authorization": "Bearer wrong"}):
        answered = http.get(PATH, headers=headers)
        assert refused(answered, 401)["message"] == "Unauthorized or bad API Key"
        assert answered.json()["errorMessage"] == "Authentication failed in loginAwareAuthentication"


def test_a_key_is_also_taken_as_a_bearer_token(http: httpx.Client, px: PxClient) -> None:
    assert http.get(PATH, headers={"Authorization": f"Bearer {px.key}"}).status_code == 200


def test_a_key_needs_the_permission(http: httpx.Client, px: PxClient, refused: Refused, keys_with: Any) -> None:
    px.key = keys_with("read")
    assert refused(px.post(), 403)["status"] == "FORBIDDEN"
    assert px.get().status_code == 200

    px.key = keys_with("write")
    assert refused(px.get(), 403)["status"] == "FORBIDDEN"
    assert px.post().status_code == 201


def test_other_paths_and_methods_are_refused_in_the_envelope(
    http: httpx.Client, px: PxClient, refused: Refused
) -> None:
    assert refused(http.get("/v1/events/nothing", headers={HEADER: px.key}), 404)["status"] == "NOT_FOUND"
    assert refused(http.delete(PATH, headers={HEADER: px.key}), 405)["status"] == "METHOD_NOT_ALLOWED"


def test_the_same_query_asked_again_is_answered_anew(px: PxClient) -> None:
    px.post(eventId="first")
    assert px.search("eventName==clicked")["totalHits"] == 1

    px.post(eventId="second")

    page = px.search("eventName==clicked")
    assert page["totalHits"] == 2
    assert [event["eventId"] for event in page["customEvents"]] == ["first", "second"]


def test_the_same_wrong_query_asked_again_is_refused_again(px: PxClient, refused: Refused) -> None:
    told = {refused(px.get(filter="date>=x", sort="nonsense"), 400)["message"] for _ in range(3)}

    assert told == {"Invalid date 'x': expected epoch milliseconds or ISO 8601"}


def test_a_key_that_asks_too_often_is_told_when_to_come_again(databases: Databases, refused: Refused) -> None:
    server = start_server(databases.new_url(), FOOTFALL_PX_REQUESTS_PER_DAY="3")
    try:
        workspace, other = (new_workspace(server.database_url) for _ in range(2))
        with httpx.Client(base_url=server.url) as http:
            px = PxClient(http, workspace)
            assert [px.get().status_code for _ in range(3)] == [200] * 3
            for answered in (px.get(), px.post()):
                error = refused(answered, 429)
                assert (error["status"], error["message"]) == ("TOO_MANY_REQUESTS", "Rate limit exceeded")
                assert 0 < int(answered.headers["Retry-After"]) <= 86_400
            assert PxClient(http, other).get().status_code == 200
            px.key = "wrong"
            assert px.get().status_code == 401
    finally:
        server.stop()
