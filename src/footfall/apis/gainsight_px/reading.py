"""One page of a search, read from the store: rows, their customers, the total, and where to go on."""

import msgspec

from footfall.apis.gainsight_px import mapping, scroll
from footfall.apis.gainsight_px.schemas import CustomEvent, CustomEventPage
from footfall.apis.gainsight_px.scroll import Scroll
from footfall.model.query import EventQuery
from footfall.model.workspace import Workspace
from footfall.storage import customers, event_search, events
from footfall.storage.connection import Connection

_SHORT_PAGE = 100
"""Up to so many events a page may be read on the event loop."""


def is_brief(query: EventQuery) -> bool:
    """Whether a page of ``query``, and as a rule its total too, is read in a moment: from indexes alone, and short."""
    return query.limit <= _SHORT_PAGE and event_search.is_indexed(query)


def first_page(connection: Connection, workspace: Workspace, query: EventQuery, token_key: bytes) -> CustomEventPage:
    """The first page, with the total counted: what is stored from now on belongs to no page of this search."""
    pinned = msgspec.structs.replace(query, snapshot=events.last_sequence(connection))
    return next_page(connection, workspace, Scroll(pinned, event_search.count(connection, pinned)), token_key)


def next_page(connection: Connection, workspace: Workspace, under_way: Scroll, token_key: bytes) -> CustomEventPage:
    """The page that follows.

    A full page always has a scroll id, even if nothing is left: clients ask on while pages are full
    (contracts/gainsight_px.md 2.6).
    """
    found = event_search.search(connection, under_way.query)
    numbers = {event.customer for event in found if event.customer is not None}
    known = customers.by_numbers(connection, workspace.number, numbers) if numbers else {}
    rows: list[CustomEvent] = [
        mapping.custom_event(event, None if event.customer is None else known.get(event.customer), workspace)
        for event in found
    ]
    is_full = len(found) == under_way.query.limit
    token = scroll.to_token(scroll.behind(under_way, found[-1]), token_key) if is_full else None
    return CustomEventPage(rows, under_way.total, token)
