"""The keys that sign OAuth tokens, and their rotation (contracts/capillary.md 1.3).

They live in the store, named ``k1``, ``k2``, ...; the latest one signs. A token names the key that verifies it, so
those that an earlier key has signed stay valid until they end.
"""

import asyncio
import re
from functools import lru_cache

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from footfall.apis.services import Services
from footfall.storage import server_keys
from footfall.storage.connection import WHOLE_STORE, Connection

_FIRST = "k1"
_KEY_ID = re.compile(r"k([1-9][0-9]{0,8})", re.ASCII)
_NAME = "capillary_oauth"
_LATEST = "capillary_oauth_latest"
_BITS = 2048


class SigningKey(msgspec.Struct, frozen=True):
    """A key: the ``kid`` of the tokens it signs, and itself."""

    id: str
    pem: bytes


async def signing_key(services: Services) -> SigningKey:
    """The key that signs; made on first use."""
    known = await services.database.ask(_latest)
    if known is not None:
        return known
    fresh = await asyncio.to_thread(new_pem)
    pem = await services.capture.change(server_keys.get_or_make, _NAME, fresh)
    return SigningKey(_FIRST, pem)


async def verifying_pem(services: Services, token: str) -> bytes | None:
    """The key that a token says it was signed with, looked up once a second; None where there is none."""
    key_id = _key_id(token)
    if key_id is None:
        return None
    key = ("capillary signing key", key_id)
    known: bytes | None = services.memory.recall(key)
    if known is None:
        age = services.memory.age
        known = await services.database.ask(server_keys.get, _name(key_id))
        if known is not None:
            services.memory.remember(key, known, age)
    return known


@lru_cache(maxsize=1024)
def _key_id(token: str) -> str | None:
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError:
        return None
    return key_id if isinstance(key_id, str) and _KEY_ID.fullmatch(key_id) else None


def rotate(connection: Connection, fresh: bytes, *, forget_others: bool) -> str:
    """Makes ``fresh`` the key that signs from now on, and gives its id. Runs in a writing transaction.

    ``forget_others``: tokens that other keys have signed end within a second.
    """
    connection.lock(WHOLE_STORE)
    before = _latest(connection)
    number = 1 if before is None else int(before.id[1:]) + 1
    made = f"k{number}"
    server_keys.put(connection, _name(made), fresh)
    server_keys.put(connection, _LATEST, made.encode())
    if forget_others:
        for earlier in range(1, number):
            server_keys.remove(connection, _name(f"k{earlier}"))
    return made


def new_pem() -> bytes:
    """A fresh key; takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@lru_cache(maxsize=16)
def private_key(pem: bytes) -> rsa.RSAPrivateKey:
    """The key in ``pem``."""
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _latest(connection: Connection) -> SigningKey | None:
    named = server_keys.get(connection, _LATEST)
    key_id = _FIRST if named is None else named.decode()
    pem = server_keys.get(connection, _name(key_id))
    return None if pem is None else SigningKey(key_id, pem)


def _name(key_id: str) -> str:
    return _NAME if key_id == _FIRST else f"{_NAME}_{key_id}"
