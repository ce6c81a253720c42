"""Sending events in batches, behind the program's back.

The promise: an event that was put is sent once it can be, and stored once; or ``on_refused`` is told why not. The
buffer never holds more than its capacity: whoever puts faster than the server takes waits, or is told (BufferFull). At
the end of the program the rest is sent.

One thread takes what waits, a batch at a time. A batch that finds no server stays, and is tried again until ``close``
runs out of patience.
"""

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, Self

from footfall.client.calls import Prepared, prepared
from footfall.client.errors import BufferFull, FootfallError, RequestRefused, Unreachable
from footfall.client.records import NewEvent, Refusal, Summary

Refused = Callable[[list[Refusal]], None]

_log = logging.getLogger("footfall.client")
_PAUSE_SECONDS = 1.0  # after all the tries of the client itself


def told_by_log(refused: list[Refusal]) -> None:
    """Warns of each through the logger ``footfall.client``."""
    for one in refused:
        _log.warning("event %r was not stored: %s %s", one.event.name, one.field or "", one.message)


class Sender:
    """A buffer of events and the thread that empties it. Threads may share it."""

    def __init__(
        self,
        send: Callable[[Sequence[Prepared]], Summary],
        *,
        capacity: int,
        batch: int,
        every: float,
        wait_when_full: bool,
        on_refused: Refused,
    ) -> None:
        """``send`` stores a batch. ``every``: seconds that an event may wait for others. ``on_refused``: see module."""
        if not 1 <= batch <= capacity:
            raise ValueError("capacity must be at least batch, and batch at least 1")
        self._send = send
        self._capacity = capacity
        self._batch = batch
        self._every = every
        self._wait_when_full = wait_when_full
        self._on_refused = on_refused
        self._waiting: deque[Prepared] = deque()
        self._oldest_at = 0.0
        self._hurried = 0  # how many of those that wait are to be sent at once
        self._give_up_at: float | None = None  # set when it closes
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="footfall-sender", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def put(self, event: NewEvent | str, **members: Any) -> None:
        """Takes an event; its time is now, unless it has one. Raises BufferFull where it was told not to wait."""
        one = prepared(event, **members)
        with self._changed:
            while len(self._waiting) >= self._capacity and self._give_up_at is None:
                if not self._wait_when_full:
                    raise BufferFull(f"{self._capacity} events are waiting to be sent")
                self._changed.wait()
            if self._give_up_at is not None:
                raise FootfallError("the sender is closed")
            if not self._waiting:
                self._oldest_at = time.monotonic()
            self._waiting.append(one)
            if len(self._waiting) in (1, self._batch):
                self._changed.notify_all()

    def flush(self, timeout: float | None = None) -> bool:
        """Waits until all that has been put is stored or refused; whether it is, after ``timeout`` seconds at most."""
        with self._changed:
            self._hurried = len(self._waiting)
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._hurried == 0, timeout)

    def close(self, timeout: float = 10.0) -> None:
        """Sends what waits, for ``timeout`` seconds at most; what is left then is told to ``on_refused``."""
        with self._changed:
            if self._give_up_at is None:
                self._give_up_at = time.monotonic() + timeout
            self._changed.notify_all()
        self._thread.join(timeout)
        atexit.unregister(self.close)
        with self._changed:
            left = list(self._waiting)
            self._waiting.clear()
            self._hurried = 0
        if left:
            self._on_refused([Refusal(one.event, "not sent: the server could not be reached in time") for one in left])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._is_due():
                    if self._give_up_at is not None and not self._waiting:
                        return
                    self._changed.wait(self._until_due())
                some = list(islice(self._waiting, self._batch))
            try:
                refused = self._send(some).refused
            except Unreachable as error:
                if not self._pause(error):
                    return
                continue
            except RequestRefused as error:
                refused = [Refusal(one.event, error.message, error.field) for one in some]
            except Exception as error:  # noqa: BLE001  (whatever it is must not end the thread)
                _log.exception("a batch could not be sent")
                refused = [Refusal(one.event, f"not sent: {error}") for one in some]
            self._taken(len(some))
            self._tell(refused)

    def _is_due(self) -> bool:
        if not self._waiting:
            return False
        is_full = len(self._waiting) >= self._batch
        return is_full or self._hurried > 0 or self._give_up_at is not None or self._until_due() == 0

    def _until_due(self) -> float | None:
        return max(0.0, self._oldest_at + self._every - time.monotonic()) if self._waiting else None

    def _taken(self, number: int) -> None:
        with self._changed:
            for _ in range(min(number, len(self._waiting))):
                self._waiting.popleft()
            self._hurried = max(0, self._hurried - number)
            self._oldest_at = time.monotonic()
            self._changed.notify_all()

    def _pause(self, error: Unreachable) -> bool:
        """Waits a little; whether there is still time to try again."""
        _log.warning("events wait: %s", error)
        with self._changed:
            if self._give_up_at is None:
                self._changed.wait(_PAUSE_SECONDS)
            return self._give_up_at is None or time.monotonic() < self._give_up_at

    def _tell(self, refused: list[Refusal]) -> None:
        if not refused:
            return
        try:
            self._on_refused(refused)
        except Exception:  # noqa: BLE001  (the program's own)
            _log.exception("on_refused failed")
