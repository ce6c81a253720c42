"""Bills (contracts/capillary.md 6.1)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.apis.capillary.bill_calls import (
    amounts,
    bill,
    choose,
    code_of,
    give_back,
    of_customer,
    second_till,
    stored,
    stored_bill,
)
from tests.apis.capillary.conftest import Json, Organisation
from tests.conftest import Server

ANSWER = ["createdId", "warnings", "errors", "sideEffects", "loyaltyDetails", "customerInfo"]


def days_from_now(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")


def test_a_bill_becomes_an_event_with_its_amount(organisation: Organisation, server: Server) -> None:
    answer = bill(organisation, billingDate="2024-04-11T12:00:00+05:30", lineItemsV2=[{"itemCode": "i", "qty": 1.50}])

    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ANSWER
    assert answer.json() | {"createdId": 0} == {
        "createdId": 0, "warnings": [], "errors": [], "sideEffects": [], "loyaltyDetails": [],
        "customerInfo": {"firstName": None, "lastName": None},
    }  # fmt: skip
    (event,) = of_customer(organisation)
    assert event["eventName"] == "ADD_TRANSACTION"
    attributes = event["additonalAttributes"]
    assert (attributes["billNumber"], attributes["billAmount"]) == ("B1", "100.25")
    assert attributes["lineItemsV2"] == '[{"itemCode":"i","qty":1.5}]'
    assert attributes["eventDateTimeInputOffset"] == "+05:30"
    behind = stored(server, organisation, event)
    assert (behind.amount, behind.sequence) == (100_250_000, answer.json()["createdId"])
    assert behind.outlet == str(organisation.capillary.till_id)


def test_all_that_is_documented_is_kept_under_its_name(organisation: Organisation, server: Server) -> None:
    sent: Json = {
        "billNumber": "B7",
        "billAmount": "4800.0",
        "discount": "10.0",
        "grossAmount": "4810",
        "deliveryStatus": "SHIPPED",
        "note": "a note",
        "paymentModes": [{"mode": "CardPayment", "value": "4800.0", "attributes": {"card_type": "Visa"}}],
        "extendedFields": {"ship_first_name": "Sam", "flight_count": 1},
        "customFields": {"booking": "Website"},
        "lineItemsV2": [
            {
                "itemCode": "sku_1",
                "amount": 100.5,
                "description": "a thing",
                "discount": 0,
                "rate": 100.5,
                "qty": 1,
                "extendedFields": {"MetalRate": "22.02"},
            }
        ],
    }

    assert bill(organisation, **sent, billingDate="2024-04-11T12:00:00Z").status_code == 200

    (event,) = of_customer(organisation)
    behind = stored(server, organisation, event)
    assert msgspec.json.decode(behind.properties) == sent
    assert (behind.amount, behind.source, behind.account_id) == (4_800_000_000, "INSTORE", None)


def test_a_bill_of_a_source_with_accounts(organisation: Organisation, server: Server) -> None:
    whom = {"identifierName": "wechat", "identifierValue": "w", "source": "WECHAT", "accountId": "shop-1"}

    sent = organisation.client.post("/v2/transactions", params=whom, json={"billNumber": "B1", "billAmount": 1})

    assert sent.status_code == 200, sent.text
    user = organisation.client.get("/v2/customers/lookup", params=whom).json()["entity"]
    (event,) = organisation.client.get(f"/v2/events/event_data/{user}").json()["data"]
    assert (event["source"], event["additonalAttributes"]["accountId"]) == ("WECHAT", "shop-1")
    elsewhere = organisation.client.get("/v2/customers/lookup", params=whom | {"accountId": "shop-2"})
    assert elsewhere.json()["errors"][0]["code"] == 8015


def test_the_longest_name_of_a_platform_fits(organisation: Organisation) -> None:
    wide = "\U0001f600"
    whom = {"identifierName": "wechat", "identifierValue": wide * 255, "source": wide * 64, "accountId": wide * 64}

    sent = organisation.client.post("/v2/transactions", params=whom, json={"billNumber": wide * 50})

    assert sent.status_code == 200, sent.text
    assert organisation.client.get("/v2/customers/lookup", params=whom).status_code == 200


def test_a_bill_happened_at_the_till_that_sent_it(organisation: Organisation, server: Server) -> None:
    till, second = second_till(server, organisation, "second")

    with second.client:
        assert code_of(bill(second)) == 0
        assert code_of(give_back(second)) == 0
        profile = {"identifiers": [{"type": "externalId", "value": "c2"}]}
        number = second.client.post("/v2/customers", json={"profiles": [profile]}).json()["createdId"]

    assert {stored(server, organisation, event).outlet for event in of_customer(organisation)} == {str(till.id)}
    shown = organisation.client.get(f"/v2/customers/{number}").json()
    assert shown["associatedWith"] == "second"


def test_a_repeated_bill_number_is_604_and_stores_nothing(organisation: Organisation) -> None:
    bill(organisation)

    assert code_of(bill(organisation, "c2")) == 604
    assert code_of(bill(organisation, type="NOT_INTERESTED")) == 604
    assert len(of_customer(organisation)) == 1
    unknown = organisation.client.get("/v2/customers/lookup?identifierName=externalId&identifierValue=c2")
    assert unknown.json()["errors"][0]["code"] == 8015


def test_of_equal_bills_at_once_one_wins(organisation: Organisation) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bill(organisation), range(16)))

    assert sorted(code_of(answer) for answer in answers) == [0] + [604] * 15
    assert len(of_customer(organisation)) == 1


def test_the_customers_name_is_told(organisation: Organisation) -> None:
    profile = {"firstName": "Anna", "lastName": "Dam", "identifiers": [{"type": "externalId", "value": "c1"}]}
    organisation.client.post("/v2/customers", json={"profiles": [profile]})

    assert bill(organisation).json()["customerInfo"] == {"firstName": "Anna", "lastName": "Dam"}


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"billNumber": ""}, 602),
        ({"billNumber": None}, 602),
        ({"billNumber": "n" * 51}, 602),
        ({"billNumber": "\0"}, 602),
        ({"billNumber": []}, 400),
        ({"billAmount": "much"}, 601),
        ({"billAmount": 10**30}, 601),
        ({"billAmount": "NaN"}, 601),
        ({"billAmount": "1_0"}, 601),
        ({"billAmount": "\u0661"}, 601),
        ({"billAmount": []}, 400),
        ({"billAmount": -1}, 631),
        ({"type": "BARTER"}, 605),
        ({"billingDate": "soon"}, 621),
        ({"billingDate": days_from_now(2)}, 644),
        ({"discount": "some"}, 400),
        ({"discount": "-1"}, 666),
        ({"grossAmount": -0.5}, 665),
        ({"deliveryStatus": "LOST"}, 1636),
        ({"lineItemsV2": {}}, 400),
        ({"lineItemsV2": [1]}, 400),
        ({"lineItemsV2": [{"qty": "two"}]}, 400),
        ({"lineItemsV2": [{"qty": -1}]}, 627),
        ({"lineItemsV2": [{"amount": -1}]}, 661),
        ({"lineItemsV2": [{"value": -1}]}, 662),
        ({"lineItemsV2": [{"rate": -1}]}, 663),
        ({"lineItemsV2": [{"discount": -1}]}, 664),
        ({"paymentModes": {"mode": "cash"}}, 400),
        ({"extendedFields": []}, 400),
        ({"customFields": "none"}, 400),
    ],
)
def test_an_unsound_bill_is_refused(organisation: Organisation, members: Json, code: int) -> None:
    assert code_of(bill(organisation, **members)) == code


def test_how_far_back_and_ahead_is_the_organisations_choice(organisation: Organisation, server: Server) -> None:
    choose(server, organisation, furthest_back_days=30, furthest_ahead_days=5)

    assert code_of(bill(organisation, billNumber="B1", billingDate=days_from_now(-31))) == 643
    assert code_of(bill(organisation, billNumber="B2", billingDate=days_from_now(6))) == 644
    assert code_of(bill(organisation, billNumber="B3", billingDate=days_from_now(-29))) == 0
    assert code_of(bill(organisation, billNumber="B4", billingDate=days_from_now(4))) == 0


@pytest.mark.parametrize(
    ("name", "value"), [("", ""), ("userId", "999999999"), ("userId", "x"), ("mobile", "none"), ("passport", "1")]
)
def test_a_bill_of_nobody_is_refused(organisation: Organisation, name: str, value: str) -> None:
    answer = organisation.client.post(
        "/v2/transactions",
        params={"identifierName": name, "identifierValue": value},
        json={"billNumber": "B1", "billAmount": 1},
    )

    assert code_of(answer) == 8015


def test_a_bill_of_somebody_not_interested_is_nobodys(organisation: Organisation, server: Server) -> None:
    sold = {"type": "NOT_INTERESTED", "billNumber": "N1", "billAmount": "30", "notInterestedReason": "in a hurry"}

    answer = organisation.client.post("/v2/transactions", json=sold)
    returned = organisation.client.post(
        "/v2/transactions",
        json={"type": "NOT_INTERESTED_RETURN", "returnType": "AMOUNT", "billNumber": "N1", "billAmount": "10"},
    )
    too_much = organisation.client.post(
        "/v2/transactions", json={"type": "NOT_INTERESTED_RETURN", "billNumber": "N1", "billAmount": "20.01"}
    )

    assert (answer.status_code, returned.status_code) == (200, 200), returned.text
    assert answer.json()["customerInfo"] == {"firstName": None, "lastName": None}
    assert code_of(too_much) == 630
    behind = stored_bill(server, organisation, "N1")
    assert (behind.name, behind.customer, behind.amount) == ("NOT_INTERESTED", None, 30_000_000)


def test_bills_of_two_organisations_do_not_meet(organisation: Organisation, other_organisation: Organisation) -> None:
    assert [bill(organisation).status_code, bill(other_organisation).status_code] == [200, 200]
    assert len(of_customer(organisation)) == len(of_customer(other_organisation)) == 1


def test_a_member_that_is_null_is_a_member_left_out(organisation: Organisation) -> None:
    empty: Json = dict.fromkeys(
        ["type", "returnType", "id", "billAmount", "billingDate", "purchaseTime", "discount", "grossAmount",
         "deliveryStatus", "lineItemsV2", "paymentModes", "extendedFields", "customFields"]
    )  # fmt: skip

    answer = bill(organisation, **empty)

    assert answer.status_code == 200, answer.text
    (event,) = of_customer(organisation)
    assert event["eventName"] == "ADD_TRANSACTION"


def test_a_number_that_is_the_empty_text_is_none(organisation: Organisation, server: Server) -> None:
    answer = bill(organisation, billAmount="", discount="", grossAmount="", lineItemsV2=[{"qty": "", "amount": ""}])

    assert answer.status_code == 200, answer.text
    assert amounts(server, organisation) == [("ADD_TRANSACTION", 0)]


def test_a_date_may_have_any_form_of_iso_8601(organisation: Organisation) -> None:
    assert bill(organisation, billingDate="2024-04-11T12:00+0530").status_code == 200

    (event,) = of_customer(organisation)
    assert event["additonalAttributes"]["eventDateTime"] == "1712817000000"


def test_raw_side_effects_stand_in_the_answer_when_asked_for(organisation: Organisation) -> None:
    whom = {"identifierName": "externalId", "identifierValue": "c1"}

    def keys(number: str, **query: str) -> list[str]:
        sent = organisation.client.post("/v2/transactions", params=whom | query, json={"billNumber": number})
        return list(sent.json())

    assert keys("B1", rawSideEffects="true") == [*ANSWER[:4], "rawSideEffects", *ANSWER[4:]]
    assert keys("B2", rawSideEffects="true", use_async="true") == ANSWER
    assert keys("B3", rawSideEffects="false") == ANSWER
