"""``footfall``: the command line."""

import click

from footfall import __version__
from footfall.cli.garbage import collect_rarely
from footfall.cli.lazy_group import LazyGroup

_SECTIONS = {
    "Run a server": {
        "serve": "footfall.cli.serve:serve",
        "demo": "footfall.cli.demo:demo",
        "doctor": "footfall.cli.doctor:doctor",
    },
    "Look at events": {
        "query": "footfall.cli.query:query",
        "show": "footfall.cli.tail:show",
        "tail": "footfall.cli.tail:tail",
    },
    "Move events": {
        "import": "footfall.cli.import_:import_command",
        "export": "footfall.cli.export:export_command",
    },
    "Set up": {
        "workspace": "footfall.cli.workspace:workspace",
        "credential": "footfall.cli.credential:credential",
        "capillary": "footfall.cli.capillary.main:capillary",
        "targets": "footfall.cli.targets:targets",
        "db": "footfall.cli.db:db",
        "completion": "footfall.cli.completion:completion",
    },
}


@click.group(cls=LazyGroup, sections=_SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Footfall: a self-hosted store of customer events.

    Capture events once, read them through the events APIs of Capillary, Gainsight PX, CleverTap and Rapidly.

    Begin with a workspace, whose secrets are printed once, and a server:

    \b
        footfall workspace create acme
        footfall serve

    Every command takes the database from --database or FOOTFALL_DATABASE_URL (default: footfall.db in this folder; no
    server is needed to look at it), and tells the rest of itself with --help. With --json a command prints JSON, for
    scripts. Exit codes: 0 done, 1 it could not be done, 2 it was called wrongly.
    """  # noqa: D301  (click's mark of lines to be left as they are)
    collect_rarely()
