"""Which names events bear, how often, since when: without a closer question from the counts and the ends of indexes."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.event_listing import EventListing
from footfall.storage import event_counts, listing_statement
from footfall.storage.connection import Connection
from footfall.storage.listing_shape import shape_of
from footfall.storage.listing_terms import look_up
from footfall.storage.statement import Statement
from footfall.storage.tables import customer_events, events


class Occurrences(msgspec.Struct, frozen=True):
    """How often events of a type occurred; ``first_seen`` and ``last_seen`` are instants."""

    type: int  # below zero: one of the system's own (model.customer_event.TYPES)
    occurrences: int
    first_seen: int
    last_seen: int


def _ends(table: sa.Table) -> Statement:
    c = table.c
    of = (c.workspace == bindparam("workspace"), c.type == bindparam("type", type_=sa.BigInteger))
    first = sa.select(sa.func.min(c.occurred_at)).where(*of).scalar_subquery()
    last = sa.select(sa.func.max(c.occurred_at)).where(*of).scalar_subquery()
    return Statement(sa.select(first, last))


_ENDS = _ends(events)
_SYSTEM_ENDS = _ends(customer_events)


def occurrences(connection: Connection, asked: EventListing) -> list[Occurrences]:
    """Of all types that events of the question have. Its page does not matter."""
    terms = look_up(connection, asked)
    if terms.about is None and asked.parent is None and asked.depth is None and not asked.properties and not asked.text:
        counts = event_counts.by_type(connection, asked.workspace)
        return [
            _between_ends(connection, asked.workspace, number, count)
            for number, count in counts.items()
            if number in terms.system_types or (number > 0 and (terms.types is None or number in terms.types))
        ]
    shape, values = shape_of(asked, terms, in_one=True)
    if not shape.parts:
        return []
    found: dict[int, Occurrences] = {}
    for number, count, first, last in connection.rows(listing_statement.by_type(shape), **values):
        known = found.get(number, Occurrences(number, 0, first, last))
        found[number] = Occurrences(
            number, known.occurrences + count, min(known.first_seen, first), max(known.last_seen, last)
        )
    return list(found.values())


def of_types(connection: Connection, workspace: int, numbers: Iterable[int]) -> list[Occurrences]:
    """Of these types, in their order: of each its count and the ends of its index."""
    counts = event_counts.by_type(connection, workspace)
    return [_between_ends(connection, workspace, number, counts.get(number, 0)) for number in numbers]


def _between_ends(connection: Connection, workspace: int, number: int, count: int) -> Occurrences:
    ends = connection.row(_ENDS if number > 0 else _SYSTEM_ENDS, workspace=workspace, type=number)
    assert ends is not None
    return Occurrences(number, count, ends[0] or 0, ends[1] or 0)
