"""How many events of some names, sources and times there are: the counts tell."""

from footfall.model.event_listing import EventListing
from footfall.storage import event_counts
from footfall.storage.connection import Connection
from footfall.storage.event_counts import Span
from footfall.storage.listing_terms import Terms
from footfall.storage.time_buckets import BEGINNING, END


def are_kept(asked: EventListing, terms: Terms) -> bool:
    """Whether nothing but names, sources and time is asked for."""
    is_about_nobody = terms.about is None
    return is_about_nobody and not asked.properties and not asked.text and asked.parent is None and asked.depth is None


def total(connection: Connection, asked: EventListing, terms: Terms) -> int:
    """How many there are on all pages, of a question whose totals ``are_kept``."""
    since = BEGINNING if asked.since is None else asked.since
    before = END if asked.before is None else asked.before
    found = 0
    if since >= before:
        return 0
    if terms.has_captured:
        found += event_counts.count(connection, asked.workspace, [Span(terms.types, since, before)])
    if terms.has_system:
        found += event_counts.count_customer_events(
            connection, asked.workspace, Span(terms.system_types, since, before)
        )
    return found
