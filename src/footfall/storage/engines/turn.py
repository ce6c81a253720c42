"""Taking turns among the processes that write to one embedded database: a server and an import, several workers.

SQLite lets one process write at a time, and whoever waits looks again at growing intervals. A process that writes
without a pause would find the lock free every time just after it has let go of it, and keep the others waiting for
seconds. So whoever wants to write first takes the turn (a lock on a file of its own), holds it until the transaction
has begun, and passes it on: a process that has just written stands behind those that have been waiting.

This is politeness only. Who does not get the turn in time goes without; SQLite's lock is what keeps writers apart.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

SUFFIX = "-turn"
_PATIENCE_SECONDS = 2.0
_PAUSE_SECONDS = 0.002


class Turn:
    """One writer's way to wait for its turn. Not for sharing between threads."""

    def __init__(self, database: Path) -> None:
        """``database``: the file; the turn is a file beside it. Where there can be none, everybody goes without."""
        self._file: int | None = None
        with suppress(OSError):
            self._file = os.open(f"{database}{SUFFIX}", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Waits for the turn; it passes on at the end of the block."""
        if sys.platform == "win32" or self._file is None:
            yield
            return
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _take(self._file):
            if time.monotonic() > deadline:
                break
            time.sleep(_PAUSE_SECONDS)
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Gives it up for good."""
        if self._file is not None:
            os.close(self._file)


def _take(file: int) -> bool:
    """Takes the lock unless another has it; True ends the waiting, also on a file system that has no locks."""
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True
