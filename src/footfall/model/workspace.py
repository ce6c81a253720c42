"""Workspaces (tenants) and the credentials that prove them."""

from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

CredentialKind = Literal[
    "capillary_till", "capillary_client", "gainsight_px_key", "clevertap_passcode", "rapidly_token", "footfall_token"
]


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """One tenant, with the names that each product's contract gives it.

    ``number`` is the key inside the store; ``id`` (16 bytes) is Footfall's and Rapidly's workspace id.
    """

    number: int
    id: bytes
    name: str
    timezone: str
    org_id: int  # Capillary's organisation
    till_id: int  # Capillary's till, where events captured elsewhere are shown to have happened
    till_code: str
    property_key: str  # Gainsight PX
    account_id: str  # CleverTap
    settings: msgspec.Raw = msgspec.Raw(b"{}")

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone: CleverTap's days and ``ts``."""
        return ZoneInfo(self.timezone)


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What proves a workspace; the secret itself is not here, only its hash is stored.

    ``details``: JSON object of what only its kind has, see ``model.organisation``.
    """

    id: bytes
    workspace: int
    kind: CredentialKind
    name: str  # the public half: user name, client key, account id; a label where there is none
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    details: msgspec.Raw = msgspec.Raw(b"{}")
    modified_at: int | None = None
    last_used_at: int | None = None  # written down every few minutes


class Principal(msgspec.Struct, frozen=True):
    """Who is asking: the workspace, and the credential that proved it."""

    workspace: Workspace
    credential: Credential
