"""``footfall capillary``."""

import click

from footfall.cli.capillary.access_groups import access_group
from footfall.cli.capillary.clients import client, rotate_key
from footfall.cli.capillary.tills import store, till


@click.group(short_help="Stores, tills, OAuth clients, access groups.")
def capillary() -> None:
    """Set up an organisation: stores, tills, OAuth clients, access groups."""


for command in (store, till, client, access_group, rotate_key):
    capillary.add_command(command)
