"""``footfall export``: events into a file."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

import click
import msgspec

from footfall.cli.options import database_option, find_workspace, json_option, moment_of, opened
from footfall.exporting.job import Export, ExportSummary, OpenSink
from footfall.exporting.lines import CSV_HEADER, LinesFile, LinesStream, csv_rows, ndjson, partial_of
from footfall.exporting.question import Question, walk_of
from footfall.storage import event_counts
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.event_counts import Span
from footfall.storage.time_buckets import BEGINNING, END

Format = Literal["ndjson", "csv", "parquet"]

_FORMATS: tuple[Format, ...] = get_args(Format)
_FORMAT_OF_SUFFIX: dict[str, Format] = {".csv": "csv", ".parquet": "parquet", ".ndjson": "ndjson", ".jsonl": "ndjson"}
_STREAM = "-"


@click.command("export", short_help="Export events to NDJSON, CSV or Parquet.")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--workspace", required=True, metavar="NAME", help="Name or id of the workspace.")
@click.option("--format", "form", type=click.Choice(_FORMATS), help="What to write.  [default: by FILE's name, ndjson]")
@click.option("--name", "names", multiple=True, metavar="NAME", help="Only events of this name; may be repeated.")
@click.option("--customer", metavar="ID", help="Only events of the customer with this external id.")
@click.option("--source", metavar="TEXT", help="Only events from this source.")
@click.option("--since", metavar="TIME", help="Only events from this day or time on (ISO 8601).")
@click.option("--until", metavar="TIME", help="Only events before this day or time.")
@click.option("--restart", is_flag=True, help="Begin anew, whatever an interrupted run has left.")
@json_option
@database_option
def export_command(
    file: str,
    workspace: str,
    form: Format | None,
    names: tuple[str, ...],
    customer: str | None,
    source: str | None,
    since: str | None,
    until: str | None,
    restart: bool,
    as_json: bool,
    database: str,
) -> None:
    """Export events to FILE in the order of their time: NDJSON, CSV or Parquet; - is the standard output.

    Times without an offset are of the workspace's zone. FILE appears when it is complete. Run again after an
    interruption, the same command goes on where it was. Events captured meanwhile are left to the next export.
    """
    form = form or _FORMAT_OF_SUFFIX.get(Path(file).suffix.lower(), "ndjson")
    if file == _STREAM and form == "parquet":
        raise click.BadParameter("a Parquet file can't be streamed: name a file", param_hint="--format")
    began = time.monotonic()
    with opened(database) as store:
        tenant = find_workspace(store, workspace)
        question = Question(
            names=names,
            customer=customer,
            source=source,
            since=moment_of(since, tenant, "--since"),
            until=moment_of(until, tenant, "--until"),
        )
        total = store.read(_total, tenant.number, question)
        with _progress(file, total) as told:
            export = Export(
                workspace=tenant.number,
                question=question,
                format=form,
                open_sink=_sink(file, form),
                note=None if file == _STREAM else _note(Path(file), restart=restart),
                told=told,
            )
            summary = _run(export, store, file)
    seconds = time.monotonic() - began
    click.echo(_as_json(summary, seconds) if as_json else _as_text(summary, seconds), err=file == _STREAM)


def _run(export: Export, store: Database, file: str) -> ExportSummary:
    try:
        return export.run(store)
    except BrokenPipeError:
        sys.stderr.close()  # whoever reads has enough; nothing is wrong
        raise SystemExit(0) from None
    except OSError as error:
        raise click.ClickException(f"{file}: {error}; run the command again to go on") from error


def _note(file: Path, *, restart: bool) -> Path:
    note = file.with_name(file.name + ".progress")
    if restart:
        note.unlink(missing_ok=True)
    return note


def _sink(file: str, form: Format) -> OpenSink:
    if form == "parquet":
        try:
            from footfall.exporting.parquet import ParquetFile  # noqa: PLC0415  (an extra of the package)
        except ImportError as error:
            raise click.ClickException("Parquet needs pyarrow: pip install 'footfall[parquet]'") from error
        return lambda state: ParquetFile(Path(file), state=_kept(file, state))
    encode, header = (csv_rows, CSV_HEADER) if form == "csv" else (ndjson, b"")
    if file == _STREAM:
        return lambda _: LinesStream(sys.stdout.buffer, encode, header=header)
    return lambda state: LinesFile(Path(file), encode, header=header, state=_kept(file, state))


def _kept(file: str, state: int | None) -> int | None:
    """``state``, if what it speaks of is there."""
    if state is not None and not partial_of(Path(file)).exists():
        raise click.ClickException(f"{partial_of(Path(file))} is gone: run the command with --restart")
    return state


def _total(connection: Connection, workspace: int, question: Question) -> int | None:
    """How many events there are to export, where it is known without looking at each."""
    walk = walk_of(connection, workspace, question)
    if walk.customer is not None or walk.source is not None:
        return None
    types = None if walk.types is None else frozenset(walk.types)
    since = BEGINNING if question.since is None else question.since
    until = END if question.until is None else question.until
    return event_counts.count(connection, workspace, [Span(types, since, until)])


@contextmanager
def _progress(file: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar, on a terminal only."""
    if not sys.stderr.isatty() or total is None:
        yield lambda _: None
        return
    with click.progressbar(length=total, label=Path(file).name, file=sys.stderr) as bar:
        yield lambda rows: bar.update(rows - bar.pos)


def _as_json(summary: ExportSummary, seconds: float) -> bytes:
    return msgspec.json.encode({**msgspec.to_builtins(summary), "seconds": round(seconds, 3)})


def _as_text(summary: ExportSummary, seconds: float) -> str:
    text = f"{summary.rows:,} events, in {seconds:.1f} s"
    if summary.resumed_after:
        text = f"went on after {summary.resumed_after:,} events of an earlier run\n{text}"
    return text
