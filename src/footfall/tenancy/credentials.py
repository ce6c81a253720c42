"""Credentials: forming a secret in its product's way, storing its hash, showing it once."""

import msgspec

from footfall.model import identifiers, instant, secret
from footfall.model.organisation import MOST_CLIENTS
from footfall.model.text import is_name
from footfall.model.workspace import Credential, CredentialKind, Workspace
from footfall.storage import server_keys, workspaces
from footfall.storage.connection import Connection

KINDS: tuple[CredentialKind, ...] = (
    "capillary_till",
    "capillary_client",
    "gainsight_px_key",
    "clevertap_passcode",
    "rapidly_token",
    "footfall_token",
)

RAPIDLY_SCOPES = (
    "events:read",
    "events:write",
    "customers:read",
    "customers:write",
    "members:read",
    "members:write",
    "workspace_access_tokens:read",
    "workspace_access_tokens:write",
)
_OF_THE_WEB = ("web:read", "web:write")  # what Rapidly's own web pages hold; no token is given them by another
_PAIRS = (
    *("workspaces", "custom_fields", "shares", "events", "files", "customers", "members", "webhooks", "notifications"),
    *("notification_recipients", "workspace_access_tokens", "file_sharing", "projects", "project_states"),
    *("project_labels", "project_estimates", "work_items", "work_item_comments", "work_item_relations"),
    *("project_cycles", "project_modules", "project_pages", "user_favorites"),
)
RAPIDLY_TOKEN_SCOPES = (
    *("openid", "profile", "email", "user:write"),
    *(f"{pair}:{right}" for pair in _PAIRS for right in ("read", "write")),
    *("customer_sessions:write", "member_sessions:write", "payments:read", "metrics:read", "work_item_activities:read"),
)
"""All that a token of the product may hold (contracts/rapidly.md 1.3); most of it opens nothing here."""
_DEFAULT_SCOPES: dict[CredentialKind, tuple[str, ...]] = {
    "gainsight_px_key": ("read", "write"),
    "rapidly_token": RAPIDLY_SCOPES,
}
_SCOPES_TO_ASK_FOR: dict[CredentialKind, tuple[str, ...]] = {
    **_DEFAULT_SCOPES,
    "capillary_client": ("psi",),
    "rapidly_token": (*RAPIDLY_TOKEN_SCOPES, *_OF_THE_WEB),
}
_NAMED_BY_FOOTFALL = frozenset({"capillary_client", "clevertap_passcode"})
_LONGEST_NAME = 200


class InvalidCredential(ValueError):  # noqa: N818
    """The credential cannot be made as asked; the message says why."""


class IssuedCredential(msgspec.Struct, frozen=True):
    """A credential together with its secret: the only moment at which both are known."""

    credential: Credential
    secret: str


def issue(
    connection: Connection,
    workspace: Workspace,
    kind: CredentialKind,
    *,
    name: str | None = None,
    comment: str | None = None,
    scopes: tuple[str, ...] | None = None,
    expires_at: int | None = None,
    details: bytes = b"{}",
) -> IssuedCredential:
    """Makes and stores a credential. ``name`` is a label, except where the wire has a public half of its own.

    ``details``: JSON object of what only the kind has, see ``model.organisation``.
    ``comment``: any text in place of a label.

    Raises InvalidCredential.
    """
    _check(kind, name, scopes)
    now = instant.now()
    if kind == "capillary_client":
        _check_number_of_clients(connection, workspace, now)
    identifier = identifiers.new_id(now // instant.MILLISECOND)
    public = _public_half(kind, workspace, identifier, name)
    shown = _new_secret(kind)
    credential = Credential(
        id=identifier,
        workspace=workspace.number,
        kind=kind,
        name=public if comment is None else comment,
        scopes=_DEFAULT_SCOPES.get(kind, ()) if scopes is None else scopes,
        created_at=now,
        expires_at=expires_at,
        details=msgspec.Raw(details),
    )
    pepper = server_keys.get_or_make(connection, server_keys.PEPPER)
    workspaces.add_credential(connection, credential, hash_presented(pepper, kind, public, _presented(kind, shown)))
    return IssuedCredential(credential, shown)


def _check(kind: CredentialKind, name: str | None, scopes: tuple[str, ...] | None) -> None:
    if name is not None:
        if kind in _NAMED_BY_FOOTFALL:
            raise InvalidCredential(f"a {kind} cannot be given a name: its public half is made by Footfall")
        if not is_name(name, _LONGEST_NAME):
            raise InvalidCredential(f"a credential's name has 1 to {_LONGEST_NAME} printable characters")
        if kind == "capillary_till" and ":" in name:
            raise InvalidCredential("a till's user name cannot have a colon: Basic authentication ends it there")
    known = _SCOPES_TO_ASK_FOR.get(kind, ())
    unknown = [scope for scope in scopes or () if scope not in known]
    if unknown:
        has = f"only {', '.join(known)}" if known else "none"
        raise InvalidCredential(f"a {kind} has no scope {unknown[0]!r}; there is {has}")


def _check_number_of_clients(connection: Connection, workspace: Workspace, now: int) -> None:
    connection.lock(workspace.number)
    live = [
        one
        for one in workspaces.credentials_of(connection, workspace.number)
        if one.kind == "capillary_client"
        and one.revoked_at is None
        and (one.expires_at is None or now < one.expires_at)
    ]
    if len(live) >= MOST_CLIENTS:
        raise InvalidCredential(f"an organisation has at most {MOST_CLIENTS} OAuth clients: revoke one first")


def hash_presented(pepper: bytes, kind: CredentialKind, name: str, presented: str) -> bytes:
    """The stored form of what a client presents; ``name`` counts only where the wire carries one."""
    return secret.stored_hash(pepper, kind, name if kind in _HAS_PUBLIC_HALF else "", presented)


_HAS_PUBLIC_HALF = frozenset({"capillary_till", "capillary_client", "clevertap_passcode"})


def _public_half(kind: CredentialKind, workspace: Workspace, identifier: bytes, name: str | None) -> str:
    if kind == "clevertap_passcode":
        return workspace.account_id
    if kind == "capillary_till":
        return name or f"till.{workspace.till_id}.{identifier.hex()[-6:]}"
    if kind == "capillary_client":
        return identifier.hex()
    return name or "default"


def _new_secret(kind: CredentialKind) -> str:
    match kind:
        case "capillary_till" | "capillary_client":
            return secret.new_password()
        case "gainsight_px_key":
            return secret.new_px_api_key()
        case "clevertap_passcode":
            return secret.new_clevertap_passcode()
        case "rapidly_token":
            return secret.new_checked_token(secret.RAPIDLY_PREFIX)
        case "footfall_token":
            return secret.new_checked_token(secret.FOOTFALL_PREFIX)


def _presented(kind: CredentialKind, shown: str) -> str:
    """Capillary's clients send the MD5 of the password in its place."""
    return secret.md5_hex(shown) if kind == "capillary_till" else shown
