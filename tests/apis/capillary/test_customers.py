"""Customers (contracts/capillary.md 6.2)."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.apis.capillary.bill_calls import bill, choose, give_back
from tests.apis.capillary.conftest import Json, Organisation, customer_field
from tests.conftest import Server

UNSET_STATUS = {"status": False, "code": 8107, "message": "Default customer status label not set"}


def identified(**names: object) -> Json:
    return {"identifiers": [{"type": kind, "value": value} for kind, value in names.items()]}


def post(organisation: Organisation, *profiles: Json, **others: object) -> httpx.Response:
    return organisation.client.post("/v2/customers?source=INSTORE", json={"profiles": list(profiles), **others})


def register(organisation: Organisation, *profiles: Json, **others: object) -> int:
    answer = post(organisation, *profiles, **others)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["createdId", "warnings", "sideEffects"]
    created: int = answer.json()["createdId"]
    return created


def refusal(answer: httpx.Response) -> int:
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["warnings", "errors"]
    assert list(answer.json()["errors"][0]) == ["status", "code", "message"]
    code: int = answer.json()["errors"][0]["code"]
    return code


def look_up(organisation: Organisation, name: str, value: str, **query: str) -> Json:
    found: Json = organisation.client.get(
        "/v2/customers/lookup",
        params={"source": "INSTORE", "identifierName": name, "identifierValue": value, **query},
    ).json()
    return found


def show(organisation: Organisation, number: int) -> Json:
    answer = organisation.client.get(f"/v2/customers/{number}?source=INSTORE&embed=points")
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


@pytest.mark.parametrize(
    ("name", "value", "other_spelling"),
    [
        ("mobile", "+44 20 1", "44201"),
        ("email", "Anna@Example.com", "anna@example.com"),
        ("externalId", "A1", "A1"),
        ("cardnumber", "77", "77"),
        ("cardExternalId", "card-7", "card-7"),
        *((name, "v:1", "v:1") for name in (
            "wechat", "martjackId", "cuid", "fbId", "unionId", "fcmToken", "line", "tmall_uname", "ali_uname",
            "jd_uname", "vip_uname",
        )),
    ],
)  # fmt: skip
def test_a_registered_customer_is_found_by_each_type_of_identifier(
    organisation: Organisation, name: str, value: str, other_spelling: str
) -> None:
    number = register(organisation, identified(**{name: value}))

    assert look_up(organisation, name, other_spelling) == {"entity": number, "warnings": []}
    assert look_up(organisation, name.upper(), other_spelling)["entity"] == number
    assert look_up(organisation, "userId", str(number))["entity"] == number
    assert look_up(organisation, "id", str(number))["entity"] == number
    assert {"type": name, "value": other_spelling} in show(organisation, number)["profiles"][0]["identifiers"]


def test_an_identifier_may_come_as_a_number(organisation: Organisation) -> None:
    number = register(organisation, identified(mobile=919111111111))

    assert look_up(organisation, "mobile", "919111111111")["entity"] == number


def test_platforms_names_hold_in_their_source_and_account(organisation: Organisation) -> None:
    def profile(account: str) -> Json:
        return identified(wechat="w") | {"source": "WECHAT", "accountId": account}

    first = register(organisation, profile("shop-1"))
    second = register(organisation, profile("shop-2"))

    assert first != second
    assert look_up(organisation, "wechat", "w", source="WECHAT", accountId="shop-1")["entity"] == first
    assert look_up(organisation, "wechat", "w", source="wechat", accountId="shop-2")["entity"] == second
    for query in ({}, {"source": "WECHAT"}, {"source": "LINE", "accountId": "shop-1"}):
        assert look_up(organisation, "wechat", "w", **query)["errors"][0]["code"] == 8015
    assert show(organisation, second)["profiles"][0]["accountId"] == "shop-2"


def test_events_and_bills_find_a_platforms_customer_in_the_same_account(organisation: Organisation) -> None:
    where = {"source": "WECHAT", "accountId": "shop-1"}
    number = register(organisation, identified(wechat="w") | where)
    field = customer_field(identifier_type="wechat", add=False)
    field["attributes"] |= {name: {"valueType": "STRING", "value": value} for name, value in where.items()}

    organisation.client.post("/v2/events", json={"eventName": "seen", "fields": [field]})
    posted = organisation.event(organisation.post("seen", guest="w"))
    sent = organisation.client.post(
        "/v2/transactions",
        params={"identifierName": "wechat", "identifierValue": "w", **where},
        json={"billNumber": "B1", "billAmount": 1},
    )

    assert (posted["userId"], posted["source"], posted["additonalAttributes"]["accountId"]) == (
        number, "WECHAT", "shop-1",
    )  # fmt: skip
    assert sent.status_code == 200, sent.text
    events = organisation.client.get(f"/v2/events/event_data/{number}").json()["data"]
    assert {event["eventName"] for event in events} == {"seen", "ADD_TRANSACTION"}


def test_a_customer_is_shown_as_registered(organisation: Organisation) -> None:
    channels = [
        {
            "type": "mobile",
            "value": "44201",
            "primary": "true",
            "verified": True,
            "meta": {"residence": "true", "floor": 2},
        },
        {"type": "email", "value": "anna@example.com", "primary": False, "verified": "false"},
    ]
    profile = {
        "firstName": "Anna",
        "lastName": "van Dam",
        **identified(externalId="A1", mobile="44201"),
        "commChannels": channels,
        "fields": {"a": 1, "city": ""},
    }
    number = register(
        organisation,
        profile,
        extendedFields={"city": "Utrecht", "rate": 1.50},
        loyaltyInfo={"loyaltyType": "non_loyalty"},
        associatedWith="till-7",
    )
    bill(organisation, "A1", billAmount="20.50")
    give_back(organisation, "A1")

    shown = show(organisation, number)

    assert list(shown) == [
        "id", "profiles", "loyaltyInfo", "segments", "associatedWith", "extendedFields", "warnings",
    ]  # fmt: skip
    (first,) = shown.pop("profiles")
    assert shown == {
        "id": number,
        "loyaltyInfo": {"loyaltyType": "non_loyalty", "lifetimePurchases": 20.5},
        "segments": {},
        "associatedWith": "till-7",
        "extendedFields": {"city": "Utrecht", "rate": 1.5},
        "warnings": [],
    }
    assert list(first) == [
        "firstName", "lastName", "fields", "identifiers", "commChannels", "source", "userId", "accountId",
        "conflictingProfileList", "autoUpdateTime", "identifiersAll",
    ]  # fmt: skip
    assert (first["firstName"], first["lastName"], first["userId"]) == ("Anna", "van Dam", number)
    assert (first["source"], first["accountId"], first["fields"]) == ("INSTORE", "", {"a": 1, "city": ""})
    assert {(one["type"], one["value"]) for one in first["identifiers"]} == {("externalId", "A1"), ("mobile", "44201")}
    assert first["identifiersAll"] == first["identifiers"]
    assert first["commChannels"] == [
        {"type": "mobile", "value": "44201", "primary": True, "verified": True,
         "meta": {"residence": True, "floor": 2, "office": False}, "attributes": {}},
        {"type": "email", "value": "anna@example.com", "primary": False, "verified": False,
         "meta": {"residence": False, "office": False}, "attributes": {}},
    ]  # fmt: skip


def test_a_customer_of_another_product_is_shown_too(organisation: Organisation) -> None:
    body = {
        "name": "came_by",
        "occurred_at": "2026-01-01T00:00:00Z",
        "customer": {"external_id": "A1", "email": "anna@example.com", "object_id": "device"},
    }
    headers = {"Authorization": f"Bearer {organisation.workspace.footfall.token}"}
    assert organisation.client.post("/events", json=body, headers=headers).status_code < 300
    number = look_up(organisation, "email", "anna@example.com")["entity"]

    shown = show(organisation, number)

    (profile,) = shown["profiles"]
    assert {one["type"] for one in profile["identifiers"]} == {"externalId", "email"}
    assert [(one["type"], one["primary"]) for one in profile["commChannels"]] == [("email", True)]
    assert (profile["source"], shown["loyaltyInfo"]["loyaltyType"]) == ("INSTORE", "loyalty")
    assert shown["associatedWith"] == organisation.capillary.till_code
    assert refusal(post(organisation, identified(externalId="A1"))) == 8006


def test_who_is_known_in_another_source_gets_a_profile_more(organisation: Organisation) -> None:
    number = register(organisation, {"firstName": "Anna", **identified(mobile="1")}, extendedFields={"city": "Utrecht"})
    in_wechat = identified(mobile="1", wechat="w") | {"source": "WECHAT", "accountId": "shop", "firstName": "An"}

    assert register(organisation, in_wechat | {"fields": {"b": 2}}, extendedFields={"zip": "1"}) == number

    shown = show(organisation, number)
    assert [(one["source"], one["accountId"], one["firstName"]) for one in shown["profiles"]] == [
        ("INSTORE", "", "Anna"), ("WECHAT", "shop", "An"),
    ]  # fmt: skip
    instore, wechat = shown["profiles"]
    assert [one["type"] for one in instore["identifiers"]] == ["mobile"]
    assert [one["type"] for one in wechat["identifiers"]] == ["mobile", "wechat"]
    assert [one["type"] for one in instore["identifiersAll"]] == ["mobile", "wechat"]
    assert shown["extendedFields"] == {"city": "Utrecht", "zip": "1"}
    assert look_up(organisation, "wechat", "w", source="WECHAT", accountId="shop")["entity"] == number
    assert refusal(post(organisation, in_wechat)) == 8006
    assert refusal(post(organisation, identified(mobile="1"))) == 8006
    line = {"source": "LINE"}
    register(organisation, identified(mobile="2"))
    assert refusal(
        post(organisation, identified(mobile="1", email="e@x", cuid="c") | line, identified(mobile="2"))
    ) == (8006)


def test_a_customer_may_come_with_several_profiles(organisation: Organisation) -> None:
    number = register(
        organisation,
        identified(externalId="A1"),
        identified(fcmToken="t") | {"source": "MOBILE_APP", "accountId": "app"},
    )

    assert look_up(organisation, "fcmToken", "t", source="MOBILE_APP", accountId="app")["entity"] == number
    assert look_up(organisation, "externalId", "A1")["entity"] == number
    assert refusal(post(organisation, identified(mobile="1"), identified(mobile="2"))) == 8014


def test_a_known_identifier_cannot_be_registered_again(organisation: Organisation) -> None:
    number = register(organisation, identified(externalId="A1", mobile="1"))

    assert refusal(post(organisation, identified(externalId="B2", mobile="1"))) == 8006
    assert look_up(organisation, "externalId", "B2")["errors"][0]["code"] == 8015
    assert look_up(organisation, "mobile", "1")["entity"] == number


def test_of_equal_registrations_at_once_one_wins(organisation: Organisation) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(organisation, identified(externalId="A1")), range(12)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 11
    assert {refusal(answer) for answer in answers if answer.status_code == 400} == {8006}


def test_the_product_warns_while_no_default_status_is_set(organisation: Organisation) -> None:
    assert post(organisation, identified(externalId="A1")).json()["warnings"] == [UNSET_STATUS]
    assert post(organisation, identified(externalId="A2"), statusLabel="active-1").json()["warnings"] == []


def test_with_a_default_status_there_is_no_warning(organisation: Organisation, server: Server) -> None:
    choose(server, organisation, default_customer_status="Active")

    assert post(organisation, identified(externalId="A1")).json()["warnings"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"profiles": []}, 8014),
        ({"profiles": [{}]}, 8014),
        ({"profiles": [identified(passport="1")]}, 8014),
        ({"profiles": [identified(userId="1")]}, 8014),
        ({"profiles": [identified(mobile="none")]}, 8014),
        ({"profiles": [identified(email="none")]}, 8014),
        ({"profiles": [identified(externalId="\0")]}, 8014),
        ({"profiles": [identified(externalId="x" * 256)]}, 8014),
        ({"profiles": [{"identifiers": [{"type": "externalId", "value": str(n)} for n in range(51)]}]}, 8014),
        ({"profiles": [identified(externalId="1") | {"source": "MOON"}]}, 3217),
        ({"profiles": [identified(externalId="1") | {"source": "WECHAT", "accountId": "a" * 65}]}, 3217),
        ({"profiles": [identified(externalId="1") | {"commChannels": [{"type": "", "value": "1"}]}]}, 400),
        ({"profiles": [identified(externalId="1") | {"commChannels": [{"type": "mobile"}]}]}, 400),
        ({"profiles": [identified(externalId="1") | {"commChannels": [{"type": "m", "value": "1"}] * 51}]}, 400),
        ({"profiles": [identified(externalId="1")], "loyaltyInfo": {"loyaltyType": "gold"}}, 400),
        ({"profiles": [identified(externalId="1")], "extendedFields": []}, 400),
        ({"profiles": [identified(externalId="1") | {"fields": "none"}]}, 400),
        ({"profiles": None}, 400),
        ({}, 400),
    ],
)
def test_an_unsound_customer_is_refused(organisation: Organisation, body: Json, code: int) -> None:
    assert refusal(organisation.client.post("/v2/customers", json=body)) == code
    assert look_up(organisation, "externalId", "1")["errors"][0]["code"] == 8015


def test_fields_nested_too_deeply_are_refused(organisation: Organisation) -> None:
    deep = b"[" * 120 + b"]" * 120
    body = b'{"profiles":[{"identifiers":[{"type":"externalId","value":"1"}],"fields":{"a":' + deep + b"}}]}"

    assert refusal(organisation.client.post("/v2/customers", content=body)) == 400


def test_an_unknown_source_of_the_query_is_3217(organisation: Organisation) -> None:
    answer = organisation.client.post("/v2/customers?source=MOON", json={"profiles": [identified(externalId="1")]})

    assert refusal(answer) == 3217


@pytest.mark.parametrize(
    ("name", "value"), [("", ""), ("mobile", ""), ("mobile", "1"), ("passport", "1"), ("userId", "x")]
)
def test_nobody_is_found_by_what_nobody_goes_by(organisation: Organisation, name: str, value: str) -> None:
    params = {"source": "INSTORE", "identifierName": name, "identifierValue": value}

    assert refusal(organisation.client.get("/v2/customers/lookup", params=params)) == 8015


@pytest.mark.parametrize("user_id", ["999999999", "x", str(2**64), "%00"])
def test_an_unknown_customer_is_400_with_an_empty_body(organisation: Organisation, user_id: str) -> None:
    answer = organisation.client.get(f"/v2/customers/{user_id}")

    assert (answer.status_code, answer.content) == (400, b"")


def test_another_organisation_sees_neither_customer_nor_name(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    number = register(organisation, identified(externalId="A1"))

    assert look_up(other_organisation, "externalId", "A1")["errors"][0]["code"] == 8015
    assert look_up(other_organisation, "userId", str(number))["errors"][0]["code"] == 8015
    assert other_organisation.client.get(f"/v2/customers/{number}").status_code == 400
    assert register(other_organisation, identified(externalId="A1")) != number


def test_a_member_that_is_null_is_a_member_left_out(organisation: Organisation) -> None:
    empty = dict.fromkeys(["firstName", "lastName", "identifiers", "commChannels", "source", "accountId", "fields"])

    number = register(
        organisation, empty | identified(externalId="A1"), extendedFields=None, loyaltyInfo=None, associatedWith=None
    )

    assert look_up(organisation, "externalId", "A1")["entity"] == number
    assert refusal(post(organisation, empty)) == 8014
