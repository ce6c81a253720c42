"""Lists of events, captured ones and the system's own: one page, and how many there are.

The way of a question: its names and customers become numbers (``storage.listing_terms``), these become a few index
ranges (``storage.listing_statement``), of which a page takes positions; then the page's events are read with their
customers and the numbers of their children. Totals of names and time come from the counts.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam, func

from footfall.model.customer import Customer
from footfall.model.customer_event import CustomerEvent
from footfall.model.event import CustomerLink
from footfall.model.event_listing import EventListing
from footfall.model.words import words
from footfall.storage import customer_events as log
from footfall.storage import customers, event_counts, listing_statement
from footfall.storage.connection import Connection
from footfall.storage.customers import CUSTOMER_COLUMNS, customer_of
from footfall.storage.event_counts import Span
from footfall.storage.event_details import SHOWN_COLUMNS, EventInHierarchy, holder_of_external_id
from footfall.storage.listing_memory import ListingMemory
from footfall.storage.listing_statement import Part, Shape
from footfall.storage.listing_terms import ANY_LINK, Terms, look_up
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import customer_events, event_types, events
from footfall.storage.tables import customers as customers_table
from footfall.storage.time_buckets import BEGINNING, END

_E = events.c
_V = customer_events.c
_FEW = 8
_PARENTS_AT_A_TIME = 500
_WITH_CUSTOMER = events.join(event_types, event_types.c.number == _E.type).outerjoin(
    customers_table, sa.and_(customers_table.c.number == _E.customer, customers_table.c.workspace == _E.workspace)
)
_ROWS = Statement(
    sa.select(_E.sequence, *SHOWN_COLUMNS, *CUSTOMER_COLUMNS)
    .select_from(_WITH_CUSTOMER)
    .where(is_in(_E.sequence, "sequences"), _E.workspace + sa.literal_column("0") == bindparam("workspace"))
)
_SYSTEM_ROWS = Statement(
    sa.select(_V.sequence, *log.COLUMNS).where(
        is_in(_V.sequence, "sequences"), _V.workspace + sa.literal_column("0") == bindparam("workspace")
    )
)
_CHILDREN = Statement(
    sa.select(_E.parent_id, func.count())
    .where(is_in(_E.parent_id, "parents"), _E.workspace + sa.literal_column("0") == bindparam("workspace"))
    .group_by(_E.parent_id)
)

Position = tuple[int, int]
"""0 for a captured event, 1 for one of the system's; and its sequence."""


class Listed(msgspec.Struct, frozen=True):
    """A captured event of a page, with its customer, and whoever goes by his external id now (``event_details``)."""

    event: EventInHierarchy
    customer: Customer | None
    present: Customer | None


class ListedSystemEvent(msgspec.Struct, frozen=True):
    """An event of the system's, with the customer whom it tells of."""

    event: CustomerEvent
    customer: Customer | None


AnyListed = Listed | ListedSystemEvent


class EventPage(msgspec.Struct, frozen=True):
    """A page; ``total`` of all pages, None where it was not asked for. ``has_more``: a page follows."""

    events: list[AnyListed]
    total: int | None
    has_more: bool


def page(connection: Connection, asked: EventListing, memory: ListingMemory, *, counted: bool = True) -> EventPage:
    """One page; ``counted``: with the total. ``memory``: see there."""
    terms = look_up(connection, asked)
    shape, values = shape_of(asked, terms)
    if asked.parent is not None and asked.depth is not None and asked.depth != 1:
        positions, total = _descendants(connection, asked, shape, values)
    elif not shape.parts:
        positions, total = [], 0
    elif counted and not _is_plain(asked, terms):
        found = memory.find(connection, asked, shape, values)
        total = found.total
        if found.positions is None:
            positions = _positions(connection, asked, shape, values)
        else:
            positions = _cut(found.positions, asked)
    else:
        positions = _positions(connection, asked, shape, values)
        total = _total(connection, asked, terms) if counted else 0
    shown = _read(connection, asked.workspace, positions[: asked.limit])
    return EventPage(shown, total if counted else None, len(positions) > asked.limit)


