"""Errors, and the one place that turns them into this product's envelope (contracts/rapidly.md 0, 1.4)."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response

from footfall.apis.failures import classify
from footfall.apis.http import AnyRequest
from footfall.apis.rapidly import answers

_INVALID_TOKEN = "The access token provided is expired, revoked, malformed, or invalid for other reasons."  # noqa: S105
_FEW_PRIVILEGES = "The request requires higher privileges than provided by the access token."
_NAMES = {413: "ContentTooLarge", 429: "TooManyRequests", 503: "ServiceUnavailable"}


class Rejected(Exception):  # noqa: N818
    """A request that is answered with an error; subclasses say which."""

    status = 400

    def answer(self) -> Response[bytes]:
        """The whole answer."""
        return answers.json(self.content(), self.status, self.headers())

    def content(self) -> Mapping[str, Any]:
        """The body."""
        raise NotImplementedError

    def headers(self) -> Mapping[str, str]:
        """Headers to send along."""
        return {}


class Unauthorized(Rejected):
    """Nobody said who is asking."""

    status = 401

    def content(self) -> Mapping[str, Any]:
        """A plain domain error."""
        return {"error": "Unauthorized", "detail": "Unauthorized"}

    def headers(self) -> Mapping[str, str]:
        """The challenge."""
        return {"WWW-Authenticate": 'Bearer realm="rapidly"'}


class InvalidToken(Rejected):
    """The token proves nobody."""

    def answer(self) -> Response[bytes]:
        """An OAuth error, with that standard's spacing and caching."""
        challenge = f'Bearer realm="rapidly", error="invalid_token", error_description="{_INVALID_TOKEN}"'
        return answers.oauth("invalid_token", _INVALID_TOKEN, 401, challenge)


class InsufficientScope(Rejected):
    """The token may not do this; any of ``scopes`` would do."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__("insufficient scope")
        self.scopes = scopes

    def answer(self) -> Response[bytes]:
        """An OAuth error, with that standard's spacing and caching."""
        challenge = (
            f'Bearer realm="rapidly", scope="{" ".join(sorted(self.scopes))}", error="insufficient_scope", '
            f'error_description="{_FEW_PRIVILEGES}"'
        )
        return answers.oauth("insufficient_scope", _FEW_PRIVILEGES, 403, challenge)


class ResourceNotFound(Rejected):
    """There is no such thing, or it belongs to another workspace."""

    status = 404

    def content(self) -> Mapping[str, Any]:
        """A plain domain error."""
        return {"error": "ResourceNotFound", "detail": "Not found"}


class UnreadableBody(Rejected):
    """The body is no text, or is nested deeper than any parser goes."""

    def content(self) -> Mapping[str, Any]:
        """The framework's own error, which has no ``error`` key."""
        return {"detail": "There was an error parsing the body"}


class RequestInvalid(Rejected):
    """Values are not as they should be; ``detail`` lists every fault (see ``faults``)."""

    status = 422

    def __init__(self, detail: Sequence[object]) -> None:
        super().__init__("the request is not valid")
        self.detail = detail

    def content(self) -> Mapping[str, Any]:
        """The list of faults."""
        return {"error": "RequestValidationError", "detail": self.detail}


def answer(_request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    if isinstance(error, Rejected):
        return error.answer()
    failure = classify(error)
    if failure.status == 500:
        return answers.text("Internal Server Error", 500)
    if failure.status in _NAMES:
        return answers.json(
            {"error": _NAMES[failure.status], "detail": failure.message}, failure.status, failure.headers
        )
    return answers.json({"detail": failure.message.replace("_", " ")}, failure.status, failure.headers)
