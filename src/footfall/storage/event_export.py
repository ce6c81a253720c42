"""Exports: events of one type page by page, in the order (occurred_at, sequence), up to a snapshot.

The promise: walking the pages forwards yields every event of the question exactly once, whatever is captured
meanwhile, because the order is total and never changes below the snapshot. Walking backwards yields the same pages.

A page is at most two index ranges of ``events_by_type``: the rest of the instant at which the page before ended,
then the instants beyond it. One range over row values would read that whole instant again, which makes an export
of events that all carry the same time quadratic.

Filters read the members of an event's JSON rather than paths into it: a path compares keys as they are spelled in
the text, escapes included, and cannot name a key that holds a quote. They leave nothing out of what is read, only out
of what is found, so that a page that finds little knows how far it has looked, and can be gone on with.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam, func

from footfall.model.export import (
    ExportedCustomer,
    ExportedEvent,
    ExportPosition,
    ExportQuery,
    FilteredPart,
    PropertyFilter,
)
from footfall.storage.connection import Connection, Row
from footfall.storage.functions import contains_any, is_number_kind, item_members, members, number
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import customers, events

_E = events.c
_C = customers.c
_ORDER = {
    "greater_than": "__gt__",
    "greater_than_equals": "__ge__",
    "less_than": "__lt__",
    "less_than_equals": "__le__",
}


class _FilterShape(msgspec.Struct, frozen=True):
    """What of a filter decides about its SQL text."""

    operator: str
    negated: bool
    in_items: bool
    part: FilteredPart
    field: str | None
    or_absent: bool


class _Shape(msgspec.Struct, frozen=True):
    """What of a page decides about its SQL text: everything else is bound."""

    one_instant: bool
    backward: bool
    of_customer: bool
    filters: tuple[_FilterShape, ...]


class Page(msgspec.Struct, frozen=True):
    """The events of a page, as many as were found; ``reached``: up to where all were looked at, None for nowhere."""

    events: list[ExportedEvent]
    reached: ExportPosition | None
    is_whole: bool


def page(
    connection: Connection,
    query: ExportQuery,
    position: ExportPosition | None,
    limit: int,
    *,
    backward: bool = False,
    budget: int | None = None,
) -> Page:
    """At most ``limit`` events behind ``position`` (None: from the start), in the export's order.

    With ``backward``: the last ones up to and including ``position``, nearest first. Where filters leave events out,
    no more than about ``budget`` are looked at: a page that is not whole by then is gone on with at ``reached``,
    which it does not include any more.
    """
    if not query.filters:
        looked = _look(connection, query, position, limit, backward=backward)
        return Page(looked.found, None, is_whole=True)
    found: list[ExportedEvent] = []
    size, left = limit + _FEW, budget
    while True:
        looked = _look(connection, query, position, size, backward=backward)
        found += looked.found
        if len(found) >= limit or looked.count < size:
            return Page(found[:limit], position, is_whole=True)
        assert looked.last is not None
        position = looked.last if not backward else _before(looked.last)
        if left is not None:
            left -= size
            if left <= 0:
                return Page(found, position, is_whole=False)
        size = min(4 * size, _MOST)


def by_sequences(connection: Connection, workspace: int, sequences: Iterable[int]) -> list[ExportedEvent]:
    """The events with these sequences, as many as there are, in an export's order."""
    rows = connection.rows(_BY_SEQUENCES, workspace=workspace, sequences=list(sequences))
    return [ExportedEvent(*row) for row in rows]


def people(connection: Connection, workspace: int, numbers: Iterable[int]) -> list[ExportedCustomer]:
    """The customers with these numbers, deleted ones included."""
    rows = connection.rows(_PEOPLE, workspace=workspace, numbers=list(numbers))
    return [ExportedCustomer(*row) for row in rows]


_FEW = 200
_MOST = 10_000
"""How many events are looked at at once where filters leave some out: more each time, up to this."""

_SEQUENCE, _OCCURRED_AT, _PROPERTIES = 0, 3, 4
_DOCUMENTS = {"properties": _E.properties, "session": _E.session, "customer_properties": _C.properties}
_BY_SEQUENCES = Statement(
    sa.select(_E.sequence, _E.id, _E.customer, _E.occurred_at, _E.properties, _E.session)
    .where(_E.workspace + sa.literal_column("0") == bindparam("workspace"), is_in(_E.sequence, "sequences"))
    .order_by(_E.occurred_at, _E.sequence)
)
_PEOPLE = Statement(
    sa.select(
        _C.number, _C.id, _C.external_id, _C.email, _C.mobile, _C.object_id, _C.name, _C.properties, _C.details
    ).where(_C.workspace == bindparam("workspace"), is_in(_C.number, "numbers"))
)


