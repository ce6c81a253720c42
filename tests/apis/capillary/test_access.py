"""Tills, OAuth clients, attribution and access groups over HTTP (contracts/capillary.md 1)."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.capillary.attribution import Attribution, acting_till
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.permissions import required
from footfall.apis.capillary.signing_keys import new_pem, rotate
from footfall.apis.gainsight_px import routes as gainsight_px
from footfall.app import application
from footfall.capture.service import Capture
from footfall.model.organisation import ClientCredential, Store, Till
from footfall.model.workspace import Workspace
from footfall.settings import Settings
from footfall.storage import workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.event_walk import Walk, page
from footfall.telemetry.metrics import Metrics
from footfall.tenancy import organisation as setting_up
from footfall.tenancy.creation import NewWorkspace
from footfall.tenancy.credentials import InvalidCredential
from tests.apis.capillary.conftest import Organisation
from tests.conftest import Databases, Server, new_workspace, start_server

TOKEN = "X-CAP-API-OAUTH-TOKEN"
ENTITY = "X-CAP-API-ATTRIBUTION-ENTITY-TYPE"
CODE = "X-CAP-API-ATTRIBUTION-ENTITY-CODE"
DENIED = {"warnings": [], "errors": [{"status": False, "code": 4000, "message": "Not authorized. Access is denied!"}]}


class Office:
    """Sets an organisation up behind the running server's back, as the commands do."""

    def __init__(self, server: Server, made: NewWorkspace) -> None:
        self.url = server.url
        self.database = Database(server.database_url)
        self.capture = Capture(self.database)
        found = self.database.read(workspaces.by_name, made.workspace.name)
        assert found is not None
        self.workspace: Workspace = found

    def do(self, function: Callable[..., Any], *arguments: Any, **others: Any) -> Any:
        return self.capture.change_now(function, self.workspace, *arguments, **others)

    def till(self, code: str, store: str | None = None) -> tuple[Till, dict[str, str]]:
        """A new till, and the header that proves it."""
        made, issued = self.do(setting_up.add_till, Till(id=0, code=code, name=code), store)
        hashed = hashlib.md5(issued.secret.encode(), usedforsecurity=False).hexdigest()
        sent = base64.b64encode(f"{issued.credential.name}:{hashed}".encode()).decode()
        return made, {"Authorization": f"Basic {sent}"}

    def store(self, code: str, **names: str) -> Store:
        new = msgspec.structs.replace(Store(id=0, code=code, name=f"Shop {code}"), **names)
        made: Store = self.do(setting_up.add_store, new)
        return made

    def client(self, *, has_psi_access: bool = False, **details: Any) -> tuple[str, str]:
        issued = self.do(setting_up.add_client, ClientCredential(**details), has_psi_access=has_psi_access)
        return issued.credential.name, issued.secret

    def token(self, client: tuple[str, str]) -> dict[str, str]:
        asked = {"key": client[0], "secret": client[1]}
        answer = httpx.post(f"{self.url}/v3/oauth/token/generate", json=asked)
        assert answer.status_code == 200, answer.text
        return {TOKEN: answer.json()["data"]["accessToken"]}

    def group(self, name: str, *, is_default: bool = False, **permissions: list[str]) -> int:
        allowed = {resource.replace("_", " "): given for resource, given in permissions.items()}
        made = self.do(setting_up.put_group, name, allowed, is_default=is_default)
        return int(made.id)

    def settings(self, chosen: dict[str, Any]) -> None:
        self.capture.change_now(workspaces.set_settings, self.workspace.number, msgspec.json.encode(chosen))

    def close(self) -> None:
        self.capture.close()
        self.database.close()


@pytest.fixture
def office(server: Server, workspace: NewWorkspace) -> Iterator[Office]:
    made = Office(server, workspace)
    yield made
    made.close()


def acting(http: httpx.Client, headers: dict[str, str]) -> httpx.Response:
    """Adds a bill, whose event shows at which till it was."""
    number = f"b{time.monotonic_ns()}"
    query = {"identifierName": "externalId", "identifierValue": "c1"}
    bill = {"type": "REGULAR", "billNumber": number, "billAmount": 1, "billingDate": "2026-01-01T00:00:00Z"}
    return http.post("/v2/transactions", params=query, json=bill, headers=headers)


