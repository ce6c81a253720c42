"""Users: contracts/gainsight_px.md 5.1, 5.3, 5.5."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import customers as customers_table
from footfall.tenancy.creation import NewWorkspace
from tests.apis.gainsight_px.conftest import HEADER, PxClient, Records
from tests.conftest import Server

Refused = Callable[[httpx.Response, int], dict[str, Any]]
FIELDS = [
    *("aptrinsicId", "identifyId", "type", "gender", "email", "firstName", "lastName", "lastSeenDate", "signUpDate"),
    *("firstVisitDate", "title", "phone", "score", "role", "subscriptionId", "accountId", "numberOfVisits"),
    *("location", "propertyKeys", "createDate", "lastModifiedDate", "customAttributes", "globalUnsubscribe"),
    *("sfdcContactId", "channelMetricList", "lastVisitedUserAgentData", "id", "lastInferredLocation", "globalId"),
]
ADA = {
    "identifyId": "ada",
    "type": "USER",
    "gender": "FEMALE",
    "email": "Ada@Example.com",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "signUpDate": 1704067200000,
    "score": 7,
    "accountId": "Acme",
    "location": {"countryCode": "GB", "city": "London", "coordinates": {"latitude": 51.5, "longitude": -0.1}},
    "propertyKeys": ["AP-1", "AP-2"],
    "customAttributes": {"plan": "pro", "seats": 4, "vip": True},
    "globalUnsubscribe": True,
}


def test_a_user_is_made_and_read_back(users: Records) -> None:
    created = users.create(**ADA)
    assert (created.status_code, created.json()) == (201, {"identifyId": "ada"})

    user = users.read("ada").json()

    assert list(user) == FIELDS
    assert {name: user[name] for name in ADA if name != "location"} == {k: v for k, v in ADA.items() if k != "location"}
    assert (user["location"]["city"], user["location"]["street"]) == ("London", "")
    assert user["location"]["coordinates"] == {"latitude": 51.5, "longitude": -0.1}
    assert user["id"] == "ada"
    assert len(user["aptrinsicId"]) == 36
    assert user["createDate"] == user["lastModifiedDate"] or user["createDate"] < user["lastModifiedDate"]


def test_what_was_not_sent_is_shown_as_real_answers_have_it(users: Records, px: PxClient) -> None:
    px.post(identifyId="u1", date=1704067200123)

    user = users.read("u1").json()

    assert (user["title"], user["score"], user["signUpDate"], user["gender"]) == ("", 0, 0, "EMPTY_GENDER")
    assert (user["type"], user["customAttributes"], user["globalUnsubscribe"]) == ("USER", None, False)
    assert (user["lastSeenDate"], user["propertyKeys"]) == (1704067200123, [px.property_key])
    assert user["location"]["countryName"] == ""
    assert user["location"]["coordinates"] == {"latitude": 0.0, "longitude": 0.0}


def test_a_user_is_changed_in_part(users: Records) -> None:
    users.create(**ADA)

    assert (
        users.update("ada", title="Countess", score=None, customAttributes={"seats": 5, "vip": None}).status_code == 204
    )
    assert (
        users.http.put("/v1/users/update", json={"identifyId": "ada", "role": "x"}, headers=users.headers).status_code
        == 204
    )

    user = users.read("ada").json()
    assert (user["title"], user["role"], user["score"], user["firstName"]) == ("Countess", "x", 0, "Ada")
    assert user["customAttributes"] == {"plan": "pro", "seats": 5}


def test_a_duplicate_and_whoever_is_not_there_are_told_in_the_envelope(users: Records, refused: Refused) -> None:
    users.create(**ADA)

    assert refused(users.create(identifyId="ada"), 400)["status"] == "BAD_REQUEST"
    assert users.create(identifyId="Ada").status_code == 201, "letter case matters"
    for answered in (users.read("absent-id"), users.update("absent-id", title="x"), users.delete("absent-id")):
        error = refused(answered, 404)
        assert error["status"] == "NOT_FOUND"
        assert error["message"] == "User was not found for parameters {id=absent-id}"


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({}, ["identifyId"]),
        ({"identifyId": ""}, ["identifyId"]),
        ({"identifyId": 5, "score": "x"}, ["identifyId", "score"]),
        ({"identifyId": "a", "type": "ROBOT", "gender": "x"}, ["type", "gender"]),
        ({"identifyId": "a", "signUpDate": 10**17, "customAttributes": []}, ["signUpDate", "customAttributes"]),
        ({"identifyId": "a", "propertyKeys": "x", "location": 5}, ["location", "propertyKeys"]),
        ({"identifyId": "a", "email": "x\0"}, ["email"]),
        ({"identifyId": "a" * 1025}, ["identifyId"]),
    ],
)
def test_every_field_at_fault_is_told(
    users: Records, refused: Refused, fields: dict[str, Any], at_fault: list[str]
) -> None:
    error = refused(users.create(**fields), 400)

    assert [each["field"] for each in error["subErrors"]] == at_fault


def test_a_body_that_is_no_object_is_a_bad_request(users: Records, refused: Refused) -> None:
    for content in (b"", b"[]", b"{", b"\xff"):
        refused(users.http.post("/v1/users", content=content, headers=users.headers), 400)


def test_a_deleted_user_is_hidden_and_comes_back_with_the_history(users: Records, px: PxClient) -> None:
    users.create(**ADA)
    before = users.read("ada").json()
    px.post(identifyId="ada", eventId="e1", date=1704067200000)

    assert users.delete("ada").status_code == 200
    assert users.read("ada").status_code == 404
    assert users.found() == []
    assert px.found("identifyId==ada") == ["e1"]
    assert users.create(identifyId="ada", title="back").status_code == 201

    after = users.read("ada").json()
    assert (after["aptrinsicId"], after["title"], after["lastName"]) == (before["aptrinsicId"], "back", "Lovelace")
    users.delete("ada")
    assert users.update("ada", title="again").status_code == 204
    assert users.read("ada").json()["title"] == "again"


def test_who_was_deleted_hard_or_long_ago_is_made_anew(users: Records, server: Server) -> None:
    for hard in (True, False):
        users.create(identifyId="bob", title="old")
        before = users.read("bob").json()
        if hard:
            assert users.delete("bob", hardDelete="true").status_code == 200
        else:
            body = {"identifyId": "bob"}
            sent = users.http.request("DELETE", "/v1/users/delete", json=body, headers=users.headers)
            assert sent.status_code == 200
            database = Database(server.database_url)
            writer = database.open_writer()
            writer.begin()
            week = 7 * 86_400_000_000
            earlier = customers_table.update().values(deleted_at=customers_table.c.deleted_at - week - 1)
            writer.execute(Statement(earlier.where(customers_table.c.external_id == "bob")))
            writer.commit()
            writer.close()
            database.close()
        assert users.update("bob", title="x").status_code == 404
        assert users.create(identifyId="bob").status_code == 201

        after = users.read("bob").json()
        assert (after["aptrinsicId"] == before["aptrinsicId"], after["title"]) == (False, "")
        users.delete("bob", hardDelete="true")


def test_users_are_filtered_on_any_field(users: Records) -> None:
    users.create(**ADA)
    users.create(identifyId="bob", email="bob@example.com", score=12, customAttributes={"plan": "free", "seats": 40})
    users.create(identifyId="Cy", type="VISITOR", location={"countryCode": "US"}, customAttributes={"we ird": "é"})

    assert users.found("customAttributes.plan==PRO") == ["ada"]
    assert users.found("customAttributes.seats>5") == ["bob"]
    assert users.found("customAttributes.vip==true") == ["ada"]
    assert users.found("customAttributes.we ird~É") == ["Cy"]
    assert users.found("location.countryCode==US") == ["Cy"]
    assert users.found("location.coordinates.latitude>50") == ["ada"]
    assert users.found("score>7") == ["bob"]
    assert users.found("score<=7") == ["ada"]
    assert users.found("id==CY") == ["Cy"]
    assert users.found("identifyId!=bob;type==user") == ["ada"]
    assert users.found("email~*@EXAMPLE.com") == ["ada", "bob"]
    assert users.found("accountId==acme", "type==VISITOR") == ["ada", "Cy"]
    assert users.found("globalUnsubscribe==true") == ["ada"]
    assert users.found("signUpDate>=2024-01-01T00:00:00Z") == ["ada"]
    assert users.found("createDate>=2024-01-01;lastModifiedDate>0") == ["ada", "bob", "Cy"]
    assert users.found("firstName==ada", "title~*") == ["ada"]
    assert users.found("lastSeenDate>0") == []
    uuid = users.read("bob").json()["aptrinsicId"]
    assert users.found(f"aptrinsicId=={uuid.upper()}") == ["bob"]


def test_users_are_sorted_by_any_field_and_paged_without_a_gap(users: Records) -> None:
    names = [f"u{number:02}" for number in range(11)]
    for number, name in enumerate(names):
        value = [None, number, f"t{number}"][number % 3]
        users.create(
            identifyId=name, score=number % 4, customAttributes={"x": value}, lastName=["b", "B", ""][number % 3]
        )

    for sort in (
        "",
        "score",
        "-score;identifyId",
        "customAttributes.x",
        "-customAttributes.x",
        "lastName;-score",
        "location.city",
        "-createDate",
        "lastSeenDate",
    ):
        whole = users.found(sort=sort, pageSize="1000")
        assert sorted(whole) == names
        pages: list[str] = []
        token: str | None = ""
        while token is not None:
            page = users.page(sort=sort, pageSize="3", scrollId=token)
            assert page["totalHits"] == 11
            pages += [each["id"] for each in page["users"]]
            token = page["scrollId"]
        assert pages == whole, sort
    assert users.found(sort="score;identifyId")[:3] == ["u00", "u04", "u08"]
    assert users.found(sort="-customAttributes.x")[:2] == ["u10", "u07"]
    assert users.found(sort="customAttributes.x")[4:6] == ["u02", "u05"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"filter": "nope==1"},
        {"filter": "location==x"},
        {"filter": "location.x==y"},
        {"filter": "customAttributes==x"},
        {"filter": "createDate>x"},
        {"filter": "identifyId=x"},
        {"sort": "propertyKeys"},
        {"pageSize": "0"},
        {"pageSize": "1001"},
        {"scrollId": "x"},
    ],
)
def test_what_cannot_be_asked_is_a_bad_request(users: Records, refused: Refused, parameters: dict[str, str]) -> None:
    assert refused(users.ask(**parameters), 400)["status"] == "BAD_REQUEST"


def test_a_scroll_belongs_to_its_list_and_workspace(
    users: Records, http: httpx.Client, other_workspace: NewWorkspace, refused: Refused
) -> None:
    users.create(identifyId="a")
    token = users.page(pageSize="1")["scrollId"]

    other = Records(http, other_workspace.gainsight_px.api_key, "/v1/users", "users")
    refused(other.ask(scrollId=token), 400)
    refused(http.get("/v1/accounts", params={"scrollId": token}, headers=users.headers), 400)
    assert users.page(scrollId=token) == {"users": [], "totalHits": 1, "scrollId": None}
    assert other.read("a").status_code == 404


def test_users_are_the_customers_of_the_other_products(
    users: Records, http: httpx.Client, workspace: NewWorkspace
) -> None:
    own = {"Authorization": f"Bearer {workspace.footfall.token}"}
    event = {"name": "Seen", "customer": {"external_id": "u9", "email": "u9@example.com", "name": "Una Nine"}}
    identifier = http.post("/events", json=event, headers=own).json()["id"]

    user = users.read("u9").json()
    assert (user["email"], user["firstName"]) == ("u9@example.com", "Una Nine")
    users.update("u9", firstName="Una", lastName="Neun", email="new@example.com")

    customer = http.get(f"/events/{identifier}", headers=own).json()["customer"]
    assert (customer["name"], customer["email"], customer["id"]) == ("Una Neun", "new@example.com", user["aptrinsicId"])


def test_an_address_may_be_two_users_as_in_the_original(users: Records) -> None:
    for name in ("a", "b"):
        assert users.create(identifyId=name, email="both@example.com").status_code == 201

    assert users.found("email==both@example.com") == ["a", "b"]


def test_a_denied_user_is_ignored_whoever_sends(
    users: Records, px: PxClient, http: httpx.Client, workspace: NewWorkspace
) -> None:
    path = "/v1/users/denylist/bad"
    assert http.get(path, headers=users.headers).json() == {"denied": False, "identifyId": "bad"}
    assert http.put(path, json={"denied": True}, headers=users.headers).status_code == 200

    assert http.get(path, headers=users.headers).json() == {"denied": True, "identifyId": "bad"}
    assert px.post(identifyId="bad", eventId="e1", date=1704067200000).status_code == 201
    own = {"Authorization": f"Bearer {workspace.footfall.token}"}
    event = {"name": "Seen", "occurred_at": 1704067200000, "customer": {"external_id": "bad"}}
    assert http.post("/events", json=event, headers=own).status_code == 201
    batch = [
        {"eventName": "x", "identifyId": name, "propertyKey": "p", "userType": "USER", "date": 1704067200000}
        for name in ("bad", "good")
    ]
    assert http.post("/v1/events/custom/batch", json=batch, headers=users.headers).json() == []
    page = px.search(dateRangeStart="1704067100000", dateRangeEnd="1704067300000")
    assert [each["identifyId"] for each in page["customEvents"]] == ["good"]
    assert users.read("bad").status_code == 404

    http.put(path, json={"denied": False}, headers=users.headers)
    px.post(identifyId="bad", eventId="e1", date=1704067200000)
    assert px.search("identifyId==bad", dateRangeStart="1704067100000", dateRangeEnd="1704067300000")["totalHits"] == 1


def test_preferences(users: Records, http: httpx.Client, refused: Refused) -> None:
    users.create(identifyId="a")
    path = "/v1/user/preferences"
    everything = dict.fromkeys(["guidedTours", "onboardingBot", "productUpdates", "surveys", "trackUsage"], True)

    assert http.get(f"{path}/a", headers=users.headers).json() == {"identifyId": "a", **everything}
    assert http.put(f"{path}/a", json={"surveys": False}, headers=users.headers).status_code == 204
    changed = http.put(
        "/v2/user/preferences", json={"identifyId": "a", "trackEmailAnalytics": False}, headers=users.headers
    )
    assert changed.status_code == 204
    by_body = http.post(path, json={"identifyId": "a"}, headers=users.headers)
    assert (by_body.status_code, by_body.json()) == (200, {"identifyId": "a", **everything, "surveys": False})
    second = http.get("/v2/user/preferences/a", headers=users.headers).json()
    assert second == {"identifyId": "a", **everything, "surveys": False, "trackEmailAnalytics": False}
    refused(http.get(f"{path}/nobody", headers=users.headers), 404)
    refused(http.put(f"{path}/nobody", json={}, headers=users.headers), 404)
    refused(http.put(f"{path}/a", json={"surveys": "no"}, headers=users.headers), 400)
    refused(http.post(path, json={}, headers=users.headers), 400)
    refused(http.get("/v2/user/preferences/nobody", headers={}), 401)


def test_the_fields_of_users_and_accounts_are_listed(users: Records, http: httpx.Client, refused: Refused) -> None:
    users.create(identifyId="a", customAttributes={"plan": "pro", "seats": 4, "mixed": 1})
    users.create(identifyId="b", customAttributes={"mixed": "x", "vip": True})

    listed = http.get("/v1/admin/model/user/attributes", headers=users.headers).json()

    assert {each["apiName"] for each in listed if each["origin"] == "DEFAULT"} == {*FIELDS} - {"customAttributes"}
    custom = {each["apiName"]: each["type"] for each in listed if each["origin"] == "CUSTOM"}
    assert custom == {"mixed": "STRING", "plan": "STRING", "seats": "NUMBER", "vip": "BOOLEAN"}
    assert list(listed[0]) == [
        *("id", "name", "apiName", "internalName", "description", "type", "state", "origin"),
        *("createdDate", "modifiedDate", "defaultValue"),
    ]
    assert isinstance(http.get("/v1/admin/model/account/attributes", headers=users.headers).json(), list)
    assert refused(http.get("/v1/admin/model/event/attributes", headers=users.headers), 404)["status"] == "NOT_FOUND"


def test_writing_needs_the_permission(users: Records, refused: Refused, keys_with: Any) -> None:
    users.create(identifyId="a")
    users.headers = {HEADER: keys_with("read")}

    for answered in (users.create(identifyId="b"), users.update("a"), users.delete("a")):
        assert refused(answered, 403)["status"] == "FORBIDDEN"
    assert users.found() == ["a"]


@pytest.mark.parametrize(
    ("path", "key", "largest"),
    [
        ("/v1/feature", "features", 200),
        ("/v1/segment", "segments", 200),
        ("/v1/engagement", "engagements", 500),
        ("/v1/articles", "articleExternalViewList", 500),
        ("/v1/kcbot", "kcList", 500),
    ],
)
def test_what_is_made_in_the_product_itself_is_an_empty_list(
    users: Records, refused: Refused, path: str, key: str, largest: int
) -> None:
    def ask(**parameters: str) -> httpx.Response:
        return users.http.get(path, params=parameters, headers=users.headers)

    assert ask(pageSize=str(largest), filter="date>=x").json() == {key: [], "pageNumber": 0, "isLastPage": True}
    assert ask(pageNumber="2").json()["pageNumber"] == 2
    refused(ask(pageSize=str(largest + 1)), 400)
    refused(ask(pageNumber="x"), 400)
