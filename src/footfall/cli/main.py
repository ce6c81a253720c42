"""``footfall``: the command line."""

import click

from footfall import __version__
from footfall.cli.garbage import collect_rarely
from footfall.cli.lazy_group import LazyGroup

_COMMANDS = {
    "serve": "footfall.cli.serve:serve",
    "demo": "footfall.cli.demo:demo",
    "workspace": "footfall.cli.workspace:workspace",
    "credential": "footfall.cli.credential:credential",
    "capillary": "footfall.cli.capillary.main:capillary",
    "targets": "footfall.cli.targets:targets",
    "import": "footfall.cli.import_:import_command",
    "export": "footfall.cli.export:export_command",
    "tail": "footfall.cli.tail:tail",
    "show": "footfall.cli.tail:show",
    "db": "footfall.cli.db:db",
}


@click.group(cls=LazyGroup, places=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Footfall: a self-hosted store of customer events.

    Capture events once, read them through the events APIs of Capillary, Gainsight PX, CleverTap and Rapidly.
    Every command takes the database from --database or FOOTFALL_DATABASE_URL.
    """
    collect_rarely()
