"""Listing, changing, deleting and exporting customers: contracts/rapidly.md 4.2."""

import csv
import hashlib
import io
import json
from typing import Any

import httpx
import pytest

from tests.apis.rapidly.conftest import Client, IssueToken


def patch(client: Client, path: str, **body: Any) -> httpx.Response:
    return client.http.patch(f"/api/customers/{path}", json=body, headers=client.headers)


def delete(client: Client, path: str) -> httpx.Response:
    return client.http.delete(f"/api/customers/{path}", headers=client.headers)


def told(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/events/?source=system&sorting=timestamp").json()["data"]
    return found


def emails(client: Client, query: str = "") -> list[str]:
    return [each["email"] for each in client.get(f"/api/customers/?{query}").json()["data"]]


def test_only_what_is_given_changes(client: Client) -> None:
    made = client.customer(
        email="Ada@acme.test", name="Ada", metadata={"a": 1}, billing_address={"country": "US", "state": "ny"}
    )

    answer = patch(client, made["id"], name=" Countess ", email=None, billing_address=None)

    changed = answer.json()
    assert answer.status_code == 200
    assert changed["modified_at"] is not None
    assert changed == {
        **made,
        "name": "Countess",
        "billing_address": None,
        "modified_at": changed["modified_at"],
    }
    assert client.get(f"/api/customers/{made['id']}").json() == changed


def test_every_change_is_told_with_the_values_of_that_moment(client: Client) -> None:
    made = client.customer(email="ada@acme.test", external_id="ada", name="Ada")
    patch(client, made["id"], name="Countess", metadata={"plan": "pro"})
    patch(client, "external/ada", email="countess@acme.test")
    patch(client, made["id"])
    patch(client, made["id"], name=None, billing_address={"country": "de"})
    delete(client, made["id"])

    events = told(client)

    assert [event["name"] for event in events] == ["customer.created", *["customer.updated"] * 4, "customer.deleted"]
    assert [event["metadata"].get("updated_fields") for event in events[1:5]] == [
        {"name": "Countess", "metadata": {"plan": "pro"}},
        {"email": "countess@acme.test"},
        {},
        {
            "billing_address": {
                **dict.fromkeys(["line1", "line2", "postal_code", "city", "state"]),
                "country": "DE",
            }
        },
    ]
    assert [event["metadata"]["customer_name"] for event in events] == [
        *("Ada", "Countess", "Countess", "Countess", None, None)
    ]
    assert [event["metadata"]["customer_external_id"] for event in events] == [*["ada"] * 5, None]
    assert {event["customer_id"] for event in events} == {made["id"]}
    assert {event["label"] for event in events[1:5]} == {"Customer Updated"}
    assert events[-1]["customer"]["deleted_at"] == events[-1]["timestamp"]
    assert [event["timestamp"] for event in events] == sorted(event["timestamp"] for event in events)


def test_an_external_id_is_given_once(client: Client) -> None:
    made = client.customer(email="a@acme.test")

    assert patch(client, made["id"], external_id=" a1 ").json()["external_id"] == "a1"
    assert patch(client, made["id"], external_id="a1").status_code == 200
    refused = patch(client, made["id"], external_id="a2")

    assert refused.status_code == 422
    assert refused.text == (
        '{"error":"RequestValidationError","detail":[{"type":"value_error","loc":["body","external_id"],'
        '"msg":"Customer external ID cannot be updated.","input":"a2"}]}'
    )
    assert patch(client, "external/a1", external_id="a3", type=5).json()["external_id"] == "a1", "not by external id"


def test_a_customer_who_takes_a_mentioned_id_has_its_events(client: Client) -> None:
    [event] = client.stored({"name": "n", "external_customer_id": "late"})
    made = client.customer(email="late@acme.test")

    patch(client, made["id"], external_id="late")

    assert client.event(event["id"])["customer"]["id"] == made["id"]
    assert client.event(event["id"])["external_customer_id"] == "late"
    found = client.get(f"/api/events/?customer_id={made['id']}&source=user").json()["data"]
    assert [each["id"] for each in found] == [event["id"]]
    [later] = client.stored({"name": "n", "external_customer_id": "late"})
    assert later["customer"]["id"] == made["id"]


def test_a_team_stays_a_team(client: Client) -> None:
    made = client.customer(email="a@acme.test")

    assert patch(client, made["id"], type="team").json()["type"] == "team"
    refused = patch(client, made["id"], type="individual")

    assert refused.status_code == 422
    assert refused.json()["detail"] == [
        {
            "type": "value_error",
            "loc": ["body", "type"],
            "msg": "Customer type cannot be downgraded from 'team' to 'individual'.",
            "input": "individual",
        }
    ]


def test_a_name_in_use_is_refused_and_changes_nothing(client: Client) -> None:
    client.customer(email="taken@acme.test", external_id="taken")
    made = client.customer(email="a@acme.test")

    refused = patch(client, made["id"], email="Taken@ACME.test", external_id="taken", name="New")

    assert [(each["loc"], each["msg"]) for each in refused.json()["detail"]] == [
        (["body", "email"], "A customer with this email address already exists."),
        (["body", "external_id"], "A customer with this external ID already exists."),
    ]
    assert client.get(f"/api/customers/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("body", "kind", "loc"),
    [
        ({"email": "x"}, "value_error", ["email"]),
        ({"name": "x" * 257}, "string_too_long", ["name"]),
        ({"metadata": {"a": None}}, "string_type", ["metadata", "a", "constrained-str"]),
        ({"billing_address": {"country": "US", "state": "XX"}}, "value_error", ["billing_address"]),
        ({"type": "group"}, "enum", ["type"]),
    ],
)
def test_a_bad_change_is_told(client: Client, body: dict[str, Any], kind: str, loc: list[str]) -> None:
    made = client.customer(email="a@acme.test")

    answer = patch(client, made["id"], **body)

    assert answer.status_code == 422
    assert (answer.json()["detail"][0]["type"], answer.json()["detail"][0]["loc"]) == (kind, ["body", *loc])


def test_a_deleted_customer_is_gone_and_the_names_are_free(client: Client) -> None:
    made = client.customer(email="a@acme.test", external_id="a")

    answer = delete(client, "external/a")

    assert (answer.status_code, answer.content) == (204, b"")
    for path in (made["id"], "external/a", f"{made['id']}/state", "external/a/state"):
        assert client.get(f"/api/customers/{path}").text == '{"error":"ResourceNotFound","detail":"Not found"}'
    assert delete(client, made["id"]).status_code == patch(client, made["id"], name="x").status_code == 404
    assert emails(client) == []
    assert client.customer(email="a@acme.test", external_id="a")["id"] != made["id"]
    late = client.ingest({"name": "n", "customer_id": made["id"]})
    assert [each["type"] for each in late.json()["detail"]] == ["customer_id"]


def test_anonymising_tells_of_the_deletion_frees_the_id_and_leaves_no_trace(client: Client) -> None:
    made = client.customer(
        email="Ada@acme.test", name="Ada", external_id="a", metadata={"k": "v"}, billing_address={"country": "DE"}
    )

    assert delete(client, f"{made['id']}?anonymize=true").status_code == 204

    event = told(client)[-1]
    gone = event["customer"]
    hidden = f"{hashlib.sha256(b'Ada@acme.test').hexdigest()}@redacted.invalid"
    assert (event["name"], event["metadata"]["customer_email"], event["metadata"]["customer_external_id"]) == (
        "customer.deleted",
        hidden,
        None,
    )
    assert (gone["email"], gone["name"], gone["billing_address"], gone["external_id"]) == (
        hidden,
        hashlib.sha256(b"Ada").hexdigest(),
        None,
        None,
    )
    assert list(gone["metadata"]) == ["k", "__anonymized_at"]
    assert gone["metadata"]["__anonymized_at"].endswith("+00:00")
    assert client.customer(email="ada@acme.test", external_id="a")["id"] != made["id"]
    assert delete(client, f"{made['id']}?anonymize=true").status_code == 404


def test_a_bad_word_for_anonymising_deletes_nobody(client: Client) -> None:
    made = client.customer(email="a@acme.test")

    answer = delete(client, f"{made['id']}?anonymize=perhaps")

    assert [fault["type"] for fault in answer.json()["detail"]] == ["bool_parsing"]
    assert client.get(f"/api/customers/{made['id']}").status_code == 200


def test_the_state_has_no_members(client: Client) -> None:
    made = client.customer(email="a@acme.test", external_id="a")

    state = client.get(f"/api/customers/{made['id']}/state").json()

    assert state == {key: value for key, value in made.items() if key != "members"}
    assert client.get("/api/customers/external/a/state").json() == state


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["c@b.test", "B@b.test", "a@b.test"]),
        ("sorting=email", ["a@b.test", "B@b.test", "c@b.test"]),
        ("sorting=-name", ["B@b.test", "a@b.test", "c@b.test"]),
        ("sorting=name", ["a@b.test", "B@b.test", "c@b.test"]),
        ("sorting=created_at&limit=1&page=2", ["B@b.test"]),
        ("email=b@B.test", ["B@b.test"]),
        ("query=BERT", ["B@b.test"]),
        ("query=x", ["c@b.test"]),
        ("query=9", []),
        ("metadata[plan]=pro", ["a@b.test"]),
        ("metadata[plan]=pro&metadata[plan]=free", ["c@b.test", "a@b.test"]),
        ("workspace_id=749ec817-0bbf-4301-9ba8-555ca42b9737", []),
    ],
)
def test_customers_are_filtered_and_sorted(client: Client, query: str, expected: list[str]) -> None:
    client.customer(email="a@b.test", name="Ada", metadata={"plan": "pro"})
    client.customer(email="B@b.test", name="Berta Bert")
    client.customer(email="c@b.test", external_id="X9", metadata={"plan": "free"})
    client.stored({"name": "n", "external_customer_id": "only mentioned"})

    assert emails(client, query) == expected


