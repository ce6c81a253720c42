"""Credentials, paths, methods, switches and limits (contracts/clevertap.md 1)."""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from footfall.capture.service import Capture
from footfall.storage import workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace
from footfall.tenancy.credentials import issue
from tests.apis.clevertap.account import Account, HeldRequest, event
from tests.conftest import Server, new_workspace, start_server

UNAUTHORISED = {"status": "fail", "error": "Invalid Credentials", "code": 401}
REQUESTS = [
    ("POST", "/1/events.json"),
    ("GET", "/1/events.json?cursor=x"),
    ("PUT", "/1/events.json"),
    ("DELETE", "/1/upload"),
    ("OPTIONS", "/1/upload"),
    ("GET", "/1/upload"),
    ("POST", "/1/upload"),
    ("GET", "/1/nothing/here"),
    ("POST", "/1/counts/events.json"),
    ("GET", "/1/"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_credentials_come_before_path_method_and_body(
    http: httpx.Client, workspace: NewWorkspace, other_workspace: NewWorkspace, method: str, path: str
) -> None:
    account, passcode = workspace.clevertap.account_id, workspace.clevertap.passcode
    wrong: list[dict[str, str]] = [
        {},
        {"X-CleverTap-Account-Id": account},
        {"X-CleverTap-Passcode": passcode},
        {"X-CleverTap-Account-Id": account, "X-CleverTap-Passcode": "wrong"},
        {"X-CleverTap-Account-Id": "XXX-XXX-XXXX", "X-CleverTap-Passcode": passcode},
        {"X-CleverTap-Account-Id": account, "X-CleverTap-Passcode": other_workspace.clevertap.passcode},
        {"X-CleverTap-Account-Id": account, "X-CleverTap-Passcode": workspace.rapidly.token},
    ]

    for headers in wrong:
        answer = http.request(method, path, headers=headers, content=b"{")
        assert (answer.status_code, answer.json()) == (401, UNAUTHORISED)


def test_header_names_are_matched_without_regard_to_case(http: httpx.Client, account: Account) -> None:
    headers = {name.upper(): value for name, value in account.headers.items()}

    assert http.post("/1/upload", json={"d": []}, headers=headers).status_code == 200


@pytest.mark.parametrize("host", ["api.clevertap.com", "eu1.api.clevertap.com", "in1.api.clevertap.com:443", "x"])
def test_the_host_that_is_asked_for_does_not_matter(account: Account, host: str) -> None:
    answer = account.http.post("/1/upload", json={"d": []}, headers={**account.headers, "Host": host})

    assert answer.json() == {"status": "success", "processed": 0, "unprocessed": []}


def test_blanks_around_credentials_are_no_part_of_them(account: Account) -> None:
    """Sent bare: HTTP libraries trim them, or refuse to send them."""
    url = account.http.base_url
    connection = HTTPConnection(url.host, url.port, timeout=10)

    connection.request("POST", "/1/upload", b'{"d":[]}', {name: f"  {key} " for name, key in account.headers.items()})

    assert connection.getresponse().status == 200
    connection.close()


def test_an_account_may_have_several_passcodes(server: Server, account: Account) -> None:
    def add(connection: Connection) -> str:
        found = workspaces.by_name(connection, account.made.workspace.name)
        assert found is not None
        return issue(connection, found, "clevertap_passcode").secret

    database = Database(server.database_url)
    capture = Capture(database)
    second = capture.change_now(add)
    capture.close()
    database.close()

    headers = {**account.headers, "X-CleverTap-Passcode": second}
    assert account.http.post("/1/upload", json={"d": []}, headers=headers).status_code == 200
    assert account.upload().status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path in REQUESTS if method in {"PUT", "DELETE", "OPTIONS"}]
)
def test_a_method_that_a_path_does_not_know_is_told(account: Account, method: str, path: str) -> None:
    answer = account.http.request(method, path, headers=account.headers)

    assert answer.status_code == 405
    assert answer.json() == {"status": "fail", "error": "Method Not Allowed", "code": 405}


