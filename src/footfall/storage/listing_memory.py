"""What a process remembers of lists: how many events answer a question, and which come first.

The promise: a total is always exact, and so is a page. What is remembered was so up to a sequence. What was stored
since is looked through in the order in which it was stored, and is little; whether anything from before has been
erased, handed over to another customer, or is called otherwise by now, ``storage.revisions`` tells, and then it is
asked anew. Where the engine says that nobody has committed anything (``Connection.state``), nothing is looked at.
Memory is bounded, and lost with the process.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any, Literal

import msgspec

from footfall.model.customer_event import TYPES
from footfall.model.event_listing import EventListing
from footfall.storage import event_counts, listing_statement, listing_totals, revisions
from footfall.storage.connection import Connection
from footfall.storage.event_counts import Span
from footfall.storage.failures import TooLong
from footfall.storage.listing_shape import by_sequence, shape_of
from footfall.storage.listing_statement import Shape
from footfall.storage.listing_terms import Terms, look_up
from footfall.storage.revisions import Revision

_QUICKLY_READ = 200
"""Up to so many, a customer's events are read each time."""
_QUICKLY_COUNTED = 2_000
"""Up to so many, they are counted each time."""
_FIRST = 500
"""So many positions of a question are remembered, in the list's order."""
_MOST_READ = 20_000
"""Up to so many events are found one by one; where there are more, they are counted, and the first asked for."""
_MOST_BEHIND = 50_000
"""What was true before more events than these were stored is asked anew."""
_MOST_BEHIND_BRIEFLY = 300
_MOST_QUESTIONS = 1_024
_MOST_ANSWERS = 256
_MOST_POSITIONS = 100_000
"""All questions together."""

Position = tuple[int, int]
"""Origin (0 captured, 1 the system's) and sequence."""
FoundPosition = tuple[int, int, int]
"""Instant, origin and sequence: all that a list is ordered by."""
_Origin = Literal["captured", "system"]
_ORIGINS: tuple[_Origin, ...] = ("captured", "system")


class Found(msgspec.Struct, frozen=True):
    """How many events answer a question, and the ``first`` of them, in the list's order; all, if they are few."""

    total: int
    first: Sequence[FoundPosition]

    @property
    def is_whole(self) -> bool:
        """Whether ``first`` are all."""
        return len(self.first) == self.total

    def page(self, offset: int, limit: int) -> list[Position] | None:
        """The positions of a page; None where they are not remembered."""
        if offset + limit > len(self.first) and not self.is_whole:
            return None
        return [(origin, sequence) for _, origin, sequence in self.first[offset : offset + limit]]


_NOTHING = Found(0, ())
_EVERY_KIND = Span(frozenset(TYPES.values()))
_HIGHEST = 2**62


class _Question(msgspec.Struct, frozen=True):
    """One of a list's origins, as the store is asked about it."""

    asked: EventListing
    terms: Terms
    of: _Origin
    shape: Shape
    values: dict[str, Any]

    @property
    def looks_through(self) -> bool:
        """Whether documents have to be."""
        return bool(self.asked.properties or self.asked.text)

    @property
    def key(self) -> tuple[object, ...]:
        """Tells it from all others; the page does not matter."""
        return (self.shape, *(f"{name}={value!r}" for name, value in self.values.items()))


class _Named(msgspec.Struct, frozen=True):
    """Who, of the customers numbered up to ``highest``, has a text in a name: a digest; ``any``: whether anybody."""

    highest: int
    digest: bytes
    any: bool


class _Now(msgspec.Struct, frozen=True):
    """The state that is read: everything up to the sequence ``last``, above which stands what comes later.

    Where it does not (``is_ordered``), ``last`` is how many there are in all.
    """

    last: int
    revision: Revision
    is_ordered: bool = True


class _Known(msgspec.Struct, frozen=True):
    """What was found of a question, and in which state."""

    at: _Now
    named: _Named | None
    found: Found


class _Answer(msgspec.Struct, frozen=True):
    state: object
    found: Found


