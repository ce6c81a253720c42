"""Places (contracts/gainsight_px.md 5.3): all members, those that are not known empty or zero."""

import msgspec
from msgspec import Raw


class Coordinates(msgspec.Struct):
    """Degrees."""

    latitude: float = 0.0
    longitude: float = 0.0


class Location(msgspec.Struct, rename="camel"):
    """A place."""

    country_name: str = ""
    country_code: str = ""
    state_name: str = ""
    state_code: str = ""
    city: str = ""
    street: str = ""
    postal_code: str = ""
    continent: str = ""
    region_name: str = ""
    time_zone: str = ""
    coordinates: Coordinates = msgspec.field(default_factory=Coordinates)


_decode = msgspec.json.Decoder(Location).decode


def shown_location(raw: Raw | None) -> Location | None:
    """The place that ``raw`` spells; None where it spells none."""
    if raw is None:
        return None
    try:
        return _decode(raw)
    except msgspec.ValidationError:
        return None
