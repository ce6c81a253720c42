"""``footfall doctor``: whether the set-up will serve."""

import click
import msgspec

from footfall.cli.examining import checks
from footfall.cli.options import database_option, json_option

_SIGN = {"ok": "ok     ", "warning": "warning", "fault": "FAULT  "}


@click.command(short_help="Check the set-up and say what to do.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the server is to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port likewise.")
@json_option
@database_option
@click.pass_context
def doctor(context: click.Context, host: str, port: int, as_json: bool, database: str) -> None:
    """Check the set-up and say what to do: Python, settings, time zones, database, disk, credentials, port.

    Nothing is changed. Exit code 1 where there is a fault; a warning is none.
    """
    found = []
    for check in checks(database, host, port):
        found.append(check)
        if not as_json:
            click.echo(f"{_SIGN[check.state]}  {check.name:<12} {check.found}")
            if check.advice:
                click.echo(f"{'':<9}{'':<13}-> {check.advice}")
    if as_json:
        click.echo(msgspec.json.encode(found))
    if any(check.state == "fault" for check in found):
        context.exit(1)
