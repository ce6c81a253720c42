"""``footfall db``: the database itself."""

import click

from footfall.cli.options import database_option, opened
from footfall.storage import schema


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@database_option
def upgrade(database: str) -> None:
    """Bring the schema up to date. An embedded database does so by itself whenever it is opened."""
    with opened(database):
        click.echo(f"{database}: schema version {schema.LATEST}")
