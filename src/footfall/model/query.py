"""A question about events, as a value: it travels through all layers and becomes SQL in one pure function."""

from enum import Enum
from typing import Literal

import msgspec

from footfall.model.event import Family

Field = Literal[
    "name",
    "customer_identity",  # the customer's primary identity; missing where there is no customer
    "occurred_at",
    "account_id",
    # As Gainsight PX shows them:
    "event_id",  # the caller's own key of an event captured there, else the event's id as UUID text
    "event_key",  # the caller's own key, whoever captured the event, else the event's id as UUID text
    "event_type",  # the source of an event captured there, else CUSTOM
    "property_key",  # the outlet of an event captured there, else the workspace's own property key
    "user_type",  # the session's userType, else what the customer tells: see UserType
]

UserType = Literal["LEAD", "USER", "VISITOR", "EMPTY_USER_TYPE"]
"""Without a word of the session's: ``USER`` is a customer with an external id, ``VISITOR`` any other customer, and
``EMPTY_USER_TYPE`` stands for no customer at all."""


class Operator(Enum):
    """How a field is compared.

    Texts compare case-folded, code point by code point. A missing or empty field satisfies only the negations
    (``NOT_EQUAL``, ``NOT_LIKE``). ``LIKE`` takes the whole text: ``*`` is any run, ``?`` one character, and a
    pattern without either is plain equality.
    """

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LIKE = "~"
    NOT_LIKE = "!~"


class PropertyPath(msgspec.Struct, frozen=True):
    """A field inside one of the event's JSON objects, by its exact name.

    In ``properties`` a number compares as a number where the value is one, a boolean as ``true`` or ``false``, an
    array or object as its JSON text, and null is missing. In ``session`` whatever is no text is missing.
    """

    document: Literal["properties", "session"]
    key: str


class Comparison(msgspec.Struct, frozen=True):
    """``field operator value``; everything is text but instants, which are ints.

    ``LIKE`` and ``NOT_LIKE`` of ``occurred_at`` take a pattern for the decimal text of its whole milliseconds.
    """

    field: Field | PropertyPath
    operator: Operator
    value: str | int


class SortKey(msgspec.Struct, frozen=True):
    """One key of an order; ``sequence`` always follows as the tie-breaker, in the direction of the last key.

    Accounts order by code points; an event without one comes before all others, so last when descending.
    """

    field: Literal["occurred_at", "account_id"]
    descending: bool = False


def is_by_time(order: tuple[SortKey, ...]) -> bool:
    """Whether it goes from instant to instant, and nothing else decides."""
    return len(order) == 1 and order[0].field == "occurred_at"


class Position(msgspec.Struct, frozen=True):
    """Where a page ended: the sort keys' values of its last row, then that row's sequence."""

    values: tuple[int | str | None, ...]
    sequence: int


Way = Literal["in_order", "by_condition"]
"""How a page is found: by walking events in its order and looking at each, or by taking those of the types, customers,
accounts that are asked for, and ordering them. What answers often is found sooner in order, what is rare by condition.
"""


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one workspace and family: any of ``alternatives`` (each a conjunction) holds, up to ``snapshot``.

    An alternative without terms matches everything; no alternative at all means the same. ``types`` may tell, for
    each alternative, the numbers of the event types that its names stand for (None: to be looked up), and
    ``other_types`` those of other families that are to be left out of an alternative without names; up to a
    snapshot they stay the same. ``way`` is how the first page was found. ``slides``: each alternative begins with the
    ends of a window that ends now, so that who asks the same again later asks for a later window.
    """

    workspace: int
    alternatives: tuple[tuple[Comparison, ...], ...] = ()
    order: tuple[SortKey, ...] = (SortKey("occurred_at"),)
    after: Position | None = None
    snapshot: int | None = None  # highest sequence to see
    types: tuple[tuple[int, ...] | None, ...] = ()
    other_types: tuple[int, ...] | None = None
    way: Way | None = None
    family: Family = "custom"
    slides: bool = False
    limit: int = 25
