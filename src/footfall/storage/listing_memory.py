"""What a process remembers of lists that no index answers: how many there were, and which, if they were few.

The promise: a total is always exact. What is remembered of a question is what was so up to a sequence; what has been
stored since is asked anew, and is little. Events never change, and whether any of those remembered has been erased the
counts tell: then all of them together are no longer as many as they were. Memory is bounded, and lost with the process.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import msgspec

from footfall.model.customer_event import TYPES
from footfall.model.event_listing import EventListing
from footfall.storage import event_counts, listing_statement
from footfall.storage.connection import Connection
from footfall.storage.event_counts import Span
from footfall.storage.listing_statement import Shape

_QUICKLY_COUNTED = 2_000
"""Up to so many, events of a customer are counted each time."""
_FEW = 1_000
"""Up to so many, positions are remembered, too."""
_MOST_BEHIND = 20_000
"""What was true before more events than these were stored is asked anew."""
_MOST_QUESTIONS = 256

FoundPosition = tuple[int, int, int]
"""Instant, origin (0 captured, 1 the system's) and sequence."""


class Found(msgspec.Struct, frozen=True):
    """How many events answer a question; where they are, if they are few."""

    total: int
    positions: Sequence[FoundPosition] | None


class _Known(msgspec.Struct, frozen=True):
    """What was so of a question up to the sequence ``last``, when there were so many events ``in_all``."""

    last: int
    in_all: int
    found: Found


class ListingMemory:
    """Remembers answers. For any number of threads: at worst, two ask the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], _Known] = OrderedDict()

    def find(self, connection: Connection, asked: EventListing, shape: Shape, values: dict[str, Any]) -> Found:
        """How many events answer, and where they are if that is known."""
        if not (asked.properties or asked.text or asked.depth is not None):
            total = int(connection.value(listing_statement.count_up_to(shape), **values, most=_QUICKLY_COUNTED))
            if total < _QUICKLY_COUNTED:
                return Found(total, None)
        with connection.snapshot(asked.workspace) as last:
            found = []
            for of in ("captured", "system"):
                own = _of_origin(shape, values, of)
                if own is not None:
                    found.append(self._find(connection, asked.workspace, *own, of=of, last=last))
        total = sum(each.total for each in found)
        positions: list[FoundPosition] | None = []
        for each in found:
            positions = None if positions is None or each.positions is None else [*positions, *each.positions]
        return Found(total, positions)

    def _find(
        self, connection: Connection, workspace: int, shape: Shape, values: dict[str, Any], *, of: str, last: int
    ) -> Found:
        key = (shape, *(f"{name}={value!r}" for name, value in values.items()))
        if of == "system":
            in_all = event_counts.count_customer_events(connection, workspace, Span(frozenset(TYPES.values())))
            last = connection.value(listing_statement.LAST_SYSTEM, workspace=workspace) or 0
        else:
            everything = [Span(None)]
            in_all = event_counts.count(connection, workspace, everything)
            if not connection.is_sole_writer:
                in_all -= event_counts.count_above(connection, workspace, everything, last)
        known = self._known.get(key)
        found = None
        if known is not None:
            found = _since(connection, workspace, shape, values, known, _State(last, in_all, is_ordered=of != "system"))
        if found is None:
            found = _look(connection, shape, values, after=0, last=last)
        self._known[key] = _Known(last, in_all, found)
        self._known.move_to_end(key)
        while len(self._known) > _MOST_QUESTIONS:
            self._known.popitem(last=False)
        return found


class _State(msgspec.Struct, frozen=True):
    """The last sequence and how many there are in all; ``is_ordered``: nothing will ever appear below ``last``."""

    last: int
    in_all: int
    is_ordered: bool


def _since(
    connection: Connection, workspace: int, shape: Shape, values: dict[str, Any], known: _Known, now: _State
) -> Found | None:
    """What is so now, given what was ``known``; None where that has to be asked anew."""
    if (known.last, known.in_all) == (now.last, now.in_all):
        return known.found
    if not now.is_ordered or not 0 <= now.in_all - known.in_all <= _MOST_BEHIND:
        return None
    bounds = {"after": known.last, "last": now.last}
    stored = connection.value(listing_statement.STORED_BETWEEN, workspace=workspace, **bounds)
    if stored != now.in_all - known.in_all:
        return None
    more = _look(connection, shape, values, after=known.last, last=now.last)
    total = known.found.total + more.total
    if known.found.positions is None or more.positions is None or total > _FEW:
        return Found(total, None)
    return Found(total, [*known.found.positions, *more.positions])


def _look(connection: Connection, shape: Shape, values: dict[str, Any], *, after: int, last: int) -> Found:
    bounds = {"after": after, "last": last}
    rows = connection.rows(listing_statement.some(shape), **values, **bounds, most=_FEW + 1)
    if len(rows) <= _FEW:
        return Found(len(rows), [(row[0], row[1], row[2]) for row in rows])
    return Found(int(connection.value(listing_statement.count_between(shape), **values, **bounds)), None)


def _of_origin(shape: Shape, values: dict[str, Any], of: str) -> tuple[Shape, dict[str, Any]] | None:
    """The parts of one origin, with the keys that lead to them renumbered; None where there is none."""
    chosen = [(index, part) for index, part in enumerate(shape.parts) if part.of == of]
    if not chosen:
        return None
    keys = {f"key{new}": values[f"key{old}"] for new, (old, _) in enumerate(chosen) if f"key{old}" in values}
    rest = {name: value for name, value in values.items() if not name.startswith("key")}
    return msgspec.structs.replace(shape, parts=tuple(part for _, part in chosen)), {**rest, **keys}
