"""Load on an HTTP server: keep-alive connections, each with one request under way at a time.

A bare asyncio protocol instead of an HTTP library: the client must not be what is measured. It still shares the
machine with the server, which is why only ratios between two runs of it mean anything.
"""

import asyncio
import re
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import msgspec

_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)\r\n")


class Result(msgspec.Struct, frozen=True):
    """What one run of load saw."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


class _Client(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends again."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._received = bytearray()
        self._expected = -1
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's own class, not a subclass
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._expected < 0:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            found = _LENGTH.search(self._received, 0, end + 4)
            if found is None or self._received[9:10] not in self._run.good:
                self._run.fail(bytes(self._received[:300]))
                return
            self._expected = end + 4 + int(found[1])
        if len(self._received) >= self._expected:
            self._run.latencies.append(time.perf_counter() - self._sent_at)
            self._received.clear()
            self._expected = -1
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.closed(exc)

    def _send(self) -> None:
        assert self._transport is not None
        request = self._run.next_request()
        if request is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


class _Run:
    def __init__(self, build: Callable[[int], bytes], seconds: float, most: int | None, clients: int) -> None:
        self._build = build
        self._most = most
        self._number = 0
        self._open = clients
        self._deadline = time.perf_counter() + seconds
        self.good = (b"2",)
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def next_request(self) -> bytes | None:
        if time.perf_counter() > self._deadline or self._number == self._most or self.done.done():
            return None
        self._number += 1
        return self._build(self._number - 1)

    def fail(self, answer: bytes) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(f"unexpected answer: {answer!r}"))

    def closed(self, error: Exception | None) -> None:
        self._open -= 1
        if error is not None and not self.done.done():
            self.done.set_exception(error)
        if self._open == 0 and not self.done.done():
            self.done.set_result(None)


def run_load(
    url: str, build: Callable[[int], bytes], *, seconds: float = 5.0, most: int | None = None, clients: int = 64
) -> Result:
    """Sends ``build(0)``, ``build(1)``, ... for ``seconds``, at most ``most`` of them, over ``clients`` connections."""
    import uvloop  # noqa: PLC0415  (not on every platform)

    async def run() -> Result:
        address = urlsplit(url)
        state = _Run(build, seconds, most, clients)
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
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
