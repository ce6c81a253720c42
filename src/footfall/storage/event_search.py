"""Searching events: one page of them, or how many there are, for any ``EventQuery``.

The way of a query: names and exact identities are looked up first in their short dictionaries and become numbers,
so that one of them is an index range and a wildcard on names never scans events. What is left is split into a
*shape* and its values (``storage.search_shape``); each shape is compiled to SQL once (``storage.search_statement``),
its values are always bound.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import starmap

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.query import Comparison, EventQuery, Operator
from footfall.storage import event_counts, search_statement
from footfall.storage.connection import Connection
from footfall.storage.found_event import FoundEvent
from footfall.storage.functions import is_text
from footfall.storage.search_shape import FEW, Conjunction, shape_of, text_value
from footfall.storage.search_statement import compare_text
from footfall.storage.statement import Statement
from footfall.storage.tables import customers, event_types
from footfall.storage.time_buckets import BEGINNING, END

_BY_FOLDED_IDENTITY = Statement(
    sa.select(customers.c.number).where(
        customers.c.workspace == bindparam("workspace"), is_text(customers.c.identity_folded, "folded")
    )
)

# Which span of instants ``occurred_at operator value`` is: the distances of its ends from the value.
_SPANS: dict[Operator, tuple[int | None, int | None]] = {
    Operator.EQUAL: (0, 1),
    Operator.GREATER_OR_EQUAL: (0, None),
    Operator.GREATER: (1, None),
    Operator.LESS: (None, 0),
    Operator.LESS_OR_EQUAL: (None, 1),
}


class FirstPage(msgspec.Struct, frozen=True):
    """The page that begins a search; ``query`` is pinned to what was stored then, of which ``total`` answer it."""

    query: EventQuery
    total: int
    events: list[FoundEvent]


def first_page(connection: Connection, query: EventQuery) -> FirstPage:
    """The first page, the total and the snapshot that belong together: all three tell of one state of the store."""
    with connection.snapshot(query.workspace) as last:
        narrowed = _narrow_all(connection, query)
        types = tuple([_kept(alternative.types) for alternative in narrowed])
        pinned = msgspec.structs.replace(query, snapshot=last, types=types)
        alternatives = _possible(narrowed)
        if connection.is_sole_writer:
            total = _total(connection, query, alternatives)  # nothing stands above the snapshot
        else:
            total = _total_up_to(connection, pinned, last, alternatives)
        return FirstPage(pinned, total, _page(connection, pinned, alternatives))


def _kept(types: frozenset[int] | None) -> tuple[int, ...] | None:
    """What the pages to come need not look up again, if it is short enough to travel with them."""
    return None if types is None or len(types) > FEW else tuple(sorted(types))


def search(connection: Connection, query: EventQuery) -> list[FoundEvent]:
    """The events of one page, in the query's order."""
    return _page(connection, query, _possible(_narrow_all(connection, query)))


def count(connection: Connection, query: EventQuery) -> int:
    """How many events answer the query on all its pages: its position and limit do not matter."""
    return _total(connection, query, _possible(_narrow_all(connection, query)))


def _page(connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction]) -> list[FoundEvent]:
    if query.after is not None:
        alternatives = _possible([_from_position(query, alternative) for alternative in alternatives])
    if not alternatives:
        return []
    shape, values = shape_of(query, alternatives)
    return list(starmap(FoundEvent, connection.rows(search_statement.page(shape), **values)))


def _total_up_to(connection: Connection, query: EventQuery, last: int, alternatives: Sequence[Conjunction]) -> int:
    """As ``_total`` where several write: what the counts know of events above ``last`` is taken away again."""
    spans = [alternative.span for alternative in alternatives]
    if alternatives and None not in spans and connection.holds_still(query.workspace):
        asked = [span for span in spans if span is not None]
        counted = event_counts.count(connection, query.workspace, asked)
        return counted - event_counts.count_above(connection, query.workspace, asked, last)
    return _total(connection, query, alternatives)


