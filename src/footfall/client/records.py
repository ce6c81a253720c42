"""What is sent and what is read, as values. Times are aware ``datetime``, in UTC where read; ids are UUID text."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec


class CustomerRef(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Whom an event is about: one name at least. ``id`` is a known customer's."""

    external_id: str | None = None
    email: str | None = None
    mobile: str | None = None
    object_id: str | None = None
    id: str | None = None
    name: str | None = None


class NewEvent(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An event to capture; members as ``POST /events`` has them. ``occurred_at`` None: when it was given to the client.

    ``external_id`` is your own key of the event; without one the client makes one, so that a retry never doubles it.
    """

    name: str
    customer: CustomerRef | None = None
    properties: dict[str, Any] | None = None
    occurred_at: datetime | None = None
    external_id: str | None = None
    account_id: str | None = None
    source: str | None = None
    amount: Decimal | None = None
    session: dict[str, Any] | None = None
    parent_id: str | None = None
    parent_external_id: str | None = None
    family: str | None = None


class Captured(msgspec.Struct, frozen=True):
    """The event's id; ``duplicate``: it was known already by the ``external_id`` that you gave."""

    id: str
    duplicate: bool


class Refusal(msgspec.Struct, frozen=True):
    """An event that was not stored, and why; ``field`` where one is to blame."""

    event: NewEvent
    message: str
    field: str | None = None


class Summary(msgspec.Struct, frozen=True):
    """What became of many events. ``duplicates`` were known already."""

    accepted: int
    duplicates: int
    refused: list[Refusal]


class EventCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as an event shows him."""

    id: str
    number: int
    external_id: str | None
    email: str | None
    mobile: str | None
    object_id: str | None
    name: str | None


class Customer(EventCustomer, frozen=True, kw_only=True):
    """A customer. ``registered`` is false while only events have named the customer."""

    account_id: str | None
    registered: bool
    created_at: datetime
    modified_at: datetime | None
    deleted_at: datetime | None
    properties: dict[str, Any]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event as stored. ``utc_offset``: minutes east, as the sender's time had it."""

    id: str
    name: str
    label: str | None
    occurred_at: datetime
    utc_offset: int | None
    received_at: datetime
    external_id: str | None
    customer: EventCustomer | None
    account_id: str | None
    source: str | None
    amount: Decimal | None
    properties: dict[str, Any]
    session: dict[str, Any] | None
    parent_id: str | None
    captured_by: str
    family: str = "custom"


class EventPage(msgspec.Struct, frozen=True):
    """A page of a search; ``next``: the cursor of the page behind it, None where nothing is left."""

    events: list[Event]
    next: str | None


class CustomerPage(msgspec.Struct, frozen=True):
    """A page of customers."""

    customers: list[Customer]
    next: str | None


class EventName(msgspec.Struct, frozen=True, kw_only=True):
    """A name that events bear."""

    name: str
    family: str
    label: str | None
    events: int
    first_seen: datetime | None
    last_seen: datetime | None


class NamePage(msgspec.Struct, frozen=True):
    """A page of names."""

    names: list[EventName]
    next: str | None


class Series(msgspec.Struct, frozen=True):
    """How many events of ``name`` (None: of all names together) each interval has."""

    name: str | None
    total: int
    events: list[int]


class Counts(msgspec.Struct, frozen=True):
    """``starts``: when each interval begins; ``until``: when the last one ends."""

    interval: str
    starts: list[datetime]
    until: datetime
    series: list[Series]
