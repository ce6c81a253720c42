"""Signing in, staying in, and what other sites cannot do."""

import time

import httpx
import msgspec
import pytest

from footfall.capture.service import Capture
from footfall.model import identifiers, instant, signed_token
from footfall.storage import server_keys, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace
from tests.conftest import Server
from tests.console.visitor import PAGES, Visitor, capture, csrf

NOBODY = "00000000-0000-4000-8000-000000000000"
POSTS = ("/login", "/logout", "/credentials", f"/credentials/{NOBODY}/revoke")


@pytest.mark.parametrize("path", [*PAGES, "/tail/stream", f"/events/{NOBODY}", "/customers/1", "/targets/1"])
def test_whoever_is_not_signed_in_is_led_to_the_form(stranger: Visitor, path: str) -> None:
    answer = stranger.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")
    assert answer.content == b""


def test_a_session_is_a_cookie_that_scripts_and_other_sites_cannot_use(
    stranger: Visitor, workspace: NewWorkspace
) -> None:
    answer = stranger.sign_in(workspace.footfall.token)

    said = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/console", "Max-Age=43200"} <= set(said.split("; "))
    assert workspace.footfall.token not in said
    assert stranger.get("/login").headers["location"] == "/console"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_kept_framed_or_scripted_by_others_or_tells_a_secret(
    visitor: Visitor, workspace: NewWorkspace, path: str
) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert " style=" not in answer.text
    secrets = (workspace.footfall.token, workspace.rapidly.token, workspace.clevertap.passcode)
    assert not any(secret in answer.text for secret in secrets)
    assert visitor.http.cookies["footfall_console"][:12] not in answer.text


@pytest.mark.parametrize("token", ["", "nonsense", "footfall_" + "A" * 48])
def test_only_a_live_token_signs_in(stranger: Visitor, token: str) -> None:
    answer = stranger.sign_in(token)

    assert answer.status_code == 401
    assert "not a live Footfall token" in answer.text
    assert "footfall_console" not in stranger.http.cookies


