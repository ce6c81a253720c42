"""``footfall serve``: the HTTP server."""

import os
import signal
import tempfile
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click
import msgspec

from footfall.cli.garbage import collect_rarely
from footfall.cli.options import database_option, opened
from footfall.settings import load

if TYPE_CHECKING:
    from footfall.telemetry.observed import Observed

_GRACE_SECONDS = 30
_PARENT_CHECK_SECONDS = 0.5
_FIGURES = "PROMETHEUS_MULTIPROC_DIR"


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
    import uvicorn  # noqa: PLC0415  (the other commands start without the HTTP stack)

    os.environ["FOOTFALL_DATABASE_URL"] = database  # the workers read their settings from the environment
    try:
        load()
    except msgspec.ValidationError as error:
        raise click.ClickException(f"a FOOTFALL_... setting is wrong: {error}") from error
    with opened(database):
        pass  # a database that cannot be opened is told here, once, and not by every worker
    with ExitStack() as stack:
        if workers > 1 and _FIGURES not in os.environ:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="footfall-", ignore_cleanup_errors=True))
            os.environ[_FIGURES] = folder  # each worker keeps its metrics there, and whichever is asked adds them up
        uvicorn.run(
            "footfall.app:create_app" if workers == 1 else "footfall.cli.serve:worker_app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=_GRACE_SECONDS,
            server_header=False,
        )


def worker_app() -> "Observed":
    """The application in one of several processes, which ends when the process that started it is gone.

    Otherwise a ``kill -9`` of the parent would leave workers behind that hold the port.
    """
    from footfall.app import create_app  # noqa: PLC0415

    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    collect_rarely()
    threading.Thread(target=watch, name="footfall-parent-watch", daemon=True).start()
    return create_app()
