"""Who is asking: the key in the request's header (contracts/gainsight_px.md 1.1)."""

from typing import Literal

from footfall.apis.gainsight_px.errors import Forbidden, Unauthorized
from footfall.apis.http import AnyRequest, header_text
from footfall.apis.services import services_of
from footfall.model.workspace import Principal
from footfall.tenancy.rate_limit import DAY, SECOND

HEADER = "X-APTRINSIC-API-KEY"
_HEADER = HEADER.lower().encode()


async def authenticate(request: AnyRequest, permission: Literal["read", "write"]) -> Principal:
    """Whose key this is. Raises Unauthorized, TooOften, or Forbidden for a key without ``permission``."""
    key = _key(request)
    services = services_of(request)
    principal = await services.authenticator.principal("gainsight_px_key", "", key) if key else None
    if principal is None:
        raise Unauthorized
    limits = services.settings
    if limits.px_requests_per_second or limits.px_requests_per_day:
        await services.rate_limit.count(
            f"gainsight_px {principal.credential.id.hex()}",
            {SECOND: limits.px_requests_per_second, DAY: limits.px_requests_per_day},
        )
    if permission not in principal.credential.scopes:
        raise Forbidden(f"The API key has no {permission} permission")
    return principal


def _key(request: AnyRequest) -> str:
    key = header_text(request, _HEADER).strip()
    if key:
        return key
    scheme, _, token = header_text(request, b"authorization").partition(" ")  # what some clients send instead
    return token.strip() if scheme.lower() == "bearer" else ""
