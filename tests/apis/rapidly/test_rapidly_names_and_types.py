"""Names, event types and their labels: contracts/rapidly.md 2.4, 2.6."""

from typing import Any

import pytest

from tests.apis.rapidly.conftest import Client, IssueToken

MOMENTS = [f"2026-01-01T00:00:0{second}Z" for second in range(6)]


@pytest.fixture
def names(client: Client) -> Client:
    client.ingest(
        {"name": "order", "external_customer_id": "ada", "timestamp": MOMENTS[0], "external_id": "o"},
        {"name": "order", "external_customer_id": "bob", "timestamp": MOMENTS[3]},
        {"name": "Item", "external_customer_id": "ada", "timestamp": MOMENTS[1], "parent_id": "o"},
    )
    return client


def test_names_tell_how_often_and_since_when(names: Client) -> None:
    assert names.get("/api/events/names").text == (
        '{"data":[{"name":"order","source":"user","occurrences":2,"first_seen":"2026-01-01T00:00:00Z",'
        '"last_seen":"2026-01-01T00:00:03Z"},{"name":"Item","source":"user","occurrences":1,'
        '"first_seen":"2026-01-01T00:00:01Z","last_seen":"2026-01-01T00:00:01Z"}],'
        '"meta":{"total":2,"page":1,"per_page":10,"pages":1}}'
    )


def test_a_name_of_both_sources_stands_there_twice(names: Client) -> None:
    names.customer(email="a@acme.test")
    names.ingest({"name": "customer.created", "external_customer_id": "x", "timestamp": MOMENTS[2]})

    found = names.get("/api/events/names?query=CREATED&sorting=first_seen").json()["data"]

    assert [(each["name"], each["source"], each["occurrences"]) for each in found] == [
        ("customer.created", "user", 1),
        ("customer.created", "system", 1),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("external_customer_id=bob", [("order", 1)]),
        ("external_customer_id=ada&sorting=name", [("Item", 1), ("order", 1)]),
        ("external_customer_id=nobody", []),
        ("source=system", []),
        ("query=ITE", [("Item", 1)]),
        ("sorting=occurrences", [("Item", 1), ("order", 2)]),
        ("sorting=-first_seen", [("Item", 1), ("order", 2)]),
        ("limit=1&page=2", [("Item", 1)]),
        ("workspace_id=749ec817-0bbf-4301-9ba8-555ca42b9737", []),
    ],
)
def test_names_are_filtered_and_sorted(names: Client, query: str, expected: list[tuple[str, int]]) -> None:
    found = names.get(f"/api/events/names?{query}").json()["data"]

    assert [(each["name"], each["occurrences"]) for each in found] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["order", "Item"]),
        ("sorting=label", ["Item", "order"]),
        ("root_events=true", ["order"]),
        ("external_customer_id=bob", ["order"]),
        ("query=item", ["Item"]),
        ("parent_id=PARENT", ["Item"]),
        ("parent_id=749ec817-0bbf-4301-9ba8-555ca42b9737", []),
    ],
)
def test_event_types_are_those_of_captured_events(names: Client, query: str, expected: list[str]) -> None:
    names.customer(email="a@acme.test")
    parent = names.get("/api/events/external/o").json()["id"]

    found = names.get(f"/api/event-types/?{query.replace('PARENT', parent)}").json()["data"]

    assert [each["name"] for each in found] == expected


def test_an_event_type_is_shown_with_all_its_fields(names: Client) -> None:
    [order, _] = names.get("/api/event-types/").json()["data"]

    assert {key: value for key, value in order.items() if key not in ("id", "created_at")} == {
        "modified_at": None,
        "name": "order",
        "label": "order",
        "label_property_selector": None,
        "workspace_id": names.workspace.workspace.id,
        "source": "user",
        "occurrences": 2,
        "first_seen": MOMENTS[0],
        "last_seen": MOMENTS[3],
    }
    assert list(order) == [
        *("created_at", "modified_at", "id", "name", "label", "label_property_selector", "workspace_id", "source"),
        *("occurrences", "first_seen", "last_seen"),
    ]


def test_a_batch_of_duplicates_makes_no_type(names: Client) -> None:
    names.ingest({"name": "renamed", "external_customer_id": "ada", "external_id": "o"})

    assert names.get("/api/event-types/?query=renamed").json()["data"] == []


def relabel(client: Client, name: str, token: str, **body: Any) -> Any:
    [own] = client.get(f"/api/event-types/?query={name}").json()["data"]
    headers = {"Authorization": f"Bearer {token}"}
    return client.http.patch(f"/api/event-types/{own['id']}", json=body, headers=headers)


def test_no_token_made_over_the_api_relabels(names: Client) -> None:
    answer = relabel(names, "order", names.workspace.rapidly.token, label="Order placed")

    assert answer.status_code == 403
    assert 'scope="web:write"' in answer.headers["www-authenticate"]


def test_a_label_and_a_selector_name_an_events_type(names: Client, issue_token: IssueToken) -> None:
    token = issue_token(scopes=("web:write",)).secret

    answer = relabel(names, "order", token, label=" Order placed ", label_property_selector="shop.title")

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["label"], body["label_property_selector"], body["occurrences"]) == ("Order placed", "shop.title", 2)
    assert body["modified_at"] is not None
    assert names.get("/api/events/external/o").json()["label"] == "Order placed"
    own = {"Authorization": f"Bearer {names.workspace.footfall.token}"}
    event = {"name": "order", "properties": {"shop": {"title": "Corner"}}}
    stored = names.http.post("/events", json=event, headers=own).json()["id"]
    assert names.event(stored)["label"] == "Corner"
    assert relabel(names, "order", token, label_property_selector="  ").json()["label_property_selector"] is None
    assert names.event(stored)["label"] == "Order placed"


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        ({"label": "x" * 129}, "string_too_long", "label"),
        ({"label": "   "}, "value_error", "label"),
        ({"label": ""}, "string_too_short", "label"),
        ({"label": 5}, "string_type", "label"),
        ({"label_property_selector": "x" * 257}, "string_too_long", "label_property_selector"),
    ],
)
def test_a_bad_label_is_refused(
    names: Client, issue_token: IssueToken, body: dict[str, Any], kind: str, field: str
) -> None:
    answer = relabel(names, "order", issue_token(scopes=("web:write",)).secret, **body)

    assert answer.status_code == 422
    assert [(fault["type"], fault["loc"]) for fault in answer.json()["detail"]] == [(kind, ["body", field])]


def test_two_workspaces_use_a_name_each_for_themselves(names: Client, other_client: Client) -> None:
    other_client.ingest({"name": "order", "external_customer_id": "ada"})

    [theirs] = other_client.get("/api/event-types/").json()["data"]
    [mine] = names.get("/api/event-types/?query=order").json()["data"]

    assert (theirs["occurrences"], mine["occurrences"]) == (1, 2)
    assert theirs["id"] != mine["id"]
