"""What a run is asked for, from the environment: ``make bench EVENTS=10_000_000``."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from benchmarks.dataset import LEAST

KEPT = Path(".bench")
"""Where loaded stores are kept from run to run."""

RESULTS = Path("bench-results.json")
"""Where the figures go."""

_LEAST_ENROLLED = 100


class BenchSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    events: int = 1_000_000  # in the loaded store
    seconds: float = 4.0  # of load for each line, and as long for its baseline
    enrolled: int = 100_000  # customers with targets; unless chosen a tenth of the events, up to a million
    engine: str = "sqlite"
    fresh: bool = False  # load anew, also where a loaded store is kept


def load(environment: Mapping[str, str] = os.environ) -> BenchSettings:
    """The settings in ``environment``. Ends the program with a message for values that make no sense."""
    try:
        events = int(environment.get("EVENTS", "1_000_000"))
        settings = BenchSettings(
            events=events,
            enrolled=int(environment.get("ENROLLED") or max(_LEAST_ENROLLED, min(events // 10, 1_000_000))),
            seconds=float(environment.get("SECONDS", "4")),
            engine=environment.get("DATABASE") or environment.get("ENGINE") or "sqlite",
            fresh=environment.get("FRESH", "0") not in {"", "0"},
        )
    except ValueError as error:
        raise SystemExit(f"EVENTS and ENROLLED are whole numbers, SECONDS a number: {error}") from error
    if settings.events < LEAST or settings.seconds <= 0:
        raise SystemExit(f"EVENTS must be {LEAST:,} or more, SECONDS more than 0")
    if settings.enrolled < _LEAST_ENROLLED:
        raise SystemExit(f"ENROLLED must be {_LEAST_ENROLLED} or more")
    return settings
