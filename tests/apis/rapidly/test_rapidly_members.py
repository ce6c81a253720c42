"""Members of customers: contracts/rapidly.md 4.3."""

from typing import Any

import httpx
import pytest

from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import workspaces
from tests.apis.rapidly.conftest import Client

NOBODY = "749ec817-0bbf-4301-9ba8-555ca42b9737"


def add(client: Client, customer: dict[str, Any], **fields: Any) -> httpx.Response:
    return client.http.post("/api/members/", json={"customer_id": customer["id"], **fields}, headers=client.headers)


def change(client: Client, member: dict[str, Any], **fields: Any) -> httpx.Response:
    return client.http.patch(f"/api/members/{member['id']}", json=fields, headers=client.headers)


def remove(client: Client, member: dict[str, Any]) -> httpx.Response:
    return client.http.delete(f"/api/members/{member['id']}", headers=client.headers)


@pytest.fixture
def team(client: Client) -> dict[str, Any]:
    return client.customer(email="Team@acme.test", name="Team", external_id="t", type="team")


def owner_of(client: Client, customer: dict[str, Any]) -> dict[str, Any]:
    [found] = client.get(f"/api/members/?customer_id={customer['id']}&sorting=created_at&limit=1").json()["data"]
    owner: dict[str, Any] = found
    return owner


def test_a_customer_comes_with_an_owner(client: Client, team: dict[str, Any]) -> None:
    owner = owner_of(client, team)

    assert list(owner) == [*("id", "created_at", "modified_at", "customer_id", "email", "name", "external_id", "role")]
    assert (owner["customer_id"], owner["email"], owner["name"], owner["external_id"], owner["role"]) == (
        *(team["id"], "team@acme.test", "Team", "t", "owner"),
    )
    assert team["members"] == []
    assert client.get(f"/api/customers/{team['id']}?include_members=true").json()["members"] == [owner]
    assert client.get("/api/customers/?include_members=true").json()["data"][0]["members"] == [owner]


def test_the_owner_may_be_somebody_else(client: Client) -> None:
    made = client.customer(email="a@acme.test", name="A", owner={"email": "Boss@acme.test", "name": " Boss "})

    owner = owner_of(client, made)
    assert (owner["email"], owner["name"], owner["external_id"]) == ("boss@acme.test", "Boss", None)
    refused = client.create_customer(email="b@acme.test", owner={"email": "x", "name": 5})
    assert [fault["loc"] for fault in refused.json()["detail"]] == [
        ["body", "owner", "email"],
        ["body", "owner", "name"],
    ]


def test_a_team_has_any_number_of_members(client: Client, team: dict[str, Any]) -> None:
    made = add(client, team, email="m@acme.test", name=" M ", external_id="m1")
    again = add(client, team, email="M@ACME.test", role="billing_manager")

    member = made.json()
    assert made.status_code == again.status_code == 201
    assert again.json() == member
    assert (member["name"], member["external_id"], member["role"], member["modified_at"]) == ("M", "m1", "member", None)
    assert client.get(f"/api/members/{member['id']}").json() == member
    listed = client.get("/api/members/?external_customer_id=t").json()
    assert [each["id"] for each in listed["data"]] == [member["id"], owner_of(client, team)["id"]]
    assert listed["meta"] == {"total": 2, "page": 1, "per_page": 10, "pages": 1}


def test_an_individual_is_one_person(client: Client) -> None:
    made = client.customer(email="a@acme.test")

    answer = add(client, made, email="b@acme.test")

    assert (answer.status_code, answer.text) == (
        403,
        (
            '{"error":"NotPermitted","detail":"Individual customers can only have one member.'
            ' Upgrade to a team customer to add more."}'
        ),
    )


