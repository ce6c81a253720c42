"""The shape of a search: all that decides its SQL text, apart from the values, which travel as parameters.

Two queries of one shape differ only in their values and share one compiled statement. Parameters are numbered in
the order in which they are met, so equal shapes name theirs alike.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from footfall.model.query import Comparison, EventQuery, Field, Operator, Position, PropertyPath, SortKey, is_by_time
from footfall.storage.conjunction import DIMENSIONS, Conjunction, Dimension, hull
from footfall.storage.text_comparison import NEGATED, text_value

Values = dict[str, Any]

FEW = 8
"""How many event types, customers or accounts a statement names one by one."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# What stands in a document as it reads: nothing that may be escaped, nor what is between values, as arrays have them.
_RUN = re.compile(r"[ !#-)+\-./0-9;<=>@A-Z^_`a-z|~]+")
_IS_NO_NUMBER = re.compile(r"[^0-9eE.+\-]")
_LARGEST_INTEGER = 2**63 - 1

Driver = Dimension | Literal["time", "order", "sequence"]
"""By which index events are found: that of a dimension, of time, of the order of the page, or of storing."""


MOST_PARTS = 8
"""How many alternatives are found each by its own index: each part has the ones before it to leave out."""
BY_TIME = (SortKey("occurred_at"),)


def dimension_of(driver: Driver) -> Dimension | None:
    """The dimension whose index it is, if it is one's."""
    return next((dimension for dimension in DIMENSIONS if dimension == driver), None)


class Members(msgspec.Struct, frozen=True):
    """Values: each in a parameter of ``each`` where they are few, else all as a list in ``array``."""

    each: tuple[str, ...] = ()
    array: str | None = None


class Term(msgspec.Struct, frozen=True):
    """A comparison; ``value``, ``key`` (of a member), ``number`` and ``fragment`` name parameters.

    ``number`` is the value once more, as a number; without it the value has no such form. ``fragment``: a pattern of
    what a document whose member answers has in it, unless it is spelt unusually.
    """

    field: Field | Literal["properties", "session"]
    operator: Operator
    value: str
    key: str | None = None
    number: str | None = None
    fragment: str | None = None


class Condition(msgspec.Struct, frozen=True):
    """The shape of a conjunction; every text names a parameter.

    ``among`` and ``apart_from``: of the dimensions, in their order, the values that events have or do not have.
    """

    since: str | None
    before: str | None
    among: tuple[tuple[Dimension, Members], ...] = ()
    apart_from: tuple[tuple[Dimension, Members], ...] = ()
    terms: tuple[Term, ...] = ()
    has_account: bool = True

    def members(self, dimension: Dimension) -> Members | None:
        """What the condition asks for in a dimension."""
        return next((members for each, members in self.among if each == dimension), None)


class Part(msgspec.Struct, frozen=True):
    """Events within ``bounds`` that answer one of ``any_of``, where there are any, and none of ``none_of``.

    ``driver``: by which index they are found.
    """

    bounds: Condition
    driver: Driver
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()


class Shape(msgspec.Struct, frozen=True):
    """What decides the SQL text of a search: parts that have no event in common.

    ``order`` is empty and ``after`` None when counting; ``after`` tells which values of the position are null.
    """

    parts: tuple[Part, ...]
    snapshot: bool
    order: tuple[SortKey, ...] = ()
    after: tuple[bool, ...] | None = None


def stored_since(query: EventQuery, alternatives: Sequence[Conjunction], above: int) -> tuple[Shape, Values]:
    """The shape of what answers ``alternatives``, at least one, and was stored behind the sequence ``above``."""
    parameters = _parameters(query)
    parameters.values["above"] = above
    shape = Shape((_one_part(alternatives, parameters, "sequence"),), query.snapshot is not None, BY_TIME)
    return shape, parameters.values


def within(query: EventQuery, alternatives: Sequence[Conjunction]) -> tuple[Shape, Values]:
    """The shape of what answers ``alternatives``, at least one, looked for in all that lies within their bounds."""
    parameters = _parameters(query)
    shape = Shape((_one_part(alternatives, parameters, "time"),), query.snapshot is not None, BY_TIME)
    return shape, parameters.values


def by_time(query: EventQuery, alternatives: Sequence[Conjunction]) -> tuple[Shape, Values]:
    """The shape of all that answers ``alternatives``, at least one, in the order of time."""
    parameters = _parameters(query)
    if len(alternatives) > MOST_PARTS:
        parts: tuple[Part, ...] = (_one_part(alternatives, parameters),)
    else:
        parts = _parts(alternatives, parameters)
    return Shape(parts, query.snapshot is not None, BY_TIME), parameters.values


def counting(query: EventQuery, alternatives: Sequence[Conjunction]) -> tuple[Shape, Values]:
    """The shape of a count of all that answers ``alternatives``, at least one, and the values of its parameters."""
    parameters = _parameters(query)
    return Shape((_one_part(alternatives, parameters),), query.snapshot is not None), parameters.values


