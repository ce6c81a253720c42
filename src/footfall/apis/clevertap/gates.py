"""How many requests of one account may be under way at once (contracts/clevertap.md 1.5), over all processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from footfall.apis.clevertap.errors import TooManyConcurrentRequests
from footfall.storage.database import Database


@asynccontextmanager
async def entered(database: Database, kind: str, account: int, limit: int) -> AsyncIterator[None]:
    """Holds one of ``limit`` places of a kind (0: there is no limit). Raises TooManyConcurrentRequests."""
    if not limit:
        yield
        return
    async with database.slot(f"clevertap {kind} {account}", limit) as is_held:
        if not is_held:
            raise TooManyConcurrentRequests
        yield
