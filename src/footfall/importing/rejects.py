"""The reject file: NDJSON, one rejected row a line."""

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


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(RejectedRow).decode


class RejectFile:
    """Made when the first row is rejected.

    An import that goes on keeps the entries of the rows before ``rows_done``; an import from the first row begins
    the file anew. So whatever ended an import, each rejected row stands in the file once.
    """

    def __init__(self, path: Path, rows_done: int) -> None:
        self.path = path
        self._file: IO[bytes] | None = None
        if path.exists():
            _cut(path, rows_done)

    def add(self, row: Row, reason: str) -> None:
        """Notes a rejected row."""
        if self._file is None:
            self._file = self.path.open("ab")
        shown = row.content[:_LONGEST_SHOWN].decode("utf-8", "replace")
        self._file.write(_encode(RejectedRow(row.line, row.number, reason, shown)) + b"\n")

    def flush(self) -> None:
        """Hands what was noted to the operating system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()


def _cut(path: Path, rows_done: int) -> None:
    """Drops the entries that do not speak of the first ``rows_done`` rows, up to the end."""
    with path.open("rb+") as file:
        kept = 0
        for line in file:
            try:
                if not line.endswith(b"\n") or _decode(line).number > rows_done:
                    break
            except msgspec.MsgspecError:
                break
            kept += len(line)
        file.truncate(kept)
