"""Errors, and the one place that turns them into this product's envelope (contracts/gainsight_px.md 1.4)."""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from litestar import Response

from footfall.apis.failures import classify
from footfall.apis.gainsight_px.schemas import ErrorAnswer, ErrorBody, SubError
from footfall.apis.http import AnyRequest, respond
from footfall.tenancy.rate_limit import TooOften

LOGIN_FAILED = "Authentication failed in loginAwareAuthentication"
"""The text by which the vendor's own loader knows a 401."""

RATE_EXCEEDED = "Rate limit exceeded"

_VENDORS_NAMES = {413: "PAYLOAD_TOO_LARGE"}  # where Python calls a status differently


class PxError(Exception):
    """A refusal in the product's words."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, message: str, sub_errors: Sequence[SubError] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.sub_errors = list(sub_errors)


class BadRequest(PxError):  # noqa: N818  (the product's name for it)
    """The request cannot be understood, or breaks a limit."""


class Unauthorized(PxError):  # noqa: N818
    """No key, or not one of ours."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__("Unauthorized or bad API Key")


class Forbidden(PxError):  # noqa: N818
    """The key lacks a permission."""

    status = HTTPStatus.FORBIDDEN


class NotFound(PxError):  # noqa: N818
    """There is no such thing in the workspace."""

    status = HTTPStatus.NOT_FOUND


def answer(_request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    match error:
        case Unauthorized():
            return respond(_envelope(error.status, error.message, error_message=LOGIN_FAILED), error.status)
        case TooOften():
            headers = {"Retry-After": str(error.retry_after)}
            return respond(_envelope(HTTPStatus.TOO_MANY_REQUESTS, RATE_EXCEEDED), 429, headers)
        case PxError():
            return respond(_envelope(error.status, error.message, sub_errors=error.sub_errors or None), error.status)
        case _:
            failure = classify(error)
            return respond(_envelope(failure.status, failure.message), failure.status, failure.headers)


def _envelope(
    status: int,
    message: str,
    *,
    sub_errors: list[SubError] | None = None,
    error_message: str | msgspec.UnsetType = msgspec.UNSET,
) -> ErrorAnswer:
    name = _VENDORS_NAMES.get(status) or HTTPStatus(status).name
    return ErrorAnswer(ErrorBody(status=name, message=message, sub_errors=sub_errors), error_message)
