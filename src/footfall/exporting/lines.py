"""NDJSON and CSV: an event a line, appended to a file whose length is the state to go on from."""

import csv
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from footfall.apis.footfall.schemas import EventAnswer
from footfall.exporting.columns import COLUMNS, row_of

Encode = Callable[[Sequence[EventAnswer]], bytes]

_encode_lines = msgspec.json.Encoder().encode_lines


def ndjson(events: Sequence[EventAnswer]) -> bytes:
    """One JSON object a line, as Footfall's own API shows an event."""
    return _encode_lines(events)


def csv_rows(events: Sequence[EventAnswer]) -> bytes:
    """RFC 4180 rows of ``COLUMNS``; what is missing is an empty cell."""
    return _rows([row_of(event) for event in events])


CSV_HEADER = ",".join(COLUMNS).encode() + b"\r\n"


def _rows(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


class LinesFile:
    """Lines in a file. The state is its length in bytes."""

    def __init__(self, path: Path, encode: Encode, *, header: bytes = b"", state: int | None = None) -> None:
        """Begins a new file, or goes on from ``state``."""
        self._path = path
        self._encode = encode
        self._partial = partial_of(path)
        self._file = self._partial.open("wb" if state is None else "r+b")
        if state is None:
            self._file.write(header)
        else:
            self._file.truncate(state)
            self._file.seek(state)

    def write(self, events: Sequence[EventAnswer]) -> None:
        """Appends them."""
        self._file.write(self._encode(events))

    def settle(self) -> int:
        """Forces what was written to disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def finish(self) -> None:
        """Renames the file to its place."""
        self.settle()
        self._file.close()
        self._partial.replace(self._path)

    def close(self) -> None:
        """Closes the file as it is."""
        self._file.close()


class LinesStream:
    """Lines into a pipe, which nobody can go on with later."""

    def __init__(self, stream: BinaryIO, encode: Encode, *, header: bytes = b"") -> None:
        self._stream = stream
        self._encode = encode
        stream.write(header)

    def write(self, events: Sequence[EventAnswer]) -> None:
        """Sends them."""
        self._stream.write(self._encode(events))

    def settle(self) -> int:
        """Sends what is buffered."""
        self._stream.flush()
        return 0

    def finish(self) -> None:
        """Sends what is buffered."""
        self._stream.flush()

    def close(self) -> None:
        """The stream belongs to the caller."""


def partial_of(path: Path) -> Path:
    """Where an export to ``path`` stands until it is complete."""
    return path.with_name(path.name + ".partial")
