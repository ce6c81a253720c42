"""Customers: contracts/rapidly.md 4.1 and 4.2."""

from typing import Any

import pytest

from tests.apis.rapidly.conftest import Client

KEYS = [
    "id",
    "created_at",
    "modified_at",
    "metadata",
    "external_id",
    "email",
    "email_verified",
    "type",
    "name",
    "billing_address",
    "workspace_id",
    "deleted_at",
    "members",
    "avatar_url",
]


def faults(client: Client, **fields: object) -> list[tuple[str, list[str], str]]:
    answer = client.create_customer(**fields)
    assert answer.status_code == 422, answer.text
    return [(item["type"], item["loc"], item["msg"]) for item in answer.json()["detail"]]


def test_a_customer_is_made_and_read_back(client: Client) -> None:
    made = client.customer(
        email="John.Doe@Example.COM",
        name="  John Doe ",
        external_id=" usr_1337 ",
        type="team",
        metadata={"a": 1.5, "b": True},
        billing_address={"country": "us", "state": "ca", "line1": " 1 Main St ", "line2": " "},
        owner={"email": "x@acme.test"},
        unknown="ignored",
    )

    assert list(made) == KEYS
    assert made["email"] == "John.Doe@example.com"
    assert (made["name"], made["external_id"], made["type"]) == ("John Doe", "usr_1337", "team")
    assert (made["email_verified"], made["modified_at"], made["deleted_at"], made["members"]) == (False, None, None, [])
    assert made["metadata"] == {"a": 1.5, "b": True}
    assert made["billing_address"] == {
        "line1": "1 Main St",
        "line2": None,
        "postal_code": None,
        "city": None,
        "state": "US-CA",
        "country": "US",
    }
    assert client.get(f"/api/customers/{made['id']}").json() == made
    assert client.get("/api/customers/external/usr_1337").json() == made


def test_blank_texts_are_none(client: Client) -> None:
    made = client.customer(email="a@acme.test", name=" ", external_id="")

    assert (made["name"], made["external_id"], made["type"]) == (None, None, "individual")


def test_another_workspace_sees_no_customer_of_ours_and_may_use_the_same_names(
    client: Client, other_client: Client
) -> None:
    made = client.customer(email="a@acme.test", external_id="x")

    for path in (f"/api/customers/{made['id']}", "/api/customers/external/x"):
        answer = other_client.get(path)
        assert (answer.status_code, answer.text) == (404, '{"error":"ResourceNotFound","detail":"Not found"}')
    assert other_client.customer(email="a@acme.test", external_id="x")["id"] != made["id"]


def test_a_customers_id_must_be_a_uuid(client: Client) -> None:
    assert client.get("/api/customers/x").json()["detail"][0]["loc"] == ["path", "id"]


def test_names_in_use_are_conflicts_told_together(client: Client) -> None:
    client.customer(email="John@acme.test")
    client.customer(email="b@acme.test", external_id="x")

    answer = client.create_customer(email="jOHN@ACME.test", external_id="x")

    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {
            "type": "value_error",
            "loc": ["body", "email"],
            "msg": "A customer with this email address already exists.",
            "input": "jOHN@acme.test",
        },
        {
            "type": "value_error",
            "loc": ["body", "external_id"],
            "msg": "A customer with this external ID already exists.",
            "input": "x",
        },
    ]


def test_a_customer_who_was_only_mentioned_is_none_until_registered_and_keeps_the_events(client: Client) -> None:
    [event] = client.stored({"name": "n", "external_customer_id": "late"})
    assert client.get("/api/customers/external/late").status_code == 404

    made = client.customer(email="late@acme.test", external_id="late")
    [later] = client.stored({"name": "n", "external_customer_id": "late"})

    assert client.event(event["id"])["customer"]["id"] == made["id"]
    assert later["customer"]["id"] == made["id"]
    assert made["created_at"] > event["timestamp"]
    assert client.get(f"/api/customers/{made['id']}").json() == made


