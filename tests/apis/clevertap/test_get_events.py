"""Get Events over HTTP (contracts/clevertap.md 2)."""

import json
import threading
import time
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from footfall.apis.clevertap.cursor import Cursor, seal, unseal
from footfall.storage import server_keys, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace
from tests.apis.clevertap.account import DAY, NOON, Account, event, profile
from tests.conftest import Server, new_workspace

END = {"status": "success"}


def numbers(records: list[dict[str, Any]]) -> list[int]:
    return [record["event_props"]["n"] for record in records]


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


# Days


@pytest.mark.parametrize(
    ("zone", "day", "first_hour", "hours"),
    [
        ("Europe/London", 20200329, 1585440000, 23),
        ("Europe/London", 20201025, 1603580400, 25),
        ("Europe/London", 20200601, 1590966000, 24),
        ("America/Sao_Paulo", 20181104, 1541300400, 23),  # the clock went from 23:59:59 to 01:00
        ("Asia/Kolkata", 20200101, 1577817000, 24),
    ],
)
def test_days_are_those_of_the_accounts_calendar(
    server: Server, http: httpx.Client, zone: str, day: int, first_hour: int, hours: int
) -> None:
    account = Account(http, new_workspace(server.database_url, zone))
    around = range(first_hour - 2 * 3600, first_hour + (hours + 2) * 3600, 1800)
    account.stored(*(event(at=at, n=at) for at in around))

    records = account.records(days=(day, day))

    assert numbers(records) == list(range(first_hour, first_hour + hours * 3600, 1800))
    assert {record["ts"] // 1_000_000 for record in records} == {day}


def test_a_day_that_the_zone_left_out_is_empty(server: Server, http: httpx.Client) -> None:
    account = Account(http, new_workspace(server.database_url, "Pacific/Apia"))
    skipped = 1325239200  # 2011-12-30T10:00Z: the 29th ends there, the 31st begins
    account.stored(event(at=skipped - 1, n=29), event(at=skipped, n=31))

    assert numbers(account.records(days=(20111229, 20111229))) == [29]
    assert account.records(days=(20111230, 20111230)) == []
    assert numbers(account.records(days=(20111231, 20111231))) == [31]


def test_ts_are_the_digits_of_the_local_clock(server: Server, http: httpx.Client) -> None:
    account = Account(http, new_workspace(server.database_url, "Asia/Kolkata"))
    account.stored(event(at=NOON))

    assert account.records()[0]["ts"] == 20160712173000


def test_both_days_are_inclusive_and_may_be_texts_or_far_away(account: Account) -> None:
    midnight = 1468281600
    account.stored(*(event(at=at, n=n) for n, at in enumerate((midnight - 1, midnight, midnight + 86400 * 2 - 1))))

    assert numbers(account.records(days=("20160712", "20160713"))) == [1, 2]
    assert numbers(account.records(days=("00010101", 99991231))) == [0, 1, 2]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_ends_of_the_calendar_are_days_in_every_zone(server: Server, http: httpx.Client, zone: str) -> None:
    account = Account(http, new_workspace(server.database_url, zone))
    account.stored(event(n=1))

    assert numbers(account.records(days=("00010101", 99991231))) == [1]


# What is refused


@pytest.mark.parametrize(
    ("body", "error", "code"),
    [
        (b"{", "Malformed request", 400),
        (b'{"event_name": "a" /* comment */}', "Malformed request", 400),
        (b"\xff", "Malformed request", 400),
        (b'{"event_name":"\\ud800"}', "Malformed request", 400),
        (b"[" * 100_000, "Malformed request", 400),
        (b"", "Malformed request", 400),
        (b"  ", "Malformed request", 400),
        (b"[]", "Event name is mandatory", 400),
        (b'"text"', "Event name is mandatory", 400),
        (b'{"d":[{"event_name":"Viewed"}]}', "Event name is mandatory", 400),
        (b'{"event_name":""}', "Event name is mandatory", 400),
        (b'{"event_name":"  "}', "Event name is mandatory", 400),
        (b'{"event_name":5}', "Event name is mandatory", 400),
        (b'{"event_name":"Viewed","from":20200101}', "Invalid date : from and to are mandatory", 4002),
        (b'{"event_name":"Viewed","to":20200101}', "Invalid date : from and to are mandatory", 4002),
        (b'{"event_name":"Viewed","from":20200102,"to":20200101}', "Invalid date range : from greater than to", 4002),
        (b'{"event_name":"Nope","from":20200101,"to":20200101}', '["Invalid event : Nope"]', 400),
        (b'{"event_name":"No\\u0000pe","from":20200101,"to":20200101}', '["Invalid event : No\\u0000pe"]', 400),
        (b'{"cursor":5}', "Invalid cursor", 3),
    ],
)
def test_a_wrong_step_1_is_told_in_the_envelope(account: Account, body: bytes, error: str, code: int) -> None:
    account.stored(event())

    answer = account.post("/1/events.json", content=body)

    assert (answer.status_code, answer.json()) == (400, {"status": "fail", "error": error, "code": code})


@pytest.mark.parametrize(
    "day",
    [
        "2017-12-01",
        "171201",
        171201,
        "text",
        20171399,
        20170230,
        True,
        20171201.0,
        "",
        [],
        -20171201,
        10**40,
        "\uff12\uff10\uff11\uff17\uff11\uff12\uff10\uff11",
    ],
)
def test_a_day_that_is_none_is_refused(account: Account, day: object) -> None:
    account.stored(event())

    first = account.open(days=(day, 20160712))
    last = account.open(days=(20160712, day))

    assert first.status_code == last.status_code == 400
    assert first.json() == {
        "status": "fail",
        "error": "Invalid date : from should be in YYYYMMDD format",
        "code": 4002,
    }
    assert last.json()["error"] == "Invalid date : to should be in YYYYMMDD format"


def test_a_get_that_asks_for_nothing_is_incorrect_usage(account: Account) -> None:
    for parameters in ({}, {"cursor": ""}, {"query": ""}):
        answer = account.get(**parameters)
        assert (answer.status_code, answer.json()) == (400, {"status": "fail", "error": "Incorrect Usage", "code": 3})


def test_a_query_in_the_url_that_is_not_json_is_malformed(account: Account) -> None:
    assert account.get(query="{").json()["error"] == "Malformed request"


@pytest.mark.parametrize("cursor", ["garbage", "A" * 3000, "é", "%", "%%%41", "\0", "a b", "{}"])
def test_a_garbled_cursor_is_refused(account: Account, cursor: str) -> None:
    answer = account.get(cursor=cursor)

    assert (answer.status_code, answer.json()) == (400, {"status": "fail", "error": "Invalid cursor", "code": 3})


def test_another_accounts_cursor_is_refused(account: Account, other_account: Account) -> None:
    account.stored(event())
    cursor = account.open().json()["cursor"]

    assert other_account.get(cursor=cursor).json() == {"status": "fail", "error": "Invalid cursor", "code": 3}


def _key_and_number(connection: Connection, name: str) -> tuple[bytes, int]:
    key = server_keys.get(connection, server_keys.TOKENS)
    found = workspaces.by_name(connection, name)
    assert key is not None
    assert found is not None
    return key, found.number


@pytest.mark.parametrize(
    ("created", "issued", "lives"),
    [(3 * 3600, 3500, True), (4 * 3600 + 5, 0, False), (3605, 3605, False)],
)
def test_a_cursor_ends_after_four_hours_or_one_unused(
    server: Server,
    account: Account,
    created: int,
    issued: int,
    lives: bool,
) -> None:
    account.stored(event())
    database = Database(server.database_url)
    key, number = database.read(_key_and_number, account.made.workspace.name)
    database.close()
    young = unseal(account.open().json()["cursor"], key, number)
    aged = Cursor(young.query, 5, young.flags, created=young.created - created, issued=young.issued - issued)

    answer = account.get(cursor=seal(aged, key))

    expected = {"status": "fail", "error": "Invalid cursor : expired", "code": 3}
    assert (answer.status_code == 200) if lives else (answer.json() == expected)


# Filters


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"name": "color", "value": "red"}, [0]),
        ({"name": "color", "operator": "equals", "value": ["red", "Blue"]}, [0, 1]),
        ({"name": "color", "operator": "in", "value": ["red", "green"]}, [0]),
        ({"name": "color", "operator": "not_equals", "value": "red"}, [1, 2, 3]),
        ({"name": "color", "operator": "not_in", "value": ["red", "Blue"]}, [2, 3]),
        ({"name": "color", "operator": "contains", "value": "lu"}, [1]),
        ({"name": "color", "operator": "does_not_contain", "value": "lu"}, [0, 2, 3]),
        ({"name": "color", "operator": "not_contains", "value": ["re", "lu"]}, [2, 3]),
        ({"name": "color", "operator": "exists"}, [0, 1, 2]),
        ({"name": "color", "operator": "does_not_exist"}, [3]),
        ({"name": "price", "operator": "equals", "value": "10"}, [0]),
        ({"name": "price", "value": 10.0}, [0]),
        ({"name": "price", "operator": "greater_than", "value": 10}, [1, 2]),
        ({"name": "price", "operator": "gt", "value": "10"}, [1, 2]),
        ({"name": "price", "operator": "greater_than_equals", "value": 10}, [0, 1, 2]),
        ({"name": "price", "operator": "gte", "value": 20.5}, [1, 2]),
        ({"name": "price", "operator": "less_than", "value": 20.5}, [0]),
        ({"name": "price", "operator": "lt", "value": 10**30}, [0, 1, 2]),
        ({"name": "price", "operator": "less_than_equals", "value": 20.5}, [0, 1]),
        ({"name": "price", "operator": "lte", "value": -1}, []),
        ({"name": "price", "operator": "between", "value": [10, 20.5]}, [0, 1]),
        ({"name": "vip", "value": "True"}, [0, 1]),
        ({"name": "vip", "value": False}, [2]),
        ({"name": 'a key, "quoted"', "operator": "exists"}, []),
        ({"name": "clé", "value": "é"}, [3]),
        ({"name": "color", "OPERATOR": "equals"}, None),
    ],
)
def test_property_filters_are_applied(account: Account, condition: dict[str, Any], expected: list[int] | None) -> None:
    account.stored(
        event(at=NOON, n=0, color="red", price=10, vip=True),
        event(at=NOON + 1, n=1, color="Blue", price=20.5, vip="TRUE"),
        event(at=NOON + 2, n=2, color="10", price=30, vip=False),
        event(at=NOON + 3, n=3, price="10x", clé="é"),
    )
    if expected is None:
        refused = account.open(event_properties=[condition])
        assert refused.json()["error"] == "Invalid query : event_properties.OPERATOR is not supported"
        return

    assert numbers(account.records(event_properties=[condition], parameters="batch_size=1")) == expected
    assert numbers(account.records(props=[condition])) == expected


