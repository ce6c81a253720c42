"""Recording: how a group of batches becomes rows, inside one open transaction.

Everything is done once per group and workspace, never per event: one look-up of names, one of identities, one of
known ids, one insert. Nothing is written for a batch before all that could refuse it has been asked.

Where several processes write, those who only add events share a workspace. Whoever makes what others could make as
well (customers, names, duplicates of a key, progress towards a target) has it alone, and looks again once it does.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from footfall.capture.batch import Batch, BatchResult
from footfall.capture.hierarchy import Family
from footfall.capture.identity_resolution import Resolver
from footfall.capture.noting import note
from footfall.model import identifiers, instant
from footfall.model.event import Captured, CustomerReference, NewEvent, Outcome, RecordedEvent, Refused, WhenUnknown
from footfall.model.workspace import Workspace
from footfall.storage import (
    accounts,
    customer_removals,
    denied_customers,
    event_counts,
    event_summaries,
    event_types,
    events,
)
from footfall.storage.connection import Connection, Row
from footfall.targets.tally import Tally
from footfall.targets.tracking import is_counting, track

_UNKNOWN_CUSTOMER = Refused("customer", "unknown_customer")


def record(connection: Connection, batches: Sequence[Batch]) -> list[BatchResult]:
    """Stores the events of ``batches``; one result per batch."""
    results: dict[int, BatchResult] = {}
    in_order = sorted(range(len(batches)), key=lambda index: batches[index].workspace.number)
    for _, members in groupby(in_order, key=lambda index: batches[index].workspace.number):
        indexes = list(members)
        recorder = _Recorder(connection, batches[indexes[0]].workspace)
        recorded = recorder.record([batches[index] for index in indexes])
        results.update(zip(indexes, recorded, strict=True))
    in_their_order = [results[index] for index in range(len(batches))]
    note(batches, in_their_order)
    return in_their_order


class _Recorder:
    """Records batches of one workspace."""

    def __init__(self, connection: Connection, workspace: Workspace) -> None:
        self._connection = connection
        self._workspace = workspace

    def record(self, batches: Sequence[Batch]) -> list[BatchResult]:
        ids = [self._ids(batch.events) for batch in batches]
        every = [event for batch in batches for event in batch.events]
        references = [event.customer for event in every if event.customer is not None]
        resolver = self._resolver(every, references)
        known = self._known(batches, ids)
        family = Family(self._connection, self._workspace, every, known)
        refusals = [
            self._refusals(batch, own_ids, resolver, family) for batch, own_ids in zip(batches, ids, strict=True)
        ]
        number = self._workspace.number
        accepted: list[RecordedEvent] = []
        results = []
        tally = Tally()
        tells = any(batch.tells_targets for batch in batches)
        fresh = _count_fresh(batches, ids, refusals, known)
        sequences = iter(self._connection.next_sequences(self._workspace.number, fresh) if fresh else ())
        keys = self._known_keys(every)
        denied = self._denied(references, resolver)
        for batch, own_ids, refused in zip(batches, ids, refusals, strict=True):
            if refused and batch.all_or_nothing:
                results.append(BatchResult([], refused))
                continue
            outcomes: list[Outcome] = []
            before, repeated = len(accepted), 0
            for index, (event, identifier) in enumerate(zip(batch.events, own_ids, strict=True)):
                if index in refused:
                    outcomes.append(refused[index])
                elif identifier in known:
                    repeated += 1
                    outcomes.append(Captured(identifier, repeated=True))
                elif denied and _is_denied(event, resolver, denied):
                    outcomes.append(Captured(identifier, ignored=True))
                else:
                    known.add(identifier)
                    sequence = next(sequences)
                    customer = None if event.customer is None else resolver.find_or_make(event.customer)
                    is_duplicate = False
                    if event.unique_key is not None:
                        is_duplicate = event.unique_key in keys
                        keys.add(event.unique_key)
                    accepted.append(RecordedEvent(sequence, number, event, identifier, customer, is_duplicate))
                    outcomes.append(Captured(identifier, sequence=sequence))
            inserted = len(accepted) - before
            results.append(BatchResult(outcomes, refused, tally, inserted=inserted, repeated=repeated))
        if accepted:
            resolver.store()
            self._insert(accepted, family)
            track(self._connection, self._workspace, accepted, tally if tells else None)
        return results

    def _resolver(self, every: Sequence[NewEvent], references: Sequence[CustomerReference]) -> Resolver:
        """Whom the events are about, once what that depends on cannot change any more."""
        connection, workspace = self._connection, self._workspace.number
        resolver = Resolver(connection, workspace, references)
        if connection.is_sole_writer:
            return resolver
        alone = resolver.changes_anybody or self._needs_all_of(every)
        connection.lock(workspace, shared=not alone)
        if not alone and customer_removals.among(connection, workspace, resolver.known):
            connection.lock(workspace)  # somebody was removed since he was looked up
            alone = True
        return Resolver(connection, workspace, references) if alone else resolver

    def _needs_all_of(self, every: Sequence[NewEvent]) -> bool:
        """Whether storing these events depends on what another process may be storing in the workspace."""
        if any(event.unique_key is not None for event in every):
            return True
        keys = {(event.family, event.name) for event in every}
        if len(event_types.keyed(self._connection, self._workspace.number, keys)) < len(keys):
            return True
        moments = [event.occurred_at for event in every]
        return bool(moments) and is_counting(
            self._connection, self._workspace, {event.name for event in every}, min(moments), max(moments)
        )

    def _ids(self, batch: Sequence[NewEvent]) -> list[bytes]:
        new = iter(identifiers.new_ids([event.received_at // instant.MILLISECOND for event in batch if _is_new(event)]))
        own = self._workspace.id
        return [
            identifiers.derived_id(own, event.external_id)
            if event.external_id is not None
            else next(new)
            if event.id is None
            else event.id
            for event in batch
        ]

    def _known(self, batches: Sequence[Batch], ids: Sequence[Sequence[bytes]]) -> set[bytes]:
        """Ids that are stored already, of those that could be: fresh ones are drawn at random."""
        asked = {
            identifier
            for batch, own_ids in zip(batches, ids, strict=True)
            for event, identifier in zip(batch.events, own_ids, strict=True)
            if not _is_new(event)
        }
        return events.known(self._connection, self._workspace.number, list(asked)) if asked else set()

    def _denied(self, references: Sequence[CustomerReference], resolver: Resolver) -> frozenset[str]:
        """External ids of those among the named customers whose events are ignored."""
        if not references:
            return frozenset()
        return denied_customers.among(
            self._connection,
            self._workspace.number,
            lambda: {found for each in references if (found := resolver.external_id_of(each)) is not None},
        )

    def _known_keys(self, every: Sequence[NewEvent]) -> set[str]:
        """Unique keys of these events that stored ones have."""
        asked = {event.unique_key for event in every if event.unique_key is not None}
        return events.known_keys(self._connection, self._workspace.number, asked) if asked else set()

    @staticmethod
    def _refusals(batch: Batch, ids: Sequence[bytes], resolver: Resolver, family: Family) -> dict[int, Refused]:
        refused = family.refusals(batch.events, ids)
        unknown = [
            index
            for index, event in enumerate(batch.events)
            if event.customer is not None and _is_unknown(event.customer, resolver)
        ]
        if unknown:
            refused |= dict.fromkeys(unknown, _UNKNOWN_CUSTOMER)
            refused = dict(sorted(refused.items()))
        if refused and not batch.all_or_nothing:
            refused |= family.orphans(batch.events, ids, refused)
        return refused

    def _insert(self, accepted: Sequence[RecordedEvent], family: Family) -> None:
        keys = {(recorded.event.family, recorded.event.name) for recorded in accepted}
        numbers = event_types.keyed(self._connection, self._workspace.number, keys)
        if len(numbers) < len(keys):
            event_types.add_keys(self._connection, self._workspace.number, sorted(keys - numbers.keys()))
            numbers = event_types.keyed(self._connection, self._workspace.number, keys)
        named = {each.event.account_id for each in accepted} - {None}
        if named:
            accounts.mention(self._connection, self._workspace.number, [each for each in named if each is not None])
        types = [numbers[each.event.family, each.event.name] for each in accepted]
        events.insert(self._connection, self._rows(accepted, types, family))
        happened = [each.event.occurred_at for each in accepted]
        event_counts.add(self._connection, self._workspace.number, list(zip(types, happened, strict=True)))
        of_customers = [
            (each.customer, number, at)
            for each, number, at in zip(accepted, types, happened, strict=True)
            if each.customer is not None and each.event.family == "custom"
        ]
        event_summaries.add(self._connection, self._workspace.number, of_customers)

    @staticmethod
    def _rows(accepted: Sequence[RecordedEvent], types: Sequence[int], family: Family) -> Iterable[Row]:
        parents: dict[bytes, bytes] = {}
        if family.has_kin:
            named = ((recorded.id, family.parent_of(recorded.event)) for recorded in accepted)
            parents = {identifier: parent for identifier, parent in named if parent is not None}
        places = family.places(parents)
        nowhere = (None, None)
        for recorded, number in zip(accepted, types, strict=True):
            event = recorded.event
            parent = parents.get(recorded.id)
            level, root = nowhere if parent is None else places[recorded.id]
            yield (
                recorded.sequence,
                recorded.id,
                recorded.workspace,
                number,
                recorded.customer,
                0 if event.customer is None else int(event.customer.link),
                event.occurred_at,
                event.received_at,
                event.utc_offset,
                event.external_id,
                event.account_id,
                event.source,
                event.outlet,
                event.amount,
                parent,
                event.member_id,
                event.external_member_id,
                event.unique_key,
                recorded.is_duplicate,
                event.captured_by,
                event.properties,
                event.session,
                event.counts,
                level,
                root,
            )


def _count_fresh(
    batches: Sequence[Batch],
    ids: Sequence[Sequence[bytes]],
    refusals: Sequence[dict[int, Refused]],
    known: Collection[bytes],
) -> int:
    """How many events will be stored."""
    fresh: set[bytes] = set()
    for batch, own_ids, refused in zip(batches, ids, refusals, strict=True):
        if not refused:
            fresh.update(own_ids)
        elif not batch.all_or_nothing:
            fresh.update(identifier for index, identifier in enumerate(own_ids) if index not in refused)
    return len(fresh.difference(known))


def _is_new(event: NewEvent) -> bool:
    """Whether the event's id is drawn now, so that nobody else can have stored it."""
    return event.external_id is None and event.id is None


def _is_denied(event: NewEvent, resolver: Resolver, denied: frozenset[str]) -> bool:
    return event.customer is not None and resolver.external_id_of(event.customer) in denied


def _is_unknown(reference: CustomerReference, resolver: Resolver) -> bool:
    may_not_make = (
        reference.number is not None or reference.id is not None or reference.when_unknown is WhenUnknown.REFUSE
    )
    return may_not_make and resolver.number_of(reference) is None
