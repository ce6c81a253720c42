"""Errors, and the one place that turns them into this product's envelopes (contracts/capillary.md 1.6, 1.7).

Four shapes, chosen by the path: v3 (``data, errors, warnings``), v2 (``warnings, errors``), the webhook's
``status``, and for v2 callers without valid credentials the XML of v1.1.
"""

from html import escape

from litestar import Response

from footfall.apis.failures import classify
from footfall.apis.http import AnyRequest, respond
from footfall.model import identifiers
from footfall.storage.failures import DatabaseUnavailable

REQUEST_ID = "X-Cap-Requestid"
SEARCH_SYSTEM_UNREACHABLE = 1849

_NO_VALID_CREDENTIALS = "Please check your username/password or authentication token"
_EVENT_DATA = "/v2/events/event_data"
_SEARCH = "/v2/events/search"


class CapillaryError(Exception):
    """A failure that the product has a code for. ``data`` stands in the v2 envelope where it is not None."""

    def __init__(self, status: int, code: int, message: str, *, data: object = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.data = data


class Unauthorized(CapillaryError):  # noqa: N818
    """No credentials, or wrong, expired or revoked ones."""

    def __init__(self, message: str = _NO_VALID_CREDENTIALS) -> None:
        super().__init__(401, 401, message)


class Forbidden(CapillaryError):  # noqa: N818
    """The caller's access group does not have what the request needs."""

    def __init__(self) -> None:
        super().__init__(403, 4000, "Not authorized. Access is denied!")


class AuthorizationUnavailable(DatabaseUnavailable):
    """Who may do what cannot be looked up."""


def answer(request: AnyRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that failed."""
    path: str = request.scope["path"]
    headers = {}
    if isinstance(error, DatabaseUnavailable) and path.startswith((_EVENT_DATA, _SEARCH)):
        classify(error)  # logs it
        data: object = [] if path.startswith(_EVENT_DATA) else None
        error = CapillaryError(500, SEARCH_SYSTEM_UNREACHABLE, "Search system unreachable", data=data)
    if isinstance(error, AuthorizationUnavailable):
        headers = classify(error).headers
        error = CapillaryError(503, 4001, "Authorization status unavailable!")
    if not isinstance(error, CapillaryError):
        failure = classify(error)
        error = CapillaryError(failure.status, failure.status, failure.message)
        headers = failure.headers
    return identified(_enveloped(path, error, headers))


def identified(response: Response[bytes]) -> Response[bytes]:
    """``response`` with the request id that every answer of the product carries; one that is there stays."""
    if REQUEST_ID not in response.headers:
        response.headers[REQUEST_ID] = identifiers.to_text(identifiers.random_id())
    return response


def v2_item(code: int, message: str) -> dict[str, object]:
    """One item of a v2 ``errors`` or ``warnings`` array; ``status`` is false in both."""
    return {"status": False, "code": code, "message": message}


def _enveloped(path: str, error: CapillaryError, headers: dict[str, str]) -> Response[bytes]:
    if path.startswith("/v3/"):
        failed = {"data": None, "errors": [{"code": error.code, "message": error.message}], "warnings": None}
        return respond(failed, error.status, headers)
    if path.startswith("/eucrm/"):
        return respond({"status": {"code": error.code, "message": error.message}}, error.status, headers)
    if isinstance(error, Unauthorized):
        return _v1_answer(error)
    data = {} if error.data is None else {"data": error.data}
    return respond({**data, "warnings": [], "errors": [v2_item(error.code, error.message)]}, error.status, headers)


def _v1_answer(error: CapillaryError) -> Response[bytes]:
    xml = (
        f"<response><status><success>false</success><code>{error.code}</code>"
        f"<message>{escape(error.message)}</message></status></response>"
    )
    return Response(xml.encode(), status_code=error.status, media_type="application/xml")
