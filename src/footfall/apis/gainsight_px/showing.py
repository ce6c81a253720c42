"""An event as this product shows it (contracts/gainsight_px.md 2.5)."""

from urllib.parse import quote

import msgspec

from footfall.apis.event_view import EventView, Looked
from footfall.apis.gainsight_px.mapping import custom_event
from footfall.model import instant
from footfall.storage.connection import Connection
from footfall.storage.found_event import FoundEvent


def show_event(_connection: Connection, looked: Looked) -> EventView:
    """``GET /v1/events/custom``, narrowed to the event's millisecond and, where the grammar can say it, its id."""
    shown = custom_event(_found(looked), looked.workspace)
    since = looked.event.occurred_at // instant.MILLISECOND
    asked = f"dateRangeStart={since}&dateRangeEnd={since + 1}"
    if ";" not in shown.event_id:  # nothing escapes one (contracts/gainsight_px.md 2.2)
        asked += f"&filter={quote(f'eventId=={shown.event_id}', safe='=')}"
    path = f"/v1/events/custom?{asked}"
    return EventView(
        title="Gainsight PX",
        call=f"GET {path}",
        curl=f"curl -s '{looked.base}{path}' -H \"X-APTRINSIC-API-KEY: $PX_KEY\"",
        content=msgspec.json.encode(shown),
        note="One member of the answer's customEvents.",
    )


def _found(looked: Looked) -> FoundEvent:
    event, customer = looked.event, looked.customer
    return FoundEvent(
        event.sequence,
        event.id,
        event.name,
        event.occurred_at,
        event.external_id,
        event.account_id,
        event.source,
        event.outlet,
        event.captured_by,
        event.properties,
        event.session,
        None if customer is None else customer.id,
        None if customer is None else customer.external_id,
        None if customer is None else customer.email,
        None if customer is None else customer.mobile,
        None if customer is None else customer.object_id,
    )
