"""Pages that take more than one request, because a filter leaves most events out (contracts/clevertap.md 2.2)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.apis.clevertap.account import NOON, THAT_DAY, Account, event, numbers
from tests.conftest import Databases, Server, new_workspace, start_server

IN_PROGRESS = {"status": "fail", "error": "Request still in progress, please retry later", "code": 2}
RARE: dict[str, Any] = {"event_properties": [{"name": "rare", "operator": "exists"}]}


def marked(is_rare: bool) -> dict[str, Any]:
    return {"rare": 1} if is_rare else {}


@pytest.fixture(scope="module")
def slow_server(databases: Databases) -> Iterator[Server]:
    """A server whose filtered pages take many requests."""
    running = start_server(databases.new_url(), FOOTFALL_CLEVERTAP_MAX_SCAN="100")
    yield running
    running.stop()


@pytest.fixture
def patient(slow_server: Server) -> Iterator[Account]:
    """An account with 3,000 events, of which a few pass the filter."""
    with httpx.Client(base_url=slow_server.url, timeout=30) as http:
        account = Account(http, new_workspace(slow_server.database_url))
        for start in range(0, 3000, 1000):
            account.stored(
                *(event(at=NOON + n // 7, n=n, **marked(n % 600 in (3, 4, 5))) for n in range(start, start + 1000))
            )
        yield account


EXPECTED = [n for n in range(3000) if n % 600 in (3, 4, 5)]


def patiently(account: Account, cursor: str) -> tuple[dict[str, Any], int]:
    """The page behind ``cursor``, and how often it was still in progress."""
    for waited in range(100):
        answer = account.get(cursor=cursor)
        assert answer.status_code == 200
        if answer.json() != IN_PROGRESS:
            return answer.json(), waited
    raise AssertionError("the page makes no progress")


def test_a_slow_page_is_in_progress_until_the_same_cursor_gives_all_of_it(patient: Account) -> None:
    cursor = patient.open(parameters="batch_size=4", **RARE).json()["cursor"]
    seen: list[list[int]] = []
    waits = []
    while cursor:
        page, waited = patiently(patient, cursor)
        waits.append(waited)
        if "records" in page:
            seen.append(numbers(page["records"]))
        cursor = page.get("next_cursor")

    assert [number for each in seen for number in each] == EXPECTED
    assert [len(each) for each in seen] == [4, 4, 4, 3]
    assert max(waits) > 1


def test_a_page_that_was_slow_reads_the_same_again_and_leads_back(patient: Account) -> None:
    cursor = patient.open(parameters="batch_size=4", **RARE).json()["cursor"]
    first, _ = patiently(patient, cursor)
    second, _ = patiently(patient, first["next_cursor"])

    again, _ = patiently(patient, first["next_cursor"])
    before, _ = patiently(patient, second["previous_cursor"])

    assert again["records"] == second["records"]
    assert before["records"] == first["records"]


def test_progress_survives_a_restart(databases: Databases) -> None:
    url = databases.new_url()
    first = start_server(url, FOOTFALL_CLEVERTAP_MAX_SCAN="100")
    made = new_workspace(url)
    with httpx.Client(base_url=first.url) as http:
        account = Account(http, made)
        account.stored(*(event(at=NOON + n, n=n, **marked(n > 990)) for n in range(1000)))
        cursor = account.open(parameters="batch_size=10", **RARE).json()["cursor"]
        assert account.get(cursor=cursor).json() == IN_PROGRESS
    first.kill()
    second = start_server(url, FOOTFALL_CLEVERTAP_MAX_SCAN="100")
    with httpx.Client(base_url=second.url) as http:
        page, _ = patiently(Account(http, made), cursor)
    second.stop()

    assert numbers(page["records"]) == list(range(991, 1000))


def test_pages_without_filters_are_never_in_progress(patient: Account) -> None:
    assert len(patient.records(days=THAT_DAY)) == 3000
