"""Uploads: each record is judged for itself, then what is good becomes events and changes of customers.

Contracts/clevertap.md 3.1-3.4.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from footfall.apis.clevertap import identities, properties, verdicts
from footfall.apis.clevertap.errors import CleverTapError, MalformedRequest
from footfall.apis.clevertap.profiles import ProfileChange, change_of
from footfall.apis.clevertap.query import CHARGED
from footfall.apis.clevertap.schemas import UploadBody, UploadRecord
from footfall.apis.clevertap.verdicts import RecordRefused
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent

MOST_RECORDS = 1000
EARLIEST_TS = 86_400  # 1970-01-02: what lies before is a duration or a mistake
SECONDS_AHEAD = 86_400
_LONGEST_NAME = 512
_EVENT = b'"event"'
_TYPES = frozenset({"event", "profile", "token"})
_PLATFORMS = {
    **dict.fromkeys(("fcm", "gcm", "hms", "xps", "bps"), "Android"),
    "apns": "iOS",
    **dict.fromkeys(("chrome", "firefox", "safari", "webpush", "vapid"), "Web"),
}
_UNDECODABLE = (msgspec.DecodeError, RecursionError)

_body = msgspec.json.Decoder(UploadBody).decode
_record = msgspec.json.Decoder(UploadRecord).decode
_any = msgspec.json.Decoder().decode
_object = msgspec.json.Decoder(dict[str, Any]).decode
_members = msgspec.json.Decoder(dict[str, Raw]).decode


class Judgement(msgspec.Struct, frozen=True):
    """What to do with an upload's records, each by its index in the upload."""

    events: dict[int, NewEvent]
    changes: dict[int, ProfileChange]
    refused: dict[int, RecordRefused]


def records_of(body: bytes) -> list[Raw]:
    """The records in a body, as they were sent. Raises CleverTapError when the envelope is wrong."""
    try:
        body.decode()  # what is passed through unread must be text as well
        records = _body(body).d
    except (UnicodeDecodeError, *_UNDECODABLE) as error:
        raise MalformedRequest from error
    if len(records) > MOST_RECORDS:
        # Loaders repeat a "Malformed request" for ever (contract 3.3), so this is told in other words.
        raise CleverTapError(f"Too many records : at most {MOST_RECORDS} are allowed in one request")
    return records


def judge(records: Sequence[Raw], now: int, *, refuse_restricted: bool) -> Judgement:
    """The verdict on each of ``records`` that arrived at the instant ``now``."""
    judgement = Judgement({}, {}, {})
    for index, raw in enumerate(records):
        try:
            decided = _judge(raw, now, refuse_restricted=refuse_restricted)
        except RecordRefused as refusal:
            judgement.refused[index] = refusal
        else:
            if isinstance(decided, NewEvent):
                judgement.events[index] = decided
            else:
                judgement.changes[index] = decided
    return judgement


def _judge(raw: Raw, now: int, *, refuse_restricted: bool) -> NewEvent | ProfileChange:
    try:
        record = _record(raw)
        kind = "event" if bytes(record.type) == _EVENT else _any(record.type) if record.type else None
    except _UNDECODABLE as error:
        raise verdicts.type_unknown() from error
    if not isinstance(kind, str) or kind not in _TYPES:
        raise verdicts.type_unknown()
    names = _names(record)
    occurred_at = _occurred_at(record.ts, now)
    match kind:
        case "event":
            return _event(record, names, occurred_at, now, refuse_restricted=refuse_restricted)
        case "profile":
            return _profile(record, names)
        case _:
            return _token(record, names)


def _event(
    record: UploadRecord, names: tuple[Identity, ...], occurred_at: int, now: int, *, refuse_restricted: bool
) -> NewEvent:
    name = _event_name(record.event_name)
    if refuse_restricted and name in verdicts.RESTRICTED_NAMES:
        raise verdicts.name_restricted()
    try:
        data = _object(record.event_data)
        properties.check_event_data(data, with_items=name == CHARGED)
    except properties.Unacceptable as error:
        raise verdicts.event_incorrect(str(error)) from error
    except _UNDECODABLE as error:
        raise verdicts.event_incorrect("evtData should be an object") from error
    if len(data) > properties.MOST_PROPERTIES:
        raise verdicts.too_many_properties(properties.MOST_PROPERTIES)
    return NewEvent(
        name=name,
        occurred_at=occurred_at,
        received_at=now,
        properties=bytes(record.event_data).decode(),
        customer=CustomerReference(identities=names),
        captured_by="clevertap",
    )


def _event_name(raw: Raw) -> str:
    name = _text(raw)
    if name is None or not name.strip():
        raise verdicts.name_missing()
    if len(name) > _LONGEST_NAME:
        raise verdicts.name_incorrect(f"Event name is longer than {_LONGEST_NAME} characters")
    if "\0" in name or not properties.FORBIDDEN_IN_NAMES.isdisjoint(name):
        raise verdicts.name_incorrect("Event name holds a forbidden character")
    return name


def _profile(record: UploadRecord, names: tuple[Identity, ...]) -> ProfileChange:
    try:
        return change_of(_members(record.profile_data), names)
    except _UNDECODABLE as error:
        raise verdicts.profile_incorrect("profileData should be an object") from error


def _token(record: UploadRecord, names: tuple[Identity, ...]) -> ProfileChange:
    """A push token is checked, and tells of its user's platform; the token itself is of no use to an event store."""
    try:
        data: Mapping[str, Any] = _object(record.token_data)
    except _UNDECODABLE as error:
        raise verdicts.token_incorrect(530, "tokenData should be an object") from error
    for code, key in ((531, "id"), (532, "type")):
        if not isinstance(data.get(key), str) or not data[key]:
            raise verdicts.token_incorrect(code, f"{key} is mandatory")
    return ProfileChange(reference=CustomerReference(identities=names), platform=_PLATFORMS.get(data["type"].lower()))


def _names(record: UploadRecord) -> tuple[Identity, ...]:
    """The user's names, the caller's own first: it leads where several are given."""
    found = []
    for raw, identity, refusal in (
        (record.identity, identities.external, verdicts.nobody),
        (record.object_id, identities.device, verdicts.object_id_incorrect),
        (record.facebook_id, identities.facebook, verdicts.nobody),
        (record.google_id, identities.google, verdicts.nobody),
    ):
        if not raw:
            continue
        content = bytes(raw)
        if content in {b"null", b'""'}:
            continue
        name = content.decode() if content[:1] in b"-0123456789" else _text(raw)
        if name is None or not identities.is_usable(name):
            raise refusal()
        found.append(identity(name))
    if not found:
        raise verdicts.nobody()
    return tuple(found)


def _occurred_at(raw: Raw, now: int) -> int:
    if not raw or bytes(raw) == b"null":
        return now
    try:
        given = _any(raw)
    except _UNDECODABLE as error:
        raise verdicts.timestamp_incorrect() from error
    if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) <= 12:
        given = int(given)
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise verdicts.timestamp_incorrect()
    if not EARLIEST_TS <= given <= now // instant.SECOND + SECONDS_AHEAD:
        raise verdicts.timestamp_incorrect()
    return given * instant.SECOND


def _text(raw: Raw) -> str | None:
    """The text in ``raw``, or None when it is none."""
    try:
        found = _any(raw) if raw else None
    except _UNDECODABLE:
        return None
    return found if isinstance(found, str) else None
