"""Tokens, scopes, paths, methods and headers: contracts/rapidly.md 0, 1 and 11."""

import httpx
import pytest

from footfall.model import instant
from footfall.tenancy.creation import NewWorkspace
from tests.apis.rapidly.conftest import Client, IssueToken

INVALID_TOKEN = (
    '{"error": "invalid_token", "error_description": '
    '"The access token provided is expired, revoked, malformed, or invalid for other reasons."}'
)
FEW_PRIVILEGES = (
    '{"error": "insufficient_scope", "error_description": '
    '"The request requires higher privileges than provided by the access token."}'
)
AN_EVENT = "/api/events/749ec817-0bbf-4301-9ba8-555ca42b9737"  # nobody has it; fixed, so that parallel workers agree


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer t\u00f6ken".encode()}],
    ids=["none", "empty", "another scheme", "not ASCII"],
)
def test_a_request_without_a_token_is_unauthorized(http: httpx.Client, headers: dict[str, str]) -> None:
    answer = http.get(AN_EVENT, headers=headers)

    assert (answer.status_code, answer.text) == (401, '{"error":"Unauthorized","detail":"Unauthorized"}')
    assert answer.headers["www-authenticate"] == 'Bearer realm="rapidly"'


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", AN_EVENT),
        ("POST", "/api/events/ingest"),
        ("GET", "/api/no/such/path"),
        ("GET", "/api/events/a/b/c"),
        ("PUT", "/api/events/ingest"),
        ("GET", "/api/events/x/"),
        ("POST", "/api/customers"),
    ],
)
def test_an_unknown_token_is_refused_on_every_path(http: httpx.Client, method: str, path: str) -> None:
    answer = http.request(method, path, headers={"Authorization": "Bearer rapidly_oat_unknown"})

    assert (answer.status_code, answer.text) == (401, INVALID_TOKEN)
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="rapidly", error="invalid_token", error_description='
        '"The access token provided is expired, revoked, malformed, or invalid for other reasons."'
    )
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")


def test_an_expired_token_is_invalid(http: httpx.Client, issue_token: IssueToken) -> None:
    token = issue_token(expires_at=instant.now() - instant.SECOND).secret

    assert http.get(AN_EVENT, headers={"Authorization": f"Bearer {token}"}).text == INVALID_TOKEN


def test_the_scheme_is_not_case_sensitive(http: httpx.Client, workspace: NewWorkspace) -> None:
    answer = http.get(AN_EVENT, headers={"Authorization": f"bEARER {workspace.rapidly.token}"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "held", "wanted"),
    [
        ("GET", AN_EVENT, "customers:write", "events:read events:write web:read web:write"),
        ("POST", "/api/events/ingest", "events:read", "events:write web:write"),
        ("POST", "/api/customers/", "customers:read", "customers:write web:write"),
        ("GET", "/api/customers/external/x", "events:write", "customers:read customers:write web:read web:write"),
    ],
)
def test_a_token_without_the_scope_is_told_which_it_needs(
    http: httpx.Client, issue_token: IssueToken, method: str, path: str, held: str, wanted: str
) -> None:
    token = issue_token(scopes=(held,)).secret

    answer = http.request(method, path, headers={"Authorization": f"Bearer {token}"}, content=b"{}")

    assert (answer.status_code, answer.text) == (403, FEW_PRIVILEGES)
    assert answer.headers["www-authenticate"] == (
        f'Bearer realm="rapidly", scope="{wanted}", error="insufficient_scope", error_description='
        '"The request requires higher privileges than provided by the access token."'
    )


def test_writing_events_is_enough_to_read_them(http: httpx.Client, issue_token: IssueToken) -> None:
    token = issue_token(scopes=("events:write",)).secret

    assert http.get(AN_EVENT, headers={"Authorization": f"Bearer {token}"}).status_code == 404


def test_malformed_json_is_told_before_a_missing_token_and_a_bad_batch_after_it(
    http: httpx.Client, issue_token: IssueToken
) -> None:
    reader = {"Authorization": f"Bearer {issue_token(scopes=('events:read',)).secret}"}

    assert http.post("/api/events/ingest", content=b"{").status_code == 422
    assert http.post("/api/events/ingest", content=b"{}").status_code == 401
    assert http.post("/api/events/ingest", content=b"{", headers=reader).status_code == 422
    assert http.post("/api/events/ingest", content=b"{}", headers=reader).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", AN_EVENT, 404), ("GET", "/api/nothing", 404), ("DELETE", AN_EVENT, 405), ("GET", "/api/events/x", 422)],
)
def test_every_answer_carries_the_usual_headers(client: Client, method: str, path: str, status: int) -> None:
    answer = client.http.request(method, path, headers=client.headers)

    assert answer.status_code == status
    assert len(bytes.fromhex(answer.headers["x-request-id"])) == 16
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store, no-cache, must-revalidate, private"
    assert answer.headers["referrer-policy"] == "no-referrer"
    for name in ("strict-transport-security", "content-security-policy", "permissions-policy"):
        assert answer.headers[name]
    for name in ("limit", "remaining", "reset"):
        assert answer.headers[f"x-ratelimit-{name}"] == "0"


@pytest.mark.parametrize(
    ("sent", "right"),
    [
        ("/api/customers?a=b", "/api/customers/?a=b"),
        (f"{AN_EVENT}/", AN_EVENT),
        ("/api/events/ingest/", "/api/events/ingest"),
        ("/api/customers/external/a%20b/", "/api/customers/external/a%20b"),
    ],
)
def test_a_wrong_last_slash_is_sent_on(client: Client, sent: str, right: str) -> None:
    answer = client.get(sent)

    assert (answer.status_code, answer.content) == (307, b"")
    assert answer.headers["location"] == f"{client.http.base_url}{right}"


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/events/statistics", "/api/events/a/b", "/api/customers/external", "/api/"]
)
def test_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.text) == (404, '{"detail":"Not Found"}')


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", AN_EVENT, "GET"),
        ("DELETE", AN_EVENT, "GET"),
        ("OPTIONS", AN_EVENT, "GET"),
        ("PUT", "/api/events/ingest", "POST"),
        ("GET", "/api/events/ingest", "POST"),
        ("PATCH", "/api/customers/", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_one(client: Client, method: str, path: str, allowed: str) -> None:
    answer = client.http.request(method, path, headers=client.headers)

    assert (answer.status_code, answer.text) == (405, '{"detail":"Method Not Allowed"}')
    assert answer.headers["allow"] == allowed


def test_head_is_not_supported(client: Client) -> None:
    assert client.http.head(AN_EVENT, headers=client.headers).status_code == 405


def test_a_browser_may_call_from_any_site(http: httpx.Client) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}

    answer = http.options("/api/events/ingest", headers=asked)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, POST, PATCH, PUT, DELETE, OPTIONS"
    assert answer.headers["access-control-max-age"] == "600"
