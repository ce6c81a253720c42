"""Importing a file: rows in, events out, resumable at any moment.

The promise: how far the import has come is written in the transaction that stores the rows, and every row has an
external id that is the same whenever the row is read again. So an import that ends anywhere, by whatever, goes on
where it was when it is run again, and no row is ever stored twice.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from hashlib import blake2b
from itertools import chain
from pathlib import Path

import msgspec

from footfall.capture.batch import Batch, BatchResult
from footfall.capture.recorder import record
from footfall.capture.service import Capture
from footfall.importing.mapping import Mapping
from footfall.importing.rejects import RejectFile
from footfall.importing.rows import Row, RowReader
from footfall.importing.translation import BadRow, Translator
from footfall.model import instant
from footfall.model.event import NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import imports
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.imports import ImportPosition

BATCH_ROWS = 10_000
BATCH_BYTES = 4 * 1024 * 1024
_UNDER_WAY = 2
_START = ImportPosition(0, 0, b"")

Progress = Callable[[int], None]
"""Told how many bytes of the file have been read."""


class ImportRefused(RuntimeError):  # noqa: N818
    """A batch cannot be stored although its rows are good; the message says why."""


class ImportSummary(msgspec.Struct, kw_only=True):
    """What one run did. Rows are counted in this run; ``rejected_before`` in earlier runs over the same file."""

    rows: int = 0
    stored: int = 0
    already_there: int = 0
    rejected: int = 0
    rejected_before: int = 0
    resumed_after: int = 0
    rejects: str | None = None  # the reject file, where any row was ever rejected


class FileImport:
    """One run over one file."""

    def __init__(
        self,
        database: Database,
        capture: Capture,
        workspace: Workspace,
        *,
        path: Path,
        mapping: Mapping,
        rejects: Path,
        restart: bool = False,
        progress: Progress = lambda _: None,
    ) -> None:
        """``restart``: from the first row, also where an earlier run has come further."""
        self._database = database
        self._capture = capture
        self._workspace = workspace
        self._path = path
        self._mapping = mapping
        self._rejects_path = rejects
        self._restart = restart
        self._progress = progress
        self._under_way: deque[Future[BatchResult]] = deque()
        self._summary = ImportSummary()

    def run(self) -> ImportSummary:
        """Imports what is left. Raises OSError, EOFError (a gzip file cut off), InvalidMapping or a store's error."""
        reader = RowReader(self._path, self._mapping)
        try:
            rows = reader.rows()
            first = next(rows, None)
            fingerprint = self._fingerprint(reader, first)
            translator = Translator(self._mapping, reader.columns, fingerprint)
            if first is None:
                return self._summary
            rows = chain([first], rows)
            position = self._resume(reader, rows, fingerprint)
            if position is None:
                reader.close()
                reader = RowReader(self._path, self._mapping)
                position, rows = _START, reader.rows()
            self._import(reader, rows, translator, fingerprint, position)
        finally:
            reader.close()
        return self._summary

    def _fingerprint(self, reader: RowReader, first: Row | None) -> bytes:
        digest = blake2b(digest_size=16, key=self._workspace.id)
        for part in (reader.header, b"" if first is None else first.content, msgspec.json.encode(self._mapping)):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.digest()

    def _resume(self, reader: RowReader, rows: Iterator[Row], fingerprint: bytes) -> ImportPosition | None:
        """Passes over what is done. None: from the first row, because nothing is or it is another file."""
        position = self._database.read(imports.get, self._workspace.number, fingerprint)
        if position is None or self._restart or position.rows_done == 0:
            return None
        for row in rows:
            if row.number == position.rows_done:
                return position if reader.digest == position.digest else None
            if row.number % BATCH_ROWS == 0:
                self._progress(reader.position)
        return None

    def _import(
        self,
        reader: RowReader,
        rows: Iterator[Row],
        translator: Translator,
        fingerprint: bytes,
        position: ImportPosition,
    ) -> None:
        summary = self._summary
        summary.resumed_after, summary.rejected_before = position.rows_done, position.rows_rejected
        rejects = RejectFile(self._rejects_path, position.rows_done)
        begins_after: int | None = None
        try:
            for batch in _batches(rows):
                events = self._translate(batch, translator, rejects)
                summary.rows += len(batch)
                reached = ImportPosition(batch[-1].number, summary.rejected_before + summary.rejected, reader.digest)
                # Before the position can pass them: a rejected row must not be lost to a power cut.
                rejects.flush()
                self._settle(_UNDER_WAY - 1)
                step = _Step(fingerprint, begins_after, reached)
                self._under_way.append(self._capture.submit_change(_store, self._workspace, events, step))
                begins_after = reached.rows_done
                self._progress(reader.position)
            self._settle(0)
        finally:
            rejects.close()
        if summary.rejected or summary.rejected_before:
            summary.rejects = str(rejects.path)

    def _translate(self, batch: list[Row], translator: Translator, rejects: RejectFile) -> list[NewEvent]:
        received_at = instant.now()
        events = []
        for row in batch:
            try:
                events.append(translator.event(row, received_at))
            except BadRow as error:
                self._summary.rejected += 1
                rejects.add(row, str(error))
        return events

    def _settle(self, most: int) -> None:
        """Waits until no more than ``most`` batches are under way."""
        while len(self._under_way) > most:
            result = self._under_way.popleft().result()
            self._summary.stored += result.inserted
            self._summary.already_there += result.repeated


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.content)
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Step(msgspec.Struct, frozen=True):
    """From where to where a batch brings the import; ``begins_after`` is None for the first batch of a run."""

    fingerprint: bytes
    begins_after: int | None
    reached: ImportPosition


def _store(connection: Connection, workspace: Workspace, events: list[NewEvent], step: _Step) -> BatchResult:
    """Stores a batch and how far it brings the import, in one transaction."""
    if step.begins_after is not None:
        # Batches are under way two at a time: when one has failed, the next must not step over it.
        stands_at = imports.get(connection, workspace.number, step.fingerprint)
        if stands_at is None or stands_at.rows_done != step.begins_after:
            raise ImportRefused("the rows before are not stored, or another import of this file is under way")
    (result,) = record(connection, [Batch(workspace=workspace, events=events, all_or_nothing=True)])
    if result.refused:
        raise ImportRefused(f"an event was refused: {next(iter(result.refused.values())).reason}")
    imports.put(connection, workspace.number, step.fingerprint, step.reached)
    return result
