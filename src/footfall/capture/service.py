"""Capture as the rest of the program sees it: hand over events, get outcomes once they are durable."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec

from footfall.capture.batch import Batch, BatchResult
from footfall.capture.noting import Noted, forgetting_what_fails, noting
from footfall.capture.recorder import record
from footfall.model.event import NewEvent
from footfall.model.workspace import Workspace
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.failures import Conflict, DatabaseUnavailable
from footfall.storage.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")


class Change(msgspec.Struct, frozen=True):
    """A change other than captured events, to run in the writing transaction."""

    run: Callable[[Connection], Any]


class Capture:
    """The way in. Everything that writes goes through here: one thread, one transaction per group."""

    def __init__(
        self, database: Database, *, capacity: int = 100_000, tell: Callable[[Noted], None] | None = None
    ) -> None:
        """``tell``: hears, in the thread that writes, what has just become durable."""
        self._tell = tell
        self._noted: Noted = Counter()
        self._writer: Writer[Batch | Change] = Writer(
            database, self._apply, weigh=_weigh, capacity=capacity, committed=self._committed
        )

    @property
    def waiting(self) -> int:
        """How many events wait to be written."""
        return self._writer.waiting

    async def events(
        self,
        workspace: Workspace,
        events: list[NewEvent],
        *,
        all_or_nothing: bool = False,
        tells_targets: bool = False,
    ) -> BatchResult:
        """Stores ``events``; returns once they are durable. See ``Batch``. Raises Overloaded or DatabaseUnavailable."""
        batch = Batch(workspace=workspace, events=events, all_or_nothing=all_or_nothing, tells_targets=tells_targets)
        result: BatchResult = await self._writer.write(batch)
        return result

    async def change(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs ``function(connection, ...)`` in a transaction; what it raises undoes its own writes only."""
        result: T = await self._writer.write(Change(lambda connection: function(connection, *args, **kwargs)))
        return result

    def submit(self, batch: Batch) -> "Future[BatchResult]":
        """As ``events``, for callers without an event loop."""
        return self._writer.submit(batch)

    def submit_change(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> "Future[T]":
        """As ``change``, for callers without an event loop who do not wait at once."""
        return self._writer.submit(Change(lambda connection: function(connection, *args, **kwargs)))

    def change_now(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As ``change``, for callers without an event loop."""
        result: T = self._writer.submit(Change(lambda connection: function(connection, *args, **kwargs))).result()
        return result

    def close(self) -> None:
        """Stores what has been accepted, then ends."""
        self._writer.close()

    def _apply(self, connection: Connection, works: Sequence[Batch | Change]) -> list[Any]:
        if self._tell is None:
            return _apply(connection, works)
        with noting() as self._noted:
            return _apply(connection, works)

    def _committed(self) -> None:
        if self._tell is not None:
            self._tell(self._noted)


def _weigh(work: Batch | Change) -> int:
    return len(work.events) if isinstance(work, Batch) else 1


def _apply(connection: Connection, works: Sequence[Batch | Change]) -> list[Any]:
    results: dict[int, Any] = {}
    batches = {index: work for index, work in enumerate(works) if isinstance(work, Batch)}
    for index, work in enumerate(works):
        if isinstance(work, Change):
            results[index] = _run_alone(connection, work)
    results.update(zip(batches, record(connection, list(batches.values())), strict=True))
    return [results[index] for index in range(len(works))]


def _run_alone(connection: Connection, change: Change) -> Any:
    try:
        with connection.undoing(), forgetting_what_fails():
            return change.run(connection)
    except (DatabaseUnavailable, Conflict):
        raise
    except Exception as error:  # noqa: BLE001  (it belongs to the caller who waits for this change)
        return error
