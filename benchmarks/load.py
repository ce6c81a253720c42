"""Load on an HTTP server: keep-alive connections, each with one request under way at a time.

A bare asyncio protocol instead of an HTTP library: the client must not be what is measured. It looks at nothing but
the status and the length of an answer, and passes over the body. It still shares the machine with the server, which
is why only ratios between two runs of it mean anything; ``Result.generator_share`` tells how busy it was itself.
"""

import asyncio
import re
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import msgspec

Build = Callable[[int], bytes]
"""The n-th request, ready to send."""

CLIENTS = 64

_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)\r\n")


class Result(msgspec.Struct, frozen=True):
    """What one run of load saw. ``server_cpu`` is filled in by who knows the server's process."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    generator_share: float  # of one core, used by the generator itself
    server_cpu: float = 0.0  # seconds, user and system

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's CPU per request: less moved by what else runs on the machine."""
        return self.server_cpu / self.requests * 1e6


class UnexpectedAnswer(RuntimeError):  # noqa: N818
    """The server answered with something else than success."""


class _Client(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._head = b""
        self._missing = 0  # bytes of a body that has begun
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's own class, not a subclass
        self._send(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            received = self._head + data if self._head else data
            end = received.find(b"\r\n\r\n")
            if end < 0:
                self._head = received
                return
            self._head = b""
            found = _LENGTH.search(received, 0, end + 4)
            if found is None or received[9:10] != b"2":
                self._run.fail(received[:400])
                return
            self._missing = end + 4 + int(found[1]) - len(received)
        if not self._missing:
            now = time.perf_counter()
            self._run.latencies.append(now - self._sent_at)
            self._send(now)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.closed(exc)

    def _send(self, now: float) -> None:
        assert self._transport is not None
        request = self._run.next_request(now)
        if request is None:
            self._transport.close()
            return
        self._sent_at = now
        self._transport.write(request)


class _Run:
    def __init__(self, build: Build, seconds: float, clients: int) -> None:
        self._build = build
        self._number = -1
        self._open = clients
        self._deadline = time.perf_counter() + seconds
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def next_request(self, now: float) -> bytes | None:
        if now > self._deadline or self.done.done():
            return None
        self._number += 1
        return self._build(self._number)

    def fail(self, answer: bytes) -> None:
        if not self.done.done():
            self.done.set_exception(UnexpectedAnswer(f"unexpected answer: {answer!r}"))

    def closed(self, error: Exception | None) -> None:
        self._open -= 1
        if error is not None and not self.done.done():
            self.done.set_exception(error)
        if self._open == 0 and not self.done.done():
            self.done.set_result(None)


def run_load(url: str, build: Build, *, seconds: float, clients: int = CLIENTS) -> Result:
    """Sends ``build(0)``, ``build(1)``, ... for ``seconds`` over ``clients`` connections. Raises UnexpectedAnswer."""
    import uvloop  # noqa: PLC0415  (not on every platform)

    async def run() -> Result:
        address = urlsplit(url)
        state = _Run(build, seconds, clients)
        loop = asyncio.get_running_loop()
        started, own = time.perf_counter(), time.process_time()
        for _ in range(clients):
            await loop.create_connection(lambda: _Client(state), address.hostname or "127.0.0.1", address.port or 80)
        await state.done
        taken = time.perf_counter() - started
        ordered = sorted(state.latencies)
        return Result(
            requests=len(ordered),
            seconds=taken,
            p50_ms=ordered[len(ordered) // 2] * 1000,
            p99_ms=ordered[len(ordered) * 99 // 100] * 1000,
            generator_share=(time.process_time() - own) / taken,
        )

    return uvloop.run(run())


def get(path: str, headers: dict[str, str]) -> bytes:
    """A GET request, ready to send."""
    return _request("GET", path, headers, b"")


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A POST request with a JSON body, ready to send."""
    return _request("POST", path, {"Content-Type": "application/json", **headers}, body)


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", *(f"{name}: {value}" for name, value in headers.items())]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
