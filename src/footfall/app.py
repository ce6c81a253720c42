"""Puts the parts together; the only place that knows them all."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from hmac import compare_digest
from typing import TYPE_CHECKING

from litestar import Litestar, Response, get
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig

from footfall import __version__
from footfall.apis.capillary import errors as capillary_errors
from footfall.apis.capillary import routes as capillary
from footfall.apis.capillary import showing as capillary_showing
from footfall.apis.capillary.posts import settle
from footfall.apis.clevertap import errors as clevertap_errors
from footfall.apis.clevertap import routes as clevertap
from footfall.apis.clevertap import showing as clevertap_showing
from footfall.apis.direct import Direct
from footfall.apis.event_view import ShowEvent
from footfall.apis.footfall import errors as own_errors
from footfall.apis.footfall import routes as own
from footfall.apis.footfall import showing as own_showing
from footfall.apis.gainsight_px import errors as gainsight_px_errors
from footfall.apis.gainsight_px import routes as gainsight_px
from footfall.apis.gainsight_px import showing as gainsight_px_showing
from footfall.apis.http import Answer, AnyRequest, header, respond
from footfall.apis.rapidly import errors as rapidly_errors
from footfall.apis.rapidly import routes as rapidly
from footfall.apis.rapidly import showing as rapidly_showing
from footfall.apis.reference_page import ReferencePage
from footfall.apis.services import Services, services_of
from footfall.apis.stopping import told_on_signals
from footfall.capture.customer_removal import finish_all
from footfall.capture.noting import Noted
from footfall.capture.post_queue import PostQueue
from footfall.capture.service import Capture
from footfall.console import failures as console_failures
from footfall.console import routes as console
from footfall.settings import Settings, load
from footfall.storage import server_keys
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.failures import DatabaseUnavailable
from footfall.storage.writer import Overloaded
from footfall.telemetry.metrics import CONTENT_TYPE, Metrics
from footfall.telemetry.observed import Observed
from footfall.telemetry.request_log import RequestLog, log_as_json
from footfall.tenancy.authentication import Authenticator, pepper
from footfall.tenancy.brief_memory import BriefMemory
from footfall.tenancy.rate_limit import RateLimit

if TYPE_CHECKING:
    from footfall.telemetry.tracing import Tracing

_WATCH_SECONDS = 1.0

ErrorAnswer = Callable[[AnyRequest, Exception], Response[bytes]]

_PRODUCTS: tuple[tuple[tuple[str, ...], str, ErrorAnswer], ...] = (
    (gainsight_px.PATHS, "gainsight_px", gainsight_px_errors.answer),  # of /v2/ it has a part
    (capillary.PATHS, "capillary", capillary_errors.answer),
    (clevertap.PATHS, "clevertap", clevertap_errors.answer),
    (rapidly.PATHS, "rapidly", rapidly_errors.answer),
    (console.PATHS, "console", console_failures.answer),
    (own.PATHS, "footfall", own_errors.answer),
)
"""Whose paths are whose, under which name requests are counted, and who tells of errors outside every route.

