"""Customers, whoever asks: created, changed, deleted, revived. Each function runs inside the writer's transaction.

Each writes the event that tells of it (``capture.customer_log``). Two things are kept apart: the names that stand in a
customer's record, and who goes by them. To delete a customer frees his names for others, all but those of the kinds
that a product keeps, while the record still says what they were: so the customer's events read as before, and whoever
revives him gives them back. Callers that decide on what they have read lock the workspace first.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from footfall.capture import customer_log
from footfall.model import identifiers, instant
from footfall.model.customer import Customer, Identity, IdentityKind
from footfall.model.customer_details import details_of, shown_email, with_details, with_member
from footfall.storage import customers
from footfall.storage.connection import Connection

NAMED_BY: tuple[IdentityKind, ...] = ("external_id", "email", "mobile", "object_id")
"""The kinds of names that stand in fields of ``Customer``."""

_FREED = "names_before_deletion"
_ANONYMISED_AT = "__anonymized_at"

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


class NewCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer to make. ``identities``: names beside those of the fields; e-mails and mobiles comparable."""

    external_id: str | None = None
    email: str | None = None
    mobile: str | None = None
    object_id: str | None = None
    name: str | None = None
    account_id: str | None = None
    properties: Raw = Raw(b"{}")
    details: Raw = Raw(b"{}")
    identities: tuple[Identity, ...] = ()


class NameTaken(Exception):  # noqa: N818
    """Other customers go by some of the names; nothing was written."""

    def __init__(self, taken: Collection[Identity]) -> None:
        super().__init__(", ".join(f"{each.kind} {each.value}" for each in taken))
        self.taken = frozenset(taken)


