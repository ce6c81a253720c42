"""Polar's dialect below /v1, beside Gainsight PX's routes: contracts/rapidly.md 9."""

import httpx
import pytest

from tests.apis.rapidly.conftest import Client, IssueToken

UNKNOWN = "749ec817-0bbf-4301-9ba8-555ca42b9737"


def test_an_event_has_an_organization(client: Client) -> None:
    made = client.customer(email="ada@acme.test", external_id="ada")
    [own] = client.stored({"name": "n", "external_customer_id": "ada", "metadata": {"a": 1}})

    polar = client.get(f"/v1/events/{own['id']}").json()

    assert "workspace_id" not in polar
    assert polar["organization_id"] == own["workspace_id"]
    assert {key: polar[key] for key in polar if key not in ("organization_id", "customer")} == {
        key: own[key] for key in own if key not in ("workspace_id", "customer")
    }
    assert list(polar["customer"]) == [
        *("id", "created_at", "modified_at", "metadata", "external_id", "email", "email_verified", "type", "name"),
        *("billing_name", "billing_address", "tax_id", "locale", "default_payment_method_id", "first_user_event_at"),
        *("organization_id", "deleted_at", "avatar_url"),
    ]
    assert client.get(f"/v1/customers/{made['id']}").json() == polar["customer"]


def test_lists_have_polars_envelope(client: Client) -> None:
    client.ingest(*[{"name": "n", "external_customer_id": "c"}] * 3)

    body = client.get("/v1/events/?limit=2").json()

    assert list(body) == ["items", "pagination"]
    assert body["pagination"] == {"total_count": 3, "max_page": 2}
    assert client.get("/v1/events/?limit=2&cursor_pagination=true").json()["pagination"] == {"has_next_page": True}
    [name] = client.get("/v1/events/names").json()["items"]
    assert list(name) == ["name", "label", "source", "occurrences", "first_seen", "last_seen"]
    [own] = client.get("/v1/event-types/").json()["items"]
    assert own["organization_id"] == client.workspace.workspace.id
    assert client.get("/v1/customers/").json() == {"items": [], "pagination": {"total_count": 0, "max_page": 0}}


def test_ingestion_answers_200(client: Client) -> None:
    body = {"events": [{"name": "n", "external_customer_id": "c", "organization_id": None}]}

    answer = client.http.post("/v1/events/ingest", json=body, headers=client.headers)

    assert (answer.status_code, answer.text) == (200, '{"inserted":1,"duplicates":0}')


def test_a_token_says_itself_which_organization(client: Client) -> None:
    body = {"events": [{"name": "n", "external_customer_id": "c", "organization_id": UNKNOWN}]}

    answer = client.http.post("/v1/events/ingest", json=body, headers=client.headers)

    assert (answer.status_code, answer.text) == (
        422,
        (
            '{"error":"PolarRequestValidationError","detail":[{"type":"organization_token",'
            '"loc":["body","events",0,"organization_id"],'
            '"msg":"Setting organization_id is disallowed when using an organization token.",'
            f'"input":"{UNKNOWN}"}}]}}'
        ),
    )
    made = client.http.post(
        "/v1/customers/", json={"email": "a@b.co", "organization_id": UNKNOWN}, headers=client.headers
    )
    assert made.json()["detail"][0]["type"] == "organization_token"


def test_badly_formed_requests_are_told_as_in_rapidly(client: Client) -> None:
    answer = client.http.post("/v1/events/ingest", json={"events": [{}]}, headers=client.headers)

    assert (answer.status_code, answer.json()["error"]) == (422, "RequestValidationError")


def test_refusals_name_polars_realm(http: httpx.Client, issue_token: IssueToken) -> None:
    token = issue_token(scopes=("customers:read",)).secret
    few = http.get("/v1/events/", headers={"Authorization": f"Bearer {token}"})
    unknown = http.get("/v1/events/", headers={"Authorization": "Bearer polar_oat_x"})

    assert http.get("/v1/events/").headers["www-authenticate"] == 'Bearer realm="polar"'
    assert unknown.headers["www-authenticate"].startswith('Bearer realm="polar", error="invalid_token"')
    assert 'realm="polar", scope="events:read events:write", error' in few.headers["www-authenticate"]


def test_free_text_has_three_characters_and_needs_no_organization(client: Client) -> None:
    client.ingest({"name": "page.view", "external_customer_id": "c"})

    assert client.get("/v1/events/?query=pa").json()["detail"][0]["type"] == "string_too_short"
    assert client.get("/v1/events/?query=page").json()["pagination"]["total_count"] == 1


def test_somebody_without_an_address_is_a_team(client: Client) -> None:
    own = {"Authorization": f"Bearer {client.workspace.footfall.token}"}
    stored = client.http.post("/events", json={"name": "n", "customer": {"mobile": "491234"}}, headers=own).json()["id"]

    customer = client.get(f"/v1/events/{stored}").json()["customer"]

    assert (customer["type"], customer["email"], customer["avatar_url"]) == ("team", None, None)


@pytest.mark.parametrize("path", ["/v1/events/foo", "/v1/events/custom/x/y", "/v1/nothing", "/v1/members/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_is_not_polars_is_answered_by_gainsight_px(client: Client, method: str, path: str) -> None:
    answer = client.http.request(method, path, headers=client.headers)

    assert answer.status_code == 404
    assert list(answer.json()) == ["externalapierror"]


def test_gainsight_px_keeps_its_own_routes(client: Client) -> None:
    headers = {"X-APTRINSIC-API-KEY": client.workspace.gainsight_px.api_key}

    found = client.http.get("/v1/events/custom", headers=headers)

    assert found.status_code == 200
    assert "externalapierror" in client.http.get("/v1/events/custom").json()


def test_a_wrong_last_slash_or_method_is_told(client: Client) -> None:
    assert client.get("/v1/events").headers["location"].endswith("/v1/events/")
    assert client.get(f"/v1/events/{UNKNOWN}/").status_code == 307
    wrong = client.http.put("/v1/customers/", headers=client.headers)
    assert (wrong.status_code, wrong.text, wrong.headers["allow"]) == (405, '{"detail":"Method Not Allowed"}', "GET")
