"""The list of events: contracts/rapidly.md 2.3, and what section 8 mends of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.apis.rapidly.conftest import Client

EPOCH = "2026-01-01T00:00:0{}Z"
TIMESTAMPS = [EPOCH.format(second) for second in range(10)]


class Shop:
    """A workspace with seven events of three customers, a second apart, and their stories."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.workspace_id = client.workspace.workspace.id
        self.ada = client.customer(email="Ada@acme.test", name="Ada Lovelace", external_id="ada")
        sent = [
            {"name": "page.view", "external_customer_id": "ada", "metadata": {"path": "/pricing", "n": 3, "ok": True}},
            {"name": "page.view", "external_customer_id": "bob", "metadata": {"path": "/", "n": 1.50}},
            {"name": "order", "customer_id": self.ada["id"], "external_id": "order-1", "metadata": {"n": "3"}},
            {"name": "item", "customer_id": self.ada["id"], "parent_id": "order-1", "external_id": "item-1"},
            {"name": "item", "external_customer_id": "bob", "parent_id": "order-1", "metadata": {"ok": False}},
            {"name": "label", "external_customer_id": "bob", "parent_id": "item-1", "metadata": {"path": "/x y"}},
            {
                "name": "Odd_Näme%",
                "external_customer_id": "c/r",
                "metadata": {"a.b": "c", "text": "hello gpt-4o world"},
            },
        ]
        for second, event in enumerate(sent):
            event["timestamp"] = TIMESTAMPS[second]
        self.ids = [event["id"] for event in client.stored(*sent)]

    def found(self, **query: Any) -> list[int | str]:
        """The places of the events that are found, in the order of the answer; of the system's own, their names."""
        answer = self.client.http.get("/api/events/", headers=self.client.headers, params=query)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found = body["data"]
        assert body["meta"]["total"] == len(found), "all of these fit on one page"
        return [each["name"] if each["source"] == "system" else self.ids.index(each["id"]) for each in found]


@pytest.fixture
def shop(client: Client) -> Shop:
    return Shop(client)


def test_a_list_shows_events_as_they_are_shown_one_by_one(shop: Shop) -> None:
    answer = shop.client.get("/api/events/")

    body = answer.json()
    assert [shop.client.event(each["id"]) for each in body["data"]] == body["data"]
    assert list(body) == ["data", "meta"]
    assert body["meta"] == {"total": 8, "page": 1, "per_page": 10, "pages": 1}
    assert body["data"][0]["name"] == "customer.created", "the latest first"


