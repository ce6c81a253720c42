"""Replaying: what a group's stored events and records of enrolments come to under the rules as they are now. Pure.

The promise: where no rule has changed since, a replay gives exactly what tracking has written: the same tracked events
with the same values, the same progress, and goals reached by the same events.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, takewhile
from operator import attrgetter

import msgspec

from footfall.model.counting import CountingRule, Occurrence, Tracked
from footfall.model.target import ENROL, OPEN_END, OPEN_START, Enrolment
from footfall.storage.target_enrolments import Entry
from footfall.storage.target_progress import Place, PlaceInTime, Visit
from footfall.targets.contribution import ONE
from footfall.targets.counting import Ledger
from footfall.targets.filters import Places


class ReplayedProgress(msgspec.Struct):
    """Progress as a replay has it; ``achieved``: time and sequence of what reached the goal."""

    value: int = 0
    events: int = 0
    entries: int = 0
    first_at: int = OPEN_END
    last_at: int = OPEN_START
    achieved: tuple[int, int] | None = None


class Replayed(msgspec.Struct, frozen=True):
    """What the customers' events and records come to."""

    tracked: list[Tracked]
    enrolments: dict[Place, Enrolment]
    progress: dict[PlaceInTime, ReplayedProgress]
    visits: set[Visit]


def replay(
    rules: Sequence[CountingRule],
    occurrences: Iterable[Occurrence],
    entries: Iterable[Entry],
    known: Mapping[Place, Enrolment],
    *,
    returns_count: bool,
    places: Places,
) -> Replayed:
    """Replays customers one by one, each in the order of arrival. ``known``: enrolments as they are stored.

    ``occurrences`` are by customer and sequence; ``entries`` of any order.
    """
    by_customer: dict[int, list[Entry]] = {}
    for entry in sorted(entries, key=attrgetter("customer", "sequence", "rule")):
        by_customer.setdefault(entry.customer, []).append(entry)
    found = Replayed([], {}, {}, set())
    for customer, own in groupby(occurrences, key=attrgetter("customer")):
        run = _Run(rules, list(own), known, Ledger(rules, {}, returns_count=returns_count, places=places))
        run.go(by_customer.pop(customer, []), found)
    for own_entries in by_customer.values():
        run = _Run(rules, [], known, Ledger(rules, {}, returns_count=returns_count, places=places))
        run.go(own_entries, found)
    return found


