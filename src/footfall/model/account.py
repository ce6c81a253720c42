"""Accounts: companies and the like, whose people customers are."""

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account. ``registered`` is false while only events or customers have named it; moments are instants."""

    workspace: int
    id: str
    registered: bool
    created_at: int
    modified_at: int | None
    deleted_at: int | None
    fields: msgspec.Raw  # JSON object: what is known of it, as it was sent
    properties: msgspec.Raw  # JSON object of custom properties
