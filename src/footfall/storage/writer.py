"""Group commit: one thread writes; what waits together is written in one transaction.

The promise: a unit of work is acknowledged (its future resolves) only after the transaction that holds it is
durable. While one transaction commits, the next group gathers, so throughput grows with load and a lone request
waits for nobody. When a group fails as a whole, each unit is tried alone, so that one bad unit harms only itself.
A full queue refuses at once (``Overloaded``); closing drains what has been accepted.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.failures import Conflict, DatabaseUnavailable, FateUnknown

_ATTEMPTS = 10  # to write a group that meets what others are writing

W = TypeVar("W")
W_contra = TypeVar("W_contra", contravariant=True)

AnyFuture = Future[Any] | asyncio.Future[Any]


class Overloaded(Exception):  # noqa: N818
    """Too much is waiting to be written; try again in ``retry_after`` seconds."""

    retry_after = 1


class Closed(DatabaseUnavailable):
    """The server is stopping."""


class Apply(Protocol[W_contra]):
    """Writes a group of units inside an open transaction; one result per unit, in their order.

    A result that is an exception belongs to its unit alone; an exception raised fails the group.
    """

    def __call__(self, connection: Connection, works: Sequence[W_contra], /) -> list[Any]:
        """Writes ``works``."""


class Writer(Generic[W]):
    """The one thread that writes. ``weigh`` tells how many rows a unit of work is about."""

    def __init__(
        self,
        database: Database,
        apply: Apply[W],
        *,
        weigh: Callable[[W], int],
        capacity: int = 100_000,
        group_size: int = 4_000,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        """``committed``: called after each transaction, by the thread that writes."""
        self._database = database
        self._apply = apply
        self._committed = committed
        self._weigh = weigh
        self._capacity = capacity
        self._group_size = group_size
        self._waiting: deque[tuple[W, int, AnyFuture]] = deque()
        self._weight = 0
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="footfall-writer", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many rows wait to be written."""
        return self._weight

    def submit(self, work: W) -> Future[Any]:
        """Queues ``work``; the future resolves once it is durable. Raises Overloaded or Closed."""
        future: Future[Any] = Future()
        self._queue(work, future)
        return future

    async def write(self, work: W) -> Any:
        """As ``submit``, awaited. Once queued, the work is done even if the waiting is cancelled."""
        future = asyncio.get_running_loop().create_future()
        self._queue(work, future)
        return await future

    def _queue(self, work: W, future: AnyFuture) -> None:
        weight = max(1, self._weigh(work))
        with self._changed:
            if self._closing:
                raise Closed("the server is stopping")
            # A unit larger than the whole queue is let in when it is alone.
            if self._weight and self._weight + weight > self._capacity:
                raise Overloaded
            self._waiting.append((work, weight, future))
            self._weight += weight
            self._changed.notify()

    def close(self) -> None:
        """Writes what has been accepted, then ends the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        connection: Connection | None = None
        while True:
            group = self._take()
            if not group:
                break
            works = [work for work, _ in group]
            try:
                connection = self._usable(connection)
                try:
                    results = self._commit(connection, works)
                except DatabaseUnavailable as error:
                    if isinstance(error, FateUnknown) or not connection.is_broken:
                        raise
                    # Lost before the commit, perhaps long ago: nothing was written, so it can be done again.
                    connection = self._usable(connection)
                    results = self._commit(connection, works)
            except Exception as error:  # noqa: BLE001  (whatever it is, the callers must hear of it)
                results = [error] * len(group)
                _discard(connection)
                connection = None
            _tell([future for _, future in group], results)
        _discard(connection)

    def _usable(self, connection: Connection | None) -> Connection:
        if connection is not None and not connection.is_broken:
            return connection
        _discard(connection)
        return self._database.open_writer()

    def _take(self) -> list[tuple[W, AnyFuture]]:
        """Waits, then takes what is there up to the group's size; nothing at the end."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            group: list[tuple[W, AnyFuture]] = []
            taken = 0
            while self._waiting and (not group or taken + self._waiting[0][1] <= self._group_size):
                work, weight, future = self._waiting.popleft()
                taken += weight
                group.append((work, future))
            self._weight -= taken
            return group

    def _commit(self, connection: Connection, works: list[W]) -> list[Any]:
        try:
            return self._transact(connection, works)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001
            if len(works) == 1:
                return [error]
        return [self._commit_alone(connection, work) for work in works]

    def _commit_alone(self, connection: Connection, work: W) -> Any:
        """As one of a group that failed: what was committed before must not be told that it was not."""
        try:
            return self._commit(connection, [work])[0]
        except DatabaseUnavailable as error:
            return error

    def _transact(self, connection: Connection, works: list[W]) -> list[Any]:
        for attempt in range(_ATTEMPTS):
            connection.begin(again=attempt > 0)
            try:
                results = self._apply(connection, works)
                connection.commit()
            except Conflict:
                connection.rollback()
            except BaseException:
                connection.rollback()
                raise
            else:
                self._committed()
                return results
        raise DatabaseUnavailable("other writers were faster every time")


def _discard(connection: Connection | None) -> None:
    if connection is not None:
        connection.close()


def _tell(futures: Sequence[AnyFuture], results: Sequence[Any]) -> None:
    """Resolves the futures; those of an event loop all at once, because to wake it costs more than a future."""
    on_loops: dict[asyncio.AbstractEventLoop, list[tuple[AnyFuture, Any]]] = {}
    for future, result in zip(futures, results, strict=True):
        if isinstance(future, asyncio.Future):
            on_loops.setdefault(future.get_loop(), []).append((future, result))
        else:
            _resolve(future, result)
    for loop, resolved in on_loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve_all, resolved)


def _resolve_all(resolved: Sequence[tuple[AnyFuture, Any]]) -> None:
    for future, result in resolved:
        _resolve(future, result)


def _resolve(future: AnyFuture, result: Any) -> None:
    with suppress(InvalidStateError, asyncio.InvalidStateError):  # nobody waits for it any more
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
