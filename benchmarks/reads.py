"""The five reads, each against a bare server that answers as many bytes, and on a large store against a small one."""

from statistics import mean
from urllib.parse import quote

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from benchmarks.dataset import NAMES, SPAN, START
from benchmarks.exchange import Exchange
from benchmarks.load import get, post
from benchmarks.measure import in_turns, load_on
from benchmarks.report import Line, Target
from benchmarks.servers import Running
from benchmarks.stores import Loaded
from footfall.demo.client import DemoClient
from footfall.model import identifiers, instant
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import events, tracked_events

_IDS = 2_000
_PEOPLE = 500
_WINDOWS = 20
_SAMPLE = 20
_EXPORT_PAGE = 1_000

_ID_FROM = Statement(
    sa.select(events.c.id).where(events.c.sequence >= bindparam("least")).order_by(events.c.sequence).limit(1)
)
_REGULARS = Statement(
    sa.select(tracked_events.c.customer)
    .where(tracked_events.c.workspace == 1, tracked_events.c.rule == bindparam("rule"))
    .group_by(tracked_events.c.customer)
    .having(sa.func.count() >= 10)
    .order_by(tracked_events.c.customer)
    .limit(_PEOPLE)
)


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of request, in as many variants as make it no matter of one row."""

    operation: str
    requests: list[bytes]
    least: float  # of the bare server's rate; 0: nobody has asked for any
    clients: int = 64


class Credentials:
    """The headers by which each product's clients prove who they are."""

    def __init__(self, store: Loaded) -> None:
        made = store.workspace
        self.rapidly = {"Authorization": f"Bearer {made.rapidly.token}"}
        self.capillary = {"Authorization": DemoClient("", made).capillary_authorization}
        self.gainsight_px = {"X-APTRINSIC-API-KEY": made.gainsight_px.api_key}
        self.clevertap = {
            "X-CleverTap-Account-Id": made.clevertap.account_id,
            "X-CleverTap-Passcode": made.clevertap.passcode,
        }
        self.own = {"Authorization": f"Bearer {made.footfall.token}"}


class ReadRequests:
    """The requests that a store can be asked. Some need the store's own ids, some an answer of the server."""

    def __init__(self, store: Loaded, database_url: str) -> None:
        self._headers = Credentials(store)
        database = Database(database_url)
        self._ids = database.read(_some_ids, store.events)
        regulars = database.read(_regulars, store.target_rule)
        database.close()
        self._tracked = [f"/v3/users/{user}/trackedTargetEvents/{store.target_rule}?limit=10" for user in regulars]

    def by_id_rapidly(self) -> Read:
        """One event by its id."""
        requests = [get(f"/api/events/{each}", self._headers.rapidly) for each in self._ids]
        return Read(operation="event by id, Rapidly", requests=requests, least=0.5)

    def by_id_capillary(self) -> Read:
        """The same, as Capillary asks."""
        requests = [get(f"/v2/events/event_data?id={each}", self._headers.capillary) for each in self._ids]
        return Read(operation="event by id, Capillary", requests=requests, least=0.5)

    def filtered_page(self) -> Read:
        """The first page of one name's events, latest first, with their total; windows that no hour begins."""
        first, last = START // instant.MILLISECOND, (START + SPAN) // instant.MILLISECOND
        requests = [
            get(
                f"/v1/events/custom?filter=eventName=={quote(name)}&sort=-date"
                f"&dateRangeStart={first + 61_007 * step}&dateRangeEnd={last - 37_003 * step}",
                self._headers.gainsight_px,
            )
            for step in range(_WINDOWS)
            for name in NAMES
        ]
        return Read(operation="page of 25 with a filter and totalHits, Gainsight PX", requests=requests, least=0.3)

    def scrolled_page(self, server: Running) -> Read:
        """The page after it."""
        with Exchange(server.url) as exchange:
            pages = [msgspec.json.decode(exchange.send(first)) for first in self.filtered_page().requests[: len(NAMES)]]
        requests = [
            get(f"/v1/events/custom?scrollId={quote(page['scrollId'], safe='')}", self._headers.gainsight_px)
            for page in pages
        ]
        return Read(operation="the page after it, by scrollId, Gainsight PX", requests=requests, least=0.3)

    def tracked(self) -> Read:
        """The first ten events that counted towards a target."""
        requests = [get(path, self._headers.capillary) for path in self._tracked]
        return Read(operation="tracked target events, page of 10, Capillary", requests=requests, least=0.4)

    def export_page(self, server: Running) -> Read:
        """A page of an export."""
        pages = []
        with Exchange(server.url) as exchange:
            for name in NAMES:
                question = msgspec.json.encode({"event_name": name, "from": 20260101, "to": 20260331})
                opening = post(f"/1/events.json?batch_size={_EXPORT_PAGE}", self._headers.clevertap, question)
                cursor = msgspec.json.decode(exchange.send(opening))["cursor"]
                pages.append(get(f"/1/events.json?cursor={cursor}", self._headers.clevertap))
        return Read(operation=f"export page of {_EXPORT_PAGE:,}, CleverTap", requests=pages, least=0.0, clients=8)


