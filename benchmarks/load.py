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

Cpu = Callable[[], float]
"""Seconds of CPU that a process has used so far."""

CLIENTS = 64

_PATIENCE_SECONDS = 3.0
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)\r\n")


class Result(msgspec.Struct, frozen=True):
    """What one run of load saw."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    generator_share: float  # of one core, used by the generator itself
    server_cpu: float  # seconds, user and system
    uncounted: int  # requests that were answered before the time began

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
        self._run.connected(self)

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
            self._run.answered(self, now, now - self._sent_at)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.closed(exc)

    def send(self, request: bytes | None, now: float) -> None:
        """Sends the next request; None: there is none any more."""
        assert self._transport is not None
        if request is None:
            self._transport.close()
            return
        self._sent_at = now
        self._transport.write(request)


class _Run:
    """What the connections have in common.

    Each sends a first request, and waits until all have been answered: only then the time begins. A busy server takes
    new connections in slowly, which says nothing about its answers. Nobody waits longer than servers keep connections.
    """

    def __init__(self, build: Build, seconds: float, clients: int, cpu: Cpu) -> None:
        self._build = build
        self._cpu = cpu
        self._seconds = seconds
        self._number = -1
        self._open = self._clients = clients
        self._ready: list[_Client] = []
        self._deadline = 0.0
        self.latencies: list[float] = []
        self.began: float | None = None
        self.uncounted = 0
        self.cpu_before = self.own_cpu_before = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connected(self, client: _Client) -> None:
        client.send(self._build(0), time.perf_counter())

    def answered(self, client: _Client, now: float, latency: float) -> None:
        if self.began is None:
            self._ready.append(client)
            if len(self._ready) == self._clients:
                self.begin()
            return
        self.latencies.append(latency)
        if now > self._deadline or self.done.done():
            client.send(None, now)
            return
        self._number += 1
        client.send(self._build(self._number), now)

    def begin(self) -> None:
        """Lets all that are ready send, unless they do so already."""
        if self.began is not None or self.done.done():
            return
        self.uncounted = len(self._ready)
        self.cpu_before, self.own_cpu_before = self._cpu(), time.process_time()
        self.began = time.perf_counter()
        self._deadline = self.began + self._seconds
        for each in self._ready:
            self._number += 1
            each.send(self._build(self._number), time.perf_counter())

    def fail(self, answer: bytes) -> None:
        if not self.done.done():
            self.done.set_exception(UnexpectedAnswer(f"unexpected answer: {answer!r}"))

    def closed(self, error: Exception | None) -> None:
        self._open -= 1
        if self.done.done():
            return
        if error is not None:
            self.done.set_exception(error)
        elif self.began is None:
            self.done.set_exception(UnexpectedAnswer("the server closed a connection"))
        elif self._open == 0:
            self.done.set_result(None)


def run_load(url: str, build: Build, *, seconds: float, cpu: Cpu, clients: int = CLIENTS) -> Result:
    """Sends ``build(0)``, ``build(1)``, ... for ``seconds`` over ``clients`` connections. Raises UnexpectedAnswer.

    Every connection has sent ``build(0)`` once before. ``cpu`` tells the seconds that the server has used so far.
    """
    import uvloop  # noqa: PLC0415  (not on every platform)

    async def run() -> Result:
        address = urlsplit(url)
        state = _Run(build, seconds, clients, cpu)
        loop = asyncio.get_running_loop()
        for _ in range(clients):
            await loop.create_connection(lambda: _Client(state), address.hostname or "127.0.0.1", address.port or 80)
        loop.call_later(_PATIENCE_SECONDS, state.begin)
        await state.done
        assert state.began is not None
        taken = time.perf_counter() - state.began
        ordered = sorted(state.latencies)
        return Result(
            requests=len(ordered),
            seconds=taken,
            p50_ms=ordered[len(ordered) // 2] * 1000,
            p99_ms=ordered[len(ordered) * 99 // 100] * 1000,
            generator_share=(time.process_time() - state.own_cpu_before) / taken,
            server_cpu=cpu() - state.cpu_before,
            uncounted=state.uncounted,
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
