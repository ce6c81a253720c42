"""Storing an upload in one transaction: changes of customers first, then the events about them.

One transaction, because after a crash a client must find either the whole request or nothing of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from footfall.apis.clevertap import identities
from footfall.apis.clevertap.profiles import DETAILS, Details, ProfileChange, changed_properties
from footfall.apis.clevertap.verdicts import RecordRefused
from footfall.capture import merging
from footfall.capture.batch import Batch, BatchResult
from footfall.capture.identity_resolution import Resolver
from footfall.capture.recorder import record
from footfall.model import instant
from footfall.model.customer import Customer, Identity, IdentityKind
from footfall.model.customer_details import with_member
from footfall.model.event import CustomerReference, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customer_removals, customers
from footfall.storage.connection import Connection


class Stored(msgspec.Struct, frozen=True):
    """What came of an upload: what could not be changed, by the index of the change; and the events' outcomes."""

    refused: dict[int, RecordRefused]
    result: BatchResult
    is_whole: bool  # False: customers were merged, and there are more of their events to hand over


def store(
    connection: Connection, workspace: Workspace, changes: Mapping[int, ProfileChange], events: Sequence[NewEvent]
) -> Stored:
    """Stores both, once customers whom a record names in one breath are merged."""
    number = workspace.number
    connection.lock(number)
    named = [event.customer for event in events if event.customer is not None]
    _claim_made_ids(connection, number, [*(change.reference for change in changes.values()), *named])
    refused: dict[int, RecordRefused] = {}
    for run in _runs(changes):
        refused |= apply(connection, number, run)
    _unite(connection, number, named)
    result = record(connection, [Batch(workspace=workspace, events=list(events))])[0]
    return Stored(refused, result, is_whole=customer_removals.first(connection, number) is None)


def tells_of_people(events: Iterable[NewEvent]) -> bool:
    """Whether any event could show two customers to be one, or names one by an object id that Footfall made."""
    return any(
        len(event.customer.identities) > 1 or any(identities.id_in_object_id(each.value) for each in _devices(event))
        for event in events
        if event.customer is not None
    )


def _devices(event: NewEvent) -> list[Identity]:
    return [] if event.customer is None else [each for each in event.customer.identities if each.kind == "object_id"]


def _runs(changes: Mapping[int, ProfileChange]) -> Iterator[dict[int, ProfileChange]]:
    """``changes`` in order, cut where one says a contact that one before it has said of somebody else."""
    run: dict[int, ProfileChange] = {}
    said: dict[Identity, tuple[Identity, ...]] = {}
    for index, change in changes.items():
        names = change.reference.identities
        if any(said.get(contact, names) != names for contact in change.contacts):
            yield run
            run, said = {}, {}
        run[index] = change
        said |= dict.fromkeys(change.contacts, names)
    if run:
        yield run


def _united(
    connection: Connection, workspace: int, changes: Mapping[int, ProfileChange]
) -> dict[int, CustomerReference]:
    """Whom each change is about, by its index, when those that it shows to be one are one."""
    named = [merging.names_of(change.reference, change.contacts) for change in changes.values()]
    _unite(connection, workspace, named)
    held = customers.holders(connection, workspace, {name for each in named for name in each.identities})
    references = {}
    for index, change in changes.items():
        reference = change.reference
        if not any(name in held for name in reference.identities):
            known = (held[contact] for contact in change.contacts if contact in held)
            same = next((each for each in known if _may_be(each, change)), None)
            if same is not None:
                reference = msgspec.structs.replace(reference, id=same.id)
        references[index] = reference
    return references


def _unite(connection: Connection, workspace: int, named: Iterable[CustomerReference]) -> None:
    """As ``merging.unite``; the object ids that were made of those who are gone lead to their heirs."""
    heirs = merging.unite(connection, workspace, named)
    made = [(identities.device(identities.made_object_id(gone)), heir.number) for gone, heir in heirs.items()]
    customers.insert_identities(connection, workspace, made)


def _may_be(known: Customer, change: ProfileChange) -> bool:
    """Whether nothing that is said of somebody nobody has heard of contradicts that it is this customer."""
    said = {name.kind: name.value for name in (*change.reference.identities, *change.contacts)}
    return known.deleted_at is None and all(
        getattr(known, kind) in (None, said[kind]) for kind in ("external_id", "email", "mobile") if kind in said
    )


def apply(connection: Connection, workspace: int, changes: Mapping[int, ProfileChange]) -> dict[int, RecordRefused]:
    """Changes customers, who come into being where nobody goes by the name; what could not be changed."""
    connection.lock(workspace)
    references = list(_united(connection, workspace, changes).values())
    resolver = Resolver(connection, workspace, references)
    numbers = [resolver.find_or_make(reference) for reference in references]
    resolver.store(tells=False)
    current = customers.by_numbers(connection, workspace, {number for number in numbers if number is not None})
    before = dict(current)
    refused = {}
    for number, (index, change) in zip(numbers, changes.items(), strict=True):
        if number is None:
            continue
        try:
            current[number] = _changed(current[number], change)
        except RecordRefused as refusal:
            refused[index] = refusal
    now = instant.now()
    changed = [
        msgspec.structs.replace(customer, modified_at=now)
        for number, customer in current.items()
        if customer != before[number]
    ]
    customers.update(connection, changed)
    for customer in changed:
        _rename_all(connection, before[customer.number], customer)
    resolver.tell((before[customer.number], customer) for customer in changed)
    return refused


def _claim_made_ids(connection: Connection, workspace: int, references: Iterable[CustomerReference]) -> None:
    """Object ids that Footfall made become names of their customers, unless somebody goes by one already."""
    object_ids = [each.value for reference in references for each in reference.identities if each.kind == "object_id"]
    made = identities.customers_of_object_ids(connection, workspace, object_ids)
    if made:
        numbers = customers.by_ids(connection, workspace, list(made.values()))
        claimed = [(identities.device(name), numbers[identifier].number) for name, identifier in made.items()]
        customers.insert_identities(connection, workspace, claimed)


def _changed(customer: Customer, change: ProfileChange) -> Customer:
    if change.platform is not None:
        customer = with_member(customer, DETAILS, Details(change.platform))
    return msgspec.structs.replace(
        customer,
        name=change.name or customer.name,
        email=change.email or customer.email,
        mobile=change.mobile or customer.mobile,
        properties=changed_properties(customer.properties, change),
    )


def _rename_all(connection: Connection, before: Customer, after: Customer) -> None:
    _rename(connection, after, "email", before.email, after.email)
    _rename(connection, after, "mobile", before.mobile, after.mobile)


def _rename(connection: Connection, customer: Customer, kind: IdentityKind, old: str | None, new: str | None) -> None:
    """Lets go of the old name, and takes the new one unless somebody else holds it."""
    if old == new:
        return
    if old is not None:
        former = Identity(kind, old)
        holder = customers.holders(connection, customer.workspace, [former]).get(former)
        if holder is not None and holder.number == customer.number:
            customers.remove_identity(connection, customer.workspace, former)
    if new is not None:
        customers.insert_identities(connection, customer.workspace, [(Identity(kind, new), customer.number)])
