"""Profiles: one, those who did an event, the schema, deletion, merging (contracts/clevertap.md 3.1, 4.6-4.9)."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from tests.apis.clevertap.account import DAY, NOON, THAT_DAY, Account, event, numbers, profile
from tests.products import Products, Sent

DAY_SECONDS = 86_400
END = {"status": "success"}
NOT_FOUND = {"status": "fail", "error": "Profile not found", "code": 404}


def token(kind: str, **names: str) -> dict[str, Any]:
    return {"type": "token", "tokenData": {"id": "t", "type": kind}, **names}


def device_event(device: str, n: int = 0, **names: str) -> dict[str, Any]:
    return {"type": "event", "objectId": device, "ts": NOON + n, "evtName": "Viewed", "evtData": {"n": n}, **names}


def device_profile(device: str, **data: Any) -> dict[str, Any]:
    return {"type": "profile", "objectId": device, "profileData": data}


def of(account: Account, **name: str) -> Any:
    answer = account.get("/1/profile.json", **name)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "success"
    return answer.json()["record"]


def users(account: Account, parameters: str = "", **query: Any) -> list[dict[str, Any]]:
    """Walks profiles.json as a client does."""
    opened = account.post(f"/1/profiles.json?{parameters}", {"event_name": "Viewed", **DAY, **query})
    assert opened.status_code == 200, opened.text
    assert opened.json().keys() == {"cursor", "status"}
    cursor, found = opened.json()["cursor"], []
    while cursor:
        page = account.get("/1/profiles.json", cursor=cursor).json()
        found += page.get("records", [])
        assert ("records" in page) == ("next_cursor" in page)
        cursor = page.get("next_cursor")
    return found


def test_a_profile_shows_who_it_is_and_what_he_did(account: Account) -> None:
    account.stored(
        event(at=NOON),
        event(at=NOON + 60),
        event("Bought", NOON),
        profile(Name="Jack", Email="Jack+1@Example.com", Phone="+911111111111", born="$D_1468308340"),
        token("apns", identity="u1"),
    )

    record = of(account, identity="u1")

    object_id = record["objectId"]
    assert record == {
        "objectId": object_id,
        "identity": "u1",
        "email": "jack+1@example.com",
        "name": "Jack",
        "phone": 911111111111,
        "profileData": {"born": "$D_1468308340"},
        "events": {
            "Bought": {"count": 1, "first_seen": NOON, "last_seen": NOON},
            "Viewed": {"count": 2, "first_seen": NOON, "last_seen": NOON + 60},
        },
        "platformInfo": [{"platform": "iOS", "objectId": object_id}],
    }
    assert of(account, objectId=object_id) == of(account, email="JACK+1@example.com") == record
    raw = account.http.get("/1/profile.json?email=jack+1@example.com", headers=account.headers)
    assert raw.json()["record"] == record


@pytest.mark.parametrize("name", [{"identity": "nobody"}, {"email": "no@body.org"}, {"objectId": "x"}])
def test_a_profile_that_nobody_has_is_not_found(account: Account, other_account: Account, name: dict[str, str]) -> None:
    other_account.stored(profile("nobody", Email="no@body.org"))

    answer = account.get("/1/profile.json", **name)

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize("parameters", ["", "identity=a&email=b", "identity=", "req_id=7"])
def test_a_profile_is_asked_for_by_exactly_one_name(account: Account, parameters: str) -> None:
    answer = account.http.get(f"/1/profile.json?{parameters}", headers=account.headers)

    assert (answer.status_code, answer.json()["status"]) == (400, "fail")


def test_every_user_who_did_an_event_is_shown_once(account: Account) -> None:
    account.stored(
        *(event(at=NOON + n, user=f"u{n % 7}") for n in range(30)),
        event("Bought", user="buyer"),
        event(at=NOON - DAY_SECONDS, user="earlier"),
        # Before and after, with and without something between: the summary alone does not tell.
        *(event(at=NOON + days * DAY_SECONDS, user="around") for days in (-1, 0, 1)),
        *(event(at=NOON + days * DAY_SECONDS, user="beside") for days in (-1, 1)),
    )

    found = users(account, "batch_size=3")

    assert sorted(each["identity"] for each in found) == ["around", *(f"u{n}" for n in range(7))]
    assert all({"profileData", "events", "platformInfo", "objectId"} <= each.keys() for each in found)
    assert found[0]["events"]["Viewed"]["count"] == 5


def test_users_can_be_filtered_by_what_they_did_and_are(account: Account) -> None:
    account.stored(
        event(user="u1", color="red"),
        event(user="u2", color="blue"),
        profile("u1", plan="gold"),
        profile("u2", plan="gold"),
    )
    red: dict[str, Any] = {"event_properties": [{"name": "color", "value": "red"}]}
    gold: dict[str, Any] = {"common_profile_properties": {"profile_fields": [{"name": "plan", "value": "gold"}]}}

    assert [each["identity"] for each in users(account, **red)] == ["u1"]
    assert len(users(account, **gold)) == 2
    assert [each["identity"] for each in users(account, identity="u2")] == ["u2"]


def test_flags_choose_the_parts_of_a_users_record(account: Account) -> None:
    account.stored(event(), profile(plan="gold", make="Acme"))

    everything = users(account)[0]
    less = users(account, "profile=false&events=False&app=0")[0]

    assert everything["platformInfo"] == [{"make": "Acme", "objectId": everything["objectId"]}]
    assert less.keys() == {"objectId", "identity", "platformInfo"}


def test_the_cursor_of_users_is_bound_to_account_and_endpoint(account: Account, other_account: Account) -> None:
    account.stored(event())
    other_account.stored(event())
    query = {"event_name": "Viewed", **DAY}
    of_users = account.post("/1/profiles.json", query).json()["cursor"]
    of_events = account.open().json()["cursor"]

    for asking, path, cursor in (
        (other_account, "/1/profiles.json", of_users),
        (account, "/1/events.json", of_users),
        (account, "/1/profiles.json", of_events),
        (account, "/1/profiles.json", "rubbish"),
    ):
        answer = asking.get(path, cursor=cursor)
        assert (answer.status_code, answer.json()["code"]) == (400, 3)
    twice = quote("".join(f"%{ord(character):02X}" for character in of_users))
    assert account.http.get(f"/1/profiles.json?cursor={twice}", headers=account.headers).status_code == 200


def test_an_event_that_nobody_did_has_no_users(account: Account) -> None:
    account.stored(event("Bought"), event(at=NOON - 10 * DAY_SECONDS))

    assert users(account) == []
    assert account.post("/1/profiles.json", {"event_name": "No", **DAY}).json()["error"] == '["Invalid event : No"]'


def page_view(account: Account, user: str, **fields: Any) -> None:
    """An event of a family other than custom, which only Footfall's own API and imports capture."""
    body = {"family": "page_view", "customer": {"external_id": user}, "occurred_at": "2016-07-12T12:00:00Z", **fields}
    own = {"Authorization": f"Bearer {account.made.footfall.token}"}
    answer = account.http.post("/events", json=body, headers=own)
    assert answer.status_code == 201, answer.text


