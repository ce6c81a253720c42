"""How many events there are, kept instead of counted: what makes an exact total cheap in a store of any size.

The promise: whoever sees events sees their counts, because both are written in one transaction, an event's counts
with the event itself, also where it is erased. Nothing else ever changes a count.

Where several processes write, each adds to rows of its own ``slot``, lest all wait for the one row of this hour.

Counts stand per workspace, type and bucket of time (``storage.time_buckets``), and once more for all types together,
as type 0. Single types are counted from the second level on, all types from the first: what a span leaves over at its
edges is counted in the events' indexes, and is fewer by so much for a single type; and events imported in no order of
time fall into few enough buckets that counting them costs a small part of storing them.

The system's own events of customers (``storage.customer_events``) are counted by type alone, as types below zero.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam, func

from footfall.storage import time_buckets
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert, is_in
from footfall.storage.tables import customer_events, event_counts, events
from footfall.storage.time_buckets import BEGINNING, END, WIDTHS

ALL_TYPES = 0
"""Stands for all types together; no type has this number."""

_OF_ALL_TYPES = 0
_OF_A_TYPE = 1
"""The finest levels."""
_FEW = 8
"""How many types a statement names one by one."""
_MOST_RUNS = 2 * len(WIDTHS) - 1
# Names of parameters.
_TYPE = tuple(f"type{index}" for index in range(_FEW))
_FIRST = tuple(f"first{index}" for index in range(_MOST_RUNS))
_END = tuple(f"end{index}" for index in range(_MOST_RUNS))
_SINCE = ("since0", "since1")
_BEFORE = ("before0", "before1")

_K = event_counts.c
_E = events.c
_KEY = ("workspace", "type", "level", "bucket", "slot")
_ADD = Upsert(event_counts, (*_KEY, "events"), key=_KEY, added=("events",))


_ABOVE = Statement(
    sa.select(_E.type, _E.occurred_at).where(
        _E.workspace == bindparam("workspace"), _E.sequence > bindparam("sequence", type_=sa.BigInteger)
    )
)


_BY_TYPE = Statement(
    sa.select(_K.type, sa.cast(func.sum(_K.events), sa.BigInteger))
    .where(_K.workspace == bindparam("workspace"), _K.level == sa.literal_column(str(len(WIDTHS) - 1)))
    .group_by(_K.type)
)


_OVER_TIME = Statement(
    sa.select(_K.type, _K.bucket, sa.cast(func.sum(_K.events), sa.BigInteger))
    .where(
        _K.workspace == bindparam("workspace"),
        is_in(_K.type, "types", sa.BigInteger()),
        _K.level == bindparam("level", type_=sa.Integer),
        _K.bucket >= bindparam("first", type_=sa.BigInteger),
        _K.bucket < bindparam("end", type_=sa.BigInteger),
    )
    .group_by(_K.type, _K.bucket)
)


class Span(msgspec.Struct, frozen=True):
    """Events of some types (None: of any) with ``since <= occurred_at < before``."""

    types: frozenset[int] | None
    since: int = BEGINNING
    before: int = END


def add(connection: Connection, workspace: int, stored: Iterable[tuple[int, int]], *, erased: bool = False) -> None:
    """Counts events that this transaction has stored, given as (type, occurred_at); ``erased``: has taken away."""
    listed = list(stored)
    width = WIDTHS[_OF_ALL_TYPES]
    of_all, of_types = Counter([(ALL_TYPES, at // width) for _, at in listed]), _by_type(listed)
    if erased:
        of_all, of_types = _negative(of_all), _negative(of_types)
    _add(connection, workspace, {_OF_ALL_TYPES: of_all, _OF_A_TYPE: of_types})


def add_customer_events(
    connection: Connection, workspace: int, stored: Sequence[tuple[int, int]], *, erased: bool = False
) -> None:
    """As ``add``, for the system's own events; ``erased``: this transaction has taken them away again."""
    counted = _by_type(stored)
    _add(connection, workspace, {_OF_A_TYPE: _negative(counted) if erased else counted})


def _negative(counted: Mapping[tuple[int, int], int]) -> Counter[tuple[int, int]]:
    return Counter({of: -count for of, count in counted.items()})


