"""Between the client's calls and httpx."""

import random
from typing import Any

import httpx

from footfall import __version__
from footfall.client.call import Call, Failed, Reply

BATCH = 500
"""How many events one request of many carries."""


def headers(token: str) -> dict[str, str]:
    """What every request carries."""
    return {"Authorization": f"Bearer {token}", "User-Agent": f"footfall-client/{__version__}"}


def arguments(call: Call[Any]) -> dict[str, Any]:
    """The arguments of httpx's ``request`` and ``stream``."""
    return {
        "method": call.method,
        "url": call.path,
        "params": list(call.query),
        "headers": dict(call.headers),
        "content": call.content,
    }


def chance() -> float:
    """Any number in [0, 1): spreads clients that failed together."""
    return random.random()  # noqa: S311


def reply(response: httpx.Response) -> Reply:
    """What came back."""
    return Reply(response.status_code, response.headers.get("retry-after"), response.content)


def failed(error: httpx.TransportError, url: str) -> Failed:
    """Nothing came back."""
    return Failed(f"{url} does not answer: {str(error) or type(error).__name__}")
