"""What a process remembers of searches: how many events answer, and where they are, unless they are very many.

The promise: totals and pages stay exact. What is remembered of a question is what was so up to a sequence; what has
been stored since is looked at, and is little. Stored events do not change, and where some were taken away, or are of
somebody who is called otherwise now, the workspace's revision tells (``storage.revisions``): the question is
then asked anew. Memory is bounded, and lost with the process.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile

import msgspec

from footfall.model.query import Comparison, EventQuery, Operator, Way
from footfall.storage import revisions, search_statement, search_totals
from footfall.storage.conjunction import Conjunction, hull
from footfall.storage.connection import Connection
from footfall.storage.found_places import Place, Places, arranged, is_by_account
from footfall.storage.revisions import Revision
from footfall.storage.search_shape import by_time, driver_of, stored_since, within
from footfall.storage.statement import Statement

_QUICKLY_COUNTED = 2_000
"""Up to so many events that indexes find are counted and ordered each time."""
_MOST_PLACES = 50_000
"""Up to so many, their places are remembered. Of more, one in twenty answers, and a page is found by walking."""
_MOST_PLACES_IN_ALL = 2_000_000
_MOST_QUESTIONS = 256
_MOST_SLID = 20_000
"""So many answers may come into a window, or go, before the question is asked anew."""
_MOST_BEHIND = 100_000
"""What was so before more sequences than these were given out is asked anew."""

_ABOUT_CUSTOMERS = frozenset({"customer_identity", "user_type"})
_EXACT = (Operator.EQUAL, Operator.NOT_EQUAL)

_Key = tuple[object, ...]
_Window = tuple[int, int]
_ANY_TIME: _Window = (0, 0)
"""Of what does not slide: its window is part of the question."""


class Found(msgspec.Struct, frozen=True):
    """How many events answer, and where; ``places`` None where they are too many to remember."""

    total: int
    places: Places | None
    way: Way | None = None


class _Known(msgspec.Struct, frozen=True):
    """What was so of a question up to the sequence ``last``, at a revision; of one that slides, in a window."""

    last: int
    revision: Revision
    found: Found
    window: _Window


class SearchMemory:
    """Remembers answers. For any number of threads: at worst, two ask the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, _Known] = OrderedDict()
        self._places = 0
        self._lock = threading.Lock()

    def knows(self, query: EventQuery) -> bool:
        """Whether something is remembered of the question, be it out of date."""
        return _key(query) in self._known

    def recall(
        self, connection: Connection, query: EventQuery, plain: Sequence[Conjunction], last: int
    ) -> Found | None:
        """What is so up to the sequence ``last``, if it follows from what is remembered. Inside a snapshot.

        ``plain``: the query's alternatives, with nothing looked up in them but names.
        """
        key = _key(query)
        known = self._known.get(key)
        if known is None or not connection.sees_one_state:
            return None
        revision = _revision(connection, query)
        if revision != known.revision or not 0 <= last - known.last <= _MOST_BEHIND:
            return None
        window = _window(query) or _ANY_TIME
        if (known.last, known.window) == (last, window):
            return known.found
        pinned = msgspec.structs.replace(query, snapshot=last)
        found: Found | None = known.found
        if known.window != window:
            found = _slid(connection, pinned, plain, known, window)
        if found is None:
            return None
        more: list[Place] = []
        if plain and known.last < last:
            shape, values = stored_since(pinned, plain, known.last)
            more = _places(connection, search_statement.places(shape, with_account=True), values, _MOST_BEHIND)
        found = _grown(found, more)
        self._keep(key, _Known(last, revision, found, window))
        return found

    def remember(self, connection: Connection, query: EventQuery, found: Found, last: int) -> None:
        """Keeps what was found out up to ``last``, inside the same snapshot."""
        if connection.sees_one_state:
            self._keep(_key(query), _Known(last, _revision(connection, query), found, _window(query) or _ANY_TIME))

    def _keep(self, key: _Key, known: _Known) -> None:
        with self._lock:
            former = self._known.get(key)
            if former is not None:
                if former.revision == known.revision and (former.last, former.window) > (known.last, known.window):
                    return
                self._places -= _size(former)
            self._known[key] = known
            self._known.move_to_end(key)
            self._places += _size(known)
            while len(self._known) > _MOST_QUESTIONS or self._places > _MOST_PLACES_IN_ALL:
                _, dropped = self._known.popitem(last=False)
                self._places -= _size(dropped)


def _slid(
    connection: Connection, query: EventQuery, plain: Sequence[Conjunction], known: _Known, window: _Window
) -> Found | None:
    """What was known of a window, of a later one that overlaps it; of all that was stored when it was found out."""
    (since, before), (later_since, later_before) = known.window, window
    if not since <= later_since <= before <= later_before:
        return None
    if not plain:
        return known.found
    pinned = msgspec.structs.replace(query, snapshot=known.last)
    late = _in_window(connection, pinned, plain, (before, later_before))
    if known.found.places is not None:
        places = known.found.places.since(later_since)
        kept = Found(len(places), places, known.found.way)
    else:
        gone = _in_window(connection, pinned, plain, (since, later_since))
        if len(gone) > _MOST_SLID:
            return None
        kept = Found(known.found.total - len(gone), None, known.found.way)
    return None if len(late) > _MOST_SLID else _grown(kept, late)


