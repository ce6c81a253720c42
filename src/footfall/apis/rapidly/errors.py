"""Errors, and the one place that turns them into this product's envelope (contracts/rapidly.md 0, 1.4)."""

from collections.abc import Sequence

from litestar import Response

from footfall.apis.failures import classify
from footfall.apis.http import AnyRequest
from footfall.apis.rapidly import answers

_INVALID_TOKEN = "The access token provided is expired, revoked, malformed, or invalid for other reasons."  # noqa: S105
_FEW_PRIVILEGES = "The request requires higher privileges than provided by the access token."
_NAMES = {413: "ContentTooLarge", 429: "TooManyRequests", 503: "ServiceUnavailable"}


class Rejected(Exception):  # noqa: N818
    """A request that is answered with an error; ``answer`` is the whole answer."""

    def __init__(self, answer: Response[bytes]) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class Unauthorized(Rejected):
    """Nobody said who is asking."""

    def __init__(self) -> None:
        body = {"error": "Unauthorized", "detail": "Unauthorized"}
        super().__init__(answers.json(body, 401, {"WWW-Authenticate": 'Bearer realm="rapidly"'}))


class InvalidToken(Rejected):
    """The token proves nobody: an OAuth error, with that standard's spacing and caching."""

    def __init__(self) -> None:
        challenge = f'Bearer realm="rapidly", error="invalid_token", error_description="{_INVALID_TOKEN}"'
        super().__init__(answers.oauth("invalid_token", _INVALID_TOKEN, 401, challenge))


class InsufficientScope(Rejected):
    """The token may not do this; any of ``scopes`` would do. An OAuth error, as ``InvalidToken``."""

    def __init__(self, scopes: Sequence[str]) -> None:
        challenge = (
            f'Bearer realm="rapidly", scope="{" ".join(sorted(scopes))}", error="insufficient_scope", '
            f'error_description="{_FEW_PRIVILEGES}"'
        )
        super().__init__(answers.oauth("insufficient_scope", _FEW_PRIVILEGES, 403, challenge))


class ResourceNotFound(Rejected):
    """There is no such thing, or it belongs to another workspace."""

    def __init__(self) -> None:
        super().__init__(answers.json({"error": "ResourceNotFound", "detail": "Not found"}, 404))


class UnreadableBody(Rejected):
    """The body is no text, or is nested deeper than any parser goes: the framework's own error, without ``error``."""

    def __init__(self) -> None:
        super().__init__(answers.json({"detail": "There was an error parsing the body"}, 400))


class RequestInvalid(Rejected):
    """Values are not as they should be; ``detail`` lists every fault (see ``faults``)."""

    def __init__(self, detail: Sequence[object]) -> None:
        super().__init__(answers.json({"error": "RequestValidationError", "detail": detail}, 422))
        self.detail = detail


def answer(_request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    if isinstance(error, Rejected):
        return error.answer
    failure = classify(error)
    if failure.status == 500:
        return answers.text("Internal Server Error", 500)
    if failure.status in _NAMES:
        return answers.json(
            {"error": _NAMES[failure.status], "detail": failure.message}, failure.status, failure.headers
        )
    return answers.json({"detail": failure.message.replace("_", " ")}, failure.status, failure.headers)