def test_users_of_page_views_are_shown_as_they_are_counted(account: Account) -> None:
    account.stored(event(user="u9"))
    for user in ("u1", "u0", "u1", "u2"):
        page_view(account, user, name="Looked", properties={"of": user})
    query: dict[str, Any] = {"event_name": "Looked", **DAY}

    assert account.post("/1/counts/profiles.json", query).json()["count"] == 3
    assert [each["identity"] for each in users(account, "batch_size=2", **query)] == ["u1", "u0", "u2"]
    of_one = [{"name": "of", "value": "u0"}]
    assert [each["identity"] for each in users(account, **query, event_properties=of_one)] == ["u0"]
    assert [each["identity"] for each in users(account, **query, identity="u2")] == ["u2"]
    assert users(account, **{**query, "from": 20160713, "to": 20160714}) == []


def test_the_schema_names_what_two_families_bear_once(account: Account) -> None:
    account.stored(event("Looked"))
    page_view(account, "u1", name="Looked")

    assert account.get("/getSchema", type="events").json()["events"] == [{"name": "Looked"}]


def test_the_schema_names_events_and_properties_of_users(account: Account, other_account: Account) -> None:
    account.stored(event("Charged"), event("Viewed"), profile(plan="gold", Age=3), profile("u2", plan="x", tier=1))
    other_account.stored(event("Secret"), profile(secret=1))

    events = account.get("/getSchema", type="events")
    properties = account.get("/getSchema", type="userProperties")

    assert events.json() == {"status": "success", "events": [{"name": "Charged"}, {"name": "Viewed"}]}
    assert properties.json() == {
        "status": "success",
        "userProperties": [{"name": n} for n in ("Identity", "Name", "Email", "Phone", "Age", "plan", "tier")],
    }
    for kind in ("", "other"):
        answer = account.get("/getSchema", type=kind)
        assert (answer.status_code, answer.json()["status"]) == (400, "fail")
    assert account.http.get("/getSchema?type=events").json()["error"] == "Invalid Credentials"
    assert account.http.put("/getSchema", headers=account.headers).status_code == 405