def test_a_list_has_the_usual_envelope(client: Client) -> None:
    made = client.customer(email="a@acme.test")

    assert client.get("/api/customers/").json() == {
        "data": [made],
        "meta": {"total": 1, "page": 1, "per_page": 10, "pages": 1},
    }
    assert client.get("/api/customers/?page=7").json()["meta"]["total"] == 1


def test_all_customers_are_exported_as_rows(client: Client) -> None:
    made = client.customer(
        email="a@acme.test", name='Quote " and, comma', billing_address={"country": "DE", "city": "Köln"}
    )
    for number in range(3):
        client.customer(email=f"c{number}@acme.test")
    delete(client, client.customer(email="gone@acme.test")["id"])

    answer = client.get("/api/customers/export")

    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.headers["content-disposition"] == "attachment; filename=rapidly-customers.csv"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(rows[0]) == 12
    assert dict(zip(rows[0], rows[1], strict=True)) == {
        "ID": made["id"],
        "External ID": "",
        "Created At": made["created_at"],
        "Email": "a@acme.test",
        "Email Verified": "false",
        "Name": 'Quote " and, comma',
        "Billing Address Line 1": "",
        "Billing Address Line 2": "",
        "Billing City": "Köln",
        "Billing State": "",
        "Billing Postal Code": "",
        "Billing Country": "DE",
    }
    assert [row[3] for row in rows[1:]] == ["a@acme.test", "c0@acme.test", "c1@acme.test", "c2@acme.test"]


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("DELETE", ""), ("GET", "/export")])
def test_customers_need_their_scope(client: Client, issue_token: IssueToken, method: str, path: str) -> None:
    made = client.customer(email="a@acme.test")
    token = issue_token(scopes=("events:write",)).secret
    target = f"/api/customers{path}" if path else f"/api/customers/{made['id']}"

    answer = client.http.request(method, target, headers={"Authorization": f"Bearer {token}"}, content=b"{}")

    assert answer.status_code == 403


