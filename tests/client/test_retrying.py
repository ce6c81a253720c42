"""When it is tried again: decisions without a server."""

from datetime import UTC, datetime

import pytest

from footfall.client.retrying import Retry, retry_after_of, wait_before_next


def test_waits_double_up_to_the_longest() -> None:
    retry = Retry(attempts=6, first=1, longest=5)

    waits = [wait_before_next(retry, attempt, None, 1.0) for attempt in range(1, 7)]

    assert waits == [1, 2, 4, 5, 5, None]


def test_clients_that_failed_together_spread() -> None:
    assert wait_before_next(Retry(first=1), 1, None, 0.0) == 0.5
    assert wait_before_next(Retry(first=1), 1, None, 0.5) == 0.75


def test_what_the_server_asks_for_is_respected() -> None:
    assert wait_before_next(Retry(first=1), 1, 7.0, 0.0) == 7
    assert wait_before_next(Retry(longest_asked=6), 1, 7.0, 0.0) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("3", 3),
        ("Wed, 01 May 2024 12:00:10 GMT", 10),
        ("Wed, 01 May 2024 11:00:10 GMT", 0),
        ("soon", None),
        ("-1", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_of(header, datetime(2024, 5, 1, 12, tzinfo=UTC)) == seconds
