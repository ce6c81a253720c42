"""Exports: events of one type page by page, in the order (occurred_at, sequence), up to a snapshot.

The promise: walking the pages forwards yields every event of the question exactly once, whatever is captured
meanwhile, because the order is total and never changes below the snapshot. Walking backwards yields the same pages.

A page is at most two index ranges of ``events_by_type``: the rest of the instant at which the page before ended,
then the instants beyond it. One range over row values would read that whole instant again, which makes an export
of events that all carry the same time quadratic.

Filters read the members of an event's JSON rather than paths into it: a path compares keys as they are spelled in
the text, escapes included, and cannot name a key that holds a quote.
"""

from collections.abc import Iterable
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
    PropertyFilter,
)
from footfall.storage.connection import Connection
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


class _Shape(msgspec.Struct, frozen=True):
    """What of a page decides about its SQL text: everything else is bound."""

    one_instant: bool
    backward: bool
    of_customer: bool
    filters: tuple[_FilterShape, ...]


def page(
    connection: Connection,
    query: ExportQuery,
    position: ExportPosition | None,
    limit: int,
    *,
    backward: bool = False,
) -> list[ExportedEvent]:
    """At most ``limit`` events behind ``position`` (None: from the start), in the export's order.

    With ``backward``: the last ones up to and including ``position``, nearest first.
    """
    if position is None:
        return _range(connection, query, limit, query.since, query.until, backward=backward)
    found = _instant(connection, query, limit, position, backward=backward)
    if len(found) < limit:
        since, until = (query.since, position.occurred_at) if backward else (position.occurred_at + 1, query.until)
        found += _range(connection, query, limit - len(found), since, until, backward=backward)
    return found


def people(connection: Connection, workspace: int, numbers: Iterable[int]) -> list[ExportedCustomer]:
    """The customers with these numbers, deleted ones included."""
    rows = connection.rows(_PEOPLE, workspace=workspace, numbers=list(numbers))
    return [ExportedCustomer(*row) for row in rows]


_PEOPLE = Statement(
    sa.select(_C.number, _C.id, _C.external_id, _C.email, _C.mobile, _C.object_id, _C.name, _C.properties).where(
        _C.workspace == bindparam("workspace"), is_in(_C.number, "numbers")
    )
)


def _instant(
    connection: Connection, query: ExportQuery, limit: int, position: ExportPosition, *, backward: bool
) -> list[ExportedEvent]:
    lowest, highest = (1, position.sequence) if backward else (position.sequence + 1, query.snapshot)
    statement = _statement(_shape(query, one_instant=True, backward=backward))
    rows = connection.rows(
        statement, **_parameters(query, limit), at=position.occurred_at, lowest=lowest, highest=highest
    )
    return [ExportedEvent(*row) for row in rows]


def _range(
    connection: Connection, query: ExportQuery, limit: int, since: int, until: int, *, backward: bool
) -> list[ExportedEvent]:
    statement = _statement(_shape(query, one_instant=False, backward=backward))
    rows = connection.rows(statement, **_parameters(query, limit), since=since, until=until, snapshot=query.snapshot)
    return [ExportedEvent(*row) for row in rows]


def _shape(query: ExportQuery, *, one_instant: bool, backward: bool) -> _Shape:
    return _Shape(
        one_instant=one_instant,
        backward=backward,
        of_customer=query.customer is not None,
        filters=tuple(_FilterShape(each.operator, each.negated, each.in_items) for each in query.filters),
    )


def _parameters(query: ExportQuery, limit: int) -> dict[str, Any]:
    parameters: dict[str, Any] = {"workspace": query.workspace, "type": query.type, "limit": limit}
    if query.customer is not None:
        parameters["customer"] = query.customer
    for index, each in enumerate(query.filters):
        parameters[f"key_{index}"] = each.key
        parameters |= _values(each, index)
    return parameters


def _values(each: PropertyFilter, index: int) -> dict[str, Any]:
    match each.operator:
        case "exists":
            return {}
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
    select = sa.select(_E.sequence, _E.id, _E.customer, _E.occurred_at, _E.properties, _E.session).where(
        _E.workspace == bindparam("workspace"), _E.type == bindparam("type")
    )
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
    for index, each in enumerate(shape.filters):
        select = select.where(_condition(each, index))
    keys = (_E.occurred_at, _E.sequence)
    return Statement(
        select.order_by(*(key.desc() if shape.backward else key for key in keys)).limit(
            bindparam("limit", type_=sa.Integer)
        )
    )


def _condition(shape: _FilterShape, index: int) -> sa.ColumnElement[bool]:
    held = members(_E.properties, f"held_{index}")
    condition = _holds(held, shape, index)
    if shape.in_items:
        condition |= _holds(item_members(_E.properties, "Items", f"inner_{index}"), shape, index)
    return ~condition if shape.negated else condition


def _holds(held: Any, shape: _FilterShape, index: int) -> sa.ColumnElement[bool]:
    return sa.select(sa.literal(1)).select_from(held).where(*_matches(held, shape, index)).exists()


def _matches(held: Any, shape: _FilterShape, index: int) -> tuple[sa.ColumnElement[bool], ...]:
    """The property has the filter's key, and its value is as the filter asks."""
    has_key = held.c.key == bindparam(f"key_{index}", type_=sa.Text)
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
