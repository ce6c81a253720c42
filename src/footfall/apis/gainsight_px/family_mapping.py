"""What events of the families other than custom show (contracts/gainsight_px.md 3). Pure.

A field that is not there, or whose value is of another type, is shown empty: a text as one, a map as an object, a list
as a list, an enumeration by its own empty member; a number, date, truth or place as null.
"""

import msgspec
from msgspec import Raw

from footfall.apis.gainsight_px.families import EventList
from footfall.apis.gainsight_px.field_values import shown_value
from footfall.apis.gainsight_px.mapping import shown_session, user_type
from footfall.apis.gainsight_px.schemas import ShownSession
from footfall.model import identifiers, instant
from footfall.model.workspace import Workspace
from footfall.storage.found_event import FoundEvent

_MAP = msgspec.json.Decoder(dict[str, Raw])
_NO_SESSION = ShownSession()


def listed_event(event: FoundEvent, workspace: Workspace, listed: EventList) -> dict[str, object]:
    """The event as its list shows it."""
    session = _NO_SESSION if event.session is None else shown_session(event.session)
    base: dict[str, object] = {
        "eventId": event.external_id or identifiers.to_text(event.id),
        "identifyId": event.customer_external_id or event.identity,
        "propertyKey": workspace.property_key,
        "date": event.occurred_at // instant.MILLISECOND,
        "eventType": listed.event_type,
        "sessionId": session.session_id,
        "userType": user_type(session.user_type, event),
        "accountId": event.account_id or "",
        "globalContext": session.global_context,
    }
    shown = {name: value for name, value in base.items() if name not in listed.without}
    properties = _MAP.decode(event.properties)
    for name, kind in listed.fields.items():
        match name:
            case _ if name in listed.unshown:
                continue
            case "remoteHost":
                shown[name] = session.remote_host
            case "referrer":
                shown[name] = session.referrer
            case _:
                shown[name] = shown_value(properties.get(name), kind, listed.empty.get(name))
    return shown
