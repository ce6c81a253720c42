"""A question for a list of events in the store's own numbers: names and customers are looked up first.

So one name or one customer is one index range, and a name that nobody uses costs nothing.
"""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.customer import Customer, Identity
from footfall.model.customer_event import LABELS, TYPES
from footfall.model.event import CustomerLink
from footfall.model.event_listing import SOURCES, EventListing
from footfall.storage import customers, event_types
from footfall.storage.connection import Connection
from footfall.storage.statement import Statement
from footfall.storage.tables import event_types as types_table

ANY_LINK = frozenset(CustomerLink)
_BY_EXTERNAL_ID = frozenset({CustomerLink.ANY, CustomerLink.BY_EXTERNAL_ID})
_BY_ID = frozenset({CustomerLink.ANY, CustomerLink.BY_ID})

Links = frozenset[CustomerLink]
About = dict[int, Links]
"""Customers by number, and by which links events may be about them."""

_BY_PART_OF_NAME = Statement(
    sa.select(types_table.c.number).where(
        types_table.c.workspace == bindparam("workspace"),
        types_table.c.folded.contains(bindparam("part", type_=sa.Text), escape="/"),
    )
)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. None means any; an empty collection, nothing.

    ``types`` are those of captured events, ``system_types`` of the system's own. ``text_types`` are the types, of both
    kinds, whose names or sources contain the text, which any event of these types therefore answers.
    """

    types: frozenset[int] | None
    system_types: frozenset[int]
    about: About | None
    text_types: frozenset[int] = frozenset()
    text_is_user: bool = False  # any captured event answers the text, because its source contains it

    @property
    def has_captured(self) -> bool:
        """Whether a captured event may answer."""
        return self.types != frozenset() and self.about != {}

    @property
    def has_system(self) -> bool:
        """Whether an event of the system's may answer."""
        return bool(self.system_types) and self.about != {}


def look_up(connection: Connection, asked: EventListing) -> Terms:
    """The terms of a question."""
    sources = asked.sources or SOURCES
    types: frozenset[int] | None = None
    if asked.names:
        types = frozenset(event_types.numbers(connection, asked.workspace, asked.names).values())
    if asked.type is not None:
        own = frozenset({asked.type} if asked.type > 0 else ())
        types = own if types is None else types & own
    if "user" not in sources:
        types = frozenset()
    system = frozenset(number for name, number in TYPES.items() if not asked.names or name in asked.names)
    if "system" not in sources or asked.type is not None or _is_below_others(asked):
        system = frozenset()
    text = asked.text.casefold()
    return Terms(
        types=types,
        system_types=system,
        about=_about(connection, asked),
        text_types=_types_with(connection, asked.workspace, text) if text else frozenset(),
        text_is_user=bool(text) and text in "user",
    )


def _is_below_others(asked: EventListing) -> bool:
    return asked.parent is not None


def _types_with(connection: Connection, workspace: int, text: str) -> frozenset[int]:
    escaped = text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    found = {row[0] for row in connection.rows(_BY_PART_OF_NAME, workspace=workspace, part=escaped)}
    found |= {TYPES[name] for name in LABELS if text in name or text in "system"}  # type: ignore[index]
    return frozenset(found)


def _about(connection: Connection, asked: EventListing) -> About | None:
    """Whom events may be about, where that is asked."""
    about: About | None = None
    if asked.customers:
        found = customers.by_ids(connection, asked.workspace, asked.customers).values()
        about = _with_former(connection, (each for each in found if each.registered))
    if asked.external_customers:
        named = {Identity("external_id", each) for each in asked.external_customers}
        held = customers.holders(connection, asked.workspace, named).values()
        by_name: About = {each.number: ANY_LINK for each in held if each.deleted_at is None}
        for external_id in asked.external_customers:
            _add_former(connection, asked.workspace, external_id, by_name)
        about = by_name if about is None else _both(about, by_name)
    return about


def _with_former(connection: Connection, found: Iterable[Customer]) -> About:
    about: About = {}
    for each in found:
        if each.deleted_at is not None:
            about[each.number] = about.get(each.number, frozenset()) | _BY_ID
            continue
        about[each.number] = ANY_LINK
        if each.external_id is not None:
            _add_former(connection, each.workspace, each.external_id, about)
    return about


def _add_former(connection: Connection, workspace: int, external_id: str, about: About) -> None:
    for former in customers.former(connection, workspace, external_id):
        about[former.number] = about.get(former.number, frozenset()) | _BY_EXTERNAL_ID


def _both(one: About, other: About) -> About:
    common = {number: one[number] & other[number] for number in one.keys() & other.keys()}
    return {number: links for number, links in common.items() if links}
