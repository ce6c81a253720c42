"""Who may call at all, and what is remembered of it (contracts/capillary.md 1.2 to 1.6)."""

import asyncio
import re
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Request

from footfall.apis.capillary.attribution import PREFIX, Attribution, attribution_of
from footfall.apis.capillary.auth import principal, token_for
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.permissions import required
from footfall.apis.http import AnyRequest
from footfall.apis.services import Services
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.organisation import MOST_CLIENTS, Store, Till
from footfall.model.workspace import Workspace
from footfall.storage import server_keys, workspaces
from footfall.storage.database import Database
from footfall.tenancy import organisation as setting_up
from footfall.tenancy.authentication import Authenticator, pepper
from footfall.tenancy.brief_memory import BriefMemory
from footfall.tenancy.creation import NewWorkspace, create
from footfall.tenancy.credentials import InvalidCredential, issue
from tests.apis.capillary.conftest import Organisation, basic
from tests.apis.capillary.test_access import CODE, ENTITY, TOKEN, Office, acting, till_of
from tests.conftest import Server

OPEN = {("POST", "/v3/oauth/token/generate"), ("POST", "/eucrm/webhooks/{webhook_id}")}
XML = (
    "<response><status><success>false</success><code>401</code>"
    "<message>Please check your username/password or authentication token</message></status></response>"
)


@pytest.fixture
def office(server: Server, workspace: NewWorkspace) -> Iterator[Office]:
    made = Office(server, workspace)
    yield made
    made.close()


def every_route(http: httpx.Client) -> list[tuple[str, str]]:
    """Method and template of all that is the product's, as the server describes itself."""
    paths = http.get("/schema/openapi.json").json()["paths"]
    return [
        (method.upper(), template)
        for template, operations in paths.items()
        for method, operation in operations.items()
        if "Capillary" in operation["tags"]
    ]


def test_no_route_answers_who_shows_no_credentials(http: httpx.Client) -> None:
    routes = every_route(http)
    assert len(routes) > 20
    for method, template in routes:
        if (method, template) in OPEN:
            continue
        answer = http.request(method, re.sub(r"\{[^}]*\}", "1", template), content=b"{")

        assert answer.status_code == 401, (method, template)
        assert answer.headers["X-Cap-Requestid"]
        if template.startswith("/v2/"):
            assert answer.text == XML
        else:
            message = "Please check your username/password or authentication token"
            assert answer.json() == {"data": None, "errors": [{"code": 401, "message": message}], "warnings": None}


def test_no_route_lets_a_caller_do_what_its_group_does_not(http: httpx.Client, office: Office) -> None:
    office.group("nothing", is_default=True)
    _, headers = office.till("front")
    for method, template in every_route(http):
        if (method, template) in OPEN or required(method, template) is None:
            continue
        answer = http.request(method, re.sub(r"\{[^}]*\}", "1", template), content=b"{", headers=headers)

        assert answer.status_code == 403, (method, template)
        assert answer.json()["errors"][0]["code"] == 4000
        assert answer.headers["X-Cap-Requestid"]


@pytest.mark.parametrize(
    ("method", "path", "status", "v3"),
    [
        ("PATCH", "/v2/events", 405, False),
        ("PUT", "/v3/oauth/token/generate", 405, True),
        ("GET", "/v2/none", 404, False),
    ],
)
def test_what_is_not_served_answers_in_the_envelope_of_its_version(
    http: httpx.Client, method: str, path: str, status: int, v3: bool
) -> None:
    answer = http.request(method, path)

    told = answer.json()
    assert (answer.status_code, told["errors"][0]["code"]) == (status, status)
    assert list(told) == (["data", "errors", "warnings"] if v3 else ["warnings", "errors"])
    assert answer.headers["X-Cap-Requestid"]


@pytest.mark.parametrize(
    ("path", "v3"), [("/v2/events", False), ("/v3/targetGroups", True), ("/v2/transactions", False)]
)
def test_a_body_of_another_type_is_415(organisation: Organisation, path: str, v3: bool) -> None:
    answer = organisation.client.post(path, content=b"{}", headers={"Content-Type": "application/xml"})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (415, 415)
    assert ("data" in answer.json()) is v3
    named = organisation.client.post(path, content=b"{", headers={"Content-Type": "application/JSON; charset=utf-8"})
    assert named.status_code == 400


