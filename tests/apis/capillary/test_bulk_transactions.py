"""Many bills and returns in one call (contracts/capillary.md 6.1)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from footfall.apis.capillary.transaction_routes import MOST_AT_ONCE
from tests.apis.capillary.bill_calls import amounts, bill, of_customer
from tests.apis.capillary.conftest import Json, Organisation
from tests.conftest import Server, new_workspace, start_server


def item(number: str, customer: str = "c1", **members: Any) -> Json:
    return {
        "identifierType": "externalId",
        "identifierValue": customer,
        "source": "INSTORE",
        "accountId": "",
        "type": "REGULAR",
        "billNumber": number,
        "billAmount": "10.5",
        **members,
    }


def post(organisation: Organisation, *items: object) -> httpx.Response:
    return organisation.client.post("/v2/transactions/bulk", json=list(items))


def codes(answer: httpx.Response) -> list[int]:
    return [one["errors"][0]["code"] if one["errors"] else 0 for one in answer.json()["response"]]


def test_all_are_stored(organisation: Organisation, server: Server) -> None:
    sent = [item("B1", note="first", lineItemsV2=[{"itemCode": "i", "qty": 1}]), item("B2", billAmount=7)]

    answer = post(organisation, *sent)

    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["response", "totalCount", "failureCount"]
    assert (answer.json()["totalCount"], answer.json()["failureCount"]) == (2, 0)
    first, second = answer.json()["response"]
    assert list(first) == ["entityId", "result", "errors", "warnings"]
    assert first["result"] == {**sent[0], "sideEffects": []}
    assert list(first["result"]) == [*sent[0], "sideEffects"]
    assert (first["errors"], first["warnings"]) == ([], [])
    shown = of_customer(organisation)
    assert {event["eventName"] for event in shown} == {"ADD_TRANSACTION"}
    assert first["entityId"] < second["entityId"]
    assert amounts(server, organisation) == [("ADD_TRANSACTION", 10_500_000), ("ADD_TRANSACTION", 7_000_000)]
    kept = {name for event in shown for name in event["additonalAttributes"]}
    assert kept >= {"billNumber", "billAmount", "note", "lineItemsV2"}
    assert not kept & {"identifierType", "identifierValue", "type"}


def test_some_fail_and_the_others_are_stored(organisation: Organisation, server: Server) -> None:
    bill(organisation)

    answer = post(
        organisation,
        item("B1"),
        item("B2"),
        item("B2", "c2"),
        item("B3", identifierType="userId", identifierValue="999999999"),
        item("B4", type="RETURN", returnType="FULL"),
        "no transaction",
        item("", billAmount=[]),
        item("B5", identifierValue=7),
    )

    assert answer.status_code == 201, answer.text
    assert codes(answer) == [604, 0, 604, 8015, 625, 400, 400, 0]
    assert (answer.json()["totalCount"], answer.json()["failureCount"]) == (8, 6)
    failed = answer.json()["response"][0]
    assert list(failed) == ["entityId", "result", "errors", "warnings"]
    assert (failed["entityId"], failed["result"]) == (None, item("B1"))
    assert list(failed["errors"][0]) == ["status", "code", "message"]
    assert answer.json()["response"][5]["result"] == "no transaction"
    assert len(amounts(server, organisation)) == 2
    assert len(of_customer(organisation, "7")) == 1


def test_when_all_fail_the_status_says_so(organisation: Organisation) -> None:
    bill(organisation)

    answer = post(organisation, item("B1"), item("B1"))

    assert (answer.status_code, codes(answer), answer.json()["failureCount"]) == (500, [604, 604], 2)


def test_a_return_sees_the_bills_before_it(organisation: Organisation, server: Server) -> None:
    answer = post(
        organisation,
        item("B1", type="RETURN", returnType="FULL"),
        item("B1"),
        item("B1", type="RETURN", returnType="AMOUNT", billAmount="10"),
        item("B2"),
        item("B1", type="RETURN", returnType="AMOUNT", billAmount="1"),
        item("B1", type="RETURN", returnType="AMOUNT", billAmount="0.5"),
    )

    assert (answer.status_code, codes(answer)) == (201, [625, 0, 0, 0, 630, 0])
    assert [amount for _, amount in amounts(server, organisation)] == [10_500_000, -10_000_000, 10_500_000, -500_000]


def test_nobodys_bills(organisation: Organisation) -> None:
    answer = post(
        organisation,
        {"type": "NOT_INTERESTED", "billNumber": "N1", "billAmount": 3},
        {"type": "NOT_INTERESTED_RETURN", "billNumber": "N1", "returnType": "CANCELLED"},
    )

    assert (answer.status_code, codes(answer)) == (200, [0, 0])


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b"null", b'"text"', b"\xff"])
def test_a_body_that_is_no_array_of_items_is_refused(organisation: Organisation, body: bytes) -> None:
    answer = organisation.client.post("/v2/transactions/bulk", content=body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 400)


def test_a_call_has_a_limit(organisation: Organisation) -> None:
    answer = post(organisation, *(item(f"B{number}") for number in range(MOST_AT_ONCE + 1)))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 1060)
    unknown = organisation.client.get("/v2/customers/lookup?identifierName=externalId&identifierValue=c1")
    assert unknown.json()["errors"][0]["code"] == 8015


def test_of_equal_calls_at_once_each_bill_is_stored_once(organisation: Organisation, server: Server) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(organisation, *(item(f"B{n}") for n in range(20))), range(4)))

    won = [codes(answer).count(0) for answer in answers]
    assert sum(won) == 20
    assert len(amounts(server, organisation)) == 20


def test_what_was_answered_is_there_after_the_server_was_killed(database_url: str) -> None:
    server = start_server(database_url)
    organisation = Organisation(server.url, new_workspace(database_url))
    bills = [item(f"B{number}") for number in range(30)]
    returned = [item("B1", type="RETURN", returnType="FULL")]
    with organisation.client:
        assert post(organisation, *bills, *returned).status_code == 200
        server.kill()

    server = start_server(database_url)
    organisation = Organisation(server.url, organisation.workspace)
    with organisation.client:
        assert codes(post(organisation, *bills, *returned)) == [604] * 30 + [633]
    server.stop()
