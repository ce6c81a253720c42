"""Whose request is this? Look-ups of credentials, through a cache that forgets within a second.

A revocation therefore takes effect within a second in every process.
"""

import time

from footfall.model import instant
from footfall.model.workspace import CredentialKind, Principal
from footfall.storage import server_keys, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.tenancy.credentials import hash_presented

_SECONDS_TO_TRUST = 1.0
_MOST_REMEMBERED = 10_000


class Authenticator:
    """Turns what a client presents into the principal it proves."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper
        self._remembered: dict[bytes, tuple[float, Principal]] = {}

    async def principal(self, kind: CredentialKind, name: str, presented: str) -> Principal | None:
        """The principal, or None when the credential is unknown, revoked or expired.

        ``name`` is the public half where the wire carries one, else empty.
        """
        stored = hash_presented(self._pepper, kind, name, presented)
        remembered = self._remembered.get(stored)
        if remembered is not None and time.monotonic() - remembered[0] < _SECONDS_TO_TRUST:
            return remembered[1] if _is_live(remembered[1]) else None
        found = await self._database.ask(workspaces.principal, stored)
        if found is None or not _is_live(found):
            self._remembered.pop(stored, None)
            return None
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[stored] = (time.monotonic(), found)
        return found

    async def principal_of_credential(self, workspace: int, credential: bytes) -> Principal | None:
        """The principal of a credential that a signed token names; None once it is revoked or expired."""
        found = await self._database.ask(_by_id, workspace, credential)
        return found if found is not None and _is_live(found) else None


def pepper(connection: Connection) -> bytes:
    """The store's pepper; on a writing connection."""
    return server_keys.get_or_make(connection, server_keys.PEPPER)


def _is_live(principal: Principal) -> bool:
    expires_at = principal.credential.expires_at
    return principal.credential.revoked_at is None and (expires_at is None or instant.now() < expires_at)


def _by_id(connection: Connection, workspace: int, credential: bytes) -> Principal | None:
    owner = workspaces.by_number(connection, workspace)
    found = workspaces.credential_by_id(connection, workspace, credential)
    return None if owner is None or found is None else Principal(owner, found)
