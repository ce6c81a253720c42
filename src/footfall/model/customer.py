"""Customers and the identities they go by."""

from typing import Literal

import msgspec

IdentityKind = Literal["external_id", "email", "mobile", "object_id", "card_number", "card_external_id", "other"]
"""``external_id`` is the caller's own name for the customer: Capillary's ``externalId``, Gainsight PX's
``identifyId``, CleverTap's ``identity`` and Rapidly's ``external_customer_id`` are all this one."""


class Identity(msgspec.Struct, frozen=True, order=True, gc=False):
    """One name that a customer goes by; unique in its workspace."""

    kind: IdentityKind
    value: str


class CustomerProfile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a caller says of a customer while naming one; None means not said."""

    name: str | None = None
    email: str | None = None
    mobile: str | None = None
    account_id: str | None = None
    properties: dict[str, object] | None = None


class Customer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whom events are about.

    ``number`` is Capillary's ``userId``; ``id`` (16 bytes) is Rapidly's ``customer_id`` and PX's ``aptrinsicId``.
    ``registered`` is false while the customer is only a name that some event mentioned: Rapidly shows no
    customer object then, the other products know no such difference.
    """

    number: int
    id: bytes
    workspace: int
    registered: bool
    external_id: str | None
    email: str | None
    mobile: str | None
    object_id: str | None
    name: str | None
    account_id: str | None
    created_at: int
    modified_at: int | None
    deleted_at: int | None
    properties: msgspec.Raw  # JSON object of custom properties
    details: msgspec.Raw  # JSON object: what only one product knows of, keyed by product

    @property
    def primary_identity(self) -> str:
        """The name to show where a product asks for exactly one and it must not be null."""
        return self.external_id or self.email or self.mobile or self.object_id or self.id.hex()