def till_of(http: httpx.Client, office: Office, answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    found: list[Any] = office.database.read(_outlets, office.workspace.number)
    return int(found[-1])


def _outlets(connection: Connection, workspace: int) -> list[str | None]:
    walk = Walk(workspace=workspace, snapshot=connection.last_sequence(workspace))
    found = sorted((one for one, _ in page(connection, walk, None, 1000)), key=lambda one: one.sequence)
    return [one.outlet for one in found if one.name == "ADD_TRANSACTION"]


def test_every_till_proves_its_organisation_and_acts_for_itself(http: httpx.Client, office: Office) -> None:
    first, basic = office.till("front")
    second, other = office.till("back")

    assert till_of(http, office, acting(http, basic)) == first.id
    assert till_of(http, office, acting(http, other)) == second.id
    assert first.id != second.id


def test_attribution_headers_are_not_for_basic(http: httpx.Client, office: Office) -> None:
    first, basic = office.till("front")
    office.till("back")

    assert till_of(http, office, acting(http, {**basic, CODE: "back"})) == first.id
    assert till_of(http, office, acting(http, {**basic, CODE: "nowhere"})) == first.id


def test_a_client_acts_at_its_default_till_or_where_it_says(http: httpx.Client, office: Office) -> None:
    office.store("S1", external_id="E0", external_id_1="E1", external_id_2="E2")
    front, _ = office.till("front", "S1")
    back, _ = office.till("back")
    plain = office.token(office.client())
    at_back = office.token(office.client(default_till=back.id))

    assert till_of(http, office, acting(http, plain)) == office.workspace.till_id
    assert till_of(http, office, acting(http, at_back)) == back.id
    for kind, code in [
        ("", "front"),
        ("TILL", "front"),
        ("TILL_CODE", "front"),
        ("till", "front"),
        ("STORE_CODE", "S1"),
        ("STORE_NAME", "Shop S1"),
        ("STORE_EXTERNAL_ID", "E0"),
        ("STORE_EXTERNAL_ID_1", "E1"),
        ("STORE_EXTERNAL_ID_2", "E2"),
    ]:
        headers = {**at_back, CODE: code, **({ENTITY: kind} if kind else {})}
        assert till_of(http, office, acting(http, headers)) == front.id, kind
    older = {**at_back, "X-CAP-API-ATTRIBUTION-TILL-CODE": "front"}
    assert till_of(http, office, acting(http, older)) == front.id
    own = {**at_back, CODE: office.workspace.till_code}
    assert till_of(http, office, acting(http, own)) == office.workspace.till_id


@pytest.mark.parametrize(("kind", "code"), [("TILL", "none"), ("STORE_CODE", "none"), ("PLANET", "front")])
def test_a_till_that_does_not_exist_is_refused_unless_the_client_falls_back(
    http: httpx.Client, office: Office, kind: str, code: str
) -> None:
    office.till("front")
    strict, lenient = office.token(office.client()), office.token(office.client(falls_back=True))
    headers = {ENTITY: kind, CODE: code}

    refused = acting(http, {**strict, **headers})

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["status"] is False
    assert code in refused.json()["errors"][0]["message"]
    assert till_of(http, office, acting(http, {**lenient, **headers})) == office.workspace.till_id
    v3 = http.get("/v3/targetGroups", headers={**strict, **headers})
    assert (v3.status_code, v3.json()["data"], v3.json()["warnings"]) == (400, None, None)


def test_a_lookup_without_its_type_is_1061(http: httpx.Client, office: Office) -> None:
    token = office.token(office.client())

    refused = acting(http, {**token, "X-CAP-API-ATTRIBUTION-LOOKUP": "x"})

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, 1061)


@given(st.booleans(), st.booleans(), st.booleans())
def test_the_order_of_resolution(is_asked: bool, exists: bool, falls_back: bool) -> None:
    default, other = Till(id=1, code="d", name="d"), Till(id=2, code="o", name="o")
    asked = Attribution("TILL", "o") if is_asked else None
    found = other if is_asked and exists else None

    if is_asked and not exists and not falls_back:
        with pytest.raises(CapillaryError):
            acting_till(asked, found, default, falls_back=falls_back)
    else:
        expected = other if is_asked and exists else default
        assert acting_till(asked, found, default, falls_back=falls_back) is expected


