"""Routes."""

from litestar import Router

from footfall.apis.rapidly import customers, event_lists, events, members, statistics, tokens
from footfall.apis.rapidly.protocol import Answer, answering, before_every_request, nowhere

PATHS: tuple[str, ...] = ("/api/",)
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""


def router(elsewhere: Answer) -> Router:
    """All routes of this product; ``elsewhere`` answers for paths below ``/v1`` that turn out to be another's."""
    return Router(
        path="/",
        route_handlers=[
            events.get_event,
            events.get_event_by_external_id,
            events.ingest_events,
            event_lists.list_events,
            event_lists.list_names,
            event_lists.list_event_types,
            event_lists.update_event_type,
            statistics.event_statistics,
            customers.list_customers,
            customers.export_customers,
            customers.create_customer,
            customers.get_customer,
            customers.get_customer_by_external_id,
            customers.get_customer_state,
            customers.update_customer,
            customers.delete_customer,
            members.list_members,
            members.create_member,
            members.get_member,
            members.update_member,
            members.delete_member,
            tokens.list_tokens,
            tokens.create_token,
            tokens.update_token,
            tokens.delete_token,
            *nowhere(),
        ],
        before_request=before_every_request,
        exception_handlers={Exception: answering(elsewhere)},
    )
