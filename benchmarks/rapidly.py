"""Rapidly's lists against one event by its id, and captures like those of one real customer."""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import TypedDict
from urllib.parse import urlencode

import msgspec

from benchmarks.captures import BODY, CLIENTS, in_bodies_of
from benchmarks.dataset import NAMES, SPAN, START, customers_of
from benchmarks.engines.contract import Raw
from benchmarks.exchange import Exchange
from benchmarks.load import get, post
from benchmarks.measure import in_turns, load_on
from benchmarks.reads import Credentials, ReadRequests
from benchmarks.report import Line, Target
from benchmarks.servers import Running
from benchmarks.stores import Loaded
from footfall.model import instant

_CLIENTS = 8
_VARIANTS = 20
_AT_MOST = 5.0
_PAGES = 500  # values of the property "page"
_REMEMBERED = ("depth", "metadata", "free text")  # what no index answers

# Of ten customers who do nine tenths of all: the share of each in thousandths; thousands share the rest.
_SHARES = (350, 200, 100, 80, 50, 30, 25, 25, 20, 20)
_OTHERS = 20_000
_DRAWN = 50_000
_FREQUENT = 0.7  # of two names
_ROOTS = [f"run-{number}" for number in range(1000)]
_SMALL_BODY = 10
_BODIES = 40


def lists(store: Loaded, url: str, server: Running, seconds: float) -> list[Line]:
    """The first page of ten with its total, for each filter by itself; the time of it by that of one event by id.

    Each question has been asked once before, which is a line of its own where that takes its time.
    """
    headers = Credentials(store).rapidly
    by_id = load_on(server, ReadRequests(store, url).by_id_rapidly().requests, _CLIENTS)
    lines = []
    for label, queries in _filters(store).items():
        requests = [get(f"/api/events/?{urlencode(query)}", headers) for query in queries]
        first = _asked_once(server, requests)
        if label in _REMEMBERED:
            lines.append(Line(operation=f"list of events, Rapidly, {label}: asked for the first time", **first))
        server.forget_peak()
        figures, baseline = in_turns(load_on(server, requests, _CLIENTS), by_id, seconds)
        lines.append(
            Line(
                operation=f"list of events, Rapidly, {label}: p50 by that of one by id",
                figure=figures.p50_ms,
                unit="ms",
                baseline=baseline.p50_ms,
                against="event by id",
                target=Target(_AT_MOST, at_most=True),
                p50_ms=figures.p50_ms,
                p99_ms=figures.p99_ms,
                cpu_ratio=figures.cpu_us / baseline.cpu_us if baseline.cpu_us else None,
                peak_mb=server.peak_mb(),
                generator_share=figures.generator_share,
            )
        )
        print(".", end="", flush=True)
    return lines


class _Milliseconds(TypedDict):
    figure: float
    unit: str
    p50_ms: float


def _asked_once(server: Running, requests: Sequence[bytes]) -> _Milliseconds:
    """The median time of the requests, one after the other."""
    taken = []
    with Exchange(server.url) as exchange:
        for request in requests:
            started = time.perf_counter()
            exchange.send(request)
            taken.append((time.perf_counter() - started) * 1000)
    return {"figure": median(taken), "unit": "ms", "p50_ms": median(taken)}


def _filters(store: Loaded) -> dict[str, list[dict[str, str]]]:
    several = range(_VARIANTS)
    customers = customers_of(store.events)
    last = START + SPAN
    return {
        "no filter": [{}],
        "name": [{"name": name} for name in NAMES],
        "external customer": [{"external_customer_id": f"u{customers * each // _VARIANTS}"} for each in several],
        "time range": [
            {"start_timestamp": _text(START + each * instant.HOUR), "end_timestamp": _text(last - each * instant.HOUR)}
            for each in several
        ],
        "source": [{"source": "user"}, {"source": "system"}],
        "depth": [{"depth": "0"}],
        "metadata": [{"metadata[page]": f"/products/{_PAGES * each // _VARIANTS}"} for each in several],
        "free text": [
            {"workspace_id": store.workspace.rapidly.workspace_id, "query": f"/products/{_PAGES * each // _VARIANTS}"}
            for each in several
        ],
    }


def captures(store: Loaded, server: Running, written: Raw, raw: Raw, seconds: float) -> list[Line]:
    """Events below others, of few customers with most of them: in bodies of a thousand, and of ten."""
    headers = Credentials(store).rapidly
    with Exchange(server.url) as exchange:
        roots = [{"name": "run", "external_customer_id": "large0", "external_id": each} for each in _ROOTS]
        exchange.send(post("/api/events/ingest", headers, msgspec.json.encode({"events": roots})))
    lines = []
    for size, clients, least in ((BODY, CLIENTS, 0.6), (_SMALL_BODY, 64, 0.1)):
        drawn = _family_events(size)
        bodies = [{"events": [next(drawn) for _ in range(size)]} for _ in range(_BODIES)]
        requests = [post("/api/events/ingest", headers, msgspec.json.encode(body)) for body in bodies]
        operation = f"capture like one real customer's, in bodies of {size:,}, Rapidly"
        sides = in_bodies_of(operation, requests, server, written, raw, seconds, size=size, clients=clients)
        lines.append(msgspec.structs.replace(sides, target=Target(least)))
    return lines


def _family_events(seed: int) -> Iterator[dict[str, object]]:
    """Nine of ten hang from one of a thousand events; none has a key, so that a body sent again is new."""
    random_ = random.Random(seed)  # noqa: S311
    people = [f"large{place}" for place in range(len(_SHARES))] + [f"small{place}" for place in range(_OTHERS)]
    weights = [*map(float, _SHARES), *[(1000 - sum(_SHARES)) / _OTHERS] * _OTHERS]
    customers = random_.choices(people, weights, k=_DRAWN)
    for number in itertools.count():
        event: dict[str, object] = {
            "name": "llm.call" if random_.random() < _FREQUENT else "page.view",
            "external_customer_id": customers[number % _DRAWN],
            "metadata": {"path": f"/p{number % 100}", "n": number % 1000, "ok": True},
        }
        if number % 10:
            event["parent_id"] = random_.choice(_ROOTS)
        yield event


def _text(moment: int) -> str:
    return f"{instant.utc_text(moment)}Z"
