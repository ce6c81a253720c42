"""Who is asking: a till by Basic, or an OAuth client by its token (contracts/capillary.md 1.2, 1.3).

A token is a JWT signed with this store's own RSA key. It names the client that asked for it, and that client is
looked up again on every use: a client that is revoked takes its tokens along within a second.
"""

import asyncio
import base64
import binascii
import uuid
from functools import lru_cache

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from footfall.apis.capillary.errors import Unauthorized
from footfall.apis.http import AnyRequest, header
from footfall.apis.services import Services, services_of
from footfall.model import instant
from footfall.model.workspace import Credential, Principal, Workspace
from footfall.storage import server_keys
from footfall.tenancy.authentication import Presented

TOKEN_HEADER = "X-CAP-API-OAUTH-TOKEN"  # noqa: S105
TOKEN_SECONDS = 300
PSI_ACCESS = "psi"
"""The scope of a client that may read sensitive values unmasked."""

_TOKEN_HEADER = TOKEN_HEADER.lower().encode()
_KEY_NAME = "capillary_oauth"
_KEY_ID = "k1"
_ALGORITHM = "RS256"
_ISSUER = "Capillary"
_TOKEN_USE = "token_access"  # noqa: S105
_KEY_BITS = 2048
_LONGEST_TOKEN = 4096


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a client gets for its key and secret."""

    access_token: str
    ttl_seconds: int


class _Claims(msgspec.Struct, frozen=True):
    """Of a token's claims, those that lead back to its client."""

    client_key: str
    workspace: int
    token_use: str
    exp: int  # seconds since 1970


async def principal(request: AnyRequest) -> Principal:
    """Whom the request comes from. Raises Unauthorized. A token wins over Basic credentials."""
    services = services_of(request)
    token = header(request, _TOKEN_HEADER)
    if token is not None:
        found = await _by_token(services, token.decode("latin-1"))
    else:
        basic = header(request, b"authorization")
        found = None if basic is None else await services.authenticator.sender("capillary_till", basic, _presented)
    if found is None:
        raise Unauthorized
    return found


async def token_for(services: Services, client_key: str, secret: str) -> IssuedToken | None:
    """A token for the client with these credentials, or None when they are wrong."""
    found = await services.authenticator.principal("capillary_client", client_key, secret)
    if found is None:
        return None
    signing_key = _private_key(await _signing_pem(services))
    claims = _claims(found.workspace, found.credential)
    token = await asyncio.to_thread(jwt.encode, claims, signing_key, algorithm=_ALGORITHM, headers={"kid": _KEY_ID})
    return IssuedToken(access_token=token, ttl_seconds=TOKEN_SECONDS)


def _presented(basic: bytes) -> Presented | None:
    scheme, _, encoded = basic.decode("latin-1").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, hashed_password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (username, hashed_password) if colon else None


async def _by_token(services: Services, token: str) -> Principal | None:
    pem = await services.database.ask(server_keys.get, _KEY_NAME)
    if pem is None or len(token) > _LONGEST_TOKEN:
        return None
    claims = _verified(token, pem)
    if claims is None or claims.exp <= instant.now() // instant.SECOND:
        return None
    return await services.authenticator.principal_of_credential(claims.workspace, bytes.fromhex(claims.client_key))


@lru_cache(maxsize=1024)
def _verified(token: str, pem: bytes) -> _Claims | None:
    """The claims of a token that this store has signed, even if it has expired.

    Remembered, because to verify a signature takes longer than all the rest of a request.
    """
    try:
        decoded = jwt.decode(
            token,
            _private_key(pem).public_key(),
            algorithms=[_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["exp"], "verify_exp": False, "verify_iat": False},
        )
        claims = msgspec.convert(decoded, _Claims)
        bytes.fromhex(claims.client_key)
    except (jwt.PyJWTError, msgspec.ValidationError, ValueError):
        return None
    return claims


def _claims(workspace: Workspace, client: Credential) -> dict[str, object]:
    issued_at = instant.now() // instant.SECOND
    return {
        "iss": _ISSUER,
        "exp": issued_at + TOKEN_SECONDS,
        "jti": str(uuid.uuid4()),
        "iat": issued_at,
        "sub": client.name,
        "client_id": int.from_bytes(client.id[-4:]) & 0x7FFF_FFFF,
        "client_key": client.name,
        "org_id": workspace.org_id,
        "default_till": workspace.till_id,
        "has_psi_access": PSI_ACCESS in client.scopes,
        "scopes": "[]",
        "token_use": _TOKEN_USE,
        "workspace": workspace.number,  # ours: leads back to the client without a search
    }


async def _signing_pem(services: Services) -> bytes:
    known = await services.database.ask(server_keys.get, _KEY_NAME)
    if known is not None:
        return known
    fresh = await asyncio.to_thread(_new_pem)
    return await services.capture.change(server_keys.get_or_make, _KEY_NAME, fresh)


def _new_pem() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@lru_cache(maxsize=4)
def _private_key(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
