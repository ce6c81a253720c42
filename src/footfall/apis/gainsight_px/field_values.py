"""Values of fields as they are shown: what is missing, or of another type than the field has, is shown empty."""

from typing import Any, Literal

import msgspec
from msgspec import Raw

from footfall.apis.gainsight_px.location import shown_location
from footfall.apis.gainsight_px.schemas import EMPTY_OBJECT

Kind = Literal["text", "integer", "date", "boolean", "texts", "list", "map", "location"]
"""What a field holds; ``date`` is milliseconds since 1970."""

_DECODERS: dict[Kind, msgspec.json.Decoder[Any]] = {
    "text": msgspec.json.Decoder(str),
    "integer": msgspec.json.Decoder(int),
    "date": msgspec.json.Decoder(int),
    "boolean": msgspec.json.Decoder(bool),
    "texts": msgspec.json.Decoder(list[str]),
    "list": msgspec.json.Decoder(list[Raw]),
}
_EMPTY: dict[Kind, object] = {"text": "", "texts": [], "list": [], "map": EMPTY_OBJECT}


def shown_value(raw: Raw | None, kind: Kind, empty: object = None) -> object:
    """What ``raw`` spells, as ``kind``; else ``empty``, and without that what is empty of the kind, or null."""
    if raw is not None:
        if kind == "map":
            return raw if bytes(raw).startswith(b"{") else EMPTY_OBJECT
        if kind == "location":
            return shown_location(raw) or empty
        try:
            return _DECODERS[kind].decode(raw)
        except msgspec.ValidationError:
            pass
    return empty if empty is not None else _EMPTY.get(kind)


def is_of(raw: Raw, kind: Kind) -> bool:
    """Whether ``raw`` spells a value of ``kind``."""
    if kind == "map":
        return bytes(raw).startswith(b"{")
    if kind == "location":
        return shown_location(raw) is not None
    try:
        _DECODERS[kind].decode(raw)
    except msgspec.ValidationError:
        return False
    return True
