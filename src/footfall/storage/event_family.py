"""What an event's descendants hold: read generation by generation, nothing but the subtree."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import islice

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.event_listing import EventListing
from footfall.storage import listing_statement
from footfall.storage.connection import Connection
from footfall.storage.listing_shape import shape_of
from footfall.storage.listing_terms import look_up
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import events

_E = events.c
_AT_A_TIME = 500
_CHILDREN = Statement(
    sa.select(_E.id, _E.parent_id, _E.properties).where(
        is_in(_E.parent_id, "parents"), _E.workspace + sa.literal_column("0") == bindparam("workspace")
    )
)

Sums = dict[str, Decimal]


class Root(msgspec.Struct, frozen=True):
    """A captured event without a parent."""

    id: bytes
    type: int
    occurred_at: int
    customer: int | None
    properties: str


def descendants(connection: Connection, workspace: int, ancestor: bytes) -> Iterator[str]:
    """The properties (JSON text) of every descendant of the event with this id, at any depth."""
    parents = [ancestor]
    while parents:
        children: list[bytes] = []
        for start in range(0, len(parents), _AT_A_TIME):
            some = parents[start : start + _AT_A_TIME]
            for identifier, _, properties in connection.stream(_CHILDREN, workspace=workspace, parents=some):
                children.append(identifier)
                yield properties
        parents = children


def roots_with_sums(
    connection: Connection, asked: EventListing, numbers_of: Callable[[str], Sums], at_a_time: int
) -> Iterator[tuple[Root, Sums]]:
    """The captured events of a question about roots, oldest first, each with the sums over itself and its descendants.

    ``numbers_of`` finds the numbers in an event's properties. So many roots ``at_a_time``, with what is below them.
    """
    shape, values = shape_of(asked, look_up(connection, asked), in_one=True)
    captured = [part for part in shape.parts if part.of == "captured"]
    if not captured:
        return
    shape = msgspec.structs.replace(shape, parts=tuple(captured))
    rows = (Root(*row) for row in connection.stream(listing_statement.roots(shape), **values))
    while some := list(islice(rows, at_a_time)):
        sums = _sums(connection, asked.workspace, some, numbers_of)
        for root in some:
            yield root, sums[root.id]


def _sums(
    connection: Connection, workspace: int, roots: Iterable[Root], numbers_of: Callable[[str], Sums]
) -> dict[bytes, Sums]:
    sums = {root.id: numbers_of(root.properties) for root in roots}
    root_of = {identifier: identifier for identifier in sums}
    parents = list(sums)
    while parents:
        children: dict[bytes, bytes] = {}
        for start in range(0, len(parents), _AT_A_TIME):
            some = parents[start : start + _AT_A_TIME]
            for identifier, parent, properties in connection.rows(_CHILDREN, workspace=workspace, parents=some):
                root = children[identifier] = root_of[parent]
                for path, number in numbers_of(properties).items():
                    sums[root][path] = sums[root].get(path, Decimal(0)) + number
        root_of = children
        parents = list(children)
    return sums
