"""Tracking: what the events just stored contribute to targets, written in the same transaction.

Per group of events, never per event: one look-up of the rules about their names and times, one of the enrolments, one
insert of what counted, one addition to progress; and one each, where there are any, for visits and for reached goals.
"""

from collections.abc import Iterable, Mapping, Sequence

from footfall.model.counting import CountingRule, Cycle, Occurrence, Tracked
from footfall.model.event import RecordedEvent
from footfall.model.target import Enrolment
from footfall.model.workspace import Workspace
from footfall.storage import target_counting, target_enrolments, target_progress, transactions
from footfall.storage.connection import Connection
from footfall.storage.target_progress import Added, Place, PlaceInTime, Reached
from footfall.targets.contribution import event_names, names_of
from footfall.targets.counting import Ledger
from footfall.targets.filters import places_for
from footfall.targets.settings import settings_of
from footfall.targets.tally import Tally


def track(
    connection: Connection, workspace: Workspace, recorded: Sequence[RecordedEvent], tally: Tally | None = None
) -> None:
    """Counts ``recorded`` events towards the targets whose customers are enrolled, and tells ``tally`` of it."""
    countable = [_occurrence(stored) for stored in recorded if _is_countable(stored)]
    if not countable:
        return
    moments = [occurrence.occurred_at for occurrence in countable]
    names = {occurrence.name for occurrence in countable}
    rules = _rules_about(connection, workspace, names, min(moments), max(moments))
    if not rules:
        return
    customers = list({occurrence.customer for occurrence in countable})
    ledger = open_ledger(connection, workspace, rules, customers, {occurrence.outlet for occurrence in countable})
    for occurrence in countable:
        ledger.occur(occurrence)
    for rule, cycle, newcomers in _newcomers(rules, ledger):
        stored = transactions.of_customers(
            connection,
            workspace.number,
            list(newcomers),
            event_names([rule]),
            (cycle.starts_at, cycle.ends_at),
            rule.created_after,
        )
        for occurrence in stored:
            ledger.count_stored(rule, [occurrence], newcomers[occurrence.customer])
    store(connection, workspace, ledger, tally)


def is_counting(connection: Connection, workspace: Workspace, names: Iterable[str], first: int, last: int) -> bool:
    """Whether any target counts events of one of these names that happen from ``first`` to ``last`` (instants)."""
    return bool(_rules_about(connection, workspace, names, first, last))


def open_ledger(
    connection: Connection,
    workspace: Workspace,
    rules: Sequence[CountingRule],
    customers: Sequence[int],
    outlets: Iterable[str | None],
) -> Ledger:
    """A ledger that knows how the customers stand in the rules, and where the outlets are, as far as it has to."""
    ids = [rule.id for rule in rules]
    enrolments = target_enrolments.of_customers(connection, workspace.number, customers, ids)
    returns_count = settings_of(workspace).returns_count
    places = places_for(connection, workspace.number, rules, outlets)
    agnostic = [rule for rule in rules if rule.evaluation_type == "PERIOD_AGNOSTIC_WINDOW"]
    if not agnostic:
        return Ledger(rules, enrolments, returns_count=returns_count, places=places)
    own = [rule.id for rule in agnostic]
    standing = target_progress.of_customers(connection, workspace.number, customers, own)
    reached = {(one.customer, one.rule, one.period): one.value for one in standing}
    visited = target_progress.visits_of(connection, workspace.number, customers, own)
    ledger = Ledger(rules, enrolments, returns_count=returns_count, places=places, visited=visited)
    ledger.resume(reached)
    return ledger


def store(connection: Connection, workspace: Workspace, ledger: Ledger, tally: Tally | None = None) -> None:
    """Writes what the ledger has counted; ``tally``, if somebody wants to know, hears of it."""
    number = workspace.number
    changed = [ledger.enrolments[place] for place in ledger.changed]
    if changed:
        target_enrolments.put(connection, number, changed)
    tracked = ledger.tracked
    if not tracked:
        return
    visits = {ledger.visit_of(one) for one in tracked if one.day is not None}
    if visits:
        ledger.settle(target_progress.open_visits(connection, number, visits))
    target_progress.add_tracked(connection, number, tracked)
    sums = added_up(tracked, ledger.enrolments)
    single = {} if tally is not None else {place: own for place, own in sums.items() if own.events == 1}
    target_progress.add_single(connection, number, single)
    others = {place: own for place, own in sums.items() if place not in single} if single else sums
    reached = target_progress.add(connection, number, others)
    achieved = _achieved(tracked, others, reached)
    if achieved:
        target_progress.achieve(connection, number, achieved)
    if tally is not None:
        tally.note(tracked, {place: one.value for place, one in reached.items()})


