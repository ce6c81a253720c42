"""``footfall``: the command line."""

import click

from footfall import __version__
from footfall.cli.capillary.main import capillary
from footfall.cli.credential import credential
from footfall.cli.db import db
from footfall.cli.demo import demo
from footfall.cli.export import export_command
from footfall.cli.import_ import import_command
from footfall.cli.serve import serve
from footfall.cli.tail import show, tail
from footfall.cli.targets import targets
from footfall.cli.workspace import workspace


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Footfall: a self-hosted store of customer events.

    Capture events once, read them through the events APIs of Capillary, Gainsight PX, CleverTap and Rapidly.
    Every command takes the database from --database or FOOTFALL_DATABASE_URL.
    """


for command in (
    *(serve, demo, workspace, credential, capillary, targets),
    *(import_command, export_command, tail, show, db),
):
    main.add_command(command)