class ListingMemory:
    """Remembers answers. For any number of threads: at worst, two ask the same."""

    def __init__(self) -> None:
        self._answers: OrderedDict[EventListing, _Answer] = OrderedDict()
        self._known: OrderedDict[tuple[object, ...], _Known] = OrderedDict()
        self._positions = 0
        self._lock = Lock()

    def recall(self, connection: Connection, asked: EventListing) -> Found | None:
        """What was found, if nobody has committed anything since."""
        answer = self._answers.get(_without_page(asked))
        if answer is None or answer.state is None or answer.state != connection.state():
            return None
        return answer.found

    def find(self, connection: Connection, asked: EventListing) -> Found:
        """How many events answer, and the first of them as far as they are known.

        Raises TooLong inside ``Connection.at_most`` where documents would have to be looked through.
        """
        found = self.recall(connection, asked)
        if found is None:
            terms = look_up(connection, asked)
            if listing_totals.are_kept(asked, terms):
                state = connection.state()
                found = Found(listing_totals.total(connection, asked, terms), ())
            else:
                state, found = self._look(connection, asked, terms)
            if state is None:
                return found
            with self._lock:
                self._answers[_without_page(asked)] = _Answer(state, found)
                self._answers.move_to_end(_without_page(asked))
                while len(self._answers) > _MOST_ANSWERS:
                    self._answers.popitem(last=False)
        return found

    def _look(self, connection: Connection, asked: EventListing, terms: Terms) -> tuple[object, Found]:
        shape, values = shape_of(asked, terms)
        if not shape.parts:
            return None, _NOTHING
        is_narrow = asked.parent is not None or asked.depth is None
        if is_narrow and not (asked.properties or asked.text):
            rows = connection.rows(listing_statement.some(shape, bounded=False), **values, most=_QUICKLY_READ + 1)
            if len(rows) <= _QUICKLY_READ:
                return None, Found(len(rows), _ordered(rows, asked))
            total = int(connection.value(listing_statement.count_up_to(shape), **values, most=_QUICKLY_COUNTED))
            if total < _QUICKLY_COUNTED:
                return None, Found(total, ())
        with connection.snapshot(asked.workspace) as last:
            state = connection.state()
            now = _Now(last, revisions.read(connection, asked.workspace))
            parts = [
                self._of(connection, question, now)
                for of in _ORIGINS
                if (question := _question(asked, terms, of, shape, values)) is not None
            ]
        return state, _together(parts, asked)

    def _of(self, connection: Connection, question: _Question, now: _Now) -> Found:
        if question.of == "system":
            last = connection.value(listing_statement.LAST_SYSTEM) or 0
            if connection.is_sole_writer:
                now = _Now(last, now.revision)
            else:
                in_all = event_counts.count_customer_events(connection, question.asked.workspace, _EVERY_KIND)
                now = _Now(in_all, now.revision, is_ordered=False)
        before = self._known.get(question.key)
        known = None if before is None else _since(connection, question, before, now)
        if known is None:
            known = _anew(connection, question, now)
        self._remember(question.key, known)
        return known.found

    def _remember(self, key: tuple[object, ...], known: _Known) -> None:
        with self._lock:
            before = self._known.pop(key, None)
            self._known[key] = known
            self._positions += len(known.found.first) - (0 if before is None else len(before.found.first))
            while len(self._known) > _MOST_QUESTIONS or (self._positions > _MOST_POSITIONS and len(self._known) > 1):
                _, forgotten = self._known.popitem(last=False)
                self._positions -= len(forgotten.found.first)


def _without_page(asked: EventListing) -> EventListing:
    return msgspec.structs.replace(asked, limit=0, offset=0)


def _question(asked: EventListing, terms: Terms, of: _Origin, shape: Shape, values: dict[str, Any]) -> _Question | None:
    """What is asked of one origin, with the keys that lead to its parts renumbered; None where it has no part."""
    chosen = [(index, part) for index, part in enumerate(shape.parts) if part.of == of]
    if not chosen:
        return None
    keys = {f"key{new}": values[f"key{old}"] for new, (old, _) in enumerate(chosen) if f"key{old}" in values}
    rest = {name: value for name, value in values.items() if not name.startswith("key")}
    own = msgspec.structs.replace(shape, parts=tuple(part for _, part in chosen))
    return _Question(asked, terms, of, own, {**rest, **keys})


