"""What every API needs to do its work; made once per process by ``app``, found on the application's state."""

from typing import Any, cast

import msgspec
from litestar.connection import ASGIConnection

from footfall.capture.service import Capture
from footfall.settings import Settings
from footfall.storage.database import Database
from footfall.tenancy.authentication import Authenticator
from footfall.tenancy.rate_limit import RateLimit


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a running server."""

    settings: Settings
    database: Database
    capture: Capture
    authenticator: Authenticator
    rate_limit: RateLimit
    token_key: bytes  # signs cursors and scroll ids: see model.signed_token


def services_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Services:
    """The services of the server that this request reached."""
    return cast("Services", connection.scope["litestar_app"].state["services"])
