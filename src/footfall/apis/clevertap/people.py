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
    refused: dict[int, RecordRefused] = {}
    for run in _runs(changes):
        refused |= apply(connection, number, run)
    named = [event.customer for event in events if event.customer is not None]
    heirs = _unite(connection, number, named)
    for event in events if heirs else ():
        if event.customer is not None:
            event.customer = _of_heir(event.customer, heirs)
    result = record(connection, [Batch(workspace=workspace, events=list(events))])[0]
    return Stored(refused, result, is_whole=customer_removals.first(connection, number) is None)


def names_several(changes: Mapping[int, ProfileChange], events: Iterable[NewEvent]) -> bool:
    """Whether any record could show two customers to be one."""
    return any(len(change.reference.identities) + len(change.contacts) > 1 for change in changes.values()) or any(
        event.customer is not None and len(event.customer.identities) + (event.customer.id is not None) > 1
        for event in events
    )


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
    heirs = _unite(connection, workspace, named)
    held = customers.holders(connection, workspace, {name for each in named for name in each.identities})
    references = {}
    for index, change in changes.items():
        reference = _of_heir(change.reference, heirs)
        if reference.id is None and not any(name in held for name in reference.identities):
            known = (held[contact] for contact in change.contacts if contact in held)
            same = next((each for each in known if _may_be(each, change)), None)
            if same is not None:
                reference = msgspec.structs.replace(reference, id=same.id)
        references[index] = reference
    return references


def _unite(connection: Connection, workspace: int, named: Iterable[CustomerReference]) -> dict[bytes, Customer]:
    """As ``merging.unite``; the object ids that were made of those who are gone lead to their heirs."""
    heirs = merging.unite(connection, workspace, named)
    made = [(identities.device(identities.made_object_id(gone)), heir.number) for gone, heir in heirs.items()]
    customers.insert_identities(connection, workspace, made)
    return heirs


def _may_be(known: Customer, change: ProfileChange) -> bool:
    """Whether nothing that is said of somebody nobody has heard of contradicts that it is this customer."""
    said = {name.kind: name.value for name in (*change.reference.identities, *change.contacts)}
    return known.deleted_at is None and all(
        getattr(known, kind) in (None, said[kind]) for kind in ("external_id", "email", "mobile") if kind in said
    )


def _of_heir(reference: CustomerReference, heirs: Mapping[bytes, Customer]) -> CustomerReference:
    heir = None if reference.id is None else heirs.get(reference.id)
    return reference if heir is None else msgspec.structs.replace(reference, id=heir.id)


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


def with_made_ids(
    connection: Connection, workspace: int, references: Sequence[CustomerReference]
) -> list[CustomerReference]:
    """``references``, where those that name an object id that Footfall made point at its customer.

    Any other name that somebody goes by already wins over it.
    """
    known = identities.customers_of_object_ids(connection, workspace, _object_ids(references))
    others = {each for reference in references for each in reference.identities if each.value not in known}
    held = customers.holders(connection, workspace, others) if known else {}
    return [_pointing(reference, known, held) for reference in references]


def names_made_id(references: Sequence[CustomerReference]) -> bool:
    """Whether ``with_made_ids`` has anything to do."""
    return any(identities.id_in_object_id(object_id) for object_id in _object_ids(references))


def _object_ids(references: Sequence[CustomerReference]) -> list[str]:
    return [each.value for reference in references for each in reference.identities if each.kind == "object_id"]


def _pointing(
    reference: CustomerReference, known: Mapping[str, bytes], held: Mapping[Identity, Customer]
) -> CustomerReference:
    made = [each for each in reference.identities if each.kind == "object_id" and each.value in known]
    if not made:
        return reference
    others = tuple(each for each in reference.identities if each not in made)
    pointed = None if any(each in held for each in others) else known[made[0].value]
    return msgspec.structs.replace(reference, identities=others, id=pointed)


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
