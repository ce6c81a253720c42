"""What may be chosen for one workspace: every settings Struct of every part, by the product it belongs to."""

from typing import Any

import msgspec

from footfall.apis.capillary.caller import AccessSettings
from footfall.apis.capillary.event_settings import EventSettings
from footfall.apis.capillary.transaction_settings import BillSettings
from footfall.targets.settings import TargetSettings

KNOWN: dict[str, tuple[type[msgspec.Struct], ...]] = {
    "capillary": (AccessSettings, BillSettings, EventSettings, TargetSettings)
}
"""By product: Structs of which each knows some of its settings."""


class InvalidSetting(ValueError):  # noqa: N818
    """There is no such setting, or it cannot have that value."""


def fields() -> dict[str, tuple[Any, object]]:
    """Every setting, as ``product.name``: its type and its default."""
    return {
        f"{product}.{field.name}": (field.type, field.default)
        for product, kinds in KNOWN.items()
        for kind in kinds
        for field in msgspec.structs.fields(kind)
    }


def changed(settings: bytes, name: str, text: str | None) -> bytes:
    """``settings`` (a JSON object by product) with one set to what ``text`` says; None: to its default.

    Raises InvalidSetting.
    """
    known = fields()
    if name not in known:
        raise InvalidSetting(f"there is no setting {name!r}; there are {', '.join(sorted(known))}")
    product, _, member = name.partition(".")
    chosen = msgspec.json.decode(settings, type=dict[str, dict[str, Any]])
    own = chosen.setdefault(product, {})
    own.pop(member, None)
    if text is not None:
        own[member] = _value(name, known[name][0], text)
    for kind in KNOWN[product]:
        try:
            msgspec.convert(own, kind)
        except msgspec.ValidationError as error:
            raise InvalidSetting(f"{name}: {error}") from error
    return msgspec.json.encode(chosen)


def _value(name: str, kind: Any, text: str) -> object:
    try:
        return msgspec.to_builtins(msgspec.convert(text, kind, strict=False))
    except msgspec.ValidationError as error:
        raise InvalidSetting(f"{name}: {error}") from error
