"""Searching events: one page of them, or how many there are, for any ``EventQuery``.

The way of a query: what it names is looked up first in short dictionaries (``storage.search_narrowing``), the total is
put together from counts and index ranges (``storage.search_totals``), and the page is found in the way that has to
look at fewest events, which the total tells. What is left of the query is split into a *shape* and its values
(``storage.search_shape``); each shape is compiled to SQL once (``storage.search_statement``), its values are always
bound.
"""

from collections.abc import Sequence
from itertools import starmap

import msgspec

from footfall.model.query import Comparison, EventQuery, Position, Way, is_by_time
from footfall.storage import event_accounts, event_counts, search_memory, search_statement, search_totals
from footfall.storage.conjunction import Conjunction, hull, merged, possible
from footfall.storage.connection import Connection
from footfall.storage.event_counts import Span
from footfall.storage.found_event import FoundEvent
from footfall.storage.found_places import Places
from footfall.storage.search_memory import Found, SearchMemory
from footfall.storage.search_narrowing import is_indexed, narrow_all
from footfall.storage.search_shape import FEW, MOST_PARTS, dimension_of, driver_of, paging
from footfall.storage.text_comparison import NEGATED
from footfall.storage.time_buckets import BEGINNING, END

__all__ = ["FirstPage", "count", "first_page", "is_indexed", "search"]


class FirstPage(msgspec.Struct, frozen=True):
    """The page that begins a search; ``query`` is pinned to what was stored then, of which ``total`` answer it."""

    query: EventQuery
    total: int
    events: list[FoundEvent]


def first_page(connection: Connection, query: EventQuery, memory: SearchMemory) -> FirstPage:
    """The first page, the total and the snapshot that belong together: all three tell of one state of the store."""
    with connection.snapshot(query.workspace) as last:
        is_quick = search_memory.is_quick(query)
        if memory.knows(query) or not is_quick:
            plain = narrow_all(connection, query, plainly=True)
            pinned = _pinned(query, plain, last)
            alternatives = merged(possible(plain))
            found = memory.recall(connection, query, alternatives, last)
            if found is not None:
                pinned = msgspec.structs.replace(pinned, way=found.way)
                if found.places is None and not _is_walked(pinned):
                    alternatives = merged(possible(narrow_all(connection, pinned)))
                return _first_page(connection, pinned, found, alternatives, memory if query.slides else None)
        narrowed = narrow_all(connection, query)
        pinned = _pinned(query, narrowed, last)
        alternatives = merged(possible(narrowed))
        # Where nobody else writes, nothing is above the snapshot, and counts need not be told of it.
        asked, above = (query, None) if connection.is_sole_writer else (pinned, last)
        if is_quick:
            found = Found(search_totals.total(connection, asked, alternatives, last=above), None)
        else:
            found = search_memory.look(connection, asked, alternatives, last=above)
        if found.places is None:
            found = msgspec.structs.replace(found, way=_way(connection, pinned, alternatives, found.total))
        if search_memory.is_worth_remembering(query, found):
            memory.remember(connection, query, found, last)
        pinned = msgspec.structs.replace(pinned, way=found.way)
        return _first_page(connection, pinned, found, alternatives, memory if query.slides and not is_quick else None)


def _pinned(query: EventQuery, narrowed: Sequence[Conjunction], last: int) -> EventQuery:
    others = frozenset[int]().union(*(alternative.other_types for alternative in narrowed))
    return msgspec.structs.replace(
        query,
        snapshot=last,
        slides=False,  # pages to come are of this window
        types=tuple([_kept(alternative.types) for alternative in narrowed]),
        other_types=_kept(others),
    )


def _first_page(
    connection: Connection,
    pinned: EventQuery,
    found: Found,
    alternatives: Sequence[Conjunction],
    memory: SearchMemory | None,
) -> FirstPage:
    """``memory``: of pages to come, which do not slide as the first one does."""
    if found.places is None:
        return FirstPage(pinned, found.total, _page(connection, pinned, alternatives) if found.total else [])
    events = _page_of(connection, pinned, found.places)
    if memory is not None and len(events) < found.total:
        assert pinned.snapshot is not None
        memory.remember(connection, pinned, found, pinned.snapshot)
    return FirstPage(pinned, found.total, events)


def _page_of(connection: Connection, query: EventQuery, places: Places) -> list[FoundEvent]:
    """A page whose places are known."""
    assert query.snapshot is not None
    sequences = places.page(query.after, query.limit, query.snapshot)
    if not sequences:
        return []
    rows = connection.rows(search_statement.BY_SEQUENCES, workspace=query.workspace, sequences=sequences)
    by_sequence = {row[0]: row for row in rows}
    return [FoundEvent(*by_sequence[sequence]) for sequence in sequences]


def _kept(types: frozenset[int] | None) -> tuple[int, ...] | None:
    """What the pages to come need not look up again, if it is short enough to travel with them."""
    return None if types is None or len(types) > FEW else tuple(sorted(types))


def search(connection: Connection, query: EventQuery, memory: SearchMemory) -> list[FoundEvent]:
    """The events of one page, in the query's order."""
    if query.snapshot is not None and query.way is None and not search_memory.is_quick(query):
        with connection.snapshot(query.workspace) as last:
            places = _places(connection, query, memory, last)
            if places is not None:
                return _page_of(connection, query, places)
    return _page(connection, query, merged(possible(narrow_all(connection, query, plainly=_is_walked(query)))))


