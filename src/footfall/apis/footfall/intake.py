"""Streams of events on their way into the store, in constant memory.

``PartialIntake`` stores batch after batch while the body arrives, with few batches under way, so that a body may
be of any size: what is good is stored, what is bad is told by its line. Where the body arrives slowly, no event
waits longer than ``GATHERING_SECONDS`` for its batch to fill. ``AtomicIntake`` keeps the good ones in a temporary
file until the whole body has proved good, then stores all of it in one transaction.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

from litestar.exceptions import InternalServerException

from footfall.apis.footfall.errors import Interrupted, InvalidEvent
from footfall.apis.footfall.mapping import new_event
from footfall.apis.footfall.splitting import Element, Splitter
from footfall.apis.footfall.spool import Spool, SpoolRefused
from footfall.apis.footfall.tally import Tally
from footfall.capture.batch import BatchResult
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.event import NewEvent
from footfall.model.workspace import Workspace
from footfall.storage.writer import Closed, Overloaded

BATCH_EVENTS = 1000
BATCH_BYTES = 4 * 1024 * 1024
GATHERING_SECONDS = 1.0
_ELEMENTS_AT_A_STRETCH = 200
_UNDER_WAY = 2
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.02


class Intake(Protocol):
    """Takes the elements of a body."""

    tally: Tally

    @property
    def due(self) -> float | None:
        """When, by the monotonic clock, ``store_gathered`` wants to be called; None: not before more arrives."""

    async def take(self, element: Element) -> None:
        """One element."""

    async def store_gathered(self) -> None:
        """Stores what has been taken so far, without waiting for more."""

    async def finish(self) -> None:
        """The end of the body, or of what arrived of it."""

    async def abandon(self) -> None:
        """The body was cut off."""


async def receive(chunks: AsyncIterator[bytes], splitter: Splitter, intake: Intake) -> None:
    """Cuts the body and hands it over, up to where the client went away if it did.

    Raises Interrupted when the store fails, or the server stops before the body ends.
    """
    try:
        await _receive(chunks, splitter, intake)
    except asyncio.CancelledError:
        stopping = Closed("the server is stopping")
        raise Interrupted(stopping, intake.tally.summary()) from stopping


async def _receive(chunks: AsyncIterator[bytes], splitter: Splitter, intake: Intake) -> None:
    try:
        async for chunk in _storing_meanwhile(chunks, intake):
            for count, element in enumerate(splitter.feed(chunk), 1):
                await intake.take(element)
                if count % _ELEMENTS_AT_A_STRETCH == 0:
                    await asyncio.sleep(0)  # a chunk may hold thousands of them, and others are waiting too
    except InternalServerException:  # Litestar's word for a client that is gone
        await intake.abandon()
        return
    for element in splitter.finish():
        await intake.take(element)
    await intake.finish()


async def _storing_meanwhile(chunks: AsyncIterator[bytes], intake: Intake) -> AsyncIterator[bytes]:
    """The chunks; while the next one is waited for, ``intake`` stores what is due."""
    while True:
        arriving = asyncio.ensure_future(anext(chunks, None))
        try:
            if (due := intake.due) is not None:
                await asyncio.wait([arriving], timeout=max(0.0, due - time.monotonic()))
                # A timer may ring a moment early: that nothing has arrived is reason enough.
                if not arriving.done() or time.monotonic() >= due:
                    await intake.store_gathered()
            chunk = await arriving
        finally:
            arriving.cancel()
        if chunk is None:
            return
        yield chunk


class _Batching(ABC):
    """Events gathered until they are enough to be handed on."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._lines: list[int] = []
        self._events: list[NewEvent] = []
        self._size = 0
        self._gathering_since: float | None = None

    async def take(self, element: Element) -> None:
        """One element: decoded, then kept or told of."""
        if element.fault is not None:
            self.tally.reject(element.line, InvalidEvent(element.fault))
            return
        try:
            event = new_event(element.content, instant.now())
        except InvalidEvent as error:
            self.tally.reject(element.line, error)
            return
        if not self._events:
            self._gathering_since = time.monotonic()
        self._lines.append(element.line)
        self._events.append(event)
        self._size += len(element.content)
        if len(self._events) >= BATCH_EVENTS or self._size >= BATCH_BYTES:
            await self._flush()

    async def _flush(self) -> None:
        if not self._events:
            return
        lines, events = self._lines, self._events
        self._lines, self._events, self._size, self._gathering_since = [], [], 0, None
        await self._hand_on(lines, events)

    @abstractmethod
    async def _hand_on(self, lines: list[int], events: list[NewEvent]) -> None:
        """Does with a batch what this kind of intake is for."""


class PartialIntake(_Batching):
    """Stores what is good."""

    def __init__(self, capture: Capture, workspace: Workspace) -> None:
        super().__init__()
        self._capture = capture
        self._workspace = workspace
        self._under_way: deque[tuple[list[int], asyncio.Task[BatchResult]]] = deque()

    @property
    def due(self) -> float | None:
        """Events wait for a short while only."""
        return None if self._gathering_since is None else self._gathering_since + GATHERING_SECONDS

    async def store_gathered(self) -> None:
        """Stores them and waits until they are durable."""
        await self.finish()

    async def finish(self) -> None:
        """Stores the rest and waits until all of it is durable."""
        await self._flush()
        await self._settle(0)

    async def abandon(self) -> None:
        """Stores what was complete."""
        await self.finish()

    async def _hand_on(self, lines: list[int], events: list[NewEvent]) -> None:
        names_parents = any(event.parent_external_id is not None for event in events)
        # A parent of an earlier batch must be stored before its children are looked at.
        await self._settle(0 if names_parents else _UNDER_WAY - 1)
        self._under_way.append((lines, asyncio.create_task(self._store(events))))

    async def _settle(self, most: int) -> None:
        """Waits until no more than ``most`` batches are under way."""
        while len(self._under_way) > most:
            lines, task = self._under_way.popleft()
            try:
                self.tally.stored(lines, await task)
            except Exception as error:
                await self._let_go()
                raise Interrupted(error, self.tally.summary()) from error

    async def _let_go(self) -> None:
        """After a failure: counts what else was stored."""
        rest = list(self._under_way)
        self._under_way.clear()
        for lines, task in rest:
            result = (await asyncio.gather(task, return_exceptions=True))[0]
            if isinstance(result, BatchResult):
                self.tally.stored(lines, result)

    async def _store(self, events: list[NewEvent]) -> BatchResult:
        """Stores a batch, waiting for its turn where a lone request would be told to come again."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return await self._capture.events(self._workspace, events)
            except Overloaded:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)


class AtomicIntake(_Batching):
    """Stores all or nothing."""

    def __init__(self, capture: Capture, workspace: Workspace, spool: Spool) -> None:
        super().__init__()
        self._capture = capture
        self._workspace = workspace
        self._spool = spool

    @property
    def due(self) -> float | None:
        """Nothing is stored before the end."""
        return None

    async def store_gathered(self) -> None:
        """Never due."""

    async def finish(self) -> None:
        """Stores everything, unless anything was bad."""
        await self._flush()
        if self.tally.rejected:
            return
        try:
            stored = await self._capture.change(self._spool.store, self._workspace)
        except SpoolRefused as error:
            self.tally.refused(error.lines, error.refused)
        else:
            self.tally.add(stored.inserted, stored.repeated)

    async def abandon(self) -> None:
        """Stores nothing."""

    async def _hand_on(self, lines: list[int], events: list[NewEvent]) -> None:
        if not self.tally.rejected:
            self._spool.write(lines, events)