def test_another_products_token_does_not_sign_in(stranger: Visitor, workspace: NewWorkspace) -> None:
    assert stranger.sign_in(workspace.rapidly.token).status_code == 401


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "body", [b"", b"csrf=", b"csrf=AAAAAAAAAAAAAAAAAAAAA&kind=footfall_token", b"\xff\xfe", b"a&" * 99]
)
def test_a_form_that_was_not_given_out_does_nothing(visitor: Visitor, path: str, body: bytes) -> None:
    answer = visitor.http.post(path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert answer.status_code == 403
    assert visitor.get("").status_code == 200
    assert visitor.text("/credentials").count(">Revoke<") == 6


def test_another_visitors_form_does_nothing(visitor: Visitor, stranger: Visitor, other_workspace: NewWorkspace) -> None:
    stranger.sign_in(other_workspace.footfall.token)
    theirs = csrf(stranger.text("/credentials"))

    assert visitor.http.post("/credentials", data={"csrf": theirs, "kind": "rapidly_token"}).status_code == 403


def test_a_large_form_is_refused(visitor: Visitor) -> None:
    assert visitor.http.post("/credentials", content=b"a" * 70_000).status_code == 413


def test_signing_out_ends_the_session_in_this_browser(visitor: Visitor) -> None:
    answer = visitor.post("/logout", "/credentials")

    assert answer.status_code == 303
    assert visitor.get("").status_code == 303


def test_a_changed_cookie_proves_nobody(visitor: Visitor) -> None:
    cookie = visitor.http.cookies["footfall_console"]
    changed = [cookie[:-1], cookie + "A", ("B" if cookie[0] == "A" else "A") + cookie[1:], "", "é", '"', "x" * 5000]

    for value in changed:
        headers = [(b"cookie", f"footfall_console={value}".encode())]
        answer = httpx.get(f"{visitor.http.base_url}events", headers=headers)
        assert answer.status_code == 303, value


def test_a_session_expires(server: Server, visitor: Visitor) -> None:
    key, now = _token_key(server), instant.now()
    content = signed_token.verify(visitor.http.cookies["footfall_console"], key, "console.session")
    assert content is not None
    said = msgspec.msgpack.decode(content)
    assert 0 < said[2] - now <= 12 * instant.HOUR

    said[2] = now - 1
    old = signed_token.sign(msgspec.msgpack.encode(said), key, "console.session")

    assert httpx.get(f"{server.url}/console", cookies={"footfall_console": old}).status_code == 303


def test_a_cursor_of_another_api_is_no_session(server: Server, visitor: Visitor) -> None:
    key = _token_key(server)
    content = signed_token.verify(visitor.http.cookies["footfall_console"], key, "console.session")
    assert content is not None

    forged = signed_token.sign(content, key, "clevertap.events")

    assert httpx.get(f"{server.url}/console", cookies={"footfall_console": forged}).status_code == 303


def test_a_revoked_token_ends_its_sessions_and_their_tails(
    server: Server, http: httpx.Client, visitor: Visitor, workspace: NewWorkspace
) -> None:
    with visitor.http.stream("GET", "/tail/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        _revoke_all_tokens(server, workspace)
        deadline = time.monotonic() + 10
        while visitor.get("").status_code == 200:
            assert time.monotonic() < deadline
        rapidly = {"Authorization": f"Bearer {workspace.rapidly.token}"}
        sent = {"events": [{"name": "secret", "external_customer_id": "c"}]}
        assert http.post("/api/events/ingest", json=sent, headers=rapidly).status_code == 201
        told = list(lines)

    assert "event: ended" in told
    assert not any("secret" in line for line in told)


def test_credentials_are_made_shown_once_and_revoked(
    http: httpx.Client, visitor: Visitor, workspace: NewWorkspace
) -> None:
    made = visitor.post("/credentials", "/credentials", kind="footfall_token", name="<i>mine</i>")

    assert made.status_code == 200
    secret = made.text.partition('id="shown-secret">')[2].partition("<")[0]
    assert http.get("/events?external_id=x", headers={"Authorization": f"Bearer {secret}"}).status_code == 404
    page = visitor.text("/credentials")
    assert secret not in page
    assert "&lt;i&gt;mine&lt;/i&gt;" in page
    assert "<i>" not in page
    identifier = page.partition("/console/credentials/")[2][:36]
    answer = visitor.post(f"/credentials/{identifier}/revoke", "/credentials")
    assert answer.status_code == 303
    assert http.get("/events?external_id=x", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert visitor.post(f"/credentials/{identifier}/revoke", "/credentials").status_code == 404
    assert visitor.post("/credentials/nonsense/revoke", "/credentials").status_code == 404


@pytest.mark.parametrize(
    ("kind", "name", "problem"),
    [
        ("capillary_till", "a:b", "colon"),
        ("clevertap_passcode", "mine", "cannot be given a name"),
        ("nonsense", "", "Choose a kind"),
    ],
)
def test_a_credential_that_cannot_be_is_refused_with_the_reason(
    visitor: Visitor, kind: str, name: str, problem: str
) -> None:
    answer = visitor.post("/credentials", "/credentials", kind=kind, name=name)

    assert answer.status_code == 400
    assert problem in answer.text


def test_another_workspaces_credentials_are_out_of_reach(
    server: Server, visitor: Visitor, other_workspace: NewWorkspace
) -> None:
    theirs = _credentials_on(server, other_workspace)

    page = visitor.text("/credentials")
    for identifier in theirs:
        assert identifier not in page
        assert visitor.post(f"/credentials/{identifier}/revoke", "/credentials").status_code == 404


def test_files_are_kept_for_good_and_need_no_session(stranger: Visitor) -> None:
    address = stranger.text("/login").partition('rel="stylesheet" href="/console')[2].partition('"')[0]

    answer = stranger.get(address.split("?")[0])

    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert "?v=" in address
    assert stranger.get("/static/..%2fsession.py").status_code == 404


def test_unknown_pages_are_told_on_a_page(visitor: Visitor) -> None:
    answer = visitor.get("/nonsense")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_captures_do_not_depend_on_the_console(http: httpx.Client, workspace: NewWorkspace, visitor: Visitor) -> None:
    assert capture(http, workspace)
    cookie = {"Cookie": f"footfall_console={visitor.http.cookies['footfall_console']}"}
    assert http.post("/events", json={"name": "x"}, headers=cookie).status_code == 401


def _token_key(server: Server) -> bytes:
    database = Database(server.database_url)
    try:
        found = database.read(server_keys.get, server_keys.TOKENS)
    finally:
        database.close()
    assert found is not None
    return found


def _credentials(connection: Connection, workspace: NewWorkspace) -> list[str]:
    owner = workspaces.by_name(connection, workspace.workspace.name)
    assert owner is not None
    return [identifiers.to_text(one.id) for one in workspaces.credentials_of(connection, owner.number)]


def _credentials_on(server: Server, workspace: NewWorkspace) -> list[str]:
    database = Database(server.database_url)
    try:
        return database.read(_credentials, workspace)
    finally:
        database.close()


def _revoke_all_tokens(server: Server, workspace: NewWorkspace) -> None:
    """As a command does, in another process than the server's."""
    database = Database(server.database_url)
    capture_service = Capture(database)
    try:
        owner = database.read(workspaces.by_name, workspace.workspace.name)
        assert owner is not None
        for one in database.read(workspaces.credentials_of, owner.number):
            if one.kind == "footfall_token":
                capture_service.change_now(workspaces.revoke, owner.number, one.id, instant.now())
    finally:
        capture_service.close()
        database.close()
