"""What holds on every path: tokens first, one spelling per path, methods (contracts/rapidly.md 0, 11)."""

from collections.abc import Sequence

from litestar import Response
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.handlers import HTTPRouteHandler, route
from litestar.types import Method

from footfall.apis.http import AnyRequest
from footfall.apis.rapidly import answers
from footfall.apis.rapidly.auth import identify

_METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")  # the framework adds OPTIONS
_SERVED: dict[str, Method] = {
    "/api/events/{id:str}": "GET",
    "/api/events/external/{external_id:str}": "GET",
    "/api/events/ingest": "POST",
    "/api/customers/": "POST",
    "/api/customers/{id:str}": "GET",
    "/api/customers/external/{external_id:str}": "GET",
}
"""The product's paths; a last slash counts, although the framework itself knows no difference."""
_INSIDE = ("/api/events", "/api/events/external", "/api/customers/external")
_ALLOWED = {path.rstrip("/").replace(":str}", "}"): method for path, method in _SERVED.items()}
_WITH_SLASH = frozenset(path.rstrip("/") for path in _SERVED if path.endswith("/"))


async def before_every_request(request: AnyRequest) -> Response[bytes] | None:
    """Refuses an unknown token on any path; then a wrong path, a wrong last slash, a wrong method, in this order."""
    if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
        return answers.preflight()
    await identify(request)
    template: str = request.scope["path_template"]
    allowed = _ALLOWED.get(template)
    if allowed is None:
        raise NotFoundException(detail="Not Found")
    raw_path: bytes = request.scope["raw_path"]
    if raw_path.endswith(b"/") != (template in _WITH_SLASH):
        return _redirect(request, raw_path)
    if request.method != allowed:
        raise MethodNotAllowedException(detail="Method Not Allowed", headers={"Allow": allowed})
    return None


def nowhere() -> list[HTTPRouteHandler]:
    """Handlers of every path and method that the product does not serve, so that the above is asked there too."""
    everywhere = [f"{path}/{{rest:path}}" for path in ("/api", *_SERVED) if not path.endswith("/")]
    handlers = [_nothing([*_INSIDE, *everywhere], _METHODS)]
    handlers.extend(_nothing([path], [other for other in _METHODS if other != own]) for path, own in _SERVED.items())
    return handlers


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
