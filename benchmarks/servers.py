"""Starting and stopping the servers that are measured."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import msgspec

_START_SECONDS = 60


class Running(msgspec.Struct, frozen=True):
    """A server that answers."""

    url: str
    pid: int
    seconds_to_first_answer: float

    def resident_mb(self) -> float:
        """Its resident memory, in MB; 0 where the system does not tell."""
        try:
            with open(f"/proc/{self.pid}/status", encoding="ascii") as status:  # noqa: PTH123
                return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
        except OSError:
            return 0.0


@contextmanager
def footfall(database_url: str) -> Iterator[Running]:
    """A ``footfall serve`` over the database."""
    with _server([sys.executable, "-m", "footfall", "serve", "--database", database_url, "--port"], "/readyz") as it:
        yield it


@contextmanager
def bare() -> Iterator[Running]:
    """The baseline server, run as ``footfall serve`` runs its own."""
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare_server:app", "--no-access-log"]
    with _server([*command, "--log-level", "warning", "--no-server-header", "--port"], "/fixed/1") as it:
        yield it


@contextmanager
def _server(command: list[str], path: str) -> Iterator[Running]:
    port = _free_port()
    started = time.perf_counter()
    environment = {**os.environ, "FOOTFALL_PX_MAX_WINDOW_DAYS": "0"}
    process = subprocess.Popen([*command, str(port)], env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}{path}", process)
        yield Running(url, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5):  # noqa: S310  (http on loopback)
                return
        except (URLError, ConnectionError):
            time.sleep(0.01)
    raise RuntimeError(f"{url} did not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
