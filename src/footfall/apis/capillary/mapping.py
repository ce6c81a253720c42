"""Between the wire and the model: posted JSON into a new event, a stored event into event data. Pure.

Contract: contracts/capillary.md 2.5 to 2.7, 3.2, 3.3.
"""

import hashlib
from collections.abc import Collection

import msgspec
from msgspec import UNSET

from footfall.apis.capillary import attributes, event_time, identity
from footfall.apis.capillary.attributes import Posted, Rejected
from footfall.apis.capillary.schemas import EventData
from footfall.apis.capillary.tills import Tills
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition
from footfall.model.event import Event, NewEvent
from footfall.model.organisation import Till
from footfall.model.text import LONGEST_ACCOUNT
from footfall.model.workspace import Workspace

INSTORE = "INSTORE"
NOBODY = -1
"""Shown as the customer of an event that has none; the product itself knows no such events."""

MASK = "*****"
"""Shown in place of a sensitive value."""

LOYALTY = "EMFConsumer"
"""The action that lets an event count towards targets."""

_NOT_ATTRIBUTES = frozenset({"event_name", "eventDateTime", "orgResolver"})
_encode = msgspec.json.encode
_decode_properties = msgspec.json.Decoder(dict[str, msgspec.Raw])

Shown = str | int | bool | None


class View(msgspec.Struct, frozen=True):
    """Who looks at events: an organisation, and whether what is sensitive is kept from the caller."""

    workspace: Workspace
    tills: Tills
    masks_sensitive: bool = False


class Setting(msgspec.Struct, frozen=True):
    """What belongs to one post, beside what was posted."""

    identifier: bytes  # the request id
    received_at: int  # the instant of processing
    till: Till  # the webhook's
    checks_uniqueness: bool


def new_event(posted: Posted, defined: Definition, tills: Tills, setting: Setting) -> NewEvent:
    """The event that was posted, once each of its fields has been checked. Raises Rejected."""
    field = defined.customer_field
    named = attributes.text_of(posted[field.name])
    where = identity.place(field.text("source"), field.text("accountId"))
    customer = identity.reference(
        field.text("identifierType") or "mobile",
        named,
        may_register=field.is_set("addCustomerIfNotExists"),
        where=where or identity.INSTORE_PLACE,
    )
    if customer is None:
        raise Rejected(f"invalid value for field {field.name}")
    moment = _occurred_at(posted, setting.received_at)
    account = field.text("accountId")
    if account is not None and len(account) > LONGEST_ACCOUNT:
        raise Rejected("invalid value for accountId")
    return NewEvent(
        id=setting.identifier,
        name=defined.name,
        occurred_at=moment.occurred_at,
        utc_offset=moment.utc_offset,
        received_at=setting.received_at,
        customer=customer,
        properties=json_object(posted, without=_NOT_ATTRIBUTES | {field.name}),
        source=field.text("source") or INSTORE,
        account_id=account,
        outlet=str((_till_of(posted, defined, tills) or setting.till).id),
        unique_key=_unique_key(posted, defined, named) if setting.checks_uniqueness else None,
        captured_by="capillary",
        counts=LOYALTY in defined.actions,
    )


def _till_of(posted: Posted, defined: Definition, tills: Tills) -> Till | None:
    """The till that an attribute names, which wins over the webhook's."""
    for field in defined.fields:
        value = posted.get(field.name) if field.kind == "tillcode" else None
        if value is not None and not attributes.is_absent(value):
            return tills.named(attributes.text_of(value))
    return None


def json_object(posted: Posted, *, without: frozenset[str] = frozenset()) -> str:
    """The members of ``posted`` as a JSON object, each value byte for byte as it was sent."""
    members = (_encode(name) + b":" + bytes(value) for name, value in posted.items() if name not in without)
    return (b"{" + b",".join(members) + b"}").decode()


