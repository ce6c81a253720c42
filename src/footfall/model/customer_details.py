"""What is known of a customer beyond names and properties; stored as JSON in ``Customer.details``.

Each product keeps what only it knows under a key of its own there. What stands here is told by the system's own
events of the customer as well (contracts/rapidly.md 3.1), whichever product wrote it.
"""

from typing import Literal

import msgspec

from footfall.model.customer import Customer

_KEY = "rapidly"


class Address(msgspec.Struct, frozen=True):
    """A postal address; ``country`` is an ISO 3166-1 alpha-2 code."""

    line1: str | None
    line2: str | None
    postal_code: str | None
    city: str | None
    state: str | None
    country: str


class CustomerDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What Rapidly's contract knows of a customer (4.1)."""

    type: Literal["individual", "team"] | None = None
    email: str | None = None  # as it is shown, where that differs from the lower-cased address
    email_verified: bool = False
    billing_address: Address | None = None


class _Stored(msgspec.Struct):
    rapidly: CustomerDetails = CustomerDetails()


NO_DETAILS = CustomerDetails()

_decode = msgspec.json.Decoder(_Stored).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def details_of(customer: Customer) -> CustomerDetails:
    """The details that stand in ``customer``."""
    return NO_DETAILS if bytes(customer.details) == b"{}" else _decode(customer.details).rapidly


def details_as_stored(details: CustomerDetails) -> msgspec.Raw:
    """``details`` as ``Customer.details`` of a customer of whom no product knows more."""
    return msgspec.Raw(_encode({_KEY: details}))


def with_details(customer: Customer, details: CustomerDetails) -> Customer:
    """``customer`` with other details; what other products keep there stays byte for byte."""
    return with_member(customer, _KEY, details)


def with_member(customer: Customer, key: str, value: object) -> Customer:
    """``customer`` with ``value`` (None: nothing) under ``key`` of the details; the other keys stay byte for byte."""
    members = _members(customer.details)
    members.pop(key, None)
    if value is not None:
        members[key] = msgspec.Raw(_encode(value))
    return msgspec.structs.replace(customer, details=msgspec.Raw(_encode(members)))


def shown_email(customer: Customer) -> str | None:
    """The e-mail address as its owner writes it."""
    return details_of(customer).email or customer.email
