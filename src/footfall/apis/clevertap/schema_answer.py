"""``getSchema``: which events there are, and which properties users have (contracts/clevertap.md 4.8)."""

from footfall.apis.clevertap.errors import CleverTapError
from footfall.apis.clevertap.schemas import EventSchemaAnswer, NamedThing, UserSchemaAnswer
from footfall.storage import customer_properties, event_types
from footfall.storage.connection import Connection

PREDEFINED = ("Identity", "Name", "Email", "Phone")
"""Properties of every user, which stand beside ``profileData``."""
LOOKED_AT = 10_000
"""So many users tell which custom properties there are."""


def answer(connection: Connection, workspace: int, kind: str) -> EventSchemaAnswer | UserSchemaAnswer:
    """The schema of ``events`` or ``userProperties``. Raises CleverTapError."""
    match kind:
        case "events":
            names = dict.fromkeys(name for _, name, _, _ in event_types.every(connection, workspace))
            return EventSchemaAnswer("success", [NamedThing(name) for name in names])
        case "userProperties":
            keys = customer_properties.keys(connection, workspace, LOOKED_AT)
            named = dict.fromkeys((*PREDEFINED, *keys))
            return UserSchemaAnswer("success", [NamedThing(name) for name in named])
        case _:
            raise CleverTapError("Invalid query : type should be events or userProperties")