def event_data(event: Event, defined: Definition | None, view: View) -> EventData:
    """``event`` as the product shows it, whichever product captured it."""
    event_id = identifiers.to_text(event.id)
    org_id = view.workspace.org_id
    user = NOBODY if event.customer is None else event.customer
    is_own = event.captured_by == "capillary"
    source = event.source if is_own and event.source else INSTORE
    outlet = event.outlet or ""
    till = int(outlet) if is_own and outlet.isdecimal() else view.tills.own.id
    unique_id = event.unique_key or event_id
    processed = event.received_at // instant.MILLISECOND
    shown: dict[str, Shown] = dict(_custom(event, defined, view))
    shown |= {
        "accountId": event.account_id,
        "autoUpdateTimeStamp": processed,
        "customerId": str(user),
        "displayName": event.label,
        "eventDateTime": str(event.occurred_at // instant.MILLISECOND),
        "eventName": event.name,
        "isDuplicate": bool(event.is_duplicate),
        "is_mongo_push": True,
        "orgId": org_id,
        "requestId": event_id,
        "source": source,
        "source_till_id": till,
        "source_user_id": user,
        "uniqueId": unique_id,
        "x-cap-lineage-id": event_id,
        "x-cap-lineage-start": str(_posted_at(event) if is_own else processed),
    }
    if event.utc_offset is not None:
        shown["eventDateTimeInputOffset"] = event_time.offset_text(event.utc_offset)
    return EventData(
        org_id=org_id,
        user_id=user,
        date=f"{instant.utc_text(event.received_at, 'seconds')}Z",
        event_name=event.name,
        event_id=event_id,
        source=source,
        till_code=str(till),
        display_name=UNSET if event.label is None else event.label,
        additonal_attributes=dict(sorted(shown.items())),
        psi_attributes=[] if defined is None else defined.sensitive,
        unique_id=unique_id,
    )


def event_data_of_customer(event: Event, defined: Definition | None, view: View) -> EventData:
    """As ``event_data``, with the till's code as ``tillCode``."""
    shown = event_data(event, defined, view)
    till = view.tills.named(shown.till_code)
    return shown if till is None else msgspec.structs.replace(shown, till_code=till.code)


def masked(request: str, hidden: Collection[str]) -> str:
    """A posted JSON object without the values of the ``hidden`` attributes; of one that was cut nothing is left."""
    try:
        posted = _decode_properties.decode(request)
    except (msgspec.MsgspecError, RecursionError):
        return MASK
    mask = msgspec.Raw(_encode(MASK))
    return json_object({name: mask if name in hidden else value for name, value in posted.items()})


def _posted_at(event: Event) -> int:
    """When the event was posted, in milliseconds: its request id begins with it."""
    posted = int.from_bytes(event.id[:6])
    processed = event.received_at // instant.MILLISECOND
    return posted if event.external_id is None and posted <= processed else processed


def _custom(event: Event, defined: Definition | None, view: View) -> dict[str, str]:
    """The event's own attributes as text; null is left out, as the product never shows it."""
    fields = {} if defined is None else {field.name: field for field in defined.fields}
    hidden = set(defined.sensitive) if defined is not None and view.masks_sensitive else set()
    shown = {}
    try:
        properties = _decode_properties.decode(event.properties)
    except (msgspec.MsgspecError, RecursionError):  # nested so deeply that only the text can be shown
        return {"properties": MASK if hidden else event.properties}
    for name, value in properties.items():
        if bytes(value) == b"null":
            continue
        field = fields.get(name)
        kind = None if field is None else field.kind
        if name in hidden:
            shown[name] = MASK
        elif kind == "tillcode":
            till = view.tills.named(attributes.text_of(value)) or view.tills.own
            shown["ouTillCode"] = till.code
            shown[name] = str(till.id)
        elif kind == attributes.GROUP:
            shown["groupId"] = attributes.text_of(value)
        else:
            shown[name] = attributes.rendered(value, field)
    if event.external_id is not None and event.captured_by != "capillary":
        shown.setdefault("external_event_id", event.external_id)
    return shown


def _occurred_at(posted: Posted, received_at: int) -> event_time.EventTime:
    sent = posted.get("eventDateTime")
    if sent is None or attributes.is_absent(sent):
        return event_time.EventTime(received_at - received_at % instant.SECOND)
    moment = event_time.parse(attributes.text_of(sent), received_at) if bytes(sent)[:1] == b'"' else None
    if moment is None:
        raise Rejected("invalid value for field eventDateTime")
    return moment


def _unique_key(posted: Posted, defined: Definition, named: str) -> str | None:
    """The key two duplicates share; None for a definition that marks no attribute as part of a key."""
    keys = [attributes.text_of(posted[field.name]) for field in defined.fields if field.is_set("isUniqueKeyField")]
    if not keys:
        return None
    joined = "_".join([defined.name, named, *keys])
    return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()
