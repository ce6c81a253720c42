"""The wire's shapes. Times are RFC 3339 text in UTC with microseconds; ids are UUID text; amounts decimal text."""

import msgspec
from msgspec import UNSET, Raw, UnsetType

from footfall.model.event import Family

_NOTHING = Raw(b"null")


class SentCustomer(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Whom an event is about: one name at least. ``id`` is a known customer's UUID."""

    external_id: str | None = None
    email: str | None = None
    mobile: str | None = None
    object_id: str | None = None
    id: str | None = None
    name: str | None = None


class SentEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An event as sent. Only ``name`` is required, of a custom event."""

    name: str | UnsetType = UNSET
    family: Family = "custom"
    occurred_at: str | int | None = None
    external_id: str | None = None
    customer: SentCustomer | None = None
    account_id: str | None = None
    source: str | None = None
    amount: Raw = _NOTHING
    properties: Raw = _NOTHING
    session: Raw = _NOTHING
    parent_id: str | None = None
    parent_external_id: str | None = None


class CustomerPart(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as read."""

    id: str
    number: int
    external_id: str | None
    email: str | None
    mobile: str | None
    object_id: str | None
    name: str | None


class EventAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An event as read. ``properties`` and ``session`` are the JSON that was sent, byte for byte."""

    id: str
    name: str
    label: str | None
    occurred_at: str
    utc_offset: int | None  # minutes east, as the sender's time had it
    received_at: str
    external_id: str | None
    customer: CustomerPart | None
    account_id: str | None
    source: str | None
    amount: str | None
    properties: Raw
    session: Raw
    parent_id: str | None
    captured_by: str
    family: Family | UnsetType = UNSET  # only where it is not custom


class CapturedEvent(msgspec.Struct, frozen=True):
    """The answer to one event sent alone."""

    id: str
    duplicate: bool


class LineError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why one line (or the array's element of that number) was not stored."""

    line: int
    message: str
    field: str | None = None


class CaptureSummary(msgspec.Struct, frozen=True):
    """What became of a stream of events."""

    accepted: int
    duplicates: int
    rejected: int
    errors: list[LineError]
    errors_omitted: int = 0


class ErrorPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong."""

    code: str
    message: str
    field: str | None = None


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The envelope of every failure."""

    error: ErrorPart


class EventPage(msgspec.Struct, frozen=True):
    """A page of events; ``next``: the cursor of the page behind it, null where nothing is left."""

    events: list[EventAnswer]
    next: str | None


class CustomerAnswer(CustomerPart, frozen=True, kw_only=True):
    """A customer as read by itself. ``registered`` is false while only events have named the customer."""

    account_id: str | None
    registered: bool
    created_at: str
    modified_at: str | None
    deleted_at: str | None
    properties: Raw


class CustomerPage(msgspec.Struct, frozen=True):
    """A page of customers; ``next``: as of events."""

    customers: list[CustomerAnswer]
    next: str | None


class NameAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A name that events bear; both times are null while there is no event."""

    name: str
    family: Family
    label: str | None
    events: int
    first_seen: str | None
    last_seen: str | None


class NamePage(msgspec.Struct, frozen=True):
    """A page of names; ``next``: as of events."""

    names: list[NameAnswer]
    next: str | None


class CountSeries(msgspec.Struct, frozen=True):
    """How many events of ``name`` (null: of all names together) each interval has."""

    name: str | None
    total: int
    events: list[int]


class CountAnswer(msgspec.Struct, frozen=True):
    """``starts``: when each interval begins; ``until``: when the last one ends."""

    interval: str
    starts: list[str]
    until: str
    series: list[CountSeries]
