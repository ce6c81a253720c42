"""Errors, and the one place that turns them into this product's envelope.

``{"error": {"code": "<snake_case>", "message": "..."}}``, with ``field`` where one field is to blame.
"""

import msgspec
from litestar import Response

from footfall.apis.failures import classify
from footfall.apis.footfall.schemas import CaptureSummary
from footfall.apis.http import AnyRequest, respond

_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    429: "overloaded",
    503: "unavailable",
}


class OwnError(Exception):
    """A refusal with its status and code."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Unauthorized(OwnError):  # noqa: N818  (named after the HTTP status)
    """No token, or one that is unknown, revoked or expired."""

    status = 401
    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("Send a valid token of this workspace: Authorization: Bearer footfall_...")


class NotFound(OwnError):  # noqa: N818
    """There is no such event in the workspace."""

    status = 404
    code = "not_found"


class InvalidEvent(OwnError):  # noqa: N818
    """The event cannot be captured as sent."""

    code = "invalid_event"


class EventTooLarge(OwnError):  # noqa: N818
    """A single event larger than the limit."""

    status = 413
    code = "payload_too_large"


class Interrupted(Exception):  # noqa: N818
    """The store failed in the middle of a stream; ``summary`` tells what had been stored by then."""

    def __init__(self, cause: Exception, summary: CaptureSummary) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.summary = summary


class UnsupportedEncoding(OwnError):  # noqa: N818
    """The body is compressed."""

    status = 415
    code = "unsupported_encoding"


def answer(_request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    if isinstance(error, OwnError):
        content = {"code": error.code, "message": error.message}
        if error.field is not None:
            content["field"] = error.field
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return respond({"error": content}, error.status, headers)
    failure = classify(error.cause if isinstance(error, Interrupted) else error)
    code = _CODES.get(failure.status, "internal_error" if failure.status >= 500 else "bad_request")
    told: dict[str, object] = {"error": {"code": code, "message": failure.message}}
    if isinstance(error, Interrupted):
        told |= msgspec.to_builtins(error.summary)
    return respond(told, failure.status, failure.headers)
