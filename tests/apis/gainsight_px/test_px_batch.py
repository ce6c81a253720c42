"""The extensions: batches, and one event by its id (contracts/gainsight_px.md 4.2)."""

from collections.abc import Callable
from typing import Any

import httpx

from footfall.tenancy.creation import NewWorkspace
from tests.apis.gainsight_px.conftest import HEADER, PATH, WIDE, PxClient

Refused = Callable[[httpx.Response, int], dict[str, Any]]
AT = 1704067200000


def event(px: PxClient, **fields: object) -> dict[str, object]:
    body = {"eventName": "Clicked", "identifyId": "u1", "propertyKey": px.property_key, "userType": "USER", "date": AT}
    return {**body, **fields}


def post(http: httpx.Client, px: PxClient, content: object) -> httpx.Response:
    return http.post(f"{PATH}/batch", json=content, headers={HEADER: px.key})


def test_a_batch_stores_what_is_good_and_tells_of_the_rest_by_its_place(http: httpx.Client, px: PxClient) -> None:
    batch = [event(px, eventId="e0"), event(px, userType="ROBOT"), event(px, eventId="e2"), 5, event(px, eventName="")]

    answered = post(http, px, batch)

    assert answered.status_code == 201
    assert [each["index"] for each in answered.json()] == [1, 3, 4]
    assert "userType" in answered.json()[0]["message"]
    assert "eventName" in answered.json()[2]["message"]
    assert px.found() == ["e0", "e2"]


def test_a_batch_sent_again_changes_nothing(http: httpx.Client, px: PxClient) -> None:
    for _ in range(2):
        answered = post(http, px, [event(px, eventId="e0"), event(px, eventId="e0")])
        assert (answered.status_code, answered.json()) == (201, [])

    assert px.found() == ["e0"]
    assert post(http, px, []).json() == []


def test_a_batch_of_which_nothing_is_good_is_a_bad_request(http: httpx.Client, px: PxClient, refused: Refused) -> None:
    error = refused(post(http, px, [{}, 5]), 400)

    assert [each["object"] for each in error["subErrors"]] == ["customEvents[0]", "customEvents[1]"]
    contents: tuple[object, ...] = ({}, "x", [event(px)] * 1001)
    for content in contents:
        refused(post(http, px, content), 400)
    assert px.search(**WIDE)["totalHits"] == 0


def test_an_event_is_read_by_its_id(http: httpx.Client, px: PxClient, other_workspace: NewWorkspace) -> None:
    px.post(eventId="own key", date=AT)
    created = px.post(date=AT + 1).json()

    for identifier in ("own key", created["eventId"]):
        answered = http.get(f"{PATH}/{identifier}", headers={HEADER: px.key})
        assert answered.status_code == 200
        assert answered.json() in px.search(**WIDE)["customEvents"]
        assert answered.json()["eventId"] == identifier
        other = http.get(f"{PATH}/{identifier}", headers={HEADER: other_workspace.gainsight_px.api_key})
        assert other.status_code == 404


def test_an_unknown_id_is_not_found_in_the_products_words(http: httpx.Client, px: PxClient, refused: Refused) -> None:
    px.post(eventId="Key", date=AT)

    for identifier in ("key", "absent", "00000000-0000-4000-8000-000000000000"):
        error = refused(http.get(f"{PATH}/{identifier}", headers={HEADER: px.key}), 404)
        assert error["status"] == "NOT_FOUND"
        assert error["message"] == f"Custom event was not found for parameters {{eventId={identifier}}}"
