"""Upload over HTTP (contracts/clevertap.md 3)."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.apis.clevertap.account import NOON, Account, event, profile
from tests.conftest import new_workspace, start_server


def shown(account: Account, user: str = "u1") -> dict[str, Any]:
    """The user's profile as an export shows it."""
    account.stored(event("Probe", user=user))
    found: dict[str, Any] = account.records("Probe", identity=user)[-1]["profile"]
    return found


def refusal(account: Account, record: Any) -> dict[str, Any]:
    """The verdict on the one refused record of an upload."""
    answer = account.upload(record)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["processed"]) == ("fail", 0)
    verdict: dict[str, Any] = body["unprocessed"][0]
    assert (verdict["status"], verdict["record"]) == ("fail", record)
    return verdict


def test_the_documented_upload_is_processed(account: Account) -> None:
    product = {"Product name": "Watch", "Price": 59.99, "Bought on": "$D_1468308340"}
    answer = account.upload(
        {"type": "event", "identity": "6264372124", "ts": NOON, "evtName": "Product viewed", "evtData": product},
        {
            "type": "profile",
            "objectId": "-2ce3cca260664f70b82b1c6bb505f462",
            "ts": NOON,
            "profileData": {"Name": "Jack", "Email": "jack@example.com", "Phone": "+14155551234", "Age": 30},
        },
        {"type": "token", "objectId": "__abc", "tokenData": {"id": "t", "type": "fcm"}},
    )

    assert answer.status_code == 200
    assert answer.json() == {"status": "success", "processed": 3, "unprocessed": []}
    assert account.records("Product viewed")[0]["event_props"] == product


def test_good_records_are_stored_and_bad_ones_told_by_number(account: Account) -> None:
    answer = account.upload(event(n=1), {"type": "event"}, event(n=2), {**event(n=3), "evtName": ""})

    body = answer.json()
    assert (body["status"], body["processed"]) == ("partial", 2)
    assert [(item["code"], item["error"].rsplit(" ", 1)[1]) for item in body["unprocessed"]] == [(523, "2"), (509, "4")]
    assert [record["event_props"]["n"] for record in account.records()] == [1, 2]


def test_the_record_is_echoed_as_it_was_sent(account: Account) -> None:
    record = '{"evtName": "x" ,  "type":"event","price":1.50,"a":1,"a":2}'

    answer = account.post("/1/upload", content=f'{{"d":[{record}]}}')

    assert f'"record":{record}' in answer.text


@pytest.mark.parametrize("dry_run", ["1", "true", "True"])
def test_a_dry_run_judges_and_stores_nothing(account: Account, dry_run: str) -> None:
    answer = account.upload(event(), profile(Name="Jack"), {"type": "event"}, dry_run=dry_run)

    assert (answer.json()["status"], answer.json()["processed"]) == ("partial", 2)
    assert account.open().json()["error"] == '["Invalid event : Viewed"]'
    assert "name" not in shown(account)


@pytest.mark.parametrize("dry_run", ["0", "false", ""])
def test_other_values_of_dry_run_mean_no(account: Account, dry_run: str) -> None:
    account.upload(event(n=1), dry_run=dry_run)

    assert len(account.records()) == 1


def test_an_empty_upload_succeeds(account: Account) -> None:
    assert account.upload().json() == {"status": "success", "processed": 0, "unprocessed": []}


def test_a_thousand_records_are_taken_and_one_more_refuses_all(account: Account) -> None:
    assert account.upload(*[event()] * 1000).json()["processed"] == 1000

    answer = account.upload(*[event()] * 1001)

    assert answer.status_code == 400
    assert answer.json() == {
        "status": "fail",
        "error": "Too many records : at most 1000 are allowed in one request",
        "code": 400,
    }
    assert len(account.records()) == 1000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"d":null}',
        b'{"d":{}}',
        b'{"d":[] /* comment */}',
        b'{"d":["\xff"]}',
        b'{"d":["\\ud800"]}',
        b'{"d":[' + b"[" * 100_000,
        b'{"d":[1e999, 01]}',
    ],
)
def test_a_body_that_is_no_envelope_is_malformed(account: Account, body: bytes) -> None:
    answer = account.post("/1/upload", content=body)

    assert (answer.status_code, answer.json()) == (400, {"status": "fail", "error": "Malformed request", "code": 400})


def test_the_same_record_twice_is_two_events(account: Account) -> None:
    account.stored(event(n=1), event(n=1))
    account.stored(event(n=1))

    assert len(account.records()) == 3