@pytest.mark.parametrize("path", ["/1/nothing", "/1/counts/nothing.json", "/1/", "/1/upload/more", "/1/Events.json"])
def test_an_unknown_path_is_told(account: Account, path: str) -> None:
    for answer in (account.get(path), account.post(path, {})):
        assert answer.status_code == 404
        assert answer.json() == {"status": "fail", "error": "Not Found", "code": 404}


def test_a_verb_that_has_no_route_is_told_in_the_envelope(account: Account) -> None:
    answer = account.http.request("TRACE", "/1/upload", headers=account.headers)

    assert (answer.status_code, answer.json()["status"]) == (405, "fail")


# Switches


@pytest.fixture(scope="module")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with every switch turned away from its default."""
    path: Path = tmp_path_factory.mktemp("strict")
    running = start_server(
        f"sqlite:///{path}/footfall.db",
        FOOTFALL_CLEVERTAP_STRICT_EVENT_NAMES="false",
        FOOTFALL_CLEVERTAP_RESTRICTED_NAMES="true",
        FOOTFALL_CLEVERTAP_NOT_EXPORTABLE="standard, Secret",
        FOOTFALL_CLEVERTAP_MAX_READS="1",
        FOOTFALL_CLEVERTAP_MAX_UPLOADS="1",
        FOOTFALL_MAX_BODY_BYTES="5000",
    )
    yield running
    running.stop()


@pytest.fixture
def strict_account(strict_server: Server) -> Iterator[Account]:
    with httpx.Client(base_url=strict_server.url) as http:
        yield Account(http, new_workspace(strict_server.database_url))


def test_system_events_are_taken_unless_the_server_is_set_to_refuse_them(
    account: Account, strict_account: Account
) -> None:
    launched = event("App Launched")
    account.stored(launched)

    refused = strict_account.upload(launched, event("Charged"), event("Product Viewed")).json()

    assert (refused["status"], refused["processed"]) == ("partial", 2)
    assert refused["unprocessed"] == [
        {
            "status": "fail",
            "code": 513,
            "error": "Event Name is incorrect. ErrorCode: 513 - Trying to raise a restricted system event. "
            "Skipped record number : 1",
            "record": launched,
        }
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Notification Sent",
        "Notification Bounce",
        "Notification Viewed",
        "Notification Control Group",
        "Notification Rendered",
        "Notification System Control Group",
    ],
)
def test_notification_events_are_exported_unless_the_server_is_set_to_refuse_them(
    account: Account, strict_account: Account, name: str
) -> None:
    account.stored(event(name, n=1))
    assert len(account.records(name)) == 1

    refused = strict_account.open(name)

    assert refused.status_code == 400
    assert refused.json() == {"status": "fail", "error": "Export not allowed for this event", "code": 400}


def test_an_unknown_event_is_empty_where_names_are_not_strict(strict_account: Account) -> None:
    cursor = strict_account.open("Never").json()["cursor"]
    strict_account.stored(event("Never"))

    assert strict_account.get(cursor=cursor).json() == {"status": "success"}


def test_a_body_too_large_is_told(strict_account: Account) -> None:
    answer = strict_account.post("/1/upload", content=b"x" * 5001)

    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (413, "fail", 413)


@pytest.mark.parametrize(("path", "other"), [("/1/events.json", "/1/upload"), ("/1/upload", "/1/events.json")])
def test_more_requests_at_once_than_allowed_get_429(
    strict_server: Server, strict_account: Account, path: str, other: str
) -> None:
    neighbour = Account(strict_account.http, new_workspace(strict_server.database_url))
    held = HeldRequest(strict_account, path)

    answer = strict_account.post(path, {})
    while answer.status_code != 429:  # until the server has seen the request that is held
        answer = strict_account.post(path, {})

    assert answer.json() == {"status": "fail", "error": "Too many concurrent requests", "code": 429}
    assert int(answer.headers["retry-after"]) >= 1
    assert strict_account.post(other, {}).status_code == 400
    assert neighbour.post(path, {}).status_code == 400
    assert b" 400 " in held.finish()
    assert strict_account.post(path, {}).status_code == 400