def test_a_refused_customer_leaves_nothing_behind(client: Client) -> None:
    client.customer(email="a@acme.test")
    created = client.last_event()
    [event] = client.stored({"name": "n", "external_customer_id": "x"})
    faults(client, email="a@acme.test", external_id="x")

    assert client.get("/api/customers/external/x").status_code == 404
    assert client.event(event["id"])["customer"] is None
    assert client.last_event() == created


STATE = ["body", "billing_address"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("missing", ["body", "email"], "Field required")),
        ({"email": 5}, ("string_type", ["body", "email"], "Input should be a valid string")),
        (
            {"email": "x"},
            (
                "value_error",
                ["body", "email"],
                "value is not a valid email address: An email address must have an @-sign.",
            ),
        ),
        ({"name": "n" * 257}, ("string_too_long", ["body", "name"], "String should have at most 256 characters")),
        ({"external_id": 5}, ("string_type", ["body", "external_id"], "Input should be a valid string")),
        (
            {"external_id": "a\0"},
            ("value_error", ["body", "external_id"], "Value error, String must not contain NUL characters."),
        ),
        ({"type": "x"}, ("enum", ["body", "type"], "Input should be 'individual' or 'team'")),
        ({"type": []}, ("enum", ["body", "type"], "Input should be 'individual' or 'team'")),
        ({"metadata": []}, ("dict_type", ["body", "metadata"], "Input should be a valid dictionary")),
        (
            {"metadata": {"": 1}},
            ("string_too_short", ["body", "metadata", "", "[key]"], "String should have at least 1 character"),
        ),
        (
            {"metadata": {str(number): number for number in range(51)}},
            ("too_long", ["body", "metadata"], "Dictionary should have at most 50 items after validation, not 51"),
        ),
        ({"billing_address": {}}, ("missing", [*STATE, "country"], "Field required")),
        (
            {"billing_address": {"country": "US", "state": "XX"}},
            ("value_error", STATE, "Value error, Invalid US state"),
        ),
        (
            {"billing_address": {"country": "CA", "state": "YT"}},
            ("value_error", STATE, "Value error, Invalid CA province"),
        ),
        (
            {"billing_address": {"country": "DE", "city": 5}},
            ("string_type", [*STATE, "city"], "Input should be a valid string"),
        ),
    ],
    ids=lambda given: repr(given)[:50],
)
def test_each_rule_of_a_new_customer(
    client: Client, fields: dict[str, Any], expected: tuple[str, list[str], str]
) -> None:
    sent = {"email": "a@acme.test", **fields} if fields else {}

    assert faults(client, **sent) == [expected]


@pytest.mark.parametrize("country", ["RU", "XX", 5, None])
def test_an_unknown_or_refused_country_is_told_the_known_ones(client: Client, country: object) -> None:
    [(kind, loc, msg)] = faults(client, email="a@acme.test", billing_address={"country": country})

    assert (kind, loc) == ("literal_error", ["body", "billing_address", "country"])
    assert msg.startswith("Input should be 'AD', 'AE',")
    assert msg.endswith("'ZM' or 'ZW'")


def test_a_workspace_is_not_to_be_named(client: Client) -> None:
    assert faults(client, email="a@acme.test", workspace_id=client.workspace.rapidly.workspace_id) == [
        (
            "workspace_token",
            ["body", "workspace_id"],
            "Setting workspace_id is disallowed when using an workspace token.",
        )
    ]


def test_a_customer_made_here_is_the_one_other_products_name(client: Client) -> None:
    made = client.customer(email="a@acme.test", external_id="c7")
    workspace = client.workspace
    uploaded = {"identity": "c7", "type": "event", "evtName": "Viewed", "ts": 1700000000, "evtData": {}}
    client.http.post(
        "/1/upload",
        json={"d": [uploaded]},
        headers={
            "X-CleverTap-Account-Id": workspace.clevertap.account_id,
            "X-CleverTap-Passcode": workspace.clevertap.passcode,
        },
    )

    assert client.last_event()["customer"]["id"] == made["id"]