# Who


@pytest.mark.parametrize(
    ("given", "identity"),
    [("u1", "u1"), (5555555555, "5555555555"), (12345678901234567890123, "12345678901234567890123"), (1.5, "1.5")],
)
def test_identities_may_be_numbers_and_are_shown_as_texts(account: Account, given: object, identity: str) -> None:
    account.stored(event(user=given))

    assert account.records()[0]["profile"]["identity"] == identity


def test_an_object_id_is_shown_and_leads_back_to_its_user(account: Account) -> None:
    account.stored({**event(n=1), "identity": None, "objectId": "__g9e75"}, event(user="u2", n=2))
    device, made = account.records()
    assert "identity" not in device["profile"]
    assert device["profile"]["objectId"] == "__g9e75"

    account.stored({**event("Again", n=3), "identity": None, "objectId": made["profile"]["objectId"]})

    assert account.records("Again")[0]["profile"] == made["profile"]


def test_an_anonymous_user_becomes_known_by_identity_and_object_id(account: Account) -> None:
    account.stored({"type": "profile", "objectId": "__d1", "profileData": {"plan": "gold"}})
    account.stored({"type": "profile", "objectId": "__d1", "identity": "u1", "profileData": {}})

    profile_shown = shown(account)

    assert (profile_shown["objectId"], profile_shown["profileData"]) == ("__d1", {"plan": "gold"})


def test_the_identity_leads_where_an_object_id_means_somebody_else(account: Account) -> None:
    account.stored(event(user="u1"), event("Other", user="u2"))
    of_u2 = account.records("Other")[0]["profile"]["objectId"]

    account.stored({**event("Both", user="u1"), "objectId": of_u2})

    assert account.records("Both")[0]["profile"]["identity"] == "u1"


@pytest.mark.parametrize("key", ["FBID", "GPID"])
def test_other_networks_ids_name_users_too(account: Account, key: str) -> None:
    account.stored(*({**event(), "identity": None, key: "7"} for _ in range(2)))

    one, two = (record["profile"]["objectId"] for record in account.records())

    assert one == two


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"identity": None}, 523),
        ({"identity": ""}, 523),
        ({"identity": "  "}, 523),
        ({"identity": True}, 523),
        ({"identity": ["u1"]}, 523),
        ({"identity": "u\0"}, 523),
        ({"identity": "u" * 1025}, 523),
        ({"objectId": {}}, 526),
        ({"objectId": "o\0"}, 526),
        ({"objectId": "o" * 1025}, 526),
        ({"type": "Event"}, 524),
        ({"type": None}, 524),
        ({"type": 5}, 524),
        ({"evtName": None}, 509),
        ({"evtName": " "}, 509),
        ({"evtName": 5}, 509),
        ({"evtName": "n" * 513}, 512),
        ({"evtName": "a\0"}, 512),
        ({"evtName": "100%"}, 512),
        ({"evtData": None}, 512),
        ({"evtData": []}, 512),
        ({"evtData": "x"}, 512),
        ({"evtData": {"a": ["x"]}}, 512),
        ({"evtData": {"Items": [{}]}}, 512),
        ({"evtData": {"a.b": 1}}, 512),
        ({"evtData": {"": 1}}, 512),
        ({"evtData": {"k" * 121: 1}}, 512),
        ({"evtData": {"k": "v" * 513}}, 512),
        ({"evtData": {"k": {"n": {"d$": 1}}}}, 512),
        ({"evtData": {f"k{n}": 1 for n in range(257)}}, 522),
        ({"ts": 0}, 525),
        ({"ts": -5}, 525),
        ({"ts": NOON * 1000}, 525),
        ({"ts": str(NOON * 1000)}, 525),
        ({"ts": "yesterday"}, 525),
        ({"ts": True}, 525),
        ({"ts": 1.5}, 525),
        ({"ts": 10**30}, 525),
        ({"ts": []}, 525),
        ({"ts": int(time.time()) + 2 * 86400}, 525),
    ],
)
def test_a_bad_event_gets_its_code(account: Account, change: dict[str, Any], code: int) -> None:
    assert refusal(account, {**event(), **change})["code"] == code
    assert account.open().json()["error"] == '["Invalid event : Viewed"]'


def test_limits_are_inclusive(account: Account) -> None:
    account.stored(
        {
            **event("n" * 512, user="u" * 1024),
            "evtData": {"k" * 120: "v" * 512, **{f"k{n}": {"nested": [1, {"a": None}]} for n in range(255)}},
        }
    )
    account.stored(event("Charged", Items=[{"k": n} for n in range(256)]))

    too_many = refusal(account, event("Charged", Items=[{}] * 257))

    assert too_many["code"] == 512


