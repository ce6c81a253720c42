"""The client of a program that waits for its answers."""

import time
from collections.abc import Generator, Iterable, Iterator
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
from footfall.client.sender import Refused, Sender, told_by_log

T = TypeVar("T")


class Footfall:
    """A Footfall server, as one workspace sees it. Threads may share it."""

    def __init__(self, url: str, *, token: str, timeout: float = 30.0, retry: Retry | None = None) -> None:
        """``token``: of ``footfall credential create footfall_token``. ``timeout``: seconds, of one try."""
        self._http = httpx.Client(base_url=url.rstrip("/"), headers=wire.headers(token), timeout=timeout)
        self._retry = retry or Retry()
        self.events = Events(self)
        self.customers = Customers(self)

    def sender(
        self,
        *,
        capacity: int = 10_000,
        batch: int = wire.BATCH,
        every: float = 1.0,
        wait_when_full: bool = True,
        on_refused: Refused = told_by_log,
    ) -> Sender:
        """Sends events behind the program's back, in batches: see ``Sender``."""
        return Sender(
            lambda many: self.ask(calls.capture_many(many)),
            capacity=capacity,
            batch=batch,
            every=every,
            wait_when_full=wait_when_full,
            on_refused=on_refused,
        )

    def ask(self, call: Call[T]) -> T:
        """The answer to ``call``, tried again where that may help. Raises RequestRefused, Unreachable."""
        talk = conversation(call, self._retry, wire.chance)
        step = next(talk)
        while True:
            try:
                step = talk.send(self._take(step))
            except StopIteration as end:
                answer: T = end.value
                return answer

    def all(self, paged: Paged[T]) -> Iterator[T]:
        """What all pages have, each asked for when it is needed."""
        cursor: str | None = None
        while True:
            found, cursor = self.ask(paged.page(cursor))
            yield from found
            if cursor is None:
                return

    def follow(self, filters: calls.TailFilters) -> Generator[Event, None, None]:
        """Events as they are stored, without an end; a broken connection is made again and goes on where it was."""
        follower = Follower(filters.get("after"))
        attempt = 0
        while True:
            failed: Reply | Failed = Failed("the stream has ended")
            try:
                with self._http.stream(
                    **wire.arguments(calls.tail(filters, follower.last_id)), timeout=SILENCE_SECONDS
                ) as response:
                    if response.status_code == 200:
                        follower.connected()
                        for line in response.iter_lines():
                            attempt = 0
                            event = follower.line(line)
                            if event is not None:
                                yield event
                    else:
                        response.read()
                        failed = wire.reply(response)
            except httpx.TransportError as error:
                failed = wire.failed(error, str(self._http.base_url))
            attempt += 1
            time.sleep(wait_after(failed, attempt, self._retry, wire.chance()))

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, step: Call[Any] | float) -> Reply | Failed | None:
        if isinstance(step, float):
            time.sleep(step)
            return None
        try:
            return wire.reply(self._http.request(**wire.arguments(step)))
        except httpx.TransportError as error:
            return wire.failed(error, str(self._http.base_url))


class Events:
    """What a workspace has captured, and capturing more."""

    def __init__(self, server: Footfall) -> None:
        self._server = server

    def capture(self, event: NewEvent | str, **members: Any) -> Captured:
        """Stores one event durably; a ``str`` is its name, ``members`` are those of ``NewEvent``."""
        return self._server.ask(calls.capture(calls.prepared(event, **members)))

    def capture_many(self, events: Iterable[NewEvent], *, atomic: bool = False) -> Summary:
        """Stores many, in batches; ``atomic``: all in one request, all or none. Bad ones do not keep good ones out."""
        waiting = iter(events)
        size = None if atomic else wire.BATCH
        summaries = []
        while some := [calls.prepared(event) for event in islice(waiting, size)]:
            summaries.append(self._server.ask(calls.capture_many(some, atomic=atomic)))
        return calls.added(summaries)

    def get(self, event_id: str) -> Event:
        """One event by its id. Raises NotFound."""
        return self._server.ask(calls.event(event_id))

    def find(self, external_id: str) -> Event:
        """One event by your own key. Raises NotFound."""
        return self._server.ask(calls.event_by_key(external_id))

    def search(self, **filters: Unpack[calls.Filters]) -> Iterator[Event]:
        """All events that answer, newest first, page by page."""
        return self._server.all(calls.search(filters))

    def search_page(
        self, *, limit: int = 100, cursor: str | None = None, **filters: Unpack[calls.Filters]
    ) -> EventPage:
        """One page, to show; ``cursor``: the ``next`` of the page before, which carries the filters."""
        return self._server.ask(calls.search_page(filters, limit, cursor))

    def counts(
        self,
        *names: str,
        interval: calls.Interval = "day",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Counts:
        """How many events there are over time, of each name, or of all together."""
        return self._server.ask(calls.counts(names, interval, since, until))

    def names(self) -> Iterator[EventName]:
        """The names that events bear."""
        return self._server.all(calls.names())

    def tail(self, **filters: Unpack[calls.TailFilters]) -> Generator[Event, None, None]:
        """Events as they are stored from now on, without an end."""
        return self._server.follow(filters)


class Customers:
    """Whom events are about."""

    def __init__(self, server: Footfall) -> None:
        self._server = server

    def list(self) -> Iterator[Customer]:
        """All customers."""
        return self._server.all(calls.customers())

    def get(self, customer_id: str) -> Customer:
        """One customer, by external id or id. Raises NotFound."""
        return self._server.ask(calls.customer(customer_id))

    def find(self, external_id: str) -> Customer | None:
        """One customer by external id, of whatever characters it is; None where there is none."""
        return self._server.ask(calls.customer_by_key(external_id))

    def events(self, customer_id: str, **filters: Unpack[calls.Filters]) -> Iterator[Event]:
        """All events of a customer, newest first. Raises NotFound."""
        return self._server.all(calls.customer_events(customer_id, filters))