def paging(query: EventQuery, alternatives: Sequence[Conjunction]) -> tuple[Shape, Values]:
    """The shape of a page of ``query``, and the values of its parameters.

    ``alternatives`` are what is left of the query's, at least one: in the order of time, from its position on.
    """
    parameters = _parameters(query)
    if query.way == "in_order":
        parts: tuple[Part, ...] = (_one_part(alternatives, parameters, "order"),)
    elif query.way == "by_condition":
        parts = _parts(alternatives, parameters)
    else:
        parts = (_one_part(alternatives, parameters),)
    values = parameters.values
    values["limit"] = query.limit
    shape = Shape(parts, query.snapshot is not None, query.order)
    if query.after is None:
        return shape, values
    if is_by_time(query.order):
        for part, bounds in zip(parts, alternatives if len(parts) > 1 else [_hull(alternatives)], strict=True):
            values[after_sequence(part)] = _after_sequence(query.after, query.order, bounds)
    else:
        values["after_sequence"] = query.after.sequence
    values.update({f"after{index}": value for index, value in enumerate(query.after.values)})
    return msgspec.structs.replace(shape, after=tuple(value is None for value in query.after.values)), values


def after_sequence(part: Part) -> str:
    """The parameter with the sequence behind which a part's events are at the first instant of its bounds."""
    return f"after_{part.bounds.since}_{part.bounds.before}"


def driver_of(conjunction: Conjunction) -> Driver:
    """The index that finds fewest events."""
    if not conjunction.has_account:
        return "accounts"
    for dimension in ("ids", "customers", "accounts", "types"):
        if getattr(conjunction, dimension) is not None:
            return dimension
        if dimension == "customers" and any(_names_customers(term) for term in conjunction.rest):
            return "customers"
    return "time"


def _names_customers(term: Comparison) -> bool:
    return term.field == "customer_identity" and term.operator not in (Operator.NOT_EQUAL, Operator.NOT_LIKE)


def _hull(alternatives: Sequence[Conjunction]) -> Conjunction:
    return hull(alternatives) if len(alternatives) > 1 else alternatives[0]


def _one_part(alternatives: Sequence[Conjunction], parameters: "_Parameters", driver: Driver | None = None) -> Part:
    whole = _hull(alternatives)
    bounds = _condition(whole, parameters)
    any_of: tuple[Condition, ...] = ()
    if len(alternatives) > 1:
        any_of = tuple(_condition(alternative, parameters) for alternative in alternatives)
    return Part(bounds, driver or driver_of(whole), any_of)


def _parts(alternatives: Sequence[Conjunction], parameters: "_Parameters") -> tuple[Part, ...]:
    conditions = [_condition(alternative, parameters) for alternative in alternatives]
    return tuple(
        Part(condition, driver_of(alternative), none_of=tuple(conditions[:index]))
        for index, (condition, alternative) in enumerate(zip(conditions, alternatives, strict=True))
    )


def _after_sequence(after: Position, order: tuple[SortKey, ...], bounds: Conjunction) -> int:
    """The sequence behind which events are, at the bounds' first instant in the order of time."""
    first = bounds.since
    if order[0].descending:
        first = None if bounds.before is None else bounds.before - 1
    if first != after.values[0]:  # none of that instant's events was on a page yet
        return _LARGEST_INTEGER if order[0].descending else 0
    return after.sequence


def _parameters(query: EventQuery) -> "_Parameters":
    parameters = _Parameters()
    parameters.values["workspace"] = query.workspace
    if query.snapshot is not None:
        parameters.values["snapshot"] = query.snapshot
    return parameters


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

    def add_members(self, values: frozenset[Any]) -> Members:
        if len(values) <= FEW:
            return Members(each=tuple(self.add(value) for value in sorted(values)))
        return Members(array=self.add(sorted(values)))


def _condition(conjunction: Conjunction, parameters: _Parameters) -> Condition:
    return Condition(
        since=parameters.add_bound(conjunction.since),
        before=parameters.add_bound(conjunction.before),
        among=tuple(
            (dimension, parameters.add_members(values))
            for dimension in DIMENSIONS
            if (values := conjunction.among(dimension)) is not None
        ),
        apart_from=tuple(
            (dimension, parameters.add_members(values))
            for dimension in DIMENSIONS
            if (values := conjunction.apart_from(dimension))
        ),
        terms=tuple(_term(comparison, parameters) for comparison in conjunction.rest),
        has_account=conjunction.has_account,
    )


def _term(comparison: Comparison, parameters: _Parameters) -> Term:
    operator = comparison.operator
    if comparison.field == "occurred_at" and isinstance(comparison.value, int):
        return Term("occurred_at", operator, parameters.add(comparison.value))
    value = parameters.add(text_value(operator, str(comparison.value)))
    if not isinstance(comparison.field, PropertyPath):
        return Term(comparison.field, operator, value)
    number = None
    if comparison.field.document == "properties" and operator not in (Operator.LIKE, Operator.NOT_LIKE):
        number = _number(str(comparison.value))
    return Term(
        comparison.field.document,
        operator,
        value,
        key=parameters.add(comparison.field.key),
        number=None if number is None else parameters.add(number),
        fragment=_fragment(comparison.field, operator, str(comparison.value), parameters),
    )


def _fragment(field: PropertyPath, operator: Operator, value: str, parameters: _Parameters) -> str | None:
    """The longest run of a text or pattern as a pattern of a SQL ``LIKE``. A number may be spelt in several ways."""
    if field.document != "properties" or NEGATED.get(operator, operator) not in (Operator.EQUAL, Operator.LIKE):
        return None
    runs = [run for run in _RUN.findall(value.casefold()) if _IS_NO_NUMBER.search(run)]
    return parameters.add(f"%{max(runs, key=len)}%") if runs else None


def _number(text: str) -> int | float | None:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    if found[1] is None and found[2] is None and len(text) < 20 and abs(int(text)) <= _LARGEST_INTEGER:
        return int(text)
    return float(text)
