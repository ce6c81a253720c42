"""Rows of a CSV or NDJSON file, one by one, in constant memory; a row that cannot be read is told, not fatal."""

import csv
import gzip
from collections.abc import Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import IO, cast

import msgspec
from msgspec import Raw

from footfall.importing.mapping import InvalidMapping, Mapping, format_of

LONGEST_LINE = 1024 * 1024
"""Bytes; also of one CSV field, which may hold several lines."""

_BOM = b"\xef\xbb\xbf"
_DIGEST_BYTES = 16
_DIGESTED_AT_ONCE = 64 * 1024

_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode

Cells = list[str] | dict[str, Raw]


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row: its ``number`` from 1 (the header and blank lines do not count), and the file's ``line`` it begins on.

    ``content`` is the row as it stands in the file. ``fault`` says why there are no ``cells``.
    """

    number: int
    line: int
    content: bytes
    cells: Cells
    fault: str | None = None


class _LineTooLongError(ValueError):
    def __init__(self) -> None:
        super().__init__(f"line is longer than {LONGEST_LINE} bytes")


class _Lines:
    """Lines as text, remembering the bytes of those that made up the row at hand."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self.number = 0
        self.taken: list[bytes] = []

    def texts(self) -> Iterator[str]:
        """The lines; it goes on behind a line that it raised an error for."""
        return map(self._text, iter(partial(self._stream.readline, LONGEST_LINE + 1), b""))

    def _text(self, raw: bytes) -> str:
        self.number += 1
        if self.number == 1:
            raw = raw.removeprefix(_BOM)
        self.taken.append(raw)
        if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            while (rest := self._stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            raise _LineTooLongError
        return raw.decode(self._encoding)

    def taken_up(self) -> bytes:
        """The bytes since the last call, without the line end."""
        content = self.taken[0] if len(self.taken) == 1 else b"".join(self.taken)
        self.taken.clear()
        return content.rstrip(b"\r\n")


class RowReader:
    """Reads one file. ``columns`` are the header's, None where there is no header (NDJSON)."""

    def __init__(self, path: Path, mapping: Mapping) -> None:
        """Raises OSError, and InvalidMapping for a file without a usable header."""
        self._file = path.open("rb")
        # A gzip stream's own position is that of the text; the bar shows the file's.
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=self._file)) if path.suffix.lower() == ".gz" else self._file
        self._lines = _Lines(stream, mapping.encoding)
        self._texts = self._lines.texts()
        self._digest = blake2b(digest_size=_DIGEST_BYTES)
        self._undigested = bytearray()
        self.header = b""
        self.columns: list[str] | None = None
        if format_of(path, mapping) == "csv":
            csv.field_size_limit(LONGEST_LINE)
            tabbed = path.name.lower().removesuffix(".gz").endswith(".tsv")
            delimiter = mapping.delimiter or ("\t" if tabbed else ",")
            self._csv = csv.reader(self._texts, delimiter=delimiter, strict=True)
            try:
                self.columns = self._read_header()
            except InvalidMapping:
                self.close()
                raise

    @property
    def position(self) -> int:
        """Bytes of the file that have been read."""
        return self._file.tell()

    @property
    def digest(self) -> bytes:
        """Of all rows handed out so far."""
        self._digest.update(self._undigested)
        self._undigested.clear()
        return self._digest.digest()

    def rows(self) -> Iterator[Row]:
        """All rows, once."""
        number = 0
        while True:
            line = self._lines.number + 1
            fault = None
            cells: Cells = []
            try:
                cells = self._read()
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError, _LineTooLongError, msgspec.MsgspecError, RecursionError) as error:
                fault = f"not readable: {_explained(error)}"
            content = self._lines.taken_up()
            if fault is None and not content.strip():
                continue
            if fault is None and self.columns is not None and len(cells) != len(self.columns):
                fault = f"expected {len(self.columns)} columns, found {len(cells)}"
            number += 1
            self._undigested += content
            self._undigested += b"\n"
            if len(self._undigested) > _DIGESTED_AT_ONCE:
                self._digest.update(self._undigested)
                self._undigested.clear()
            yield Row(number, line, content, cells, fault)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _read(self) -> Cells:
        """The next row. Raises StopIteration at the end."""
        if self.columns is not None:
            return next(self._csv)
        text = next(self._texts)
        return {} if text.isspace() else _decode_members(text)

    def _read_header(self) -> list[str]:
        try:
            columns = [column.strip() for column in next(self._csv, [])]
        except (csv.Error, UnicodeDecodeError, _LineTooLongError) as error:
            raise InvalidMapping(f"the header is not readable: {error}") from error
        self.header = self._lines.taken_up()
        if not any(columns):
            raise InvalidMapping("the file has no header line")
        twice = sorted({column for column in columns if columns.count(column) > 1})
        if twice:
            raise InvalidMapping(f"the header names columns twice: {', '.join(twice)}")
        return columns


def _explained(error: Exception) -> str:
    """What is likely meant: a quotation mark that nothing closes takes in line after line up to the limit."""
    if isinstance(error, csv.Error) and str(error).startswith("field larger"):
        return f"a field is longer than {LONGEST_LINE} bytes; is there a quotation mark that is never closed?"
    return str(error)
