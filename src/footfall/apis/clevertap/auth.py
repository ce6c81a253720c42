"""Whose request is this: the two headers ``X-CleverTap-Account-Id`` and ``X-CleverTap-Passcode``."""

from footfall.apis.clevertap.errors import InvalidCredentials
from footfall.apis.http import AnyRequest
from footfall.apis.services import services_of
from footfall.model.workspace import Principal

ACCOUNT_HEADER = "X-CleverTap-Account-Id"
PASSCODE_HEADER = "X-CleverTap-Passcode"


async def authenticate(request: AnyRequest) -> Principal:
    """The account that asks. Raises InvalidCredentials (contracts/clevertap.md 1.3)."""
    account = request.headers.get(ACCOUNT_HEADER, "").strip()
    passcode = request.headers.get(PASSCODE_HEADER, "").strip()
    if not account or not passcode:
        raise InvalidCredentials
    found = await services_of(request).authenticator.principal("clevertap_passcode", account, passcode)
    if found is None:
        raise InvalidCredentials
    return found