def _in_window(connection: Connection, query: EventQuery, plain: Sequence[Conjunction], window: _Window) -> list[Place]:
    since, before = window
    if since == before:
        return []
    bounded = [msgspec.structs.replace(each, since=since, before=before) for each in plain]
    shape, values = within(query, bounded)
    return _places(connection, search_statement.places(shape, with_account=True), values, _MOST_SLID + 1)


def _grown(found: Found, more: Sequence[Place]) -> Found:
    places = found.places
    if places is not None:
        places = places.with_more(more) if len(places) + len(more) <= _MOST_PLACES else None
    return Found(found.total + len(more), places, found.way)


def is_quick(query: EventQuery) -> bool:
    """Whether the query asks for nothing but names and dates, customers, accounts and events by their whole ids."""
    return all(_is_quick(term) for terms in query.alternatives for term in terms)


def is_worth_remembering(query: EventQuery, found: Found) -> bool:
    """Whether to ask again would cost more than to remember."""
    if not is_quick(query):
        return True
    # Of several alternatives most is told by counts, as a rule.
    return len(query.alternatives) == 1 and found.total > _QUICKLY_COUNTED and _asks_more_than_counts_tell(query)


def look(connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction], *, last: int | None) -> Found:
    """How many events answer ``alternatives``, and where; ``last`` as in ``search_totals.total``."""
    if not alternatives:
        return Found(0, arranged(query.order, ()))
    if _is_found_by_index(alternatives):
        total = search_totals.total(connection, query, alternatives, last=last)
        if total > _MOST_PLACES:
            return Found(total, None)
        return Found(total, arranged(query.order, _first_places(connection, query, alternatives)))
    # Each event is looked into: where few answer, once is enough.
    places = _first_places(connection, query, alternatives)
    if len(places) <= _MOST_PLACES:
        return Found(len(places), arranged(query.order, places))
    reached = places[-1][1]
    before = sum(1 for _ in takewhile(lambda place: place[1] < reached, places))
    rest = [each.between(reached, None) for each in alternatives]
    possible = [each for each in rest if not each.is_impossible]
    return Found(before + search_totals.total(connection, query, possible, last=last), None)


def _is_found_by_index(alternatives: Sequence[Conjunction]) -> bool:
    if any(term.field != "customer_identity" for each in alternatives for term in each.rest):
        return False
    return driver_of(hull(alternatives) if len(alternatives) > 1 else alternatives[0]) != "time" or all(
        not each.rest for each in alternatives
    )


def _first_places(connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction]) -> list[Place]:
    shape, values = by_time(query, alternatives)
    with_account = is_by_account(query.order)
    return _places(connection, search_statement.places(shape, with_account=with_account), values, _MOST_PLACES + 1)


def _places(connection: Connection, statement: Statement, values: dict[str, object], limit: int) -> list[Place]:
    rows = connection.rows(statement, **values, limit=limit)
    return [(row[0], row[1], row[2] if len(row) > 2 else None) for row in rows]


def _revision(connection: Connection, query: EventQuery) -> Revision:
    """As far as it matters to the query."""
    revision = msgspec.structs.replace(revisions.read(connection, query.workspace), customers=0)
    if any(term.field in _ABOUT_CUSTOMERS for terms in query.alternatives for term in terms):
        return revision
    return msgspec.structs.replace(revision, renamed=0)


def _is_quick(term: Comparison) -> bool:
    if term.field in ("customer_identity", "account_id", "event_id"):
        return term.operator in _EXACT
    return term.field == "name" or (term.field == "occurred_at" and isinstance(term.value, int))


def _asks_more_than_counts_tell(query: EventQuery) -> bool:
    return any(term.field not in ("name", "occurred_at") for terms in query.alternatives for term in terms)


def _key(query: EventQuery) -> _Key:
    alternatives = query.alternatives
    if _window(query) is not None:
        alternatives = tuple(terms[2:] for terms in alternatives)
    return query.workspace, query.family, query.slides, alternatives, query.order


def _window(query: EventQuery) -> _Window | None:
    """The window that all alternatives of a question that slides have in common."""
    if not query.slides:
        return None
    ends = {terms[:2] for terms in query.alternatives}
    if len(ends) != 1:
        return None
    first, last = next(iter(ends))
    assert isinstance(first.value, int)
    assert isinstance(last.value, int)
    return first.value, last.value


def _size(known: _Known) -> int:
    return 0 if known.found.places is None else len(known.found.places)
