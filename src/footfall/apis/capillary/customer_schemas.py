"""The wire of customers (contracts/capillary.md 6.2). Structs keep the order of keys that the answers have."""

import msgspec

from footfall.apis.capillary.schemas import Problem


class Identifier(msgspec.Struct, frozen=True):
    """One name of a customer."""

    type: str
    value: str


class IdentifierRequest(msgspec.Struct, frozen=True):
    """One name of a customer, as posted."""

    type: str
    value: str | int


class ChannelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One way to reach a customer, as posted; booleans may come as texts."""

    type: str
    value: str | int
    primary: bool | str | None = None
    verified: bool | str | None = None
    meta: dict[str, msgspec.Raw] | None = None
    attributes: dict[str, msgspec.Raw] | None = None


USES = ("residence", "office")
"""What a channel is used for: the members that every ``meta`` shows."""
NO = msgspec.Raw(b"false")


class CommChannel(msgspec.Struct, frozen=True):
    """One way to reach a customer."""

    type: str
    value: str
    primary: bool = False
    verified: bool = False
    meta: dict[str, msgspec.Raw] = msgspec.field(default_factory=lambda: dict.fromkeys(USES, NO))
    attributes: dict[str, msgspec.Raw] = {}


class ProfileRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A customer's profile in one source, as posted."""

    first_name: str | None = None
    last_name: str | None = None
    identifiers: list[IdentifierRequest] | None = None
    comm_channels: list[ChannelRequest] | None = None
    source: str | None = None
    account_id: str | None = None
    fields: dict[str, msgspec.Raw] | None = None


class LoyaltyRequest(msgspec.Struct, frozen=True, rename="camel"):
    """Whether the customer takes part in loyalty."""

    loyalty_type: str | None = None


class CustomerRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``POST /v2/customers``."""

    profiles: list[ProfileRequest]
    loyalty_info: LoyaltyRequest | None = None
    extended_fields: dict[str, msgspec.Raw] | None = None
    associated_with: str | None = None
    status_label: str | None = None


class Created(msgspec.Struct, kw_only=True, rename="camel"):
    """The answer to a customer registered."""

    created_id: int
    warnings: list[Problem] = []
    side_effects: list[str] = []


class CustomerFound(msgspec.Struct, kw_only=True):
    """``GET /v2/customers/lookup``."""

    entity: int
    warnings: list[Problem] = []


class ProfileAnswer(msgspec.Struct, kw_only=True, rename="camel"):
    """A customer's profile as it is shown."""

    first_name: str | None
    last_name: str | None
    fields: dict[str, msgspec.Raw]
    identifiers: list[Identifier]
    comm_channels: list[CommChannel]
    source: str
    user_id: int
    account_id: str
    conflicting_profile_list: list[str] = []
    auto_update_time: str
    identifiers_all: list[Identifier]


class LoyaltyInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Whether the customer takes part in loyalty, and the sum of his bills."""

    loyalty_type: str
    lifetime_purchases: msgspec.Raw


class CustomerAnswer(msgspec.Struct, kw_only=True, rename="camel"):
    """``GET /v2/customers/{id}``."""

    id: int
    profiles: list[ProfileAnswer]
    loyalty_info: LoyaltyInfo
    segments: dict[str, str] = {}
    associated_with: str
    extended_fields: dict[str, msgspec.Raw]
    warnings: list[Problem] = []
