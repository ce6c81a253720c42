"""``footfall db``: the database itself."""

import click

from footfall.cli.options import database_option, opened
from footfall.storage import schema
from footfall.storage.database import without_password


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@database_option
def upgrade(database: str) -> None:
    """Bring the schema up to date. An embedded database does so by itself whenever it is opened."""
    with opened(database):
        click.echo(f"{without_password(database)}: schema version {schema.LATEST}")


@db.command()
@database_option
def distribute(database: str) -> None:
    """Spread the tables over a Citus cluster, whose coordinator the URL names. Servers may go on working meanwhile.

    Each table is moved as a whole or not at all: after a failure, run it again.
    """
    with opened(database) as store:
        store.distribute(click.echo)
        click.echo("distributed")
