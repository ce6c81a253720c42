"""Whole events by what is exactly known of them: one page by offset, and how many there are.

Which parts of the question are given decides the SQL text (its *shape*), which is compiled once; values are bound.
Each shape walks one index range: an event's id, a customer's events, a type's, or a span of time. Properties are
looked at in the events of that range.
"""

import re
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam

from footfall.model.event import Event
from footfall.model.record_search import HowMatched, PropertyMatch, RecordSearch
from footfall.model.text import words
from footfall.storage import event_counts
from footfall.storage.connection import Connection
from footfall.storage.event_counts import Span
from footfall.storage.events import EVENT_COLUMNS, event_of
from footfall.storage.functions import has_words, is_number_kind, members, number
from footfall.storage.statement import Statement
from footfall.storage.tables import event_types, events
from footfall.storage.time_buckets import BEGINNING, END

_E = events.c

_Match = tuple[HowMatched, bool]
"""How a property is matched, and whether the value is a number as well."""

_Shape = tuple[frozenset[str], tuple[tuple[_Match, ...], ...], bool]
"""The parts that are given, how properties are matched, and whether the latest come first."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?")
_PARTS = ("id", "type", "customer", "since", "before", "is_duplicate")


def search(connection: Connection, asked: RecordSearch) -> tuple[list[Event], int]:
    """One page, and how many events answer on all pages; both tell of one state of the store."""
    shape, values = _shape_of(asked)
    with connection.snapshot(asked.workspace):
        rows = connection.rows(_page(shape), **values, limit=asked.limit, skip=asked.skip)
        return [event_of(row) for row in rows], _count(connection, asked, shape, values)


def _count(connection: Connection, asked: RecordSearch, shape: _Shape, values: dict[str, Any]) -> int:
    given, properties, _ = shape
    if properties or given & {"id", "customer", "is_duplicate"}:
        return int(connection.value(_total(shape), **values))
    span = Span(
        None if asked.type is None else frozenset([asked.type]),
        BEGINNING if asked.since is None else asked.since,
        END if asked.before is None else asked.before,
    )
    return event_counts.count(connection, asked.workspace, [span]) if span.since < span.before else 0


def _shape_of(asked: RecordSearch) -> tuple[_Shape, dict[str, Any]]:
    given = {name: value for name in _PARTS if (value := getattr(asked, name)) is not None}
    values: dict[str, Any] = {"workspace": asked.workspace, **given}
    shapes = []
    for place, choice in enumerate(asked.properties):
        shapes.append(tuple(_matched(match, f"{place}_{index}", values) for index, match in enumerate(choice)))
    return (frozenset(given), tuple(shapes), asked.descending), values


def _matched(match: PropertyMatch, suffix: str, values: dict[str, Any]) -> _Match:
    """Adds the values of a match; how it is matched."""
    values[f"key{suffix}"] = match.key
    if match.how == "present":
        return match.how, False
    values[f"value{suffix}"] = words(match.value) if match.how == "words" else match.value
    is_number = _NUMBER.fullmatch(match.value) is not None
    if is_number:
        values[f"number{suffix}"] = _number(match.value)
    return match.how, is_number


def _number(text: str) -> int | float:
    plain = float(text)
    whole = int(plain) if plain.is_integer() and abs(plain) < 2**53 else None
    return plain if whole is None else whole


@lru_cache(maxsize=512)
def _page(shape: _Shape) -> Statement:
    keys = (_E.occurred_at, _E.sequence)
    return Statement(
        sa.select(*EVENT_COLUMNS)
        # An outer join keeps the planner from walking the dictionary first.
        .select_from(events.join(event_types, event_types.c.number == _E.type, isouter=True))
        .where(*_where(shape))
        .order_by(*(key.desc() if shape[2] else key for key in keys))
        .limit(bindparam("limit", type_=sa.BigInteger))
        .offset(bindparam("skip", type_=sa.BigInteger))
    )


@lru_cache(maxsize=512)
def _total(shape: _Shape) -> Statement:
    return Statement(sa.select(sa.func.count()).select_from(events).where(*_where(shape)))


def _where(shape: _Shape) -> list[ColumnElement[bool]]:
    given, properties, _ = shape
    nothing: ColumnElement[int] = sa.literal_column("0", sa.Integer)
    # Adding nothing keeps the planner from any but the narrowest range.
    workspace = _E.workspace + nothing if "id" in given else _E.workspace
    event_type = _E.type + nothing if given & {"id", "customer"} else _E.type
    customer = _E.customer + nothing if "id" in given else _E.customer
    clauses = {
        "id": _E.id == bindparam("id", type_=sa.LargeBinary),
        "type": event_type == bindparam("type", type_=sa.BigInteger),
        "customer": customer == bindparam("customer", type_=sa.BigInteger),
        "since": _E.occurred_at >= bindparam("since", type_=sa.BigInteger),
        "before": _E.occurred_at < bindparam("before", type_=sa.BigInteger),
        "is_duplicate": _E.is_duplicate == bindparam("is_duplicate", type_=sa.Boolean),
    }
    where: list[ColumnElement[bool]] = [workspace == bindparam("workspace")]
    where += [clauses[name] for name in _PARTS if name in given]
    return where + [_has_one(choice, place) for place, choice in enumerate(properties)]


def _has_one(choice: tuple[_Match, ...], place: int) -> ColumnElement[bool]:
    member = members(_E.properties, f"member{place}")
    return sa.exists().where(sa.or_(*(_is(member, match, f"{place}_{index}") for index, match in enumerate(choice))))


def _is(member: Any, match: _Match, suffix: str) -> ColumnElement[bool]:
    how, is_number = match
    kind, value = member.c.type, member.c.value
    named: ColumnElement[bool] = member.c.key == bindparam(f"key{suffix}", type_=sa.Text)
    plain: ColumnElement[Any] = sa.cast(value, sa.Text)
    truths = [sa.literal_column(f"'{truth}'", sa.Text) for truth in ("true", "false")]
    text: ColumnElement[Any] = sa.case((kind.in_(truths), kind), else_=plain)
    filled = sa.func.coalesce(text, sa.literal_column("''", sa.Text)) != sa.literal_column("''", sa.Text)
    if how == "present":
        return sa.and_(named, filled)
    if how == "words":
        as_text = has_words(text, f"value{suffix}")
    else:
        as_text = text == bindparam(f"value{suffix}", type_=sa.Text)
    as_number: ColumnElement[bool] = sa.false()
    if is_number:
        as_number = number(value) == bindparam(f"number{suffix}", type_=sa.Numeric)
    return sa.and_(named, filled, sa.case((is_number_kind(kind), as_number), else_=as_text))
