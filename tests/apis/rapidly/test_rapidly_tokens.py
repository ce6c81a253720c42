"""Access tokens over the API: contracts/rapidly.md 1.5, 11."""

import re
import time
from typing import Any

import httpx
import pytest

from footfall.model import secret
from tests.apis.rapidly.conftest import Client, IssueToken

PATH = "/api/workspace-access-tokens/"
AN_EVENT = "/api/events/749ec817-0bbf-4301-9ba8-555ca42b9737"


def mint(client: Client, token: str | None = None, **fields: Any) -> httpx.Response:
    headers = client.headers if token is None else {"Authorization": f"Bearer {token}"}
    return client.http.post(PATH, json={"comment": "ci", "scopes": ["events:read"], **fields}, headers=headers)


def status(client: Client, token: str, path: str = AN_EVENT) -> int:
    return client.http.get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_shown_once_and_works_at_once(client: Client) -> None:
    answer = mint(client, expires_in="P30D")

    body = answer.json()
    shown = body["workspace_access_token"]
    assert answer.status_code == 201
    assert list(body) == ["workspace_access_token", "token"]
    assert list(shown) == [
        *("created_at", "modified_at", "id", "scopes", "expires_at", "comment", "last_used_at", "workspace_id")
    ]
    assert (shown["scopes"], shown["comment"], shown["modified_at"], shown["last_used_at"]) == (
        *(["events:read"], "ci", None, None),
    )
    assert shown["workspace_id"] == client.workspace.workspace.id
    assert secret.is_checked_token(body["token"], "rapidly_oat_")
    assert status(client, body["token"]) == 404
    assert status(client, body["token"], "/api/customers/") == 403
    listed = client.get(f"{PATH}?sorting=-created_at").json()
    assert listed["meta"]["total"] == 2
    assert body["token"] not in str(listed)


@pytest.mark.parametrize("expires_in", [-1, 0, "-P1D", "PT0S"])
def test_a_token_that_is_over_opens_nothing(client: Client, expires_in: int | str) -> None:
    assert status(client, mint(client, expires_in=expires_in).json()["token"]) == 401


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (60, 60),
        (1.5, 1.5),
        ("90", 90),
        ("PT1M", 60),
        ("P1DT2H3M4.5S", 93784.5),
        ("01:30:00", 5400),
        ("2 days, 00:00", 172800),
        ("P2W", 1209600),
    ],
)
def test_a_lifetime_is_a_number_of_seconds_or_a_duration(client: Client, expires_in: Any, seconds: float) -> None:
    from datetime import datetime  # noqa: PLC0415

    shown = mint(client, expires_in=expires_in).json()["workspace_access_token"]

    lasts = datetime.fromisoformat(shown["expires_at"]) - datetime.fromisoformat(shown["created_at"])
    assert lasts.total_seconds() == pytest.approx(seconds, abs=0.5)


def test_no_lifetime_is_for_ever(client: Client) -> None:
    assert mint(client, expires_in=None).json()["workspace_access_token"]["expires_at"] is None
    assert mint(client, expires_at="2000-01-01T00:00:00Z").json()["workspace_access_token"]["expires_at"] is None


@pytest.mark.parametrize(
    ("body", "kind", "loc"),
    [
        ({"comment": 5}, "string_type", ["comment"]),
        ({"scopes": "events:read"}, "list_type", ["scopes"]),
        ({"scopes": ["events:read", "web:write"]}, "enum", ["scopes", 1]),
        ({"scopes": [5]}, "enum", ["scopes", 0]),
        ({"expires_in": "soon"}, "time_delta_parsing", ["expires_in"]),
        ({"expires_in": True}, "time_delta_type", ["expires_in"]),
        ({"expires_in": 1e300}, "time_delta_parsing", ["expires_in"]),
        ({"expires_in": "P9000Y"}, "value_error", ["expires_in"]),
        ({"workspace_id": "749ec817-0bbf-4301-9ba8-555ca42b9737"}, "workspace_token", ["workspace_id"]),
        ({"workspace_id": "x"}, "uuid_parsing", ["workspace_id"]),
    ],
)
def test_a_bad_token_is_told(client: Client, body: dict[str, Any], kind: str, loc: list[Any]) -> None:
    answer = mint(client, **body)

    assert answer.status_code == 422
    assert [(fault["type"], fault["loc"]) for fault in answer.json()["detail"]] == [(kind, ["body", *loc])]