def _total(connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction]) -> int:
    """Of types and time alone the counts tell, as long as everything stored is asked for."""
    if not alternatives:
        return 0
    spans = [alternative.span for alternative in alternatives]
    if query.snapshot is None and None not in spans:
        return event_counts.count(connection, query.workspace, [span for span in spans if span is not None])
    shape, values = shape_of(query, alternatives, counting=True)
    return int(connection.value(search_statement.count(shape), **values))


def is_indexed(query: EventQuery) -> bool:
    """Whether the dictionaries and indexes answer all of the query's terms, so that no event is looked into."""
    return all(_is_indexed(term) for terms in query.alternatives for term in terms)


def _is_indexed(term: Comparison) -> bool:
    if term.field == "customer_identity":
        return term.operator is Operator.EQUAL
    return term.field == "name" or (term.field == "occurred_at" and isinstance(term.value, int))


def _narrow_all(connection: Connection, query: EventQuery) -> list[Conjunction]:
    """The query's alternatives, names and exact identities looked up."""
    alternatives = query.alternatives or ((),)
    known = query.types or (None,) * len(alternatives)
    return [
        _narrow(connection, query.workspace, terms, types) for terms, types in zip(alternatives, known, strict=True)
    ]


def _possible(alternatives: Iterable[Conjunction]) -> list[Conjunction]:
    """Without those that no event can answer."""
    return [alternative for alternative in alternatives if not alternative.is_impossible]


def _from_position(query: EventQuery, alternative: Conjunction) -> Conjunction:
    """``alternative`` without the time that the pages before have covered, where time leads the order."""
    if query.after is None or not query.order or query.order[0].field != "occurred_at":
        return alternative
    reached = query.after.values[0]
    assert isinstance(reached, int)
    return alternative.between(None, reached + 1) if query.order[0].descending else alternative.between(reached, None)


def _narrow(
    connection: Connection, workspace: int, terms: Iterable[Comparison], known: tuple[int, ...] | None
) -> Conjunction:
    """One alternative; ``known`` are the types that its names stand for, if that is known."""
    since, before = BEGINNING, END
    whose: frozenset[int] | None = None
    names: list[Comparison] = []
    rest: list[Comparison] = []
    for term in terms:
        field, value = term.field, term.value
        if field == "name":
            names.append(term)
        elif field == "customer_identity" and term.operator is Operator.EQUAL:
            holders = _holders(connection, workspace, str(value))
            whose = holders if whose is None else whose & holders
        elif field == "occurred_at" and isinstance(value, int) and term.operator in _SPANS:
            from_value, to_value = _SPANS[term.operator]
            since = since if from_value is None else max(since, value + from_value)
            before = before if to_value is None else min(before, value + to_value)
        else:
            rest.append(term)
    types = None if known is None else frozenset(known)
    if names and known is None:
        types = _types(connection, workspace, names)
    return Conjunction(
        since=None if since == BEGINNING else since,
        before=None if before == END else before,
        types=types,
        customers=whose,
        rest=tuple(rest),
    )


def _holders(connection: Connection, workspace: int, identity: str) -> frozenset[int]:
    """Customers whose primary identity is ``identity``: several, where they differ in case alone."""
    folded = identity.casefold()
    if not folded:
        return frozenset()
    return frozenset(row[0] for row in connection.rows(_BY_FOLDED_IDENTITY, workspace=workspace, folded=folded))


def _types(connection: Connection, workspace: int, names: Sequence[Comparison]) -> frozenset[int]:
    """The event types whose names answer all of ``names``."""
    statement = _types_statement(tuple(term.operator for term in names))
    values = {f"name{index}": text_value(term.operator, str(term.value)) for index, term in enumerate(names)}
    return frozenset(row[0] for row in connection.rows(statement, workspace=workspace, **values))


@lru_cache(maxsize=256)
def _types_statement(operators: tuple[Operator, ...]) -> Statement:
    folded = event_types.c.folded
    return Statement(
        sa.select(event_types.c.number).where(
            event_types.c.workspace == bindparam("workspace"),
            *(compare_text(folded, folded, operator, f"name{index}") for index, operator in enumerate(operators)),
        )
    )
