"""The system's own events: that a customer came into being, was changed, was deleted (contracts/rapidly.md 3.1).

They tell what was so at that moment. Pure.
"""

from typing import Literal, get_args

import msgspec

from footfall.model import identifiers
from footfall.model.customer import Customer
from footfall.model.customer_details import Address, details_of, shown_email

CustomerEventName = Literal["customer.created", "customer.updated", "customer.deleted"]

NAMES: tuple[CustomerEventName, ...] = get_args(CustomerEventName)
TYPES: dict[CustomerEventName, int] = {name: -number for number, name in enumerate(NAMES, 1)}
"""The numbers of their event types: below zero, where no name that somebody captures has one."""
LABELS: dict[str, str] = {name: name.replace(".", " ").title() for name in NAMES}


class CustomerEvent(msgspec.Struct, frozen=True, gc=False):
    """Something that happened to a customer's record. ``metadata`` is a JSON object as text."""

    id: bytes
    workspace: int
    type: int  # see TYPES
    customer: int  # number
    occurred_at: int  # instant
    metadata: str

    @property
    def name(self) -> CustomerEventName:
        """The event's name."""
        return NAMES[-self.type - 1]


class UpdatedFields(msgspec.Struct, frozen=True, omit_defaults=True):
    """The new values of what a change has changed; what it has cleared does not stand there."""

    name: str | None = None
    email: str | None = None
    billing_address: Address | None = None
    metadata: msgspec.Raw | None = None


class _Told(msgspec.Struct):
    customer_id: str
    customer_email: str | None
    customer_name: str | None
    customer_external_id: str | None


class _ToldOfChange(_Told):
    updated_fields: UpdatedFields


_encode = msgspec.json.Encoder().encode


def told_of(customer: Customer) -> str:
    """What ``customer.created`` and ``customer.deleted`` tell: a deleted customer has let go of the external id."""
    external_id = customer.external_id if customer.deleted_at is None else None
    told = _Told(identifiers.to_text(customer.id), shown_email(customer), customer.name, external_id)
    return _encode(told).decode()


def told_of_change(before: Customer, after: Customer) -> str:
    """What ``customer.updated`` tells."""
    told = _ToldOfChange(
        identifiers.to_text(after.id), shown_email(after), after.name, after.external_id, updated(before, after)
    )
    return _encode(told).decode()


def updated(before: Customer, after: Customer) -> UpdatedFields:
    """Which of the fields that the product knows differ, with their new values."""
    name = after.name if after.name != before.name else None
    email = shown_email(after)
    address, former = details_of(after).billing_address, details_of(before).billing_address
    return UpdatedFields(
        name=name,
        email=email if email != shown_email(before) else None,
        billing_address=address if address != former else None,
        metadata=after.properties if bytes(after.properties) != bytes(before.properties) else None,
    )
