"""A question for a list of events, captured ones and the system's own, as a value (contracts/rapidly.md 2.3)."""

from typing import Literal

import msgspec

Source = Literal["system", "user"]
SOURCES: tuple[Source, ...] = ("system", "user")


class EventListing(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one workspace, one page of them; everything that is given must hold, of several values one.

    An event is about a customer by his id or by his external id; of a deleted one only by his id, as his external id
    is whoever's goes by it now. ``properties``: of members of that name one reads as one of the texts. ``text``: the
    event's name, its source or a name of its customer contains it, or its properties have all of its words.

    ``depth`` without ``parent``: events without a parent, and their descendants down to that many levels below those
    that answer everything else, too. With ``parent``: its descendants down to that many levels, the parent left out;
    without ``depth`` its children.
    """

    workspace: int
    since: int | None = None  # occurred_at >= since
    before: int | None = None
    customers: tuple[bytes, ...] = ()  # ids
    external_customers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    type: int | None = None  # number of an event type, 0 for none there is; no event of the system's has one
    sources: tuple[Source, ...] = ()
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    text: str = ""
    parent: bytes | None = None
    depth: int | None = None
    descending: bool = True
    limit: int = 10
    offset: int = 0
