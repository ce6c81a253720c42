"""Starting, watching and stopping the processes that are measured."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.exchange import Exchange
from benchmarks.load import UnexpectedAnswer

_START_SECONDS = 60
_POLL_SECONDS = 0.002
_WATCH_SECONDS = 0.01
_KB_PER_MB = 1024
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Running(msgspec.Struct, frozen=True):
    """A server that answers."""

    url: str
    pid: int
    seconds_to_first_answer: float

    def peak_mb(self) -> float:
        """The most memory it has held since ``forget_peak``, in MB; 0 where the system does not tell."""
        return _peak_mb(self.pid)

    def forget_peak(self) -> None:
        """From here on ``peak_mb`` counts anew (Linux)."""
        try:
            Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")
        except OSError:
            return

    def cpu_seconds(self) -> float:
        """User and system time it has used; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / _TICKS


class Finished(msgspec.Struct, frozen=True):
    """A command that ran to its end."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


@contextmanager
def footfall(
    database_url: str, first_request: bytes = b"GET /readyz HTTP/1.1\r\nHost: bench\r\n\r\n"
) -> Iterator[Running]:
    """A ``footfall serve`` over the database, which has answered ``first_request``."""
    with _server(
        [sys.executable, "-m", "footfall", "serve", "--database", database_url, "--port"], first_request
    ) as it:
        yield it


@contextmanager
def bare() -> Iterator[Running]:
    """The baseline server, run as ``footfall serve`` runs its own."""
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare_server:app", "--no-access-log"]
    options = ["--log-level", "warning", "--no-server-header", "--port"]
    with _server([*command, *options], b"GET /fixed/1 HTTP/1.1\r\nHost: bench\r\n\r\n") as it:
        yield it


def run(command: Sequence[str]) -> Finished:
    """Runs ``footfall`` with ``command`` as arguments to its end, quietly. Raises CalledProcessError."""
    arguments = [sys.executable, "-m", "footfall", *command]
    started = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    peak = 0.0
    while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
        # Not the usage's maximum: that begins with the memory of the process that started it, which is us.
        peak = max(peak, _peak_mb(process.pid))
        time.sleep(_WATCH_SECONDS)
    taken = time.perf_counter() - started
    _, status, usage = ended
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return Finished(taken, usage.ru_utime + usage.ru_stime, peak)


def _peak_mb(process: int) -> float:
    """The most memory it has held, in MB; 0 where the system does not tell."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    except OSError:
        return 0.0
    return 0.0 if found is None else int(found[1]) / _KB_PER_MB


@contextmanager
def _server(command: list[str], first_request: bytes) -> Iterator[Running]:
    port = _free_port()
    started = time.perf_counter()
    process = subprocess.Popen([*command, str(port)])
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, first_request, process)
        yield Running(url, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, first_request: bytes, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with Exchange(url) as exchange:
                exchange.send(first_request)
        except ConnectionError:
            time.sleep(_POLL_SECONDS)
        else:
            return
    raise UnexpectedAnswer(f"{url} did not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
