"""Posts that are acknowledged before anybody has looked at them: durable first, then made into events behind.

The promise: a post whose ``add`` has returned is settled exactly once (it becomes an event, or a rejection is noted),
whatever dies and when. It waits in the database; whoever settles it takes it away in the transaction that stores what
became of it. Each process settles what it has accepted, at once and in groups: while one is settled the next gathers.
What another process leaves behind is taken up by one that starts, and after a while by any that runs.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from footfall.capture.service import Capture
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import WaitingPost
from footfall.storage import post_queue
from footfall.storage.database import Database
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.writer import Overloaded

Settle = Callable[[Sequence[WaitingPost]], int]
"""Settles posts: takes them away and stores what became of them, together. How many were still there to take."""

_GROUP = 500
_GROUP_CHARACTERS = 4_000_000
_LOOK_ROUND_SECONDS = 5.0
_LEFT_BEHIND = 10 * instant.SECOND  # after which a post's own process is taken for dead, or in need of help
_RETRY_SECONDS = 1.0

_log = logging.getLogger("footfall")


class PostQueue:
    """The queue of one process, and the thread that empties it."""

    def __init__(self, database: Database, capture: Capture, settle: Settle, *, capacity: int = 100_000) -> None:
        """``capacity``: how many posts of this process may wait; more are refused."""
        self._database = database
        self._capture = capture
        self._settle = settle
        self._capacity = capacity
        self._owner = identifiers.random_id()
        self._waiting = 0
        self._counting = threading.Lock()
        self._woken = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="footfall-posts", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many posts wait to be dealt with."""
        return self._waiting

    async def add(self, post: WaitingPost) -> None:
        """Returns once ``post`` is durable. Raises Overloaded or DatabaseUnavailable: then it is not."""
        if self._waiting >= self._capacity:
            raise Overloaded
        self._count(1)
        try:
            await self._capture.change(post_queue.add, self._owner, post)
        except Exception:  # whoever stops waiting for the answer leaves a post behind nevertheless
            self._count(-1)
            raise
        self._woken.set()

    def close(self) -> None:
        """Settles what this process has accepted, as far as the database allows, then ends the thread."""
        self._closing = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        before: int | None = instant.LATEST  # whatever waits when a process starts has been left behind
        look_round_at = time.monotonic()
        while True:
            self._woken.clear()
            is_last = self._closing
            pause = _LOOK_ROUND_SECONDS
            try:
                self._settle_own()
                if not is_last and time.monotonic() >= look_round_at:
                    self._settle_left_behind(instant.now() - _LEFT_BEHIND if before is None else before)
                    before = None
                    look_round_at = time.monotonic() + _LOOK_ROUND_SECONDS
            except (DatabaseUnavailable, Overloaded) as error:
                _log.warning("posts wait: %s", error)
                pause = _RETRY_SECONDS
            except Exception:  # noqa: BLE001  (the thread must outlive it)
                _log.exception("posts could not be settled")
                pause = _RETRY_SECONDS
            if is_last:
                return
            self._woken.wait(pause)

    def _settle_own(self) -> None:
        while group := self._database.read(
            post_queue.oldest_of, self._owner, most=_GROUP, characters=_GROUP_CHARACTERS
        ):
            self._settle(group)
            self._count(-len(group))

    def _settle_left_behind(self, before: int) -> None:
        """Until nothing is left, or somebody else turns out to be at it."""
        while not self._closing:
            group = self._database.read(post_queue.oldest_before, before, most=_GROUP, characters=_GROUP_CHARACTERS)
            if not group or not self._settle(group):
                return
            self._settle_own()  # what arrives now must not wait for all that

    def _count(self, change: int) -> None:
        with self._counting:
            self._waiting = max(0, self._waiting + change)
