"""The shape of a list's question, which decides its SQL, and the values that are bound in it; pure."""

from typing import Any

import msgspec

from footfall.model.event import CustomerLink
from footfall.model.event_listing import EventListing
from footfall.model.words import words
from footfall.storage.listing_statement import Family, Part, Shape
from footfall.storage.listing_terms import ANY_LINK, Terms

_FEW = 8
_LONGEST_PATTERN = 200
_UUID_CHARACTERS = frozenset("0123456789abcdef-")


def by_sequence(asked: EventListing, terms: Terms) -> tuple[Shape, dict[str, Any]]:
    """As ``shape_of``, for a walk over the events in the order in which they were stored: one part for each origin."""
    shape, values = shape_of(asked, terms, in_one=True)
    parts = [msgspec.structs.replace(part, path="sequence") for part in shape.parts if part.of == "captured"]
    if terms.has_system:
        groups = None if terms.about is None else _grouped(terms.about, values)
        parts.append(Part("system", "sequence", types=True, customers=groups))
    family: Family = "children" if asked.parent is not None else shape.family
    return msgspec.structs.replace(shape, parts=tuple(parts), family=family), values


def shape_of(asked: EventListing, terms: Terms, *, in_one: bool = False) -> tuple[Shape, dict[str, Any]]:
    """The shape of a question and its values; ``in_one``: captured events are one part, in whatever order."""
    values: dict[str, Any] = {"workspace": asked.workspace}
    parts: list[Part] = []
    if terms.has_captured:
        parts += _captured_parts(asked, terms, values, few=0 if in_one else _FEW)
    if terms.has_system:
        parts += _system_parts(terms, values, len(parts))
    if asked.since is not None:
        values["since"] = asked.since
    if asked.before is not None:
        values["before"] = asked.before
    for number, (key, texts) in enumerate(asked.properties):
        sought = texts[0] if len(texts) == 1 else key
        values |= {f"property{number}": key, f"texts{number}": list(texts), f"sought{number}": sought}
    if asked.text:
        ascii_words = [word for word in words(asked.text) if word.isascii()]
        values["word"] = max(ascii_words, key=len, default="")[:_LONGEST_PATTERN]
        values |= {"text": asked.text, "part": asked.text.casefold()}
        values["may_be_id"] = int(_UUID_CHARACTERS.issuperset(values["part"]))
        values |= {"text_types": sorted(terms.text_types)} if terms.text_types else {}
        values |= {"text_is_user": int(terms.text_is_user)}
    family: Family = "any"
    if asked.parent is not None:
        values["parent"] = asked.parent
    elif asked.depth is not None:
        values["depth"] = asked.depth
        family = "roots" if asked.depth == 0 else "below_roots"
    shape = Shape(
        parts=tuple(parts),
        since=asked.since is not None,
        before=asked.before is not None,
        family=family,
        properties=len(asked.properties),
        text="any" if asked.text else "",
        text_by_type=bool(terms.text_types),
        descending=asked.descending,
    )
    return shape, values


def _captured_parts(asked: EventListing, terms: Terms, values: dict[str, Any], few: int) -> list[Part]:
    types = terms.types
    if types is not None:
        values["types_captured"] = sorted(types)
    about = terms.about
    by_customer = about is not None and len(about) <= few and asked.parent is None
    groups = None
    if about is not None and (not by_customer or asked.depth):
        groups = _grouped(about, values)
    if asked.parent is not None:
        return [Part("captured", "parent", types=types is not None, customers=groups)]
    if about is not None and by_customer:
        parts = []
        for index, (number, links) in enumerate(sorted(about.items())):
            values[f"key{index}"] = number
            own = None if links == ANY_LINK else tuple(sorted(links))
            parts.append(Part("captured", "customer", types=types is not None, links=own, customers=groups))
        return parts
    if types is not None and len(types) <= few and about is None:
        for index, number in enumerate(sorted(types)):
            values[f"key{index}"] = number
        return [Part("captured", "type")] * len(types)
    return [Part("captured", "time", types=types is not None, customers=groups)]


def _grouped(about: dict[int, frozenset[CustomerLink]], values: dict[str, Any]) -> tuple[tuple[CustomerLink, ...], ...]:
    """Customers as lists, one for each set of links."""
    groups: dict[tuple[CustomerLink, ...], list[int]] = {}
    for number, links in about.items():
        groups.setdefault(tuple(sorted(links)), []).append(number)
    for index, numbers in enumerate(groups.values()):
        values[f"customers{index}"] = numbers
    return tuple(groups)


def _system_parts(terms: Terms, values: dict[str, Any], first: int) -> list[Part]:
    """The kinds of the system's events, or the customers that they are about: by id, as they always are."""
    about = None if terms.about is None else [number for number, by in terms.about.items() if CustomerLink.BY_ID in by]
    values["types_system"] = sorted(terms.system_types)
    if about is not None and len(about) <= _FEW:
        for index, number in enumerate(about, first):
            values[f"key{index}"] = number
        return [Part("system", "customer", types=True)] * len(about)
    groups = None if about is None or terms.about is None else _grouped(terms.about, values)
    for index, number in enumerate(sorted(terms.system_types), first):
        values[f"key{index}"] = number
    return [Part("system", "type", customers=groups)] * len(terms.system_types)
