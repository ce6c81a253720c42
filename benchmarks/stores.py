"""Loaded stores, kept from run to run.

A store is used again when it was loaded by the same data set, of the same size, with the same schema. What is
measured by writing is measured on copies, so a kept store stays as it was loaded.
"""

import os
import re
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import msgspec

from benchmarks import dataset, servers
from benchmarks.engines.contract import Engine
from footfall.capture.batch import Batch, BatchResult
from footfall.capture.service import Capture
from footfall.demo.client import DemoClient
from footfall.storage import schema, workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import NewWorkspace, create

_OF_A_RUN = re.compile(r"_p(\d+)$")
_BATCH = 5_000
_IN_FLIGHT = 3


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A store full of events. Its secrets are kept beside it: they open nothing else."""

    label: str
    events: int
    workspace: NewWorkspace
    target_rule: int
    bytes: int
    schema: str
    dataset: int


def loaded(engine: Engine, folder: Path, events: int, *, fresh: bool) -> Loaded:
    """The store of ``events``, kept in ``folder`` or loaded now."""
    label = f"events_{events}"
    note = folder / f"{label}.{engine.name}.json"
    if not fresh and (kept := _kept(engine, note)) is not None:
        print(f"a store of {events:,} events is kept (FRESH=1 loads it anew)", flush=True)
        return kept
    note.unlink(missing_ok=True)
    loading = f"loading_{events}_p{os.getpid()}"
    engine.make(loading)
    workspace, rule = _set_up(engine.url(loading))
    _load(engine.url(loading), events)
    engine.settle(loading)
    engine.rename(loading, label)
    store = Loaded(
        label=label,
        events=events,
        workspace=workspace,
        target_rule=rule,
        bytes=engine.size(label),
        schema=_schema(),
        dataset=dataset.VERSION,
    )
    note.write_bytes(msgspec.json.encode(store))
    return store


@contextmanager
def copied(engine: Engine, store: Loaded, purpose: str) -> Iterator[str]:
    """The label of a copy to write into, removed at the end."""
    label = f"{store.label}_{purpose}_p{os.getpid()}"
    engine.copy(store.label, label)
    try:
        yield label
    finally:
        engine.drop(label)


def sweep(engine: Engine) -> None:
    """Removes what runs that were killed have left."""
    for label in engine.labels():
        made_by = _OF_A_RUN.search(label)
        if made_by is not None and not _is_running(int(made_by[1])):
            engine.drop(label)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kept(engine: Engine, note: Path) -> Loaded | None:
    try:
        store = msgspec.json.decode(note.read_bytes(), type=Loaded)
    except (OSError, msgspec.DecodeError):
        return None
    same = (store.schema, store.dataset) == (_schema(), dataset.VERSION)
    return store if same and engine.exists(store.label) else None


def _schema() -> str:
    """What the schema is made by: a migration that is not released yet may change under the same version."""
    digest = blake2b(digest_size=8)
    for path in sorted(Path(schema.__file__).parent.glob("migrations/**/*.py")):
        digest.update(path.read_bytes())
    return f"{schema.LATEST}-{digest.hexdigest()}"


def _set_up(url: str) -> tuple[NewWorkspace, int]:
    """A workspace with a target, made before any event so that every purchase counts."""
    database = Database(url)
    database.prepare()
    capture = Capture(database)
    workspace = capture.change_now(create, "bench", "UTC")
    capture.close()
    database.close()
    with servers.footfall(url) as server:
        group = msgspec.json.decode(dataset.TARGET)
        made = DemoClient(server.url, workspace).capillary("POST", "/v3/targetGroups", group)
    return workspace, made["data"]["targets"][0]["id"]


def _load(url: str, count: int) -> None:
    """Captures the data set in process, as an import does: the way of every event but for HTTP."""
    database = Database(url)
    capture = Capture(database)
    workspace = database.read(workspaces.by_name, "bench")
    assert workspace is not None
    events = dataset.new_events(count)
    waiting: deque[Future[BatchResult]] = deque()
    started = time.perf_counter()
    done = 0
    while batch := list(islice(events, _BATCH)):
        waiting.append(capture.submit(Batch(workspace=workspace, events=batch)))
        if len(waiting) > _IN_FLIGHT:
            waiting.popleft().result()
            done += _BATCH
            _tell(done, count, time.perf_counter() - started)
    for future in waiting:
        future.result()
    capture.close()
    database.close()
    _tell(count, count, time.perf_counter() - started)


def _tell(done: int, count: int, seconds: float) -> None:
    every = max(1, count // 10 // _BATCH) * _BATCH
    if done != count and (done == 0 or (done % every and not sys.stdout.isatty())):
        return
    end = "\n" if done == count or not sys.stdout.isatty() else ""
    start = "\r" if sys.stdout.isatty() else ""
    print(f"{start}loading: {done:,} of {count:,} events, {done / seconds:,.0f} a second", end=end, flush=True)
