"""Whole stretches of events: walking an export, importing a file."""

import re
import time
from pathlib import Path
from statistics import median

import msgspec

from benchmarks import dataset, servers
from benchmarks.engines.contract import Raw
from benchmarks.engines.export import PAGE
from benchmarks.exchange import Exchange
from benchmarks.load import get, post
from benchmarks.measure import ROUNDS
from benchmarks.reads import Credentials
from benchmarks.report import Line, Target
from benchmarks.servers import Running
from benchmarks.stores import Loaded
from footfall.importing.job import BATCH_ROWS
from footfall.model import instant

_NEXT = re.compile(rb'"next_cursor":"([^"]*)"')
_NAME = dataset.NAMES[5]
_MOST_EXPORTED = 100_000
_MOST_IMPORTED = 200_000
_IMPORTED_PER_SECOND = 50_000  # a file long enough for the seconds that a line may take


def export_walk(store: Loaded, server: Running, raw: Raw, seconds: float) -> Line:
    """One client walks one event name from the first page to the last; against one select, encoded page by page."""
    headers = Credentials(store).clevertap
    days = max(1, min(dataset.DAYS, dataset.DAYS * _MOST_EXPORTED * 20 // store.events))
    until = dataset.START + days * instant.DAY
    last_day = int(f"{instant.to_datetime(until - instant.DAY):%Y%m%d}")
    question = msgspec.json.encode({"event_name": _NAME, "from": 20260101, "to": last_day})
    server.forget_peak()
    rates: list[float] = []
    raw_rates, costs, raw_costs = [], [], []
    deadline = time.perf_counter() + 2 * seconds
    while len(rates) < ROUNDS or time.perf_counter() < deadline:
        started, used = time.perf_counter(), server.cpu_seconds()
        walked = _walk(server, question, headers)
        rates.append(walked / (time.perf_counter() - started))
        costs.append((server.cpu_seconds() - used) / walked)
        own = time.process_time()
        count, taken = raw.export(_NAME, dataset.START, until)
        if count != walked:
            raise RuntimeError(f"the export has {walked:,} events, the store {count:,}")
        raw_rates.append(count / taken)
        raw_costs.append((time.process_time() - own) / count)
    print(".", end="", flush=True)
    return Line(
        operation=f"export walk, pages of {PAGE:,}, CleverTap",
        figure=median(rates),
        unit="events/s",
        baseline=median(raw_rates),
        against="raw select and JSON",
        target=Target(0.5),
        cpu_ratio=median(raw_costs) / median(costs) if median(costs) else None,
        peak_mb=server.peak_mb(),
    )


def csv_import(store: Loaded, url: str, written: Raw, raw: Raw, folder: Path, seconds: float) -> Line:
    """``footfall import`` from start to end, its own start included; then the stored rows by the raw engine."""
    mapping = folder / "mapping.toml"
    mapping.write_text(dataset.MAPPING, encoding="utf-8")
    count = min(store.events, _MOST_IMPORTED, int(_IMPORTED_PER_SECOND * seconds))
    rates, raw_rates, costs, raw_costs, peaks = [], [], [], [], []
    for number in range(ROUNDS):
        table = folder / f"import-{number}.csv"
        dataset.write_csv(table, count, store.events, 10 + number)
        mark = written.mark()
        done = servers.run(["import", str(table), "--workspace", "bench", "--mapping", str(mapping), "--database", url])
        rates.append(count / done.seconds)
        costs.append(done.cpu_seconds)
        peaks.append(done.peak_mb)
        rows = written.rows_since(mark)
        if len(rows.events) != count:
            raise RuntimeError(f"{count:,} rows imported, {len(rows.events):,} stored")
        own = time.process_time()
        raw_rates.append(count / raw.insert(rows, BATCH_ROWS))
        raw_costs.append(time.process_time() - own)
    print(".", end="", flush=True)
    return Line(
        operation=f"import of a CSV of {count:,} rows, start included",
        figure=median(rates),
        unit="events/s",
        baseline=median(raw_rates),
        against="raw bulk insert",
        target=Target(0.5),
        cpu_ratio=median(raw_costs) / median(costs),
        peak_mb=max(peaks),
    )


def _walk(server: Running, question: bytes, headers: dict[str, str]) -> int:
    """How many records the pages have."""
    count = 0
    with Exchange(server.url) as exchange:
        opening = post(f"/1/events.json?batch_size={PAGE}&profile=true", headers, question)
        cursor: bytes | None = msgspec.json.decode(exchange.send(opening))["cursor"].encode()
        while cursor is not None:
            page = exchange.send(get(f"/1/events.json?cursor={cursor.decode()}", headers))
            count += page.count(b'"event_props":')
            found = _NEXT.search(page, 0, 4_096)  # it stands before the records
            cursor = None if found is None else found[1]
    return count
