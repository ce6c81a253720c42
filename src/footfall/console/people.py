"""Customers: finding one by whatever name a person types, and how he stands in his targets."""

from typing import get_args

import msgspec

from footfall.model import identifiers
from footfall.model.customer import Customer, Identity, IdentityKind
from footfall.model.text import identity
from footfall.storage import customers, event_browse
from footfall.storage.connection import Connection
from footfall.storage.event_browse import Browse
from footfall.storage.event_walk import Found, WalkPosition
from footfall.targets.standing import GroupStanding, standings

PAGE = 50
_LONGEST_NUMBER = 18
_PLAIN_KINDS: tuple[IdentityKind, ...] = ("external_id", "email", "mobile", "object_id")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with all that is known of him, and a page of his events, newest first."""

    customer: Customer
    identities: list[Identity]
    standings: list[GroupStanding]
    events: list[Found]
    has_older: bool


def find_customer(connection: Connection, workspace: int, text: str) -> Customer | None:
    """Who goes by ``text``: an external id, e-mail, mobile or any other identity; else a customer's id or number."""
    wanted = [Identity(kind, text) for kind in get_args(IdentityKind)]
    wanted += [found for kind in _PLAIN_KINDS if (found := identity(kind, text)) is not None]
    holders = customers.holders(connection, workspace, dict.fromkeys(wanted))
    for one in wanted:
        if one in holders:
            return holders[one]
    identifier = identifiers.from_text(text)
    if identifier is not None:
        return customers.by_id(connection, workspace, identifier)
    number = number_of(text)
    return None if number is None else customers.by_number(connection, workspace, number)


def number_of(text: str) -> int | None:
    """The number that ``text`` spells, if it may be one of the store's."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else None


def person(connection: Connection, workspace: int, number: int, place: WalkPosition | None, now: int) -> Person | None:
    """The customer with this number; None where there is none."""
    found = customers.by_number(connection, workspace, number)
    if found is None:
        return None
    browse = Browse(workspace=workspace, customer=number)
    events = event_browse.page(connection, browse, place, PAGE + 1)
    return Person(
        customer=found,
        identities=customers.identities_of(connection, workspace, number),
        standings=standings(connection, workspace, number, now),
        events=events[:PAGE],
        has_older=len(events) > PAGE,
    )