def test_an_empty_workspace_has_an_empty_list(client: Client) -> None:
    assert client.get("/api/events/").text == '{"data":[],"meta":{"total":0,"page":1,"per_page":10,"pages":0}}'


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"source": "user"}, [6, 5, 4, 3, 2, 1, 0]),
        ({"source": "system"}, ["customer.created"]),
        ({"source": ["system", "user"], "sorting": "timestamp"}, [0, 1, 2, 3, 4, 5, 6, "customer.created"]),
        ({"name": "page.view"}, [1, 0]),
        ({"name": ["order", "page.view", "nothing"]}, [2, 1, 0]),
        ({"name": "customer.created"}, ["customer.created"]),
        ({"name": "customer.created", "source": "user"}, []),
        ({"name": "nothing"}, []),
        ({"external_customer_id": "bob"}, [5, 4, 1]),
        ({"external_customer_id": ["bob", "c/r"]}, [6, 5, 4, 1]),
        ({"external_customer_id": "ada"}, ["customer.created", 3, 2, 0]),
        ({"external_customer_id": "nobody"}, []),
        ({"start_timestamp": TIMESTAMPS[1], "end_timestamp": TIMESTAMPS[4]}, [3, 2]),
        ({"start_timestamp": TIMESTAMPS[4], "end_timestamp": TIMESTAMPS[1]}, []),
        ({"start_timestamp": TIMESTAMPS[4], "source": "user"}, [6, 5]),
        ({"metadata[path]": "/pricing"}, [0]),
        ({"metadata[path]": ["/pricing", "/x y"]}, [5, 0]),
        ({"metadata[n]": "3"}, [2, 0]),
        ({"metadata[n]": "1.5"}, [1]),
        ({"metadata[ok]": "true"}, [0]),
        ({"metadata[ok]": "True"}, []),
        ({"metadata[ok]": "false"}, [4]),
        ({"metadata[n]": "3", "metadata[ok]": "true"}, [0]),
        ({"metadata[a.b]": "c"}, [6]),
        ({"metadata[customer_external_id]": "ada"}, ["customer.created"]),
        ({"metadata[]": "x", "name": "order"}, [2]),
        ({"depth": 0}, ["customer.created", 6, 2, 1, 0]),
        ({"depth": 1}, ["customer.created", 6, 4, 3, 2, 1, 0]),
        ({"depth": 2}, ["customer.created", 6, 5, 4, 3, 2, 1, 0]),
        ({"depth": 1, "name": ["order", "item"]}, [4, 3, 2]),
        ({"depth": 1, "name": "item"}, []),
        ({"depth": 5, "customer_id": "ADA"}, ["customer.created", 3, 2, 0]),
        ({"customer_id": "ADA"}, ["customer.created", 3, 2, 0]),
        ({"customer_id": "ADA", "external_customer_id": "bob"}, []),
        ({"customer_id": "ADA", "name": "page.view"}, [0]),
        ({"customer_id": "749ec817-0bbf-4301-9ba8-555ca42b9737"}, []),
        ({"parent_id": "ORDER"}, [4, 3]),
        ({"parent_id": "ORDER", "sorting": "timestamp"}, [3, 4]),
        ({"parent_id": "ORDER", "depth": 0}, []),
        ({"parent_id": "ORDER", "depth": 1}, [4, 3]),
        ({"parent_id": "ORDER", "depth": 2}, [5, 4, 3]),
        ({"parent_id": "ORDER", "depth": 2, "external_customer_id": "bob"}, [5, 4]),
        ({"parent_id": "ORDER", "depth": 5, "name": "label"}, [5]),
        ({"parent_id": "749ec817-0bbf-4301-9ba8-555ca42b9737"}, []),
        ({"workspace_id": "749ec817-0bbf-4301-9ba8-555ca42b9737"}, []),
        ({"event_type_id": "749ec817-0bbf-4301-9ba8-555ca42b9737"}, []),
        ({"unknown": "parameter", "name": "order"}, [2]),
        ({"limit": ["5", "2.0"], "name": "order"}, [2]),
    ],
    ids=repr,
)
def test_filters(shop: Shop, query: dict[str, Any], expected: list[int | str]) -> None:
    known = {"ADA": shop.ada["id"], "ORDER": shop.ids[2]}

    asked = {key: known.get(value, value) if isinstance(value, str) else value for key, value in query.items()}

    assert shop.found(**asked) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PAGE", [1, 0]),
        ("order", [2]),
        ("use", [6, 5, 4, 3, 2, 1, 0]),
        ("customer.cr", ["customer.created"]),
        ("system", ["customer.created"]),
        ("lovelace", ["customer.created", 3, 2, 0]),
        ("ada@ACME", ["customer.created", 3, 2, 0]),
        ("/pricing", [0]),
        ("pricing", []),
        ("path", [5, 1, 0]),
        ("world hello", [6]),
        ("hello nobody", []),
        ("4o", [6]),
        ("bob", [5, 4, 1]),
        ("c/r", [6]),
        ("_näme%", [6]),
        ("%", [6]),
        ("_", [6, *["customer.created"]]),
        ("...", []),
        ("", ["customer.created", 6, 5, 4, 3, 2, 1, 0]),
    ],
)
def test_free_text(shop: Shop, text: str, expected: list[int | str]) -> None:
    found = shop.found(query=text, workspace_id=shop.workspace_id)

    if text == "_":
        assert 6 in found
    else:
        assert found == expected


def test_a_customers_id_is_free_text(shop: Shop) -> None:
    assert shop.found(query=shop.ada["id"][9:23].upper(), workspace_id=shop.workspace_id) == [
        "customer.created",
        3,
        2,
        0,
    ]


