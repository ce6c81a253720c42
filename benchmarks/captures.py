"""Capture over HTTP: one event per request against a bare server, a thousand per request against the raw engine."""

import time
from collections.abc import Callable
from statistics import median

import msgspec

from benchmarks.dataset import Visit, visits
from benchmarks.engines.contract import Raw
from benchmarks.load import post
from benchmarks.measure import ROUNDS, in_turns, load_on, medians
from benchmarks.reads import Credentials
from benchmarks.report import Line, Target
from benchmarks.servers import Running
from benchmarks.stores import Loaded

BODY = 1_000
CLIENTS = 8
PER_TRANSACTION = BODY * CLIENTS // 2
"""Of the raw insert: what the writer commits together on average, while the rest of the clients' bodies gather."""

_LONGER = 1.5
"""So much more time for each line: a round must see the log folded into the file more than once."""
_SINGLES = 2_000
_BODIES = 60


def one_by_one(store: Loaded, server: Running, bare: Running, seconds: float) -> Line:
    """One event per request, each durable before its answer; the bare server decodes the same bodies."""
    headers = Credentials(store).own
    bodies = [msgspec.json.encode(visit.as_own()) for visit in visits(_SINGLES, store.events, 2)]
    server.forget_peak()
    figures, baseline = in_turns(
        load_on(server, [post("/events", headers, body) for body in bodies]),
        load_on(bare, [post("/decode", headers, body) for body in bodies]),
        seconds,
    )
    print(".", end="", flush=True)
    return Line(
        operation="capture one event per request, own API",
        figure=figures.per_second,
        unit="events/s",
        baseline=baseline.per_second,
        against="bare, decodes the body",
        target=Target(0.4),
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
        cpu_ratio=baseline.cpu_us / figures.cpu_us if figures.cpu_us else None,
        peak_mb=server.peak_mb(),
        generator_share=max(figures.generator_share, baseline.generator_share),
    )


def in_bodies(store: Loaded, server: Running, written: Raw, raw: Raw, seconds: float) -> list[Line]:
    """A thousand events per request, through three APIs; then their rows, as stored, once more by the raw engine.

    ``written`` looks into the server's database, ``raw`` writes to another copy of the same store.
    """
    headers = Credentials(store)
    apis: tuple[tuple[str, str, dict[str, str], Callable[[list[Visit]], object]], ...] = (
        ("CleverTap", "/1/upload", headers.clevertap, lambda some: {"d": [each.as_clevertap() for each in some]}),
        (
            "Rapidly",
            "/api/events/ingest",
            headers.rapidly,
            lambda some: {"events": [each.as_rapidly() for each in some]},
        ),
        ("own API", "/events", headers.own, lambda some: [each.as_own() for each in some]),
    )
    lines = []
    for number, (label, path, credentials, as_body) in enumerate(apis):
        drawn = visits(_BODIES * BODY, store.events, 3 + number)
        bodies = [as_body([next(drawn) for _ in range(BODY)]) for _ in range(_BODIES)]
        requests = [post(path, credentials, msgspec.json.encode(body)) for body in bodies]
        lines.append(in_bodies_of(f"capture in bodies of 1,000, {label}", requests, server, written, raw, seconds))
    return lines


def in_bodies_of(
    operation: str,
    requests: list[bytes],
    server: Running,
    written: Raw,
    raw: Raw,
    seconds: float,
    *,
    size: int = BODY,
    clients: int = CLIENTS,
) -> Line:
    """Bodies of ``size`` events, then their rows, as stored, once more by the raw engine."""
    side = load_on(server, requests, clients)
    server.forget_peak()
    results, rates, costs = [], [], []
    for _ in range(ROUNDS):
        mark = written.mark()
        results.append(side(_LONGER * seconds / ROUNDS))
        rows = written.rows_since(mark)
        acknowledged = (results[-1].requests + results[-1].uncounted) * size
        if len(rows.events) != acknowledged:
            raise RuntimeError(f"{acknowledged:,} events acknowledged, {len(rows.events):,} stored")
        own = time.process_time()
        rates.append(len(rows.events) / raw.insert(rows, PER_TRANSACTION))
        costs.append((time.process_time() - own) / len(rows.events) * 1e6)
    print(".", end="", flush=True)
    figures = medians(results)
    return Line(
        operation=operation,
        figure=figures.per_second * size,
        unit="events/s",
        baseline=median(rates),
        against="raw bulk insert",
        target=Target(0.6),
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
        cpu_ratio=median(costs) / (figures.cpu_us / size) if figures.cpu_us else None,
        peak_mb=server.peak_mb(),
        generator_share=figures.generator_share,
    )
