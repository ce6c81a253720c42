"""Who is asking: Basic, tokens, and the answers to those nobody knows (contracts/capillary.md 1)."""

import base64
import time

import httpx
import jwt
import pytest

from footfall.capture.service import Capture
from footfall.model import instant
from footfall.storage import server_keys, workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace
from tests.apis.capillary.conftest import Organisation
from tests.conftest import Server

TOKEN = "X-CAP-API-OAUTH-TOKEN"
XML = (
    "<response><status><success>false</success><code>401</code>"
    "<message>Please check your username/password or authentication token</message></status></response>"
)


def generate(http: httpx.Client, workspace: NewWorkspace) -> str:
    client = workspace.capillary
    answer = http.post("/v3/oauth/token/generate", json={"key": client.client_key, "secret": client.client_secret})
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["data", "errors"]
    assert answer.json()["errors"] is None
    assert list(answer.json()["data"]) == ["accessToken", "ttlSeconds"]
    assert answer.json()["data"]["ttlSeconds"] == 300
    token: str = answer.json()["data"]["accessToken"]
    return token


def test_a_token_opens_what_basic_opens(http: httpx.Client, workspace: NewWorkspace) -> None:
    token = generate(http, workspace)

    assert http.get("/v2/events", headers={TOKEN: token}).json() == {"data": [], "warnings": [], "errors": []}


def test_a_token_is_a_jwt_with_the_claims_of_the_product(http: httpx.Client, workspace: NewWorkspace) -> None:
    token = generate(http, workspace)

    assert {"kid": "k1", "alg": "RS256"}.items() <= jwt.get_unverified_header(token).items()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["iss"] == "Capillary"
    assert claims["exp"] - claims["iat"] == 300
    assert claims["org_id"] == workspace.capillary.org_id
    assert claims["default_till"] == workspace.capillary.till_id
    assert claims["client_key"] == workspace.capillary.client_key
    assert claims["token_use"] == "token_access"
    assert claims["scopes"] == "[]"
    assert claims["has_psi_access"] is False
    assert isinstance(claims["client_id"], int)
    assert claims["jti"]


def test_each_call_gives_another_token_and_old_ones_stay_valid(http: httpx.Client, workspace: NewWorkspace) -> None:
    first, second = generate(http, workspace), generate(http, workspace)

    assert first != second
    assert [http.get("/v2/events", headers={TOKEN: token}).status_code for token in (first, second)] == [200, 200]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b'{"key": "nobody", "secret": "x"}', 401, "Failed to generate OAuth token"),
        (b'{"key": "nobody"}', 400, "Invalid input"),
        (b"{", 400, "Invalid input"),
        (b'{"key": 1, "secret": 2}', 400, "Invalid input"),
        (b"[" * 100_000, 400, "Invalid input"),
        (b'{"key": "\xff", "secret": ""}', 400, "Invalid input"),
    ],
)
def test_a_token_is_not_generated_without_a_client(http: httpx.Client, body: bytes, status: int, message: str) -> None:
    answer = http.post("/v3/oauth/token/generate", content=body)

    assert answer.status_code == status
    assert list(answer.json()) == ["data", "errors", "warnings"]
    assert answer.json()["data"] is None
    assert answer.json()["warnings"] is None
    assert answer.json()["errors"][0]["message"].startswith(message)


def test_revoking_the_client_ends_its_tokens_within_a_second(
    http: httpx.Client, workspace: NewWorkspace, server: Server
) -> None:
    token = generate(http, workspace)
    assert http.get("/v2/events", headers={TOKEN: token}).status_code == 200

    database = Database(server.database_url)
    capture = Capture(database)
    owner = database.read(workspaces.by_name, workspace.workspace.name)
    assert owner is not None
    client = bytes.fromhex(workspace.capillary.client_key)
    assert capture.change_now(workspaces.revoke, owner.number, client, instant.now())
    capture.close()
    database.close()

    time.sleep(1)
    assert http.get("/v2/events", headers={TOKEN: token}).status_code == 401


def test_a_forged_token_is_refused(http: httpx.Client, workspace: NewWorkspace) -> None:
    head, claims, signature = generate(http, workspace).split(".")
    forged = jwt.encode({"client_key": workspace.capillary.client_key, "workspace": 1, "exp": 9e9}, "k" * 32)

    for token in ("", "x", "x" * 5000, f"{head}.{claims}.", f"{head}.{claims}.{signature[::-1]}", forged):
        assert http.get("/v2/events", headers={TOKEN: token}).status_code == 401


def test_a_token_ends_when_it_says(http: httpx.Client, workspace: NewWorkspace, server: Server) -> None:
    claims = jwt.decode(generate(http, workspace), options={"verify_signature": False})
    database = Database(server.database_url)
    key = database.read(server_keys.get, "capillary_oauth")
    database.close()
    assert key is not None

    for seconds, status in ((60, 200), (-1, 401)):
        ends = {**claims, "exp": int(time.time()) + seconds}
        token = jwt.encode(ends, key.decode(), algorithm="RS256", headers={"kid": "k1"})
        assert http.get("/v2/events", headers={TOKEN: token}).status_code == status


@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Basic", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"no-colon").decode(),
        "Basic " + base64.b64encode(b"a:\xff").decode(), "Basic " + base64.b64encode(b"till:\0").decode(),
    ],
)  # fmt: skip
def test_v2_without_valid_credentials_answers_the_xml_of_v1(http: httpx.Client, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = http.get("/v2/events/event_data", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.text == XML


def test_the_plain_password_is_not_what_a_client_sends(http: httpx.Client, workspace: NewWorkspace) -> None:
    till = workspace.capillary
    plain = base64.b64encode(f"{till.till_username}:{till.till_password}".encode()).decode()

    assert http.get("/v2/events", headers={"Authorization": f"Basic {plain}"}).status_code == 401


def test_every_answer_carries_a_request_id(http: httpx.Client, organisation: Organisation) -> None:
    answers = [
        organisation.client.get("/v2/events"),
        organisation.client.get("/v2/nowhere"),
        organisation.client.delete("/v2/events"),
        http.get("/v2/events"),
        http.get("/v3/nowhere"),
        http.post("/eucrm/webhooks/none", json={}),
    ]

    identifiers = {answer.headers["X-Cap-Requestid"] for answer in answers}
    assert len(identifiers) == len(answers)


def test_paths_nobody_serves_answer_in_the_envelope_of_their_version(http: httpx.Client) -> None:
    assert http.get("/v3/nowhere").json() == {
        "data": None,
        "errors": [{"code": 404, "message": "Not Found"}],
        "warnings": None,
    }
    assert http.get("/v2/nowhere").json() == {
        "warnings": [],
        "errors": [{"status": False, "code": 404, "message": "Not Found"}],
    }
    assert http.get("/eucrm/nowhere").json() == {"status": {"code": 404, "message": "Not Found"}}
