"""Between the wire and the model (contracts/gainsight_px.md 2.5, 4.1). Pure.

What searches compare must be what readers see: ``storage.search_statement`` repeats for the database what
``event_id``, ``user_type`` and the like say here.
"""

from typing import get_args

import msgspec
from msgspec import UNSET, Raw

from footfall.apis.gainsight_px.body import SentEvent
from footfall.apis.gainsight_px.schemas import EMPTY_OBJECT, CustomEvent, SessionPart, ShownSession
from footfall.model import identifiers, instant
from footfall.model.customer import Identity
from footfall.model.event import Api, CustomerReference, Event, NewEvent
from footfall.model.query import UserType
from footfall.model.workspace import Workspace
from footfall.storage.found_event import FoundEvent

EVENT_TYPE = "CUSTOM"

_API: Api = "gainsight_px"
_NO_SESSION = ShownSession()
_USER_TYPES: frozenset[str] = frozenset(get_args(UserType))

_decode_session = msgspec.json.Decoder(ShownSession).decode
_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode


def identity_of(sent: SentEvent) -> Identity:
    """Whom the event is about."""
    return Identity("external_id", sent.identify_id)


def new_event(sent: SentEvent, *, received_at: int, account_of_customer: str | None) -> NewEvent:
    """The event to capture. One sent without an account gets its customer's, as it is now."""
    session = SessionPart(
        session_id=sent.session_id or UNSET,
        url=sent.url or UNSET,
        referrer=sent.referrer or UNSET,
        remote_host=sent.remote_host or UNSET,
        global_context=UNSET if sent.global_context is None else Raw(sent.global_context),
        user_type=sent.user_type,
    )
    return NewEvent(
        name=sent.event_name,
        occurred_at=received_at if sent.date is None else sent.date * instant.MILLISECOND,
        received_at=received_at,
        properties=sent.attributes,
        customer=CustomerReference(identities=(identity_of(sent),)),
        external_id=sent.event_id,
        account_id=sent.account_id or account_of_customer,
        source=None if sent.event_type == EVENT_TYPE else sent.event_type,
        outlet=sent.property_key,
        session=msgspec.json.encode(session).decode(),
        captured_by=_API,
    )


def custom_event(event: FoundEvent, workspace: Workspace) -> CustomEvent:
    """The event as this product shows it, whoever captured it."""
    session = _NO_SESSION if event.session is None else shown_session(event.session)
    if event.captured_by == _API:
        identifier = event_id(event)
        property_key, event_type = event.outlet or workspace.property_key, event.source or EVENT_TYPE
    else:
        identifier, property_key, event_type = identifiers.to_text(event.id), workspace.property_key, EVENT_TYPE
    return CustomEvent(
        identifier,
        event.customer_external_id or event.identity,
        property_key,
        event.occurred_at // instant.MILLISECOND,
        event_type,
        session.session_id,
        user_type(session.user_type, event),
        event.account_id or "",
        session.global_context,
        event.name,
        Raw(event.properties),
        session.url,
        session.referrer,
        session.remote_host,
    )


def shown_session(session: str) -> ShownSession:
    """What this product shows of a session. Whoever captured it, what has another type than here is not shown."""
    try:
        shown = _decode_session(session)
    except msgspec.ValidationError:
        members = _decode_members(session)
        shown = ShownSession(
            session_id=_text(members, "sessionId"),
            url=_text(members, "url"),
            referrer=_text(members, "referrer"),
            remote_host=_text(members, "remoteHost"),
            global_context=members.get("globalContext", EMPTY_OBJECT),
            user_type=_text(members, "userType"),
        )
    if not _starts(shown.global_context, b"{"):
        shown.global_context = EMPTY_OBJECT
    return shown


def event_id(event: Event | FoundEvent) -> str:
    """The id under which the caller sent the event here, else the event's own."""
    if event.captured_by == _API and event.external_id is not None:
        return event.external_id
    return identifiers.to_text(event.id)


def user_type(said: str, event: FoundEvent) -> UserType:
    """What the event's session ``said``, else what the customer tells: see ``model.query.UserType``."""
    if said in _USER_TYPES:
        return said  # type: ignore[return-value]  # a member of UserType, as just seen
    if event.customer is None:
        return "EMPTY_USER_TYPE"
    return "VISITOR" if event.customer_external_id is None else "USER"


def _text(members: dict[str, Raw], name: str) -> str:
    raw = members.get(name)
    return _decode_text(raw) if raw is not None and _starts(raw, b'"') else ""


def _starts(raw: Raw, sign: bytes) -> bool:
    return bytes(memoryview(raw)[:1]) == sign
