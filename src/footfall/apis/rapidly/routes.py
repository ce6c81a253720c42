"""Routes."""

from litestar import Router

from footfall.apis.rapidly import customers, events
from footfall.apis.rapidly.errors import answer
from footfall.apis.rapidly.protocol import before_every_request, nowhere

PATHS: tuple[str, ...] = ("/api/",)
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""


def router() -> Router:
    """All routes of this product."""
    return Router(
        path="/",
        route_handlers=[
            events.get_event,
            events.get_event_by_external_id,
            events.ingest_events,
            customers.create_customer,
            customers.get_customer,
            customers.get_customer_by_external_id,
            *nowhere(),
        ],
        before_request=before_every_request,
        exception_handlers={Exception: answer},
    )
