"""Get Events: opening a cursor, walking its pages, and the forms in which clients ask."""

import json
import threading
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.apis.clevertap.account import DAY, NOON, Account, event, numbers, profile

END = {"status": "success"}


def test_the_client_of_the_documentation_page_reads_everything(http: httpx.Client, workspace: NewWorkspace) -> None:
    Account(http, workspace).stored(*(event("App Launched", NOON + n, n=n) for n in range(120)))
    headers = {
        "X-CleverTap-Account-Id": workspace.clevertap.account_id,
        "X-CleverTap-Passcode": workspace.clevertap.passcode,
        "Content-Type": "application/json",
    }
    params = (("batch_size", "50"),)
    data = '{"event_name":"App Launched","from":20160701,"to":20160725}'

    response = http.post("/1/events.json", headers=headers, params=params, content=data)
    cursor = response.json()["cursor"]
    sizes = []
    while cursor:
        page = http.get(f"/1/events.json?cursor={cursor}", headers=headers).json()
        sizes.append(len(page.get("records", [])))
        cursor = page.get("next_cursor")

    assert sizes == [50, 50, 20, 0]


def test_step_1_answers_a_cursor_and_nothing_else(account: Account) -> None:
    account.stored(event())

    answer = account.open()

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    assert answer.json() == {"cursor": answer.json()["cursor"], "status": "success"}


def test_an_empty_range_has_a_cursor_whose_page_is_the_bare_end(account: Account) -> None:
    account.stored(event())

    opened = account.post("/1/events.json", {"event_name": "Viewed", "from": 20200101, "to": 20200101})

    assert account.get(cursor=opened.json()["cursor"]).json() == END


def test_a_record_shows_profile_time_and_properties(account: Account) -> None:
    account.stored(
        event(value="pizza", price=5.50, vip=True),
        profile(Name="Jack", Email="Jack@Example.com", Phone="+91 11111-11111", favoriteColor="blue"),
    )

    record = account.records()[0]

    object_id, number = record["profile"].pop("objectId"), record["profile"].pop("id")
    assert object_id.startswith("__")
    assert number > 0
    assert record == {
        "profile": {
            "identity": "u1",
            "email": "jack@example.com",
            "name": "Jack",
            "phone": 911111111111,
            "profileData": {"favoriteColor": "blue"},
        },
        "ts": 20160712120000,
        "event_props": {"value": "pizza", "price": 5.5, "vip": True},
        "session_props": {},
    }


def test_event_properties_come_back_as_they_were_written(account: Account) -> None:
    raw = '{"b": 1.50,  "a":12345678901234567890, "é":"\\u00e9", "b": [] }'.replace(', "b": []', "")
    body = f'{{"d":[{{"type":"event","identity":"u1","ts":{NOON},"evtName":"Viewed","evtData":{raw}}}]}}'
    assert account.post("/1/upload", content=body).json()["status"] == "success"

    page = account.get(cursor=account.open().json()["cursor"])

    assert f'"event_props":{raw},' in page.text


def test_every_page_with_records_names_a_next_one_and_the_page_after_the_last_is_bare(account: Account) -> None:
    account.stored(*(event(at=NOON + n, n=n) for n in range(14)))
    cursor = account.open(parameters="batch_size=7").json()["cursor"]

    first = account.get(cursor=cursor).json()
    second = account.get(cursor=first["next_cursor"]).json()
    end = account.get(cursor=second["next_cursor"]).json()

    assert numbers(first["records"]) == list(range(7))
    assert numbers(second["records"]) == list(range(7, 14))
    assert end == END
    assert "cursor" not in first
    assert len({cursor, first["next_cursor"], second["next_cursor"]}) == 3