def test_tokens_last_as_long_as_their_client_says_and_claim_what_it_has(http: httpx.Client, office: Office) -> None:
    back, _ = office.till("back")
    client = office.client(token_seconds=3600, default_till=back.id, has_psi_access=True)

    answer = http.post("/v3/oauth/token/generate", json={"key": client[0], "secret": client[1]})

    assert answer.json()["data"]["ttlSeconds"] == 3600
    claims = jwt.decode(answer.json()["data"]["accessToken"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 3600
    assert (claims["default_till"], claims["has_psi_access"]) == (back.id, True)


@pytest.fixture
def alone(databases: Databases) -> Iterator[Office]:
    """An organisation on a server of its own, whose keys are nobody else's."""
    running = start_server(databases.new_url())
    made = Office(running, new_workspace(running.database_url))
    yield made
    made.close()
    running.stop()


def test_tokens_outlive_the_rotation_of_keys_unless_they_are_to_be_forgotten(alone: Office) -> None:
    office = alone
    client = office.client()
    http = httpx.Client(base_url=office.url, timeout=30)
    before = office.token(client)

    kid = office.capture.change_now(rotate, new_pem(), forget_others=False)
    after = office.token(client)

    assert jwt.get_unverified_header(after[TOKEN])["kid"] == kid
    assert jwt.get_unverified_header(before[TOKEN])["kid"] != kid
    assert [http.get("/v2/events", headers=one).status_code for one in (before, after)] == [200, 200]
    office.capture.change_now(rotate, new_pem(), forget_others=True)
    time.sleep(1)
    assert [http.get("/v2/events", headers=one).status_code for one in (before, after)] == [401, 401]
    assert http.get("/v2/events", headers=office.token(client)).status_code == 200
    http.close()


def test_an_organisation_has_at_most_fifteen_clients(office: Office) -> None:
    for _ in range(14):  # one was made with the workspace
        office.client()

    with pytest.raises(InvalidCredential):
        office.client()


def test_basic_can_be_switched_off(http: httpx.Client, office: Office) -> None:
    _, basic = office.till("front")
    token = office.token(office.client())
    assert http.get("/v2/events", headers=basic).status_code == 200

    office.settings({"capillary": {"basic": False}})

    time.sleep(1)
    refused = http.get("/v2/events", headers=basic)
    assert refused.status_code == 401
    assert refused.text.startswith("<response>")
    assert http.get("/v2/events", headers=token).status_code == 200


def test_the_default_group_holds_for_all_that_have_no_other(http: httpx.Client, office: Office) -> None:
    office.group("readers", is_default=True, Behavioural_Events=["read"])
    _, basic = office.till("front")
    token = office.token(office.client())

    for headers in (basic, token):
        assert http.get("/v2/events", headers=headers).status_code == 200
        assert http.get("/v2/events/event_data", params={"id": "x"}, headers=headers).status_code == 200
        refused = http.post("/v2/events", json={"eventName": "e", "fields": []}, headers=headers)
        assert (refused.status_code, refused.json()) == (403, DENIED)
        assert list(refused.json()) == ["warnings", "errors"]
        assert list(refused.json()["errors"][0]) == ["status", "code", "message"]
        assert acting(http, headers).json() == DENIED


def test_a_client_and_a_store_have_groups_of_their_own(http: httpx.Client, office: Office) -> None:
    office.group("nothing", is_default=True)
    till_keeper = office.group("till", Transaction=["write"])
    office.store("S1")
    office.do(setting_up.put_store_in_group, "S1", "till")
    _, in_store = office.till("front", "S1")
    _, elsewhere = office.till("back")
    token = office.token(office.client(access_group=till_keeper))

    assert acting(http, in_store).status_code == 200
    assert acting(http, token).status_code == 200
    assert acting(http, elsewhere).status_code == 403
    assert http.get("/v2/events", headers=in_store).status_code == 403


def test_targets_want_write_on_target_loyalty_and_their_reads_nothing(http: httpx.Client, office: Office) -> None:
    office.group("nothing", is_default=True)
    _, basic = office.till("front")

    refused = http.post("/v3/targetGroups", json={}, headers=basic)

    assert refused.status_code == 403
    assert refused.json() == {
        "data": None,
        "errors": [{"code": 4000, "message": "Not authorized. Access is denied!"}],
        "warnings": None,
    }
    assert http.get("/v3/targetGroups", headers=basic).status_code == 200
    assert http.get("/v3/users/1/trackedTargetEvents/1", headers=basic).json()["errors"][0]["code"] == 310011


def test_a_changed_group_holds_within_a_second(http: httpx.Client, office: Office) -> None:
    _, basic = office.till("front")
    assert http.get("/v2/events", headers=basic).status_code == 200

    office.group("nothing", is_default=True)
    time.sleep(1)

    assert http.get("/v2/events", headers=basic).status_code == 403
    office.group("nothing", is_default=True, Behavioural_Events=["read"])
    time.sleep(1)
    assert http.get("/v2/events", headers=basic).status_code == 200


def test_a_webhook_with_authentication_wants_no_permission(organisation: Organisation, office: Office) -> None:
    organisation.define("seen")
    path = organisation.make_webhook(authEnabled=True, authMechanism="Basic")
    office.group("nothing", is_default=True)
    time.sleep(1)

    assert organisation.client.post(path, json={"event_name": "seen", "guest": "g"}).status_code == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # how the framework would rather have parameters declared
def test_every_route_of_the_product_stands_in_the_table() -> None:
    app = application(Settings(), Metrics())
    own = [
        (method, route.path_format)
        for route in app.routes
        if route.path.startswith(("/v2/", "/v3/", "/eucrm/")) and not route.path.startswith(gainsight_px.PATHS)
        for method in getattr(route, "methods", ())
    ]

    assert len(own) > 20
    for method, template in own:
        required(method, template)


def test_every_answer_has_a_request_id(http: httpx.Client, organisation: Organisation) -> None:
    answers = [
        organisation.client.get("/v2/events"),
        organisation.client.get("/v2/events/event_data", params={"id": "x"}),
        organisation.client.get("/v3/targetGroups"),
        http.get("/v2/events"),
        http.get("/v3/targetGroups"),
        organisation.client.get("/v2/nothing"),
        organisation.client.delete("/v2/events"),
        http.post("/eucrm/webhooks/none", json={}),
        http.post("/v3/oauth/token/generate", json={}),
    ]

    assert all(answer.headers["X-Cap-Requestid"] for answer in answers)
    assert len({answer.headers["X-Cap-Requestid"] for answer in answers}) == len(answers)