def _since(connection: Connection, question: _Question, before: _Known, now: _Now) -> _Known | None:
    """What is so now, given what was so ``before``; None where that has to be asked anew."""
    revision = before.at.revision
    if (revision.erased, revision.renamed) != (now.revision.erased, now.revision.renamed):
        return None
    named = before.named
    if named is not None and revision.customers != now.revision.customers:
        if connection.is_limited:
            raise TooLong
        if _named(connection, question, named.highest) != named:
            return None
    behind = now.last - before.at.last
    if behind == 0:
        return _Known(now, named, before.found)
    if not now.is_ordered or not 0 < behind <= _MOST_BEHIND:
        return None
    if connection.is_limited and question.looks_through and behind > _MOST_BEHIND_BRIEFLY:
        raise TooLong
    shape, values = _in_order_of_storage(question)
    if shape.text:
        shape = msgspec.structs.replace(shape, text="of each")
    bounds = {"after": before.at.last, "last": now.last, "most": behind}
    rows = connection.rows(listing_statement.some(shape), **values, **bounds)
    return _Known(now, named, _with(before.found, rows, question.asked))


def _anew(connection: Connection, question: _Question, now: _Now) -> _Known:
    if connection.is_limited and question.looks_through:
        raise TooLong
    shape, values, named = question.shape, question.values, None
    if shape.text:
        named = _named(connection, question, connection.last_customer_number())
        shape = msgspec.structs.replace(shape, text="any" if named.any else "not by customer")
    of_all, of_all_values = shape, values
    if _is_best_walked(connection, question, now):
        of_all, of_all_values = _in_order_of_storage(question)
        of_all = msgspec.structs.replace(of_all, text=shape.text)
    bounds = {"after": 0, "last": now.last if now.is_ordered else _HIGHEST}
    rows = connection.rows(listing_statement.some(of_all), **of_all_values, **bounds, most=_MOST_READ + 1)
    total = len(rows)
    if total > _MOST_READ:
        total = connection.value(listing_statement.count_between(of_all), **of_all_values, **bounds)
        rows = connection.rows(listing_statement.first_between(shape), **values, **bounds, most=_FIRST)
    return _Known(now, named, Found(total, _ordered(rows, question.asked)[:_FIRST]))


def _is_best_walked(connection: Connection, question: _Question, now: _Now) -> bool:
    """Whether nearly all of an embedded store has to be looked through: fastest in the order in which it was stored."""
    if not connection.is_sole_writer or question.of != "captured":
        return False
    if [part.path for part in question.shape.parts] != ["time"] or question.shape.since or question.shape.before:
        return False
    return event_counts.count(connection, question.asked.workspace, [Span(None)]) * 2 > now.last


def _in_order_of_storage(question: _Question) -> tuple[Shape, dict[str, Any]]:
    shape, values = by_sequence(question.asked, question.terms)
    return msgspec.structs.replace(shape, parts=tuple(part for part in shape.parts if part.of == question.of)), values


def _named(connection: Connection, question: _Question, highest: int) -> _Named:
    digest = blake2b(digest_size=16)
    number = None
    values = {name: question.values[name] for name in ("workspace", "part", "may_be_id")}
    for (number,) in connection.stream(listing_statement.NAMED_CUSTOMERS, **values, highest=highest):
        digest.update(number.to_bytes(8))
    return _Named(highest, digest.digest(), number is not None)


def _ordered(found: Sequence[Sequence[int]], asked: EventListing) -> list[FoundPosition]:
    return sorted(((each[0], each[1], each[2]) for each in found), reverse=asked.descending)


def _with(known: Found, more: Sequence[Sequence[int]], asked: EventListing) -> Found:
    """What was known, and more; behind the last position that is known nobody knows what else there is."""
    if not more:
        return known
    merged = sorted([*known.first, *_ordered(more, asked)], reverse=asked.descending)
    if not known.is_whole:
        merged = _up_to(merged, known.first[-1], asked)
    return Found(known.total + len(more), merged[:_FIRST])


def _together(parts: Sequence[Found], asked: EventListing) -> Found:
    parts = [part for part in parts if part.total] or [_NOTHING]
    if len(parts) == 1:
        return parts[0]
    merged = sorted((position for part in parts for position in part.first), reverse=asked.descending)
    for part in parts:
        if not part.is_whole:
            merged = _up_to(merged, part.first[-1], asked)
    return Found(sum(part.total for part in parts), merged[:_FIRST])


def _up_to(ordered: list[FoundPosition], last: FoundPosition, asked: EventListing) -> list[FoundPosition]:
    return [each for each in ordered if (each >= last if asked.descending else each <= last)]
