"""``footfall db``: the database itself."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec

from footfall.cli.options import database_option, json_option, opened
from footfall.storage import schema
from footfall.storage.database import url_of, without_password
from footfall.storage.transfer import Told, transfer


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@json_option
@database_option
def upgrade(as_json: bool, database: str) -> None:
    """Bring the schema up to date. An embedded database does so by itself whenever it is opened."""
    with opened(database):
        text = f"{without_password(database)}: schema version {schema.LATEST}"
    click.echo(msgspec.json.encode({"schema": schema.LATEST}) if as_json else text)


@db.command()
@json_option
@database_option
def distribute(as_json: bool, database: str) -> None:
    """Spread the tables over a Citus cluster, whose coordinator the URL names. Servers may go on working meanwhile.

    Each table is moved as a whole or not at all: after a failure, run it again.
    """
    with opened(database) as store:
        store.distribute(lambda line: click.echo(line, err=as_json))
    click.echo(msgspec.json.encode({"distributed": True}) if as_json else "distributed")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@database_option
def backup(file: Path, as_json: bool, database: str) -> None:
    """Copy the whole store into FILE, an embedded database of its own. A server may go on working meanwhile.

    The copy tells of one moment, and can be served, restored, or copied to another engine as it is.
    """
    if file.exists():
        raise click.BadParameter(f"{file} exists", param_hint="FILE")
    with TemporaryDirectory(prefix=f"{file.name}.", dir=file.parent) as folder:
        unfinished = Path(folder) / file.name
        _copy(database, url_of(unfinished), as_json=as_json)
        unfinished.replace(file)


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@database_option
def restore(file: Path, as_json: bool, database: str) -> None:
    """Copy the store in FILE, a backup or any embedded database, into an empty database of any engine.

    Complete, or not at all. This is also the way from SQLite to PostgreSQL: stop the server on FILE before.
    """
    _copy(url_of(file), database, as_json=as_json)


def _copy(source: str, target: str, *, as_json: bool) -> None:
    with opened(source) as store, opened(target) as copy, _progress() as told:
        rows = transfer(store, copy, told)
    text = f"{without_password(target)}: {rows:,} rows copied"
    click.echo(msgspec.json.encode({"rows": rows}) if as_json else text)


@contextmanager
def _progress() -> Iterator[Told]:
    """A line that tells how far it is, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _table, _rows: None
        return
    yield lambda table, rows: click.echo(f"\r\033[K{table}: {rows:,}", nl=False, err=True)
    click.echo("\r\033[K", nl=False, err=True)
