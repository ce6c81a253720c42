"""The shape of a search: all that decides its SQL text, apart from the values, which travel as parameters.

Two queries of one shape differ only in their values and share one compiled statement. Parameters are numbered in
the order in which they are met, so equal shapes name theirs alike.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from footfall.model import identifiers
from footfall.model.query import Comparison, EventQuery, Field, Operator, Position, PropertyPath, SortKey, is_by_time
from footfall.storage.event_counts import Span
from footfall.storage.time_buckets import BEGINNING, END

Values = dict[str, Any]

FEW = 8
"""How many event types or customers a statement names one by one."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LARGEST_INTEGER = 2**63 - 1


class Conjunction(msgspec.Struct, frozen=True):
    """One alternative of a query, with what an index can use pulled out.

    ``since <= occurred_at < before``; the numbers of the event types and customers; the comparisons that remain.
    None means any.
    """

    since: int | None = None
    before: int | None = None
    types: frozenset[int] | None = None
    customers: frozenset[int] | None = None
    rest: tuple[Comparison, ...] = ()

    @property
    def is_impossible(self) -> bool:
        """Whether no event whatever can answer it."""
        if self.since is not None and self.before is not None and self.since >= self.before:
            return True
        return self.types == frozenset() or self.customers == frozenset()

    @property
    def span(self) -> Span | None:
        """The same as types and time alone, if that is all it asks for."""
        if self.customers is not None or self.rest:
            return None
        since = BEGINNING if self.since is None else self.since
        return Span(self.types, since, END if self.before is None else self.before)

    def between(self, since: int | None, before: int | None) -> "Conjunction":
        """Narrowed to a span of instants."""
        return msgspec.structs.replace(
            self,
            since=max((at for at in (self.since, since) if at is not None), default=None),
            before=min((at for at in (self.before, before) if at is not None), default=None),
        )


class Members(msgspec.Struct, frozen=True):
    """Numbers: each in a parameter of ``each`` where they are few, else all as a list in ``array``."""

    each: tuple[str, ...] = ()
    array: str | None = None


class Term(msgspec.Struct, frozen=True):
    """A comparison; ``value``, ``key`` (of a member, or the bytes of an event's id) and ``number`` name parameters.

    ``number`` is the value once more, as a number. Without ``key`` or ``number`` the value has no such form.
    """

    field: Field | Literal["properties", "session"]
    operator: Operator
    value: str
    key: str | None = None
    number: str | None = None


class Condition(msgspec.Struct, frozen=True):
    """The shape of a conjunction; every text names a parameter."""

    since: str | None
    before: str | None
    types: Members | None
    customers: Members | None
    terms: tuple[Term, ...] = ()


class Shape(msgspec.Struct, frozen=True):
    """What decides the SQL text of a search.

    ``bounds`` hold for all ``alternatives``; these are empty where the bounds alone are the whole condition.
    ``order`` is empty and ``after`` None when counting; ``after`` tells which values of the position are null.
    """

    bounds: Condition
    alternatives: tuple[Condition, ...]
    snapshot: bool
    order: tuple[SortKey, ...] = ()
    after: tuple[bool, ...] | None = None


def shape_of(query: EventQuery, alternatives: Sequence[Conjunction], *, counting: bool = False) -> tuple[Shape, Values]:
    """The shape of ``query``, and the values of its parameters.

    ``alternatives`` are what is left of the query's, at least one: in the order of time, from its position on.
    """
    parameters = _Parameters()
    parameters.values["workspace"] = query.workspace
    if query.snapshot is not None:
        parameters.values["snapshot"] = query.snapshot
    hull = _hull(alternatives) if len(alternatives) > 1 else alternatives[0]
    bounds = _condition(hull, parameters)
    conditions: tuple[Condition, ...] = ()
    if len(alternatives) > 1:
        conditions = tuple(_condition(alternative, parameters) for alternative in alternatives)
    shape = Shape(bounds, conditions, query.snapshot is not None)
    if counting:
        return shape, parameters.values
    parameters.values["limit"] = query.limit
    after = None
    if query.after is not None:
        parameters.values["after_sequence"] = _after_sequence(query.after, query.order, hull)
        parameters.values.update({f"after{index}": value for index, value in enumerate(query.after.values)})
        after = tuple(value is None for value in query.after.values)
    return msgspec.structs.replace(shape, order=query.order, after=after), parameters.values