def test_previous_cursors_lead_back_page_by_page(account: Account) -> None:
    account.stored(*(event(at=NOON + n // 4, n=n) for n in range(23)))
    pages = list(account.pages(parameters="batch_size=5"))
    assert len(pages) == 5

    backwards = []
    previous = pages[-1]["previous_cursor"]
    while previous:
        page = account.get(cursor=previous).json()
        backwards.append(page)
        previous = page.get("previous_cursor")

    assert [numbers(page["records"]) for page in reversed(backwards)] == [
        numbers(page["records"]) for page in pages[:4]
    ]
    assert "previous_cursor" not in pages[0]
    again = account.get(cursor=backwards[0]["next_cursor"]).json()
    assert again["records"] == pages[4]["records"]


@pytest.mark.parametrize(("size", "count"), [(7, 300), (5000, 11_000)])
def test_a_walk_yields_every_event_exactly_once_while_others_are_captured(
    account: Account, size: int, count: int
) -> None:
    for start in range(0, count, 1000):
        account.stored(*(event(at=NOON + n // 3, n=n) for n in range(start, min(start + 1000, count))))
    stop = threading.Event()

    def keep_capturing() -> None:
        number = -1
        while not stop.is_set():
            account.stored(event(at=NOON + -number % 100, n=number))
            number -= 1

    capturing = threading.Thread(target=keep_capturing)
    cursor = account.open(parameters=f"batch_size={size}").json()["cursor"]
    capturing.start()
    try:
        sizes, seen = [], []
        while cursor:
            page = account.get(cursor=cursor).json()
            records = page.get("records", [])
            sizes.append(len(records))
            seen += numbers(records)
            cursor = page.get("next_cursor")
    finally:
        stop.set()
        capturing.join()

    assert seen == list(range(count))
    assert sizes == [size] * (count // size) + [count % size, 0]


def test_a_page_can_be_read_again(account: Account) -> None:
    account.stored(*(event(at=NOON + n, n=n) for n in range(6)))
    cursor = account.open(parameters="batch_size=4").json()["cursor"]

    first = account.get(cursor=cursor).json()["records"]
    account.stored(event(at=NOON, n=99))

    assert account.get(cursor=cursor).json()["records"] == first


def test_a_page_read_again_later_names_the_same_cursors(account: Account) -> None:
    account.stored(*(event(at=NOON + n, n=n) for n in range(6)))
    cursor = next(account.pages(parameters="batch_size=2"))["next_cursor"]

    readings = [account.get(cursor=cursor).content]
    for _ in range(2):  # cursors are dated in steps of ten minutes, and one may end between two readings
        time.sleep(1.1)
        readings.append(account.get(cursor=cursor).content)

    assert len(set(readings)) < len(readings)


def test_the_profile_is_the_current_one(account: Account) -> None:
    account.stored(event(), profile(Name="Before"))
    cursor = account.open().json()["cursor"]

    account.stored(profile(Name="After"))

    assert account.get(cursor=cursor).json()["records"][0]["profile"]["name"] == "After"


# The forms in which clients ask


def test_the_official_libraries_open_by_get_with_a_query(account: Account) -> None:
    account.stored(*(event(at=NOON + n, n=n) for n in range(3)))

    opened = account.get(query=json.dumps({"event_name": "Viewed", **DAY}), batch_size=2)
    page = account.get(cursor=opened.json()["cursor"]).json()

    assert numbers(page["records"]) == [0, 1]


def test_pages_can_be_posted_for_with_and_without_a_body(account: Account) -> None:
    account.stored(event(n=1))
    query = {"event_name": "Viewed", **DAY}
    cursor = account.post("/1/events.json", query).json()["cursor"]
    expected = account.get(cursor=cursor).json()["records"]

    without = account.post(f"/1/events.json?cursor={cursor}", content=b"")
    with_query = account.post(f"/1/events.json?cursor={cursor}", query)
    with_rubbish = account.post(f"/1/events.json?cursor={cursor}", content=b"{")
    in_body = account.post("/1/events.json", {"cursor": cursor, **query})

    assert [each.json()["records"] for each in (without, with_query, with_rubbish, in_body)] == [expected] * 4


def test_credentials_need_no_content_type_and_get_may_have_a_body(account: Account) -> None:
    account.stored(event(n=1))
    cursor = account.open().json()["cursor"]

    answer = account.http.request(
        "GET",
        f"/1/events.json?cursor={cursor}",
        headers={**account.headers, "Content-Type": "application/x-www-form-urlencoded"},
        content=b"a=b",
    )

    assert numbers(answer.json()["records"]) == [1]


def test_a_cursor_may_be_percent_encoded_once_or_twice_or_padded(account: Account) -> None:
    account.stored(event(n=1))
    cursor = account.open().json()["cursor"]
    assert quote(cursor, safe="") == cursor
    encoded = "".join(f"%{ord(character):02X}" for character in cursor)

    for spelled in (encoded, quote(encoded, safe=""), f"%20{cursor}+"):
        answer = account.http.get(f"/1/events.json?cursor={spelled}", headers=account.headers)
        assert numbers(answer.json()["records"]) == [1]


@pytest.mark.parametrize(
    ("parameters", "body", "size"),
    [
        ("batch_size=2", {}, 2),
        ("batch_size=2&batch_size=3", {}, 2),
        ("batch_size=2", {"batch_size": 3}, 2),
        ("", {"batch_size": 3}, 3),
        ("", {"batch_size": "3"}, 3),
        ("batch_size=%201%20", {}, 1),
        ("batch_size=50000", {}, 4),
        ("batch_size=" + "9" * 5000, {}, 4),
        ("", {"batch_size": 10**30}, 4),
        ("", {}, 4),
    ],
)
def test_the_page_size_comes_from_url_or_body(
    account: Account, parameters: str, body: dict[str, Any], size: int
) -> None:
    account.stored(*(event(at=NOON + n, n=n) for n in range(4)))

    first = next(account.pages(parameters=parameters, **body))

    assert len(first["records"]) == size


def test_a_page_holds_at_most_5000(account: Account) -> None:
    for start in range(0, 5001, 1000):
        account.stored(*(event(n=n) for n in range(start, min(start + 1000, 5001))))

    sizes = [len(page["records"]) for page in account.pages(parameters="batch_size=50000")]

    assert sizes == [5000, 1]


@pytest.mark.parametrize("size", ["0", "-1", "abc", "", "1.5", "00", "٣", "true"])
def test_a_page_size_that_is_none_is_refused(account: Account, size: str) -> None:
    account.stored(event())

    answer = account.open(parameters=f"batch_size={quote(size)}")

    assert (answer.status_code, answer.json()) == (400, {"status": "fail", "error": "Invalid batch_size", "code": 400})


@pytest.mark.parametrize("size", [0, -5, 1.5, True, [1], {}, "x", ""])
def test_a_page_size_in_the_body_that_is_none_is_refused(account: Account, size: object) -> None:
    account.stored(event())

    assert account.open(batch_size=size).json()["error"] == "Invalid batch_size"


@pytest.mark.parametrize(
    ("parameters", "has_data", "has_totals"),
    [
        ("", True, False),
        ("profile=false&events=true", False, True),
        ("profile=False&events=True", False, True),
        ("profile=0&events=1", False, True),
        ("profile=TRUE&events=FALSE", True, False),
        ("profile=perhaps&events=&app=True", True, False),
    ],
)
def test_flags_choose_the_parts_of_a_profile(
    account: Account,
    parameters: str,
    has_data: bool,
    has_totals: bool,
) -> None:
    account.stored(event(), event(at=NOON + 60), event("Bought", NOON + 3600), profile(plan="gold"))

    shown = account.records(parameters=parameters)[0]["profile"]

    assert ("profileData" in shown, "events" in shown) == (has_data, has_totals)
    assert {"objectId", "identity"} <= shown.keys()
    if has_totals:
        assert shown["events"] == {
            "Bought": {"count": 1, "first_seen": NOON + 3600, "last_seen": NOON + 3600},
            "Viewed": {"count": 2, "first_seen": NOON, "last_seen": NOON + 60},
        }


def test_keys_that_are_no_filters_are_passed_over(account: Account) -> None:
    account.stored(event(n=1))

    assert numbers(account.records(groups={"a": 1}, unknown=[1], event_properties=[], advanced_query={})) == [1]


def test_event_names_are_exact(account: Account) -> None:
    account.stored(event("Viewed", n=1), event("viewed", n=2), event("View ed", n=3))

    assert numbers(account.records("viewed")) == [2]


def test_accounts_never_see_each_others_events_or_users(account: Account, other_account: Account) -> None:
    account.stored(event(n=1), profile(Name="Mine"))
    other_account.stored(event(n=2), event("Secret", n=3), profile(Name="Theirs"))

    mine, theirs = account.records(parameters="events=true"), other_account.records()

    assert numbers(mine) == [1]
    assert numbers(theirs) == [2]
    assert mine[0]["profile"]["name"] == "Mine"
    assert mine[0]["profile"]["events"].keys() == {"Viewed"}
    assert mine[0]["profile"]["objectId"] != theirs[0]["profile"]["objectId"]
    assert account.open("Secret").json()["error"] == '["Invalid event : Secret"]'
    assert account.records(objectId=theirs[0]["profile"]["objectId"]) == []
