"""What counts: pure rules from occurrences, rules and enrolments to what is tracked.

The promise: in calendar windows, which events count for a customer, in which period and with which value depends on the
events and the enrolments alone, never on the order in which the events arrive. Cycles of a customer's own begin with
what arrives first. No event counts twice for one rule.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from footfall.model.counting import CountingRule, Cycle, Occurrence, Tracked
from footfall.model.target import Enrolment
from footfall.storage.target_progress import Place, PlaceInTime, Visit
from footfall.targets.calendar import cycle_at, day_number
from footfall.targets.contribution import ONE, Adder, Addition, Document, adder, names_of
from footfall.targets.cycles import own_cycle
from footfall.targets.filters import Places
from footfall.targets.filters import admits as lets_in


class _Group(msgspec.Struct, frozen=True):
    """The rules of one target group, with what each adds."""

    members: tuple[tuple[CountingRule, Adder], ...]
    starts: list[int]  # of the cycles, which all of its rules have in common
    is_calendar: bool
    is_unified: bool
    enrols: bool  # whether what counts enrols

    def cycle_at(self, moment: int) -> int | None:
        """The number of the calendar's cycle that ``moment`` lies in."""
        number = bisect_right(self.starts, moment) - 1
        return number if number >= 0 and moment < self.members[0][0].cycles[number].ends_at else None