class _Looked(msgspec.Struct, frozen=True):
    found: list[ExportedEvent]
    count: int  # of all that were looked at
    last: ExportPosition | None  # of them


def _look(
    connection: Connection, query: ExportQuery, position: ExportPosition | None, size: int, *, backward: bool
) -> _Looked:
    """Looks at the next ``size`` events."""
    if position is None:
        rows = _range(connection, query, size, query.since, query.until, backward=backward)
    else:
        rows = _instant(connection, query, size, position, backward=backward)
        if len(rows) < size:
            since, until = (query.since, position.occurred_at) if backward else (position.occurred_at + 1, query.until)
            rows += _range(connection, query, size - len(rows), since, until, backward=backward)
    found = [ExportedEvent(*row) for row in rows if row[_PROPERTIES] is not None]
    last = ExportPosition(rows[-1][_OCCURRED_AT], rows[-1][_SEQUENCE]) if rows else None
    return _Looked(found, len(rows), last)


def _before(position: ExportPosition) -> ExportPosition:
    """Backwards a position is included: the next one is that of the sequence before, whether it is there or not."""
    return ExportPosition(position.occurred_at, position.sequence - 1)


def _instant(
    connection: Connection, query: ExportQuery, limit: int, position: ExportPosition, *, backward: bool
) -> list[Row]:
    lowest, highest = (1, position.sequence) if backward else (position.sequence + 1, query.snapshot)
    statement = _statement(_shape(query, one_instant=True, backward=backward))
    return connection.rows(
        statement, **_parameters(query, limit), at=position.occurred_at, lowest=lowest, highest=highest
    )


def _range(
    connection: Connection, query: ExportQuery, limit: int, since: int, until: int, *, backward: bool
) -> list[Row]:
    statement = _statement(_shape(query, one_instant=False, backward=backward))
    return connection.rows(statement, **_parameters(query, limit), since=since, until=until, snapshot=query.snapshot)


def _shape(query: ExportQuery, *, one_instant: bool, backward: bool) -> _Shape:
    return _Shape(
        one_instant=one_instant,
        backward=backward,
        of_customer=query.customer is not None,
        filters=tuple(_filter_shape(each) for each in query.filters),
    )


def _filter_shape(each: PropertyFilter) -> _FilterShape:
    field = each.key if each.part == "customer" else None
    return _FilterShape(each.operator, each.negated, each.in_items, each.part, field, each.or_absent)


def _parameters(query: ExportQuery, limit: int) -> dict[str, Any]:
    parameters: dict[str, Any] = {"workspace": query.workspace, "type": query.type, "limit": limit}
    if query.customer is not None:
        parameters["customer"] = query.customer
    for index, each in enumerate(query.filters):
        parameters |= _filter_parameters(each, index)
    return parameters


def _filter_parameters(each: PropertyFilter, index: int) -> dict[str, Any]:
    key = {} if each.part == "customer" else {f"key_{index}": each.key}
    return key | _values(each, index)


def _values(each: PropertyFilter, index: int) -> dict[str, Any]:
    match each.operator:
        case "exists":
            return {}
        case "equals" if each.part == "customer":
            return {f"texts_{index}": list(each.texts)}
        case "equals":
            return {
                f"texts_{index}": list(each.texts),
                f"numbers_{index}": list(each.numbers),
                f"truths_{index}": list(each.truths),
            }
        case "contains":
            return {f"texts_{index}": list(each.texts)}
        case "between":
            return {f"low_{index}": each.numbers[0], f"high_{index}": each.numbers[1]}
        case _:
            return {f"number_{index}": each.numbers[0]}


