"""What has been worked out so far of an answer that takes several requests, in whatever process they end up.

``content`` is bytes of the asking API's own; ``key`` (16 bytes) is what the client comes back with, or made of it.
"""

import hashlib

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import instant
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert
from footfall.storage.tables import pending_answers

KEPT = 4 * instant.HOUR
"""How long after its last change."""

_A = pending_answers.c
_GET = Statement(
    sa.select(_A.content).where(
        _A.workspace == bindparam("workspace"), _A.key == bindparam("key"), _A.updated_at >= bindparam("since")
    )
)
_PUT = Upsert(
    pending_answers,
    ("workspace", "key", "content", "updated_at"),
    key=("workspace", "key"),
    replaced=("content", "updated_at"),
)
_FORGET = Statement(sa.delete(pending_answers).where(_A.updated_at < bindparam("before")))


def key_of(text: str) -> bytes:
    """The key for what a client comes back with."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def get(connection: Connection, workspace: int, key: bytes) -> bytes | None:
    """What is kept under ``key``."""
    found: bytes | None = connection.value(_GET, workspace=workspace, key=key, since=instant.now() - KEPT)
    return found


def put(connection: Connection, workspace: int, key: bytes, content: bytes) -> None:
    """Keeps ``content`` under ``key``, in place of what was there; forgets what is too old."""
    now = instant.now()
    connection.execute(_FORGET, before=now - KEPT)
    connection.upsert(_PUT, [(workspace, key, content, now)])
