"""``make bench``: loads a seeded data set, measures, prints one table. ``EVENTS=10_000_000`` for a larger one."""

import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import msgspec

from benchmarks import captures, files, rapidly, reads, searches, servers, settings, targets, walks
from benchmarks.engines.chosen import engine_for
from benchmarks.engines.contract import Engine
from benchmarks.report import Line, Run, Target, as_table, failed, write_json
from benchmarks.servers import Running
from benchmarks.settings import BenchSettings
from benchmarks.stores import Loaded, copied, loaded, sweep

SMALL = 100_000
"""The store that larger ones are compared with."""

_STARTS = 3


def main() -> None:
    """Runs everything and prints the table."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    asked = settings.load()
    settings.KEPT.mkdir(exist_ok=True)
    engine = engine_for(asked.engine, settings.KEPT)
    try:
        run = _measure(asked, engine)
    finally:
        engine.close()
    print("\n\n" + as_table(run))
    missed = failed(run.lines)
    if missed:
        print("below the target: " + "; ".join(missed))
    write_json(run, settings.RESULTS)
    print(f"the same as JSON: {settings.RESULTS}; what each line means: docs/performance.md")


def _measure(asked: BenchSettings, engine: Engine) -> Run:
    sweep(engine)
    store = loaded(engine, settings.KEPT, asked.events, fresh=asked.fresh)
    small = loaded(engine, settings.KEPT, SMALL, fresh=asked.fresh) if asked.events > SMALL else None
    print("measuring ", end="", flush=True)
    with servers.bare() as bare:
        lines, growth = _reading(engine, store, small, bare, asked.seconds)
        written, imported = _writing(engine, store, bare, asked.seconds)
        written += targets.feeding_and_asking(engine, asked.enrolled, bare, asked.seconds)
    memory = _memory([*lines, *written, *growth], imported)
    lines += [*written, imported, *growth, *memory, _storage(store), _start(engine, store)]
    if not engine.is_embedded:
        lines = [msgspec.structs.replace(line, target=None, cpu_ratio=None) for line in lines]
    return Run(
        engine=engine.name,
        engine_version=engine.version(),
        events=asked.events,
        seconds=asked.seconds,
        lines=lines,
    )


def _reading(
    engine: Engine, store: Loaded, small: Loaded | None, bare: Running, seconds: float
) -> tuple[list[Line], list[Line]]:
    """What leaves the kept store as it is: the reads against their baselines, and those against the small store's."""
    url = engine.url(store.label)
    with servers.footfall(url) as server:
        lines = reads.against_bare(store, url, server, bare, seconds)
        lines += rapidly.lists(store, url, server, seconds / 2)
        with engine.raw(store.label) as raw:
            lines.append(files.export_walk(store, server, raw, seconds))
        lines.append(walks.first_and_last(store, server, seconds))
        if small is None:
            return lines, []
        small_url = engine.url(small.label)
        with servers.footfall(small_url) as other:
            return lines, reads.against_small((store, url, server), (small, small_url, other), seconds / 2)


def _writing(engine: Engine, store: Loaded, bare: Running, seconds: float) -> tuple[list[Line], Line]:
    """What is measured on copies: one that Footfall writes to, and one for the raw engine. The import stands apart."""
    with ExitStack() as stack:
        written_label = stack.enter_context(copied(engine, store, "written"))
        raw = stack.enter_context(engine.raw(stack.enter_context(copied(engine, store, "raw"))))
        written = stack.enter_context(engine.raw(written_label))
        url = engine.url(written_label)
        with servers.footfall(url) as server:
            lines = searches.against_unfiltered(store, server, seconds / 4)
            lines.append(captures.one_by_one(store, server, bare, seconds))
            lines += captures.in_bodies(store, server, written, raw, seconds)
            lines += rapidly.captures(store, server, written, raw, seconds)
            lines += walks.ten_at_once(store, server, seconds)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        return lines, files.csv_import(store, url, written, raw, folder, seconds)


def _memory(served: Sequence[Line], imported: Line) -> list[Line]:
    worst = max(served, key=lambda line: line.peak_mb or 0.0)
    return [
        Line(
            operation="memory of the server, most during any line",
            figure=worst.peak_mb or 0.0,
            unit="MB",
            against=worst.operation,
            target=Target(250, of="figure", at_most=True),
        ),
        Line(operation="memory of the import", figure=imported.peak_mb or 0.0, unit="MB"),
    ]


def _storage(store: Loaded) -> Line:
    return Line(
        operation="storage, indexes included",
        figure=store.bytes / store.events,
        unit="bytes/event",
        target=Target(512, of="figure", at_most=True),
    )


def _start(engine: Engine, store: Loaded) -> Line:
    """From starting the process to the first event read."""
    url = engine.url(store.label)
    first = reads.ReadRequests(store, url).by_id_rapidly().requests[0]
    taken = []
    for _ in range(_STARTS):
        with servers.footfall(url, first) as server:
            taken.append(server.seconds_to_first_answer)
    return Line(
        operation="start to first answer",
        figure=median(taken),
        unit="s",
        target=Target(1, of="figure", at_most=True),
    )


if __name__ == "__main__":
    main()
