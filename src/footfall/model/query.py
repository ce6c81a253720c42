"""A question about events, as a value: it travels through all layers and becomes SQL in one pure function."""

from enum import Enum
from typing import Literal

import msgspec

Field = Literal[
    "name",
    "customer_identity",  # the customer's primary identity
    "occurred_at",
    "account_id",
    "id",
    "source",
    "outlet",
]


class Operator(Enum):
    """How a field is compared. Texts compare without regard to case; a missing field satisfies only negations."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LIKE = "~"  # * any run, ? one character
    NOT_LIKE = "!~"


class PropertyPath(msgspec.Struct, frozen=True):
    """A field inside one of the event's JSON objects."""

    document: Literal["properties", "session"]
    key: str


class Comparison(msgspec.Struct, frozen=True):
    """``field operator value``; instants are ints, everything else text."""

    field: Field | PropertyPath
    operator: Operator
    value: str | int


class SortKey(msgspec.Struct, frozen=True):
    """One key of an order; ``sequence`` always follows as the tie-breaker, in the direction of the last key."""

    field: Literal["occurred_at", "account_id"]
    descending: bool = False


class Position(msgspec.Struct, frozen=True):
    """Where a page ended: the sort keys' values of its last row, then that row's sequence."""

    values: tuple[int | str | None, ...]
    sequence: int


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one workspace: any of ``alternatives`` (each a conjunction) holds, up to ``snapshot``.

    An alternative without terms matches everything; no alternative at all means the same.
    """

    workspace: int
    alternatives: tuple[tuple[Comparison, ...], ...] = ()
    order: tuple[SortKey, ...] = (SortKey("occurred_at"),)
    after: Position | None = None
    snapshot: int | None = None  # highest sequence to see
    limit: int = 25