def _achieved(
    tracked: Sequence[Tracked], sums: Mapping[PlaceInTime, Added], reached: Mapping[PlaceInTime, Reached]
) -> dict[PlaceInTime, tuple[int, int] | None]:
    """Which goals have been reached, and by which events."""
    candidates: dict[PlaceInTime, list[Tracked]] = {
        place: [] for place, own in sums.items() if own.goal > 0 and _may_be_reached(own, reached[place])
    }
    if not candidates:
        return {}
    for one in tracked:
        own = candidates.get(one.place)
        if own is not None:
            own.append(one)
    achieved: dict[PlaceInTime, tuple[int, int] | None] = {}
    for place, events in candidates.items():
        events.sort(key=lambda one: one.occurrence.sequence)
        before = reached[place].value - sums[place].value
        event = first_to_reach(events, before, sums[place].goal)
        if event is not None:
            achieved[place] = event.occurred_at, event.sequence
    return achieved


def _may_be_reached(own: Added, reached: Reached) -> bool:
    """What came to the goal in between, and was taken back, has more than one event."""
    return not reached.is_achieved and (reached.value >= own.goal or own.events > 1)


def added_up(tracked: Iterable[Tracked], enrolments: Mapping[Place, Enrolment]) -> dict[PlaceInTime, Added]:
    """What is added to whose progress."""
    sums: dict[PlaceInTime, Added] = {}
    for one in tracked:
        moment = one.occurrence.occurred_at
        place = one.occurrence.customer, one.rule.id, one.cycle.period
        total = sums.get(place)
        if total is None:
            enrolled_at = enrolments[place[:2]].enrolled_at
            sums[place] = Added(
                enrolled_at,
                one.processed_at,
                one.counted,
                1,
                0,
                moment,
                moment,
                one.cycle.goal,
                one.occurrence.sequence,
            )
            continue
        total.value += one.counted
        total.events += 1
        total.updated_at = max(total.updated_at, one.processed_at)
        total.first_at = min(total.first_at, moment)
        total.last_at = max(total.last_at, moment)
    return sums


def first_to_reach(in_arrival_order: Iterable[Tracked], before: int, goal: int) -> Occurrence | None:
    """The first event with which the running sum stood at ``goal`` or above; a later return does not undo it."""
    total = before
    for one in in_arrival_order:
        total += one.counted
        if total >= goal:
            return one.occurrence
    return None


def _rules_about(
    connection: Connection, workspace: Workspace, names: Iterable[str], first: int, last: int
) -> list[CountingRule]:
    asked = {known for name in names for known in names_of(name)}
    return target_counting.about(connection, workspace.number, asked, first, last)


def _is_countable(stored: RecordedEvent) -> bool:
    return stored.customer is not None and not stored.is_duplicate and stored.event.counts


def _occurrence(stored: RecordedEvent) -> Occurrence:
    event = stored.event
    assert stored.customer is not None
    return Occurrence(
        customer=stored.customer,
        sequence=stored.sequence,
        id=stored.id,
        occurred_at=event.occurred_at,
        processed_at=event.received_at,
        name=event.name,
        amount=event.amount,
        outlet=event.outlet,
        properties=event.properties,
    )


def _newcomers(rules: Sequence[CountingRule], ledger: Ledger) -> Iterable[tuple[CountingRule, Cycle, dict[int, int]]]:
    """Whom occurrences enrolled in a rule that was made after events were stored, and when; by rule and cycle.

    What they did in that cycle before the rule was made counts as well; whatever arrived later met the rule on its
    arrival, and would have enrolled the customer itself.
    """
    found: dict[tuple[int, int], tuple[CountingRule, Cycle, dict[int, int]]] = {}
    by_id = {rule.id: rule for rule in rules if rule.created_after}
    for place, cycle in ledger.begun.items():
        rule = by_id.get(place[1])
        if rule is not None:
            own = found.setdefault((rule.id, cycle.period), (rule, cycle, {}))
            own[2][place[0]] = ledger.enrolments[place].enrolled_at
    return found.values()
