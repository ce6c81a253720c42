"""Storing an upload in one transaction: changes of customers first, then the events about them.

One transaction, because after a crash a client must find either the whole request or nothing of it.
"""

from collections.abc import Mapping, Sequence

import msgspec

from footfall.apis.clevertap import identities
from footfall.apis.clevertap.profiles import ProfileChange, changed_properties
from footfall.apis.clevertap.verdicts import RecordRefused
from footfall.capture.batch import Batch, BatchResult
from footfall.capture.identity_resolution import Resolver
from footfall.capture.recorder import record
from footfall.model import instant
from footfall.model.customer import Customer, Identity, IdentityKind
from footfall.model.event import CustomerReference, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customers
from footfall.storage.connection import Connection


def store(
    connection: Connection, workspace: Workspace, changes: Mapping[int, ProfileChange], events: Sequence[NewEvent]
) -> tuple[dict[int, RecordRefused], BatchResult]:
    """Stores both. What could not be changed, by the index of the change; and the events' outcomes."""
    refused = apply(connection, workspace.number, changes) if changes else {}
    return refused, record(connection, [Batch(workspace=workspace, events=list(events))])[0]


def apply(connection: Connection, workspace: int, changes: Mapping[int, ProfileChange]) -> dict[int, RecordRefused]:
    """Changes customers, who come into being where nobody goes by the name; what could not be changed."""
    connection.lock(workspace)
    references = [change.reference for change in changes.values()]
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