def test_a_token_of_an_organisation_that_is_not_there_is_1064(http: httpx.Client, office: Office) -> None:
    token = office.token(office.client())[TOKEN]
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token)["kid"]
    pem = office.database.read(server_keys.get, "capillary_oauth" if kid == "k1" else f"capillary_oauth_{kid}")
    assert pem is not None
    elsewhere = jwt.encode({**claims, "workspace": 2**31 - 1}, pem.decode(), "RS256", headers={"kid": kid})

    answer = http.get("/v2/events", headers={TOKEN: elsewhere})

    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        [{"status": False, "code": 1064, "message": "invalid org"}],
    )


@pytest.mark.parametrize("kid", [None, "k0", "k99", "../k1", "k1\0"])
def test_a_token_whose_key_is_not_ours_is_refused(http: httpx.Client, office: Office, kid: str | None) -> None:
    claims = jwt.decode(office.token(office.client())[TOKEN], options={"verify_signature": False})
    forged = jwt.encode(claims, "s" * 32, "HS256", headers={} if kid is None else {"kid": kid})

    assert http.get("/v2/events", headers={TOKEN: forged}).status_code == 401


def test_the_subject_of_a_token_is_its_clients_name(http: httpx.Client, office: Office) -> None:
    claims = jwt.decode(office.token(office.client(name="Loyalty app"))[TOKEN], options={"verify_signature": False})

    assert claims["sub"] == "Loyalty app"


def test_a_token_lasts_no_longer_than_its_client(http: httpx.Client, office: Office) -> None:
    soon = instant.now() + 100 * instant.SECOND
    issued = office.do(issue, "capillary_client", expires_at=soon)

    answer = http.post("/v3/oauth/token/generate", json={"key": issued.credential.name, "secret": issued.secret})

    assert 90 <= answer.json()["data"]["ttlSeconds"] <= 100


def test_an_expired_client_gets_no_token(http: httpx.Client, office: Office) -> None:
    issued = office.do(issue, "capillary_client", expires_at=instant.now() - 1)

    answer = http.post("/v3/oauth/token/generate", json={"key": issued.credential.name, "secret": issued.secret})

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "Failed to generate OAuth token"


def test_no_command_makes_a_sixteenth_client(office: Office) -> None:
    made = [office.do(issue, "capillary_client") for _ in range(MOST_CLIENTS - 1)]
    with pytest.raises(InvalidCredential):
        office.do(issue, "capillary_client")

    office.do(revoke, made[0].credential.id)

    assert office.do(issue, "capillary_client").secret


def revoke(connection: Any, workspace: Workspace, credential: bytes) -> bool:
    return workspaces.revoke(connection, workspace.number, credential, instant.now())


@pytest.mark.parametrize("kind", ["WECHAT", "MOBILE_TRIGGER"])
def test_a_look_up_finds_the_till_that_goes_by_its_value(http: httpx.Client, office: Office, kind: str) -> None:
    till = office.do(setting_up.add_till, Till(id=0, code="f", name="f", wechat="wX1", mobile_trigger="mT1"))[0]
    token = office.token(office.client())
    value = {"WECHAT": "wX1", "MOBILE_TRIGGER": "mT1"}[kind]
    headers = {**token, f"{PREFIX}LOOKUP-TYPE": kind, f"{PREFIX}LOOKUP": value}

    assert till_of(http, office, acting(http, headers)) == till.id
    assert acting(http, {**headers, f"{PREFIX}LOOKUP": value.lower()}).status_code == 400
    assert acting(http, {**headers, f"{PREFIX}LOOKUP-TYPE": "LINE"}).status_code == 400


def test_a_store_may_have_a_name_in_any_script(http: httpx.Client, office: Office) -> None:
    made = office.do(setting_up.add_store, Store(id=0, code="S1", name="Café 東京"))
    till, _ = office.till("front", made.code)
    headers = [(b"content-type", b"application/json")]
    headers += [(name.encode(), value.encode()) for name, value in office.token(office.client()).items()]
    headers += [(ENTITY.encode(), b"STORE_NAME"), (CODE.encode(), "Café 東京".encode())]

    answer = acting(http, cast("Any", headers))

    assert till_of(http, office, answer) == till.id


