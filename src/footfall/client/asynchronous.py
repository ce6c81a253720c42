"""The client of a program on an event loop: the same methods as ``synchronous``, to be awaited."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx

from footfall.client import calls, wire
from footfall.client.call import Call, Failed, Paged, Reply, conversation, wait_after
from footfall.client.following import SILENCE_SECONDS, Follower
from footfall.client.records import Captured, Counts, Customer, Event, EventName, EventPage, NewEvent, Summary
from footfall.client.retrying import Retry

T = TypeVar("T")


class AsyncFootfall:
    """A Footfall server, as one workspace sees it, for one event loop."""

    def __init__(self, url: str, *, token: str, timeout: float = 30.0, retry: Retry | None = None) -> None:
        """``token``: of ``footfall credential create footfall_token``. ``timeout``: seconds, of one try."""
        self._http = httpx.AsyncClient(base_url=url.rstrip("/"), headers=wire.headers(token), timeout=timeout)
        self._retry = retry or Retry()
        self.events = Events(self)
        self.customers = Customers(self)

    async def ask(self, call: Call[T]) -> T:
        """The answer to ``call``, tried again where that may help. Raises RequestRefused, Unreachable."""
        talk = conversation(call, self._retry, wire.chance)
        step = next(talk)
        while True:
            try:
                step = talk.send(await self._take(step))
            except StopIteration as end:
                answer: T = end.value
                return answer

    async def all(self, paged: Paged[T]) -> AsyncIterator[T]:
        """What all pages have, each asked for when it is needed."""
        cursor: str | None = None
        while True:
            found, cursor = await self.ask(paged.page(cursor))
            for one in found:
                yield one
            if cursor is None:
                return

    async def follow(self, filters: calls.TailFilters) -> AsyncGenerator[Event, None]:
        """Events as they are stored, without an end; a broken connection is made again and goes on where it was."""
        follower = Follower(filters.get("after"))
        attempt = 0
        while True:
            failed: Reply | Failed = Failed("the stream has ended")
            try:
                async with self._http.stream(
                    **wire.arguments(calls.tail(filters, follower.last_id)), timeout=SILENCE_SECONDS
                ) as response:
                    if response.status_code == 200:
                        follower.connected()
                        async for line in response.aiter_lines():
                            attempt = 0
                            event = follower.line(line)
                            if event is not None:
                                yield event
                    else:
                        await response.aread()
                        failed = wire.reply(response)
            except httpx.TransportError as error:
                failed = wire.failed(error, str(self._http.base_url))
            attempt += 1
            await asyncio.sleep(wait_after(failed, attempt, self._retry, wire.chance()))

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _take(self, step: Call[Any] | float) -> Reply | Failed | None:
        if isinstance(step, float):
            await asyncio.sleep(step)
            return None
        try:
            return wire.reply(await self._http.request(**wire.arguments(step)))
        except httpx.TransportError as error:
            return wire.failed(error, str(self._http.base_url))


class Events:
    """What a workspace has captured, and capturing more."""

    def __init__(self, server: AsyncFootfall) -> None:
        self._server = server

    async def capture(self, event: NewEvent | str, **members: Any) -> Captured:
        """Stores one event durably; a ``str`` is its name, ``members`` are those of ``NewEvent``."""
        return await self._server.ask(calls.capture(calls.prepared(event, **members)))

    async def capture_many(self, events: Iterable[NewEvent], *, atomic: bool = False) -> Summary:
        """Stores many, in batches; ``atomic``: all in one request, all or none. Bad ones do not keep good ones out."""
        waiting = iter(events)
        size = None if atomic else wire.BATCH
        summaries = []
        while some := [calls.prepared(event) for event in islice(waiting, size)]:
            summaries.append(await self._server.ask(calls.capture_many(some, atomic=atomic)))
        return calls.added(summaries)

    async def get(self, event_id: str) -> Event:
        """One event by its id. Raises NotFound."""
        return await self._server.ask(calls.event(event_id))

    async def find(self, external_id: str) -> Event:
        """One event by your own key. Raises NotFound."""
        return await self._server.ask(calls.event_by_key(external_id))

    def search(self, **filters: Unpack[calls.Filters]) -> AsyncIterator[Event]:
        """All events that answer, newest first, page by page."""
        return self._server.all(calls.search(filters))

    async def search_page(
        self, *, limit: int = 100, cursor: str | None = None, **filters: Unpack[calls.Filters]
    ) -> EventPage:
        """One page, to show; ``cursor``: the ``next`` of the page before, which carries the filters."""
        return await self._server.ask(calls.search_page(filters, limit, cursor))

    async def counts(
        self,
        *names: str,
        interval: calls.Interval = "day",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Counts:
        """How many events there are over time, of each name, or of all together."""
        return await self._server.ask(calls.counts(names, interval, since, until))

    def names(self) -> AsyncIterator[EventName]:
        """The names that events bear."""
        return self._server.all(calls.names())

    def tail(self, **filters: Unpack[calls.TailFilters]) -> AsyncGenerator[Event, None]:
        """Events as they are stored from now on, without an end."""
        return self._server.follow(filters)


class Customers:
    """Whom events are about."""

    def __init__(self, server: AsyncFootfall) -> None:
        self._server = server

    def list(self) -> AsyncIterator[Customer]:
        """All customers."""
        return self._server.all(calls.customers())

    async def get(self, customer_id: str) -> Customer:
        """One customer, by external id or id. Raises NotFound."""
        return await self._server.ask(calls.customer(customer_id))

    async def find(self, external_id: str) -> Customer | None:
        """One customer by external id, of whatever characters it is; None where there is none."""
        return await self._server.ask(calls.customer_by_key(external_id))

    def events(self, customer_id: str, **filters: Unpack[calls.Filters]) -> AsyncIterator[Event]:
        """All events of a customer, newest first. Raises NotFound."""
        return self._server.all(calls.customer_events(customer_id, filters))