def test_all_filters_must_hold_and_paging_knows_them(account: Account) -> None:
    account.stored(*(event(at=NOON + n, n=n, even=str(n % 2 == 0)) for n in range(50)))
    conditions = [{"name": "even", "value": "true"}, {"name": "n", "operator": "gte", "value": 20}]

    pages = list(account.pages(parameters="batch_size=4", event_properties=conditions))

    assert [numbers(page["records"]) for page in pages] == [
        [20, 22, 24, 26],
        [28, 30, 32, 34],
        [36, 38, 40, 42],
        [44, 46, 48],
    ]
    back = account.get(cursor=pages[2]["previous_cursor"]).json()
    assert numbers(back["records"]) == [28, 30, 32, 34]


def test_filters_on_charged_look_into_its_items(account: Account) -> None:
    shoes = {"Category": "shoes", "Price": 50}
    account.stored(
        event("Charged", NOON, n=0, Items=[{"Category": "books"}, shoes]),
        event("Charged", NOON + 1, n=1, Items=[{"Category": "books"}]),
        event("Charged", NOON + 2, n=2),
    )

    assert numbers(account.records("Charged", event_properties=[{"name": "Category", "value": "shoes"}])) == [0]
    none = [{"name": "Category", "operator": "not_equals", "value": "shoes"}]
    assert numbers(account.records("Charged", event_properties=none)) == [1, 2]


