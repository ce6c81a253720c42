"""A question for an export: the events of one type in a range of time, as a value that fits into a cursor."""

from typing import Literal

import msgspec

NOBODY = 0
"""A customer's or an event type's number that nothing ever has: a question about it has the empty answer."""

PropertyOperator = Literal[
    "equals", "contains", "exists", "greater_than", "greater_than_equals", "less_than", "less_than_equals", "between"
]


FilteredPart = Literal["properties", "session", "customer_properties", "customer"]
"""Where a filter looks: in the event's two JSON objects, in its customer's, or at a field of the customer's own."""

CUSTOMER_FIELDS = ("external_id", "name", "email", "mobile")
"""The fields of a customer that a filter can look at: texts."""


class PropertyFilter(msgspec.Struct, frozen=True, array_like=True):
    """A condition on one top-level property of an event, or of its customer as he is known when it is asked.

    ``texts``, ``numbers`` and ``truths`` ("true", "false") are the values to compare with, by the type that the
    property has in the event's JSON; any of them suffices. Texts compare exactly, except that a text property
    compares with ``truths`` without regard to case, because products write booleans as texts. The operators of
    order take ``numbers`` only: one, or for ``between`` the lowest and the highest.

    ``negated`` turns the whole condition round, so an event without the property satisfies it. With ``in_items``
    a property of any object in the event's array ``Items`` counts as well, and with ``or_absent`` that there is none
    (before it is turned round). For the part ``customer`` the key is one of ``CUSTOMER_FIELDS``, and no operator of
    order applies.
    """

    key: str
    operator: PropertyOperator
    texts: tuple[str, ...] = ()
    numbers: tuple[int | float, ...] = ()
    truths: tuple[str, ...] = ()
    negated: bool = False
    in_items: bool = False
    part: FilteredPart = "properties"
    or_absent: bool = False


class ExportQuery(msgspec.Struct, frozen=True, array_like=True):
    """Events of one workspace and type with ``since <= occurred_at < until`` and ``sequence <= snapshot``.

    ``type`` and ``customer`` are numbers of the store; ``customer`` None means anybody. All ``filters`` must hold.
    The order is (occurred_at, sequence).
    """

    workspace: int
    type: int
    since: int  # instant
    until: int  # instant
    snapshot: int
    customer: int | None = None
    filters: tuple[PropertyFilter, ...] = ()


class ExportPosition(msgspec.Struct, frozen=True, array_like=True):
    """The place of one event in an export's order."""

    occurred_at: int
    sequence: int


class ExportedEvent(msgspec.Struct, frozen=True, gc=False):
    """What an export shows of an event: less than the whole, because pages are long."""

    sequence: int
    id: bytes
    customer: int | None
    occurred_at: int
    properties: str
    session: str | None

    @property
    def position(self) -> ExportPosition:
        """Where the event stands in the export."""
        return ExportPosition(self.occurred_at, self.sequence)


class ExportedCustomer(msgspec.Struct, frozen=True, gc=False):
    """What an export shows of a customer."""

    number: int
    id: bytes
    external_id: str | None
    email: str | None
    mobile: str | None
    object_id: str | None
    name: str | None
    properties: str
    details: str = "{}"


class EventSummary(msgspec.Struct, frozen=True):
    """How often and when one customer did one kind of event."""

    customer: int
    name: str
    count: int
    first_at: int  # instant
    last_at: int  # instant
