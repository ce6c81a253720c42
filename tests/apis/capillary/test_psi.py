"""Sensitive attributes (contracts/capillary.md 3.4): named always, and masked where the organisation wants that."""

from collections.abc import Iterator

import httpx
import pytest

from footfall.capture.service import Capture
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy.credentials import issue
from tests.apis.capillary.conftest import TRUE, Json, Organisation, choose
from tests.conftest import Server

SALARY: Json = {"name": "salary", "type": "double", "attributes": {"isPsiData": TRUE}}
DIET: Json = {"name": "diet", "type": "string", "attributes": {"isPsiData": TRUE}}


@pytest.fixture
def masking(server: Server, organisation: Organisation) -> str:
    """The request id of an event with sensitive attributes, in an organisation that masks them."""
    choose(server, organisation.workspace, mask_psi=True)
    organisation.define("seen", SALARY, DIET, {"name": "floor", "type": "string"})
    return organisation.post("seen", salary=100, diet="vegan", floor="3")


def client_of(server: Server, organisation: Organisation, *scopes: str) -> httpx.Client:
    """A client with the token of a new OAuth client."""
    database = Database(server.database_url)
    capture = Capture(database)
    tenant = database.read(workspaces.by_name, organisation.workspace.workspace.name)
    assert tenant is not None
    issued = capture.change_now(issue, tenant, "capillary_client", name=None, scopes=scopes or None)
    capture.close()
    database.close()
    asked = {"key": issued.credential.name, "secret": issued.secret}
    token = httpx.post(f"{server.url}/v3/oauth/token/generate", json=asked).json()["data"]["accessToken"]
    return httpx.Client(base_url=server.url, headers={"X-CAP-API-OAUTH-TOKEN": token}, timeout=30)


@pytest.fixture
def privileged(server: Server, organisation: Organisation) -> Iterator[httpx.Client]:
    """A client with access to what is sensitive."""
    with client_of(server, organisation, "psi") as client:
        yield client


@pytest.fixture
def ordinary(server: Server, organisation: Organisation) -> Iterator[httpx.Client]:
    """A client without."""
    with client_of(server, organisation) as client:
        yield client


def values(event: Json) -> list[str]:
    return [event["additonalAttributes"][name] for name in ("salary", "diet", "floor")]


def everywhere(client: httpx.Client, request_id: str) -> list[Json]:
    """The event in each of the three reads."""
    (by_id,) = client.get("/v2/events/event_data", params={"id": request_id}).json()["data"]
    (of_customer,) = client.get(f"/v2/events/event_data/{by_id['userId']}").json()["data"]
    (found,) = client.get("/v2/events/search", params={"eventId": request_id}).json()["clickEventDataList"]
    return [by_id, of_customer, found]


def test_values_are_kept_from_whoever_has_no_access(
    masking: str, organisation: Organisation, ordinary: httpx.Client, privileged: httpx.Client
) -> None:
    for client in (organisation.client, ordinary):
        for event in everywhere(client, masking):
            assert event["psiAttributes"] == ["salary", "diet"]
            assert values(event) == ["*****", "*****", "3"]
    for event in everywhere(privileged, masking):
        assert values(event) == ["100.0", "vegan", "3"]


def test_the_log_shows_no_more(masking: str, organisation: Organisation, privileged: httpx.Client) -> None:
    kept, whole = (client.get("/v2/events/logs").json()["data"][0] for client in (organisation.client, privileged))
    assert kept["id"] == whole["id"] == masking
    assert kept["inputRequest"] == '{"event_name":"seen","guest":"g1","salary":"*****","diet":"*****","floor":"3"}'
    assert whole["inputRequest"] == '{"event_name":"seen","guest":"g1","salary":100,"diet":"vegan","floor":"3"}'


def test_a_long_post_is_not_shown_in_part(masking: str, organisation: Organisation) -> None:
    organisation.post("seen", floor="f" * 20_000, salary=1)

    assert organisation.latest_log()["inputRequest"] == "*****"


def test_a_search_does_not_give_a_value_away(
    masking: str, organisation: Organisation, privileged: httpx.Client
) -> None:
    refused = organisation.client.get("/v2/events/search", params={"diet": "vegan"})

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, 1850)
    assert organisation.client.get("/v2/events/search", params={"floor": "3"}).json()["totalRecords"] == 1
    assert privileged.get("/v2/events/search", params={"diet": "vegan"}).json()["totalRecords"] == 1


def test_nothing_is_masked_unless_the_organisation_wants_it(organisation: Organisation) -> None:
    organisation.define("seen", SALARY, DIET)

    (by_id, of_customer, found) = everywhere(
        organisation.client, organisation.post("seen", salary=1, diet="x", floor=1)
    )

    for event in (by_id, of_customer, found):
        assert values(event) == ["1.0", "x", "1"]


def test_what_another_system_calls_a_sensitive_attribute_is_masked_in_the_log(
    masking: str, organisation: Organisation
) -> None:
    mapping = {
        "eventNameMapping": {"valueMap": {"Seen": 1}},
        "eventFieldMappings": [{"eventFieldName": "diet", "fieldName": "Food"}],
    }
    organisation.client.post(
        "/v2/events/adapter_mapping", json={"eventName": "seen", "webEngageTransformerMapping": mapping}
    )
    path = organisation.make_webhook(transformerType="WebEngageTransformer")
    posted = organisation.client.post(path, json={"event_name": "Seen", "guest": "g", "Food": "vegan"}).json()
    organisation.settled(posted["requestId"])

    assert organisation.latest_log()["inputRequest"] == '{"event_name":"Seen","guest":"g","Food":"*****"}'