Footfall's own API stands last: its prefix is the root, and the first prefix that fits decides.
"""

_SERVERS_OWN = ("/healthz", "/readyz", "/metrics", "/schema")

_SHOWS: tuple[ShowEvent, ...] = (
    capillary_showing.show_event,
    capillary_showing.show_tracked,
    gainsight_px_showing.show_event,
    clevertap_showing.show_event,
    rapidly_showing.show_event,
    own_showing.show_event,
)
"""How the console shows an event through each API."""


@get("/healthz", tags=["Server"], summary="Is the process alive?")
async def healthz() -> dict[str, str]:
    """Answers as long as the process runs."""
    return {"status": "ok"}


@get("/readyz", tags=["Server"], summary="Can the server serve?")
async def readyz(request: AnyRequest) -> Response[bytes]:
    """200 when the database answers, 503 when it does not."""
    try:
        await services_of(request).database.ask(_touch)
    except DatabaseUnavailable as error:
        return respond({"status": "unavailable", "detail": str(error)}, 503)
    return respond({"status": "ready"})


@get("/metrics", tags=["Server"], summary="Figures of the server, for Prometheus")
async def metrics_text(request: AnyRequest) -> Response[bytes]:
    """All that is measured, of all processes of this server."""
    settings = services_of(request).settings
    if not settings.metrics:
        return respond({"status": "off"}, 404)
    sent = header(request, b"authorization") or b""
    if settings.metrics_token and not compare_digest(sent, b"Bearer " + settings.metrics_token.encode()):
        return respond({"status": "unauthorized"}, 401, {"WWW-Authenticate": "Bearer"})
    metrics: Metrics = request.app.state["metrics"]
    return Answer(metrics.text(), media_type=CONTENT_TYPE)


def create_app(settings: Settings | None = None) -> Observed:
    """The whole server as one ASGI application."""
    chosen = settings or load()
    if chosen.log_format == "json":
        log_as_json()
    metrics = Metrics()
    tracing = _tracing()
    log = RequestLog() if chosen.log_format == "json" else None
    return Observed(Direct(application(chosen, metrics, tracing)), metrics, _owner_of, log=log, tracer=tracing)


def application(chosen: Settings, metrics: Metrics, tracing: "Tracing | None" = None) -> Litestar:
    """The server as the framework has it; ``tracing`` is closed with it."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        with told_on_signals() as stopping:
            services = _start(chosen, stopping, lambda noted: metrics.captured(noted.items()))
            app.state.services = services
            # What a server is made of stays as long as it does: a collector that looks at it again and again would
            # only stop everybody for 36 ms each time.
            gc.collect()
            gc.freeze()
            going_on = asyncio.create_task(finish_all(services.capture, services.database))
            watching = asyncio.create_task(_watch(services, metrics))
            try:
                yield
            finally:
                watching.cancel()
                going_on.cancel()
                with suppress(asyncio.CancelledError, DatabaseUnavailable, Overloaded):
                    await going_on
                with suppress(asyncio.CancelledError):
                    await watching
                if tracing is not None:
                    await asyncio.to_thread(tracing.close)
                services.posts.close()
                services.capture.close()
                services.database.close()

    return Litestar(
        route_handlers=[
            healthz,
            readyz,
            metrics_text,
            capillary.router(),
            gainsight_px.router(),
            clevertap.router(),
            rapidly.router(_answer_error),
            own.router(),
            console.router(_SHOWS),
        ],
        lifespan=[running],
        state=State({"metrics": metrics}),
        exception_handlers={Exception: _answer_error},
        openapi_config=OpenAPIConfig(
            title="Footfall",
            version=__version__,
            description="One store of customer events behind the events APIs of four products.",
            path="/schema",
            render_plugins=[ReferencePage()],
        ),
        request_max_body_size=None,
    )


def _tracing() -> "Tracing | None":
    """What sends traces, where OpenTelemetry's variables say where to."""
    if not any(os.environ.get(name) for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")):
        return None
    try:
        from footfall.telemetry.tracing import Tracing  # noqa: PLC0415  (only where it is installed and wanted)
    except ImportError as error:
        raise RuntimeError("traces need OpenTelemetry: pip install 'footfall[otel]'") from error
    return Tracing()


async def _watch(services: Services, metrics: Metrics) -> None:
    while True:
        metrics.waits("events", services.capture.waiting)
        metrics.waits("posts", services.posts.waiting)
        await asyncio.sleep(_WATCH_SECONDS)


def _owner_of(path: str) -> str:
    if path.startswith(_SERVERS_OWN):
        return "server"
    return next(name for paths, name, _ in _PRODUCTS if path.startswith(paths))


def _start(settings: Settings, stopping: asyncio.Event, tell: Callable[[Noted], None] | None = None) -> Services:
    database = Database(settings.database_url, settings.database_patience_seconds)
    database.prepare()
    capture = Capture(database, capacity=settings.queue_capacity, tell=tell)
    token_key = capture.change_now(server_keys.get_or_make, server_keys.TOKENS)
    return Services(
        settings=settings,
        database=database,
        capture=capture,
        posts=PostQueue(database, capture, partial(settle, database, capture), capacity=settings.queue_capacity),
        authenticator=Authenticator(database, capture.change_now(pepper)),
        rate_limit=RateLimit(database),
        memory=BriefMemory(),
        token_key=token_key,
        stopping=stopping,
    )


def _answer_error(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Errors outside every route (no such path, wrong method) go to the product whose path it is."""
    path = request.scope["path"]
    answer: ErrorAnswer = next(answer for paths, _, answer in _PRODUCTS if path.startswith(paths))
    return answer(request, error)


def _touch(connection: Connection) -> None:
    server_keys.get(connection, server_keys.PEPPER)