def _after_sequence(after: Position, order: tuple[SortKey, ...], bounds: Conjunction) -> int:
    """The sequence behind which events are, at the position's instant; in the order of time, at the bounds' first."""
    if is_by_time(order):
        first = bounds.since
        if order[0].descending:
            first = None if bounds.before is None else bounds.before - 1
        if first != after.values[0]:  # none of that instant's events was on a page yet
            return _LARGEST_INTEGER if order[0].descending else 0
    return after.sequence


def text_value(operator: Operator, value: str) -> str:
    """What to bind for a comparison of folded texts: the folded value, or the pattern of a SQL ``LIKE``."""
    folded = value.casefold()
    if operator not in (Operator.LIKE, Operator.NOT_LIKE):
        return folded
    escaped = re.sub(r"([\\%_])", r"\\\1", folded)
    return re.sub(r"\*+", "%", escaped).replace("?", "_")


class _Parameters:
    """Values under the names ``p0``, ``p1``, ..."""

    def __init__(self) -> None:
        self.values: Values = {}
        self._count = 0

    def add(self, value: object) -> str:
        name = f"p{self._count}"
        self._count += 1
        self.values[name] = value
        return name

    def add_bound(self, instant: int | None) -> str | None:
        return None if instant is None else self.add(instant)

    def add_members(self, numbers: frozenset[int] | None) -> Members | None:
        if numbers is None:
            return None
        if len(numbers) <= FEW:
            return Members(each=tuple(self.add(number) for number in sorted(numbers)))
        return Members(array=self.add(sorted(numbers)))


def _hull(alternatives: Sequence[Conjunction]) -> Conjunction:
    """The narrowest bounds that hold for every alternative."""
    since = [alternative.since for alternative in alternatives]
    before = [alternative.before for alternative in alternatives]
    return Conjunction(
        since=None if None in since else min(at for at in since if at is not None),
        before=None if None in before else max(at for at in before if at is not None),
        types=_union([alternative.types for alternative in alternatives]),
        customers=_union([alternative.customers for alternative in alternatives]),
    )


def _union(sets: Sequence[frozenset[int] | None]) -> frozenset[int] | None:
    known = [numbers for numbers in sets if numbers is not None]
    return frozenset[int]().union(*known) if len(known) == len(sets) else None


def _condition(conjunction: Conjunction, parameters: _Parameters) -> Condition:
    return Condition(
        since=parameters.add_bound(conjunction.since),
        before=parameters.add_bound(conjunction.before),
        types=parameters.add_members(conjunction.types),
        customers=parameters.add_members(conjunction.customers),
        terms=tuple(_term(comparison, parameters) for comparison in conjunction.rest),
    )


def _term(comparison: Comparison, parameters: _Parameters) -> Term:
    operator = comparison.operator
    if comparison.field == "occurred_at" and isinstance(comparison.value, int):
        return Term("occurred_at", operator, parameters.add(comparison.value))
    value = parameters.add(text_value(operator, str(comparison.value)))
    if not isinstance(comparison.field, PropertyPath):
        identifier = _identifier(str(comparison.value)) if comparison.field == "event_id" else None
        return Term(comparison.field, operator, value, key=None if identifier is None else parameters.add(identifier))
    number = None
    if comparison.field.document == "properties" and operator not in (Operator.LIKE, Operator.NOT_LIKE):
        number = _number(str(comparison.value))
    return Term(
        comparison.field.document,
        operator,
        value,
        key=parameters.add(comparison.field.key),
        number=None if number is None else parameters.add(number),
    )


def _identifier(text: str) -> bytes | None:
    """The event's id that is shown as ``text``, letter case aside."""
    identifier = identifiers.from_text(text)
    return identifier if identifier is not None and identifiers.to_text(identifier) == text.casefold() else None


def _number(text: str) -> int | float | None:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    if found[1] is None and found[2] is None and len(text) < 20 and abs(int(text)) <= _LARGEST_INTEGER:
        return int(text)
    return float(text)
