"""Whose request is this: a workspace access token, and the scopes it holds (contracts/rapidly.md 1)."""

from footfall.apis.http import AnyRequest, header
from footfall.apis.rapidly.errors import InsufficientScope, InvalidToken, Unauthorized
from footfall.apis.services import services_of
from footfall.model.workspace import Principal
from footfall.tenancy.authentication import Presented

READ_EVENTS = ("events:read", "events:write", "web:read", "web:write")
WRITE_EVENTS = ("events:write", "web:write")
READ_CUSTOMERS = ("customers:read", "customers:write", "web:read", "web:write")
WRITE_CUSTOMERS = ("customers:write", "web:write")
"""Any one scope of a tuple is enough; a token can never hold the ``web`` ones, which the product names all the same."""

_PRINCIPAL = "rapidly_principal"


async def identify(request: AnyRequest) -> None:
    """Finds out who is asking, before anything else is looked at. Raises InvalidToken for a token unknown here.

    A request without a token passes: what it lacks is told later, in the order that the contract gives.
    """
    sent = header(request, b"authorization")
    if sent is None:
        return
    found = await services_of(request).authenticator.sender("rapidly_token", sent, _presented)
    if found is not None:
        request.scope["state"][_PRINCIPAL] = found
    elif _presented(sent) is not None:
        raise InvalidToken


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