def test_what_a_group_permits_may_change_and_it_stays_the_default_one(http: httpx.Client, office: Office) -> None:
    office.group("all", is_default=True)
    office.do(setting_up.put_group, "all", {"Behavioural Events": ["read"]})
    _, headers = office.till("front")

    assert http.get("/v2/events", headers=headers).status_code == 200
    assert http.get("/v2/customers/1", headers=headers).status_code == 403


def test_the_number_of_a_till_may_be_chosen_once(office: Office) -> None:
    made = office.do(setting_up.add_till, Till(id=50_012_345, code="a", name="a"))[0]
    given_here = office.do(setting_up.add_till, Till(id=0, code="b", name="b"))[0]

    assert made.id == 50_012_345
    assert given_here.id not in {made.id, office.workspace.till_id}
    for number in (made.id, office.workspace.till_id, -1, 2**60):
        with pytest.raises(setting_up.InvalidOrganisation):
            office.do(setting_up.add_till, Till(id=number, code="c", name="c"))


HEADERS = {
    "ENTITY-TYPE": st.sampled_from(["TILL", "STORE_CODE", "store_name", "?"]),
    "ENTITY-CODE": st.sampled_from(["e", ""]),
    "TILL-CODE": st.sampled_from(["t", " "]),
    "LOOKUP-TYPE": st.sampled_from(["WECHAT", "mobile_trigger", ""]),
    "LOOKUP": st.sampled_from(["l", ""]),
}


@given(st.fixed_dictionaries({}, optional=HEADERS))
def test_which_header_counts(sent: dict[str, str]) -> None:
    """The entity before the older till's code, that before the look-up; what is empty is not there."""
    headers = [((PREFIX + name).lower().encode(), value.encode()) for name, value in sent.items()]
    said = {name: value.strip() for name, value in sent.items() if value.strip()}
    request = cast("AnyRequest", SimpleNamespace(scope={"headers": headers}))

    if "ENTITY-CODE" in said:
        expected: Attribution | None = Attribution(said.get("ENTITY-TYPE", "").upper(), "e")
    elif "TILL-CODE" in said:
        expected = Attribution("TILL", "t")
    elif "LOOKUP" not in said:
        expected = None
    elif "LOOKUP-TYPE" not in said:
        with pytest.raises(CapillaryError) as raised:
            attribution_of(request)
        assert raised.value.code == 1061
        return
    else:
        expected = Attribution(f"LOOKUP {said['LOOKUP-TYPE'].upper()}", "l")
    assert attribution_of(request) == expected


def test_a_caller_who_is_known_costs_no_query(database: Database, capture: Capture, monkeypatch: Any) -> None:
    made = capture.change_now(create, "acme", "UTC")
    services = cast(
        "Services",
        SimpleNamespace(
            database=database,
            capture=capture,
            memory=BriefMemory(),
            authenticator=Authenticator(database, capture.change_now(pepper)),
        ),
    )
    asked = 0
    ask = Database.ask

    async def counted(self: Database, *arguments: Any, **others: Any) -> Any:
        nonlocal asked
        asked += 1
        return await ask(self, *arguments, **others)

    monkeypatch.setattr(Database, "ask", counted)
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)  # all within one second
    token = asyncio.run(_token(services, made))
    for headers in ({"authorization": basic(made)}, {TOKEN: token}, {TOKEN: token, CODE: made.capillary.till_code}):
        first = asyncio.run(principal(_request(services, headers)))
        before = asked

        assert asyncio.run(principal(_request(services, headers))) == first
        assert asked == before
        assert first.till.id == made.capillary.till_id


async def _token(services: Services, made: NewWorkspace) -> str:
    issued = await token_for(services, made.capillary.client_key, made.capillary.client_secret)
    assert issued is not None
    return issued.access_token


def _request(services: Services, headers: dict[str, str]) -> AnyRequest:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v2/events",
        "path_template": "/v2/events",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "litestar_app": SimpleNamespace(state={"services": services}),
    }
    return Request(cast("Any", scope))
