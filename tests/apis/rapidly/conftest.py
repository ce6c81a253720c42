"""A workspace as a Rapidly client sees it."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.storage import workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import customer_events
from footfall.storage.tables import workspaces as workspaces_table
from footfall.tenancy.creation import NewWorkspace
from footfall.tenancy.credentials import IssuedCredential, issue
from tests.conftest import Server


class Client:
    """Calls with one workspace's token."""

    def __init__(self, http: httpx.Client, workspace: NewWorkspace, database_url: str) -> None:
        token = workspace.rapidly.token
        self.workspace = workspace
        self.database_url = database_url
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}"}

    def ingest(self, *events: dict[str, Any], **query: str) -> httpx.Response:
        return self.send({"events": list(events)}, **query)

    def send(self, body: object, **query: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post("/api/events/ingest", content=content, headers=self.headers, params=query)

    def stored(self, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """Ingests and reads back."""
        answer = self.ingest(*events, return_ids="true")
        assert answer.status_code == 201, answer.text
        return [self.event(identifier) for identifier in answer.json()["ids"]]

    def event(self, identifier: str) -> dict[str, Any]:
        answer = self.get(f"/api/events/{identifier}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, headers=self.headers)

    def create_customer(self, **fields: object) -> httpx.Response:
        return self.http.post("/api/customers/", json=fields, headers=self.headers)

    def customer(self, **fields: object) -> dict[str, Any]:
        answer = self.create_customer(**fields)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def last_event(self, table: sa.Table = customer_events) -> dict[str, Any]:
        """The latest event that the system tells of the workspace's customers; of ``events``, that was captured."""
        database = Database(self.database_url)
        try:
            identifier = database.read(_last_event, table, self.workspace.workspace.id)
        finally:
            database.close()
        return self.event(identifiers.to_text(identifier))


def _last_event(connection: Connection, table: sa.Table, workspace: str) -> bytes:
    last = Statement(
        sa.select(table.c.id)
        .join(workspaces_table, workspaces_table.c.number == table.c.workspace)
        .where(workspaces_table.c.id == sa.bindparam("workspace"))
        .order_by(table.c.sequence.desc())
        .limit(1)
    )
    found: bytes = connection.value(last, workspace=identifiers.from_text(workspace))
    return found


@pytest.fixture
def client(http: httpx.Client, workspace: NewWorkspace, server: Server) -> Client:
    return Client(http, workspace, server.database_url)


@pytest.fixture
def other_client(http: httpx.Client, other_workspace: NewWorkspace, server: Server) -> Client:
    return Client(http, other_workspace, server.database_url)


IssueToken = Callable[..., IssuedCredential]


@pytest.fixture
def issue_token(server: Server, workspace: NewWorkspace) -> IssueToken:
    """Makes a further token of the workspace: ``issue_token(scopes=(...), expires_at=instant)``."""

    def issue_in(connection: Connection, fields: dict[str, Any]) -> IssuedCredential:
        identifier = identifiers.from_text(workspace.workspace.id)
        assert identifier is not None
        owner = workspaces.by_id(connection, identifier)
        assert owner is not None
        return issue(connection, owner, "rapidly_token", **fields)

    def make(**fields: Any) -> IssuedCredential:
        database = Database(server.database_url)
        capture = Capture(database)
        try:
            return capture.change_now(issue_in, fields)
        finally:
            capture.close()
            database.close()

    return make
