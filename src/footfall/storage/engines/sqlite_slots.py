"""Slots beside an embedded database: each place is one byte of a lock file, held by a lock on that byte.

Such locks keep processes apart, not threads of one: what this process holds it knows by itself.
"""

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.slots import MOST_PLACES, Place, free_places

if sys.platform != "win32":
    import fcntl

SUFFIX = "-slots"


class SqliteSlots:
    """See ``storage.slots``. Where files have no locks, each process has places of its own."""

    def __init__(self, database: Path) -> None:
        self._path = f"{database}{SUFFIX}"
        self._file: int | None = None
        self._held: set[Place] = set()
        self._lock = threading.Lock()

    def take(self, key: int, limit: int) -> Place | None:
        """See ``Slots``."""
        with self._lock:
            for number in free_places(self._held, key, limit):
                if self._try_lock(key * MOST_PLACES + number):
                    self._held.add((key, number))
                    return key, number
        return None

    def give_back(self, place: Place) -> None:
        """See ``Slots``."""
        with self._lock:
            self._held.discard(place)
            if sys.platform != "win32" and self._file is not None:
                with suppress(OSError):
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place[0] * MOST_PLACES + place[1])

    def close(self) -> None:
        """See ``Slots``."""
        with self._lock:
            self._held.clear()
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _try_lock(self, position: int) -> bool:
        if sys.platform == "win32":
            return True
        try:
            if self._file is None:
                # Once: to close any descriptor of the file gives up all that the process holds.
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, position)
        except (BlockingIOError, PermissionError):
            return False
        except OSError as error:
            raise DatabaseUnavailable(str(error)) from error
        return True
