"""Events kept in a temporary file until it is known that all of them shall be stored."""

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Self

import msgspec

from footfall.capture.batch import Batch
from footfall.capture.recorder import record
from footfall.model.event import NewEvent, Refused
from footfall.model.workspace import Workspace
from footfall.storage.connection import Connection
from footfall.storage.failures import DatabaseUnavailable

_IN_MEMORY_BYTES = 1024 * 1024
_SIZE_BYTES = 4


class SpoolRefused(Exception):  # noqa: N818
    """Capture refused events of the spool: ``refused`` by index into ``lines``."""

    def __init__(self, lines: list[int], refused: dict[int, Refused]) -> None:
        super().__init__(f"{len(refused)} events were refused")
        self.lines = lines
        self.refused = refused


class Stored(msgspec.Struct, frozen=True):
    """How many events were new, and how many known already."""

    inserted: int
    repeated: int


class _Frame(msgspec.Struct, frozen=True, array_like=True):
    lines: list[int]
    events: list[NewEvent]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Frame).decode


class Spool:
    """A file that is gone once it is closed; small ones never leave memory. It lies where TMPDIR says."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115  (closed by __exit__)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, lines: list[int], events: list[NewEvent]) -> None:
        """Keeps ``events``, which stood on ``lines``. Raises DatabaseUnavailable when the disk is full."""
        frame = _encode(_Frame(lines, events))
        try:
            self._file.write(len(frame).to_bytes(_SIZE_BYTES, "big"))
            self._file.write(frame)
        except OSError as error:
            raise DatabaseUnavailable(f"temporary file: {error}") from error

    def store(self, connection: Connection, workspace: Workspace) -> Stored:
        """Stores all events inside the open transaction. Raises SpoolRefused; the caller must then undo it."""
        inserted = repeated = 0
        for frame in self._frames():
            batch = Batch(workspace=workspace, events=frame.events, all_or_nothing=True)
            (result,) = record(connection, [batch])
            if result.refused:
                raise SpoolRefused(frame.lines, result.refused)
            inserted += result.inserted
            repeated += result.repeated
        return Stored(inserted, repeated)

    def _frames(self) -> Iterator[_Frame]:
        self._file.seek(0)
        while size := self._file.read(_SIZE_BYTES):
            yield _decode(self._file.read(int.from_bytes(size, "big")))
