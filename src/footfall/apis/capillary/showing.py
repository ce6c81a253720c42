"""An event as this product shows it, and as what it counted for (contracts/capillary.md 3, 4)."""

import msgspec

from footfall.apis.capillary import mapping
from footfall.apis.capillary.event_settings import settings_of as event_settings_of
from footfall.apis.capillary.mapping import View
from footfall.apis.capillary.target_mapping import tracked_answers
from footfall.apis.capillary.target_routes import encode
from footfall.apis.capillary.tills import tills_of
from footfall.apis.event_view import EventView, Looked
from footfall.model import identifiers
from footfall.model.target import TrackedEvent
from footfall.storage import event_details, target_reads, targets
from footfall.storage.connection import Connection
from footfall.targets.settings import settings_of

_CREDENTIAL = '-u "$TILL:$TILL_MD5"'
_MOST_RULES = 50


def show_event(connection: Connection, looked: Looked) -> EventView:
    """``GET /v2/events/event_data``; what is sensitive is masked where the organisation wants that."""
    workspace = looked.workspace
    path = f"/v2/events/event_data?id={identifiers.to_text(looked.event.id)}"
    found = event_details.with_definition(connection, workspace.number, looked.event.id)
    content = None
    if found is not None:
        view = View(workspace, tills_of(connection, workspace), event_settings_of(workspace).mask_psi)
        content = msgspec.json.encode(mapping.event_data(*found, view))
    return EventView(
        title="Capillary: event_data",
        call=f"GET {path}",
        curl=f"curl -s '{looked.base}{path}' {_CREDENTIAL}",
        content=content,
        note="The event was erased a moment ago." if content is None else "The one member of the answer's data.",
    )


def show_tracked(connection: Connection, looked: Looked) -> EventView:
    """``GET /v3/users/{userId}/trackedTargetEvents/{targetRuleId}`` of the rules that the event counted for."""
    tracked = _tracked(connection, looked)
    rule = tracked[0].rule if tracked else "{targetRuleId}"
    user = "{userId}" if looked.event.customer is None else looked.event.customer
    path = f"/v3/users/{user}/trackedTargetEvents/{rule}"
    zone = settings_of(looked.workspace).server_zone
    return EventView(
        title="Capillary: trackedTargetEvents",
        call=f"GET {path}",
        curl=f"curl -s '{looked.base}{path}' {_CREDENTIAL}" if tracked else "",
        content=encode(tracked_answers(tracked, zone)) if tracked else None,
        note="Members of the answer's data, which pages through all that counted."
        if tracked
        else "The event has counted towards no target, so this API does not show it.",
    )


def _tracked(connection: Connection, looked: Looked) -> list[TrackedEvent]:
    event, workspace = looked.event, looked.workspace.number
    if event.customer is None:
        return []
    known = {own.rule for own in target_reads.progress_of(connection, workspace, event.customer)}
    found = []
    for rule in targets.rules_by_id(connection, workspace, sorted(known)[:_MOST_RULES]):
        counted = target_reads.tracked_of_event(
            connection,
            workspace,
            event.customer,
            rule.id,
            rule.group,
            at=event.occurred_at,
            sequence=event.sequence,
        )
        found += [] if counted is None else [counted]
    return found
