"""The live tail: events as they are stored, as server-sent events that a broken connection goes on from."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import msgspec

from footfall.apis.footfall.mapping import event_answer
from footfall.apis.services import Services
from footfall.storage import event_tail
from footfall.storage.connection import Connection
from footfall.storage.event_walk import Found

LOOKS_EVERY_SECONDS = 0.25
SIGN_OF_LIFE_SECONDS = 15.0

_encode = msgspec.json.Encoder().encode
_SIGN_OF_LIFE = b": still here\n\n"


class TailQuestion(msgspec.Struct, frozen=True):
    """Which events to follow; empty: all. ``customer`` is an external id."""

    names: frozenset[str] = frozenset()
    customer: str | None = None
    source: str | None = None

    def takes(self, found: Found) -> bool:
        """Whether it asks for this event."""
        event, customer = found
        return (
            (not self.names or event.name in self.names)
            and (self.source is None or event.source == self.source)
            and (self.customer is None or (customer is not None and customer.external_id == self.customer))
        )


async def tail(
    services: Services, workspace: int, after: int | None, takes: Callable[[Found], bool]
) -> AsyncIterator[bytes]:
    """Server-sent events, until the server stops: ``id`` is the sequence to go on from, ``data`` the event.

    It begins behind the sequence ``after``; None: with what is stored from now on.
    """
    position = await services.database.ask(_last, workspace) if after is None else after
    yield b"retry: 1000\nid: %d\n: following\n\n" % position
    silent = 0.0
    while not services.stopping.is_set():
        stored = await services.database.ask(event_tail.stored_after, workspace, position)
        position = stored.reached
        told = b"".join(_message(found) for found in stored.events if takes(found))
        if told:
            silent = 0.0
            yield told
        if stored.is_all:
            await _wait(services.stopping)
            silent += LOOKS_EVERY_SECONDS
        if silent >= SIGN_OF_LIFE_SECONDS:
            silent = 0.0
            yield b"id: %d\n" % position + _SIGN_OF_LIFE


async def _wait(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), LOOKS_EVERY_SECONDS)


def _message(found: Found) -> bytes:
    event, customer = found
    shown = _encode(event_answer(event, customer))  # properties may hold line ends, data may not
    data = b"\n".join(b"data: " + line for line in shown.splitlines())
    return b"id: %d\n%b\n\n" % (event.sequence, data)


def _last(connection: Connection, workspace: int) -> int:
    return connection.last_sequence(workspace)
