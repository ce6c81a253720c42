"""The SQL of a list of events: a pure function of its shape, compiled once per shape.

A page is merged from several index ranges, each in the list's order and no longer than the page reaches: one for each
of a few names, of a few customers, or for each of the system's kinds of events. Only positions are merged; what is
shown of the events is read for the page alone.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam, func

from footfall.model.event import CustomerLink
from footfall.storage.functions import (
    casefold,
    contains,
    hex_of,
    json_has_words,
    may_have,
    may_have_word,
    member_text,
    members,
)
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import customer_events, customers, events

_Clause = ColumnElement[bool]
Family = Literal["any", "roots", "below_roots", "children"]
Path = Literal["time", "type", "customer", "parent", "sequence"]
Text = Literal["", "any", "of each", "not by customer"]
"""How customers come into free text: looked up once for all events, or for each event; or none of them answers."""
_SHAPES_REMEMBERED = 512


class Part(msgspec.Struct, frozen=True):
    """One index range.

    ``path``: what leads to it: a single type or customer (in ``key<n>``), a parent, time alone, or the order in which
    events were stored. The rest only filters: ``types`` (in the list ``types``), ``customers`` (the lists
    ``customers_<n>``, by their links).
    """

    of: Literal["captured", "system"]
    path: Path
    types: bool = False
    customers: tuple[tuple[CustomerLink, ...], ...] | None = None
    links: tuple[CustomerLink, ...] | None = None  # of the customer that leads to it


class Shape(msgspec.Struct, frozen=True):
    """What decides the SQL text; all values are bound."""

    parts: tuple[Part, ...]
    since: bool = False
    before: bool = False
    family: Family = "any"
    properties: int = 0
    text: Text = ""
    text_by_type: bool = False  # whether events of some types answer the text, whatever else they say
    descending: bool = True


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def page(shape: Shape) -> Statement:
    """Positions of one page: ``origin`` (0 captured, 1 the system's), ``sequence``.

    Of events of one instant the captured ones are older, and else whichever was stored first.
    """
    limit, offset = bindparam("limit", type_=sa.BigInteger), bindparam("offset", type_=sa.BigInteger)
    if len(shape.parts) == 1:
        own = _positions(shape, 0)
        return Statement(own.order_by(*_order(own.selected_columns, shape)).limit(limit).offset(offset))
    reach = bindparam("reach", type_=sa.BigInteger)
    ranges = []
    for index in range(len(shape.parts)):
        own = _positions(shape, index)
        limited = own.order_by(*_order(own.selected_columns, shape)).limit(reach).subquery(f"range{index}")
        ranges.append(sa.select(*limited.c))
    merged = sa.union_all(*ranges).subquery("merged")
    return Statement(
        sa.select(*merged.c).order_by(*_order(merged.c, shape)).limit(limit).offset(offset),
    )


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def first_between(shape: Shape) -> Statement:
    """Positions of the first ``most`` events of all pages with ``after < sequence <= last``, in the list's order."""
    limit = bindparam("most", type_=sa.BigInteger)
    ranges = []
    for index in _indexes(shape):
        # As an expression: an embedded engine would rather sort what the sequences lead to than follow the order.
        sequence = _aside(_table(shape.parts[index]).c.sequence)
        own = _positions(shape, index).where(
            sequence > bindparam("after", type_=sa.BigInteger), sequence <= bindparam("last", type_=sa.BigInteger)
        )
        ranges.append(own.order_by(*_order(own.selected_columns, shape)).limit(limit))
    if len(ranges) == 1:
        return Statement(ranges[0])
    merged = sa.union_all(*(sa.select(*each.subquery().c) for each in ranges)).subquery("merged")
    return Statement(sa.select(*merged.c).order_by(*_order(merged.c, shape)).limit(limit))


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def count_up_to(shape: Shape) -> Statement:
    """How many there are on all pages, up to ``most``: no further is counted."""
    found = [_positions(shape, index).limit(bindparam("most", type_=sa.BigInteger)) for index in _indexes(shape)]
    united = found[0] if len(found) == 1 else sa.union_all(*(sa.select(*each.subquery().c) for each in found))
    return Statement(sa.select(func.count()).select_from(united.subquery("found")))


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def some(shape: Shape, *, bounded: bool = True) -> Statement:
    """Positions of ``most`` events of all pages, in no order; ``bounded``: those with ``after < sequence <= last``."""
    limit = bindparam("most", type_=sa.BigInteger)
    found = [_within(shape, index, bounded=bounded).limit(limit) for index in _indexes(shape)]
    return Statement(
        found[0] if len(found) == 1 else sa.union_all(*(sa.select(*each.subquery().c) for each in found)).limit(limit)
    )


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def count_between(shape: Shape) -> Statement:
    """How many of all pages there are with ``after < sequence <= last``."""
    found = [_within(shape, index, bounded=True) for index in _indexes(shape)]
    united = found[0] if len(found) == 1 else sa.union_all(*found)
    return Statement(sa.select(func.count()).select_from(united.subquery("found")))


def _indexes(shape: Shape) -> range:
    return range(len(shape.parts))


def _within(shape: Shape, index: int, *, bounded: bool) -> sa.Select[Any]:
    positions = _positions(shape, index)
    if not bounded:
        return positions
    sequence = _table(shape.parts[index]).c.sequence
    return positions.where(
        sequence > bindparam("after", type_=sa.BigInteger), sequence <= bindparam("last", type_=sa.BigInteger)
    )


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def by_type(shape: Shape) -> Statement:
    """For each type of all pages: its number, how many there are, the first and the last instant."""
    grouped = []
    for index, part in enumerate(shape.parts):
        c = _table(part).c
        summed = (func.count(), func.min(c.occurred_at), func.max(c.occurred_at))
        grouped.append(sa.select(c.type, *summed).where(*_where(shape, index)).group_by(c.type))
    return Statement(grouped[0] if len(grouped) == 1 else sa.union_all(*grouped))


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def roots(shape: Shape) -> Statement:
    """Captured events of all pages, oldest first: id, type, instant, customer, properties. Of shapes of one part."""
    (part,) = shape.parts
    columns = (events.c.id, events.c.type, events.c.occurred_at, events.c.customer, events.c.properties)
    assert part.of == "captured"
    return Statement(sa.select(*columns).where(*_where(shape, 0)).order_by(events.c.occurred_at, events.c.sequence))


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def generation(shape: Shape) -> Statement:
    """The children of the events in ``parents``: id, position, and whether they answer all else that is asked."""
    clauses = _own_terms(shape, shape.parts[0], events)
    answers: Any = sa.and_(sa.true(), *clauses)
    return Statement(
        sa.select(
            events.c.id,
            events.c.occurred_at,
            sa.literal_column("0").label("origin"),
            events.c.sequence,
            sa.cast(sa.case((answers, sa.literal_column("1")), else_=sa.literal_column("0")), sa.Integer),
        ).where(
            events.c.workspace + sa.literal_column("0") == bindparam("workspace"), is_in(events.c.parent_id, "parents")
        )
    )


def _table(part: Part) -> sa.Table:
    return events if part.of == "captured" else customer_events


def _positions(shape: Shape, index: int) -> sa.Select[Any]:
    part = shape.parts[index]
    columns = _table(part).c
    origin = sa.literal_column("0" if part.of == "captured" else "1", sa.Integer).label("origin")
    return sa.select(columns.occurred_at, origin, columns.sequence).where(*_where(shape, index))


def _order(columns: Any, shape: Shape) -> list[ColumnElement[Any]]:
    keys = [columns.occurred_at, columns.origin, columns.sequence] if len(shape.parts) > 1 else []
    keys = keys or [columns.occurred_at, columns.sequence]
    return [key.desc() if shape.descending else key.asc() for key in keys]


def _where(shape: Shape, index: int) -> list[_Clause]:
    part = shape.parts[index]
    table = _table(part)
    c = table.c
    where: list[_Clause] = []
    if part.path == "parent":
        where += [
            c.parent_id == bindparam("parent", type_=sa.LargeBinary),
            _aside(c.workspace) == bindparam("workspace"),
        ]
    elif part.path == "sequence":
        where.append(_aside(c.workspace) == bindparam("workspace"))
    else:
        where.append(c.workspace == bindparam("workspace"))
    if part.path == "type":
        where.append(c.type == bindparam(f"key{index}", type_=sa.BigInteger))
    if part.path == "customer":
        where.append(c.customer == bindparam(f"key{index}", type_=sa.BigInteger))
    if part.links is not None and part.of == "captured":
        where.append(_has_link(c, part.links))
    where += _own_terms(shape, part, table)
    if part.of == "captured":
        where += _family(shape, part)
    return where


def _own_terms(shape: Shape, part: Part, table: sa.Table) -> list[_Clause]:
    """What an event has to be by itself, apart from what leads to it and from its family."""
    c: Any = table.c
    where: list[_Clause] = []
    if part.types:
        where.append(is_in(_aside(c.type), f"types_{part.of}", sa.BigInteger()))
    if part.customers is not None:
        groups = [
            sa.and_(
                is_in(_aside(c.customer) if part.path != "time" else c.customer, f"customers{n}", sa.BigInteger()),
                *([_has_link(c, links)] if part.of == "captured" and len(links) < len(CustomerLink) else []),
            )
            for n, links in enumerate(part.customers)
            if part.of == "captured" or CustomerLink.BY_ID in links
        ]
        where.append(sa.or_(*groups) if groups else sa.false())
    if shape.since:
        where.append(c.occurred_at >= bindparam("since", type_=sa.BigInteger))
    if shape.before:
        where.append(c.occurred_at < bindparam("before", type_=sa.BigInteger))
    document = c.properties if part.of == "captured" else c.metadata
    for number in range(shape.properties):
        member = members(document, f"member{number}")
        where.append(may_have(document, f"sought{number}"))
        where.append(
            sa.exists().where(
                member.c.key == bindparam(f"property{number}", type_=sa.Text),
                is_in(member_text(document, member), f"texts{number}", sa.Text()),
            )
        )
    if shape.text:
        where.append(_answers_text(c, part, document, shape))
    return where


def _answers_text(c: Any, part: Part, document: ColumnElement[Any], shape: Shape) -> _Clause:
    name = customers.c
    ways = [sa.and_(may_have_word(document, "word"), json_has_words(document, "text"))]
    if shape.text_by_type:
        ways.append(is_in(_aside(c.type), "text_types", sa.BigInteger()))
    if shape.text == "any":
        ways.append(
            c.customer.in_(sa.select(name.number).where(name.workspace == bindparam("workspace"), _named(name)))
        )
    elif shape.text == "of each":
        own = customers.alias("own")
        ways.append(
            sa.exists().where(
                own.c.number == c.customer, _aside(own.c.workspace) == bindparam("workspace"), _named(own.c)
            )
        )
    if part.of == "captured":
        ways.insert(0, bindparam("text_is_user", type_=sa.Integer) == sa.literal_column("1"))
    return sa.or_(*ways)


def _named(c: Any) -> _Clause:
    """Whether one of a customer's names has the text in it."""
    return sa.or_(
        *(contains(casefold(column), "part") for column in (c.name, c.email, c.external_id)),
        sa.and_(
            bindparam("may_be_id", type_=sa.Integer) == sa.literal_column("1"),
            c.registered,
            contains(_spelt(c.id), "part"),
        ),
    )


def _spelt(identifier: ColumnElement[Any]) -> ColumnElement[str]:
    """An id as UUID text."""
    digits = hex_of(identifier)
    spelt: ColumnElement[Any] = func.substr(digits, sa.literal_column("1"), sa.literal_column("8"))
    for start, size in ((9, 4), (13, 4), (17, 4), (21, 12)):
        piece = func.substr(digits, sa.literal_column(str(start)), sa.literal_column(str(size)))
        spelt = spelt.op("||")(sa.literal_column("'-'", sa.Text)).op("||")(piece)
    return spelt


def _family(shape: Shape, part: Part) -> list[_Clause]:
    if shape.family == "roots":
        return [events.c.parent_id.is_(None)]
    if shape.family == "children":
        parent = sa.func.coalesce(events.c.parent_id, sa.null())  # no way to the rows
        return [parent == bindparam("parent", type_=sa.LargeBinary)]
    if shape.family != "below_roots":
        return []
    root = events.alias("root")
    near = events.c.level <= bindparam("depth", type_=sa.Integer)
    anchored = [near]
    own = _own_terms_of_root(shape, part, root)
    if own:
        anchored.append(sa.exists().where(root.c.id == events.c.root_id, *own))
    return [sa.or_(events.c.parent_id.is_(None), sa.and_(*anchored))]


def _own_terms_of_root(shape: Shape, part: Part, root: Any) -> list[_Clause]:
    """All that the event itself has to answer its root has to answer as well, what leads to it included."""
    as_filter = msgspec.structs.replace(
        part,
        types=part.types or part.path == "type",
        path="parent",
    )
    return _own_terms(shape, as_filter, root)


def _has_link(c: Any, links: Sequence[CustomerLink]) -> _Clause:
    clause: _Clause = c.customer_link.in_([sa.literal_column(str(int(link))) for link in sorted(links)])
    return clause


def _aside(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """``column`` as an expression, which no planner takes for a way to the rows."""
    return column + sa.literal_column("0")


NAMED_CUSTOMERS = Statement(
    sa.select(customers.c.number)
    .where(
        customers.c.workspace == bindparam("workspace"),
        customers.c.number <= bindparam("highest", type_=sa.BigInteger),
        _named(customers.c),
    )
    .order_by(customers.c.number)
)
"""Of customers numbered up to ``highest``, those one of whose names has the text ``part`` in it."""
# Of all workspaces, which is the end of one range: a bound, above which each is looked for in its own.
LAST_SYSTEM = Statement(sa.select(func.max(customer_events.c.sequence)))
"""The highest sequence of a system event; of any use only where a sole writer numbers them."""
