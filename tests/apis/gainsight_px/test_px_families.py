"""The lists of events other than custom ones: contracts/gainsight_px.md 3."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from footfall.apis.gainsight_px.families import OTHERS, EventList
from footfall.tenancy.creation import NewWorkspace
from tests.apis.gainsight_px.conftest import HEADER, PATH, PxClient

Refused = Callable[[httpx.Response, int], dict[str, Any]]
AT = 1704067200000
WINDOW = f"date>={AT - 1000};date<={AT + 100_000}"
BASE = [
    *("eventId", "identifyId", "propertyKey", "date", "eventType", "sessionId"),
    *("userType", "accountId", "globalContext"),
]

SENT: dict[str, dict[str, Any]] = {
    "email": {
        "engagementId": "en1",
        "email": "ada@example.com",
        "emailTrackType": "EMAIL_TRACK_OPEN",
        "status": "ok",
        "reason": "none",
        "bounceType": "DELIVER_BOUNCE",
        "mtaResponse": "250",
        "attempt": "1",
        "linkIndex": 2,
        "linkType": "HTML_LINK_TYPE",
        "linkUrl": "https://shop.example/",
    },
    "feature_match": {"featureId": "f1"},
    "segment_match": {"segmentId": "s1"},
    "identify": {"email": "ada@example.com"},
    "lead": {"email": "bob@example.com"},
    "page_view": {
        "scheme": "https",
        "host": "shop.example",
        "path": "/a",
        "queryString": "q=1",
        "hash": "top",
        "queryParams": {"q": ["1"]},
        "screenHeight": 900,
        "screenWidth": 1600,
        "languages": ["en", "de"],
        "pageTitle": "A page",
    },
    "form_submit": {"path": "/form", "formData": {"name": "Ada"}},
    "session": {},
    "engagement_view": {
        "engagementId": "en1",
        "engagementTrackType": "ENGAGEMENT_VIEW",
        "contentType": "IN_APP_GUIDE",
        "executionDate": AT - 5,
        "guideState": "VIEWED",
        "sequenceNumber": 3,
        "selectionIds": ["a", "b"],
        "contactMeAllowed": False,
        "score": 0,
    },
    "survey_response": {"contentType": "IN_APP_MULTIPLE_QUESTION_SURVEY", "score": 9, "comment": "good"},
}


class Lists:
    """Captures events of all families through Footfall's own route, and reads their lists."""

    def __init__(self, http: httpx.Client, workspace: NewWorkspace) -> None:
        self._http = http
        self._token = {"Authorization": f"Bearer {workspace.footfall.token}"}
        self._key = {HEADER: workspace.gainsight_px.api_key}

    def capture(self, family: str, properties: dict[str, Any], **fields: Any) -> dict[str, Any]:
        event = {"family": family, "occurred_at": AT, "customer": {"external_id": "u1"}, "properties": properties}
        answered = self._http.post("/events", json={**event, **fields}, headers=self._token)
        assert answered.status_code == 201, answered.text
        created: dict[str, Any] = answered.json()
        return created

    def get(self, path: str, *filters: str, **parameters: str) -> httpx.Response:
        pairs = httpx.QueryParams([*(("filter", text) for text in filters), *parameters.items()])
        return self._http.get(path, params=pairs, headers=self._key)

    def page(self, listed: EventList, *filters: str, **parameters: str) -> dict[str, Any]:
        answered = self.get(listed.path, *(filters or (WINDOW,)), **parameters)
        assert answered.status_code == 200, answered.text
        page: dict[str, Any] = answered.json()
        return page

    def found(self, listed: EventList, term: str) -> list[str]:
        return [event["eventId"] for event in self.page(listed, f"{term};{WINDOW}")[listed.collection]]


@pytest.fixture
def lists(http: httpx.Client, workspace: NewWorkspace) -> Lists:
    return Lists(http, workspace)


def of(family: str) -> EventList:
    return next(listed for listed in OTHERS if listed.family == family)


@pytest.mark.parametrize("listed", OTHERS, ids=lambda listed: listed.family)
def test_each_family_has_a_list_that_shows_its_own_events_alone(lists: Lists, px: PxClient, listed: EventList) -> None:
    px.post(eventId="custom", date=AT)
    for family, properties in SENT.items():
        session = {"sessionId": "s-1", "remoteHost": "shop.example", "referrer": "r", "globalContext": {"a": 1}}
        lists.capture(family, properties, external_id=family, account_id="Acme", session=session)

    page = lists.page(listed)

    assert list(page) == [listed.collection, "totalHits", "scrollId"]
    assert (page["totalHits"], page["scrollId"]) == (1, None)
    (event,) = page[listed.collection]
    assert list(event)[: 9 - len(listed.without)] == [name for name in BASE if name not in listed.without]
    assert event["eventId"] == listed.family
    assert (event["identifyId"], event["date"], event["eventType"]) == ("u1", AT, listed.event_type)
    assert (event["userType"], event["globalContext"]) == ("USER", {"a": 1})
    assert ("sessionId" in event, "accountId" in event) == ((listed.family != "email"),) * 2
    for name, value in SENT[listed.family].items():
        assert event[name] == value, name
    assert [each["eventId"] for each in px.search(f"date=={AT}")["customEvents"]] == ["custom"]
    assert px.search(f"date=={AT}")["totalHits"] == 1