@pytest.mark.parametrize(
    "key",
    [
        "session_properties",
        "common_profile_properties",
        "advanced_query",
        "technographics",
        "demographics",
        "geo_fields",
        "reachability",
    ],
)
def test_filters_that_cannot_be_applied_are_refused(account: Account, key: str) -> None:
    account.stored(event())

    answer = account.post("/1/events.json", {"event_name": "Viewed", **DAY, key: [{"name": "x", "value": "y"}]})

    assert answer.status_code == 400
    assert answer.json() == {"status": "fail", "error": f"Invalid query : {key} is not supported", "code": 400}


@pytest.mark.parametrize(
    "given",
    [
        {"name": "a", "value": "b"},
        "a",
        5,
        ["a"],
        [{"value": "a"}],
        [{"name": 5, "value": "a"}],
        [{"name": "a"}],
        [{"name": "a", "value": None}],
        [{"name": "a", "value": []}],
        [{"name": "a", "value": {"b": 1}}],
        [{"name": "a", "value": [["b"]]}],
        [{"name": "a", "value": "b\0"}],
        [{"name": "a", "operator": "like", "value": "b"}],
        [{"name": "a", "operator": 5, "value": "b"}],
        [{"name": "a", "operator": "gt", "value": "b"}],
        [{"name": "a", "operator": "gt", "value": True}],
        [{"name": "a", "operator": "gt", "value": [1, 2]}],
        [{"name": "a", "operator": "gt", "value": int("9" * 400)}],
        [{"name": "a", "operator": "between", "value": 1}],
        [{"name": "a", "value": "b"}] * 33,
        [{"name": "a", "value": ["b" * 100] * 30}],
    ],
)
def test_wrong_filters_are_refused(account: Account, given: object) -> None:
    account.stored(event())

    answer = account.open(event_properties=given)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid query : event_properties")


def test_one_user_can_be_asked_for(account: Account) -> None:
    account.stored(
        event(user="u1", n=1),
        event(user="u2", n=2),
        profile("u1", Email="u1@example.com"),
        {**event(n=3), "identity": None, "objectId": "__device"},
        {**event(n=4), "identity": None, "FBID": "f4"},
        event(user=77, n=5),
    )
    shown = {record["event_props"]["n"]: record["profile"]["objectId"] for record in account.records()}

    assert numbers(account.records(identity="u1")) == [1]
    assert numbers(account.records(identity=77)) == [5]
    assert numbers(account.records(email="U1@Example.com")) == [1]
    assert numbers(account.records(identity="u1", email="u1@example.com")) == [1]
    assert numbers(account.records(objectId="__device")) == [3]
    assert numbers(account.records(objectId=shown[2])) == [2]
    assert numbers(account.records(FBID="f4")) == [4]
    assert account.records(identity="u2", email="u1@example.com") == []
    assert account.records(identity="nobody") == []
    assert account.open(identity=["u1"]).json()["error"] == "Invalid query : identity should be one text"


# Tenants


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
