"""What holds on every path: tokens first, one spelling per path, methods (contracts/rapidly.md 0, 11)."""

from collections.abc import Callable, Iterator, Sequence

from litestar import Response
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import HTTPRouteHandler, route
from litestar.types import Method

from footfall.apis.http import AnyRequest
from footfall.apis.rapidly import answers, errors
from footfall.apis.rapidly.auth import identify
from footfall.apis.rapidly.dialect import POLAR, RAPIDLY, Dialect
from footfall.model import identifiers

Answer = Callable[[AnyRequest, Exception], Response[bytes]]

_METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")  # the framework adds OPTIONS
_PATHS: dict[str, tuple[Method, ...]] = {
    "/events/": ("GET",),
    "/events/names": ("GET",),
    "/events/statistics/timeseries": ("GET",),
    "/events/{id:str}": ("GET",),
    "/events/external/{external_id:str}": ("GET",),
    "/events/ingest": ("POST",),
    "/event-types/": ("GET",),
    "/event-types/{id:str}": ("PATCH",),
    "/customers/": ("GET", "POST"),
    "/customers/export": ("GET",),
    "/customers/{id:str}": ("GET", "PATCH", "DELETE"),
    "/customers/{id:str}/state": ("GET",),
    "/customers/external/{external_id:str}": ("GET", "PATCH", "DELETE"),
    "/customers/external/{external_id:str}/state": ("GET",),
}
_ONLY_IN_RAPIDLY: dict[str, tuple[Method, ...]] = {
    "/members/": ("GET", "POST"),
    "/members/{id:str}": ("GET", "PATCH", "DELETE"),
    "/workspace-access-tokens/": ("GET", "POST"),
    "/workspace-access-tokens/{id:str}": ("PATCH", "DELETE"),
}
"""The paths below a dialect's root, and the methods of each; a last slash counts, although the framework itself knows
no difference. The first method is the one that a 405 names."""


def _served(dialect: Dialect) -> dict[str, tuple[Method, ...]]:
    paths = _PATHS if dialect.is_polar else _PATHS | _ONLY_IN_RAPIDLY
    return {f"{dialect.root}{path}": methods for path, methods in paths.items()}


_SERVED = {dialect.name: _served(dialect) for dialect in (RAPIDLY, POLAR)}
_INSIDE = ("/api/events/external", "/api/events/statistics", "/api/customers/external")
_ALLOWED = {
    path.rstrip("/").replace(":str}", "}"): methods for served in _SERVED.values() for path, methods in served.items()
}
_WITH_SLASH = frozenset(path.rstrip("/") for served in _SERVED.values() for path in served if path.endswith("/"))
_ANY_EVENT = "/v1/events/{id}"


class NotOurs(Exception):  # noqa: N818
    """A path of Polar's form that is none of this product's: another product's word stands where an id would."""


async def before_every_request(request: AnyRequest) -> Response[bytes] | None:
    """Refuses an unknown token on any path; then a wrong path, a wrong last slash, a wrong method, in this order.

    Raises NotOurs.
    """
    template: str = request.scope["path_template"]
    if template == _ANY_EVENT and identifiers.from_text(request.path_params["id"]) is None:
        raise NotOurs
    if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
        return answers.preflight()
    await identify(request)
    allowed = _ALLOWED.get(template)
    if allowed is None:
        raise NotFoundException(detail="Not Found")
    raw_path: bytes = request.scope["raw_path"]
    if raw_path.endswith(b"/") != (template in _WITH_SLASH):
        return _redirect(request, raw_path)
    if request.method not in allowed:
        raise MethodNotAllowedException(detail="Method Not Allowed", headers={"Allow": allowed[0]})
    return None


def answering(elsewhere: Answer) -> Answer:
    """The answer to requests that failed; ``elsewhere`` answers those that are not this product's."""

    def answer(request: AnyRequest, error: Exception) -> Response[bytes]:
        if isinstance(error, NotOurs):
            return elsewhere(request, NotFoundException(detail="Not Found"))
        return errors.answer(request, error)

    return answer


def nowhere() -> list[HTTPRouteHandler]:
    """Handlers of every path and method that the product does not serve, so that the above is asked there too."""
    own = _SERVED["rapidly"]
    everywhere = [f"{path}/{{rest:path}}" for path in ("/api", *own) if not path.endswith("/")]
    handlers = [_nothing([*_INSIDE, *everywhere], _METHODS)]
    for path, methods in _all_served():
        handlers.append(_nothing([path], [other for other in _METHODS if other not in methods]))
    return handlers


def _all_served() -> Iterator[tuple[str, tuple[Method, ...]]]:
    for served in _SERVED.values():
        yield from served.items()


def _nothing(paths: list[str], methods: Sequence[Method]) -> HTTPRouteHandler:
    @route(paths, http_method=methods, include_in_schema=False)
    async def nothing_here() -> None:
        raise NotFoundException(detail="Not Found")

    return nothing_here


def _redirect(request: AnyRequest, raw_path: bytes) -> Response[bytes]:
    right = (raw_path.rstrip(b"/") if raw_path.endswith(b"/") else raw_path + b"/").decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    location = f"{request.scope['scheme']}://{request.headers.get('host', '')}{right}"
    return answers.empty(307, {"Location": f"{location}?{query}" if query else location})