class _Run:
    """One customer's events and records, one after the other."""

    def __init__(
        self,
        rules: Sequence[CountingRule],
        occurrences: Sequence[Occurrence],
        known: Mapping[Place, Enrolment],
        ledger: Ledger,
    ) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._occurrences = occurrences
        self._known = known
        self._ledger = ledger
        self._log: list[Tracked | Entry] = []  # in the order in which they were dealt with

    def go(self, entries: Iterable[Entry], found: Replayed) -> None:
        """All of it, by sequence; what it comes to is added to ``found``."""
        pending = iter(self._occurrences)
        following = next(pending, None)
        for entry in entries:
            while following is not None and following.sequence < entry.sequence:
                self.occur(following)
                following = next(pending, None)
            self.enter(entry)
        while following is not None:
            self.occur(following)
            following = next(pending, None)
        self.close(found)

    def occur(self, occurrence: Occurrence) -> None:
        """The event arrives, as it did; whom it enrols brings what came before the rule was made."""
        ledger = self._ledger
        ledger.occur(occurrence)
        for place, cycle in ledger.begun.items():
            rule = self._rules[place[1]]
            earlier = takewhile(lambda one: one.sequence <= rule.created_after, self._occurrences)  # noqa: B023
            stored = [one for one in earlier if cycle.starts_at <= one.occurred_at < cycle.ends_at]
            ledger.count_stored(rule, stored, occurrence.processed_at)
        ledger.begun.clear()
        self._note()

    def enter(self, entry: Entry) -> None:
        """An enrolment, or its end."""
        rule = self._rules.get(entry.rule)
        if rule is None:
            return
        self._log.append(entry)
        place = entry.customer, entry.rule
        before = self._ledger.enrolments.get(place)
        self._ledger.resume({(*place, entry.period): entry.value})
        if entry.name != ENROL:
            ended = before or _enrolment(entry, self._known.get(place))
            self._ledger.enrolments[place] = msgspec.structs.replace(ended, enrolled=False)
            return
        if before is not None and before.enrolled:
            return
        if before is not None and before.anchor is not None:
            self._ledger.enrolments[place] = msgspec.structs.replace(before, enrolled=True, enrolled_by="api")
            return
        self._ledger.enrolments[place] = _enrolment(entry, self._known.get(place))
        if rule.is_calendar:
            counted = {
                one.occurrence.sequence for one in self._log if isinstance(one, Tracked) and one.rule.id == rule.id
            }
            earlier = takewhile(lambda one: one.sequence < entry.sequence, self._occurrences)
            stored = [one for one in earlier if one.sequence not in counted]
            self._ledger.count_stored(rule, stored, entry.occurred_at)
            self._note()

    def close(self, found: Replayed) -> None:
        """Adds up."""
        found.tracked.extend(one for one in self._log if isinstance(one, Tracked))
        for place, enrolment in self._ledger.enrolments.items():
            found.enrolments[place] = _as_known(enrolment, self._known.get(place))
        for one in self._log:
            if isinstance(one, Tracked):
                self._open_visit(one, found.visits)
                event = one.occurrence
                progress = found.progress.setdefault(
                    (event.customer, one.rule.id, one.cycle.period), ReplayedProgress()
                )
                progress.events += 1
                progress.first_at = min(progress.first_at, event.occurred_at)
                progress.last_at = max(progress.last_at, event.occurred_at)
                _add(progress, one.counted, one.cycle.goal, event.occurred_at, event.sequence)
            else:
                progress = found.progress.setdefault((one.customer, one.rule, one.period), ReplayedProgress())
                progress.entries += 1
                _add(progress, one.value, self._goal(one), one.occurred_at, one.sequence)

    def _note(self) -> None:
        """What was dealt with together counts in the order of sequence, as it does when it is tracked."""
        fresh = self._ledger.tracked
        if len(fresh) > 1:
            fresh.sort(key=lambda one: one.occurrence.sequence)
        self._log += fresh
        self._ledger.tracked = []

    def _open_visit(self, tracked: Tracked, visits: set[Visit]) -> None:
        if tracked.day is not None and self._ledger.visit_of(tracked) not in visits:
            visits.add(self._ledger.visit_of(tracked))
            tracked.counted = ONE

    def _goal(self, entry: Entry) -> int:
        return next((one.goal for one in self._rules[entry.rule].cycles if one.period == entry.period), 0)


def _add(progress: ReplayedProgress, value: int, goal: int, occurred_at: int, sequence: int) -> None:
    progress.value += value
    if progress.achieved is None and 0 < goal <= progress.value:
        progress.achieved = occurred_at, sequence


def _enrolment(entry: Entry, known: Enrolment | None) -> Enrolment:
    return Enrolment(
        customer=entry.customer,
        rule=entry.rule,
        period=entry.period,
        since=entry.since,
        enrolled=True,
        enrolled_by="api" if known is None else known.enrolled_by,
        enrolled_at=entry.occurred_at,
    )


def _as_known(enrolment: Enrolment, known: Enrolment | None) -> Enrolment:
    """With what no event decides."""
    if known is None:
        return enrolment
    is_by_event = enrolment.enrolled_by == "transaction"
    return msgspec.structs.replace(
        enrolment,
        enrolled_by=enrolment.enrolled_by if is_by_event else known.enrolled_by,
        enrolled_at=enrolment.enrolled_at if is_by_event else known.enrolled_at,
        streak_since=known.streak_since,
    )