@pytest.mark.parametrize("depth", [25, 150, 900, 5000])
def test_deep_nesting_is_refused(account: Account, depth: int) -> None:
    data = '{"a":' * depth + "1" + "}" * depth
    record = f'{{"type":"event","identity":"u1","evtName":"Viewed","evtData":{data}}}'

    answer = account.post("/1/upload", content=f'{{"d":[{record}]}}')

    refused = answer.json().get("unprocessed", [{}])[0].get("code") if answer.status_code == 200 else None
    assert refused == 512 or answer.json()["error"] == "Malformed request"


@pytest.mark.parametrize("ts", [NOON, str(NOON), float(NOON)])
def test_ts_may_be_spelled_as_number_or_text(account: Account, ts: object) -> None:
    account.stored({**event(), "ts": ts})

    assert account.records()[0]["ts"] == 20160712120000


@pytest.mark.parametrize("record", [{k: v for k, v in event().items() if k != "ts"}, {**event(), "ts": None}])
def test_without_ts_an_event_happens_when_it_arrives(account: Account, record: dict[str, Any]) -> None:
    margin = 60  # a machine's clock may be set while the test runs
    before = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() - margin))
    account.stored(record)
    after = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + margin))

    found = account.records(days=(20200101, 20990101))

    assert before <= str(found[0]["ts"]) <= after


def test_an_old_event_can_be_uploaded(account: Account) -> None:
    account.stored(event(at=86_400))

    assert account.records(days=(19700102, 19700102))[0]["ts"] == 19700102000000


@pytest.mark.parametrize(
    ("record", "code", "text"),
    [
        (
            {**event(), "evtName": ""},
            509,
            "Event Name is incorrect. ErrorCode: 509 - Event name is mandatory. Skipped record number : 1",
        ),
        (
            profile(Email="nobody"),
            515,
            "Profile data is incorrect. Email is not valid.Skipped record number : 1",
        ),
        (
            profile(Phone="12"),
            516,
            "Profile data is incorrect. Phone number is not valid.Skipped record number : 1",
        ),
        (
            profile(Employed="yes"),
            517,
            "Profile data is incorrect. Employed needs to be Y/N.Skipped record number : 1",
        ),
        (
            profile(Education="none"),
            518,
            "Profile data is incorrect. Education needs to be School/College/Graduate..Skipped record number : 1",
        ),
        (
            profile(Married="yes"),
            519,
            "Profile data is incorrect. Married needs to be Y/N.Skipped record number : 1",
        ),
        (
            {**event(), "ts": 0},
            525,
            "Timestamp should be present in the Unix Epoch format. Skipped record number : 1",
        ),
    ],
)
def test_recorded_texts_are_used_letter_by_letter(
    account: Account, record: dict[str, Any], code: int, text: str
) -> None:
    verdict = refusal(account, record)

    assert (verdict["code"], verdict["error"]) == (code, text)


# Profiles


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"Gender": "X"}, 514),
        ({"Email": 5}, 515),
        ({"Email": "a@b"}, 515),
        ({"Phone": "abc"}, 516),
        ({"Phone": True}, 516),
        ({"Age": "old"}, 520),
        ({"Age": -1}, 520),
        ({"Age": 1e300}, 520),
        ({"Name": ""}, 512),
        ({"Name": ["a"]}, 512),
        ({"identity": []}, 523),
        ({"a#": 1}, 512),
        ({"a": "v" * 513}, 512),
        ({"a": [{"b": 1}]}, 512),
        ({"a": ["x"] * 101}, 512),
        ({"a": {"$add": "x"}}, 512),
        ({"a": {"$add": ["x"], "$remove": ["y"]}}, 512),
        ({"a": {"$unknown": 1}}, 512),
        ({"a": {"b": 1}}, 512),
        ({"a": {"$incr": "5"}}, 512),
        ({"a": {"$incr": 1e300}}, 512),
        ({"a": {}}, 512),
    ],
)
def test_a_bad_profile_gets_its_code_and_changes_nothing(account: Account, data: dict[str, Any], code: int) -> None:
    account.stored(profile(plan="gold"))

    assert refusal(account, profile(**{"plan": "none", **data}))["code"] == code
    assert shown(account)["profileData"] == {"plan": "gold"}