def test_another_workspaces_customer_is_unknown(client: Client, other_client: Client) -> None:
    made = client.customer(email="a@acme.test", external_id="a")

    assert patch(other_client, made["id"], name="x").status_code == 404
    assert delete(other_client, made["id"]).status_code == 404
    assert delete(other_client, "external/a").status_code == 404
    assert emails(other_client) == []


def test_another_products_changes_are_told_alike(client: Client) -> None:
    upload = {
        "X-CleverTap-Account-Id": client.workspace.clevertap.account_id,
        "X-CleverTap-Passcode": client.workspace.clevertap.passcode,
    }
    for name in ("Ada", "Countess"):
        record = {"identity": "ada", "type": "profile", "profileData": {"Name": name, "Plan": "pro"}}
        assert (
            client.http.post("/1/upload", content=json.dumps({"d": [record]}), headers=upload).json()["status"]
            == "success"
        )

    events = told(client)

    assert [event["name"] for event in events] == ["customer.created", "customer.updated"]
    assert events[0]["metadata"] == {
        "customer_id": events[0]["customer_id"],
        "customer_email": None,
        "customer_name": "Ada",
        "customer_external_id": "ada",
    }
    assert events[1]["metadata"]["updated_fields"] == {"name": "Countess"}


def test_a_customer_whom_gainsight_px_makes_is_told_of_once_with_all_that_was_sent(client: Client) -> None:
    headers = {"X-APTRINSIC-API-KEY": client.workspace.gainsight_px.api_key}
    sent = {"identifyId": "ada", "email": "Ada@acme.test", "firstName": "Ada", "lastName": "Lovelace"}
    assert client.http.post("/v1/users", json=sent, headers=headers).status_code == 201
    assert client.http.put("/v1/users/ada", json={"lastName": "King"}, headers=headers).status_code == 204
    assert client.http.delete("/v1/users/ada", headers=headers).status_code == 200

    events = told(client)

    assert [event["name"] for event in events] == ["customer.created", "customer.updated", "customer.deleted"]
    assert (events[0]["metadata"]["customer_name"], events[0]["metadata"]["customer_email"]) == (
        *("Ada Lovelace", "ada@acme.test"),
    )
    assert events[1]["metadata"]["updated_fields"] == {"name": "Ada King"}
