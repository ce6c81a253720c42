"""Whose request is this: the two headers ``X-CleverTap-Account-Id`` and ``X-CleverTap-Passcode``."""

import re

from footfall.apis.clevertap.errors import InvalidCredentials
from footfall.apis.http import AnyRequest
from footfall.apis.services import Services, services_of
from footfall.model.workspace import Principal
from footfall.storage import workspaces

ACCOUNT_HEADER = "X-CleverTap-Account-Id"
PASSCODE_HEADER = "X-CleverTap-Passcode"

_ACCOUNT = re.compile(r"(TEST-)?[0-9A-Za-z]{3}-[0-9A-Za-z]{3}-[0-9A-Za-z]{4}")


async def authenticate(request: AnyRequest) -> Principal:
    """The account that asks. Raises InvalidCredentials (contracts/clevertap.md 1.3)."""
    services = services_of(request)
    account = request.headers.get(ACCOUNT_HEADER, "").strip()
    passcode = request.headers.get(PASSCODE_HEADER, "").strip()
    found = None
    if account and passcode:
        found = await services.authenticator.principal("clevertap_passcode", account, passcode)
    if found is None:
        raise await _refusal(services, account) if services.settings.clevertap_verbose_auth else InvalidCredentials()
    return found


async def _refusal(services: Services, account: str) -> InvalidCredentials:
    """What the older servers told."""
    if not _ACCOUNT.fullmatch(account):
        return InvalidCredentials("12 digit account ID mandatory")
    is_known = await services.database.ask(workspaces.has_account, account)
    return InvalidCredentials("Passcode Invalid" if is_known else "Account ID is not valid")
