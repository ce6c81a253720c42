"""``footfall import``: files of events."""

import gzip
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from footfall.cli.options import database_option, find_workspace, json_option, writing
from footfall.importing.job import FileImport, ImportRefused, ImportSummary, Progress
from footfall.importing.mapping import InvalidMapping, load
from footfall.importing.rejects import NotRejectsError

ROWS_REJECTED = 3
"""The exit code of an import that went through but left rejected rows behind."""

_REJECTS_SUFFIX = ".rejects.ndjson"
_a_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import", short_help="Import a file of events: CSV or NDJSON.")
@click.argument("file", type=_a_file)
@click.option("--workspace", required=True, metavar="NAME", help="Name or id of the workspace.")
@click.option("--mapping", required=True, type=_a_file, help="TOML file that says which column means what.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Where rejected rows go, as NDJSON.  [default: FILE{_REJECTS_SUFFIX}]",
)
@click.option("--restart", is_flag=True, help="Read FILE from its first row, whatever an earlier run has done.")
@json_option
@database_option
@click.pass_context
def import_command(
    context: click.Context,
    file: Path,
    workspace: str,
    mapping: Path,
    rejects: Path | None,
    restart: bool,
    as_json: bool,
    database: str,
) -> None:
    """Import the events in FILE: CSV or NDJSON, also compressed as .gz.

    Run again, it goes on where it was and stores nothing twice. Exit codes: 0 all rows are stored, 3 some rows of
    the file were rejected (now or in an earlier run), 1 the import could not be finished, 2 it was called wrongly.
    """
    try:
        mapped = load(mapping)
    except InvalidMapping as error:
        raise click.BadParameter(f"{mapping}: {error}", param_hint="--mapping") from error
    if rejects is not None and rejects.exists() and any(rejects.samefile(read) for read in (file, mapping)):
        raise click.BadParameter(f"{rejects} is read by the import itself", param_hint="--rejects")
    began = time.monotonic()
    with writing(database) as (store, capture), _progress(file) as progress:
        run = FileImport(
            store,
            capture,
            find_workspace(store, workspace),
            path=file,
            mapping=mapped,
            rejects=rejects or file.with_name(file.name + _REJECTS_SUFFIX),
            restart=restart,
            progress=progress,
        )
        try:
            summary = run.run()
        except InvalidMapping as error:
            raise click.BadParameter(f"{mapping}: {error}", param_hint="--mapping") from error
        except (gzip.BadGzipFile, zlib.error, NotRejectsError) as error:
            raise click.ClickException(f"{file}: {error}") from error
        except (OSError, EOFError, ImportRefused) as error:
            raise click.ClickException(f"{error}; run the command again to go on") from error
    seconds = time.monotonic() - began
    click.echo(_as_json(summary, seconds) if as_json else _as_text(summary, seconds))
    if summary.rejected or summary.rejected_before:
        context.exit(ROWS_REJECTED)


@contextmanager
def _progress(file: Path) -> Iterator[Progress]:
    """A bar over the file's bytes, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=file.stat().st_size, label=file.name, file=sys.stderr) as bar:
        yield lambda position: bar.update(position - bar.pos)


def _as_json(summary: ImportSummary, seconds: float) -> bytes:
    return msgspec.json.encode({**msgspec.to_builtins(summary), "seconds": round(seconds, 3)})


def _as_text(summary: ImportSummary, seconds: float) -> str:
    lines = []
    if summary.resumed_after:
        lines.append(f"{summary.resumed_after:,} rows were imported before; went on after them")
    if summary.rows == 0:
        lines.append("nothing new")
    else:
        lines.append(
            f"{summary.rows:,} rows: {summary.stored:,} stored, {summary.already_there:,} already there, "
            f"{summary.rejected:,} rejected, in {seconds:.1f} s"
        )
    if summary.rejects is not None:
        total = summary.rejected + summary.rejected_before
        lines.append(f"{total:,} rejected rows are in {summary.rejects}")
    return "\n".join(lines)
