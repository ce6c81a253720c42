"""An event as Footfall's own API shows it."""

import msgspec

from footfall.apis.event_view import EventView, Looked
from footfall.apis.footfall.mapping import event_answer
from footfall.model import identifiers
from footfall.storage.connection import Connection


def show_event(_connection: Connection, looked: Looked) -> EventView:
    """``GET /events/{id}``."""
    path = f"/events/{identifiers.to_text(looked.event.id)}"
    return EventView(
        title="Footfall",
        call=f"GET {path}",
        curl=f"curl -s '{looked.base}{path}' -H \"Authorization: Bearer $TOKEN\"",
        content=msgspec.json.encode(event_answer(looked.event, looked.customer)),
    )
