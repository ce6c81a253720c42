"""What the system tells of customers: one event for whatever happens to a registered one, in the same transaction.

The promise: whoever sees a customer created, changed or deleted sees the event that tells of it, with the values of
that moment, whichever product's API or capture did it; and the other way round. A customer who is only mentioned is
nobody yet: nothing is told of him until he is registered. Everything is written set-wise, two statements in all.
"""

from collections.abc import Iterable, Sequence

import msgspec

from footfall.model import identifiers, instant
from footfall.model.customer import Customer
from footfall.model.customer_event import TYPES, CustomerEvent, CustomerEventName, told_of, told_of_change
from footfall.storage import customer_events
from footfall.storage.connection import Connection

Before = Customer
After = Customer


class Happened(msgspec.Struct, frozen=True, gc=False):
    """Something to tell, before it has a place in the order of events."""

    name: CustomerEventName
    customer: int
    at: int
    metadata: str


def created(new: Iterable[Customer]) -> list[Happened]:
    """Customers have come into being; of those that are only mentioned nothing is told."""
    return [
        Happened("customer.created", customer.number, customer.created_at, told_of(customer))
        for customer in new
        if customer.registered
    ]


def changed(pairs: Iterable[tuple[Before, After]]) -> list[Happened]:
    """Customers have changed; whoever is registered only now has come into being."""
    happened = []
    for before, after in pairs:
        if before.registered:
            at = instant.now() if after.modified_at is None else after.modified_at
            happened.append(Happened("customer.updated", after.number, at, told_of_change(before, after)))
        else:
            happened += created([after])
    return happened


def deleted(gone: Iterable[Customer]) -> list[Happened]:
    """Customers have been deleted."""
    return [
        Happened("customer.deleted", customer.number, customer.deleted_at or instant.now(), told_of(customer))
        for customer in gone
        if customer.registered
    ]


def write(connection: Connection, workspace: int, happened: Sequence[Happened]) -> None:
    """Writes the events, in this order."""
    if not happened:
        return
    ids = identifiers.new_ids([each.at // instant.MILLISECOND for each in happened])
    customer_events.insert(
        connection,
        workspace,
        [
            CustomerEvent(identifier, workspace, TYPES[each.name], each.customer, each.at, each.metadata)
            for identifier, each in zip(ids, happened, strict=True)
        ],
    )
