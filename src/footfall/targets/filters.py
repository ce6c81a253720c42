"""Where a rule lets events come from: filters on the store, zone or concept of the till that captured them."""

from collections.abc import Iterable, Mapping, Sequence

from footfall.model.counting import CountingRule
from footfall.model.organisation import Place
from footfall.model.target import Filter
from footfall.storage import organisations
from footfall.storage.connection import Connection

Places = Mapping[str, Place]
"""By outlet."""


def places_for(
    connection: Connection, workspace: int, rules: Iterable[CountingRule], outlets: Iterable[str | None]
) -> Places:
    """Where the outlets are, as far as any of the rules asks."""
    if not any(rule.counted.filters for rule in rules):
        return {}
    numbers = {int(outlet) for outlet in outlets if outlet is not None and _is_number(outlet)}
    found = organisations.places_of(connection, workspace, numbers)
    return {str(number): place for number, place in found.items()}


def admits(filters: Sequence[Filter], outlet: str | None, places: Places) -> bool:
    """Whether all ``filters`` let an event in that was captured at ``outlet``. Pure.

    A till that stands in no store is one by itself.
    """
    return all(_admits(one, outlet, places) for one in filters)


def _admits(one: Filter, outlet: str | None, places: Places) -> bool:
    if outlet is None:
        return False
    place = places.get(outlet)
    admitted = {str(identifier) for identifier in one.entity_ids}
    if one.entity_type == "STORE":
        return (outlet if place is None or place.store is None else str(place.store)) in admitted
    if place is None:
        return False
    return (place.zone if one.entity_type == "ZONE" else place.concept) in admitted


def _is_number(outlet: str) -> bool:
    return outlet.isascii() and outlet.isdecimal() and len(outlet) < 19
