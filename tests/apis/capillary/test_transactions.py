"""Transactions (contracts/capillary.md 6.1)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from footfall.model import identifiers
from footfall.model.event import Event
from footfall.storage import events, workspaces
from footfall.storage.database import Database
from tests.apis.capillary.conftest import Json, Organisation
from tests.conftest import Server


def bill(organisation: Organisation, customer: str = "c1", **members: Any) -> httpx.Response:
    return organisation.client.post(
        "/v2/transactions",
        params={"identifierName": "externalId", "identifierValue": customer, "source": "INSTORE"},
        json={"type": "REGULAR", "billNumber": "B1", "billAmount": "100.25", **members},
    )


def stored(server: Server, organisation: Organisation, shown: Json) -> Event:
    """The event behind what the product shows."""
    database = Database(server.database_url)
    tenant = database.read(workspaces.by_name, organisation.workspace.workspace.name)
    identifier = identifiers.from_text(shown["eventId"])
    assert tenant is not None
    assert identifier is not None
    found = database.read(events.by_id, tenant.number, identifier)
    database.close()
    assert found is not None
    return found


def of_customer(organisation: Organisation, customer: str = "c1") -> list[Json]:
    found = organisation.client.get(
        "/v2/customers/lookup", params={"identifierName": "externalId", "identifierValue": customer}
    )
    data: list[Json] = organisation.client.get(f"/v2/events/event_data/{found.json()['entity']}").json()["data"]
    return data


def test_a_bill_becomes_an_event_with_its_amount(organisation: Organisation, server: Server) -> None:
    answer = bill(organisation, billingDate="2024-04-11T12:00:00+05:30", lineItemsV2=[{"itemCode": "i", "qty": 1.50}])

    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == [
        "createdId", "warnings", "errors", "sideEffects", "loyaltyDetails", "customerInfo",
    ]  # fmt: skip
    (event,) = of_customer(organisation)
    assert event["eventName"] == "ADD_TRANSACTION"
    attributes = event["additonalAttributes"]
    assert (attributes["billNumber"], attributes["billAmount"]) == ("B1", "100.25")
    assert attributes["lineItemsV2"] == '[{"itemCode":"i","qty":1.5}]'
    assert attributes["eventDateTimeInputOffset"] == "+05:30"
    behind = stored(server, organisation, event)
    assert (behind.amount, behind.sequence) == (100_250_000, answer.json()["createdId"])


def test_a_return_counts_negative(organisation: Organisation, server: Server) -> None:
    assert bill(organisation).status_code == 200
    assert bill(organisation, type="RETURN", returnType="AMOUNT", billAmount=40).status_code == 200

    amounts = {event["eventName"]: stored(server, organisation, event).amount for event in of_customer(organisation)}
    assert amounts == {"ADD_TRANSACTION": 100_250_000, "RETURN_BILL": -40_000_000}


def test_a_repeated_bill_number_is_604_and_stores_nothing(organisation: Organisation) -> None:
    bill(organisation)

    again = bill(organisation, "c2")

    assert (again.status_code, again.json()["errors"][0]["code"]) == (400, 604)
    assert len(of_customer(organisation)) == 1
    unknown = organisation.client.get("/v2/customers/lookup?identifierName=externalId&identifierValue=c2")
    assert unknown.json()["errors"][0]["code"] == 8015


def test_the_customers_name_is_told(organisation: Organisation) -> None:
    profile = {"firstName": "Anna", "lastName": "Dam", "identifiers": [{"type": "externalId", "value": "c1"}]}
    organisation.client.post("/v2/customers", json={"profiles": [profile]})

    assert bill(organisation).json()["customerInfo"] == {"firstName": "Anna", "lastName": "Dam"}


AHEAD = (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"billNumber": ""}, 400),
        ({"billNumber": None}, 400),
        ({"billNumber": "n" * 51}, 400),
        ({"billNumber": "\0"}, 400),
        ({"billAmount": "much"}, 400),
        ({"billAmount": 10**30}, 400),
        ({"billAmount": "NaN"}, 400),
        ({"billAmount": []}, 400),
        ({"type": "BARTER"}, 400),
        ({"billingDate": "soon"}, 400),
        ({"billingDate": AHEAD}, 644),
    ],
)
def test_an_unsound_bill_is_refused(organisation: Organisation, members: Json, code: int) -> None:
    answer = bill(organisation, **members)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("name", "value"), [("", ""), ("userId", "999999999"), ("userId", "x"), ("mobile", "none"), ("passport", "1")]
)
def test_a_bill_of_nobody_is_refused(organisation: Organisation, name: str, value: str) -> None:
    answer = organisation.client.post(
        "/v2/transactions",
        params={"identifierName": name, "identifierValue": value},
        json={"billNumber": "B1", "billAmount": 1},
    )

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 8015)


def test_bills_of_two_organisations_do_not_meet(organisation: Organisation, other_organisation: Organisation) -> None:
    assert [bill(organisation).status_code, bill(other_organisation).status_code] == [200, 200]
    assert len(of_customer(organisation)) == len(of_customer(other_organisation)) == 1


def test_a_member_that_is_null_is_a_member_left_out(organisation: Organisation) -> None:
    answer = bill(organisation, type=None, billAmount=None, billingDate=None, lineItemsV2=None)

    assert answer.status_code == 200, answer.text
    (event,) = of_customer(organisation)
    assert event["eventName"] == "ADD_TRANSACTION"


def test_a_date_may_have_any_form_of_iso_8601(organisation: Organisation) -> None:
    assert bill(organisation, billingDate="2024-04-11T12:00+0530").status_code == 200

    (event,) = of_customer(organisation)
    assert event["additonalAttributes"]["eventDateTime"] == "1712817000000"