def test_unknown_customers_and_members_are_not_found(client: Client) -> None:
    assert add(client, {"id": NOBODY}, email="b@acme.test").json() == {
        "error": "ResourceNotFound",
        "detail": "Customer not found",
    }
    for answer in (
        client.get(f"/api/members/{NOBODY}"),
        change(client, {"id": NOBODY}),
        remove(client, {"id": NOBODY}),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, "Member not found")
    malformed = client.get("/api/members/?customer_id=x")
    assert (malformed.status_code, malformed.json()["detail"]) == (404, "Invalid customer ID format")
    assert client.get(f"/api/members/?customer_id={NOBODY}").json()["data"] == []


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("missing", "customer_id"), ("missing", "email")]),
        ({"customer_id": "x", "email": "y"}, [("uuid_parsing", "customer_id"), ("value_error", "email")]),
        ({"customer_id": NOBODY, "email": "a@b.co", "role": "boss"}, [("enum", "role")]),
        ({"customer_id": NOBODY, "email": "a@b.co", "name": 5}, [("string_type", "name")]),
    ],
)
def test_a_bad_member_is_told(client: Client, body: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    answer = client.http.post("/api/members/", json=body, headers=client.headers)

    assert answer.status_code == 422
    assert [(fault["type"], fault["loc"][-1]) for fault in answer.json()["detail"]] == faults


def test_there_is_exactly_one_owner(client: Client, team: dict[str, Any]) -> None:
    owner = owner_of(client, team)
    member = add(client, team, email="m@acme.test").json()

    for answer in (change(client, owner, role="member"), change(client, member, role="owner")):
        [fault] = answer.json()["detail"]
        assert (answer.status_code, fault["type"], fault["loc"]) == (422, "value_error", ["body", "role"])
        assert fault["msg"] == "Customer must have exactly one owner."
    refused = remove(client, owner)
    [fault] = refused.json()["detail"]
    assert (refused.status_code, fault["loc"]) == (422, ["body"])
    assert fault["msg"].startswith("Cannot remove the only owner")
    changed = change(client, member, role="billing_manager", name=None).json()
    assert (changed["role"], changed["name"]) == ("billing_manager", None)
    assert changed["modified_at"] is not None
    assert remove(client, member).status_code == 204
    assert client.get(f"/api/members/{member['id']}").status_code == 404


def test_members_go_with_their_customer(client: Client, team: dict[str, Any]) -> None:
    owner = owner_of(client, team)
    client.http.delete(f"/api/customers/{team['id']}", headers=client.headers)

    assert client.get(f"/api/members/{owner['id']}").status_code == 404


def test_an_event_shows_the_member_who_did_it(client: Client, team: dict[str, Any]) -> None:
    owner = owner_of(client, team)

    [event] = client.stored({"name": "n", "customer_id": team["id"], "member_id": owner["id"]})

    assert (event["member_id"], event["external_member_id"]) == (owner["id"], None)


def test_a_member_of_another_customer_or_workspace_is_none(
    client: Client, other_client: Client, team: dict[str, Any]
) -> None:
    stranger = client.customer(email="s@acme.test")
    foreign = owner_of(other_client, other_client.customer(email="o@acme.test"))
    members = [owner_of(client, stranger)["id"], foreign["id"], NOBODY]

    answer = client.ingest(*({"name": "n", "customer_id": team["id"], "member_id": member} for member in members))

    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {
            "type": "member_id",
            "loc": ["body", "events", index, "member_id"],
            "msg": "Member not found.",
            "input": member,
        }
        for index, member in enumerate(members)
    ]
    assert client.get("/api/events/?source=user").json()["data"] == []
    assert other_client.get(f"/api/members/{owner_of(client, team)['id']}").status_code == 404


def test_a_workspace_may_do_without_members(client: Client, team: dict[str, Any]) -> None:
    database = Database(client.database_url)
    capture = Capture(database)
    try:
        capture.change_now(_turn_off, client.workspace.workspace.id)
    finally:
        capture.close()
        database.close()
    fresh = {"Authorization": f"bearer {client.workspace.rapidly.token}"}  # another header, so nothing is remembered

    answer = client.http.post("/api/members/", json={"customer_id": team["id"], "email": "m@acme.test"}, headers=fresh)

    assert (answer.status_code, answer.text) == (
        403,
        '{"error":"NotPermitted","detail":"Member management is not enabled for this workspace"}',
    )


def _turn_off(connection: Connection, workspace: str) -> None:
    statement = Statement(
        workspaces.update()
        .where(workspaces.c.id == identifiers.from_text(workspace))
        .values(settings='{"rapidly":{"members":false}}')
    )
    connection.execute(statement)
