"""What every API needs to do its work; made once per process by ``app``, found on the application's state."""

import asyncio
from typing import Any, cast

import msgspec
from litestar.connection import ASGIConnection

from footfall.capture.post_queue import PostQueue
from footfall.capture.service import Capture
from footfall.settings import Settings
from footfall.storage.database import Database
from footfall.storage.listing_memory import ListingMemory
from footfall.storage.search_memory import SearchMemory
from footfall.tenancy.authentication import Authenticator
from footfall.tenancy.brief_memory import BriefMemory
from footfall.tenancy.rate_limit import RateLimit


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a running server."""

    settings: Settings
    database: Database
    capture: Capture
    posts: PostQueue
    authenticator: Authenticator
    rate_limit: RateLimit
    memory: BriefMemory  # of what hangs from credentials: see tenancy.brief_memory
    listing_memory: ListingMemory = msgspec.field(default_factory=ListingMemory)
    search_memory: SearchMemory = msgspec.field(default_factory=SearchMemory)
    token_key: bytes  # signs cursors and scroll ids: see model.signed_token
    stopping: asyncio.Event  # set when the server is told to stop: answers without an end have to end then


def services_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Services:
    """The services of the server that this request reached."""
    return cast("Services", connection.scope["litestar_app"].state["services"])
