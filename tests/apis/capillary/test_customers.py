"""Customers (contracts/capillary.md 6.2)."""

import pytest

from tests.apis.capillary.conftest import Json, Organisation


def identified(**names: str) -> Json:
    return {"identifiers": [{"type": kind, "value": value} for kind, value in names.items()]}


def register(organisation: Organisation, profile: Json, **others: object) -> int:
    answer = organisation.client.post("/v2/customers?source=INSTORE", json={"profiles": [profile], **others})
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["createdId", "warnings", "sideEffects"]
    created: int = answer.json()["createdId"]
    return created


def look_up(organisation: Organisation, name: str, value: str) -> Json:
    found: Json = organisation.client.get(
        "/v2/customers/lookup", params={"source": "INSTORE", "identifierName": name, "identifierValue": value}
    ).json()
    return found


def test_a_registered_customer_is_found_by_each_identifier(organisation: Organisation) -> None:
    profile = identified(mobile="+44 20 1", email="Anna@Example.com", externalId="A1", cardnumber="77", wechat="w")

    number = register(organisation, {"firstName": "Anna", **profile})

    for name, value in (
        ("mobile", "44201"), ("email", "anna@example.com"), ("externalId", "A1"), ("cardnumber", "77"), ("wechat", "w"),
        ("userId", str(number)), ("id", str(number)),
    ):  # fmt: skip
        assert look_up(organisation, name, value) == {"entity": number, "warnings": []}


def test_a_customer_is_shown_as_registered(organisation: Organisation) -> None:
    profile = {
        "firstName": "Anna",
        "lastName": "van Dam",
        **identified(externalId="A1", mobile="44201"),
        "fields": {"a": 1},
    }
    number = register(organisation, profile, extendedFields={"city": "Utrecht"})

    shown = organisation.client.get(f"/v2/customers/{number}?source=INSTORE").json()

    assert shown["id"] == number
    (first,) = shown["profiles"]
    assert (first["firstName"], first["lastName"], first["userId"]) == ("Anna", "van Dam", number)
    assert {(one["type"], one["value"]) for one in first["identifiers"]} == {("externalId", "A1"), ("mobile", "44201")}
    assert shown["extendedFields"] == {"a": 1, "city": "Utrecht"}
    assert shown["associatedWith"] == organisation.capillary.till_code
    assert shown["warnings"] == []


def test_a_known_identifier_cannot_be_registered_again(organisation: Organisation) -> None:
    number = register(organisation, identified(externalId="A1", mobile="1"))

    again = organisation.client.post("/v2/customers", json={"profiles": [identified(externalId="B2", mobile="1")]})

    assert (again.status_code, again.json()["errors"][0]["code"]) == (400, 8006)
    assert look_up(organisation, "externalId", "B2")["errors"][0]["code"] == 8015
    assert look_up(organisation, "mobile", "1")["entity"] == number


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"profiles": []}, 8014),
        ({"profiles": [{}]}, 8014),
        ({"profiles": [identified(passport="1")]}, 8014),
        ({"profiles": [identified(mobile="none")]}, 8014),
        ({"profiles": [identified(email="none")]}, 8014),
        ({"profiles": [identified(externalId="\0")]}, 8014),
        ({"profiles": [identified(externalId="x" * 256)]}, 8014),
        ({"profiles": None}, 400),
        ({}, 400),
    ],
)
def test_a_customer_without_a_sound_identifier_is_refused(organisation: Organisation, body: Json, code: int) -> None:
    answer = organisation.client.post("/v2/customers", json=body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


@pytest.mark.parametrize("user_id", ["999999999", "x", str(2**64), "%00"])
def test_an_unknown_customer_is_400_with_an_empty_body(organisation: Organisation, user_id: str) -> None:
    answer = organisation.client.get(f"/v2/customers/{user_id}")

    assert (answer.status_code, answer.content) == (400, b"")


def test_another_organisation_sees_neither_customer_nor_name(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    number = register(organisation, identified(externalId="A1"))

    assert look_up(other_organisation, "externalId", "A1")["errors"][0]["code"] == 8015
    assert look_up(other_organisation, "userId", str(number))["errors"][0]["code"] == 8015
    assert other_organisation.client.get(f"/v2/customers/{number}").status_code == 400
    assert register(other_organisation, identified(externalId="A1")) != number


def test_a_member_that_is_null_is_a_member_left_out(organisation: Organisation) -> None:
    empty = dict.fromkeys(["firstName", "lastName", "identifiers", "commChannels", "source", "accountId", "fields"])

    number = register(organisation, identified(externalId="A1") | {"fields": None}, extendedFields=None)
    refused = organisation.client.post("/v2/customers", json={"profiles": [empty]})

    assert look_up(organisation, "externalId", "A1")["entity"] == number
    assert refused.json()["errors"][0]["code"] == 8014
