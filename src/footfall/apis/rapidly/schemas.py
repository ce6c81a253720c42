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


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer on their own: as inside an event, with ``members`` (always empty so far) before the avatar."""

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
    members: list[dict[str, object]]
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
