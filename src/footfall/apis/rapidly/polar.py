"""Polar's shapes of what is answered (contracts/rapidly.md 9): made of Rapidly's own."""

from typing import Literal

import msgspec

from footfall.apis.rapidly.schemas import Customer, EventCustomer, SystemEvent, UserEvent
from footfall.model.customer_details import Address


class PolarCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer. What Footfall does not know of one is null; one without an address is a team, as in Polar."""

    id: str
    created_at: str
    modified_at: str | None
    metadata: msgspec.Raw
    external_id: str | None
    email: str | None
    email_verified: bool
    type: Literal["individual", "team"]
    name: str | None
    billing_name: str | None = None
    billing_address: Address | None
    tax_id: list[str] | None = None
    locale: str | None = None
    default_payment_method_id: str | None = None
    first_user_event_at: str | None = None
    organization_id: str
    deleted_at: str | None
    avatar_url: str | None


class PolarEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event."""

    id: str
    timestamp: str
    organization_id: str
    customer_id: str | None
    customer: PolarCustomer | None
    external_customer_id: str | None
    member_id: str | None
    external_member_id: str | None
    child_count: int
    parent_id: str | None
    label: str
    source: str
    name: str
    metadata: msgspec.Raw


def customer(own: EventCustomer | Customer) -> PolarCustomer:
    """The customer in Polar's shape."""
    return PolarCustomer(
        id=own.id,
        created_at=own.created_at,
        modified_at=own.modified_at,
        metadata=own.metadata,
        external_id=own.external_id,
        email=own.email,
        email_verified=own.email_verified,
        type="team" if own.email is None else own.type or "individual",
        name=own.name,
        billing_address=own.billing_address,
        organization_id=own.workspace_id,
        deleted_at=own.deleted_at,
        avatar_url=own.avatar_url,
    )


def event(own: UserEvent | SystemEvent) -> PolarEvent:
    """The event in Polar's shape."""
    return PolarEvent(
        id=own.id,
        timestamp=own.timestamp,
        organization_id=own.workspace_id,
        customer_id=own.customer_id,
        customer=None if own.customer is None else customer(own.customer),
        external_customer_id=own.external_customer_id,
        member_id=own.member_id,
        external_member_id=own.external_member_id,
        child_count=own.child_count,
        parent_id=own.parent_id,
        label=own.label,
        source=own.source,
        name=own.name,
        metadata=own.metadata,
    )
