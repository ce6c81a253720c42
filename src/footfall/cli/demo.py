"""``footfall demo``: a shop to look at."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError

import click

from footfall.cli.options import writing
from footfall.demo.client import DemoClient, open_directly
from footfall.demo.curls import curl_lines
from footfall.demo.fill import Shown, fill
from footfall.storage.database import url_of
from footfall.tenancy.creation import create

_START_SECONDS = 30


@click.command(short_help="Fill a demo shop and serve it.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--seed", default=1, show_default=True, help="Another seed, another story.")
@click.option(
    "--directory",
    default=".demo",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the demo's database lives: one file per port, made anew at the start.",
)
def demo(port: int, seed: int, directory: Path) -> None:
    """Fill a demo shop, serve it, and print one curl line per read API.

    Serves until Ctrl-C. Every run starts from an empty database.
    """
    if _is_taken(port):
        raise click.ClickException(f"port {port} is in use; choose another: make demo PORT=8001")
    started = time.monotonic()
    url = _empty_database(directory / f"demo-{port}.db")
    with writing(url) as (_, capture):
        workspace = capture.change_now(create, "demo shop", "Europe/London")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = subprocess.Popen(  # noqa: S603  (our own command)
        [sys.executable, "-m", "footfall", "serve", "--database", url, "--port", str(port)]
    )
    try:
        client = DemoClient(f"http://127.0.0.1:{port}", workspace)
        _wait_until_ready(client.url, server)
        shown = fill(client, seed, lambda line: click.echo(f"  {line}", err=True))
        _print(client, shown, time.monotonic() - started)
        server.wait()
    except KeyboardInterrupt:
        click.echo("\nstopping")
    finally:
        server.terminate()
        server.wait()


def _print(client: DemoClient, shown: Shown, seconds: float) -> None:
    click.echo(
        f"\nA shop of {shown.events:,} events is served at {client.url} ({seconds:.0f} s). Paste any of these:\n"
    )
    for heading, command in curl_lines(client, shown):
        click.echo(f"# {heading}\n{command}\n")
    click.echo(f"Console: {client.url}/console    Token: {client.workspace.footfall.token}")
    click.echo(f"API pages: {client.url}/schema    Stop with Ctrl-C.")


def _empty_database(path: Path) -> str:
    """The URL of a database that is not there yet. By port, so that no other demo's is pulled from under its server."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return url_of(path)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _wait_until_ready(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise click.ClickException(f"the server ended with code {server.returncode}")
        try:
            with open_directly(f"{url}/readyz", timeout=5):
                return
        except URLError:
            time.sleep(0.05)
    raise click.ClickException(f"the server was not ready within {_START_SECONDS} s")
