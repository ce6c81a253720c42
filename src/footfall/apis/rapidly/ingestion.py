"""A batch of events: from the body's bytes to events that may be captured (contracts/rapidly.md 2.1, 8, 11).

Two ways that agree. The quick one decodes the whole body at once and takes only what is valid beyond doubt. Where
it hesitates, the careful one looks at every value, as leniently as the product does, and lists every fault.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from footfall.apis.rapidly import bodies, metadata, moments, scalars
from footfall.apis.rapidly.faults import LIST_TYPE, MISSING, OBJECT_TYPE, Faults, Problem, invalid
from footfall.apis.rapidly.schemas import EventCreate
from footfall.model import identifiers

LONGEST_NAME = 128

_FUTURE = invalid("Timestamp must be in the past.")


class _Sent(msgspec.Struct):
    """An event as most clients send it; whoever sends it otherwise takes the careful way."""

    name: str
    timestamp: str | float | UnsetType = UNSET
    workspace_id: None = None
    organization_id: None = None
    external_id: str | None = None
    parent_id: str | None = None
    metadata: msgspec.Raw = msgspec.Raw(b"{}")
    customer_id: str | UnsetType = UNSET
    member_id: str | None = None
    external_customer_id: str | UnsetType = UNSET
    external_member_id: str | None = None


class _Batch(msgspec.Struct):
    events: list[_Sent]


class _RawMetadata(msgspec.Struct):
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


class _RawBatch(msgspec.Struct):
    events: list[_RawMetadata]


_quick = msgspec.json.Decoder(_Batch)
_raw = msgspec.json.Decoder(_RawBatch)


def decode(body: bytes, *, now: int, latest: int, limited: bool = False) -> list[EventCreate] | None:
    """The events of a body that is valid beyond doubt; None where ``examine`` must look.

    ``now`` is the instant of events without a timestamp, ``latest`` the last instant that is not the future.
    ``limited``: metadata has at most 50 keys of 1 to 40 characters.
    """
    if b"\\u0000" in body:
        return None
    try:
        if not body.isascii():
            body.decode()
        events = [_convert(sent, now, latest, limited=limited) for sent in _quick.decode(body).events]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return None if None in events else [event for event in events if event is not None]


def examine(
    body: bytes, value: Any, *, now: int, latest: int, tenant_id: str = "workspace_id", limited: bool = False
) -> list[EventCreate]:
    """The events of ``body``, parsed to ``value``. Raises RequestInvalid with every fault.

    ``tenant_id``: the dialect's name of the workspace's id. ``limited``: as for ``decode``.
    """
    sent = bodies.object_of(value)
    faults = Faults()
    if "events" not in sent:
        faults.add(("body", "events"), MISSING, sent)
    elif not isinstance(sent["events"], list):
        faults.add(("body", "events"), LIST_TYPE, sent["events"])
    faults.raise_if_any()
    events = []
    for index, item in enumerate(sent["events"]):
        event = _examine_event(item, ("body", "events", index), faults, now, latest, tenant_id, limited=limited)
        if event is not None:
            events.append(event)
        if faults.is_full:
            break
    faults.raise_if_any()
    for event, text in zip(events, _metadata_as_sent(body, sent["events"]), strict=True):
        event.metadata = metadata.normalised(text)
    return events


def _convert(sent: _Sent, now: int, latest: int, *, limited: bool) -> EventCreate | None:
    if sent.external_customer_id is UNSET and sent.customer_id is UNSET:
        return None
    customer: bytes | Problem | None = None
    external = None if sent.external_customer_id is UNSET else sent.external_customer_id
    if external is None:
        customer = scalars.uuid4(sent.customer_id)
    member: bytes | Problem | None = None
    if external is None and sent.member_id is not None:
        member = scalars.uuid4(sent.member_id)
    elif sent.member_id is not None:
        return None  # it may be badly formed, which nobody hears of
    moment: int | Problem = now if sent.timestamp is UNSET else moments.parse(sent.timestamp)
    stored = metadata.quick(sent.metadata, limited=limited)
    if (
        isinstance(moment, Problem)
        or moment > latest
        or isinstance(customer, Problem)
        or isinstance(member, Problem)
        or stored is None
        or len(sent.name) > LONGEST_NAME
    ):
        return None
    return EventCreate(
        name=sent.name,
        timestamp=moment,
        external_id=sent.external_id,
        parent_id=sent.parent_id,
        metadata=stored,
        customer_id=customer,
        member_id=member,
        external_customer_id=external,
        external_member_id=None if external is None else sent.external_member_id,
    )


def _examine_event(
    item: object, loc: tuple[str | int, ...], faults: Faults, now: int, latest: int, tenant_id: str, *, limited: bool
) -> EventCreate | None:
    """One event, which may take either of two forms; with both given and good, the external one wins."""
    if not isinstance(item, dict):
        for form in ("EventCreateCustomer", "EventCreateExternalCustomer"):
            faults.add((*loc, form), OBJECT_TYPE, item)
        return None
    common = _Fields(item)
    name = common.required("name", lambda given: scalars.text(given, longest=LONGEST_NAME))
    timestamp = common.optional("timestamp", lambda given: _past(given, latest), now, nullable=False)
    workspace_id = common.optional(tenant_id, scalars.uuid4)
    external_id = common.optional("external_id", scalars.text)
    parent_id = common.optional("parent_id", scalars.text)
    if "metadata" in item:
        common.faults.extend(("metadata",), metadata.check(item["metadata"], limited=limited))
    by_id = _Fields(item)
    customer_id = by_id.required("customer_id", scalars.uuid4)
    member_id = by_id.optional("member_id", scalars.uuid4)
    by_external_id = _Fields(item)
    external_customer_id = by_external_id.required("external_customer_id", scalars.text)
    external_member_id = by_external_id.optional("external_member_id", scalars.text)
    if common.faults.found or (by_id.faults.found and by_external_id.faults.found):
        for form, own in (("EventCreateCustomer", by_id), ("EventCreateExternalCustomer", by_external_id)):
            faults.extend((*loc, form), [*common.faults.found, *own.faults.found])
        return None
    is_external = not by_external_id.faults.found
    return EventCreate(
        name=name,
        timestamp=timestamp,
        workspace_id=None if workspace_id is None else identifiers.to_text(workspace_id),
        external_id=external_id,
        parent_id=parent_id,
        customer_id=None if is_external else customer_id,
        member_id=None if is_external else member_id,
        external_customer_id=external_customer_id if is_external else None,
        external_member_id=external_member_id if is_external else None,
    )


class _Fields:
    """Reads the fields of one object and gathers their faults."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given
        self.faults = Faults()

    def required(self, key: str, rule: Any) -> Any:
        if key not in self.given:
            self.faults.add((key,), MISSING, self.given)
            return None
        return self.optional(key, rule, nullable=False)

    def optional(self, key: str, rule: Any, default: Any = None, *, nullable: bool = True) -> Any:
        if key not in self.given or (nullable and self.given[key] is None):
            return default
        outcome = rule(self.given[key])
        if isinstance(outcome, Problem):
            self.faults.add((key,), outcome, self.given[key])
            return None
        return outcome


def _past(given: object, latest: int) -> int | Problem:
    moment = moments.parse(given)
    return _FUTURE if not isinstance(moment, Problem) and moment > latest else moment


def _metadata_as_sent(body: bytes, events: list[dict[str, Any]]) -> list[str]:
    """The JSON text of every event's metadata, byte for byte as it was sent."""
    try:
        sent = _raw.decode(bodies.decoded(body).encode())
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # something odd stands elsewhere in the body
        return [json.dumps(event.get("metadata", {}), ensure_ascii=False) for event in events]
    return [bytes(event.metadata).decode() for event in sent.events]
