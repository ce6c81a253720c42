"""From the model to the wire: events and customers as records of an export (contracts/clevertap.md 2.4)."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

import msgspec
from msgspec import UNSET, Raw

from footfall.apis.clevertap.clock import Clock
from footfall.apis.clevertap.cursor import Flags
from footfall.apis.clevertap.filters import SESSION_KEYS
from footfall.apis.clevertap.identities import made_object_id, object_id_of
from footfall.apis.clevertap.profiles import Details
from footfall.apis.clevertap.schemas import EventTotals, Profile, Record
from footfall.model import instant
from footfall.model.export import EventSummary, ExportedCustomer, ExportedEvent

APP_FIELDS = ("os_version", "app_version", "make", "model")
_EMPTY = Raw(b"{}")

_encode = msgspec.json.Encoder().encode
_members = msgspec.json.Decoder(dict[str, Raw]).decode
_text = msgspec.json.Decoder(str).decode


class _StoredDetails(msgspec.Struct):
    clevertap: Details = Details()


_details = msgspec.json.Decoder(_StoredDetails).decode


def records(
    events: Sequence[ExportedEvent],
    customers: Iterable[ExportedCustomer],
    summaries: Iterable[EventSummary],
    flags: Flags,
    zone: tzinfo,
) -> list[Record]:
    """The records of a page. Profiles and sessions are made once, however many of the page's events share them."""
    totals = totals_of(summaries)
    profiles: dict[int | None, Profile] = {
        customer.number: profile(customer, flags, totals.get(customer.number, {})) for customer in customers
    }
    sessions = {session: session_props(session) for session in {event.session for event in events}}
    digits = Clock(zone).digits
    return [
        Record(
            profiles.get(event.customer) or nobody(event.id),
            digits(event.occurred_at),
            Raw(event.properties),
            sessions[event.session],
        )
        for event in events
    ]


def totals_of(summaries: Iterable[EventSummary]) -> dict[int, dict[str, EventTotals]]:
    """``profile.events`` by customer; seconds are cut."""
    totals: dict[int, dict[str, EventTotals]] = {}
    for each in summaries:
        totals.setdefault(each.customer, {})[each.name] = EventTotals(
            each.count, each.first_at // instant.SECOND, each.last_at // instant.SECOND
        )
    return totals


def profile(customer: ExportedCustomer, flags: Flags, totals: dict[str, EventTotals]) -> Profile:
    """The user as CleverTap shows one."""
    return Profile(
        objectId=object_id_of(customer),
        platform=platform_of(customer) or UNSET,
        identity=customer.external_id or UNSET,
        email=customer.email or UNSET,
        name=customer.name or UNSET,
        phone=UNSET if not customer.mobile else phone_of(customer.mobile),
        id=customer.number,
        profileData=Raw(customer.properties) if flags.profile else UNSET,
        events=totals if flags.events else UNSET,
        **(app_fields(customer) if flags.app else {}),
    )


def platform_of(customer: ExportedCustomer) -> str | None:
    """What the user's push token tells, if one was uploaded."""
    return None if customer.details == "{}" else _details(customer.details).clevertap.platform


def app_fields(customer: ExportedCustomer) -> dict[str, str]:
    """Those of the app's four fields that the profile has as properties: no product captures them otherwise."""
    members = _members(customer.properties)
    return {key: _text(members[key]) for key in APP_FIELDS if key in members and bytes(members[key]).startswith(b'"')}


def nobody(event: bytes) -> Profile:
    """Of a user whom nobody named there is only an object id, the event's own, so that it is always the same."""
    return Profile(objectId=made_object_id(event))


def session_props(session: str | None) -> Raw:
    """Those of the five session properties that were set."""
    if session is None:
        return _EMPTY
    shown = {
        key: value for key, value in _members(session).items() if key in SESSION_KEYS and bytes(value).startswith(b'"')
    }
    return Raw(_encode(shown))


def phone_of(mobile: str) -> int | str:
    """``phone``: a number, as in CleverTap's records, as long as it is one."""
    return int(mobile) if len(mobile) <= 18 and mobile.isascii() and mobile.isdecimal() else mobile
