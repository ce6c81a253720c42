"""The wire: what is sent and what is answered, keys in their order (contracts/rapidly.md 3, 4.1)."""

from typing import Literal

import msgspec

from footfall.model.customer_details import Address


class EventCreate(msgspec.Struct, kw_only=True):
    """An event of a batch, found valid. ``timestamp`` is an instant; ``metadata`` a JSON object as text."""

    name: str
    timestamp: int
    workspace_id: str | None = None
    external_id: str | None = None
    parent_id: str | None = None
    metadata: str = "{}"
    customer_id: bytes | None = None
    member_id: bytes | None = None
    external_customer_id: str | None = None
    external_member_id: str | None = None


class Ingested(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a batch. ``ids`` only where they were asked for, in the events' order."""

    inserted: int
    duplicates: int
    ids: list[str] | None = None


class EventCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer inside an event. ``email`` and ``avatar_url`` are null where another product told no address."""

    id: str
    created_at: str
    modified_at: str | None
    metadata: msgspec.Raw
    external_id: str | None
    email: str | None
    email_verified: bool
    type: Literal["individual", "team"] | None
    name: str | None
    billing_address: Address | None
    workspace_id: str
    deleted_at: str | None
    avatar_url: str | None


class CustomerMember(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who acts for a customer."""

    id: str
    created_at: str
    modified_at: str | None
    customer_id: str
    email: str
    name: str | None
    external_id: str | None
    role: str


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer on their own: as inside an event, with ``members`` before the avatar: none unless asked for."""

    id: str
    created_at: str
    modified_at: str | None
    metadata: msgspec.Raw
    external_id: str | None
    email: str | None
    email_verified: bool
    type: Literal["individual", "team"] | None
    name: str | None
    billing_address: Address | None
    workspace_id: str
    deleted_at: str | None
    members: list[CustomerMember]
    avatar_url: str | None


class UserEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that somebody captured."""

    id: str
    timestamp: str
    workspace_id: str
    customer_id: str | None
    customer: EventCustomer | None
    external_customer_id: str | None
    member_id: str | None
    external_member_id: str | None
    child_count: int
    parent_id: str | None
    label: str
    name: str
    source: str
    metadata: msgspec.Raw


class SystemEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that the server itself captured: something happened to a customer."""

    id: str
    timestamp: str
    workspace_id: str
    customer_id: str | None
    customer: EventCustomer | None
    external_customer_id: str | None
    member_id: str | None
    external_member_id: str | None
    child_count: int
    parent_id: str | None
    label: str
    source: str
    name: str
    metadata: msgspec.Raw


class EventName(msgspec.Struct, frozen=True, kw_only=True):
    """A name that events bear; ``label`` only in Polar's dialect."""

    name: str
    label: str | msgspec.UnsetType = msgspec.UNSET
    source: str
    occurrences: int
    first_seen: str
    last_seen: str


class EventTypeWithStats(msgspec.Struct, frozen=True, kw_only=True):
    """An event type, and how often and since when events of it occurred."""

    created_at: str
    modified_at: str | None
    id: str
    name: str
    label: str
    label_property_selector: str | None
    workspace_id: str
    source: str
    occurrences: int
    first_seen: str
    last_seen: str


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace access token, without the token itself."""

    created_at: str
    modified_at: str | None
    id: str
    scopes: list[str]
    expires_at: str | None
    comment: str
    last_used_at: str | None
    workspace_id: str


class NewAccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token just made: the only moment at which it is shown."""

    workspace_access_token: AccessToken
    token: str


class Stat(msgspec.Struct, frozen=True, kw_only=True):
    """Root events of one name; of each number that was asked for, its decimal text by its path with ``_`` for dots."""

    name: str
    label: str
    event_type_id: str
    occurrences: int
    customers: int
    totals: dict[str, str]
    averages: dict[str, str]
    p10: dict[str, str]
    p90: dict[str, str]
    p99: dict[str, str]


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """One period."""

    timestamp: str
    period_start: str
    period_end: str
    stats: list[Stat]


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics over time, and of the whole time."""

    periods: list[Period]
    totals: list[Stat]