def _is_walked(query: EventQuery) -> bool:
    """Whether to look up whose events are meant would be in vain: whatever is walked past is looked at anyway."""
    if query.way is None or search_memory.is_quick(query):
        return False
    return query.way == "in_order" or not any(_finds(term) for terms in query.alternatives for term in terms)


def _finds(term: Comparison) -> bool:
    """Whether an index may find what answers it."""
    return term.field in ("customer_identity", "account_id", "event_id") and term.operator not in NEGATED


def _places(connection: Connection, query: EventQuery, memory: SearchMemory, last: int) -> Places | None:
    """Where the events are of a search under way, if that is remembered, or can be found out at once."""
    assert query.snapshot is not None
    if query.snapshot > last:
        return None
    plain = merged(possible(narrow_all(connection, query, plainly=True)))
    found = memory.recall(connection, query, plain, last)
    if found is None:
        pinned = msgspec.structs.replace(query, snapshot=last, after=None)
        found = search_memory.look(
            connection,
            pinned,
            merged(possible(narrow_all(connection, query))),
            last=None if connection.is_sole_writer else last,
        )
        memory.remember(connection, query, found, last)
    return found.places


def by_ids(connection: Connection, workspace: int, ids: Sequence[bytes]) -> list[FoundEvent]:
    """The custom events with these ids, a few."""
    query = EventQuery(workspace=workspace, limit=len(ids))
    (narrowed,) = narrow_all(connection, query)
    return _page(connection, query, [narrowed.within("ids", frozenset(ids))])


def count(connection: Connection, query: EventQuery) -> int:
    """How many events answer the query on all its pages: its position and limit do not matter."""
    alternatives = merged(possible(narrow_all(connection, query)))
    return search_totals.total(connection, query, alternatives, last=query.snapshot)


def _page(connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction]) -> list[FoundEvent]:
    if query.after is not None:
        alternatives = possible([_from_position(query, alternative) for alternative in alternatives])
    if not alternatives:
        return []
    if query.way == "in_order" and _turns_at_accounts(query):
        return _account_by_account(connection, query, alternatives)
    shape, values = paging(query, alternatives)
    return list(starmap(FoundEvent, connection.rows(search_statement.page(shape), **values)))


def _turns_at_accounts(query: EventQuery) -> bool:
    """Whether accounts follow each other one way and the times of each the other, which is no way of the index."""
    fields = tuple(key.field for key in query.order)
    return fields == ("account_id", "occurred_at") and query.order[0].descending != query.order[1].descending


def _account_by_account(
    connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction]
) -> list[FoundEvent]:
    """A page that goes through accounts, each of which is a range of its own in the order of time."""
    found: list[FoundEvent] = []
    by_time = msgspec.structs.replace(query, order=query.order[1:], after=None, way="by_condition")
    descending = query.order[0].descending
    if query.after is None:
        account = event_accounts.first(connection, query.workspace, descending=descending)
    else:
        reached = query.after.values[0]
        assert not isinstance(reached, int)
        account = reached
        by_time = msgspec.structs.replace(by_time, after=Position(query.after.values[1:], query.after.sequence))
    while True:
        within = _of_account(alternatives, account)
        by_time = msgspec.structs.replace(by_time, limit=query.limit - len(found))
        found += _page(connection, by_time, possible(within))
        if len(found) == query.limit:
            return found
        following = event_accounts.after(connection, query.workspace, account, descending=descending)
        if following is None:
            return found
        account = following.id
        by_time = msgspec.structs.replace(by_time, after=None)


def _of_account(alternatives: Sequence[Conjunction], account: str | None) -> list[Conjunction]:
    if account is not None:
        return [alternative.within("accounts", frozenset([account])) for alternative in alternatives]
    # Who asks for accounts asks for none of the events without one.
    asked = [alternative for alternative in alternatives if alternative.accounts is None]
    return [msgspec.structs.replace(alternative, has_account=False) for alternative in asked]


def _way(connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction], total: int) -> Way | None:
    """The way to a page that has to look at fewest events, as far as counts can tell."""
    if not total or not alternatives:
        return None
    if is_by_time(query.order) and all(_is_in_order_of_time(each) for each in alternatives):
        return "by_condition"
    if len(alternatives) > MOST_PARTS:
        return None
    bounds = hull(alternatives)
    since = BEGINNING if bounds.since is None else bounds.since
    before = END if bounds.before is None else bounds.before
    by_account = bool(query.order) and query.order[0].field == "account_id"
    span = Span(None) if by_account else Span(None, since, before)  # accounts are walked through at all times
    walked = event_counts.count(connection, query.workspace, [span])
    taken = total
    if bounds.types is not None and driver_of(bounds) != "types":  # of all types, as their own index knows none
        of_types = event_counts.count(connection, query.workspace, [Span(bounds.types, since, before)])
        taken = total * event_counts.count(connection, query.workspace, [Span(None, since, before)]) // max(1, of_types)
    return "in_order" if query.limit * walked <= total * taken else "by_condition"


def _is_in_order_of_time(alternative: Conjunction) -> bool:
    """Whether its own index has its events in the order of time, so that no more than a page of them is looked at."""
    dimension = dimension_of(driver_of(alternative))
    if dimension is None:
        return True
    values = alternative.among(dimension)
    return values is not None and len(values) <= FEW


def _from_position(query: EventQuery, alternative: Conjunction) -> Conjunction:
    """``alternative`` without the time that the pages before have covered, where time leads the order."""
    if query.after is None or not query.order or query.order[0].field != "occurred_at":
        return alternative
    reached = query.after.values[0]
    assert isinstance(reached, int)
    return alternative.between(None, reached + 1) if query.order[0].descending else alternative.between(reached, None)
