"""Errors, and the one place that turns them into this product's envelope (contracts/clevertap.md 1.3-1.6, 2.7).

What cannot succeed by trying again is told with a 4xx status: some clients repeat a failed request for ever as
long as the status is 200 (contract 1.6).
"""

import msgspec
from litestar import Response

from footfall.apis.clevertap.schemas import FailureAnswer
from footfall.apis.failures import classify
from footfall.apis.http import AnyRequest
from footfall.apis.services import services_of

MEDIA_TYPE = "application/json;charset=utf-8"
_encode = msgspec.json.Encoder().encode


class CleverTapError(Exception):
    """A failure in CleverTap's words. ``code`` is its number in the body, ``status`` HTTP's."""

    def __init__(self, error: str, *, status: int = 400, code: int | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.code = status if code is None else code


class InvalidCredentials(CleverTapError):  # noqa: N818
    """The one answer to every wrong credential: it does not tell which half was wrong, unless it is asked to."""

    def __init__(self, error: str = "Invalid Credentials") -> None:
        super().__init__(error, status=401)


class MalformedRequest(CleverTapError):  # noqa: N818
    """The body is not the JSON that was asked for."""

    def __init__(self) -> None:
        super().__init__("Malformed request")


class IncorrectUsage(CleverTapError):  # noqa: N818
    """The request asks for nothing."""

    def __init__(self) -> None:
        super().__init__("Incorrect Usage", code=3)


class InvalidDate(CleverTapError):  # noqa: N818
    """``from`` or ``to`` is missing or no day, or they stand in the wrong order."""

    def __init__(self, error: str) -> None:
        super().__init__(error, code=4002)


class InvalidQuery(CleverTapError):  # noqa: N818
    """A filter that cannot be applied: it is refused, because ignoring it would give wrong events."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Invalid query : {what}")


class InvalidCursor(CleverTapError):  # noqa: N818
    """The cursor was not given out to this account, or its time is over."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"Invalid cursor : {detail}" if detail else "Invalid cursor", code=3)


class InvalidGroup(CleverTapError):  # noqa: N818
    """A group of trends or top values that cannot be answered."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Invalid group : {what}")


class InvalidRequestId(CleverTapError):  # noqa: N818
    """A ``req_id`` that was not given out to this account for this endpoint, or is too old."""

    def __init__(self) -> None:
        super().__init__("Invalid request id")


class StillInProgress(CleverTapError):  # noqa: N818
    """The answer takes more than one request: the same one is to be sent again. The one failure in HTTP 200."""

    def __init__(self) -> None:
        super().__init__("Request still in progress, please retry later", status=200, code=2)


class TooManyConcurrentRequests(CleverTapError):  # noqa: N818
    """As many requests of the account are under way as may be."""

    def __init__(self) -> None:
        super().__init__("Too many concurrent requests", status=429)


def reply(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """``content`` as JSON, with the content type that CleverTap sends."""
    return reply_raw(_encode(content), status, headers)


def reply_raw(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """As ``reply``, for a body that is JSON already."""
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def answer(request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    headers: dict[str, str] | None
    if isinstance(error, CleverTapError):
        text, status, code = error.error, error.status, error.code
        headers = {"Retry-After": "1"} if status == 429 else None
    else:
        failure = classify(error)
        text, status, code, headers = failure.message, failure.status, failure.status, failure.headers
        if status == 429:
            text = "Too many concurrent requests"
    if status == 429 and services_of(request).settings.clevertap_legacy_throttle:
        status, code = 200, 1
    return reply(FailureAnswer("fail", text, code), status, headers)
