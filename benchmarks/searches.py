"""Searches with filters and orders of every kind, each against the first page of a search without any.

Others capture all the while. One client asks, one question at a time: what is compared is the time of an answer.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import msgspec

from benchmarks.dataset import DAYS, START, customers_of, visits
from benchmarks.exchange import Exchange
from benchmarks.load import get, post, run_load
from benchmarks.measure import in_turns, load_on
from benchmarks.reads import Credentials
from benchmarks.report import Line, Target
from benchmarks.servers import Running
from benchmarks.stores import Loaded
from footfall.model import instant

_FIRST = START // instant.MILLISECOND
_WINDOW = {"dateRangeStart": str(_FIRST), "dateRangeEnd": str(_FIRST + DAYS * 86_400_000)}
_CAPTURED_AT_ONCE = 50
_PAUSE_SECONDS = 0.05
_PAGES_INTO_A_SCROLL = 200

_NEVER_REPEATED = 50_000
_NEVER_ASKED = {
    "eventName": "eventName",
    "identifyId": "identifyId",
    "accountId": "accountId",
    "attributes": "attributes.page",
}

Search = dict[str, str | list[str]]


def _searches(events: int) -> dict[str, Search]:
    """By what they are."""
    people = customers_of(events)
    some = f"u{people // 2}"
    return {
        "eventName ==": {"filter": "eventName==event 03"},
        "eventName with a wildcard": {"filter": "eventName~event 0*", "sort": "-date"},
        "eventName, a wildcard that matches nothing": {"filter": "eventName~*nothing*"},
        "eventName !~": {"filter": "eventName!~*3", "sort": "-date"},
        "identifyId ==": {"filter": f"identifyId=={some}"},
        "identifyId !=": {"filter": f"identifyId!={some}"},
        "identifyId with a wildcard": {"filter": f"identifyId~{some[:-2]}*"},
        "identifyId with wildcards on both sides": {"filter": "identifyId~*77*"},
        "identifyId !~": {"filter": f"identifyId!~{some[:-2]}*", "sort": "-date"},
        "identifyId with a wildcard, sort=accountId": {"filter": f"identifyId~{some[:-2]}*", "sort": "accountId"},
        "identifyId, a wildcard that matches nothing": {"filter": "identifyId~*nothing*"},
        "date, one day": {"filter": f"date>={_FIRST + 40 * 86_400_000};date<{_FIRST + 41 * 86_400_000}"},
        "date !=": {"filter": f"date!={_FIRST + 5_000}"},
        "accountId ==": {"filter": "accountId==A77"},
        "accountId with a wildcard": {"filter": "accountId~a1*"},
        "accountId, a wildcard that matches nothing": {"filter": "accountId~*nothing*"},
        "attributes, a text": {"filter": "attributes.page==/products/123", "sort": "-date"},
        "attributes, a range of numbers": {"filter": "attributes.position>=24"},
        "attributes with a wildcard, sort=accountId": {"filter": "attributes.page~/products/12*", "sort": "accountId"},
        "attributes, a wildcard that matches nothing": {"filter": "attributes.page~*nothing*"},
        "userType ==": {"filter": "userType==USER"},
        "userType !=": {"filter": "userType!=USER"},
        "sessionId ==": {"filter": "sessionId==s1"},
        "url with a wildcard": {"filter": "url~*checkout*"},
        "one name or one customer": {"filter": ["eventName==event 03", f"identifyId=={some}"]},
        "sort=accountId": {"sort": "accountId"},
        "sort=accountId;-date": {"sort": "accountId;-date"},
        "sort=-date;accountId": {"sort": "-date;accountId"},
        "eventName ==, sort=-accountId": {"filter": "eventName==event 03", "sort": "-accountId"},
    }


def against_unfiltered(store: Loaded, server: Running, seconds: float) -> list[Line]:
    """The time of every search by that of the unfiltered first page; and of a page far into a scroll, likewise."""
    credentials = Credentials(store)
    key = credentials.gainsight_px
    unfiltered = _request({}, key)
    asked = {name: [_request(search, key)] for name, search in _searches(store.events).items()}
    with _capturing(store, server, credentials):
        asked["a page far into a scroll"] = [_far_into_a_scroll(server, key)]
        for name in ("identifyId with a wildcard", "attributes, a range of numbers"):
            asked[f"{name}, the page after it"] = [_second_page(server, _searches(store.events)[name], key)]
        lines = [_against(name, requests, unfiltered, server, seconds) for name, requests in asked.items()]
        return lines + [_first_time(name, field, key, server, seconds) for name, field in _NEVER_ASKED.items()]


def _second_page(server: Running, search: Search, key: dict[str, str]) -> bytes:
    with Exchange(server.url) as exchange:
        page = msgspec.json.decode(exchange.send(_request(search, key)))
    return get(f"/v1/events/custom?scrollId={quote(page['scrollId'], safe='')}", key)


def _first_time(name: str, field: str, key: dict[str, str], server: Running, seconds: float) -> Line:
    """How long a wildcard takes that matches nothing, and that nobody has asked for before."""
    asked = [_request({"filter": f"{field}~*nothing {number}*"}, key) for number in range(_NEVER_REPEATED)]
    result = run_load(server.url, asked.__getitem__, seconds=seconds, cpu=server.cpu_seconds, clients=1)
    print(".", end="", flush=True)
    return Line(
        operation=f"search, Gainsight PX: {name}, a wildcard that matches nothing, asked for the first time: p50",
        figure=result.p50_ms / 1000,
        unit="s",
        target=Target(1, of="figure", at_most=True),
        p50_ms=result.p50_ms,
        p99_ms=result.p99_ms,
        generator_share=result.generator_share,
    )


def _request(search: Search, key: dict[str, str]) -> bytes:
    parameters = urlencode({**_WINDOW, **search}, doseq=True, quote_via=quote)
    return get(f"/v1/events/custom?{parameters}", key)


def _far_into_a_scroll(server: Running, key: dict[str, str]) -> bytes:
    with Exchange(server.url) as exchange:
        page = msgspec.json.decode(exchange.send(_request({"pageSize": "1000"}, key)))
        for _ in range(_PAGES_INTO_A_SCROLL):
            token = quote(page["scrollId"] or "", safe="")
            following = msgspec.json.decode(
                exchange.send(get(f"/v1/events/custom?scrollId={token}&pageSize=1000", key))
            )
            if following["scrollId"] is None:
                break
            page = following
    return get(f"/v1/events/custom?scrollId={quote(page['scrollId'], safe='')}&pageSize=25", key)


def _against(name: str, requests: list[bytes], unfiltered: bytes, server: Running, seconds: float) -> Line:
    figures, baseline = in_turns(load_on(server, requests, 1), load_on(server, [unfiltered], 1), seconds)
    print(".", end="", flush=True)
    return Line(
        operation=f"search, Gainsight PX: {name}: p50 by that of the unfiltered first page",
        figure=figures.p50_ms,
        unit="ms",
        baseline=baseline.p50_ms,
        against="unfiltered",
        target=Target(3, at_most=True),
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
        generator_share=figures.generator_share,
    )


@contextmanager
def _capturing(store: Loaded, server: Running, credentials: Credentials) -> Iterator[None]:
    """Captures small bodies of events meanwhile."""
    stop = threading.Event()
    events = [visit.as_own() for visit in visits(_CAPTURED_AT_ONCE, store.events, seed=97)]
    body = post("/events", credentials.own, msgspec.json.encode(events))

    def run() -> None:
        with Exchange(server.url) as exchange:
            while not stop.is_set():
                exchange.send(body)
                time.sleep(_PAUSE_SECONDS)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
