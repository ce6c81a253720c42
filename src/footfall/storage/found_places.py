"""Where the events are that answer a question: their sequences in the order of its pages. Pure.

Eight bytes for each sort key: a page is cut from here, and only its own rows are read from the store.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from footfall.model.query import Position, SortKey

Place = tuple[int, int, str | None]
"""Sequence, instant and account of an event."""

_Key = tuple[Any, ...]


class Places(msgspec.Struct, frozen=True):
    """Places in an order. Accounts lead upwards here: where they go down, everything is read from behind.

    ``accounts`` are empty where the order knows none.
    """

    order: tuple[SortKey, ...]
    sequences: "array[int]"
    instants: "array[int]"
    accounts: list[str | None]

    def __len__(self) -> int:
        return len(self.sequences)

    def with_more(self, more: Iterable[Place]) -> "Places":
        """These places and ``more``."""
        added = sorted(more, key=self._key_of)
        if not added:
            return self
        if len(added) > len(self) // 8:  # each insertion moves what is behind it
            known = self.accounts or [None] * len(self)
            every = [*zip(self.sequences, self.instants, known, strict=True), *added]
            return arranged(self.order, every)
        sequences, instants, accounts = self.sequences[:], self.instants[:], self.accounts[:]
        grown = Places(self.order, sequences, instants, accounts)
        for place in added:
            index = bisect_left(range(len(sequences)), self._key_of(place), key=grown._key_at)
            sequences.insert(index, place[0])
            instants.insert(index, place[1])
            if is_by_account(self.order):
                accounts.insert(index, place[2])
        return grown

    def since(self, first: int) -> "Places":
        """Those of events not before the instant ``first``."""
        if not self.instants or min(self.instants) >= first:
            return self
        kept = [index for index, instant in enumerate(self.instants) if instant >= first]
        return Places(
            self.order,
            array("q", [self.sequences[index] for index in kept]),
            array("q", [self.instants[index] for index in kept]),
            [self.accounts[index] for index in kept] if self.accounts else [],
        )

    def page(self, after: Position | None, limit: int, last: int) -> list[int]:
        """The sequences of at most ``limit`` events behind ``after``, of those up to the sequence ``last``."""
        indexes = range(len(self))
        if _is_reversed(self.order):
            end = len(self) if after is None else bisect_left(indexes, self._key_behind(after), key=self._key_at)
            walked: Sequence[int] = range(end - 1, -1, -1)
        else:
            start = 0 if after is None else bisect_right(indexes, self._key_behind(after), key=self._key_at)
            walked = range(start, len(self))
        found = []
        for index in walked:
            if self.sequences[index] <= last:
                found.append(self.sequences[index])
                if len(found) == limit:
                    break
        return found

    def count(self, last: int) -> int:
        """How many stand up to the sequence ``last``."""
        return sum(1 for sequence in self.sequences if sequence <= last)

    def _key_at(self, index: int) -> _Key:
        account = self.accounts[index] if self.accounts else None
        return self._key(self.sequences[index], self.instants[index], account)

    def _key_of(self, place: Place) -> _Key:
        return self._key(*place)

    def _key_behind(self, position: Position) -> _Key:
        values = dict(zip((key.field for key in self.order), position.values, strict=True))
        instant, account = values.get("occurred_at", 0), values.get("account_id")
        assert isinstance(instant, int)
        assert not isinstance(account, int)
        return self._key(position.sequence, instant, account)

    def _key(self, sequence: int, instant: int, account: str | None) -> _Key:
        return _key(self.order, sequence, instant, account)


def arranged(order: tuple[SortKey, ...], places: Iterable[Place]) -> Places:
    """``places`` in ``order``."""
    ordered = sorted(places, key=lambda place: _key(order, *place))
    return Places(
        order,
        array("q", [place[0] for place in ordered]),
        array("q", [place[1] for place in ordered]),
        [place[2] for place in ordered] if is_by_account(order) else [],
    )


def is_by_account(order: tuple[SortKey, ...]) -> bool:
    """Whether accounts matter to the order."""
    return any(key.field == "account_id" for key in order)


def _is_reversed(order: tuple[SortKey, ...]) -> bool:
    """Whether places stand the other way round than the order has them: accounts, else the first key, lead upwards."""
    leading = next((key for key in order if key.field == "account_id"), order[0] if order else None)
    return leading is not None and leading.descending


def _key(order: tuple[SortKey, ...], sequence: int, instant: int, account: str | None) -> _Key:
    """What decides between two events, as far as places are arranged: numbers that go down stand below zero."""
    turned = _is_reversed(order)
    keys: list[Any] = []
    descending = False
    for sort in order:
        descending = sort.descending != turned
        if sort.field == "account_id":
            keys += [account is not None, account or ""]
        else:
            keys.append(-instant if descending else instant)
    keys.append(-sequence if descending else sequence)
    return tuple(keys)
