"""The explorer's question, and its pages: newest first, by keyset, looking at a bounded number of events each."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

import msgspec
from msgspec import Raw

from footfall.console.people import find_customer
from footfall.model import instant
from footfall.model.event import Event
from footfall.storage import event_types, filtered_events
from footfall.storage.connection import Connection
from footfall.storage.event_browse import Browse
from footfall.storage.event_walk import EARLIEST, LATEST, Found, WalkPosition

PAGE = 50
MOST_LOOKED_AT = 2_000
"""What no index finds (a source, a property) is looked for in so many events; then the reader is asked to go on."""

_PLACE = re.compile(r"(-?[0-9]{1,18})\.([0-9]{1,18})", re.ASCII)
_members = msgspec.json.Decoder(dict[str, Raw]).decode
_text = msgspec.json.Decoder(str).decode


class InvalidQuestion(ValueError):  # noqa: N818
    """A field of the form cannot be read; the message says which."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What the form asks; empty texts ask nothing. ``property_value`` empty: the property is there, whatever it is."""

    name: str = ""
    customer: str = ""
    since: str = ""
    until: str = ""
    source: str = ""
    property_name: str = ""
    property_value: str = ""

    @property
    def looks_inside(self) -> bool:
        """Whether no index answers it alone."""
        return bool(self.source or self.property_name)


class Explored(msgspec.Struct, frozen=True, kw_only=True):
    """A page: ``older`` leads to the next, None where nothing is older. ``looked_at``: events that were read."""

    events: list[Found]
    older: str | None
    looked_at: int
    problem: str = ""


def question_of(given: Mapping[str, str]) -> Question:
    """The question in a query's parameters."""
    return Question(**{name: given.get(name, "").strip() for name in Question.__struct_fields__})


def place_of(text: str) -> WalkPosition | None:
    """Where to go on, as ``text_of`` tells it; None for the start."""
    found = _PLACE.fullmatch(text)
    return None if found is None else WalkPosition(int(found[1]), int(found[2]))


def text_of(event: Event) -> str:
    """The place behind this event."""
    return f"{event.occurred_at}.{event.sequence}"


def explore(connection: Connection, workspace: int, asked: Question, place: WalkPosition | None) -> Explored:
    """One page. Raises InvalidQuestion."""
    browse = Browse(
        workspace=workspace,
        since=_moment(asked.since, "from", EARLIEST),
        until=_moment(asked.until, "to", LATEST),
    )
    if asked.name:
        number = event_types.numbers(connection, workspace, [asked.name]).get(asked.name)
        if number is None:
            return Explored(events=[], older=None, looked_at=0, problem="No event of this workspace bears this name.")
        browse = msgspec.structs.replace(browse, types=(number,))
    if asked.customer:
        customer = find_customer(connection, workspace, asked.customer)
        if customer is None:
            return Explored(events=[], older=None, looked_at=0, problem="Nobody goes by this name.")
        browse = msgspec.structs.replace(browse, customer=customer.number)
    return _look(connection, browse, asked, place)


def _look(connection: Connection, browse: Browse, asked: Question, place: WalkPosition | None) -> Explored:
    answers = partial(_answers, asked=asked) if asked.looks_inside else None
    page = filtered_events.page(connection, browse, answers, place, PAGE, MOST_LOOKED_AT)
    return Explored(events=page.events, older=_behind(page.behind), looked_at=page.looked_at)


def _behind(place: WalkPosition | None) -> str | None:
    return None if place is None else f"{place.occurred_at}.{place.sequence}"


def _answers(event: Event, asked: Question) -> bool:
    if asked.source and event.source != asked.source:
        return False
    if not asked.property_name:
        return True
    raw = _members(event.properties).get(asked.property_name)
    return raw is not None and (not asked.property_value or _shown(raw) == asked.property_value)


def _shown(raw: Raw) -> str:
    """A property as a person would write it: a text without its quotes, anything else as its JSON."""
    content = bytes(raw)
    return _text(content) if content.startswith(b'"') else content.decode()


def _moment(text: str, field: str, otherwise: int) -> int:
    if not text:
        return otherwise
    try:
        told = datetime.fromisoformat(text)
        return instant.from_datetime(told if told.tzinfo is not None else told.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise InvalidQuestion(f"{field}: expected a time such as 2024-05-01T12:30 (UTC)") from None