def against_bare(store: Loaded, url: str, server: Running, bare: Running, seconds: float) -> list[Line]:
    """Every read beside the bare server."""
    asked = ReadRequests(store, url)
    reads = (
        asked.by_id_rapidly(),
        asked.by_id_capillary(),
        asked.filtered_page(),
        asked.scrolled_page(server),
        asked.tracked(),
    )
    return [beside_bare(read, server, bare, seconds) for read in reads]


def against_small(large: tuple[Loaded, str, Running], small: tuple[Loaded, str, Running], seconds: float) -> list[Line]:
    """The time of every read on the large store, by its time on the small one."""
    lines = []
    for one, other in zip(_five_reads(*large), _five_reads(*small), strict=True):
        server = large[2]
        server.forget_peak()
        figures, baseline = in_turns(
            load_on(server, one.requests, one.clients), load_on(small[2], other.requests, other.clients), seconds
        )
        lines.append(
            Line(
                operation=f"{one.operation}: p50 by that of a small store",
                figure=figures.p50_ms,
                unit="ms",
                baseline=baseline.p50_ms,
                against=f"{small[0].events:,} events",
                target=Target(2, at_most=True),
                p50_ms=figures.p50_ms,
                p99_ms=figures.p99_ms,
                cpu_ratio=figures.cpu_us / baseline.cpu_us if baseline.cpu_us else None,
                peak_mb=server.peak_mb(),
                generator_share=figures.generator_share,
            )
        )
        print(".", end="", flush=True)
    return lines


def _five_reads(store: Loaded, url: str, server: Running) -> tuple[Read, ...]:
    asked = ReadRequests(store, url)
    return (
        asked.filtered_page(),
        asked.by_id_rapidly(),
        asked.by_id_capillary(),
        asked.tracked(),
        asked.export_page(server),
    )


def beside_bare(read: Read, server: Running, bare: Running, seconds: float) -> Line:
    """A read beside a server that answers as many bytes as it does on average, and does nothing for them."""
    with Exchange(server.url) as exchange:
        size = round(mean(len(exchange.send(request)) for request in read.requests[:_SAMPLE]))
    server.forget_peak()
    figures, baseline = in_turns(
        load_on(server, read.requests, read.clients), load_on(bare, [get(f"/fixed/{size}", {})], read.clients), seconds
    )
    print(".", end="", flush=True)
    return Line(
        operation=read.operation,
        figure=figures.per_second,
        unit="requests/s",
        baseline=baseline.per_second,
        against=f"bare, {size:,} bytes",
        target=Target(read.least) if read.least else None,
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
        cpu_ratio=baseline.cpu_us / figures.cpu_us if figures.cpu_us else None,
        peak_mb=server.peak_mb(),
        generator_share=max(figures.generator_share, baseline.generator_share),
    )


def _some_ids(connection: Connection, stored: int) -> list[str]:
    """Ids of events from all over the store, in no order of theirs."""
    step = max(1, stored // _IDS)
    places = (1 + (number * 7_919 % _IDS) * step for number in range(_IDS))  # 7919 is prime: every place once
    found = (connection.value(_ID_FROM, least=place) for place in places)
    return [identifiers.to_text(each) for each in found if each is not None]


def _regulars(connection: Connection, rule: int) -> list[int]:
    return [row[0] for row in connection.rows(_REGULARS, rule=rule)]
