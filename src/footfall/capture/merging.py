"""Merging: customers who turn out to be one person, because somebody names them in one breath.

The rule: two customers are merged unless they contradict each other, which they do when each has an external id, an
e-mail or a mobile of its own, and the two differ. So a person known only by a device becomes the one who signs in on
it, while two people who share a device or a telephone stay two. What is contested stays where it is.

The heir keeps all that is his own, and gets the names, and what he lacks of the record; his events, summaries and
progress are those of both. Who has an external id inherits, else who is registered, else who came first.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from footfall.capture import customer_lifecycle, customer_removal
from footfall.model.customer import Customer, Identity
from footfall.model.event import CustomerReference
from footfall.storage import customers
from footfall.storage.connection import Connection

_OWN = ("external_id", "email", "mobile")
_LACKED = (*_OWN, "object_id", "name", "account_id")

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


def unite(connection: Connection, workspace: int, references: Iterable[CustomerReference]) -> dict[bytes, Customer]:
    """Merges whom each of the references names together; by the id of who is gone, the heir.

    For a transaction that has locked the workspace.
    """
    several = [each for each in references if len(each.identities) + (each.id is not None) > 1]
    if not several:
        return {}
    held = customers.holders(connection, workspace, {name for each in several for name in each.identities})
    by_id = customers.by_ids(connection, workspace, [each.id for each in several if each.id is not None])
    present = {each.number: each for each in (*held.values(), *by_id.values())}
    heirs: dict[int, int] = {}  # who is gone, by number -> the heir

    def living(number: int) -> int:
        while number in heirs:
            number = heirs[number]
        return number

    gone: dict[bytes, Customer] = {}
    for reference in several:
        named = [held[name] for name in reference.identities if name in held]
        if reference.id is not None and reference.id in by_id:
            named.insert(0, by_id[reference.id])
        numbers = list(dict.fromkeys(living(each.number) for each in named if each.deleted_at is None))
        for number in numbers[1:]:
            first, other = present[living(numbers[0])], present[number]
            if _contradict(first, other):
                continue
            heir, former = _in_order(first, other)
            present[heir.number] = merge(connection, workspace, heir, former)
            heirs[former.number] = heir.number
            gone[former.id] = former
    return {identifier: present[living(former.number)] for identifier, former in gone.items()}


def merge(connection: Connection, workspace: int, heir: Customer, former: Customer) -> Customer:
    """Makes ``former`` one with ``heir``; what is as many as his events may be left to ``customer_removal.finish``."""
    customer_removal.begin_to_hand_over(connection, workspace, former, heir.number)
    merged = customer_lifecycle.change(connection, workspace, [(heir, _united(heir, former))])[0]
    customer_removal.go_on(connection, workspace)
    return merged


def _united(heir: Customer, former: Customer) -> Customer:
    lacked = {field: getattr(former, field) for field in _LACKED if getattr(heir, field) is None}
    return replace(
        heir,
        **lacked,
        registered=heir.registered or former.registered,
        properties=_both(heir.properties, former.properties),
        details=_both(heir.details, former.details),
    )


def _both(own: Raw, other: Raw) -> Raw:
    """The members of both objects; ``own`` ones stay byte for byte."""
    missing = {key: value for key, value in _members(other).items() if key not in _members(own)}
    return Raw(_encode({**_members(own), **missing})) if missing else own


def _contradict(one: Customer, other: Customer) -> bool:
    return any(
        getattr(one, field) is not None
        and getattr(other, field) is not None
        and getattr(one, field) != getattr(other, field)
        for field in _OWN
    )


def _in_order(one: Customer, other: Customer) -> Sequence[Customer]:
    """The heir first."""
    return sorted((one, other), key=lambda each: (each.external_id is None, not each.registered, each.number))


def names_of(reference: CustomerReference, further: Sequence[Identity]) -> CustomerReference:
    """``reference`` with further names, for ``unite``."""
    return replace(reference, identities=(*reference.identities, *further)) if further else reference
