"""Routes."""

from litestar import Router

from footfall.apis.capillary.errors import answer, identified
from footfall.apis.http import RouteHandlers

PATHS: tuple[str, ...] = ("/v2/", "/v3/", "/eucrm/")
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""


def router() -> Router:
    """All routes of this product."""
    handlers: RouteHandlers = []
    return Router(path="/", route_handlers=handlers, exception_handlers={Exception: answer}, after_request=identified)
