"""An event as this product shows it (contracts/rapidly.md 2.1)."""

import msgspec

from footfall.apis.event_view import EventView, Looked
from footfall.apis.rapidly import mapping
from footfall.model import identifiers
from footfall.storage import event_details
from footfall.storage.connection import Connection


def show_event(connection: Connection, looked: Looked) -> EventView:
    """``GET /api/events/{id}``."""
    path = f"/api/events/{identifiers.to_text(looked.event.id)}"
    found = event_details.in_hierarchy(connection, looked.workspace.number, looked.event.id)
    return EventView(
        title="Rapidly",
        call=f"GET {path}",
        curl=f"curl -s '{looked.base}{path}' -H \"Authorization: Bearer $RAPIDLY\"",
        content=None if found is None else msgspec.json.encode(mapping.event(*found, looked.workspace)),
        note="The event was erased a moment ago." if found is None else "",
    )
