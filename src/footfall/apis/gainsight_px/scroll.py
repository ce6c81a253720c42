"""Scroll ids: signed, self-contained, without expiry (contracts/gainsight_px.md 2.6).

One carries all that the pages to come need: the filter, the order, the resolved window, the snapshot, how far the
pages went, the page size and the total. It changes on every page.
"""

import msgspec

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.model import signed_token
from footfall.model.event import Family
from footfall.model.query import EventQuery, Position
from footfall.storage.found_event import FoundEvent

_PURPOSE = "px-scroll-2"  # another number when the content changes its form


class Scroll(msgspec.Struct, frozen=True, array_like=True):
    """A search under way: what comes next, and how many rows it has in all."""

    query: EventQuery
    total: int


_decode = msgspec.msgpack.Decoder(Scroll).decode


def to_token(scroll: Scroll, key: bytes) -> str:
    """The scroll id of ``scroll``."""
    return signed_token.sign(msgspec.msgpack.encode(scroll), key, _PURPOSE)


def from_token(token: str, key: bytes, workspace: int, family: Family) -> Scroll:
    """The scroll of a scroll id. Raises BadRequest for one that is not ours, another workspace's or another list's."""
    content = signed_token.verify(token, key, _PURPOSE)
    if content is None:
        raise BadRequest("Invalid scrollId")
    try:
        scroll = _decode(content)
    except msgspec.DecodeError as error:  # signed by us, but in a form that this version no longer knows
        raise BadRequest("Invalid scrollId") from error
    if (scroll.query.workspace, scroll.query.family) != (workspace, family):
        raise BadRequest("Invalid scrollId")
    return scroll


def behind(scroll: Scroll, last: FoundEvent) -> Scroll:
    """``scroll`` after a page that ended with ``last``."""
    values = tuple(getattr(last, key.field) for key in scroll.query.order)
    query = msgspec.structs.replace(scroll.query, after=Position(values, last.sequence))
    return Scroll(query, scroll.total)


def with_page_size(scroll: Scroll, size: int) -> Scroll:
    """``scroll`` going on with pages of ``size`` rows."""
    return Scroll(msgspec.structs.replace(scroll.query, limit=size), scroll.total)
