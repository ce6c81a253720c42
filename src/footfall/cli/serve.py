"""``footfall serve``: the HTTP server."""

import os

import click
import uvicorn

from footfall.cli.options import database_option, opened
from footfall.settings import load

_GRACE_SECONDS = 30


@click.command()
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes to serve with.")
def serve(database: str, host: str, port: int, workers: int) -> None:
    """Serve all APIs over HTTP.

    SIGTERM or Ctrl-C stops gracefully: requests in flight are answered, what was captured is committed, then the
    process ends.
    """
    os.environ["FOOTFALL_DATABASE_URL"] = database  # the workers read their settings from the environment
    load()
    with opened(database):
        pass  # a database that cannot be opened is told here, once, and not by every worker
    uvicorn.run(
        "footfall.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
    )