def shape_of(asked: EventListing, terms: Terms, *, in_one: bool = False) -> tuple[Shape, dict[str, Any]]:
    """The shape of a question and its values; ``in_one``: captured events are one part, in whatever order."""
    values: dict[str, Any] = {"workspace": asked.workspace}
    parts: list[Part] = []
    if terms.has_captured:
        parts += _captured_parts(asked, terms, values, few=0 if in_one else _FEW)
    if terms.has_system:
        parts += _system_parts(terms, values, len(parts))
    if asked.since is not None:
        values["since"] = asked.since
    if asked.before is not None:
        values["before"] = asked.before
    for number, (key, texts) in enumerate(asked.properties):
        sought = texts[0] if len(texts) == 1 else key
        values |= {f"property{number}": key, f"texts{number}": list(texts), f"sought{number}": sought}
    if asked.text:
        ascii_words = [word for word in words(asked.text) if word.isascii()]
        values["word"] = max(ascii_words, key=len, default="")
        values |= {"text": asked.text, "part": asked.text.casefold()}
        values |= {"text_types": sorted(terms.text_types), "text_is_user": int(terms.text_is_user)}
    family: listing_statement.Family = "any"
    if asked.parent is not None:
        values["parent"] = asked.parent
    elif asked.depth is not None:
        values["depth"] = asked.depth
        family = "roots" if asked.depth == 0 else "below_roots"
    shape = Shape(
        parts=tuple(parts),
        since=asked.since is not None,
        before=asked.before is not None,
        family=family,
        properties=len(asked.properties),
        text=bool(asked.text),
        descending=asked.descending,
    )
    return shape, values


def _captured_parts(asked: EventListing, terms: Terms, values: dict[str, Any], few: int) -> list[Part]:
    types = terms.types
    if types is not None:
        values["types_captured"] = sorted(types)
    about = terms.about
    by_customer = about is not None and len(about) <= few and asked.parent is None
    groups = None
    if about is not None and (not by_customer or asked.depth):
        groups = _grouped(about, values)
    if asked.parent is not None:
        return [Part("captured", "parent", types=types is not None, customers=groups)]
    if about is not None and by_customer:
        parts = []
        for index, (number, links) in enumerate(sorted(about.items())):
            values[f"key{index}"] = number
            own = None if links == ANY_LINK else tuple(sorted(links))
            parts.append(Part("captured", "customer", types=types is not None, links=own, customers=groups))
        return parts
    if types is not None and len(types) <= few and about is None:
        for index, number in enumerate(sorted(types)):
            values[f"key{index}"] = number
        return [Part("captured", "type")] * len(types)
    return [Part("captured", "time", types=types is not None, customers=groups)]


def _grouped(about: dict[int, frozenset[CustomerLink]], values: dict[str, Any]) -> tuple[tuple[CustomerLink, ...], ...]:
    """Customers as lists, one for each set of links."""
    groups: dict[tuple[CustomerLink, ...], list[int]] = {}
    for number, links in about.items():
        groups.setdefault(tuple(sorted(links)), []).append(number)
    for index, numbers in enumerate(groups.values()):
        values[f"customers{index}"] = numbers
    return tuple(groups)


def _system_parts(terms: Terms, values: dict[str, Any], first: int) -> list[Part]:
    """The kinds of the system's events, or the customers that they are about: by id, as they always are."""
    about = None if terms.about is None else [number for number, by in terms.about.items() if CustomerLink.BY_ID in by]
    values["types_system"] = sorted(terms.system_types)
    if about is not None and len(about) <= _FEW:
        for index, number in enumerate(about, first):
            values[f"key{index}"] = number
        return [Part("system", "customer", types=True)] * len(about)
    groups = None if about is None or terms.about is None else _grouped(terms.about, values)
    for index, number in enumerate(sorted(terms.system_types), first):
        values[f"key{index}"] = number
    return [Part("system", "type", customers=groups)] * len(terms.system_types)


def _is_plain(asked: EventListing, terms: Terms) -> bool:
    """Whether only names, sources and time are asked for."""
    is_about_nobody = terms.about is None
    return is_about_nobody and not asked.properties and not asked.text and asked.parent is None and asked.depth is None


