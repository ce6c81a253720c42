"""Measuring two things side by side: in turns, close in time, and the median of the rounds.

Whatever else runs on the machine comes and goes; both sides of a ratio must meet the same of it.
"""

from collections.abc import Callable, Sequence
from statistics import median

import msgspec

from benchmarks.load import CLIENTS, Result, run_load
from benchmarks.servers import Running

ROUNDS = 3
_WARM_UP_SECONDS = 0.3

Side = Callable[[float], Result]
"""Runs for so many seconds."""


class Figures(msgspec.Struct, frozen=True):
    """The medians of some rounds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float  # the server's, per request
    generator_share: float


def load_on(server: Running, requests: Sequence[bytes], clients: int = CLIENTS) -> Side:
    """Load of ``requests``, over and over again."""
    sent = 0

    def build(number: int) -> bytes:
        return requests[(sent + number) % len(requests)]

    def run(seconds: float) -> Result:
        nonlocal sent
        result = run_load(server.url, build, seconds=seconds, cpu=server.cpu_seconds, clients=clients)
        sent += result.requests
        return result

    return run


def in_turns(first: Side, second: Side, seconds: float) -> tuple[Figures, Figures]:
    """Both for ``seconds`` in all, in turns after a short warm-up."""
    for side in (first, second):
        side(min(seconds, _WARM_UP_SECONDS))
    rounds = [(first(seconds / ROUNDS), second(seconds / ROUNDS)) for _ in range(ROUNDS)]
    return medians([one for one, _ in rounds]), medians([other for _, other in rounds])


def medians(results: Sequence[Result]) -> Figures:
    """The medians of ``results``."""
    return Figures(
        per_second=median(result.per_second for result in results),
        p50_ms=median(result.p50_ms for result in results),
        p99_ms=median(result.p99_ms for result in results),
        cpu_us=median(result.cpu_us for result in results),
        generator_share=max(result.generator_share for result in results),
    )
