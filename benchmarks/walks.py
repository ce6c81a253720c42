"""Walks over exports: whether a page costs the same wherever it is, and what many walks at once leave to captures."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import msgspec

from benchmarks import dataset
from benchmarks.dataset import visits
from benchmarks.engines.export import PAGE
from benchmarks.exchange import Exchange
from benchmarks.load import get, post
from benchmarks.measure import load_on
from benchmarks.reads import Credentials
from benchmarks.report import Line, Target
from benchmarks.servers import Running
from benchmarks.stores import Loaded
from footfall.model import instant

WALKS = 10
_LAST_DAY = f"{instant.to_datetime(dataset.START + dataset.SPAN - 1):%Y%m%d}"
_NEXT = re.compile(rb'"next_cursor":"([^"]*)"')
_CAPTURES = 2_000
_CAPTURING = 4
_SMALLER_PAGE = 1_000


class Walk(msgspec.Struct):
    """What one walk saw: the seconds that each full page took, and how many events there were."""

    pages: list[float]
    events: int


def first_and_last(store: Loaded, server: Running, seconds: float) -> Line:
    """Every name from its first page to its last, as far as the time allows: late pages by early ones."""
    headers = Credentials(store).clevertap
    server.forget_peak()
    first: list[float] = []
    last: list[float] = []
    deadline = time.perf_counter() + 4 * seconds
    size = PAGE if store.events >= 40 * PAGE else max(10, store.events // 400)
    for name in dataset.NAMES:
        walked = _walk(server, name, headers, size)
        some = max(1, len(walked.pages) // 4)
        first += walked.pages[:some]
        last += walked.pages[-some:]
        if time.perf_counter() > deadline:
            break
    print(".", end="", flush=True)
    return Line(
        operation=f"export walk, page of {size:,}: the last quarter by the first",
        figure=median(last) * 1e3,
        unit="ms",
        baseline=median(first) * 1e3,
        against="first quarter",
        target=Target(1.5, at_most=True),
        peak_mb=server.peak_mb(),
    )


def ten_at_once(store: Loaded, server: Running, seconds: float) -> list[Line]:
    """Captures, one event a request, while ten walks go on, against captures alone: how many, and the slowest.

    The walks come to their end, each with every event of its name. Their pages are made by one thread, beside the
    event loop and the writer: however many walks there are, half of the process is left to captures, and one that
    comes at the worst moment waits for a page or two, not for ten.
    """
    headers = Credentials(store)
    requests = [
        post("/events", headers.own, msgspec.json.encode(visit.as_own()))
        for visit in visits(_CAPTURES, store.events, 20)
    ]
    names = [dataset.NAMES[number % len(dataset.NAMES)] for number in range(WALKS)]
    expected = [_count(server, name, headers.clevertap) for name in names]
    side = load_on(server, requests, _CAPTURING)
    alone = side(seconds)
    server.forget_peak()
    with ThreadPoolExecutor(WALKS) as pool:
        walks = [pool.submit(_walk, server, name, headers.clevertap, _SMALLER_PAGE) for name in names]
        during = side(seconds)  # shorter than the walks: what comes after them would flatter
        walked = [walk.result().events for walk in walks]
    if walked != expected:
        raise RuntimeError(f"the walks saw {walked} events, there are {expected}")
    print(".", end="", flush=True)
    captured = Line(
        operation=f"capture one event per request during {WALKS} export walks",
        figure=during.per_second,
        unit="events/s",
        baseline=alone.per_second,
        against="captures alone",
        target=Target(0.5),
        p50_ms=during.p50_ms,
        p99_ms=during.p99_ms,
        peak_mb=server.peak_mb(),
        generator_share=during.generator_share,
    )
    slowest = Line(
        operation=f"capture one event per request during {WALKS} export walks: p99",
        figure=during.p99_ms,
        unit="ms",
        baseline=alone.p99_ms,
        against="captures alone",
        target=Target(5, at_most=True),
    )
    return [captured, slowest]


def _count(server: Running, name: str, headers: dict[str, str]) -> int:
    """How many events the store counts where a walk looks; what is captured here comes behind those days."""
    with Exchange(server.url) as exchange:
        answer = exchange.send(post("/1/counts/events.json", headers, _question(name)))
    count: int = msgspec.json.decode(answer)["count"]
    return count


def _question(name: str) -> bytes:
    return msgspec.json.encode({"event_name": name, "from": 20260101, "to": int(_LAST_DAY)})


def _walk(server: Running, name: str, headers: dict[str, str], size: int) -> Walk:
    seen = Walk([], 0)
    with Exchange(server.url) as exchange:
        opening = post(f"/1/events.json?batch_size={size}&profile=true", headers, _question(name))
        cursor: bytes | None = msgspec.json.decode(exchange.send(opening))["cursor"].encode()
        while cursor is not None:
            started = time.perf_counter()
            page = exchange.send(get(f"/1/events.json?cursor={cursor.decode()}", headers))
            taken = time.perf_counter() - started
            count = page.count(b'"event_props":')
            if count == size:
                seen.pages.append(taken)
            seen.events += count
            found = _NEXT.search(page, 0, 4_096)  # it stands before the records
            cursor = None if found is None else found[1]
    return seen
