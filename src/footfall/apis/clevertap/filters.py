"""Filters on events, sessions and users (contracts/clevertap.md 2.6): each is applied as it stands, or refused."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from footfall.apis.clevertap.errors import InvalidQuery
from footfall.model.export import FilteredPart, PropertyFilter, PropertyOperator
from footfall.model.text import comparable_email

_OPERATORS: Mapping[str, tuple[PropertyOperator, bool]] = {
    "equals": ("equals", False),
    "not_equals": ("equals", True),
    "in": ("equals", False),
    "not_in": ("equals", True),
    "contains": ("contains", False),
    "does_not_contain": ("contains", True),
    "not_contains": ("contains", True),
    "exists": ("exists", False),
    "does_not_exist": ("exists", True),
    "greater_than": ("greater_than", False),
    "gt": ("greater_than", False),
    "greater_than_equals": ("greater_than_equals", False),
    "gte": ("greater_than_equals", False),
    "less_than": ("less_than", False),
    "lt": ("less_than", False),
    "less_than_equals": ("less_than_equals", False),
    "lte": ("less_than_equals", False),
    "between": ("between", False),
}
"""What clients send: the operator of the model, and whether it is negated."""

SESSION_KEYS = frozenset({"utm_source", "utm_medium", "utm_campaign", "session_source", "session_referrer"})
"""The properties of a session that CleverTap knows (contract 2.4)."""

_UNAVAILABLE = "Unavailable"
_FIELDS = {"Name": "name", "Email": "email", "Phone": "mobile", "Identity": "external_id", "identity": "external_id"}
_KEYS = frozenset({"name", "operator", "value"})
_LONGEST_LIST = 32
_TRUTHS = frozenset({"true", "false"})
_LARGEST = 2**63 - 1
_spelled = msgspec.json.Decoder(int | float).decode


def property_filters(given: object, key: str, *, in_items: bool) -> tuple[PropertyFilter, ...]:
    """The filters on event properties in the array that stands at ``key`` of a query. Raises InvalidQuery.

    ``in_items``: look into the array ``Items`` of a ``Charged`` event as well.
    """
    return tuple(_filter(entry, key, in_items=in_items) for entry in _entries(given, key))


def session_filters(given: object, key: str) -> tuple[PropertyFilter, ...]:
    """The filters on session properties: those five that a record shows. Raises InvalidQuery."""
    found = []
    for each in (_filter(entry, key, part="session") for entry in _entries(given, key)):
        if each.key not in SESSION_KEYS:
            raise InvalidQuery(f"{key}.{each.key} is not supported")
        # What is not set, is Unavailable (seed, "session_source").
        unset = each.key == "session_source" and each.operator == "equals" and _UNAVAILABLE in each.texts
        found.append(replace(each, or_absent=unset))
    return tuple(found)


def profile_filters(given: object, key: str) -> tuple[PropertyFilter, ...]:
    """The filters on the user in the object that stands at ``key``: its ``profile_fields``. Raises InvalidQuery."""
    if not given:
        return ()
    if not isinstance(given, dict):
        raise InvalidQuery(f"{key} should be an object")
    for kind, content in given.items():
        if kind != "profile_fields" and content:
            raise InvalidQuery(f"{key}.{kind} is not supported")
    return tuple(
        _profile_filter(entry, f"{key}.profile_fields")
        for entry in _entries(given.get("profile_fields"), f"{key}.profile_fields")
    )


def _profile_filter(entry: object, key: str) -> PropertyFilter:
    each = _filter(entry, key, part="customer_properties")
    field = _FIELDS.get(each.key)
    if field is None:
        return each
    if each.operator not in {"equals", "contains", "exists"}:
        raise InvalidQuery(f"{key}.operator {each.operator} is not supported for {each.key}")
    texts = each.texts
    if field == "email":
        texts = tuple(comparable_email(text) for text in texts)
    elif field == "mobile":
        texts = tuple(text.removeprefix("+") for text in texts)
    return replace(each, key=field, part="customer", texts=texts, numbers=(), truths=())


def _entries(given: object, key: str) -> list[Any]:
    if not given:
        return []
    if not isinstance(given, list):
        raise InvalidQuery(f"{key} should be an array")
    if len(given) > _LONGEST_LIST:
        raise InvalidQuery(f"{key} has more than {_LONGEST_LIST} entries")
    return given


def _filter(entry: object, key: str, *, in_items: bool = False, part: FilteredPart = "properties") -> PropertyFilter:
    if not isinstance(entry, dict):
        raise InvalidQuery(f"{key} should hold objects with name, operator and value")
    unknown = sorted(entry.keys() - _KEYS)
    if unknown:
        raise InvalidQuery(f"{key}.{unknown[0]} is not supported")
    name, word = entry.get("name"), entry.get("operator", "equals")
    if not isinstance(name, str) or not name:
        raise InvalidQuery(f"{key}.name should be a property's name")
    if not isinstance(word, str) or word.lower() not in _OPERATORS:
        raise InvalidQuery(f"{key}.operator {word} is not supported")
    operator, negated = _OPERATORS[word.lower()]
    texts, numbers, truths = _wanted(operator, entry.get("value"), f"{key}.value")
    return PropertyFilter(name, operator, texts, numbers, truths, negated, in_items, part)


_Wanted = tuple[tuple[str, ...], tuple[int | float, ...], tuple[str, ...]]


def _wanted(operator: PropertyOperator, value: Any, key: str) -> _Wanted:
    """The values to compare with: as texts, as numbers, as truths."""
    if operator == "exists":
        return (), (), ()
    values = value if isinstance(value, list) else [value]
    if not values or any(not isinstance(each, str | int | float) for each in values):
        raise InvalidQuery(f"{key} should be a text, a number or a list of them")
    if any("\0" in each for each in values if isinstance(each, str)):
        raise InvalidQuery(f"{key} holds a NUL character")
    if operator == "equals":
        return _texts(values), _numbers(values), _truths(values)
    if operator == "contains":
        return _texts(values), (), ()
    numbers = _numbers(values)
    if len(numbers) != len(values) or len(values) != (2 if operator == "between" else 1):
        raise InvalidQuery(f"{key} should be {'two numbers' if operator == 'between' else 'a number'}")
    return (), numbers, ()


def _texts(values: Iterable[str | float]) -> tuple[str, ...]:
    return tuple(each if isinstance(each, str) else str(each) for each in values if not isinstance(each, bool))


def _truths(values: Iterable[str | float]) -> tuple[str, ...]:
    return tuple(word for each in values if not _is_number(each) and (word := str(each).lower()) in _TRUTHS)


def _numbers(values: Iterable[str | float]) -> tuple[int | float, ...]:
    return tuple(number for each in values if (number := _number(each)) is not None)


def _is_number(value: str | float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: str | float) -> int | float | None:
    """The number that ``value`` is, or spells in JSON's way, as the store can compare it: 64 bits."""
    if isinstance(value, bool):
        return None
    try:
        number = _spelled(value) if isinstance(value, str) else value
        return number if isinstance(number, float) or abs(number) <= _LARGEST else float(number)
    except (msgspec.DecodeError, OverflowError):
        return None