def _positions(connection: Connection, asked: EventListing, shape: Shape, values: dict[str, Any]) -> list[Position]:
    bounds = {"limit": asked.limit + 1, "offset": asked.offset, "reach": asked.offset + asked.limit + 1}
    rows = connection.rows(listing_statement.page(shape), **values, **bounds)
    return [(row[1], row[2]) for row in rows]


def _cut(found: Sequence[tuple[int, int, int]], asked: EventListing) -> list[Position]:
    """The page of all that there are: instant, origin and sequence of each."""
    ordered = sorted(found, reverse=asked.descending)
    return [(origin, sequence) for _, origin, sequence in ordered[asked.offset : asked.offset + asked.limit + 1]]


def _total(connection: Connection, asked: EventListing, terms: Terms) -> int:
    """Of names and time alone the counts tell."""
    since = BEGINNING if asked.since is None else asked.since
    before = END if asked.before is None else asked.before
    total = 0
    if since >= before:
        return 0
    if terms.has_captured:
        total += event_counts.count(connection, asked.workspace, [Span(terms.types, since, before)])
    if terms.has_system:
        total += event_counts.count_customer_events(
            connection, asked.workspace, Span(terms.system_types, since, before)
        )
    return total


def _descendants(
    connection: Connection, asked: EventListing, shape: Shape, values: dict[str, Any]
) -> tuple[list[Position], int]:
    """The page of a subtree, generation by generation: nothing but the subtree is read."""
    assert asked.parent is not None
    assert asked.depth is not None
    found: list[tuple[int, int, int]] = []
    parents = [asked.parent]
    if not shape.parts:
        return [], 0
    statement = listing_statement.generation(shape)
    for _ in range(asked.depth):
        children = []
        for start in range(0, len(parents), _PARENTS_AT_A_TIME):
            some = parents[start : start + _PARENTS_AT_A_TIME]
            for row in connection.rows(statement, **values, parents=some):
                children.append(row[0])
                if row[4]:
                    found.append((row[1], row[2], row[3]))
        parents = children
    return _cut(found, asked), len(found)


def _read(connection: Connection, workspace: int, positions: Sequence[Position]) -> list[AnyListed]:
    captured = [sequence for origin, sequence in positions if origin == 0]
    of_system = [sequence for origin, sequence in positions if origin == 1]
    found: dict[Position, AnyListed] = {}
    if captured:
        found |= _read_captured(connection, workspace, captured)
    if of_system:
        rows = connection.rows(_SYSTEM_ROWS, workspace=workspace, sequences=of_system)
        told = {row[0]: log.customer_event_of(row[1:]) for row in rows}
        about = customers.by_numbers(connection, workspace, {each.customer for each in told.values()})
        found |= {(1, at): ListedSystemEvent(each, about.get(each.customer)) for at, each in told.items()}
    # An event that was erased since its position was read is left out.
    return [found[position] for position in positions if position in found]


def _read_captured(connection: Connection, workspace: int, sequences: list[int]) -> dict[Position, AnyListed]:
    rows = connection.rows(_ROWS, workspace=workspace, sequences=sequences)
    width = 1 + len(SHOWN_COLUMNS)
    children: dict[bytes, int] = dict(connection.rows(_CHILDREN, workspace=workspace, parents=[row[1] for row in rows]))
    known: dict[int, tuple[Customer, Customer | None]] = {}
    listed: dict[Position, AnyListed] = {}
    for row in rows:
        event = EventInHierarchy(*(*row[1:width], children.get(row[1], 0)))
        number = row[width]
        if number is None:
            listed[0, row[0]] = Listed(event, None, None)
            continue
        if number not in known:
            known[number] = _customer(connection, row[width:])
        listed[0, row[0]] = Listed(event, *known[number])
    return listed


def _customer(connection: Connection, row: Sequence[Any]) -> tuple[Customer, Customer | None]:
    customer = customer_of(row)
    present: Customer | None = customer if customer.registered else None
    if customer.deleted_at is not None:
        present = holder_of_external_id(connection, customer)
    return customer, present
