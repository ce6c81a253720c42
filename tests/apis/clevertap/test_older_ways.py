"""A server set to the ways of CleverTap's older servers, or to shorter ones (contracts/clevertap.md 1.3-1.6, 4.1)."""

from collections.abc import Iterator

import httpx
import pytest

from tests.apis.clevertap.account import DAY, Account, HeldRequest, event
from tests.conftest import Databases, Server, new_workspace, start_server


@pytest.fixture(scope="module")
def older_server(databases: Databases) -> Iterator[Server]:
    running = start_server(
        databases.new_url(),
        FOOTFALL_CLEVERTAP_VERBOSE_AUTH="true",
        FOOTFALL_CLEVERTAP_LEGACY_THROTTLE="true",
        FOOTFALL_CLEVERTAP_PARTIAL_FIRST="false",
        FOOTFALL_CLEVERTAP_NOT_EXPORTABLE="Secret, Other secret",
        FOOTFALL_CLEVERTAP_MAX_UPLOADS="1",
        FOOTFALL_CLEVERTAP_MAX_READS="1",
    )
    yield running
    running.stop()


@pytest.fixture
def older(older_server: Server) -> Iterator[Account]:
    with httpx.Client(base_url=older_server.url, timeout=30) as http:
        yield Account(http, new_workspace(older_server.database_url))


@pytest.mark.parametrize(
    ("account_id", "passcode", "error"),
    [
        (None, None, "12 digit account ID mandatory"),
        ("", "own", "12 digit account ID mandatory"),
        ("XXX-XXX", "own", "12 digit account ID mandatory"),
        ("XXX-XXX-XXXX", "own", "Account ID is not valid"),
        ("TEST-XXX-XXX-XXXX", "own", "Account ID is not valid"),
        ("own", None, "Passcode Invalid"),
        ("own", "wrong", "Passcode Invalid"),
    ],
)
def test_which_half_of_the_credentials_is_wrong_can_be_told(
    older: Account, account_id: str | None, passcode: str | None, error: str
) -> None:
    own = older.headers
    names = ("X-CleverTap-Account-Id", "X-CleverTap-Passcode")
    headers = {
        name: own[name] if given == "own" else given
        for name, given in zip(names, (account_id, passcode), strict=True)
        if given is not None
    }

    answer = older.http.post("/1/upload", json={"d": []}, headers=headers)

    assert (answer.status_code, answer.json()) == (401, {"status": "fail", "error": error, "code": 401})


@pytest.mark.parametrize("path", ["/1/upload", "/1/events.json", "/1/counts/events.json"])
def test_too_many_requests_can_be_told_in_http_200(older: Account, path: str) -> None:
    held = HeldRequest(older, path)

    answer = older.post(path, {})
    while answer.json()["code"] != 1:  # until the server has seen the request that is held
        answer = older.post(path, {})

    assert answer.status_code == 200
    assert answer.json() == {"status": "fail", "error": "Too many concurrent requests", "code": 1}
    held.finish()


def test_endpoints_count_their_requests_at_once_apart(older: Account) -> None:
    held = HeldRequest(older, "/1/counts/events.json")

    answer = older.post("/1/counts/events.json", {})
    while answer.json()["code"] != 1:
        answer = older.post("/1/counts/events.json", {})

    assert older.post("/1/counts/profiles.json", {}).status_code == 200
    assert older.post("/1/events.json", {}).json()["code"] == 400
    held.finish()


def test_the_events_that_are_not_exported_can_be_listed(older: Account) -> None:
    older.stored(event("Secret"), event("Other secret"), event("Notification Sent"))

    for name in ("Secret", "Other secret"):
        answer = older.open(name)
        assert answer.status_code == 400
        assert answer.json() == {"status": "fail", "error": "Export not allowed for this event", "code": 400}
    assert older.open("Notification Sent").status_code == 200
    counted = older.post("/1/counts/events.json", {"event_name": "Secret", **DAY})
    assert counted.json() == {"status": "success", "count": 1}


def test_trends_and_top_values_can_be_answered_at_once(older: Account) -> None:
    older.stored(event(color="red"))
    groups = {"g": {"trend_type": "daily", "property_type": "event_properties", "name": "color"}}
    query = {"event_name": "Viewed", **DAY, "groups": groups}

    assert older.post("/1/counts/trends.json", query).json() == {"status": "success", "g": {"20160712": 1}}
    assert older.post("/1/counts/top.json", query).json() == {"status": "success", "g": {"STR": {"red": 1}}}
