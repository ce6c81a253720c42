"""Errors, and the one place that turns them into this product's envelope (contracts/rapidly.md 0, 1.4)."""

from collections.abc import Sequence

from litestar import Response

from footfall.apis.failures import classify
from footfall.apis.http import AnyRequest
from footfall.apis.rapidly import answers
from footfall.apis.rapidly.dialect import Dialect, dialect_of
from footfall.tenancy.rate_limit import TooOften

_INVALID_TOKEN = "The access token provided is expired, revoked, malformed, or invalid for other reasons."  # noqa: S105
_FEW_PRIVILEGES = "The request requires higher privileges than provided by the access token."
_NAMES = {413: "ContentTooLarge", 429: "TooManyRequests", 503: "ServiceUnavailable"}


class Rejected(Exception):  # noqa: N818
    """A request that is answered with an error."""

    def answer(self, dialect: Dialect) -> Response[bytes]:
        """The whole answer."""
        raise NotImplementedError


class Unauthorized(Rejected):
    """Nobody said who is asking."""

    def answer(self, dialect: Dialect) -> Response[bytes]:
        """See ``Rejected``."""
        body = {"error": "Unauthorized", "detail": "Unauthorized"}
        return answers.json(body, 401, {"WWW-Authenticate": f'Bearer realm="{dialect.realm}"'})


class InvalidToken(Rejected):
    """The token proves nobody: an OAuth error, with that standard's spacing and caching."""

    def answer(self, dialect: Dialect) -> Response[bytes]:
        """See ``Rejected``."""
        challenge = f'Bearer realm="{dialect.realm}", error="invalid_token", error_description="{_INVALID_TOKEN}"'
        return answers.oauth("invalid_token", _INVALID_TOKEN, 401, challenge)


class InsufficientScope(Rejected):
    """The token may not do this; any of ``scopes`` would do. An OAuth error, as ``InvalidToken``."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(scopes)
        self._scopes = scopes

    def answer(self, dialect: Dialect) -> Response[bytes]:
        """See ``Rejected``. Polar names only scopes that a token can hold."""
        shown = [scope for scope in self._scopes if not (dialect.is_polar and scope.startswith("web:"))]
        challenge = (
            f'Bearer realm="{dialect.realm}", scope="{" ".join(sorted(shown))}", error="insufficient_scope", '
            f'error_description="{_FEW_PRIVILEGES}"'
        )
        return answers.oauth("insufficient_scope", _FEW_PRIVILEGES, 403, challenge)


class Told(Rejected):
    """An error of the product's own, by its name there."""

    def __init__(self, status: int, error: str, detail: str) -> None:
        super().__init__(detail)
        self._status = status
        self._body = {"error": error, "detail": detail}

    def answer(self, dialect: Dialect) -> Response[bytes]:  # noqa: ARG002
        """See ``Rejected``."""
        return answers.json(self._body, self._status)


class ResourceNotFound(Told):
    """There is no such thing, or it belongs to another workspace."""

    def __init__(self, detail: str = "Not found") -> None:
        super().__init__(404, "ResourceNotFound", detail)


class NotPermitted(Told):
    """It may not be done, whoever asks."""

    def __init__(self, detail: str) -> None:
        super().__init__(403, "NotPermitted", detail)


class UnreadableBody(Rejected):
    """The body is no text, or is nested deeper than any parser goes: the framework's own error, without ``error``."""

    def answer(self, dialect: Dialect) -> Response[bytes]:  # noqa: ARG002
        """See ``Rejected``."""
        return answers.json({"detail": "There was an error parsing the body"}, 400)


class RequestInvalid(Rejected):
    """Values are not as they should be; ``detail`` lists every fault (see ``faults``).

    ``is_rule``: they are well-formed, and break a rule of the product's.
    """

    def __init__(self, detail: Sequence[object], *, is_rule: bool = False) -> None:
        super().__init__("invalid")
        self.detail = detail
        self._is_rule = is_rule

    def answer(self, dialect: Dialect) -> Response[bytes]:
        """See ``Rejected``."""
        name = dialect.rule_error if self._is_rule else "RequestValidationError"
        return answers.json({"error": name, "detail": self.detail}, 422)


def answer(request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    if isinstance(error, Rejected):
        return error.answer(dialect_of(request))
    if isinstance(error, TooOften):
        body = {"error": _NAMES[429], "detail": "Too many requests, please try again later."}
        return answers.json(body, 429, {"Retry-After": str(error.retry_after)})
    failure = classify(error)
    if failure.status == 500:
        return answers.text("Internal Server Error", 500)
    if failure.status in _NAMES:
        return answers.json(
            {"error": _NAMES[failure.status], "detail": failure.message}, failure.status, failure.headers
        )
    return answers.json({"detail": failure.message.replace("_", " ")}, failure.status, failure.headers)
