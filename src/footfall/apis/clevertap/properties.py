"""What properties may look like in an upload (contracts/clevertap.md 3.1, 3.2)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MOST_PROPERTIES = 256
MOST_ITEMS = 256
MOST_VALUES = 100
LONGEST_KEY = 120
LONGEST_VALUE = 512
DEEPEST = 20

FORBIDDEN_IN_NAMES = frozenset("%><!|&.:;$'\"\\")
FORBIDDEN_IN_PROFILES = FORBIDDEN_IN_NAMES | {"#"}


class Unacceptable(ValueError):  # noqa: N818
    """A property cannot be stored as it is; the message says why."""


def check_event_data(data: Mapping[str, Any], *, with_items: bool) -> None:
    """Raises Unacceptable unless every property may stand in an event; ``with_items``: in a ``Charged`` one."""
    for key, value in data.items():
        if with_items and key == "Items":
            _check_items(value)
            continue
        _check_event_key(key)
        if type(value) is not str or len(value) > LONGEST_VALUE:
            _check_value(key, value, DEEPEST)


def check_key(key: str, forbidden: frozenset[str]) -> None:
    """Raises Unacceptable for a key that is empty, too long or holds one of the ``forbidden`` characters."""
    if not key.strip() or len(key) > LONGEST_KEY:
        raise Unacceptable(f"A property key should have 1 to {LONGEST_KEY} characters")
    if not forbidden.isdisjoint(key):
        found = next(character for character in key if character in forbidden)
        raise Unacceptable(f"A property key holds a forbidden character {found}")


@lru_cache(maxsize=4096)
def _check_event_key(key: str) -> None:
    """As ``check_key``; keys come again and again, and one that is refused is not remembered."""
    check_key(key, FORBIDDEN_IN_NAMES)


def check_scalar(key: str, value: object) -> None:
    """Raises Unacceptable for a text that is too long."""
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        raise Unacceptable(f"The value of {key} is longer than {LONGEST_VALUE} characters")


def check_values(key: str, values: object) -> None:
    """Raises Unacceptable unless ``values`` may be a property with several values."""
    if not isinstance(values, list) or any(not isinstance(each, str | int | float) for each in values):
        raise Unacceptable(f"{key} should be an array of texts and numbers")
    if len(values) > MOST_VALUES:
        raise Unacceptable(f"{key} has more than {MOST_VALUES} values")
    for each in values:
        check_scalar(key, each)


def _check_items(items: object) -> None:
    if not isinstance(items, list) or any(not isinstance(item, dict) for item in items):
        raise Unacceptable("Items should be an array of objects")
    if len(items) > MOST_ITEMS:
        raise Unacceptable(f"More than {MOST_ITEMS} Items")
    for item in items:
        for key, value in item.items():
            _check_event_key(key)
            _check_value(key, value, DEEPEST)


def _check_value(key: str, value: object, depth: int) -> None:
    """Arrays are for ``Items`` alone; objects may nest, as newer SDKs nest them, and hold what they like."""
    if isinstance(value, list) and depth == DEEPEST:
        raise Unacceptable(f"The value of {key} is an array")
    if depth == 0:
        raise Unacceptable(f"The value of {key} is nested deeper than {DEEPEST} levels")
    match value:
        case dict():
            for name, member in value.items():
                _check_event_key(name)
                _check_value(name, member, depth - 1)
        case list():
            for member in value:
                _check_value(key, member, depth - 1)
        case _:
            check_scalar(key, value)
