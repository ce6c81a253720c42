"""An organisation on the running server, as a Capillary client sees it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from footfall.capture.service import Capture
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace
from tests.conftest import Server
from tests.products import settled

Json = dict[str, Any]

TRUE = {"valueType": "BOOLEAN", "value": "true"}


def basic(workspace: NewWorkspace) -> str:
    """The till's Authorization header."""
    till = workspace.capillary
    hashed = hashlib.md5(till.till_password.encode(), usedforsecurity=False).hexdigest()
    return "Basic " + base64.b64encode(f"{till.till_username}:{hashed}".encode()).decode()


def customer_field(name: str = "guest", identifier_type: str = "externalId", *, add: bool = True) -> Json:
    """The field that names the customer."""
    attributes = {"identifierType": {"valueType": "ENUM", "value": identifier_type}}
    if add:
        attributes["addCustomerIfNotExists"] = TRUE
    return {"name": name, "type": "customer", "attributes": attributes}


def choose(server: Server, workspace: NewWorkspace, **settings: object) -> None:
    """Sets what an organisation may choose, before its first request: afterwards it takes a second to be seen."""
    chosen = json.dumps({"capillary": settings}).encode()
    database = Database(server.database_url)
    capture = Capture(database)
    found = database.read(workspaces.by_name, workspace.workspace.name)
    assert found is not None
    capture.change_now(workspaces.set_settings, found.number, chosen)
    capture.close()
    database.close()


class Organisation:
    """One tenant's client, authenticated as its till."""

    def __init__(self, url: str, workspace: NewWorkspace) -> None:
        self.workspace = workspace
        self.capillary = workspace.capillary
        self.client = httpx.Client(base_url=url, headers={"Authorization": basic(workspace)}, timeout=30)
        self._webhook: str | None = None

    def define(self, name: str, *fields: Json, **others: Any) -> httpx.Response:
        """Defines an event whose customer field is ``guest``, an external id that registers."""
        given = {"eventName": name, "fields": [customer_field(), *fields], **others}
        return self.client.post("/v2/events", json=given)

    def make_webhook(self, **others: Any) -> str:
        """Makes a webhook; the path to post to."""
        asked = {"transformerType": "DefaultTransformer", "tillCode": self.capillary.till_code, **others}
        made = self.client.post("/v2/events/webhook", json=asked)
        assert made.status_code == 200, made.text
        uri: str = made.json()["webHookUri"]
        return "/eucrm/webhooks/" + uri.rsplit("/", 1)[1]

    def post(self, name: str, **attributes: Any) -> str:
        """Posts an event and waits until it is settled; its request id."""
        if self._webhook is None:
            self._webhook = self.make_webhook()
        answer = self.client.post(self._webhook, json={"event_name": name, "guest": "g1", **attributes})
        assert answer.json()["status"]["code"] == 1100
        request_id: str = answer.json()["requestId"]
        self.settled(request_id)
        return request_id

    def settled(self, request_id: str) -> list[Json]:
        """Waits until it is known what became of a post; its steps."""
        return settled(self.client, request_id)

    def events(self, request_id: str) -> list[Json]:
        """What ``event_data`` shows for the request."""
        answer = self.client.get("/v2/events/event_data", params={"id": request_id})
        assert answer.status_code == 200, answer.text
        data: list[Json] = answer.json()["data"]
        return data

    def event(self, request_id: str) -> Json:
        """The one event of the request."""
        (found,) = self.events(request_id)
        return found

    def latest_log(self) -> Json:
        """The newest entry of the log."""
        data: list[Json] = self.client.get("/v2/events/logs", params={"limit": 1}).json()["data"]
        return data[0]


@pytest.fixture
def organisation(server: Server, workspace: NewWorkspace) -> Iterator[Organisation]:
    """A fresh organisation."""
    made = Organisation(server.url, workspace)
    with made.client:
        yield made


@pytest.fixture
def other_organisation(server: Server, other_workspace: NewWorkspace) -> Iterator[Organisation]:
    """A second tenant."""
    made = Organisation(server.url, other_workspace)
    with made.client:
        yield made
