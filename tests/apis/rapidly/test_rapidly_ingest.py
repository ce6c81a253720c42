"""Ingesting events: contracts/rapidly.md 2.1, 8 and 11."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.apis.rapidly import reference
from tests.apis.rapidly.conftest import Client

CUSTOMER = {"external_customer_id": "c"}


def an_event(**fields: Any) -> dict[str, Any]:
    return {"name": "n", **CUSTOMER, **fields}


def faults(client: Client, *events: Any) -> list[dict[str, Any]]:
    """The faults of a batch that is refused."""
    answer = client.ingest(*events)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"] == "RequestValidationError"
    found: list[dict[str, Any]] = answer.json()["detail"]
    return found


def test_a_batch_is_counted(client: Client) -> None:
    answer = client.ingest(an_event(external_id="a"), an_event(external_id="a"), an_event(), an_event())

    assert (answer.status_code, answer.text) == (201, '{"inserted":3,"duplicates":1}')


def test_an_empty_batch_is_fine(client: Client) -> None:
    assert client.ingest().text == '{"inserted":0,"duplicates":0}'


def test_a_repeated_external_id_is_dropped_even_if_it_says_something_else(client: Client) -> None:
    [first] = client.stored(an_event(external_id="", metadata={"v": 1}))

    answer = client.ingest(an_event(external_id="", metadata={"v": 2}), return_ids="true")

    assert answer.json() == {"inserted": 0, "duplicates": 1, "ids": [first["id"]]}
    assert client.event(first["id"])["metadata"] == {"v": 1}


def test_two_workspaces_may_use_the_same_external_id_and_name(client: Client, other_client: Client) -> None:
    assert client.ingest(an_event(external_id="same")).json()["inserted"] == 1
    assert other_client.ingest(an_event(external_id="same")).json()["inserted"] == 1


def test_nothing_is_stored_when_one_event_is_wrong(client: Client) -> None:
    faults(client, an_event(external_id="good"), {"name": "n"})

    assert client.get("/api/events/external/good").status_code == 404


def test_an_event_without_anything_lists_what_each_form_lacks(client: Client) -> None:
    def missing(form: str, field: str) -> dict[str, Any]:
        return {"type": "missing", "loc": ["body", "events", 0, form, field], "msg": "Field required", "input": {}}

    assert faults(client, {}) == [
        missing("EventCreateCustomer", "name"),
        missing("EventCreateCustomer", "customer_id"),
        missing("EventCreateExternalCustomer", "name"),
        missing("EventCreateExternalCustomer", "external_customer_id"),
    ]


BAD_BATCHES: list[list[Any]] = [
    [{}, {"name": 5, "customer_id": "x"}],
    [an_event(metadata={"a": None, "b": [], "c": "", "d": "y" * 501})],
    [an_event(metadata={"_cost": {"amount": "1e9"}, "_llm": {"vendor": 1}})],
    [an_event(timestamp="2024-01-01T00:00:00"), an_event(timestamp="soon"), an_event(timestamp=None)],
    [an_event(name="n" * 129, parent_id=1, external_id=[])],
    [5, None],
]


@pytest.mark.parametrize("events", BAD_BATCHES, ids=lambda events: repr(events)[:60])
def test_the_list_of_faults_is_pydantics(client: Client, events: list[Any]) -> None:
    found = faults(client, *events)

    assert [{**item, "loc": item["loc"][1:]} for item in found] == reference.faults(
        reference.EventsIngest, {"events": events}
    )


@pytest.mark.parametrize(
    ("body", "position", "message"),
    [
        (b'{"events":[}', 11, "Expecting value"),
        (b"{", 1, "Expecting property name enclosed in double quotes"),
        (b'{"a":1} x', 8, "Extra data"),
        ('{"é":}'.encode(), 5, "Expecting value"),
        (b'{"a":"\x01"}', 6, "Invalid control character at"),
    ],
)
def test_malformed_json_is_told_with_its_place(client: Client, body: bytes, position: int, message: str) -> None:
    answer = client.send(body)

    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {
            "type": "json_invalid",
            "loc": ["body", position],
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": message},
        }
    ]


@pytest.mark.parametrize("body", [b"", b"null"])
def test_no_body_is_a_missing_field(client: Client, body: bytes) -> None:
    assert client.send(body).json()["detail"] == [
        {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}
    ]


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5"])
def test_a_body_must_be_an_object(client: Client, body: bytes) -> None:
    assert client.send(body).json()["detail"] == [
        {
            "type": "model_attributes_type",
            "loc": ["body"],
            "msg": "Input should be a valid dictionary or object to extract fields from",
            "input": json.loads(body),
        }
    ]


@pytest.mark.parametrize("body", [b'{"a":"\xff"}', b"[" * 100_000, b"9" * 5000])
def test_what_no_parser_reads_is_a_400(client: Client, body: bytes) -> None:
    answer = client.send(body)

    assert (answer.status_code, answer.text) == (400, '{"detail":"There was an error parsing the body"}')


def test_a_body_of_another_type_is_taken_for_text(client: Client) -> None:
    answer = client.http.post(
        "/api/events/ingest", content=b"{}", headers={**client.headers, "content-type": "text/plain"}
    )

    assert (answer.status_code, answer.json()["detail"][0]["input"]) == (422, "{}")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-le"])
def test_other_encodings_of_unicode_are_read_too(client: Client, encoding: str) -> None:
    body = json.dumps({"events": [an_event(external_id="é")]}, ensure_ascii=False).encode(encoding)

    assert client.send(body).json()["inserted"] == 1
    assert client.get("/api/events/external/é").status_code == 200


def test_a_body_that_is_too_large_is_a_413(client: Client) -> None:
    answer = client.send(b" " * (16 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert answer.json()["error"] == "ContentTooLarge"


def test_the_future_is_refused(client: Client) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    found = faults(client, an_event(timestamp=tomorrow))

    assert [(item["type"], item["msg"], item["input"], item["ctx"]) for item in found[:1]] == [
        ("value_error", "Value error, Timestamp must be in the past.", tomorrow, {"error": {}})
    ]


def test_without_a_timestamp_an_event_happens_now(client: Client) -> None:
    before = datetime.now(UTC)
    [event] = client.stored(an_event())

    assert before <= datetime.fromisoformat(event["timestamp"]) <= datetime.now(UTC)


def test_with_both_customers_given_the_external_one_wins(client: Client) -> None:
    both, odd = client.stored(an_event(customer_id=str(uuid4())), an_event(customer_id=5, member_id="x"))

    assert (both["customer_id"], both["external_customer_id"]) == (None, "c")
    assert (odd["customer_id"], odd["external_customer_id"]) == (None, "c")


def test_an_empty_external_customer_id_and_name_are_real_values(client: Client) -> None:
    [event] = client.stored({"name": "", "external_customer_id": ""})

    assert (event["name"], event["label"], event["external_customer_id"]) == ("", "", "")


@pytest.mark.parametrize("backwards", [False, True])
def test_parents_may_be_sent_along_in_any_order(client: Client, *, backwards: bool) -> None:
    batch = [an_event(external_id="r"), an_event(external_id="k", parent_id="r"), an_event(parent_id="k")]
    stored = client.stored(*(reversed(batch) if backwards else batch))
    root, child, leaf = reversed(stored) if backwards else stored

    assert [root["parent_id"], child["parent_id"], leaf["parent_id"]] == [None, root["id"], child["id"]]


def test_a_stored_parent_is_named_by_id_or_external_id(client: Client) -> None:
    [root] = client.stored(an_event(external_id="r"))

    children = client.stored(*(an_event(parent_id=name) for name in (root["id"], f"urn:uuid:{root['id']}", "r")))

    assert {child["parent_id"] for child in children} == {root["id"]}


def test_a_retried_root_still_gets_its_new_child(client: Client) -> None:
    [root] = client.stored(an_event(external_id="r"))

    answer = client.ingest(an_event(external_id="r"), an_event(external_id="k", parent_id="r"))

    assert answer.text == '{"inserted":1,"duplicates":1}'
    assert client.get("/api/events/external/k").json()["parent_id"] == root["id"]


def test_an_unknown_parent_is_refused_even_for_a_duplicate(client: Client, other_client: Client) -> None:
    client.ingest(an_event(external_id="a"))
    [foreign] = other_client.stored(an_event(external_id="theirs"))

    assert faults(client, an_event(external_id="a", parent_id="no"), an_event(parent_id=foreign["id"])) == [
        {
            "type": "parent_id",
            "loc": ["body", "events", 0, "parent_id"],
            "msg": "Parent event not found.",
            "input": "no",
        },
        {
            "type": "parent_id",
            "loc": ["body", "events", 1, "parent_id"],
            "msg": "Parent event not found.",
            "input": foreign["id"],
        },
    ]


def test_a_circle_of_parents_is_refused(client: Client) -> None:
    found = faults(client, an_event(external_id="a", parent_id="b"), an_event(external_id="b", parent_id="a"))

    assert [(item["type"], item["loc"]) for item in found] == [
        ("parent_id", ["body", "events", 0, "parent_id"]),
        ("parent_id", ["body", "events", 1, "parent_id"]),
    ]


def test_every_domain_fault_of_a_batch_is_told_at_once(client: Client, other_client: Client) -> None:
    foreign = other_client.customer(email="a@acme.test")["id"]
    member, workspace = str(uuid4()), client.workspace.rapidly.workspace_id
    own = client.customer(email="a@acme.test")["id"]

    found = faults(
        client,
        {"name": "n", "customer_id": foreign},
        {"name": "n", "customer_id": own, "member_id": member, "external_id": "x"},
        an_event(workspace_id=workspace, parent_id="no"),
    )

    assert [(item["type"], item["loc"][2:], item["msg"], item["input"]) for item in found] == [
        ("customer_id", [0, "customer_id"], "Customer not found.", foreign),
        ("member_id", [1, "member_id"], "Member not found.", member),
        (
            "workspace_token",
            [2, "workspace_id"],
            "Setting workspace_id is disallowed when using an workspace token.",
            workspace,
        ),
        ("parent_id", [2, "parent_id"], "Parent event not found.", "no"),
    ]
    assert client.get("/api/events/external/x").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "a\0b"},
        {"external_id": "a\0b"},
        {"external_customer_id": "\0"},
        {"metadata": {"k": "\0"}},
        {"metadata": {"\0": 1}},
        {"name": "\ud800"},
        {"external_id": "\ud800"},
        {"metadata": {"k": "\udfff"}},
        {"metadata": {"\ud800": 1}},
        {"timestamp": "\ud800"},
        {"metadata": {"_llm": {"vendor": "\0", "model": "\ud800"}}},
    ],
    ids=repr,
)
def test_characters_that_no_database_holds_are_refused(client: Client, fields: dict[str, Any]) -> None:
    assert faults(client, an_event(**fields))


def test_backslashes_that_only_look_like_nul_are_kept(client: Client) -> None:
    [event] = client.stored(an_event(metadata={"k": "\\u0000"}))

    assert event["metadata"] == {"k": "\\u0000"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_that_are_none_are_refused(client: Client, number: str) -> None:
    answer = client.send(
        f'{{"events":[{{"name":"n","external_customer_id":"c","metadata":{{"a":{number}}}}}]}}'.encode()
    )

    assert answer.status_code == 422
    assert "finite_number" in {item["type"] for item in answer.json()["detail"]}


def test_unknown_fields_are_ignored_whatever_they_hold(client: Client) -> None:
    body = b'{"events":[{"name":"n","external_customer_id":"c","x":NaN,"y":"\\ud800","metadata":{"a": 1}}],"z":[null]}'

    assert client.send(body).text == '{"inserted":1,"duplicates":0}'


def test_metadata_has_no_limit_on_its_keys(client: Client) -> None:
    keys = {f"key {number:03d} {'x' * 50}": number for number in range(60)}

    [event] = client.stored(an_event(metadata=keys))

    assert event["metadata"] == keys


def test_a_batch_of_many_thousands_keeps_its_hierarchy(client: Client) -> None:
    batch = [an_event(external_id="root"), *(an_event(parent_id="root") for _ in range(11_000))]

    assert client.ingest(*batch).json() == {"inserted": 11_001, "duplicates": 0}
    assert client.get("/api/events/external/root").json()["child_count"] == 11_000


def test_more_faults_than_anybody_reads_are_cut(client: Client) -> None:
    answer = client.send(b'{"events":[' + b"{}," * 200_000 + b"{}]}")

    assert answer.status_code == 422
    assert 10_000 <= len(answer.json()["detail"]) <= 10_010
