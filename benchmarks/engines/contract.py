"""What the bench needs of an engine: databases to make, copy and weigh, and the engine's own speed on the same rows."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

Row = tuple[Any, ...]


class Mark(msgspec.Struct, frozen=True):
    """How far a store has come: what is added later stands above."""

    sequence: int
    customer: int


class NewRows(msgspec.Struct, frozen=True):
    """Whole rows that capture has added to a store, by table."""

    events: Sequence[Row]
    customers: Sequence[Row]
    identities: Sequence[Row]

    def by_transaction(self, events: int) -> Iterator["NewRows"]:
        """Cut into transactions of so many ``events``, each with its share of the new customers."""
        count = -(-len(self.events) // events)
        for number in range(count):
            yield NewRows(
                events=self.events[number * events : (number + 1) * events],
                customers=_share(self.customers, number, count),
                identities=_share(self.identities, number, count),
            )


class Raw(Protocol):
    """The engine without Footfall: one connection of its driver, set as Footfall's own writer is."""

    def mark(self) -> Mark:
        """Where the store stands."""

    def rows_since(self, mark: Mark) -> NewRows:
        """What has been added since."""

    def insert(self, rows: NewRows, per_transaction: int) -> float:
        """Inserts ``rows`` by the driver's fastest bulk statement; the seconds it took until all were durable."""

    def export(self, event_name: str, since: int, until: int) -> tuple[int, float]:
        """Selects events in ``[since, until)`` with their customers, in pages of JSON: how many, and the seconds."""


class Engine(Protocol):
    """Makes databases, each known by a label."""

    name: str
    is_embedded: bool
    """The figures to reach were set for this kind; and only here a server's CPU time is all there is of it."""

    def version(self) -> str:
        """Its name and version."""

    def url(self, label: str) -> str:
        """As ``footfall --database`` takes it."""

    def labels(self) -> list[str]:
        """Of all databases that there are."""

    def exists(self, label: str) -> bool:
        """Whether there is such a database."""

    def make(self, label: str) -> None:
        """Makes an empty one."""

    def copy(self, source: str, label: str) -> None:
        """Makes one with the content of another, to which nobody is connected."""

    def rename(self, source: str, label: str) -> None:
        """Calls it otherwise, in place of one of that label; nobody is connected."""

    def settle(self, label: str) -> None:
        """Does what the engine puts off until later, after a load; nobody is connected."""

    def drop(self, label: str) -> None:
        """Removes it, if it is there."""

    def size(self, label: str) -> int:
        """Its bytes on disk, indexes included; nobody is connected."""

    def raw(self, label: str) -> AbstractContextManager[Raw]:
        """A connection of the engine's own driver."""

    def close(self) -> None:
        """Stops what was started for the run."""


def _share(rows: Sequence[Row], number: int, of: int) -> Sequence[Row]:
    return rows[len(rows) * number // of : len(rows) * (number + 1) // of]
