"""Get Events: what is refused, and how it is told."""

import pytest

from footfall.apis.clevertap.cursor import Cursor, seal, unseal
from footfall.storage import server_keys, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from tests.apis.clevertap.account import Account, event
from tests.conftest import Server


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
