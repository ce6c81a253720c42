"""Changes of definitions, each with its note for the audit log; inside the writing transaction."""

import msgspec

from footfall.apis.capillary import definitions
from footfall.apis.capillary.caller import Caller
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.event_settings import settings_of
from footfall.apis.capillary.schemas import AuditItem
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Change, Definition
from footfall.storage import behavioural_changes, behavioural_events, event_types
from footfall.storage.connection import Connection

ALREADY_EXISTS = 1806


def add(connection: Connection, caller: Caller, new: Definition) -> None:
    """Stores a definition. Raises CapillaryError 1806 for a known name, and where there are as many as may be."""
    connection.lock(new.workspace)
    known = behavioural_events.definitions(connection, new.workspace)
    if any(one.name == new.name for one in known):
        raise CapillaryError(400, ALREADY_EXISTS, f"{new.name} event already exists")
    most = settings_of(caller.workspace).most_events
    if not new.is_standard and sum(one.disabled_at is None and not one.is_standard for one in known) >= most:
        raise CapillaryError(400, 400, f"an organisation has up to {most} active events")
    behavioural_events.add_definition(connection, new)
    if new.label is not None:
        event_types.set_label(connection, new.workspace, new.name, new.label)
    _note(connection, caller, "ENABLE" if new.is_standard else "CREATE", None, new)


def replace(connection: Connection, caller: Caller, changed: Definition) -> None:
    """Stores ``changed`` over the live definition of its name. Raises CapillaryError 1811 where there is none."""
    connection.lock(changed.workspace)
    current = _live(connection, changed.workspace, changed.name)
    behavioural_events.replace_definition(connection, changed)
    if changed.label != current.label:
        event_types.set_label(connection, changed.workspace, changed.name, changed.label)
    after = behavioural_events.definition(connection, changed.workspace, changed.name)
    _note(connection, caller, "UPDATE", current, after)


def disable(connection: Connection, caller: Caller, name: str, now: int) -> None:
    """Ends a live definition, for good. Raises CapillaryError 1811 where there is none."""
    workspace = caller.workspace.number
    connection.lock(workspace)
    current = _live(connection, workspace, name)
    behavioural_events.disable_definition(connection, workspace, name, now)
    _note(connection, caller, "DISABLE", current, msgspec.structs.replace(current, disabled_at=now))


def shown(change: Change) -> AuditItem:
    """A note of the audit log as it is shown."""
    return AuditItem(
        id=change.id.hex(),
        event_name=change.event_name,
        action=change.action,
        changed_by=change.changed_by,
        date=change.changed_at // instant.MILLISECOND,
        old_value=change.before,
        new_value=change.after,
    )


def _live(connection: Connection, workspace: int, name: str) -> Definition:
    current = behavioural_events.definition(connection, workspace, name)
    if current is None or current.disabled_at is not None:
        raise definitions.unknown_event()
    return current


def _note(
    connection: Connection, caller: Caller, action: str, before: Definition | None, after: Definition | None
) -> None:
    named = before or after
    assert named is not None
    now = instant.now()
    change = Change(
        id=identifiers.new_id(now // instant.MILLISECOND),
        workspace=caller.workspace.number,
        event_name=named.name,
        action=action,
        changed_by=caller.credential.name,
        changed_at=now,
        before=_state(before, caller),
        after=_state(after, caller),
    )
    behavioural_changes.add(connection, change)


def _state(defined: Definition | None, caller: Caller) -> msgspec.Raw | None:
    if defined is None:
        return None
    return msgspec.Raw(msgspec.json.encode(definitions.meta(defined, caller.workspace)))
