"""Logs as JSON, a line an entry; each that is written while a request is dealt with bears the request's id."""

import logging
import re
import sys
import uuid
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime

import msgspec
from litestar.types import HTTPScope

_HEADER = b"x-request-id"
_USABLE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
_encode = msgspec.json.encode
_log = logging.getLogger("footfall.request")

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class RequestLog:
    """Gives requests their ids, and writes an entry for each that was answered; never what was sent."""

    def begin(self, scope: HTTPScope) -> None:
        """Names a request: as its sender calls it, if that is usable, else anew."""
        sent = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        named = sent.decode() if _USABLE.fullmatch(sent) else uuid.uuid4().hex
        _request_id.set(named)

    def named(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """An answer's headers with the request's id. A product that names its answers itself names the request."""
        listed = list(headers)
        own = next((value for name, value in listed if name == _HEADER), None)
        if own is not None:
            _request_id.set(own.decode("latin-1"))
            return listed
        return [*listed, (_HEADER, (_request_id.get() or "").encode())]

    def end(self, scope: HTTPScope, product: str, status: int, seconds: float) -> None:
        """The request was answered; without a status its client went away."""
        told = {
            "product": product,
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "milliseconds": round(seconds * 1000, 3),
        }
        _log.info("request", extra={"told": told})


class JsonLines(logging.Formatter):
    """An entry as a line of JSON: ``time``, ``level``, ``logger``, ``message``, ``request_id``, what else is told."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (named := _request_id.get()) is not None:
            entry["request_id"] = named
        entry |= getattr(record, "told", {})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return _encode(entry).decode()


def log_as_json() -> None:
    """From now on, this process logs as JSON to its standard error stream."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in (("footfall", logging.INFO), ("uvicorn", logging.WARNING), ("litestar", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
