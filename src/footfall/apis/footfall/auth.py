"""Who is asking: ``Authorization: Bearer footfall_...``."""

from footfall.apis.footfall.errors import Unauthorized
from footfall.apis.http import AnyRequest
from footfall.apis.services import services_of
from footfall.model.secret import FOOTFALL_PREFIX, is_checked_token
from footfall.model.workspace import Principal


async def authenticate(request: AnyRequest) -> Principal:
    """Whose token this is. Raises Unauthorized."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not is_checked_token(token, FOOTFALL_PREFIX):
        raise Unauthorized
    principal = await services_of(request).authenticator.principal("footfall_token", "", token)
    if principal is None:
        raise Unauthorized
    return principal
