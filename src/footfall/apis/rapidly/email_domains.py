"""Whether the domain of an e-mail address exists, where the server is to ask (contracts/rapidly.md 4.2, 8)."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from footfall.apis.rapidly.errors import RequestInvalid
from footfall.apis.rapidly.faults import Fault

Resolve = Callable[[str], Awaitable[object]]

_UNKNOWN = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_PATIENCE_SECONDS = 5.0


async def resolve(domain: str) -> object:
    """Asks the name servers. Raises socket.gaierror."""
    return await asyncio.get_running_loop().getaddrinfo(domain, None)


async def refuse_unknown(email: str, ask: Resolve = resolve) -> None:
    """Raises RequestInvalid for an address whose domain does not exist. Name servers that do not answer say nothing."""
    domain = email.rpartition("@")[2]
    try:
        await asyncio.wait_for(ask(domain), _PATIENCE_SECONDS)
    except socket.gaierror as error:
        if error.errno in _UNKNOWN:
            reason = f"The domain name {domain} does not exist."
            message = f"{email} is not a valid email address: {reason}"
            fault = Fault("value_error", ("body", "email"), message, email, {"email": email, "reason": reason})
            raise RequestInvalid([fault]) from error
    except (TimeoutError, UnicodeError):
        pass