def test_what_an_event_does_not_have_is_shown_empty(lists: Lists) -> None:
    lists.capture("email", {"linkIndex": "two", "inferredLocation": 5})
    lists.capture("page_view", {"languages": [1], "queryParams": [], "path": None, "screenWidth": 1.5})
    lists.capture("session", {"inferredLocation": {"city": "Paris", "coordinates": {"latitude": 48.9}}})

    email = lists.page(of("email"))["results"][0]
    assert (email["emailTrackType"], email["bounceType"]) == ("EMPTY_EMAIL_TRACK_TYPE", "EMPTY_BOUNCE_TYPE")
    assert (email["linkType"], email["linkIndex"], email["inferredLocation"]) == ("EMPTY_LINK_TYPE", None, None)
    page_view = lists.page(of("page_view"))["results"][0]
    assert (page_view["languages"], page_view["queryParams"], page_view["path"]) == ([], {}, "")
    assert page_view["screenWidth"] is None
    place = lists.page(of("session"))["sessionInitializedEvents"][0]["inferredLocation"]
    assert (place["city"], place["countryName"]) == ("Paris", "")
    assert place["coordinates"] == {"latitude": 48.9, "longitude": 0.0}


def test_lists_are_filtered_on_their_own_fields(lists: Lists) -> None:
    for number in (1, 2):
        lists.capture(
            "engagement_view", {"contentType": f"C{number}", "executionDate": AT + number}, external_id=f"e{number}"
        )
        lists.capture("feature_match", {"featureId": f"F{number}"}, external_id=f"f{number}", account_id=f"a{number}")
        lists.capture("page_view", {"path": f"/{number}"}, external_id=f"p{number}")

    assert lists.found(of("engagement_view"), "contentType==c1") == ["e1"]
    assert lists.found(of("engagement_view"), f"executionDate>{AT + 1}") == ["e2"]
    assert lists.found(of("engagement_view"), "executionDate>=2024-01-01T00:00:00.002Z") == ["e2"]
    assert lists.found(of("feature_match"), "featureId!=F1") == ["f2"]
    assert lists.found(of("feature_match"), "accountId~A1;identifyId==U1") == ["f1"]
    assert lists.found(of("page_view"), "path~/*;eventId==P2") == ["p2"]


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("feature_match", {"filter": "identifyId~u*"}),
        ("segment_match", {"filter": "identifyId!=u1"}),
        ("email", {"filter": "accountId==a"}),
        ("email", {"sort": "accountId"}),
        ("form_submit", {"sort": "accountId"}),
        ("page_view", {"filter": "eventName==x"}),
        ("page_view", {"filter": "attributes.x==y"}),
        ("engagement_view", {"filter": "executionDate>never"}),
        ("survey_response", {"pageSize": "1001"}),
        ("session", {"filter": "date>=0;date<=99999999999"}),
    ],
)
def test_what_a_list_cannot_be_asked_is_a_bad_request(
    lists: Lists, refused: Refused, family: str, parameters: dict[str, str]
) -> None:
    assert refused(lists.get(of(family).path, **parameters), 400)["status"] == "BAD_REQUEST"


def test_a_date_range_is_nothing_to_them_as_in_the_original(lists: Lists) -> None:
    lists.capture("feature_match", {"featureId": "F"})

    answered = lists.get(of("feature_match").path, dateRangeStart="rubbish", dateRangeEnd=str(AT))

    assert answered.status_code == 200
    assert answered.json()["totalHits"] == 0  # the last day


def test_scroll_ids_belong_to_their_list(lists: Lists, refused: Refused) -> None:
    for number in range(3):
        lists.capture("page_view", {}, external_id=f"p{number}", occurred_at=AT + number)
    first = lists.page(of("page_view"), WINDOW, pageSize="2", sort="-date")

    second = lists.page(of("page_view"), scrollId=first["scrollId"])

    assert [event["eventId"] for event in first["results"] + second["results"]] == ["p2", "p1", "p0"]
    assert second["totalHits"] == 3
    for path in (of("email").path, PATH):
        assert "scrollId" in refused(lists.get(path, scrollId=first["scrollId"]), 400)["message"]


def test_custom_events_are_found_among_many_of_other_families(lists: Lists, px: PxClient) -> None:
    for number in range(30):
        lists.capture("page_view", {}, name="Same name", occurred_at=AT + number)
    px.post(eventId="e1", eventName="Same name", date=AT + 5)

    assert px.search("eventName==same name", dateRangeStart=str(AT), dateRangeEnd=str(AT + 50))["totalHits"] == 1
    assert px.search(dateRangeStart=str(AT), dateRangeEnd=str(AT + 50))["totalHits"] == 1
    assert lists.page(of("page_view"))["totalHits"] == 30


def test_an_event_without_a_family_still_needs_a_name(http: httpx.Client, workspace: NewWorkspace) -> None:
    headers = {"Authorization": f"Bearer {workspace.footfall.token}"}
    for event, field in (({}, "name"), ({"family": "nonsense"}, "family")):
        answered = http.post("/events", json=event, headers=headers)
        assert (answered.status_code, answered.json()["error"]["field"]) == (400, field)


def test_the_family_of_an_event_is_told_by_the_own_api(
    http: httpx.Client, lists: Lists, workspace: NewWorkspace
) -> None:
    created = lists.capture("lead", {"email": "x@example.com"})

    read = http.get(f"/events/{created['id']}", headers={"Authorization": f"Bearer {workspace.footfall.token}"}).json()

    assert (read["family"], read["name"]) == ("lead", "lead")
