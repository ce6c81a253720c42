"""What went wrong, in HTTP's words, before a product's envelope is put around it.

A product's own errors are raised as that product's own exceptions; these are the ones that every product shares.
"""

import logging

import msgspec
from litestar.exceptions import HTTPException

from footfall.apis.http import BodyTooLarge
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.writer import Overloaded

_log = logging.getLogger("footfall")


class Failure(msgspec.Struct, frozen=True):
    """A status, a plain message and headers to send along."""

    status: int
    message: str
    headers: dict[str, str] = {}


def classify(error: Exception) -> Failure:
    """The failure behind ``error``; what nobody foresaw is logged and becomes a 500 that gives nothing away."""
    match error:
        case BodyTooLarge():
            return Failure(413, f"The request body is larger than {error.limit} bytes")
        case Overloaded():
            return Failure(429, "Too many events are waiting to be stored", {"Retry-After": str(error.retry_after)})
        case DatabaseUnavailable():
            _log.warning("database unavailable: %s", error)
            return Failure(503, "The event store is unavailable", {"Retry-After": "1"})
        case HTTPException():
            return Failure(error.status_code, error.detail, dict(error.headers or {}))
        case _:
            _log.exception("unforeseen error", exc_info=error)
            return Failure(500, "Internal server error")