def create(connection: Connection, workspace: int, new: NewCustomer, *, tells: bool = True) -> Customer:
    """Makes a customer. Raises NameTaken. Unless it ``tells``, a ``change`` follows that does.

    Whom events have only mentioned by one of the names so far becomes this customer, and keeps those events.
    """
    connection.lock(workspace)
    now = instant.now()
    names = [*_names_in(new), *(each for each in new.identities if each not in _names_in(new))]
    held = customers.holders(connection, workspace, names)
    mentioned = next((held[name] for name in names if name in held and not held[name].registered), None)
    taken = [name for name, holder in held.items() if mentioned is None or holder.number != mentioned.number]
    if taken:
        raise NameTaken(taken)
    if mentioned is None:
        number = connection.next_customer_numbers(1)[0]
        identifier = identifiers.new_id(now // instant.MILLISECOND)
    else:
        number, identifier = mentioned.number, mentioned.id
    made = Customer(
        number=number,
        id=identifier,
        workspace=workspace,
        registered=True,
        external_id=new.external_id or (mentioned.external_id if mentioned is not None else None),
        email=new.email,
        mobile=new.mobile,
        object_id=new.object_id,
        name=new.name,
        account_id=new.account_id,
        created_at=now,
        modified_at=None,
        deleted_at=None,
        properties=new.properties,
        details=new.details,
    )
    if mentioned is None:
        customers.insert(connection, [made])
    else:
        customers.update(connection, [made])
    customers.insert_identities(connection, workspace, [(name, number) for name in names if name not in held])
    if tells:
        customer_log.write(connection, workspace, customer_log.created([made]))
    return made


def change(
    connection: Connection, workspace: int, pairs: Sequence[tuple[Customer, Customer]], *, are_new: bool = False
) -> list[Customer]:
    """Stores customers, given as (before, after), as they are now; no customer twice.

    A name that differs is let go, and the new one taken. Tells of every pair, also of one that does not differ;
    ``are_new``: as of customers who have only been made now. Raises NameTaken.
    """
    now = instant.now()
    stored = [(before, replace(after, modified_at=now)) for before, after in pairs]
    _rename(connection, workspace, stored)
    customers.update(connection, [after for _, after in stored])
    afterwards = [after for _, after in stored]
    happened = customer_log.created(afterwards) if are_new else customer_log.changed(stored)
    customer_log.write(connection, workspace, happened)
    return afterwards


def delete(
    connection: Connection,
    workspace: int,
    gone: Iterable[Customer],
    *,
    kept: Collection[IdentityKind] = (),
    anonymised: bool = False,
) -> list[Customer]:
    """Deletes customers, softly: their events keep them. Frees their names but those of the ``kept`` kinds.

    ``anonymised``: what tells who they were is replaced as well (``anonymous``); what is told of it is anonymous, too.
    What is freed and what may be revived differ: ``revive`` gives names back as far as they are free.
    """
    now = instant.now()
    living = {each.number: each for each in gone if each.deleted_at is None}
    if not living:
        return []
    names = customers.identities_of_all(connection, workspace, living) if not anonymised else {}
    customers.remove_identities(connection, workspace, living, kept)
    deleted = []
    for number, each in living.items():
        freed = [list(name) for name in names.get(number, ()) if name[0] not in kept]
        marked = replace(each, deleted_at=now, modified_at=now)
        deleted.append(anonymous(marked, now) if anonymised else with_member(marked, _FREED, freed or None))
    customers.update(connection, deleted)
    customer_log.write(connection, workspace, customer_log.deleted(deleted))
    return deleted


def revive(connection: Connection, workspace: int, deleted: Sequence[Customer]) -> list[Customer]:
    """Undeletes customers, who get back those of their names that are free; the fields of others are emptied.

    Told as their creation, which it is for whoever has heard of the deletion.
    """
    now = instant.now()
    freed = {each.number: _freed_names(each) for each in deleted}
    asked = {name for names in freed.values() for name in names}
    held = customers.holders(connection, workspace, asked)
    revived, taken_again = [], []
    for each in deleted:
        alive = with_member(replace(each, deleted_at=None, modified_at=now), _FREED, None)
        for name in freed[each.number]:
            holder = held.get(name)
            if holder is None:
                taken_again.append((name, each.number))
                held[name] = each
            elif holder.number != each.number and name.kind in NAMED_BY and getattr(each, name.kind) == name.value:
                alive = replace(alive, **{name.kind: None})
        revived.append(alive)
    customers.update(connection, revived)
    customers.insert_identities(connection, workspace, taken_again)
    customer_log.write(connection, workspace, customer_log.created([replace(each, created_at=now) for each in revived]))
    return revived


def anonymous(customer: Customer, now: int) -> Customer:
    """``customer`` without what tells who it is: contracts/rapidly.md 4.2, 11. Pure."""
    email = shown_email(customer)
    hidden = None if email is None else f"{_digest(email)}@redacted.invalid"
    members: dict[str, Any] = dict(_members(customer.properties))
    members[_ANONYMISED_AT] = f"{instant.utc_text(now)}+00:00"
    details = replace(details_of(customer), email=None, email_verified=False, billing_address=None)
    nameless = replace(
        customer,
        email=hidden,
        mobile=None,
        object_id=None,
        name=None if customer.name is None else _digest(customer.name),
        properties=Raw(_encode(members)),
    )
    return with_details(nameless, details)


def _names_in(record: Customer | NewCustomer) -> list[Identity]:
    return [Identity(kind, value) for kind in NAMED_BY if (value := getattr(record, kind)) is not None]


def _rename(connection: Connection, workspace: int, pairs: Iterable[tuple[Customer, Customer]]) -> None:
    """Lets go of names that changed, and takes the new ones, also from those who are only mentioned by them.

    Whoever was mentioned is nobody of his own any more: a name that led to him leads to its new owner.
    """
    let_go: list[Identity] = []
    wanted: dict[Identity, int] = {}
    for before, after in pairs:
        former, present = _names_in(before), _names_in(after)
        let_go += [name for name in former if name not in present]
        wanted |= {name: after.number for name in present if name not in former}
    if not let_go and not wanted:
        return
    held = customers.holders(connection, workspace, {*let_go, *wanted})
    own = {before.number for before, _ in pairs}
    others = {name: held[name] for name, number in wanted.items() if name in held and held[name].number != number}
    taken = [name for name, holder in others.items() if holder.registered]
    if taken:
        raise NameTaken(taken)
    absorbed = {holder.number: replace(holder, deleted_at=instant.now()) for holder in others.values()}
    if absorbed:
        customers.remove_identities(connection, workspace, absorbed)
        customers.update(connection, absorbed.values())
    for name in let_go:
        if name in held and held[name].number in own:
            customers.remove_identity(connection, workspace, name)
    customers.insert_identities(connection, workspace, wanted.items())


def _freed_names(deleted: Customer) -> list[Identity]:
    freed = _members(deleted.details).get(_FREED)
    return [] if freed is None else [Identity(kind, value) for kind, value in msgspec.json.decode(freed)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
