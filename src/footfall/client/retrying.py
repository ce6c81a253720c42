"""When a request is sent again, and after how long. Pure: waiting and sending are done by who asks.

Every request of the client may be sent twice: reads change nothing, and every event has a key.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

AGAIN = frozenset({429, 502, 503, 504})
"""Statuses that tell of the moment, not of the request."""


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """How patient to be: seconds, and how often to try in all. The waits double up to ``longest``."""

    attempts: int = 5
    first: float = 0.2
    longest: float = 10.0
    longest_asked: float = 60.0  # a server that asks for more patience than this (Retry-After) is given up


def wait_before_next(retry: Retry, attempt: int, retry_after: float | None, chance: float) -> float | None:
    """How many seconds to wait after the ``attempt``-th try (from 1) failed; None: give up.

    ``chance`` in [0, 1) spreads clients that failed together; ``retry_after``: what the server asks for, at least.
    """
    if attempt >= retry.attempts or (retry_after or 0) > retry.longest_asked:
        return None
    most = min(retry.longest, retry.first * 2.0 ** (attempt - 1))
    return max(most * (0.5 + chance / 2), retry_after or 0.0)


def retry_after_of(header: str | None, now: datetime | None = None) -> float | None:
    """The seconds that a Retry-After header asks for, be it a number or a date; None where it says nothing."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
