"""The reject file: NDJSON, one rejected row a line."""

import math
import os
from pathlib import Path
from typing import IO

import msgspec

from footfall.importing.rows import Row

_LONGEST_SHOWN = 65_536


class RejectedRow(msgspec.Struct, frozen=True):
    """Where the row stands, why it was rejected, and the row as it stands in the file."""

    line: int
    number: int
    reason: str
    row: str


class NotRejectsError(OSError):
    """What stands where the reject file should go is something else, which must not be overwritten."""


_BEGINS = b'{"line":'
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(RejectedRow).decode


class RejectFile:
    """Made when the first row is rejected. Raises OSError, and leaves a file alone that is no reject file.

    An import that goes on keeps the entries of the rows before ``rows_done``; an import from the first row begins
    the file anew. So whatever ended an import, each rejected row stands in the file once.
    """

    def __init__(self, path: Path, rows_done: int) -> None:
        self.path = path
        self._file: IO[bytes] | None = None
        self._noted = False
        if path.exists():
            _cut(path, rows_done)

    def add(self, row: Row, reason: str) -> None:
        """Notes a rejected row."""
        if self._file is None:
            self._file = self.path.open("ab")
        shown = row.content[:_LONGEST_SHOWN].decode("utf-8", "replace")
        self._file.write(_encode(RejectedRow(row.line, row.number, reason, shown)) + b"\n")
        self._noted = True

    def flush(self) -> None:
        """Forces what was noted to disk."""
        if self._file is not None and self._noted:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._noted = False

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()


def _cut(path: Path, rows_done: int) -> None:
    """Drops the entries that do not speak of the first ``rows_done`` rows, up to the end."""
    with path.open("rb+") as file:
        kept = size = 0
        cutting = False
        for line in file:
            number = _row_number(line, begins_file=size == 0)
            if number is None:
                raise NotRejectsError(f"{path} is there already and is no file of rejected rows")
            cutting = cutting or number > rows_done
            size += len(line)
            kept = kept if cutting else size
        file.truncate(kept)


def _row_number(line: bytes, *, begins_file: bool) -> float | None:
    """Which row an entry speaks of; endlessly high for one that was cut off while it was written, None for no entry."""
    if not line.endswith(b"\n"):
        return None if begins_file and not line.startswith(_BEGINS[: len(line)]) else math.inf
    try:
        return _decode(line).number
    except msgspec.MsgspecError:
        return None
