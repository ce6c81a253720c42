"""How many events answer a search, exactly, counting as few of them as can be.

What is asked of types and time is known from the counts. From there: all but some is all less those; one or the other
is both less what they share. What remains is counted in the index of the customers or accounts that are asked for.
Only a condition that no index answers is put to each event.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import msgspec

from footfall.model.query import EventQuery
from footfall.storage import event_counts, search_statement
from footfall.storage.conjunction import DIMENSIONS, Conjunction
from footfall.storage.connection import Connection
from footfall.storage.event_counts import Span
from footfall.storage.search_shape import counting
from footfall.storage.text_comparison import NEGATED

_MOST_SHARED = 4
"""Of so many alternatives what they share is counted: fifteen numbers."""

Count = Callable[[Conjunction], int]


def total(connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction], *, last: int | None) -> int:
    """How many events up to the query's snapshot answer.

    ``last``: the snapshot's sequence where the counts may know of events above it; None where they know of none.
    """
    if not alternatives:
        return 0
    spans = [alternative.span for alternative in alternatives]
    knows_spans = query.snapshot is None or last is None or connection.holds_still(query.workspace)

    def of_spans(asked: Sequence[Span]) -> int:
        counted = event_counts.count(connection, query.workspace, asked)
        return counted if last is None else counted - event_counts.count_above(connection, query.workspace, asked, last)

    def of_one(asked: Conjunction) -> int:
        if asked.span is not None and knows_spans:
            return of_spans([asked.span])
        return _scanned(connection, query, [asked])

    if knows_spans and None not in spans:
        return of_spans([span for span in spans if span is not None])
    if len(alternatives) > _MOST_SHARED or not _is_simple(alternatives):
        return _scanned(connection, query, alternatives)
    return _of_any(alternatives, of_one)


def _is_simple(alternatives: Sequence[Conjunction]) -> bool:
    """Whether all that no dictionary has resolved is whose events they are."""
    return all(term.field == "customer_identity" for alternative in alternatives for term in alternative.rest)


def _of_any(alternatives: Sequence[Conjunction], of_one: Count) -> int:
    found = 0
    for size in range(1, len(alternatives) + 1):
        for chosen in combinations(alternatives, size):
            shared = chosen[0]
            for other in chosen[1:]:
                shared = shared.and_also(other)
            found += _of_all(shared, of_one) * (1 if size % 2 else -1)
    return found


def _of_all(asked: Conjunction, of_one: Count) -> int:
    """What is to be left out is counted apart: it is less than the rest, as a rule."""
    if asked.is_impossible:
        return 0
    for dimension in DIMENSIONS:
        apart = asked.apart_from(dimension)
        if apart and asked.among(dimension) is None:
            everything = msgspec.structs.replace(asked, **{f"other_{dimension}": frozenset()})
            return _of_all(everything, of_one) - _of_all(everything.within(dimension, apart), of_one)
    for term in asked.rest:
        if term.field == "customer_identity" and term.operator in NEGATED:
            everything = msgspec.structs.replace(asked, rest=tuple(each for each in asked.rest if each != term))
            positive = msgspec.structs.replace(term, operator=NEGATED[term.operator])
            those = msgspec.structs.replace(everything, rest=(*everything.rest, positive))
            return _of_all(everything, of_one) - _of_all(those, of_one)
    return of_one(asked)


def _scanned(connection: Connection, query: EventQuery, alternatives: Sequence[Conjunction]) -> int:
    shape, values = counting(query, alternatives)
    return int(connection.value(search_statement.count(shape), **values))
