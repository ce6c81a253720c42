"""Between the wire and the model. Pure."""

import re
from contextlib import suppress
from datetime import datetime
from functools import lru_cache

import msgspec
from msgspec import UNSET, Raw, UnsetType

from footfall.apis.footfall.errors import InvalidEvent
from footfall.apis.footfall.schemas import CustomerPart, EventAnswer, SentCustomer, SentEvent
from footfall.model import amount, identifiers, instant
from footfall.model.customer import Customer, CustomerProfile, IdentityKind
from footfall.model.document import check_object
from footfall.model.event import CustomerReference, Event, Family, NewEvent, Refused
from footfall.model.text import LONGEST_ACCOUNT, LONGEST_NAME, LONGEST_TEXT, fault_of, identity

_NULL = b"null"
_IDENTITY_FIELDS: tuple[IdentityKind, ...] = ("external_id", "email", "mobile", "object_id")
_CUSTOMER_FIELDS = tuple(f"customer.{field}" for field in SentCustomer.__struct_fields__)
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.(?P<fraction>\d+))?(?P<zone>[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PATH_IN_MESSAGE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN_FIELD = re.compile(r"unknown field `(?P<name>[^`]*)`")
_MISSING_FIELD = re.compile(r"missing required field `(?P<name>[^`]*)`")

_decode = msgspec.json.Decoder(SentEvent).decode
_decode_text = msgspec.json.Decoder(str).decode

_REFUSALS = {
    "unknown_customer": ("customer.id", "There is no customer with this id"),
    "no_customer": ("customer", "The customer is not known"),
    "unknown_parent": ("parent", "The parent is neither stored nor earlier in the body"),
    "circular_parent": ("parent", "The event would be its own ancestor"),
    "taken": ("external_id", "The id belongs to another event"),
}


def new_event(content: bytes, received_at: int) -> NewEvent:
    """The event that ``content`` spells. Raises InvalidEvent for whatever may be wrong with it."""
    sent = _decoded(content)
    _check_texts(sent)
    occurred_at, utc_offset = _occurred_at(sent.occurred_at, received_at)
    session = _document("session", sent.session)
    family = _family(sent)
    return NewEvent(
        name=family if isinstance(sent.name, UnsetType) else sent.name,
        family=family,
        occurred_at=occurred_at,
        utc_offset=utc_offset,
        received_at=received_at,
        properties=_document("properties", sent.properties) or "{}",
        session=session,
        customer=None if sent.customer is None else _reference(sent.customer),
        external_id=sent.external_id,
        account_id=sent.account_id,
        source=sent.source,
        amount=_amount(bytes(sent.amount)),
        parent=_uuid("parent_id", sent.parent_id),
        parent_external_id=sent.parent_external_id,
        captured_by="footfall",
    )


def event_answer(event: Event, customer: Customer | None) -> EventAnswer:
    """The event as read."""
    return EventAnswer(
        id=identifiers.to_text(event.id),
        name=event.name,
        label=event.label,
        occurred_at=time_text(event.occurred_at),
        utc_offset=event.utc_offset,
        received_at=time_text(event.received_at),
        external_id=event.external_id,
        customer=None if customer is None else customer_part(customer),
        account_id=event.account_id,
        source=event.source,
        amount=None if event.amount is None else amount.to_text(event.amount),
        properties=Raw(event.properties),
        session=Raw(event.session or _NULL),
        parent_id=None if event.parent_id is None else identifiers.to_text(event.parent_id),
        captured_by=event.captured_by,
        family=UNSET if event.family == "custom" else event.family,
    )


def refusal(refused: Refused) -> InvalidEvent:
    """What to tell of an event that capture refused."""
    field, message = _REFUSALS[refused.reason]
    return InvalidEvent(message, field)


def _decoded(content: bytes) -> SentEvent:
    try:
        if not content.isascii():
            content.decode()  # what is passed through unread must be text as well
        return _decode(content)
    except UnicodeDecodeError:
        raise InvalidEvent("Not valid UTF-8") from None
    except RecursionError:
        raise InvalidEvent("Nested too deeply") from None
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except msgspec.DecodeError as error:
        raise InvalidEvent(f"Not valid JSON: {error}") from None


def _invalid(message: str) -> InvalidEvent:
    """The decoder's message with the field it is about taken out of it."""
    located = _PATH_IN_MESSAGE.search(message)
    path = "" if located is None else located["path"]
    told = message if located is None else message[: located.start()]
    named = _UNKNOWN_FIELD.search(told) or _MISSING_FIELD.search(told)
    if named is not None:
        path = f"{path}.{named['name']}" if path else named["name"]
    return InvalidEvent(told, path or None)


def _check_texts(sent: SentEvent) -> None:
    if not isinstance(sent.name, UnsetType):
        _check_text("name", sent.name, LONGEST_NAME)
    if sent.external_id is not None:
        _check_text("external_id", sent.external_id)
    if sent.account_id is not None:
        _check_text("account_id", sent.account_id, LONGEST_ACCOUNT)
    if sent.source is not None:
        _check_text("source", sent.source)
    if sent.parent_external_id is not None:
        _check_text("parent_external_id", sent.parent_external_id)
    if sent.customer is not None:
        for field, text in zip(_CUSTOMER_FIELDS, msgspec.structs.astuple(sent.customer), strict=True):
            if text is not None:
                _check_text(field, text)


def _family(sent: SentEvent) -> Family:
    """An event of a family other than custom may go without a name of its own: it bears the family's."""
    if isinstance(sent.name, UnsetType) and sent.family == "custom":
        raise InvalidEvent("Object missing required field `name`", "name")
    return sent.family


def _check_text(field: str, text: str, longest: int = LONGEST_TEXT) -> None:
    fault = fault_of(text, longest)
    if fault is not None:
        raise InvalidEvent(fault, field)


def _occurred_at(sent: str | int | None, received_at: int) -> tuple[int, int | None]:
    if sent is None:
        return received_at, None
    if isinstance(sent, int):
        at, offset = sent * instant.MILLISECOND, None
    else:
        at, offset = moment(sent)
    if not instant.is_showable(at):
        raise InvalidEvent("Expected a time in the years 1 to 9999", "occurred_at")
    return at, offset


@lru_cache(maxsize=1024)  # what happened together often arrives together
def moment(text: str) -> tuple[int, int]:
    """The instant and the offset in minutes; digits beyond microseconds are cut. Raises InvalidEvent."""
    if _USUAL.fullmatch(text):
        with suppress(ValueError):  # no such day: told below
            return instant.from_datetime(datetime.fromisoformat(text)), 0
    matched = _RFC_3339.fullmatch(text)
    if matched is None:
        raise _not_a_time()
    try:
        local = datetime.fromisoformat(f"{text[:10]}T{text[11:19]}{matched['zone'].upper()}")
    except ValueError:
        raise _not_a_time() from None
    fraction = int((matched["fraction"] or "0")[:6].ljust(6, "0"))
    offset = local.utcoffset()
    assert offset is not None
    return instant.from_datetime(local) + fraction, int(offset.total_seconds()) // 60


def _not_a_time() -> InvalidEvent:
    return InvalidEvent(
        "Expected RFC 3339 with an offset, such as 2024-05-01T12:30:00.5+02:00, or epoch milliseconds", "occurred_at"
    )


def _reference(sent: SentCustomer) -> CustomerReference:
    identities = []
    for kind in _IDENTITY_FIELDS:
        text: str | None = getattr(sent, kind)
        if text is None:
            continue
        found = identity(kind, text)
        if found is None:
            raise InvalidEvent("Expected digits", f"customer.{kind}")
        identities.append(found)
    identifier = _uuid("customer.id", sent.id)
    if not identities and identifier is None:
        raise InvalidEvent("Expected one of external_id, email, mobile, object_id, id", "customer")
    profile = None if sent.name is None else CustomerProfile(name=sent.name)
    return CustomerReference(identities=tuple(identities), id=identifier, profile=profile)


def _uuid(field: str, text: str | None) -> bytes | None:
    if text is None:
        return None
    identifier = identifiers.from_text(text)
    if identifier is None:
        raise InvalidEvent("Expected a UUID", field)
    return identifier


def _amount(raw: bytes) -> int | None:
    if raw == _NULL:
        return None
    text = _decode_text(raw) if raw.startswith(b'"') else raw.decode()
    parsed = amount.parse(text) if _DECIMAL.fullmatch(text) else None
    if parsed is None:
        raise InvalidEvent("Expected a number, or decimal text, that fits 64 bits in millionths", "amount")
    return parsed


def _document(field: str, raw: Raw) -> str | None:
    content = bytes(raw)
    if content == _NULL:
        return None
    try:
        return check_object(content)
    except ValueError as error:
        raise InvalidEvent(str(error), field) from None


def customer_part(customer: Customer) -> CustomerPart:
    """The customer as an event shows him."""
    return CustomerPart(
        id=identifiers.to_text(customer.id),
        number=customer.number,
        external_id=customer.external_id,
        email=customer.email,
        mobile=customer.mobile,
        object_id=customer.object_id,
        name=customer.name,
    )


def time_text(at: int) -> str:
    """An instant as it is shown."""
    return f"{instant.utc_text(at, 'microseconds')}Z"
