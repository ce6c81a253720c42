"""Whose request is this: a workspace access token, and the scopes it holds (contracts/rapidly.md 1)."""

from contextlib import suppress

from footfall.apis.http import AnyRequest, header
from footfall.apis.rapidly.errors import InsufficientScope, InvalidToken, Unauthorized
from footfall.apis.services import Services, services_of
from footfall.model import instant
from footfall.model.workspace import Principal
from footfall.storage.workspaces import note_use
from footfall.storage.writer import Closed, Overloaded
from footfall.tenancy.authentication import Presented
from footfall.tenancy.rate_limit import MINUTE

READ_EVENTS = ("events:read", "events:write", "web:read", "web:write")
WRITE_EVENTS = ("events:write", "web:write")
RELABEL = ("web:write",)
READ_CUSTOMERS = ("customers:read", "customers:write", "web:read", "web:write")
WRITE_CUSTOMERS = ("customers:write", "web:write")
READ_MEMBERS = ("members:read", "members:write", "web:read", "web:write")
WRITE_MEMBERS = ("members:write", "web:write")
READ_TOKENS = ("workspace_access_tokens:read", "workspace_access_tokens:write", "web:read", "web:write")
WRITE_TOKENS = ("workspace_access_tokens:write", "web:write")
"""Any one scope of a tuple is enough. The ``web`` ones, which the product names all the same, no token can be given
over the API; an operator may grant them."""

_PRINCIPAL = "rapidly_principal"


async def identify(request: AnyRequest) -> None:
    """Finds out who is asking, before anything else is looked at.

    Raises InvalidToken for a token unknown here, TooOften for one that asks more often than is allowed. A request
    without a token passes: what it lacks is told later, in the order that the contract gives.
    """
    sent = header(request, b"authorization")
    if sent is None:
        return
    found = await services_of(request).authenticator.sender("rapidly_token", sent, _presented)
    if found is not None:
        request.scope["state"][_PRINCIPAL] = found
        services = services_of(request)
        _note_use(services, found)
        if limit := services.settings.rapidly_requests_per_minute:
            await services.rate_limit.count(f"rapidly {found.credential.id.hex()}", {MINUTE: limit})
    elif _presented(sent) is not None:
        raise InvalidToken


def _note_use(services: Services, principal: Principal) -> None:
    """Writes down that the token was used, now and then, without anybody waiting for it."""
    if services.authenticator.is_use_to_note(principal):
        credential = principal.credential
        with suppress(Overloaded, Closed):
            services.capture.submit_change(note_use, credential.workspace, credential.id, instant.now())


def require(request: AnyRequest, scopes: tuple[str, ...]) -> Principal:
    """Who is asking, if they hold one of ``scopes``. Raises Unauthorized or InsufficientScope."""
    principal: Principal | None = request.scope["state"].get(_PRINCIPAL)
    if principal is None:
        raise Unauthorized
    if set(scopes).isdisjoint(principal.credential.scopes):
        raise InsufficientScope(scopes)
    return principal


def _presented(sent: bytes) -> Presented | None:
    scheme, _, token = sent.decode("latin-1").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or not token.isascii():
        return None
    return "", token
