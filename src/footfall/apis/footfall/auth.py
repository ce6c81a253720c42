"""Who is asking: ``Authorization: Bearer footfall_...``."""

from footfall.apis.footfall.errors import Unauthorized
from footfall.apis.http import AnyRequest, header
from footfall.apis.services import services_of
from footfall.model.secret import FOOTFALL_PREFIX, is_checked_token
from footfall.model.workspace import Principal
from footfall.tenancy.authentication import Presented


async def authenticate(request: AnyRequest) -> Principal:
    """Whose token this is. Raises Unauthorized."""
    sent = header(request, b"authorization")
    principal = None
    if sent is not None:
        principal = await services_of(request).authenticator.sender("footfall_token", sent, _presented)
    if principal is None:
        raise Unauthorized
    return principal


def _presented(sent: bytes) -> Presented | None:
    scheme, _, token = sent.decode("latin-1").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not is_checked_token(token, FOOTFALL_PREFIX):
        return None
    return "", token
