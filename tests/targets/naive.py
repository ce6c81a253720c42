"""The plainest thing that could be right about targets: everything is worked out anew from lists, whenever asked.

It shares nothing with the engine but the words of the model.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DAY = 86_400_000_000


@dataclass
class Event:
    """As it was captured; ``moment`` in microseconds, ``amount`` in units."""

    sequence: int
    person: str
    name: str
    moment: int
    amount: int | None
    properties: dict[str, Any]


@dataclass
class Rule:
    """``measure`` gives what an event adds, ``"day"`` for a visit, None for nothing."""

    measure: Callable[[Event], int | str | None]
    goals: list[int]  # by period
    by_transaction: bool = False
    created_after: int = 0


@dataclass
class Group:
    """``window``: "calendar" (``spans`` are periods), "cyclic" (``length``) or "open"."""

    rules: list[Rule]
    spans: list[tuple[int, int]]
    window: str = "calendar"
    length: int = 0
    unified: bool = False


@dataclass
class Place:
    """One person in one rule: what counted by sequence as (period, what it adds), in the order in which it did."""

    enrolled: bool
    by: str
    since: int | None
    first: int
    anchor: int | None = None
    open_cycle: int = 0
    counted: dict[int, tuple[int, int | str, int]] = field(default_factory=dict)
    balances: list[tuple[int, int]] = field(default_factory=list)
    reached: dict[int, int] = field(default_factory=dict)  # period -> sequence


class Naive:
    """All groups and all that happened."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.events: list[Event] = []
        self.places: dict[tuple[int, int, str], Place] = {}

    def value(self, place: Place, period: int) -> int:
        """What the person has in the period, from scratch."""
        days = set()
        total = sum(balance for own, balance in place.balances if own == period)
        for own, adds, moment in place.counted.values():
            if own == period and adds == "day":
                days.add(moment // DAY)
            elif own == period:
                assert isinstance(adds, int)
                total += adds
        return total + len(days)

    def capture(self, event: Event) -> None:
        """The event arrives."""
        self.events.append(event)
        for index, group in enumerate(self.groups):
            adding = {}
            for number, rule in enumerate(group.rules):
                adds = rule.measure(event)
                if adds is not None:
                    adding[number] = adds
            if not adding:
                continue
            period = self._period(group, event.moment)
            if group.window == "calendar" and period is None:
                continue
            if any(rule.by_transaction for rule in group.rules):
                for number in range(len(group.rules)) if group.unified else adding:
                    self._enrol_by_event(index, number, event, period)
            for number, adds in adding.items():
                place = self.places.get((index, number, event.person))
                if place is not None and place.enrolled:
                    self._count(index, number, event, adds, period)

    def enrol(self, index: int, number: int, person: str, period: int, balance: int, sequence: int) -> bool:
        """False where the person is enrolled already."""
        group = self.groups[index]
        own = self.places.get((index, number, person))
        if own is not None and own.enrolled and own.by != "sibling":
            return False
        for member in range(len(group.rules)):
            if member != number and not group.unified:
                continue
            before = self.places.get((index, member, person))
            was_enrolled = before is not None and before.enrolled
            if was_enrolled and member != number:
                continue
            by = "api" if member == number else "sibling"
            place = before or Place(enrolled=True, by=by, since=None, first=period)
            self.places[index, member, person] = place
            place.by = by
            if not was_enrolled:
                place.enrolled = True
                if place.anchor is None:
                    place.first = period
                if group.window == "calendar":
                    place.since = group.spans[period][0]
            if member == number:
                place.balances.append((period, balance))
            self._reach(group.rules[member], place, period, sequence)
            if group.window == "calendar" and not was_enrolled:
                for event in self.events:
                    self._count_late(group, place, group.rules[member], event, person)
        return True

    def unenrol(self, index: int, number: int, person: str) -> bool:
        """False where the person is not enrolled."""
        own = self.places.get((index, number, person))
        if own is None or not own.enrolled:
            return False
        group = self.groups[index]
        for member in range(len(group.rules)):
            place = self.places.get((index, member, person))
            if place is not None and (member == number or group.unified):
                place.enrolled = False
        return True

    def _enrol_by_event(self, index: int, number: int, event: Event, period: int | None) -> None:
        group = self.groups[index]
        if (index, number, event.person) in self.places:
            return
        place = Place(enrolled=True, by="transaction", since=None, first=0)
        self.places[index, number, event.person] = place
        if group.window == "calendar":
            rule = group.rules[number]
            for earlier in self.events:
                if earlier.sequence <= rule.created_after and self._period(group, earlier.moment) == period:
                    self._count_late(group, place, rule, earlier, event.person)

    def _count_late(self, group: Group, place: Place, rule: Rule, event: Event, person: str) -> None:
        period = self._period(group, event.moment)
        adds = rule.measure(event)
        fits = period is not None and (place.since is None or group.spans[period][0] >= place.since)
        if event.person == person and adds is not None and fits and event.sequence not in place.counted:
            assert period is not None
            place.counted[event.sequence] = (period, adds, event.moment)
            self._reach(rule, place, period, event.sequence)

    def _count(self, index: int, number: int, event: Event, adds: int | str, period: int | None) -> None:
        group = self.groups[index]
        rule, place = group.rules[number], self.places[index, number, event.person]
        if group.window == "calendar":
            assert period is not None
            if place.since is not None and group.spans[period][0] < place.since:
                return
        else:
            if place.anchor is None:
                for sibling in range(len(group.rules)):
                    member = self.places.get((index, sibling, event.person))
                    if member is not None:
                        member.anchor = event.moment
            assert place.anchor is not None
            passed = place.open_cycle if group.window == "open" else (event.moment - place.anchor) // group.length
            period = place.first + passed
            if passed < 0 or period >= len(group.spans):
                return
        place.counted[event.sequence] = (period, adds, event.moment)
        self._reach(rule, place, period, event.sequence)
        if group.window == "open" and 0 < rule.goals[period] <= self.value(place, period):
            place.open_cycle += 1

    def _reach(self, rule: Rule, place: Place, period: int, sequence: int) -> None:
        if 0 < rule.goals[period] <= self.value(place, period):
            place.reached.setdefault(period, sequence)

    @staticmethod
    def _period(group: Group, moment: int) -> int | None:
        return next((i for i, (start, end) in enumerate(group.spans) if start <= moment < end), None)

    def standing(self) -> dict[tuple[int, int, str], dict[int, tuple[int, int | None]]]:
        """By place and period: the value, and the sequence that reached the goal."""
        found: dict[tuple[int, int, str], dict[int, tuple[int, int | None]]] = defaultdict(dict)
        for key, place in self.places.items():
            periods = {own for own, _, _ in place.counted.values()} | {own for own, _ in place.balances}
            for period in periods:
                found[key][period] = (self.value(place, period), place.reached.get(period))
        return found
