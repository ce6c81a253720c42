"""A question for whole events in words that a person uses, as a value; what no index answers of it is decided here.

Pages of its answer go by position (``storage.filtered_events``), so it serves whoever looks, page by page.
"""

from decimal import Decimal, InvalidOperation

import msgspec
from msgspec import Raw

from footfall.model.event import Event

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_text = msgspec.json.Decoder(str).decode


class EventFilter(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Events of which everything that is given holds, and one of ``names``; ``since <= occurred_at < until``.

    ``customer`` is an external id, or a customer's id as UUID text; ``parent`` an event's id (16 bytes).
    ``properties``: pairs of a name and a value, see ``same_value``. The order is of time, newest first unless not
    ``descending``.
    """

    names: tuple[str, ...] = ()
    customer: str | None = None
    source: str | None = None
    account: str | None = None
    since: int | None = None  # instant
    until: int | None = None
    properties: tuple[tuple[str, str], ...] = ()
    parent: bytes | None = None
    descending: bool = True

    @property
    def looks_inside(self) -> bool:
        """Whether no index answers all of it."""
        return self.source is not None or bool(self.properties)


def is_within(event: Event, asked: EventFilter) -> bool:
    """Whether the event answers what no index answers of ``asked``: its source and its properties."""
    if asked.source is not None and event.source != asked.source:
        return False
    if not asked.properties:
        return True
    members = _members(event.properties)
    return all(key in members and same_value(bytes(members[key]), value) for key, value in asked.properties)


def same_value(content: bytes, value: str) -> bool:
    """Whether the JSON ``content`` is what a person writes as ``value``.

    A text is compared letter by letter, a number as a number however it is written, anything else by its JSON.
    """
    if content.startswith(b'"'):
        return _text(content) == value
    if content[:1].isdigit() or content.startswith(b"-"):
        try:
            return Decimal(content.decode()) == Decimal(value)
        except InvalidOperation:
            return False
    return content.decode() == value