class Ledger:
    """Counts occurrences one after the other; what came of it is in ``tracked`` and ``changed``.

    What is reached (``resume``) and ``visited`` already needs to be known only of rules whose window stays open until
    the goal is reached. For all others whoever stores the visits settles them.
    """

    def __init__(
        self,
        rules: Sequence[CountingRule],
        enrolments: Mapping[Place, Enrolment],
        *,
        returns_count: bool,
        places: Places | None = None,
        visited: Iterable[Visit] = (),
    ) -> None:
        self.enrolments = dict(enrolments)
        self.changed: set[Place] = set()
        self.begun: dict[Place, Cycle] = {}  # enrolments that occurrences brought about, and the cycle they fell in
        self.tracked: list[Tracked] = []
        self._reached: dict[PlaceInTime, int] = {}
        self._visited = set(visited)
        self._places = places or {}
        self._groups = _grouped(rules, returns_count=returns_count)
        self._about: dict[str, list[_Group]] = {}

    def resume(self, reached: Mapping[PlaceInTime, int]) -> None:
        """Adds what had been ``reached`` before in windows that stay open."""
        for place, value in reached.items():
            self._reached[place] = self._reached.get(place, 0) + value

    def occur(self, occurrence: Occurrence) -> None:
        """Counts what nobody has counted yet; where a rule allows it, the first occurrence enrols."""
        document = Document(occurrence)
        for group in self._about.get(occurrence.name) or self._groups_about(occurrence.name):
            number = group.cycle_at(occurrence.occurred_at)
            if number is None:
                continue
            found = [
                (rule, addition)
                for rule, add in group.members
                if occurrence.sequence > rule.created_after
                and (not rule.counted.filters or self._is_let_in(rule, occurrence))
                and (addition := add(occurrence, document)) is not None
            ]
            if found:
                self._count(group, occurrence, found, number)

    def count_stored(self, rule: CountingRule, stored: Iterable[Occurrence], processed_at: int) -> None:
        """Counts, by one calendar rule, what was stored before; it is processed only now."""
        member = next(own for group in self._groups for own in group.members if own[0].id == rule.id)
        for occurrence in stored:
            is_let_in = self._is_let_in(rule, occurrence)
            addition = member[1](occurrence, Document(occurrence)) if is_let_in else None
            enrolment = self.enrolments.get((occurrence.customer, rule.id))
            cycle = None if addition is None else cycle_at(rule.cycles, occurrence.occurred_at)
            if addition is not None and cycle is not None and enrolment is not None and admits(enrolment, cycle):
                self._track(rule, occurrence, addition, cycle, max(processed_at, occurrence.processed_at))

    def settle(self, opened: set[Visit]) -> None:
        """Lets the first event of each day that has just been opened count as a visit."""
        left = set(opened)
        candidates = [one for one in self.tracked if one.day is not None] if left else []
        for one in sorted(candidates, key=lambda one: one.occurrence.sequence):
            visit = self.visit_of(one)
            if visit in left:
                left.remove(visit)
                one.counted = ONE

    @staticmethod
    def visit_of(tracked: Tracked) -> Visit:
        """The day that what was tracked, and may be a visit, opens."""
        assert tracked.day is not None
        return tracked.occurrence.customer, tracked.rule.id, tracked.cycle.period, tracked.day

    def _is_let_in(self, rule: CountingRule, occurrence: Occurrence) -> bool:
        filters = rule.counted.filters
        return not filters or lets_in(filters, occurrence.outlet, self._places)

    def _groups_about(self, name: str) -> list[_Group]:
        found = self._about.get(name)
        if found is None:
            asked = set(names_of(name))
            found = self._about[name] = [
                group for group in self._groups if any(rule.counted.event_name in asked for rule, _ in group.members)
            ]
        return found

    def _count(
        self, group: _Group, occurrence: Occurrence, found: list[tuple[CountingRule, Addition]], number: int
    ) -> None:
        for rule, addition in found:
            enrolment = self.enrolments.get((occurrence.customer, rule.id))
            if enrolment is None and group.enrols:
                self._enrol_by(group, occurrence, found, rule.cycles[number])
                enrolment = self.enrolments.get((occurrence.customer, rule.id))
            if enrolment is None or not enrolment.enrolled:
                continue
            if not group.is_calendar:
                self._count_in_own_cycle(group, occurrence, rule, addition)
            elif admits(enrolment, rule.cycles[number]):
                self._track(rule, occurrence, addition, rule.cycles[number], occurrence.processed_at)

    def _enrol_by(
        self, group: _Group, occurrence: Occurrence, found: list[tuple[CountingRule, Addition]], cycle: Cycle
    ) -> None:
        """A unified group enrols as a whole."""
        rules = [rule for rule, _ in (group.members if group.is_unified else found)]
        for rule in rules:
            place = (occurrence.customer, rule.id)
            if place in self.enrolments or occurrence.sequence <= rule.created_after:
                continue
            self.enrolments[place] = Enrolment(
                customer=occurrence.customer,
                rule=rule.id,
                period=cycle.period if group.is_calendar else min(own.period for own in rule.cycles),
                since=None,
                enrolled=True,
                enrolled_by="transaction",
                enrolled_at=occurrence.processed_at,
            )
            self.changed.add(place)
            if group.is_calendar:
                self.begun[place] = cycle

    def _count_in_own_cycle(
        self, group: _Group, occurrence: Occurrence, rule: CountingRule, addition: Addition
    ) -> None:
        place = (occurrence.customer, rule.id)
        if self.enrolments[place].anchor is None:
            for member, _ in group.members:
                self._change((occurrence.customer, member.id), anchor=occurrence.occurred_at)
        enrolment = self.enrolments[place]
        cycle = own_cycle(rule, enrolment, occurrence.occurred_at)
        if cycle is None:
            return
        tracked = self._track(rule, occurrence, addition, cycle, occurrence.processed_at)
        if rule.evaluation_type == "PERIOD_AGNOSTIC_WINDOW":
            if tracked.day is not None and self.visit_of(tracked) not in self._visited:
                self._visited.add(self.visit_of(tracked))
                tracked.counted = ONE
            self.resume({(*place, cycle.period): tracked.counted})
            if 0 < cycle.goal <= self._reached[*place, cycle.period]:
                self._change(place, cycle=enrolment.cycle + 1)

    def _change(self, place: Place, **changes: int) -> None:
        enrolment = self.enrolments.get(place)
        if enrolment is not None:
            self.enrolments[place] = msgspec.structs.replace(enrolment, **changes)
            self.changed.add(place)

    def _track(
        self, rule: CountingRule, occurrence: Occurrence, addition: Addition, cycle: Cycle, processed_at: int
    ) -> Tracked:
        shown, counted, opens_visit = addition
        day = day_number(occurrence.occurred_at, rule.counted.timezone) if opens_visit else None
        tracked = Tracked(occurrence, rule, cycle, shown, counted, day, processed_at)
        self.tracked.append(tracked)
        return tracked


def admits(enrolment: Enrolment, cycle: Cycle) -> bool:
    """Whether what happens in a calendar's ``cycle`` counts for the enrolled customer."""
    return enrolment.enrolled and (enrolment.since is None or cycle.starts_at >= enrolment.since)


def _grouped(rules: Sequence[CountingRule], *, returns_count: bool) -> list[_Group]:
    members: dict[int, list[tuple[CountingRule, Adder]]] = {}
    for rule in rules:
        add = adder(rule.counted, returns_count=returns_count)
        members.setdefault(rule.group, []).append((rule, add))
    return [
        _Group(
            members=tuple(own),
            starts=[cycle.starts_at for cycle in own[0][0].cycles],
            is_calendar=own[0][0].is_calendar,
            is_unified=own[0][0].unified,
            enrols=any(rule.enrols_by_transaction for rule, _ in own),
        )
        for own in members.values()
    ]
