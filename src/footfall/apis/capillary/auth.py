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

from footfall.apis.capillary.attribution import Attribution, attribution_of
from footfall.apis.capillary.caller import PSI_ACCESS, Caller, caller_of, client_details
from footfall.apis.capillary.errors import AuthorizationUnavailable, CapillaryError, Forbidden, Unauthorized
from footfall.apis.capillary.permissions import required
from footfall.apis.capillary.signing_keys import private_key, signing_key, verifying_pem
from footfall.apis.http import AnyRequest, header
from footfall.apis.services import Services, services_of
from footfall.model import instant
from footfall.model.workspace import Credential, Principal, Workspace
from footfall.storage import workspaces
from footfall.storage.failures import DatabaseUnavailable
from footfall.tenancy.authentication import Presented

TOKEN_HEADER = "X-CAP-API-OAUTH-TOKEN"  # noqa: S105
INVALID_ORG = 1064
_TOKEN_HEADER = TOKEN_HEADER.lower().encode()
_ALGORITHM = "RS256"
_ISSUER = "Capillary"
_TOKEN_USE = "token_access"  # noqa: S105
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


async def principal(request: AnyRequest) -> Caller:
    """Who the request comes from, who may do what it asks. A token wins over Basic credentials.

    Raises Unauthorized, Forbidden, AuthorizationUnavailable, or CapillaryError for a till that does not exist.
    """
    try:
        caller = await _found(request, services_of(request))
    except DatabaseUnavailable as error:
        raise AuthorizationUnavailable(str(error)) from error
    if caller is None:
        raise Unauthorized
    if caller.group is not None:
        needed = required(request.scope["method"], request.scope["path_template"])
        if needed is not None and not caller.group.allows(*needed):
            raise Forbidden
    return caller


async def _found(request: AnyRequest, services: Services) -> Caller | None:
    token = header(request, _TOKEN_HEADER)
    if token is not None:
        found = await _by_token(services, token.decode("latin-1"))
        return None if found is None else await _caller(services, found, attribution_of(request))
    basic = header(request, b"authorization")
    found = None if basic is None else await services.authenticator.sender("capillary_till", basic, _presented)
    return None if found is None else await _caller(services, found, None)


async def _caller(services: Services, found: Principal, asked: Attribution | None) -> Caller | None:
    """The caller, who is looked up once a second."""
    named = () if asked is None else (asked.kind, asked.code)
    key = ("capillary caller", found.credential.id, *named)
    known: Caller | None = services.memory.recall(key)
    if known is not None and known.credential is found.credential:
        return known
    age = services.memory.age
    caller = await services.database.ask(caller_of, found, asked)
    if caller is not None:
        services.memory.remember(key, caller, age)
    return caller


async def token_for(services: Services, client_key: str, secret: str) -> IssuedToken | None:
    """A token for the client with these credentials, or None when they are wrong."""
    found = await services.authenticator.principal("capillary_client", client_key, secret)
    if found is None:
        return None
    key = await signing_key(services)
    seconds = _seconds(found.credential)
    claims = _claims(found.workspace, found.credential, seconds)
    token = await asyncio.to_thread(
        jwt.encode, claims, private_key(key.pem), algorithm=_ALGORITHM, headers={"kid": key.id}
    )
    return IssuedToken(access_token=token, ttl_seconds=seconds)


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
    pem = None if len(token) > _LONGEST_TOKEN else await verifying_pem(services, token)
    claims = None if pem is None else _verified(token, pem)
    if claims is None or claims.exp <= instant.now() // instant.SECOND:
        return None
    found = await services.authenticator.principal_of_credential(claims.workspace, bytes.fromhex(claims.client_key))
    if found is None and await services.database.ask(workspaces.by_number, claims.workspace) is None:
        raise CapillaryError(400, INVALID_ORG, "invalid org")
    return found


@lru_cache(maxsize=1024)
def _verified(token: str, pem: bytes) -> _Claims | None:
    """The claims of a token that this store has signed, even if it has expired.

    Remembered, because to verify a signature takes longer than all the rest of a request.
    """
    try:
        decoded = jwt.decode(
            token,
            private_key(pem).public_key(),
            algorithms=[_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["exp"], "verify_exp": False, "verify_iat": False},
        )
        claims = msgspec.convert(decoded, _Claims)
        bytes.fromhex(claims.client_key)
    except (jwt.PyJWTError, msgspec.ValidationError, ValueError):
        return None
    return claims


def _seconds(client: Credential) -> int:
    """How long a token lasts: no longer than its client."""
    wanted = client_details(client).token_seconds
    return wanted if client.expires_at is None else min(wanted, (client.expires_at - instant.now()) // instant.SECOND)


def _claims(workspace: Workspace, client: Credential, seconds: int) -> dict[str, object]:
    details = client_details(client)
    issued_at = instant.now() // instant.SECOND
    return {
        "iss": _ISSUER,
        "exp": issued_at + seconds,
        "jti": str(uuid.uuid4()),
        "iat": issued_at,
        "sub": details.name or client.name,
        "client_id": int.from_bytes(client.id[-4:]) & 0x7FFF_FFFF,
        "client_key": client.name,
        "org_id": workspace.org_id,
        "default_till": details.default_till or workspace.till_id,
        "has_psi_access": PSI_ACCESS in client.scopes,
        "scopes": "[]",
        "token_use": _TOKEN_USE,
        "workspace": workspace.number,  # ours: leads back to the client without a search
    }