def _by_type(stored: Iterable[tuple[int, int]]) -> Counter[tuple[int, int]]:
    width = WIDTHS[_OF_A_TYPE]
    return Counter([(number, at // width) for number, at in stored])


def _add(connection: Connection, workspace: int, counts: Mapping[int, Mapping[tuple[int, int], int]]) -> None:
    """Adds counts, by (type, bucket), to their finest levels and to all wider ones."""
    rows = []
    for finest, counted in counts.items():
        for level, in_buckets in time_buckets.widened(counted, finest):
            rows += [
                (workspace, number, level, bucket, connection.slot, count)
                for (number, bucket), count in in_buckets.items()
            ]
    rows.sort()  # neighbours go to one page; and all writers take their locks in one order
    connection.upsert(_ADD, rows)


def count(connection: Connection, workspace: int, spans: Sequence[Span]) -> int:
    """How many events lie in at least one of ``spans``, among all that this transaction sees."""
    disjoint = spans if len(spans) == 1 else without_overlaps(spans)
    return sum(_count(connection, workspace, span) for span in disjoint)


def by_type(connection: Connection, workspace: int) -> dict[int, int]:
    """How many events of each type there are, the system's own included; those of all captured types as type 0."""
    return {row[0]: row[1] for row in connection.rows(_BY_TYPE, workspace=workspace) if row[1]}


def over_time(
    connection: Connection, workspace: int, types: Sequence[int], run: time_buckets.Run
) -> dict[tuple[int, int], int]:
    """How many events of each of ``types`` (``ALL_TYPES`` among them) lie in each bucket of ``run``; not where none.

    By (type, number of the bucket). Single types are not counted at the finest level.
    """
    rows = connection.rows(
        _OVER_TIME, workspace=workspace, types=list(types), level=run.level, first=run.first, end=run.end
    )
    return {(row[0], row[1]): row[2] for row in rows}


def count_customer_events(connection: Connection, workspace: int, span: Span) -> int:
    """As ``count``, of the system's own events; the span names their types."""
    assert span.types is not None, "nothing counts them together"
    return _count(connection, workspace, span, of=customer_events)


def count_above(connection: Connection, workspace: int, spans: Sequence[Span], sequence: int) -> int:
    """How many of those stand above ``sequence``; for the last few."""
    rows = connection.stream(_ABOVE, workspace=workspace, sequence=sequence)
    return sum(1 for number, at in rows if any(_holds(span, number, at) for span in spans))


def _holds(span: Span, number: int, at: int) -> bool:
    return span.since <= at < span.before and (span.types is None or number in span.types)


def without_overlaps(spans: Sequence[Span]) -> list[Span]:
    """Spans that cover the same events, each of them once."""
    borders = sorted({border for span in spans for border in (span.since, span.before)})
    disjoint: list[Span] = []
    for since, before in pairwise(borders):
        here = [span.types for span in spans if span.since <= since and before <= span.before]
        if not here:
            continue
        known = [types for types in here if types is not None]
        types = frozenset[int]().union(*known) if len(known) == len(here) else None
        if disjoint and disjoint[-1].before == since and disjoint[-1].types == types:
            disjoint[-1] = Span(types, disjoint[-1].since, before)
        else:
            disjoint.append(Span(types, since, before))
    return disjoint


def _count(connection: Connection, workspace: int, span: Span, of: sa.Table = events) -> int:
    finest = _OF_ALL_TYPES if span.types is None else _OF_A_TYPE
    runs, edges = time_buckets.cut(span.since, span.before, finest)
    if span.types == frozenset() or not (runs or edges):
        return 0
    values: dict[str, object] = {"workspace": workspace, _TYPE[0]: ALL_TYPES}
    few: int | None = None
    if span.types is not None:
        few = len(span.types) if len(span.types) <= _FEW else 0
        if few:
            values.update(zip(_TYPE, sorted(span.types), strict=False))
        else:
            values["types"] = sorted(span.types)
    for index, run in enumerate(runs):
        values[_FIRST[index]] = run.first
        values[_END[index]] = run.end
    for index, edge in enumerate(edges):
        values[_SINCE[index]] = edge.since
        values[_BEFORE[index]] = edge.before
    shape = tuple([run.level for run in runs]), tuple([edge.excess for edge in edges])
    return int(connection.value(_statement(of, few, *shape), **values))


@lru_cache(maxsize=512)
def _statement(of: sa.Table, few: int | None, levels: tuple[int, ...], excesses: tuple[bool, ...]) -> Statement:
    """The sum of runs at ``levels`` and of edges, some of them an excess, which are counted in the table ``of``.

    ``few`` types stand in a parameter each, 0 for any number in one array, None for all types.
    """
    parts: list[sa.Select[Any]] = []
    for index, level in enumerate(levels):
        parts.append(
            sa.select(func.sum(_K.events).label("part")).where(
                _K.workspace == bindparam("workspace"),
                _among(_K.type, 1 if few is None else few),
                _K.level == sa.literal_column(str(level)),
                _K.bucket >= bindparam(_FIRST[index], type_=sa.BigInteger),
                _K.bucket < bindparam(_END[index], type_=sa.BigInteger),
            )
        )
    for index, excess in enumerate(excesses):
        found = sa.select((-func.count() if excess else func.count()).label("part")).select_from(of)
        found = found.where(
            of.c.workspace == bindparam("workspace"),
            of.c.occurred_at >= bindparam(_SINCE[index], type_=sa.BigInteger),
            of.c.occurred_at < bindparam(_BEFORE[index], type_=sa.BigInteger),
        )
        parts.append(found if few is None else found.where(_among(of.c.type, few)))
    united = sa.union_all(*parts).subquery("parts")
    total = func.coalesce(func.sum(united.c.part), sa.literal_column("0"))
    return Statement(sa.select(sa.cast(total, sa.BigInteger)))


def _among(column: sa.ColumnElement[int], few: int) -> sa.ColumnElement[bool]:
    if few == 0:
        return is_in(column, "types", sa.BigInteger())
    if few == 1:
        return column == bindparam(_TYPE[0], type_=sa.BigInteger)
    return column.in_([bindparam(name, type_=sa.BigInteger) for name in _TYPE[:few]])
