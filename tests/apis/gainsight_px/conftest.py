"""A client of the product's API for a workspace of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from footfall.capture.service import Capture
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace
from footfall.tenancy.credentials import issue
from tests.conftest import Server

HEADER = "X-APTRINSIC-API-KEY"
PATH = "/v1/events/custom"
WIDE = {"dateRangeStart": "1704060000000", "dateRangeEnd": "1704080000000"}
"""A window around the three events of the contract's test vectors."""


class PxClient:
    """Sends and searches custom events as one workspace."""

    def __init__(self, http: httpx.Client, workspace: NewWorkspace) -> None:
        self._http = http
        self.key = workspace.gainsight_px.api_key
        self.property_key = workspace.gainsight_px.property_key

    def get(self, *pairs: tuple[str, str], **parameters: str) -> httpx.Response:
        """Asks; ``pairs`` are for parameters that repeat."""
        return self._http.get(PATH, params=[*pairs, *parameters.items()], headers={HEADER: self.key})

    def get_raw(self, query: str) -> httpx.Response:
        """Asks with the query string exactly as given."""
        return self._http.get(f"{PATH}?{query}", headers={HEADER: self.key})

    def search(self, *filters: str, **parameters: str) -> dict[str, Any]:
        """The answer to a search that must succeed."""
        answered = self.get(*[("filter", text) for text in filters], **parameters)
        assert answered.status_code == 200, answered.text
        page: dict[str, Any] = answered.json()
        return page

    def found(self, *filters: str, **parameters: str) -> list[str]:
        """The event ids found in the test vectors' window."""
        return [event["eventId"] for event in self.search(*filters, **{**WIDE, **parameters})["customEvents"]]

    def post(self, **fields: object) -> httpx.Response:
        """Sends an event: a good one, but for ``fields``; None leaves a field out."""
        body = {"eventName": "Clicked", "identifyId": "u1", "propertyKey": self.property_key, "userType": "USER"}
        sent = {name: value for name, value in {**body, **fields}.items() if value is not None}
        return self._http.post(PATH, json=sent, headers={HEADER: self.key})

    def post_raw(self, content: bytes) -> httpx.Response:
        """Sends a body exactly as given."""
        return self._http.post(PATH, content=content, headers={HEADER: self.key, "Content-Type": "application/json"})


class Records:
    """Asks for users or accounts as one workspace."""

    def __init__(self, http: httpx.Client, key: str, path: str, collection: str) -> None:
        self.http, self.path, self.collection = http, path, collection
        self.headers = {HEADER: key}

    def create(self, **fields: Any) -> httpx.Response:
        return self.http.post(self.path, json=fields, headers=self.headers)

    def read(self, identifier: str) -> httpx.Response:
        return self.http.get(f"{self.path}/{identifier}", headers=self.headers)

    def update(self, identifier: str, **fields: Any) -> httpx.Response:
        return self.http.put(f"{self.path}/{identifier}", json=fields, headers=self.headers)

    def delete(self, identifier: str, **parameters: str) -> httpx.Response:
        return self.http.delete(f"{self.path}/{identifier}", params=parameters, headers=self.headers)

    def ask(self, *filters: str, **parameters: str) -> httpx.Response:
        pairs = httpx.QueryParams([*(("filter", text) for text in filters), *parameters.items()])
        return self.http.get(self.path, params=pairs, headers=self.headers)

    def page(self, *filters: str, **parameters: str) -> dict[str, Any]:
        answered = self.ask(*filters, **parameters)
        assert answered.status_code == 200, answered.text
        page: dict[str, Any] = answered.json()
        return page

    def found(self, *filters: str, **parameters: str) -> list[str]:
        return [each["id"] for each in self.page(*filters, **parameters)[self.collection]]


@pytest.fixture
def users(http: httpx.Client, workspace: NewWorkspace) -> Records:
    """The API's users as a fresh workspace."""
    return Records(http, workspace.gainsight_px.api_key, "/v1/users", "users")


@pytest.fixture
def accounts(http: httpx.Client, workspace: NewWorkspace) -> Records:
    """The API's accounts as a fresh workspace."""
    return Records(http, workspace.gainsight_px.api_key, "/v1/accounts", "accounts")


@pytest.fixture
def px(http: httpx.Client, workspace: NewWorkspace) -> PxClient:
    """The API as a fresh workspace."""
    return PxClient(http, workspace)


@pytest.fixture
def vectors(px: PxClient) -> PxClient:
    """The API as a workspace that holds the three events of contracts/gainsight_px.md 8."""
    px.post(eventId="e1", identifyId="u1", accountId="Acme", eventName="Clicked", date=1704067200000)
    px.post(eventId="e2", identifyId="u1", eventName="click", date=1704067201000)
    px.post(eventId="e3", identifyId="U1", accountId="t2700-x", eventName="Viewed", date=1704067202000)
    return px


@pytest.fixture
def refused() -> Callable[[httpx.Response, int], dict[str, Any]]:
    """Checks that an answer is an error in the product's envelope; its inner part."""

    def check(answered: httpx.Response, status: int) -> dict[str, Any]:
        assert answered.status_code == status, answered.text
        error: dict[str, Any] = answered.json()["externalapierror"]
        assert list(error) == ["status", "message", "debugMessage", "subErrors"]
        assert error["debugMessage"] is None
        return error

    return check


@pytest.fixture
def keys_with(server: Server, workspace: NewWorkspace) -> Iterator[Callable[..., str]]:
    """Makes keys of the workspace that have only the permissions named."""
    database = Database(server.database_url)
    capture = Capture(database)

    def make(*scopes: str) -> str:
        owner = database.read(workspaces.by_name, workspace.workspace.name)
        assert owner is not None
        return capture.change_now(issue, owner, "gainsight_px_key", scopes=scopes).secret

    yield make
    capture.close()
    database.close()
