"""Bills and returns as a client posts them."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.event import Event
from footfall.model.organisation import Till
from footfall.model.workspace import Workspace
from footfall.storage import events, workspaces
from footfall.storage.database import Database
from footfall.tenancy.organisation import add_till
from tests.apis.capillary.conftest import Json, Organisation
from tests.conftest import Server


def bill(organisation: Organisation, customer: str = "c1", **members: Any) -> httpx.Response:
    """Posts a bill, by default B1 of 100.25."""
    return organisation.client.post(
        "/v2/transactions",
        params={"identifierName": "externalId", "identifierValue": customer, "source": "INSTORE"},
        json={"type": "REGULAR", "billNumber": "B1", "billAmount": "100.25", **members},
    )


def give_back(
    organisation: Organisation, customer: str = "c1", return_type: str = "FULL", **members: Any
) -> httpx.Response:
    """Posts a return of B1."""
    return organisation.client.post(
        "/v2/transactions",
        params={"identifierName": "externalId", "identifierValue": customer, "source": "INSTORE"},
        json={"type": "RETURN", "returnType": return_type, "billNumber": "B1", **members},
    )


def code_of(answer: httpx.Response) -> int:
    """The code of a refusal, which must have the product's envelope; 0 for a transaction stored."""
    if answer.status_code == 200:
        return 0
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["warnings", "errors"]
    (problem,) = answer.json()["errors"]
    assert list(problem) == ["status", "code", "message"]
    assert problem["status"] is False
    assert problem["message"]
    code: int = problem["code"]
    return code


def of_customer(organisation: Organisation, customer: str = "c1") -> list[Json]:
    """The customer's events as the product shows them, newest first."""
    found = organisation.client.get(
        "/v2/customers/lookup", params={"identifierName": "externalId", "identifierValue": customer}
    )
    data: list[Json] = organisation.client.get(f"/v2/events/event_data/{found.json()['entity']}").json()["data"]
    return data


def stored(server: Server, organisation: Organisation, shown: Json) -> Event:
    """The event behind what the product shows."""
    identifier = identifiers.from_text(shown["eventId"])
    assert identifier is not None
    return _event(server, organisation, lambda _: identifier)


def stored_bill(server: Server, organisation: Organisation, number: str) -> Event:
    """The event behind a bill number."""
    return _event(server, organisation, lambda tenant: identifiers.derived_id(tenant.id, number))


def _event(server: Server, organisation: Organisation, identifier_in: Callable[[Workspace], bytes]) -> Event:
    database = Database(server.database_url)
    try:
        tenant = database.read(workspaces.by_name, organisation.workspace.workspace.name)
        assert tenant is not None
        found = database.read(events.by_id, tenant.number, identifier_in(tenant))
    finally:
        database.close()
    assert found is not None
    return found


def amounts(server: Server, organisation: Organisation, customer: str = "c1") -> list[tuple[str, int | None]]:
    """Name and amount (millionths) of the customer's events, in the order they came in."""
    behind = [stored(server, organisation, event) for event in of_customer(organisation, customer)]
    return [(event.name, event.amount) for event in sorted(behind, key=lambda event: event.sequence)]


def second_till(server: Server, organisation: Organisation, code: str) -> tuple[Till, Organisation]:
    """One more till of the organisation, and its client."""
    database = Database(server.database_url)
    capture = Capture(database)
    try:
        tenant = database.read(workspaces.by_name, organisation.workspace.workspace.name)
        assert tenant is not None
        made, issued = capture.change_now(add_till, tenant, Till(id=0, code=code, name=code), None)
    finally:
        capture.close()
        database.close()
    own = msgspec.structs.replace(
        organisation.capillary, till_code=code, till_username=issued.credential.name, till_password=issued.secret
    )
    client = Organisation(
        str(organisation.client.base_url), msgspec.structs.replace(organisation.workspace, capillary=own)
    )
    return made, client


def choose(server: Server, organisation: Organisation, **settings: object) -> None:
    """Sets what an organisation may choose. Before its first request: a server remembers for a second."""
    database = Database(server.database_url)
    capture = Capture(database)
    try:
        tenant = database.read(workspaces.by_name, organisation.workspace.workspace.name)
        assert tenant is not None
        capture.change_now(workspaces.set_settings, tenant.number, msgspec.json.encode({"capillary": settings}))
    finally:
        capture.close()
        database.close()
