"""Recomputing a target group: all that is stored is replayed under the rules as they are now, customer by customer.

Each batch of customers is one transaction that keeps captures which count out of the workspace: what arrives before it
is in the replay, what arrives after it is tracked under the same rules. Memory holds one batch's events at a time.
Rules that are switched off are left as they are.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from footfall.model import instant
from footfall.model.counting import CountingRule, Tracked
from footfall.model.target import OPEN_END, OPEN_START, Enrolment
from footfall.model.workspace import Workspace
from footfall.storage import target_counting, target_enrolments, target_recompute, transactions
from footfall.storage.connection import Connection, Row
from footfall.storage.target_progress import Place, PlaceInTime, row_of
from footfall.storage.target_recompute import StoredProgress
from footfall.targets.contribution import event_names
from footfall.targets.definition import active_group
from footfall.targets.failure import TargetFailure
from footfall.targets.filters import places_for
from footfall.targets.replay import Replayed, ReplayedProgress, replay
from footfall.targets.settings import settings_of

CUSTOMERS_AT_ONCE = 200

_PROCESSED = 9  # the column in a row of tracked_events


class ProgressChange(msgspec.Struct, frozen=True, kw_only=True):
    """One customer's progress before and after: the value (an amount), and what reached the goal; None: no progress."""

    customer: int
    rule: int
    period: int
    before: int | None
    after: int | None
    achieved_by_before: int | None
    achieved_by_after: int | None


class BatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a recompute did to a batch of customers, or would do. ``last``: the highest number among them."""

    last: int
    customers: int
    added: int  # tracked events
    removed: int
    changed: int
    kept: int
    enrolments: int  # that came into being, ended or changed
    progress: list[ProgressChange]


class Totals(msgspec.Struct):
    """All batches together."""

    customers: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    kept: int = 0
    enrolments: int = 0
    progress: int = 0  # that changed

    def add(self, report: BatchReport) -> None:
        """Counts a batch in."""
        for name in ("customers", "added", "removed", "changed", "kept", "enrolments"):
            setattr(self, name, getattr(self, name) + getattr(report, name))
        self.progress += len(report.progress)


Run = Callable[[int], BatchReport | None]
"""Recomputes the customers after a number."""


def batches(run: Run) -> Iterator[BatchReport]:
    """All batches, one after the other."""
    last = 0
    while (report := run(last)) is not None:
        yield report
        last = report.last


def recompute_batch(
    connection: Connection,
    workspace: Workspace,
    group: int,
    after: int,
    *,
    dry_run: bool = False,
    at_once: int = CUSTOMERS_AT_ONCE,
) -> BatchReport | None:
    """Recomputes the next customers after the number ``after``; None where there are no more.

    In a writing transaction, or with ``dry_run`` on a connection for reading, which changes nothing. Raises
    TargetFailure ``unknown_group``.
    """
    if not dry_run:
        connection.lock(workspace.number)
    active_group(connection, workspace.number, group)
    rules = target_counting.of_group(connection, workspace.number, group, OPEN_START, OPEN_END)
    if not rules:
        raise TargetFailure("unknown_rule")
    customers = _next(connection, workspace.number, rules, after, at_once)
    if not customers:
        return None
    ids = [rule.id for rule in rules]
    known = target_enrolments.of_customers(connection, workspace.number, customers, ids)
    span = rules[0].cycles[0].starts_at, max(cycle.ends_at for cycle in rules[0].cycles)
    occurrences = transactions.of_customers(
        connection,
        workspace.number,
        customers,
        event_names(rules),
        span,
        connection.last_sequence(workspace.number),
    )
    entries = target_enrolments.entries_of(connection, workspace.number, customers, ids)
    returns_count = settings_of(workspace).returns_count
    places = places_for(connection, workspace.number, rules, {one.outlet for one in occurrences})
    replayed = replay(rules, occurrences, entries, known, returns_count=returns_count, places=places)
    stored = target_recompute.tracked_of(connection, workspace.number, customers, ids)
    progress = target_recompute.progress_of(connection, workspace.number, customers, ids)
    now = instant.now()
    tally = _compare(workspace.number, replayed, stored, now)
    changes = _progress_changes(progress, replayed, now)
    enrolments = {place: own for place, own in replayed.enrolments.items() if own != known.get(place)}
    gone = known.keys() - replayed.enrolments.keys()
    if not dry_run:
        _write(connection, workspace.number, replayed, tally.places, changes, (enrolments, gone))
    return BatchReport(
        last=customers[-1],
        customers=len(customers),
        added=tally.added,
        removed=tally.removed,
        changed=tally.changed,
        kept=tally.kept,
        enrolments=len(enrolments) + len(gone),
        progress=[
            _told(place, progress.get(place), one)
            for place, one in sorted(changes.items(), key=lambda item: item[0])
            if _differs(progress.get(place), one)
        ],
    )


class _Comparison(msgspec.Struct):
    added: int = 0
    removed: int = 0
    changed: int = 0
    kept: int = 0
    places: set[Place] = msgspec.field(default_factory=set)  # where anything differs


def _next(connection: Connection, workspace: int, rules: Sequence[CountingRule], after: int, limit: int) -> list[int]:
    """Anybody may have events that enrol; where none do, only who is enrolled counts."""
    if any(rule.enrols_by_transaction for rule in rules):
        return target_recompute.customers_after(connection, workspace, after, limit)
    return target_recompute.enrolled_after(connection, workspace, [rule.id for rule in rules], after, limit)


def _compare(workspace: int, replayed: Replayed, stored: dict[Place, dict[int, Row]], now: int) -> _Comparison:
    """Also lets what was tracked before keep the time at which it was."""
    found = _Comparison()
    left = {place: dict(rows) for place, rows in stored.items()}
    for one in replayed.tracked:
        place = one.occurrence.customer, one.rule.id
        before = left.get(place, {}).pop(one.occurrence.sequence, None)
        if before is None:
            one.processed_at = max(now, one.occurrence.processed_at)
            found.added += 1
            found.places.add(place)
            continue
        one.processed_at = before[_PROCESSED]
        if row_of(workspace, one) == before:
            found.kept += 1
        else:
            found.changed += 1
            found.places.add(place)
    for place, rows in left.items():
        if rows:
            found.removed += len(rows)
            found.places.add(place)
    return found


def _progress_changes(
    stored: dict[PlaceInTime, StoredProgress], replayed: Replayed, now: int
) -> dict[PlaceInTime, StoredProgress | None]:
    changes: dict[PlaceInTime, StoredProgress | None] = {
        place: None for place in stored if place not in replayed.progress
    }
    for place, one in replayed.progress.items():
        before = stored.get(place)
        enrolled_at = replayed.enrolments[place[:2]].enrolled_at if before is None else before.enrolled_at
        after = _as_stored(one, enrolled_at, now if before is None else before.updated_at)
        if after != before:
            changes[place] = msgspec.structs.replace(after, updated_at=now)
    return changes


def _as_stored(one: ReplayedProgress, enrolled_at: int, updated_at: int) -> StoredProgress:
    return StoredProgress(
        one.value, one.events, enrolled_at, updated_at, one.entries, one.first_at, one.last_at, one.achieved
    )


def _write(
    connection: Connection,
    workspace: int,
    replayed: Replayed,
    places: set[Place],
    changes: dict[PlaceInTime, StoredProgress | None],
    enrolments: tuple[dict[Place, Enrolment], set[Place]],
) -> None:
    by_place: dict[Place, list[Tracked]] = {}
    for one in replayed.tracked:
        by_place.setdefault((one.occurrence.customer, one.rule.id), []).append(one)
    for place in sorted(places):
        visits = [visit for visit in replayed.visits if visit[:2] == place]
        target_recompute.replace_tracked(connection, workspace, place, by_place.get(place, []), visits)
    target_recompute.put_progress(connection, workspace, changes)
    target_enrolments.put(connection, workspace, enrolments[0].values())
    for place in enrolments[1]:
        target_enrolments.drop(connection, workspace, *place)


def _differs(before: StoredProgress | None, after: StoredProgress | None) -> bool:
    return _shown(before) != _shown(after)


def _shown(one: StoredProgress | None) -> tuple[int, int | None] | None:
    return None if one is None else (one.value, None if one.achieved is None else one.achieved[1])


def _told(place: PlaceInTime, before: StoredProgress | None, after: StoredProgress | None) -> ProgressChange:
    was, now = _shown(before) or (None, None), _shown(after) or (None, None)
    return ProgressChange(
        customer=place[0],
        rule=place[1],
        period=place[2],
        before=was[0],
        after=now[0],
        achieved_by_before=was[1],
        achieved_by_after=now[1],
    )