@pytest.mark.parametrize("data", [None, [], "x", 5])
def test_profile_data_is_an_object(account: Account, data: object) -> None:
    assert refusal(account, {"type": "profile", "identity": "u1", "profileData": data})["code"] == 512


def test_profiles_are_changed_record_by_record(account: Account) -> None:
    account.stored(
        profile(Name="Jack", Gender="M", Age=30, **{"Customer since": "$D_1515110400"}),
        profile(Name="John", tier=None, Phone=14155551234),
        profile(tags={"$set": ["a", "b"]}, visits={"$incr": 5}, plan="gold"),
        profile(tags={"$add": ["c", "a"]}, visits={"$decr": 1.5}, plan={"$delete": 1}),
        profile(tags={"$remove": ["b"]}, color={"$add": ["blue"]}, gone={"$remove": ["x"]}, never={"$delete": 1}),
        profile(color={"$add": ["red"]}, Age=31),
    )

    found = shown(account)

    assert (found["name"], found["phone"]) == ("John", 14155551234)
    assert found["profileData"] == {
        "Gender": "M",
        "Age": 31,
        "Customer since": "$D_1515110400",
        "tags": ["a", "c"],
        "visits": 3.5,
        "color": ["blue", "red"],
    }


def test_a_step_out_of_range_refuses_its_record_alone(account: Account) -> None:
    answer = account.upload(
        profile(visits=2**53),
        profile(visits={"$incr": 1}, plan="lost"),
        profile(tags=[str(n) for n in range(100)]),
        profile(tags={"$add": ["more"]}),
    )

    body = answer.json()
    assert (body["status"], body["processed"]) == ("partial", 2)
    assert [(item["code"], item["error"][-1]) for item in body["unprocessed"]] == [(512, "2"), (512, "4")]
    assert shown(account)["profileData"].keys() == {"visits", "tags"}


def test_an_email_moves_with_its_user(account: Account) -> None:
    account.stored(profile("u1", Email="old@example.com"), event(user="u1", n=1))
    account.stored(profile("u1", Email="new@example.com"))
    account.stored(profile("u2", Email="old@example.com"), event(user="u2", n=2))

    def asked(email: str) -> list[int]:
        return [record["event_props"]["n"] for record in account.records(email=email)]

    assert (asked("new@example.com"), asked("old@example.com")) == ([1], [2])


def test_two_users_may_share_an_email(account: Account) -> None:
    account.stored(profile("u1", Email="a@example.com"), profile("u2", Email="a@example.com"))

    assert [shown(account, user)["email"] for user in ("u1", "u2")] == ["a@example.com"] * 2


def test_a_profile_may_carry_its_identity_inside(account: Account) -> None:
    account.stored({"type": "profile", "objectId": "__d1", "profileData": {"identity": 77, "plan": "gold"}})

    assert shown(account, "77")["objectId"] == "__d1"


@pytest.mark.parametrize(
    ("data", "code"), [(None, 530), ([], 530), ({}, 531), ({"id": 5, "type": "fcm"}, 531), ({"id": "t"}, 532)]
)
def test_a_bad_token_gets_its_code(account: Account, data: object, code: int) -> None:
    assert refusal(account, {"type": "token", "objectId": "__d", "tokenData": data})["code"] == code


def test_events_and_profiles_of_one_request_are_stored_together(account: Account) -> None:
    account.stored(event(user="new", n=1), profile("new", Name="New"), event(user="new", n=2))

    records = account.records()

    assert [record["event_props"]["n"] for record in records] == [1, 2]
    assert {record["profile"]["name"] for record in records} == {"New"}


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    crashing = start_server(f"sqlite:///{tmp_path}/footfall.db")
    made = new_workspace(crashing.database_url)
    with httpx.Client(base_url=crashing.url) as http:
        Account(http, made).stored(*(event(n=n) for n in range(500)), profile(Name="Jack"))
    crashing.kill()

    restarted = start_server(crashing.database_url)
    try:
        with httpx.Client(base_url=restarted.url) as http:
            records = Account(http, made).records()
    finally:
        restarted.stop()

    assert [record["event_props"]["n"] for record in records] == list(range(500))
    assert records[0]["profile"]["name"] == "Jack"


def test_a_body_with_the_wrong_content_type_is_json_all_the_same(account: Account) -> None:
    answer = account.http.post(
        "/1/upload",
        content=json.dumps({"d": [event()]}),
        headers={**account.headers, "Content-Type": "text/plain; charset=latin-1", "content_type": "x"},
    )

    assert answer.json()["status"] == "success"
