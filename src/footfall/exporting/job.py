"""An export from its first event to its last, also in several runs.

The promise: the file is complete or not there. An interrupted run leaves what it has beside the file's place, with a
note of how far it is and up to which snapshot it goes; the same export run again goes on from the note and ends with
the file that one run would have made. Whatever is captured after the first run's start is not in it.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from footfall.apis.footfall.mapping import event_answer
from footfall.exporting.question import Question, walk_of
from footfall.exporting.sink import Sink
from footfall.storage import event_walk
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.event_walk import Walk, WalkPosition

PAGE = 2_000
SETTLED_EVERY = 50_000
"""Rows; also the size of a Parquet row group."""

OpenSink = Callable[[int | None], Sink]
"""Opens the sink, at a state that it has settled before."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """How far an export is."""

    digest: str  # of the question and the format
    snapshot: int
    position: WalkPosition | None
    rows: int
    state: int


class ExportSummary(msgspec.Struct, frozen=True):
    """What an export did: ``rows`` in the file, ``resumed_after`` of them from earlier runs."""

    rows: int
    resumed_after: int


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """An export to run. ``note`` is where its progress stands; None: it can't be gone on with."""

    workspace: int
    question: Question
    format: str
    open_sink: OpenSink
    note: Path | None
    told: Callable[[int], None] = lambda _: None  # hears the number of rows so far

    def run(self, database: Database) -> ExportSummary:
        """Writes the file. Raises DatabaseUnavailable or OSError; what was settled stays for the next run."""
        before = self._noted()
        walk = database.read(_walk, self, None if before is None else before.snapshot)
        sink = self.open_sink(None if before is None else before.state)
        try:
            rows = self._write_all(database, walk, sink, before)
            sink.finish()
        finally:
            sink.close()
        if self.note is not None:
            self.note.unlink(missing_ok=True)
        return ExportSummary(rows, 0 if before is None else before.rows)

    def _write_all(self, database: Database, walk: Walk, sink: Sink, before: Note | None) -> int:
        position, rows = (None, 0) if before is None else (before.position, before.rows)
        settled = rows
        while True:
            found = database.read(event_walk.page, walk, position, PAGE)
            sink.write([event_answer(*each) for each in found])
            rows += len(found)
            self.told(rows)
            if len(found) < PAGE:
                return rows
            last = found[-1][0]
            position = WalkPosition(last.occurred_at, last.sequence)
            if rows - settled >= SETTLED_EVERY:
                self._settle(walk, sink, position, rows)
                settled = rows

    def _settle(self, walk: Walk, sink: Sink, position: WalkPosition, rows: int) -> None:
        state = sink.settle()
        if self.note is None:
            return
        note = Note(digest=self._digest, snapshot=walk.snapshot, position=position, rows=rows, state=state)
        fresh = self.note.with_name(self.note.name + ".new")
        fresh.write_bytes(msgspec.json.encode(note))
        fresh.replace(self.note)

    def _noted(self) -> Note | None:
        """What an earlier run of the same export has left; None where it was another one, or none."""
        if self.note is None or not self.note.exists():
            return None
        try:
            note = msgspec.json.decode(self.note.read_bytes(), type=Note)
        except msgspec.MsgspecError:
            return None
        return note if note.digest == self._digest else None

    @property
    def _digest(self) -> str:
        return f"{self.workspace}-{self.format}-{self.question.digest}"


def _walk(connection: Connection, export: Export, snapshot: int | None) -> Walk:
    return walk_of(connection, export.workspace, export.question, snapshot)
