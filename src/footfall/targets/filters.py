"""Where a rule lets events come from. Pure."""

from footfall.model.target import Filter


def outlets_of(filters: tuple[Filter, ...]) -> frozenset[str] | None:
    """The outlets that all ``filters`` admit; None where there are no filters."""
    admitted: frozenset[str] | None = None
    for one in filters:
        own = frozenset(str(identifier) for identifier in one.entity_ids)
        admitted = own if admitted is None else admitted & own
    return admitted