def test_what_is_missing_is_told(client: Client) -> None:
    answer = client.http.post(PATH, json={}, headers=client.headers)

    assert [(fault["type"], fault["loc"]) for fault in answer.json()["detail"]] == [
        ("missing", ["body", "comment"]),
        ("missing", ["body", "scopes"]),
    ]


def test_no_token_gives_more_than_it_has(client: Client, issue_token: IssueToken) -> None:
    minter = issue_token(scopes=("workspace_access_tokens:write", "events:read")).secret

    refused = mint(client, minter, scopes=["events:read", "events:write"])

    assert refused.status_code == 403
    assert refused.json()["error"] == "insufficient_scope"
    assert 'scope="events:write"' in refused.headers["www-authenticate"]
    made = mint(client, minter, scopes=["events:read"])
    assert made.status_code == 201
    own = made.json()["workspace_access_token"]["id"]
    headers = {"Authorization": f"Bearer {minter}"}
    more = client.http.patch(f"{PATH}{own}", json={"scopes": ["customers:write"]}, headers=headers)
    assert more.status_code == 403
    assert client.get(PATH).json()["meta"]["total"] == 3


def test_a_token_is_changed(client: Client) -> None:
    made = mint(client, scopes=["events:read", "customers:read"]).json()
    own = made["workspace_access_token"]

    answer = client.http.patch(
        f"{PATH}{own['id']}", json={"comment": "new", "scopes": ["customers:read"]}, headers=client.headers
    )

    assert answer.status_code == 200
    changed = answer.json()
    assert changed == {**own, "comment": "new", "scopes": ["customers:read"], "modified_at": changed["modified_at"]}
    assert changed["modified_at"] is not None
    assert client.http.patch(f"{PATH}{own['id']}", json={}, headers=client.headers).json()["comment"] == "new"


def test_a_deleted_token_is_dead_at_once(client: Client) -> None:
    made = mint(client).json()
    assert status(client, made["token"]) == 404

    path = f"{PATH}{made['workspace_access_token']['id']}"
    answer = client.http.delete(path, headers=client.headers)

    assert (answer.status_code, answer.content) == (204, b"")
    assert status(client, made["token"]) == 401
    assert client.http.delete(path, headers=client.headers).status_code == 404
    assert client.http.patch(path, json={}, headers=client.headers).status_code == 404


def test_use_is_noted_now_and_then(client: Client) -> None:
    made = mint(client).json()
    status(client, made["token"])

    for _ in range(200):  # it is written down by the way
        listed = client.get(f"{PATH}?sorting=-last_used_at&sorting=comment").json()["data"]
        own = next(each for each in listed if each["id"] == made["workspace_access_token"]["id"])
        if own["last_used_at"] is not None:
            break
        time.sleep(0.01)
    assert own["last_used_at"] is not None
    noted = own["last_used_at"]
    status(client, made["token"])
    again = next(each for each in client.get(PATH).json()["data"] if each["id"] == own["id"])
    assert again["last_used_at"] == noted, "not for each request"


def test_tokens_need_their_scope_and_stay_in_their_workspace(
    client: Client, other_client: Client, issue_token: IssueToken
) -> None:
    reader = issue_token(scopes=("workspace_access_tokens:read",)).secret
    mine = mint(client).json()["workspace_access_token"]["id"]

    assert status(client, reader, PATH) == 200
    assert mint(client, reader).status_code == 403
    assert status(client, issue_token(scopes=("events:write",)).secret, PATH) == 403
    assert other_client.http.delete(f"{PATH}{mine}", headers=other_client.headers).status_code == 404
    other = client.get(f"{PATH}?workspace_id={other_client.workspace.workspace.id}").json()
    assert other["data"] == []
    assert re.fullmatch(r"[0-9a-f-]{36}", mine)