def test_free_text_needs_a_workspace(client: Client) -> None:
    answer = client.get("/api/events/?query=x")

    assert answer.status_code == 422
    assert answer.text == (
        '{"error":"RequestValidationError","detail":[{"type":"query","loc":["query","query"],'
        '"msg":"Query is only supported when workspace_id is provided.","input":"x"}]}'
    )


def test_an_event_type_is_a_filter(shop: Shop) -> None:
    types = {each["name"]: each["id"] for each in shop.client.get("/api/event-types/").json()["data"]}

    assert shop.found(event_type_id=types["order"]) == [2]


def pages(client: Client, query: str) -> Iterator[list[str]]:
    for page in range(1, 10):
        data = client.get(f"/api/events/?{query}&page={page}").json()["data"]
        if not data:
            return
        yield [each["id"] for each in data]


@pytest.mark.parametrize(
    "query", ["", "name=a&name=b", "source=user", "external_customer_id=c0&external_customer_id=c1"]
)
@pytest.mark.parametrize("sorting", ["timestamp", "-timestamp"])
def test_pages_show_every_event_once_also_those_of_one_instant(client: Client, query: str, sorting: str) -> None:
    sent = [
        {"name": "ab"[n % 2], "external_customer_id": f"c{n % 3}", "timestamp": EPOCH.format(n // 6)} for n in range(17)
    ]
    ids = [event["id"] for event in client.stored(*sent)]
    expected = [each for n, each in enumerate(ids) if "customer" not in query or n % 3 != 2]

    found = [each for page in pages(client, f"limit=4&sorting={sorting}&{query}") for each in page]

    assert found == (expected if sorting == "timestamp" else expected[::-1])


def test_a_page_behind_the_last_tells_the_real_total(client: Client) -> None:
    client.ingest(*[{"name": "n", "external_customer_id": "c"}] * 3)

    answer = client.get("/api/events/?page=99")

    assert answer.text == '{"data":[],"meta":{"total":3,"page":99,"per_page":10,"pages":1}}'
    assert client.get("/api/events/?page=9223372036854775807&limit=100").json()["meta"]["total"] == 3


def test_a_limit_above_a_hundred_is_a_hundred(client: Client) -> None:
    client.ingest(*[{"name": "n", "external_customer_id": "c"}] * 101)

    body = client.get("/api/events/?limit=1000").json()

    assert (len(body["data"]), body["meta"]) == (100, {"total": 101, "page": 1, "per_page": 100, "pages": 2})


def test_by_cursor_only_a_next_page_is_told(client: Client) -> None:
    client.ingest(*[{"name": "n", "external_customer_id": "c"}] * 3)

    first = client.get("/api/events/?cursor_pagination=true&limit=2").json()
    second = client.get("/api/events/?cursor_pagination=yes&limit=2&page=2").json()

    assert (len(first["data"]), first["meta"]) == (2, {"has_next_page": True})
    assert (len(second["data"]), second["meta"]) == (1, {"has_next_page": False})


@pytest.mark.parametrize(
    ("query", "type_", "loc", "msg", "ctx"),
    [
        ("page=0", "greater_than", ["page"], "Input should be greater than 0", {"gt": 0}),
        ("limit=-1", "greater_than", ["limit"], "Input should be greater than 0", {"gt": 0}),
        (
            "limit=x",
            "int_parsing",
            ["limit"],
            "Input should be a valid integer, unable to parse string as an integer",
            None,
        ),
        ("depth=6", "less_than_equal", ["depth"], "Input should be less than or equal to 5", {"le": 5}),
        ("depth=-1", "greater_than_equal", ["depth"], "Input should be greater than or equal to 0", {"ge": 0}),
        (
            "sorting=name",
            "enum",
            ["sorting", 0],
            "Input should be 'timestamp' or '-timestamp'",
            {"expected": "'timestamp' or '-timestamp'"},
        ),
        ("source=x", "enum", ["source", 0], "Input should be 'system' or 'user'", {"expected": "'system' or 'user'"}),
        (
            "start_timestamp=2026-01-01T00:00:00",
            "timezone_aware",
            ["start_timestamp"],
            "Input should have timezone info",
            None,
        ),
        (
            "cursor_pagination=maybe",
            "bool_parsing",
            ["cursor_pagination"],
            "Input should be a valid boolean, unable to interpret input",
            None,
        ),
        (
            "customer_id=01a21cce-9939-1e11-ade8-47612003aa01",
            "uuid_version",
            ["customer_id", 0],
            "UUID version 4 expected",
            {"expected_version": 4},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "=" in value else "",
)
def test_a_bad_parameter_is_told(
    client: Client, query: str, type_: str, loc: list[str | int], msg: str, ctx: dict[str, Any] | None
) -> None:
    answer = client.get(f"/api/events/?{query}")

    fault = {"type": type_, "loc": ["query", *loc], "msg": msg, "input": query.partition("=")[2]}
    assert answer.status_code == 422
    assert answer.json() == {
        "error": "RequestValidationError",
        "detail": [fault if ctx is None else {**fault, "ctx": ctx}],
    }


def test_sums_over_an_event_and_all_below_it_take_the_place_of_its_own_numbers(client: Client) -> None:
    def cost(amount: str) -> dict[str, Any]:
        return {"_cost": {"amount": amount, "currency": "usd"}}

    root, *_ = client.stored(
        {"name": "root", "external_customer_id": "c", "external_id": "r", "metadata": {"tokens": 2, "amount": "x"}},
        {
            "name": "leaf",
            "external_customer_id": "c",
            "parent_id": "r",
            "external_id": "k",
            "metadata": {"tokens": 0.5},
        },
        {"name": "leaf", "external_customer_id": "c", "parent_id": "k", "metadata": {**cost("0.1"), "tokens": 3}},
        {"name": "leaf", "external_customer_id": "c", "parent_id": "k", "metadata": {**cost("0.2"), "tokens": 3}},
    )
    asked = "aggregate_fields=_cost.amount&aggregate_fields=tokens&aggregate_fields=amount"

    one = client.get(f"/api/events/{root['id']}?{asked}").json()
    [listed] = client.get(f"/api/events/?name=root&{asked}").json()["data"]

    assert one["metadata"] == {"tokens": 8.5, "amount": "x", "_cost": {"currency": "usd", "amount": "0.3"}}
    assert one["child_count"] == 1
    assert listed == one


def test_only_some_numbers_may_be_summed(client: Client) -> None:
    answer = client.get("/api/events/?aggregate_fields=secret")

    assert answer.status_code == 422
    assert [(fault["type"], fault["loc"]) for fault in answer.json()["detail"]] == [
        ("value_error", ["query", "aggregate_fields"])
    ]


def test_another_workspace_sees_nothing_of_it(shop: Shop, other_client: Client) -> None:
    assert other_client.get("/api/events/").json()["data"] == []
    assert other_client.get(f"/api/events/?parent_id={shop.ids[2]}").json()["data"] == []
    assert other_client.get(f"/api/events/?customer_id={shop.ada['id']}").json()["data"] == []


def test_a_deleted_customers_external_events_are_the_next_ones_who_takes_the_name(shop: Shop) -> None:
    assert shop.client.http.delete("/api/customers/external/ada", headers=shop.client.headers).status_code == 204
    gone = shop.client.event(shop.ids[0])
    by_id = shop.client.event(shop.ids[2])
    heir = shop.client.customer(email="heir@acme.test", external_id="ada")

    assert (gone["customer"], gone["external_customer_id"]) == (None, "ada")
    assert by_id["customer"]["deleted_at"] is not None
    assert by_id["customer"]["external_id"] is None
    assert shop.client.event(shop.ids[0])["customer"]["id"] == heir["id"]
    assert shop.client.event(shop.ids[2])["customer"]["id"] == shop.ada["id"]
    assert shop.found(customer_id=heir["id"]) == ["customer.created", 0]
    assert shop.found(external_customer_id="ada") == ["customer.created", 0]
    assert shop.found(customer_id=shop.ada["id"]) == ["customer.deleted", "customer.created", 3, 2]