# Deletion


def test_deleting_a_user_erases_what_he_did(account: Account) -> None:
    account.stored(*(event(at=NOON + n, user=f"u{n % 3}", n=n) for n in range(9)), profile("u1", Email="a@b.org"))
    object_id = of(account, identity="u2")["objectId"]

    assert account.post("/1/delete/profiles.json", {"identity": "u1"}).json() == END
    assert account.post("/1/delete/profiles.json", {"guid": object_id}).json() == END

    assert numbers(account.records()) == [0, 3, 6]
    assert account.post("/1/counts/events.json", {"event_name": "Viewed", **DAY}).json()["count"] == 3
    assert account.get("/1/profile.json", identity="u1").json() == NOT_FOUND
    assert account.get("/1/profile.json", email="a@b.org").json() == NOT_FOUND
    assert [each["identity"] for each in users(account)] == ["u0"]


def test_a_deleted_user_is_gone_from_every_product(account: Account) -> None:
    """What searches remember of an answer they gave before included."""
    products = Products(account.http, account.made)
    at = datetime(2020, 3, 1, 12, tzinfo=UTC)
    writers = [products.write_own, products.write_rapidly, products.write_gainsight_px, products.write_capillary]
    ids = [write(Sent(f"kept{n}", at, "u1", {"word": "secret"})) for n, write in enumerate(writers)]
    account.stored(event("kept4", int(at.timestamp()), "u1"), event("kept0", int(at.timestamp()), "u2"))
    searched = {"filter": "identifyId==u1"}
    assert len(products.read_gainsight_px(**searched)) == 5

    assert account.post("/1/delete/profiles.json", {"identity": "u1"}).json() == END

    assert products.read_gainsight_px(**searched) == []
    assert [row["identifyId"] for row in products.read_gainsight_px()] == ["u2"]
    for made in ids:
        assert products.read_rapidly(made) is None
        assert products.read_capillary(made) is None
        assert account.http.get(f"/events/{made}", headers=products.own).status_code == 404
    for n in range(5):
        shown = [record["profile"]["identity"] for record in products.export_clevertap(f"kept{n}")]
        assert shown == (["u2"] if n == 0 else [])


def test_a_walk_goes_on_where_a_user_is_deleted_meanwhile(account: Account) -> None:
    account.stored(*(event(at=NOON + n // 4, user=f"u{n % 3}", n=n) for n in range(30)))
    pages = account.pages(parameters="batch_size=4")
    seen = numbers(next(pages)["records"])

    account.post("/1/delete/profiles.json", {"identity": ["u1", 7]})

    rest = [number for page in pages for number in numbers(page["records"])]
    assert seen + rest == [0, 1, 2, 3, *(n for n in range(4, 30) if n % 3 != 1)]


def test_several_users_are_deleted_at_once_and_unknown_ones_do_not_matter(account: Account) -> None:
    account.stored(event(user="a"), event(user=7), event(user="c", n=1))

    assert account.post("/1/delete/profiles.json", {"identity": ["a", 7, "nobody"]}).json() == END

    assert numbers(account.records()) == [1]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"identity": "a", "guid": "b"},
        {"identity": []},
        {"identity": {"a": 1}},
        {"identity": [True]},
        {"identity": [["a"]]},
        {"identity": [str(n) for n in range(101)]},
        [],
    ],
)
def test_deletions_that_name_nobody_rightly_are_refused(account: Account, body: Any) -> None:
    account.stored(event(user="a", n=1))

    answer = account.post("/1/delete/profiles.json", body)

    assert (answer.status_code, answer.json()["status"]) == (400, "fail")
    assert numbers(account.records()) == [1]


def test_another_accounts_user_is_not_deleted(account: Account, other_account: Account) -> None:
    other_account.stored(event(n=1))

    assert account.post("/1/delete/profiles.json", {"identity": "u1"}).json() == END

    assert numbers(other_account.records()) == [1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/1/delete/profiles.json"),
        ("GET", "/1/counts/events.json"),
        ("PUT", "/1/counts/trends.json"),
        ("POST", "/1/profile.json"),
        ("DELETE", "/1/profiles.json"),
        ("OPTIONS", "/1/counts/top.json"),
    ],
)
def test_methods_that_the_neighbours_do_not_know_are_told(account: Account, method: str, path: str) -> None:
    answer = account.http.request(method, path, headers=account.headers)

    assert answer.status_code == 405
    assert answer.json() == {"status": "fail", "error": "Method Not Allowed", "code": 405}


# Merging


