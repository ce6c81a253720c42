"""The events that an ``EventFilter`` asks for, page by page, looking at a bounded number of events each.

The promise: pages behind each other have every event that answers exactly once, up to the snapshot that they carry.
What no index answers (a source, a property) is looked for in at most ``MOST_LOOKED_AT`` events at a time: then the
page is shorter than asked for, or empty, and tells where to go on.
"""

from collections.abc import Callable
from functools import partial

import msgspec

from footfall.model import identifiers
from footfall.model.customer import Customer, Identity
from footfall.model.event import Event
from footfall.model.event_filter import EventFilter, is_within
from footfall.storage import customers, event_browse, event_types
from footfall.storage.connection import Connection
from footfall.storage.event_browse import Browse
from footfall.storage.event_types import FAMILIES
from footfall.storage.event_walk import EARLIEST, LATEST, Found, WalkPosition

MOST_LOOKED_AT = 10_000
NOBODY = 0
"""A number that no customer has."""

_AT_A_TIME = 200

Answers = Callable[[Event], bool]


class FilteredPage(msgspec.Struct, frozen=True):
    """``behind``: where the next page begins, None where nothing is left. ``looked_at``: events that were read."""

    events: list[Found]
    behind: WalkPosition | None
    looked_at: int


def browse_of(connection: Connection, workspace: int, asked: EventFilter, snapshot: int | None = None) -> Browse:
    """What indexes answer of ``asked``, up to ``snapshot`` or to all that is stored now."""
    customer = None
    if asked.customer is not None:
        known = customer_called(connection, workspace, asked.customer)
        customer = NOBODY if known is None else known.number
    types = None
    if asked.names:
        keys = [(family, name) for name in asked.names for family in FAMILIES]
        types = tuple(sorted(event_types.keyed(connection, workspace, keys).values()))
    return Browse(
        workspace=workspace,
        since=EARLIEST if asked.since is None else asked.since,
        until=LATEST if asked.until is None else asked.until,
        types=types,
        customer=customer,
        account=asked.account,
        parent=asked.parent,
        snapshot=connection.last_sequence(workspace) if snapshot is None else snapshot,
        descending=asked.descending,
    )


def answers_of(asked: EventFilter) -> Answers | None:
    """What no index answers of ``asked``; None where they answer all of it."""
    return partial(is_within, asked=asked) if asked.looks_inside else None


def customer_called(connection: Connection, workspace: int, name: str) -> Customer | None:
    """The customer with this external id; else the one with this id, as UUID text."""
    found = customers.by_identity(connection, workspace, Identity("external_id", name))
    identifier = identifiers.from_text(name)
    if found is None and identifier is not None:
        found = customers.by_id(connection, workspace, identifier)
    return found


def page(
    connection: Connection,
    browse: Browse,
    answers: Answers | None,
    position: WalkPosition | None,
    limit: int,
    most_looked_at: int = MOST_LOOKED_AT,
) -> FilteredPage:
    """At most ``limit`` events behind ``position`` (None: from the first). ``answers``: what no index answers."""
    found: list[Found] = []
    looked_at = 0
    size = limit + 1 if answers is None else max(_AT_A_TIME, limit + 1)
    while True:
        some = event_browse.page(connection, browse, position, size)
        for index, one in enumerate(some):
            if len(found) == limit:
                return FilteredPage(found, position, looked_at + index)
            if answers is None or answers(one[0]):
                found.append(one)
            position = place_of(one[0])
        looked_at += len(some)
        if len(some) < size:
            return FilteredPage(found, None, looked_at)
        if looked_at >= most_looked_at:
            return FilteredPage(found, position, looked_at)


def place_of(event: Event) -> WalkPosition:
    """The place of an event in the order of time."""
    return WalkPosition(event.occurred_at, event.sequence)
