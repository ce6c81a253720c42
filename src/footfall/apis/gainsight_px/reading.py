"""One page of a search, read from the store: rows, their customers, the total, and where to go on."""

from collections.abc import Sequence

from footfall.apis.gainsight_px import family_mapping, mapping, scroll
from footfall.apis.gainsight_px.families import CUSTOM, EventList
from footfall.apis.gainsight_px.schemas import CustomEventPage
from footfall.apis.gainsight_px.scroll import Scroll
from footfall.model.query import EventQuery
from footfall.model.workspace import Workspace
from footfall.storage import event_search
from footfall.storage.connection import Connection
from footfall.storage.found_event import FoundEvent
from footfall.storage.search_memory import SearchMemory

Page = CustomEventPage | dict[str, object]

_SHORT_PAGE = 100
"""Up to so many events a page may be read on the event loop."""


def is_brief(query: EventQuery, memory: SearchMemory) -> bool:
    """Whether a page of ``query``, and as a rule its total too, is read in a moment: from indexes alone, and short."""
    return query.limit <= _SHORT_PAGE and (event_search.is_indexed(query) or memory.knows(query))


def first_page(
    connection: Connection,
    workspace: Workspace,
    query: EventQuery,
    memory: SearchMemory,
    token_key: bytes,
    listed: EventList,
) -> Page:
    """The first page, with the total counted: what is stored from now on belongs to no page of this search."""
    first = event_search.first_page(connection, query, memory)
    return _page(first.events, workspace, Scroll(first.query, first.total), token_key, listed)


def next_page(
    connection: Connection,
    workspace: Workspace,
    under_way: Scroll,
    memory: SearchMemory,
    token_key: bytes,
    listed: EventList,
) -> Page:
    """The page that follows."""
    return _page(event_search.search(connection, under_way.query, memory), workspace, under_way, token_key, listed)


def _page(
    found: Sequence[FoundEvent], workspace: Workspace, asked: Scroll, token_key: bytes, listed: EventList
) -> Page:
    """The answer to ``asked``.

    A full page always has a scroll id, even if nothing is left: clients ask on while pages are full
    (contracts/gainsight_px.md 2.6).
    """
    is_full = len(found) == asked.query.limit
    token = scroll.to_token(scroll.behind(asked, found[-1]), token_key) if is_full else None
    if listed is CUSTOM:
        return CustomEventPage([mapping.custom_event(event, workspace) for event in found], asked.total, token)
    shown = [family_mapping.listed_event(event, workspace, listed) for event in found]
    return {listed.collection: shown, "totalHits": asked.total, "scrollId": token}
