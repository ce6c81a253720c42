"""The application under observation: every request is counted, timed and, as configured, logged and traced."""

import time
from collections.abc import Callable
from typing import Protocol

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from footfall.telemetry.metrics import Metrics
from footfall.telemetry.request_log import RequestLog

OwnerOf = Callable[[str], str]
"""Whose a path is: a product's name, or ``console`` or ``server``."""


class Tracer(Protocol):
    """Makes a span of a request."""

    def begin(self, scope: HTTPScope, product: str) -> object:
        """The span, begun."""

    def end(self, span: object, status: int) -> None:
        """Its end."""


class Observed:
    """An ASGI application around another."""

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        owner_of: OwnerOf,
        *,
        log: RequestLog | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._owner_of = owner_of
        self._log = log
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
        else:
            await self._observe(scope, receive, send)

    async def _observe(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        product = self._owner_of(scope["path"])
        status = 0  # nothing was answered: the client went away
        if self._log is not None:
            self._log.begin(scope)
        span = None if self._tracer is None else self._tracer.begin(scope, product)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if self._log is not None:
                    message["headers"] = self._log.named(message["headers"])
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            self._metrics.answered(product, scope["method"], status, seconds)
            if self._log is not None:
                self._log.end(scope, product, status, seconds)
            if self._tracer is not None:
                self._tracer.end(span, status)
