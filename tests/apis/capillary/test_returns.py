"""Returns against their bills (contracts/capillary.md 6.1)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from tests.apis.capillary.bill_calls import amounts, bill, choose, code_of, give_back, of_customer, stored
from tests.apis.capillary.conftest import Json, Organisation
from tests.conftest import Server, start_server

LINES = [
    {"itemCode": "shoe", "qty": 2, "rate": "30", "amount": 60},
    {"itemCode": "hat", "qty": 1, "amount": 30.25},
    {"itemCode": "shoe", "qty": 1, "amount": 10},
]


def test_a_full_return_takes_back_the_bill_with_its_lines(organisation: Organisation, server: Server) -> None:
    bill(organisation, lineItemsV2=LINES, grossAmount="110", billingDate="2024-04-11T12:00:00Z")

    answer = give_back(organisation, purchaseTime="2024-04-11T12:00:00Z")

    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == [
        "createdId", "warnings", "errors", "sideEffects", "loyaltyDetails", "customerInfo",
    ]  # fmt: skip
    assert amounts(server, organisation) == [("ADD_TRANSACTION", 100_250_000), ("RETURN_BILL", -100_250_000)]
    events = {event["eventName"]: stored(server, organisation, event) for event in of_customer(organisation)}
    returned = events["RETURN_BILL"]
    assert (returned.parent_id, returned.sequence) == (events["ADD_TRANSACTION"].id, answer.json()["createdId"])
    properties = msgspec.json.decode(returned.properties)
    assert properties == {
        "returnType": "FULL",
        "billNumber": "B1",
        "purchaseTime": "2024-04-11T12:00:00Z",
        "billAmount": "100.25",
        "grossAmount": "110",
        "lineItemsV2": LINES,
    }


@pytest.mark.parametrize("kind", ["FULL", "CANCELLED"])
@pytest.mark.parametrize("again", ["FULL", "CANCELLED", "AMOUNT", "LINE_ITEM"])
def test_what_is_fully_returned_is_returned_no_more(organisation: Organisation, kind: str, again: str) -> None:
    bill(organisation, lineItemsV2=LINES)

    assert code_of(give_back(organisation, return_type=kind)) == 0
    assert code_of(give_back(organisation, return_type=again, billAmount=1, lineItemsV2=LINES[1:2])) == 633


def test_amounts_are_returned_until_nothing_is_left(organisation: Organisation, server: Server) -> None:
    bill(organisation)

    def give(amount: object) -> int:
        return code_of(give_back(organisation, return_type="AMOUNT", billAmount=amount))

    assert [give("40"), give(60.26), give("-60.25"), give("0.01")] == [0, 630, 0, 633]
    assert [amount for _, amount in amounts(server, organisation)] == [100_250_000, -40_000_000, -60_250_000]
    assert code_of(give_back(organisation)) == 633


@pytest.mark.parametrize("amount", [None, "", 0, "none"])
def test_a_return_by_amount_needs_one(organisation: Organisation, amount: object) -> None:
    bill(organisation)

    assert code_of(give_back(organisation, return_type="AMOUNT", billAmount=amount)) == 601


def test_items_are_returned_until_none_is_left(organisation: Organisation, server: Server) -> None:
    bill(organisation, lineItemsV2=LINES)

    def give(*lines: Json, **members: Any) -> int:
        return code_of(give_back(organisation, return_type="LINE_ITEM", lineItemsV2=list(lines), **members))

    assert give({"itemCode": "shoe", "qty": 4}) == 629
    assert give({"itemCode": "shoe", "qty": "1", "amount": "20.50"}) == 0
    assert give({"itemCode": "shoe", "qty": 2}, {"itemCode": "shoe", "qty": 1}) == 629
    assert give({"itemCode": "sock", "qty": 1}) == 688
    assert give({"itemCode": "hat", "amount": 30.26}) == 678
    assert give({"itemCode": "hat"}) == 0
    assert give({"itemCode": "hat"}) == 629
    assert give({"itemCode": "shoe", "qty": 2}) == 0
    assert give({"itemCode": "shoe"}) == 633
    taken = [amount for name, amount in amounts(server, organisation) if name == "RETURN_BILL"]
    assert taken == [-20_500_000, -30_250_000, -46_666_666]


def test_lines_that_were_returned_tell_what_they_stand_for(organisation: Organisation, server: Server) -> None:
    bill(organisation, lineItemsV2=LINES)

    sent = [{"itemCode": "shoe", "note": "worn"}, {"itemCode": "shoe", "qty": 1.50, "amount": "10"}]
    assert code_of(give_back(organisation, return_type="LINE_ITEM", lineItemsV2=sent)) == 0

    (returned,) = [event for event in of_customer(organisation) if event["eventName"] == "RETURN_BILL"]
    properties = msgspec.json.decode(stored(server, organisation, returned).properties)
    assert properties["lineItemsV2"] == [
        {"itemCode": "shoe", "note": "worn", "qty": 1, "amount": 23.333333},
        {"itemCode": "shoe", "qty": 1.5, "amount": "10"},
    ]


def test_an_amount_that_is_told_is_what_lines_are_returned_for(organisation: Organisation, server: Server) -> None:
    bill(organisation, lineItemsV2=LINES)
    line = [{"itemCode": "shoe", "qty": 1}]

    assert code_of(give_back(organisation, return_type="LINE_ITEM", lineItemsV2=line, billAmount=200)) == 630
    assert code_of(give_back(organisation, return_type="LINE_ITEM", lineItemsV2=line, billAmount="19.90")) == 0
    assert amounts(server, organisation)[-1] == ("RETURN_BILL", -19_900_000)


@pytest.mark.parametrize("lines", [None, []])
def test_a_return_by_lines_needs_some(organisation: Organisation, lines: object) -> None:
    bill(organisation, lineItemsV2=LINES)

    assert code_of(give_back(organisation, return_type="LINE_ITEM", lineItemsV2=lines)) == 679


def test_a_bill_without_lines_has_none_to_return(organisation: Organisation) -> None:
    bill(organisation)

    assert code_of(give_back(organisation, return_type="LINE_ITEM", lineItemsV2=LINES)) == 688


def test_a_bill_is_returned_in_one_way(organisation: Organisation) -> None:
    bill(organisation, lineItemsV2=LINES)
    bill(organisation, lineItemsV2=LINES, billNumber="B2")
    line = LINES[1:2]

    assert code_of(give_back(organisation, return_type="AMOUNT", billAmount=1)) == 0
    assert code_of(give_back(organisation, return_type="LINE_ITEM", lineItemsV2=line)) == 632
    assert code_of(give_back(organisation)) == 639
    assert code_of(give_back(organisation, return_type="LINE_ITEM", lineItemsV2=line, billNumber="B2")) == 0
    assert code_of(give_back(organisation, return_type="AMOUNT", billAmount=1, billNumber="B2")) == 635
    assert code_of(give_back(organisation, return_type="CANCELLED", billNumber="B2")) == 639


def test_a_return_of_no_kind_is_by_amount_or_lines_or_whole(organisation: Organisation, server: Server) -> None:
    for number in ("B1", "B2", "B3"):
        bill(organisation, lineItemsV2=LINES, billNumber=number)

    assert code_of(give_back(organisation, return_type="", billAmount=7)) == 0
    assert code_of(give_back(organisation, return_type="", billNumber="B2", lineItemsV2=LINES[1:2])) == 0
    assert code_of(give_back(organisation, return_type="", billNumber="B3")) == 0
    taken = [amount for name, amount in amounts(server, organisation) if name == "RETURN_BILL"]
    assert taken == [-7_000_000, -30_250_000, -100_250_000]


def test_a_return_of_an_unknown_kind_is_refused(organisation: Organisation) -> None:
    bill(organisation)

    assert code_of(give_back(organisation, return_type="SOME")) == 628


def test_a_bill_that_nobody_knows_cannot_be_returned(organisation: Organisation) -> None:
    bill(organisation)

    assert code_of(give_back(organisation, billNumber="B2")) == 625
    assert code_of(give_back(organisation, type="NOT_INTERESTED_RETURN")) == 625
    assert len(of_customer(organisation)) == 1


def test_an_organisation_may_take_returns_without_a_bill(organisation: Organisation, server: Server) -> None:
    choose(server, organisation, returns_need_bill=False)

    answer = give_back(organisation, return_type="AMOUNT", billAmount="12.50")

    assert answer.status_code == 200, answer.text
    (warning,) = answer.json()["warnings"]
    assert warning == {"status": False, "code": 625, "message": "Transaction number does not exist"}
    assert code_of(give_back(organisation, return_type="AMOUNT", billAmount="12.50")) == 604
    assert amounts(server, organisation) == [("RETURN_BILL", -12_500_000)]


def test_a_return_with_a_number_of_its_own_names_its_bill(organisation: Organisation) -> None:
    bill(organisation)
    first: Json = {"return_type": "AMOUNT", "billNumber": "R1", "parentBillNumber": "B1", "billAmount": 60}

    assert code_of(give_back(organisation, **first)) == 0
    assert code_of(give_back(organisation, **first)) == 604
    assert code_of(give_back(organisation, **first | {"billNumber": "R2", "billAmount": "40.26"})) == 630
    assert code_of(give_back(organisation, **first | {"billNumber": "R2", "billAmount": "40.25"})) == 0
    assert code_of(give_back(organisation, **first | {"billNumber": "R3", "parentBillNumber": "B2"})) == 625
    assert code_of(give_back(organisation, **first | {"billNumber": "R3", "parentBillNumber": "b" * 51})) == 602


def test_another_customers_bill_cannot_be_returned(organisation: Organisation) -> None:
    created = bill(organisation).json()["createdId"]
    bill(organisation, "c2", billNumber="B2")

    assert code_of(give_back(organisation, "c2")) == 668
    assert code_of(give_back(organisation, "c2", id=created)) == 667
    assert code_of(give_back(organisation, "nobody")) == 8015


def test_the_id_of_the_bill_may_be_told(organisation: Organisation) -> None:
    created = bill(organisation).json()["createdId"]

    assert code_of(give_back(organisation, id=created + 1)) == 667
    assert code_of(give_back(organisation, id="x")) == 667
    assert code_of(give_back(organisation, id=created, billNumber="B2")) == 667
    assert code_of(give_back(organisation, id=str(created))) == 0


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"billingDate": "2024-04-11T11:59:59Z"}, 624),
        ({"purchaseTime": "2024-04-11T12:00:01Z"}, 624),
        ({"purchaseTime": "2024-04-10"}, 624),
        ({"purchaseTime": "2999-01-01T00:00:00Z"}, 624),
        ({"purchaseTime": "once"}, 624),
        ({"billingDate": "2024-04-11T12:00:00Z"}, 0),
        ({"purchaseTime": "2024-04-11T17:30:00+05:30"}, 0),
        ({"purchaseTime": "2024-04-11"}, 0),
        ({"purchaseTime": ""}, 0),
    ],
)
def test_a_return_comes_after_its_bill(organisation: Organisation, members: Json, code: int) -> None:
    bill(organisation, billingDate="2024-04-11T12:00:00.250Z")

    assert code_of(give_back(organisation, **members)) == code


def test_a_day_of_purchase_is_one_where_the_bill_was_written(organisation: Organisation) -> None:
    bill(organisation, billingDate="2024-04-11T23:30:00-05:00")
    bill(organisation, billingDate="2024-04-11T23:30:00-05:00", billNumber="B2")

    assert code_of(give_back(organisation, purchaseTime="2024-04-11")) == 0
    assert code_of(give_back(organisation, purchaseTime="2024-04-13", billNumber="B2")) == 624


def test_of_returns_at_once_no_more_win_than_there_is_left(organisation: Organisation, server: Server) -> None:
    bill(organisation)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: give_back(organisation, return_type="AMOUNT", billAmount="30"), range(12)))

    assert sorted(code_of(answer) for answer in answers) == [0] * 3 + [630] * 9
    assert sum(amount or 0 for _, amount in amounts(server, organisation)) == 10_250_000


def test_of_returns_through_two_servers_no_more_win_than_there_is_left(
    organisation: Organisation, server: Server
) -> None:
    bill(organisation)
    second = start_server(server.database_url)
    elsewhere = Organisation(second.url, organisation.workspace)

    with elsewhere.client, ThreadPoolExecutor(8) as pool:
        places = [organisation, elsewhere] * 6
        answers = list(pool.map(lambda where: give_back(where, return_type="AMOUNT", billAmount="30"), places))
    second.stop()

    assert sorted(code_of(answer) for answer in answers) == [0] * 3 + [630] * 9
    assert sum(amount or 0 for _, amount in amounts(server, organisation)) == 10_250_000


def test_a_bill_that_came_through_another_product_is_returned(organisation: Organisation, server: Server) -> None:
    body = {
        "name": "ADD_TRANSACTION",
        "occurred_at": "2024-04-11T12:00:00Z",
        "external_id": "B1",
        "customer": {"external_id": "c1"},
        "amount": "50",
        "properties": {"lineItemsV2": "none that can be read"},
    }
    token = organisation.workspace.footfall.token
    sent = organisation.client.post("/events", json=body, headers={"Authorization": f"Bearer {token}"})
    assert sent.status_code < 300, sent.text

    assert code_of(bill(organisation)) == 604
    assert code_of(give_back(organisation, return_type="AMOUNT", billAmount="20")) == 0
    assert code_of(give_back(organisation, return_type="AMOUNT", billAmount="31")) == 630
    assert amounts(server, organisation) == [("ADD_TRANSACTION", 50_000_000), ("RETURN_BILL", -20_000_000)]


def test_returns_of_two_organisations_do_not_meet(organisation: Organisation, other_organisation: Organisation) -> None:
    bill(organisation)

    assert code_of(bill(other_organisation, billNumber="B2")) == 0
    assert code_of(give_back(other_organisation)) == 625
    assert code_of(give_back(organisation)) == 0