@lru_cache(maxsize=1024)
def _statement(shape: _Shape) -> Statement:
    """The next events of a range; those that the filters leave out are there, without properties."""
    # Adding nothing keeps the planner from walking all of a type's events instead of one customer's.
    of_type: sa.ColumnElement[Any] = _E.type + sa.literal_column("0") if shape.of_customer else _E.type
    conditions = [_condition(each, index) for index, each in enumerate(shape.filters)]
    properties = sa.case((sa.and_(*conditions), _E.properties)) if conditions else _E.properties
    select = sa.select(_E.sequence, _E.id, _E.customer, _E.occurred_at, properties, _E.session).where(
        _E.workspace == bindparam("workspace"), of_type == bindparam("type", type_=sa.Integer)
    )
    if any(each.part in {"customer", "customer_properties"} for each in shape.filters):
        holder = sa.and_(_C.number == _E.customer, _C.workspace == _E.workspace)
        select = select.select_from(events.outerjoin(customers, holder))
    if shape.one_instant:
        select = select.where(
            _E.occurred_at == bindparam("at"),
            _E.sequence >= bindparam("lowest"),
            _E.sequence <= bindparam("highest"),
        )
    else:
        select = select.where(
            _E.occurred_at >= bindparam("since"),
            _E.occurred_at < bindparam("until"),
            _E.sequence <= bindparam("snapshot"),
        )
    if shape.of_customer:
        select = select.where(_E.customer == bindparam("customer"))
    keys = (_E.occurred_at, _E.sequence)
    return Statement(
        select.order_by(*(key.desc() if shape.backward else key for key in keys)).limit(
            bindparam("limit", type_=sa.Integer)
        )
    )


def conditions_of(filters: Sequence[PropertyFilter]) -> tuple[list[sa.ColumnElement[bool]], dict[str, Any]]:
    """The filters as conditions on ``events`` (and on ``customers``, if joined), with their parameters."""
    shapes = [_filter_shape(each) for each in filters]
    parameters: dict[str, Any] = {}
    for index, each in enumerate(filters):
        parameters |= _filter_parameters(each, index)
    return [_condition(shape, index) for index, shape in enumerate(shapes)], parameters


def _condition(shape: _FilterShape, index: int) -> sa.ColumnElement[bool]:
    if shape.part == "customer":
        assert shape.field is not None
        return _field_condition(_C[shape.field], shape, index)
    held = members(_DOCUMENTS[shape.part], f"held_{index}")
    condition = _holds(held, shape, index)
    if shape.in_items:
        condition |= _holds(item_members(_E.properties, "Items", f"inner_{index}"), shape, index)
    if shape.or_absent:
        other = members(_DOCUMENTS[shape.part], f"other_{index}")
        condition |= ~sa.select(sa.literal(1)).select_from(other).where(other.c.key == _key(index)).exists()
    return ~condition if shape.negated else condition


def _field_condition(column: sa.ColumnElement[Any], shape: _FilterShape, index: int) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = column.is_not(None)
    if shape.operator != "exists":
        is_wanted = is_in if shape.operator == "equals" else contains_any
        condition = sa.and_(condition, is_wanted(column, f"texts_{index}"))
    return ~condition if shape.negated else condition


def _key(index: int) -> sa.BindParameter[str]:
    return bindparam(f"key_{index}", type_=sa.Text)


def _holds(held: Any, shape: _FilterShape, index: int) -> sa.ColumnElement[bool]:
    return sa.select(sa.literal(1)).select_from(held).where(*_matches(held, shape, index)).exists()


def _matches(held: Any, shape: _FilterShape, index: int) -> tuple[sa.ColumnElement[bool], ...]:
    """The property has the filter's key, and its value is as the filter asks."""
    has_key = held.c.key == _key(index)
    is_text = held.c.type == "text"
    is_number = is_number_kind(held.c.type)
    as_number = number(held.c.value)
    match shape.operator:
        case "exists":
            return has_key, held.c.type != "null"
        case "equals":
            truths = f"truths_{index}"
            return has_key, sa.or_(
                is_text & is_in(held.c.value, f"texts_{index}", sa.Text()),
                is_number & is_in(as_number, f"numbers_{index}", sa.Numeric()),
                is_in(held.c.type, truths, sa.Text()),
                is_text & is_in(func.lower(held.c.value), truths, sa.Text()),
            )
        case "contains":
            return has_key, is_text, contains_any(held.c.value, f"texts_{index}")
        case "between":
            at_least = as_number >= bindparam(f"low_{index}", type_=sa.Numeric)
            return has_key, is_number, at_least, as_number <= bindparam(f"high_{index}", type_=sa.Numeric)
        case operator:
            compare = getattr(as_number, _ORDER[operator])
            return has_key, is_number, compare(bindparam(f"number_{index}", type_=sa.Numeric))
