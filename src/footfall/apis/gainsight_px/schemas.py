"""The wire: bodies and answers, field by field as the product spells them (contracts/gainsight_px.md 1.4, 2.5, 4.1)."""

from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from footfall.model.query import UserType

NOT_SENT = Raw()
"""A field that the body does not have."""

EMPTY_OBJECT = Raw(b"{}")

JsonObject = Any
"""A JSON object, usually ``Raw``: passed through as it was stored."""


class CustomEvent(msgspec.Struct, rename="camel", gc=False):
    """A custom event as it is read. ``date`` is milliseconds since 1970, UTC."""

    event_id: str
    identify_id: str
    property_key: str
    date: int
    event_type: str
    session_id: str
    user_type: UserType
    account_id: str
    global_context: JsonObject
    event_name: str
    attributes: JsonObject
    url: str
    referrer: str
    remote_host: str


class CustomEventPage(msgspec.Struct, rename="camel"):
    """One page of a search. ``scrollId`` is null on a page that is not full."""

    custom_events: list[CustomEvent]
    total_hits: int
    scroll_id: str | None


class CustomEventBody(msgspec.Struct, rename="camel", kw_only=True):
    """A custom event as it is sent, every field still as it stands in the body: each is judged on its own."""

    event_name: Raw = NOT_SENT
    identify_id: Raw = NOT_SENT
    property_key: Raw = NOT_SENT
    user_type: Raw = NOT_SENT
    event_id: Raw = NOT_SENT
    date: Raw = NOT_SENT
    event_type: Raw = NOT_SENT
    session_id: Raw = NOT_SENT
    account_id: Raw = NOT_SENT
    global_context: Raw = NOT_SENT
    attributes: Raw = NOT_SENT
    url: Raw = NOT_SENT
    referrer: Raw = NOT_SENT
    remote_host: Raw = NOT_SENT


class SessionPart(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """What of a custom event is stored as its session: as sent, and only what was sent."""

    session_id: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    referrer: str | UnsetType = UNSET
    remote_host: str | UnsetType = UNSET
    global_context: Raw | UnsetType = UNSET
    user_type: str | UnsetType = UNSET


class ShownSession(msgspec.Struct, rename="camel", gc=False):
    """What searches show of an event's session."""

    session_id: str = ""
    url: str = ""
    referrer: str = ""
    remote_host: str = ""
    global_context: Raw = EMPTY_OBJECT
    user_type: str = ""


class CreatedEvent(msgspec.Struct, rename="camel"):
    """The answer to a custom event sent.

    ``eventId`` is what searches show; by ``id`` the other products' APIs know the event.
    """

    event_id: str
    id: str


class BatchError(msgspec.Struct, frozen=True):
    """Why the event at this place of a batch, from 0, was not stored."""

    index: int
    message: str


class SubError(msgspec.Struct, rename="camel", kw_only=True):
    """One fault of a body."""

    object: str
    field: str
    rejected_value: Any
    message: str


class ErrorBody(msgspec.Struct, rename="camel", kw_only=True):
    """What went wrong; ``status`` is the name of the HTTP status."""

    status: str
    message: str
    debug_message: None = None
    sub_errors: list[SubError] | None = None


class ErrorAnswer(msgspec.Struct, rename="camel"):
    """The envelope of every error; ``errorMessage`` is there for a bad key only."""

    externalapierror: ErrorBody
    error_message: str | UnsetType = UNSET
