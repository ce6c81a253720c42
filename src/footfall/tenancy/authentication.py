"""Whose request is this? Look-ups of credentials, through a memory that is emptied every second.

A revocation therefore takes effect within a second in every process. Only what proved somebody is remembered: what
is unknown costs the same look-up every time.
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from footfall.model import instant
from footfall.model.workspace import CredentialKind, Principal
from footfall.storage import server_keys, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.tenancy.brief_memory import BriefMemory, Key
from footfall.tenancy.credentials import hash_presented

P = ParamSpec("P")

_NOTED_EVERY = 300 * instant.SECOND
_MOST_NOTED = 10_000

Presented = tuple[str, str]
"""The public half of a credential, empty where the wire carries none, and what is sent as its secret."""


class Authenticator:
    """Turns what a client presents into the principal it proves. For one event loop."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper
        self._proved = BriefMemory()
        self._noted: dict[bytes, int] = {}

    async def principal(self, kind: CredentialKind, name: str, presented: str) -> Principal | None:
        """The principal, or None when the credential is unknown, revoked or expired.

        ``name`` is the public half where the wire carries one, else empty.
        """
        key = (kind, name, presented)
        return self._recall(key) or await self._look_up(key, _by_secret, self._pepper, kind, (name, presented))

    async def sender(
        self, kind: CredentialKind, header: bytes, read: Callable[[bytes], Presented | None]
    ) -> Principal | None:
        """As ``principal``, of what ``read`` finds in ``header``; it is asked once a second for the same header."""
        key = (kind, header)
        known = self._recall(key)
        if known is not None:
            return known
        presented = read(header)
        return None if presented is None else await self._look_up(key, _by_secret, self._pepper, kind, presented)

    async def principal_of_credential(self, workspace: int, credential: bytes) -> Principal | None:
        """The principal of a credential that a signed token names; None once it is revoked or expired."""
        key = (workspace, credential)
        return self._recall(key) or await self._look_up(key, _by_id, workspace, credential)

    def is_use_to_note(self, principal: Principal) -> bool:
        """Whether the use of this credential is to be written down: every few minutes, not for each request."""
        credential, now = principal.credential, instant.now()
        last = max(credential.last_used_at or 0, self._noted.get(credential.id, 0))
        if now - last < _NOTED_EVERY:
            return False
        if len(self._noted) >= _MOST_NOTED:
            self._noted.clear()
        self._noted[credential.id] = now
        return True

    def forget(self) -> None:
        """Trusts nobody any more without looking anew: in this process a revocation takes effect at once."""
        self._proved.forget()

    def _recall(self, key: Key) -> Principal | None:
        known: Principal | None = self._proved.recall(key)
        return known if known is not None and _is_live(known) else None

    async def _look_up(
        self,
        key: Key,
        function: Callable[Concatenate[Connection, P], Principal | None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Principal | None:
        age = self._proved.age
        found = await self._database.ask(function, *args, **kwargs)
        if found is None or not _is_live(found):
            return None
        self._proved.remember(key, found, age)
        return found


def pepper(connection: Connection) -> bytes:
    """The store's pepper; on a writing connection."""
    return server_keys.get_or_make(connection, server_keys.PEPPER)


def _is_live(principal: Principal) -> bool:
    expires_at = principal.credential.expires_at
    return principal.credential.revoked_at is None and (expires_at is None or instant.now() < expires_at)


def _by_secret(connection: Connection, pepper: bytes, kind: CredentialKind, presented: Presented) -> Principal | None:
    return workspaces.principal(connection, hash_presented(pepper, kind, *presented))


def _by_id(connection: Connection, workspace: int, credential: bytes) -> Principal | None:
    owner = workspaces.by_number(connection, workspace)
    found = workspaces.credential_by_id(connection, workspace, credential)
    return None if owner is None or found is None else Principal(owner, found)
