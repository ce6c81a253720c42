"""Get Events: days and times are those of the account's zone."""

import httpx
import pytest

from tests.apis.clevertap.account import NOON, Account, event, numbers
from tests.conftest import Server, new_workspace


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
