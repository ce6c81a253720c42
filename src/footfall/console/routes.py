"""Routes: ``/console``."""

from collections.abc import Sequence

from litestar import Router

from footfall.apis.event_view import ShowEvent
from footfall.console import credential_routes, entry_routes, event_routes, record_routes
from footfall.console.failures import answer

PATHS: tuple[str, ...] = ("/console",)
"""Path prefixes that are the console's: errors outside every route there are told on a page of its own."""


def router(shows: Sequence[ShowEvent]) -> Router:
    """All pages; ``shows``: how each API shows an event."""
    return Router(
        path="/",
        route_handlers=[
            *entry_routes.HANDLERS,
            *event_routes.handlers(shows),
            *record_routes.HANDLERS,
            *credential_routes.HANDLERS,
        ],
        exception_handlers={Exception: answer},
    )
