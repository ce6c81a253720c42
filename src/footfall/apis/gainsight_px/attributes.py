"""What fields users and accounts have, as the product's administration lists them (contracts/gainsight_px.md 5.5)."""

import msgspec

from footfall.apis.gainsight_px.field_values import Kind
from footfall.apis.gainsight_px.record_fields import CUSTOM, Record
from footfall.storage import people_search
from footfall.storage.connection import Connection

_TYPES: dict[Kind, str] = {"date": "DATE_TIME", "boolean": "BOOLEAN", "integer": "NUMBER"}
_TYPES_OF_MEMBERS = {"integer": "NUMBER", "real": "NUMBER", "true": "BOOLEAN", "false": "BOOLEAN"}


class Attribute(msgspec.Struct, rename="camel", kw_only=True):
    """One field."""

    id: str
    name: str
    api_name: str
    internal_name: str
    description: str
    type: str
    state: str = "ENABLED"
    origin: str
    created_date: int = 0
    modified_date: int = 0
    default_value: str | None = None


def model_attributes(connection: Connection, workspace: int, record: Record) -> list[Attribute]:
    """The product's own, then custom ones by name."""
    own = [
        _attribute(field.name, _TYPES.get(field.kind, "STRING"), "DEFAULT")
        for field in record.fields
        if field.name != CUSTOM
    ]
    seen: dict[str, str] = {}
    for name, kind in people_search.property_names(connection, record.kind, workspace):
        known = _TYPES_OF_MEMBERS.get(kind, "STRING")
        seen[name] = known if seen.get(name, known) == known else "STRING"
    return [*own, *(_attribute(name, kind, "CUSTOM") for name, kind in sorted(seen.items()))]


def _attribute(name: str, kind: str, origin: str) -> Attribute:
    return Attribute(id=name, name=name, api_name=name, internal_name=name, description="", type=kind, origin=origin)
