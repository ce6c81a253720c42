"""One alternative of a search, with what indexes can use pulled out; and how such alternatives combine. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from footfall.model.query import Comparison
from footfall.storage.event_counts import Span
from footfall.storage.time_buckets import BEGINNING, END

Dimension = Literal["types", "customers", "accounts", "ids"]
DIMENSIONS: tuple[Dimension, ...] = ("types", "customers", "accounts", "ids")
"""In what an event has exactly one value, or none."""


class Conjunction(msgspec.Struct, frozen=True, kw_only=True):
    """What must hold of an event, all together.

    ``since <= occurred_at < before``; the numbers of the event types and customers, the account ids, the events' own
    ids, one of which it has, and (``other_...``) none of which it has; the comparisons that remain. None means any.
    ``has_account`` matters when it is false.
    """

    since: int | None = None
    before: int | None = None
    types: frozenset[int] | None = None
    customers: frozenset[int] | None = None
    accounts: frozenset[str] | None = None
    ids: frozenset[bytes] | None = None
    other_types: frozenset[int] = frozenset()
    other_customers: frozenset[int] = frozenset()
    other_accounts: frozenset[str] = frozenset()
    other_ids: frozenset[bytes] = frozenset()
    has_account: bool = True  # False: those without one
    rest: tuple[Comparison, ...] = ()

    def among(self, dimension: Dimension) -> frozenset[Any] | None:
        """The values one of which an event has."""
        found: frozenset[Any] | None = getattr(self, dimension)
        return found

    def apart_from(self, dimension: Dimension) -> frozenset[Any]:
        """The values none of which an event has."""
        found: frozenset[Any] = getattr(self, f"other_{dimension}")
        return found

    @property
    def is_impossible(self) -> bool:
        """Whether no event whatever can answer it."""
        if self.since is not None and self.before is not None and self.since >= self.before:
            return True
        return any(self.among(dimension) == frozenset() for dimension in DIMENSIONS)

    @property
    def span(self) -> Span | None:
        """The same as types and time alone, if that is all it asks for."""
        asks_more = (self.customers, self.accounts, self.ids) != (None, None, None) or self.rest or not self.has_account
        if asks_more or any(self.apart_from(dimension) for dimension in DIMENSIONS):
            return None
        since = BEGINNING if self.since is None else self.since
        return Span(self.types, since, END if self.before is None else self.before)

    def between(self, since: int | None, before: int | None) -> "Conjunction":
        """Narrowed to a span of instants."""
        return msgspec.structs.replace(
            self,
            since=max((at for at in (self.since, since) if at is not None), default=None),
            before=min((at for at in (self.before, before) if at is not None), default=None),
        )

    def within(self, dimension: Dimension, values: frozenset[Any]) -> "Conjunction":
        """Narrowed to events that have one of ``values``."""
        known = self.among(dimension)
        narrowed = values if known is None else known & values
        return msgspec.structs.replace(self, **{dimension: narrowed}).settled()

    def without(self, dimension: Dimension, values: frozenset[Any]) -> "Conjunction":
        """Narrowed to events that have none of ``values``."""
        apart = self.apart_from(dimension) | values
        return msgspec.structs.replace(self, **{f"other_{dimension}": apart}).settled()

    def and_also(self, other: "Conjunction") -> "Conjunction":
        """What both ask for."""
        both = self.between(other.since, other.before)
        for dimension in DIMENSIONS:
            if (values := other.among(dimension)) is not None:
                both = both.within(dimension, values)
            if apart := other.apart_from(dimension):
                both = both.without(dimension, apart)
        return msgspec.structs.replace(both, rest=tuple(dict.fromkeys(self.rest + other.rest)))

    def settled(self) -> "Conjunction":
        """The same, with nothing left out that is not asked for anyway."""
        changes: dict[str, frozenset[Any]] = {}
        for dimension in DIMENSIONS:
            values, apart = self.among(dimension), self.apart_from(dimension)
            if values is not None and apart:
                changes |= {dimension: values - apart, f"other_{dimension}": frozenset()}
        return msgspec.structs.replace(self, **changes) if changes else self


def possible(alternatives: Iterable[Conjunction]) -> list[Conjunction]:
    """Without those that no event can answer."""
    return [alternative for alternative in alternatives if not alternative.is_impossible]


def merged(alternatives: Sequence[Conjunction]) -> list[Conjunction]:
    """The same events by fewer alternatives: those that differ in the values of one dimension alone become one."""
    found = list(dict.fromkeys(alternatives))
    for dimension in DIMENSIONS:
        if len(found) == 1:
            break
        alike: dict[Conjunction, list[Conjunction]] = {}
        for each in found:
            blank = each if each.apart_from(dimension) else msgspec.structs.replace(each, **{dimension: None})
            alike.setdefault(blank, []).append(each)
        found = [
            msgspec.structs.replace(blank, **{dimension: union([each.among(dimension) for each in those])})
            for blank, those in alike.items()
        ]
    return found


def hull(alternatives: Sequence[Conjunction]) -> Conjunction:
    """The narrowest bounds that hold for every alternative."""
    since = [alternative.since for alternative in alternatives]
    before = [alternative.before for alternative in alternatives]
    bounds: dict[str, Any] = {}
    for dimension in DIMENSIONS:
        bounds[dimension] = union([alternative.among(dimension) for alternative in alternatives])
        if bounds[dimension] is None:
            apart = [alternative.apart_from(dimension) for alternative in alternatives]
            bounds[f"other_{dimension}"] = frozenset.intersection(*apart)
    return Conjunction(
        since=None if None in since else min(at for at in since if at is not None),
        before=None if None in before else max(at for at in before if at is not None),
        **bounds,
    )


def union(sets: Sequence[frozenset[Any] | None]) -> frozenset[Any] | None:
    """All values of ``sets``, each None for any value whatever."""
    known = [values for values in sets if values is not None]
    return frozenset[Any]().union(*known) if len(known) == len(sets) else None
