"""Routes."""

from litestar import Response, Router

from footfall.apis.capillary import (
    adapter_routes,
    customer_routes,
    definition_routes,
    event_data_routes,
    milestone_routes,
    search_routes,
    target_editing_routes,
    target_routes,
    transaction_routes,
    user_target_routes,
    webhook_routes,
)
from footfall.apis.capillary.errors import answer, identified
from footfall.apis.capillary.oauth_routes import generate_token
from footfall.apis.http import RouteHandlers

PATHS: tuple[str, ...] = ("/v2/", "/v3/", "/eucrm/")
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""


def router() -> Router:
    """All routes of this product."""
    handlers: RouteHandlers = [
        generate_token,
        *definition_routes.HANDLERS,
        *adapter_routes.HANDLERS,
        *webhook_routes.HANDLERS,
        *event_data_routes.HANDLERS,
        *search_routes.HANDLERS,
        *customer_routes.HANDLERS,
        *transaction_routes.HANDLERS,
        *target_routes.HANDLERS,
        *target_editing_routes.HANDLERS,
        *milestone_routes.HANDLERS,
        *user_target_routes.HANDLERS,
    ]
    return Router(path="/", route_handlers=handlers, exception_handlers={Exception: answer}, after_request=_identify)


async def _identify(response: Response[bytes]) -> Response[bytes]:
    """Asynchronous, because the framework runs a plain function in a thread of its own."""
    return identified(response)
