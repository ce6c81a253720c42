"""Keys of the server itself, shared by all its processes: made on first use, kept in the database.

They sign cursors and tokens and season the hashes of credentials. Whoever can read the database file can read
them; they are the one kind of secret that a hash cannot replace.
"""

import secrets

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection
from footfall.storage.statement import Statement, Upsert
from footfall.storage.tables import server_keys

PEPPER = "pepper"
TOKENS = "tokens"

_GET = Statement(sa.select(server_keys.c.content).where(server_keys.c.name == bindparam("name")))
_PUT = Upsert(server_keys, ("name", "content"), key=("name",), replaced=("content",))
_REMOVE = Statement(sa.delete(server_keys).where(server_keys.c.name == bindparam("name")))
_ADD = Upsert(server_keys, ("name", "content"), key=("name",))


def get(connection: Connection, name: str) -> bytes | None:
    """The key of this name, once it has been made."""
    content: bytes | None = connection.value(_GET, name=name)
    return content


def get_or_make(connection: Connection, name: str, fresh: bytes | None = None) -> bytes:
    """The key of this name; on first use ``fresh``, or 32 random bytes. On a writing connection."""
    connection.upsert(_ADD, [(name, fresh or secrets.token_bytes(32))])
    found = get(connection, name)
    assert found is not None
    return found


def put(connection: Connection, name: str, content: bytes) -> None:
    """Stores a key over the one of this name, if there is one. On a writing connection."""
    connection.upsert(_PUT, [(name, content)])


def remove(connection: Connection, name: str) -> None:
    """Forgets a key. On a writing connection."""
    connection.execute(_REMOVE, name=name)
