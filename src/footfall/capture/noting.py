"""Noting what captures come to, for whoever watches the server; nothing depends on it.

A capture may be a step of a larger change (``Capture.change``), which knows nothing of being watched: so what is
stored is noted where it is stored, by the thread that writes, and told once it is durable.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from footfall.capture.batch import Batch, BatchResult
from footfall.model.event import Api

Fate = Literal["stored", "repeated", "refused"]
Noted = Counter[tuple[Api, Fate]]
"""How many events, by the API that captured them and by what became of them."""

_noted: ContextVar[Noted | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[Noted]:
    """Inside, ``note`` adds to what is given."""
    noted: Noted = Counter()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


@contextmanager
def forgetting_what_fails() -> Iterator[None]:
    """What is noted inside is forgotten if it ends with an exception: it is undone, then."""
    noted = _noted.get()
    before = None if noted is None else noted.copy()
    try:
        yield
    except BaseException:
        if noted is not None and before is not None:
            noted.clear()
            noted.update(before)
        raise


def note(batches: Sequence[Batch], results: Sequence[BatchResult]) -> None:
    """Notes what became of batches, each of which has come through one API."""
    noted = _noted.get()
    if noted is None:
        return
    for batch, result in zip(batches, results, strict=True):
        if batch.events:
            api = batch.events[0].captured_by
            noted[api, "stored"] += result.inserted
            noted[api, "repeated"] += result.repeated
            noted[api, "refused"] += len(result.refused)
