"""What only this product says of a customer: kept under its name in the customer's details. Pure."""

import msgspec

from footfall.apis.capillary.customer_schemas import CommChannel
from footfall.apis.capillary.identity import Place
from footfall.model.customer import Customer, Identity

LOYALTY = "loyalty"
NON_LOYALTY = "non_loyalty"


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who the customer is in one source: names, fields, channels, and which identities were named there."""

    source: str
    account_id: str = ""
    first_name: str | None = None
    last_name: str | None = None
    fields: dict[str, msgspec.Raw] = {}
    channels: list[CommChannel] = []
    identities: list[Identity] = []

    @property
    def place(self) -> Place:
        """Source and account."""
        return Place(self.source, self.account_id)


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it. ``extended`` are the names of properties that came as extended fields."""

    profiles: list[Profile] = []
    loyalty_type: str = LOYALTY
    associated_with: str | None = None
    extended: list[str] = []


class _Every(msgspec.Struct):
    capillary: Details = Details()


def of(customer: Customer) -> Details:
    """What is known; nothing of a customer whom other products brought."""
    return msgspec.json.decode(customer.details, type=_Every).capillary


def changed(customer: Customer, details: Details) -> Customer:
    """The customer with ``details`` in place of those that he has."""
    every: dict[str, object] = dict(msgspec.json.decode(customer.details, type=dict[str, msgspec.Raw]))
    every["capillary"] = details
    return msgspec.structs.replace(customer, details=msgspec.Raw(msgspec.json.encode(every)))
