"""Quotas beside an embedded database: a file of small records, each one key's use until a moment.

To change a row of the database would force it to disk; nobody needs that of a count that is forgotten a second later. A
record whose moment has passed is free for another key. Locks on files keep processes apart, not threads of one.
"""

import os
import struct
import sys
import threading
import time
from pathlib import Path

from footfall.storage.failures import DatabaseUnavailable

if sys.platform != "win32":
    import fcntl

SUFFIX = "-quotas"

_RECORD = struct.Struct("<QqQ")  # key, end in seconds since 1970, used
_RECORDS = 4096
_PROBES = 64  # so many records, one after the other, a key may stand in


class SqliteQuotas:
    """See ``storage.quotas``. Where files have no locks, processes may together use a little more."""

    def __init__(self, database: Path) -> None:
        self._path = f"{database}{SUFFIX}"
        self._file: int | None = None
        self._lock = threading.Lock()

    def take(self, key: int, ends_at: int, limit: int, wanted: int) -> int:
        """See ``Quotas``."""
        with self._lock:
            try:
                file = self._open()
                if sys.platform != "win32":
                    fcntl.lockf(file, fcntl.LOCK_EX)
                try:
                    return _take(file, key, ends_at, limit, wanted)
                finally:
                    if sys.platform != "win32":
                        fcntl.lockf(file, fcntl.LOCK_UN)
            except OSError as error:
                raise DatabaseUnavailable(str(error)) from error

    def close(self) -> None:
        """See ``Quotas``."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _open(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        return self._file


def _take(file: int, key: int, ends_at: int, limit: int, wanted: int) -> int:
    first = key % _RECORDS
    now = int(time.time())
    free: int | None = None
    for probe in range(_PROBES):
        place = (first + probe) % _RECORDS
        kept = os.pread(file, _RECORD.size, place * _RECORD.size).ljust(_RECORD.size, b"\0")
        owner, end, used = _RECORD.unpack(kept)
        if (owner, end) == (key, ends_at):
            granted: int = max(0, min(wanted, limit - used))
            if granted:
                os.pwrite(file, _RECORD.pack(key, ends_at, used + granted), place * _RECORD.size)
            return granted
        if end <= now and free is None:
            free = place
        if not owner:
            break
    granted = min(wanted, limit)
    if free is not None:  # else thousands of keys are in use at once: this one goes uncounted
        os.pwrite(file, _RECORD.pack(key, ends_at, granted), free * _RECORD.size)
    return granted
