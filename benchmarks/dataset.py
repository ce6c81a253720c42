"""The data set: seeded, so that two runs on one machine measure the same thing."""

import random
from collections.abc import Iterator

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import ADD_TRANSACTION, CustomerReference, NewEvent
from footfall.model.workspace import Workspace

NAMES = tuple(f"event {number:02d}" for number in range(19))
CUSTOMERS = 50_000
START = 1_767_225_600 * instant.SECOND  # 2026-01-01
SPAN = 90 * instant.DAY
_BATCH = 5_000
_IN_FLIGHT = 4


def new_events(count: int, seed: int = 1) -> Iterator[NewEvent]:
    """``count`` events of twenty names, spread over ninety days and fifty thousand customers."""
    draw = random.Random(seed)  # noqa: S311
    for number in range(count):
        moment = START + draw.randrange(SPAN)
        transaction = number % 20 == 0
        yield NewEvent(
            name=ADD_TRANSACTION if transaction else NAMES[number % 19],
            occurred_at=moment,
            received_at=moment,
            customer=CustomerReference(identities=(Identity("external_id", f"u{draw.randrange(CUSTOMERS)}"),)),
            amount=draw.randrange(1, 20_000) * 10_000 if transaction else None,
            properties=f'{{"page":"/products/{number % 500}","position":{number % 25},"referrer":"search"}}',
        )


def load(capture: Capture, workspace: Workspace, count: int) -> None:
    """Captures the data set."""
    events = new_events(count)
    waiting = []
    while batch := [event for _, event in zip(range(_BATCH), events, strict=False)]:
        waiting.append(capture.submit(Batch(workspace=workspace, events=batch)))
        if len(waiting) >= _IN_FLIGHT:
            waiting.pop(0).result()
    for future in waiting:
        future.result()
