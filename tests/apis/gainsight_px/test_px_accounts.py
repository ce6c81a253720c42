"""Accounts: contracts/gainsight_px.md 5.2."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.apis.gainsight_px.conftest import PxClient, Records

Refused = Callable[[httpx.Response, int], dict[str, Any]]
FIELDS = [
    *("id", "name", "propertyKeys", "trackedSubscriptionId", "sfdcId", "lastSeenDate", "dunsNumber", "industry"),
    *("numberOfEmployees", "sicCode", "website", "naicsCode", "plan", "location", "numberOfUsers", "createDate"),
    *("lastModifiedDate", "customAttributes", "parentGroupId", "renewalDate", "healthScore", "gsId", "nps", "csm"),
]


def test_an_account_is_made_read_changed_and_deleted(accounts: Records, users: Records, px: PxClient) -> None:
    created = accounts.create(id="Acme", name="Acme Inc", numberOfEmployees=40, customAttributes={"tier": 1})
    assert (created.status_code, created.json()) == (201, {"id": "Acme"})
    users.create(identifyId="u1", accountId="Acme")
    px.post(identifyId="u1", accountId="Acme", date=1704067200123)

    account = accounts.read("Acme").json()

    assert list(account) == FIELDS
    assert (account["name"], account["numberOfEmployees"], account["customAttributes"]) == ("Acme Inc", 40, {"tier": 1})
    assert (account["numberOfUsers"], account["lastSeenDate"]) == (1, 1704067200123)
    assert (account["industry"], account["renewalDate"], account["location"]["city"]) == ("", 0, "")
    assert accounts.update("Acme", plan="gold", customAttributes={"new": "x"}).status_code == 204
    by_body = accounts.http.put("/v1/accounts/update", json={"id": "Acme", "csm": "Eve"}, headers=accounts.headers)
    assert by_body.status_code == 204
    changed = accounts.read("Acme").json()
    assert (changed["plan"], changed["csm"], changed["customAttributes"]) == ("gold", "Eve", {"tier": 1, "new": "x"})

    assert accounts.delete("Acme").status_code == 200
    assert accounts.read("Acme").status_code == 404
    assert users.read("u1").status_code == 404, "its users are deleted with it"
    assert accounts.create(id="Acme", name="Back").status_code == 201
    revived = accounts.read("Acme").json()
    assert (revived["name"], revived["plan"], revived["createDate"]) == ("Back", "gold", account["createDate"])


def test_an_account_deleted_hard_is_made_anew(accounts: Records) -> None:
    accounts.create(id="a", name="x", plan="gold")
    accounts.delete("a", hardDelete="true")

    assert accounts.update("a", plan="p").status_code == 404
    accounts.create(id="a", name="y")

    assert accounts.read("a").json()["plan"] == ""


def test_an_account_that_only_events_name_is_not_there_yet(accounts: Records, px: PxClient, refused: Refused) -> None:
    px.post(accountId="Acme", date=1704067200000)

    error = refused(accounts.read("Acme"), 404)
    assert (error["status"], error["message"]) == ("NOT_FOUND", "Account was not found for parameters {id=Acme}")
    assert accounts.found() == []
    refused(accounts.update("Acme", plan="x"), 404)
    refused(accounts.delete("Acme"), 404)
    assert accounts.create(id="Acme", name="Acme").status_code == 201
    refused(accounts.create(id="Acme", name="Acme"), 400)
    assert px.found("accountId==acme") != []


def test_accounts_are_filtered_and_sorted_on_any_field(accounts: Records) -> None:
    accounts.create(id="a", name="B", sicCode="64", numberOfEmployees=100, location={"stateCode": "CA", "city": "LA"})
    accounts.create(id="b", name="A", sicCode="64", numberOfEmployees=9, customAttributes={"plan": "x"})
    accounts.create(id="c", name="A", sicCode="7", location={"stateCode": "AZ"})

    assert accounts.found("sicCode==64;numberOfEmployees>25") == ["a"]
    assert accounts.found("location.cityName==la") == ["a"]
    assert accounts.found("customAttributes.plan==X") == ["b"]
    assert accounts.found("numberOfUsers==0;id!=a") == ["b", "c"]
    assert accounts.found(sort="name;location.stateCode") == ["b", "c", "a"]
    assert accounts.found(sort="-createDate")[-1] == "a"
    assert accounts.found(sort="lastModifiedDate", pageSize="2") == ["a", "b"]
    first = accounts.page(sort="lastModifiedDate", pageSize="2")
    second = accounts.page(scrollId=first["scrollId"])
    assert ([each["id"] for each in second["accounts"]], second["totalHits"], second["scrollId"]) == (["c"], 3, None)


@pytest.mark.parametrize(
    "fields", [{}, {"id": "a"}, {"name": "a"}, {"id": "a" * 513, "name": "x"}, {"id": 1, "name": 2}]
)
def test_an_account_needs_an_id_and_a_name(accounts: Records, refused: Refused, fields: dict[str, Any]) -> None:
    assert refused(accounts.create(**fields), 400)["subErrors"]
