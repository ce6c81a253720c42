"""Between the wire and the model: posted JSON into a new event, a stored event into event data. Pure.

Contract: contracts/capillary.md 2.5 to 2.7, 3.2, 3.3.
"""

import hashlib

import msgspec
from msgspec import UNSET

from footfall.apis.capillary import attributes, event_time, identity
from footfall.apis.capillary.attributes import Posted, Rejected
from footfall.apis.capillary.schemas import EventData
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition
from footfall.model.event import Event, NewEvent
from footfall.model.text import LONGEST_ACCOUNT
from footfall.model.workspace import Workspace

INSTORE = "INSTORE"
NOBODY = -1
"""Shown as the customer of an event that has none; the product itself knows no such events."""

_NOT_ATTRIBUTES = frozenset({"event_name", "eventDateTime", "orgResolver"})
_encode = msgspec.json.encode
_decode_properties = msgspec.json.Decoder(dict[str, msgspec.Raw])

Shown = str | int | bool | None


def new_event(
    posted: Posted,
    defined: Definition,
    workspace: Workspace,
    *,
    identifier: bytes,
    received_at: int,
    checks_uniqueness: bool,
) -> NewEvent:
    """The event that was posted, once each of its fields has been checked. Raises Rejected."""
    field = defined.customer_field
    named = attributes.text_of(posted[field.name])
    customer = identity.reference(
        field.text("identifierType") or "mobile", named, may_register=field.is_set("addCustomerIfNotExists")
    )
    if customer is None:
        raise Rejected(f"invalid value for field {field.name}")
    moment = _occurred_at(posted, received_at)
    account = field.text("accountId")
    if account is not None and len(account) > LONGEST_ACCOUNT:
        raise Rejected("invalid value for accountId")
    return NewEvent(
        id=identifier,
        name=defined.name,
        occurred_at=moment.occurred_at,
        utc_offset=moment.utc_offset,
        received_at=received_at,
        customer=customer,
        properties=json_object(posted, without=_NOT_ATTRIBUTES | {field.name}),
        source=field.text("source") or INSTORE,
        account_id=account,
        outlet=str(workspace.till_id),
        unique_key=_unique_key(posted, defined, named) if checks_uniqueness else None,
        captured_by="capillary",
    )


def json_object(posted: Posted, *, without: frozenset[str] = frozenset()) -> str:
    """The members of ``posted`` as a JSON object, each value byte for byte as it was sent."""
    members = (_encode(name) + b":" + bytes(value) for name, value in posted.items() if name not in without)
    return (b"{" + b",".join(members) + b"}").decode()


def event_data(event: Event, workspace: Workspace, defined: Definition | None) -> EventData:
    """``event`` as the product shows it, whichever product captured it."""
    event_id = identifiers.to_text(event.id)
    user = NOBODY if event.customer is None else event.customer
    is_own = event.captured_by == "capillary"
    source = event.source if is_own and event.source else INSTORE
    outlet = event.outlet or ""
    till = int(outlet) if is_own and outlet.isdecimal() else workspace.till_id
    unique_id = event.unique_key or event_id
    received = event.received_at // instant.MILLISECOND
    shown: dict[str, Shown] = dict(_custom(event, workspace, defined))
    shown |= {
        "accountId": event.account_id,
        "autoUpdateTimeStamp": received,
        "customerId": str(user),
        "displayName": event.label,
        "eventDateTime": str(event.occurred_at // instant.MILLISECOND),
        "eventName": event.name,
        "isDuplicate": bool(event.is_duplicate),
        "is_mongo_push": True,
        "orgId": workspace.org_id,
        "requestId": event_id,
        "source": source,
        "source_till_id": till,
        "source_user_id": user,
        "uniqueId": unique_id,
        "x-cap-lineage-id": event_id,
        "x-cap-lineage-start": str(received),
    }
    if event.utc_offset is not None:
        shown["eventDateTimeInputOffset"] = event_time.offset_text(event.utc_offset)
    return EventData(
        org_id=workspace.org_id,
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


def _custom(event: Event, workspace: Workspace, defined: Definition | None) -> dict[str, str]:
    """The event's own attributes as text; null is left out, as the product never shows it."""
    fields = {} if defined is None else {field.name: field for field in defined.fields}
    shown = {}
    try:
        properties = _decode_properties.decode(event.properties)
    except (msgspec.MsgspecError, RecursionError):  # nested so deeply that only the text can be shown
        return {"properties": event.properties}
    for name, value in properties.items():
        if bytes(value) == b"null":
            continue
        field = fields.get(name)
        if field is not None and field.kind == "tillcode":
            shown["ouTillCode"] = workspace.till_code
            shown[name] = str(workspace.till_id)
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