def test_a_user_known_by_a_device_becomes_the_one_who_signs_in_on_it(account: Account) -> None:
    account.stored(*(device_event("d1", n) for n in range(3)), device_profile("d1", theme="dark", plan="none"))
    account.stored(event(at=NOON + 9, user="u1", n=9), profile("u1", Name="Jack", plan="gold"))
    made = of(account, identity="u1")["objectId"]

    account.stored({**profile("u1", seen=1), "objectId": "d1"})

    records = account.records()
    assert numbers(records) == [0, 1, 2, 9]
    assert {each["profile"]["identity"] for each in records} == {"u1"}
    record = of(account, objectId="d1")
    assert record == of(account, identity="u1") == of(account, objectId=made)
    assert record["profileData"] == {"plan": "gold", "theme": "dark", "seen": 1}
    assert record["events"]["Viewed"] == {"count": 4, "first_seen": NOON, "last_seen": NOON + 9}


def test_an_event_that_names_both_merges_them_too(account: Account) -> None:
    account.stored(device_event("d1", 1))
    account.stored(event(user="u1", at=NOON + 2, n=2))
    shown = of(account, objectId="d1")["objectId"]

    account.stored(device_event("d1", 3, identity="u1"))

    assert of(account, identity="u1")["events"]["Viewed"]["count"] == 3
    assert of(account, objectId=shown) == of(account, identity="u1")
    assert len(users(account)) == 1


def test_the_object_id_that_was_made_of_somebody_merged_away_leads_to_his_heir(account: Account) -> None:
    account.stored({"type": "event", "FBID": "f", "ts": NOON, "evtName": "Viewed", "evtData": {"n": 1}})
    made = account.records()[0]["profile"]["objectId"]
    account.stored(event(user="u1", at=NOON + 1, n=2))

    account.stored(device_event(made, 3, identity="u1"))
    account.stored(device_event(made, 4))

    assert of(account, objectId=made)["identity"] == "u1"
    assert of(account, identity="u1")["events"]["Viewed"]["count"] == 4


@pytest.mark.parametrize("contact", [{"Email": "jack@example.com"}, {"Phone": "+911111111111"}])
def test_the_same_contact_makes_devices_one_user(account: Account, contact: dict[str, str]) -> None:
    account.stored(event(user="u1"), profile("u1", **contact))
    account.stored(device_event("d1", 1), device_event("d2", 2))

    account.stored(device_profile("d1", **contact), device_profile("d3", **contact), device_profile("d2", **contact))

    assert len(users(account)) == 1
    assert {of(account, objectId=each)["identity"] for each in ("d1", "d2", "d3")} == {"u1"}


def test_two_who_share_a_device_or_a_contact_stay_two(account: Account) -> None:
    account.stored({**profile("u1", Email="both@example.com"), "objectId": "d1"}, event(user="u1"))
    account.stored({**profile("u2", Email="both@example.com"), "objectId": "d1"}, event(user="u2"))

    assert len(users(account)) == 2
    assert of(account, objectId="d1")["identity"] == of(account, email="both@example.com")["identity"] == "u1"


def test_a_merged_user_is_one_in_an_export_that_goes_on(account: Account) -> None:
    account.stored(*(device_event("d1", n) for n in range(6)))
    account.stored(event(user="u1", at=NOON + 3))
    pages = account.pages(parameters="batch_size=3", days=THAT_DAY)
    first = next(pages)["records"]

    account.stored({**profile("u1"), "objectId": "d1"})

    rest = [record for page in pages for record in page["records"]]
    assert {each["profile"].get("identity") for each in first} == {None}
    assert {each["profile"].get("identity") for each in rest} == {"u1"}
    assert len(first) + len(rest) == 7


@pytest.mark.parametrize(("kind", "platform"), [("fcm", "Android"), ("APNS", "iOS"), ("chrome", "Web"), ("x", None)])
def test_a_token_tells_the_platform(account: Account, kind: str, platform: str | None) -> None:
    account.stored(event(), token(kind, identity="u1"))

    assert account.records()[0]["profile"].get("platform") == platform


def test_app_fields_are_shown_when_they_are_asked_for(account: Account) -> None:
    account.stored(event(), profile(os_version="10", app_version="1.1.7", make="xiaomi", model="M2", Age=5))

    shown = account.records(parameters="app=true&profile=false")[0]["profile"]
    without = account.records(parameters="profile=false")[0]["profile"]

    fields = {"os_version": "10", "app_version": "1.1.7", "make": "xiaomi", "model": "M2"}
    assert {key: shown[key] for key in fields} == fields
    assert not fields.keys() & without.keys()
