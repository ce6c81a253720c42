"""Reading the body of a custom event: every field judged on its own, all faults told at once.

Contract: contracts/gainsight_px.md 4.1. The limits on names and attributes are the product's; those on identifiers
are ours.
"""

from typing import get_args

import msgspec
from msgspec import Raw

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.apis.gainsight_px.schemas import CustomEventBody, SubError
from footfall.model import instant
from footfall.model.query import UserType
from footfall.model.text import LONGEST_ACCOUNT

LONGEST_NAME = 2000
LONGEST_IDENTIFIER = 1024
LONGEST_KEY = 1024
MOST_ATTRIBUTES = 50
MOST_EVENTS = 1000
"""Of a batch, ours."""

_LONGEST_ECHO = 200  # characters of a rejected value that are told back
_USER_TYPES = get_args(UserType)
_ATTRIBUTE_OF_FIELD = dict(
    zip(CustomEventBody.__struct_encode_fields__, CustomEventBody.__struct_fields__, strict=True)
)

_decode_body = msgspec.json.Decoder(CustomEventBody).decode
_decode_batch = msgspec.json.Decoder(list[Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode
_decode_integer = msgspec.json.Decoder(int).decode
_decode_object = msgspec.json.Decoder(dict[str, Raw]).decode


class SentEvent(msgspec.Struct, kw_only=True):
    """A custom event as sent, found good. None is not sent; ``date`` is milliseconds since 1970."""

    event_name: str
    identify_id: str
    property_key: str
    user_type: UserType
    event_id: str | None
    date: int | None
    event_type: str | None
    session_id: str | None
    account_id: str | None
    global_context: str | None  # JSON object
    attributes: str  # JSON object
    url: str | None
    referrer: str | None
    remote_host: str | None


def parse(content: bytes) -> SentEvent:
    """The event in a request's body. Raises BadRequest, with a sub-error for every field at fault."""
    try:
        content.decode()
        body = _decode_body(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"Malformed JSON request: {error}") from error
    fields = _Fields(body)
    sent = SentEvent(
        event_name=fields.required_text("eventName", LONGEST_NAME),
        identify_id=fields.required_text("identifyId", LONGEST_IDENTIFIER),
        property_key=fields.required_text("propertyKey", LONGEST_IDENTIFIER),
        user_type=fields.user_type(),
        event_id=fields.text("eventId", LONGEST_IDENTIFIER),
        date=fields.date(),
        event_type=fields.text("eventType", LONGEST_IDENTIFIER),
        session_id=fields.text("sessionId", LONGEST_IDENTIFIER),
        account_id=fields.text("accountId", LONGEST_ACCOUNT),
        global_context=fields.object("globalContext"),
        attributes=fields.attributes(),
        url=fields.text("url"),
        referrer=fields.text("referrer"),
        remote_host=fields.text("remoteHost"),
    )
    if fields.faults:
        raise BadRequest("Validation error", fields.faults)
    return sent


def parse_batch(content: bytes) -> list[bytes]:
    """The events in the body of a batch, each still as it was sent. Raises BadRequest."""
    try:
        content.decode()
        sent = _decode_batch(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"Malformed JSON request: {error}") from error
    if len(sent) > MOST_EVENTS:
        raise BadRequest(f"A batch has at most {MOST_EVENTS} events")
    return [bytes(each) for each in sent]


class _Fields:
    """The fields of a body; ``faults`` gathers what is wrong with them. Null counts as not sent."""

    def __init__(self, body: CustomEventBody) -> None:
        self._body = body
        self.faults: list[SubError] = []

    def text(self, field: str, longest: int | None = None) -> str | None:
        """A text, None where it is missing or empty."""
        raw = self._raw(field)
        if raw is None:
            return None
        try:
            text = _decode_text(raw)
        except msgspec.DecodeError:
            self._fault(field, "must be a string")
            return None
        if longest is not None and len(text) > longest:
            self._fault(field, f"must have at most {longest} characters")
            return None
        if "\0" in text:  # no database finds a text again by what stands behind one
            self._fault(field, "must not contain NUL characters")
            return None
        return text or None

    def required_text(self, field: str, longest: int) -> str:
        """A text that must be there and not empty."""
        before = len(self.faults)
        text = self.text(field, longest)
        if text is None and len(self.faults) == before:
            self._fault(field, "must not be empty")
        return text or ""

    def user_type(self) -> UserType:
        """One of the product's kinds of user."""
        text = self.required_text("userType", LONGEST_IDENTIFIER)
        for user_type in _USER_TYPES:
            if text == user_type:
                known: UserType = user_type
                return known
        if text:
            self._fault("userType", f"must be one of {', '.join(_USER_TYPES)}")
        return "EMPTY_USER_TYPE"

    def date(self) -> int | None:
        """Milliseconds since 1970."""
        raw = self._raw("date")
        if raw is None:
            return None
        try:
            milliseconds = _decode_integer(raw)
        except msgspec.DecodeError:
            self._fault("date", "must be epoch milliseconds as an integer")
            return None
        if not instant.is_showable(milliseconds * instant.MILLISECOND):
            self._fault("date", "must lie between the years 1 and 9999")
        return milliseconds

    def object(self, field: str) -> str | None:
        """A JSON object, as it stands in the body."""
        raw = self._raw(field)
        if raw is None:
            return None
        if not raw.startswith(b"{"):
            self._fault(field, "must be an object")
            return None
        return raw.decode()

    def attributes(self) -> str:
        """The attributes, as they stand in the body."""
        attributes = self.object("attributes")
        if attributes is None:
            return "{}"
        names = _decode_object(attributes)
        if len(names) > MOST_ATTRIBUTES:
            self._fault("attributes", f"must have at most {MOST_ATTRIBUTES} properties")
        elif any(len(name) > LONGEST_KEY for name in names):
            self._fault("attributes", f"must have property names of at most {LONGEST_KEY} characters")
        return attributes

    def _raw(self, field: str) -> bytes | None:
        raw = self._sent(field)
        return None if raw in (b"", b"null") else raw

    def _sent(self, field: str) -> bytes:
        """The field as it stands in the body; empty where it is missing."""
        return bytes(getattr(self._body, _ATTRIBUTE_OF_FIELD[field]))

    def _fault(self, field: str, message: str) -> None:
        sent = self._sent(field)
        echo = Raw(sent) if 0 < len(sent) <= _LONGEST_ECHO else None
        self.faults.append(
            SubError(object="customEvent", field=field, rejected_value=echo, message=f"{field} {message}")
        )
