"""Adapters: how a transformer makes another system's event into a defined one (contracts/capillary.md 2.3).

A post to a webhook of that transformer may call an event, and its attributes, what the other system calls them.
"""

from collections.abc import Iterable

import msgspec

from footfall.apis.capillary.attributes import Posted
from footfall.apis.capillary.schemas import AdapterMapping, TransformerMappings
from footfall.model.behavioural_event import Adapter
from footfall.storage import behavioural_adapters
from footfall.storage.connection import Connection

DEFAULT, WEB_ENGAGE = "DefaultTransformer", "WebEngageTransformer"
TRANSFORMERS = (DEFAULT, WEB_ENGAGE)

_encode = msgspec.json.encode
_mapping = msgspec.json.Decoder(AdapterMapping)


class Translation(msgspec.Struct, frozen=True):
    """What an event of another system is here: the event's name, and its attributes' names by the other ones."""

    event_name: str
    fields: dict[str, str]


def mappings(connection: Connection, workspace: int) -> dict[str, TransformerMappings]:
    """By the event's name: its mappings, as they are shown."""
    found: dict[str, dict[str, msgspec.Raw]] = {}
    for adapter in behavioural_adapters.every(connection, workspace):
        found.setdefault(adapter.event_name, {})[adapter.transformer] = adapter.mapping
    return {name: TransformerMappings(of.get(DEFAULT), of.get(WEB_ENGAGE)) for name, of in found.items()}


def translations(adapters: Iterable[Adapter]) -> dict[tuple[str, str], Translation]:
    """By transformer and the other system's name of the event."""
    found = {}
    for adapter in adapters:
        mapping = _mapping.decode(adapter.mapping)
        fields = {field.field_name: field.event_field_name for field in mapping.event_field_mappings}
        for name in mapping.event_name_mapping.value_map:
            found[adapter.transformer, name] = Translation(adapter.event_name, fields)
    return found


def translated(posted: Posted, translation: Translation) -> Posted:
    """``posted`` in the words of the definition; what the mapping does not name stays as it is."""
    found = {translation.fields.get(name, name): value for name, value in posted.items()}
    found["event_name"] = msgspec.Raw(_encode(translation.event_name))
    return found
