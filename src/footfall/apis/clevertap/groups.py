"""Trends and top values: what their groups ask for (contracts/clevertap.md 4.4, 4.5)."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal

import msgspec

from footfall.apis.clevertap.errors import InvalidDate, InvalidGroup
from footfall.apis.clevertap.filters import SESSION_KEYS
from footfall.storage.event_figures import ValuePart

MOST_GROUPS = 5
MOST_VALUES = 100
MOST_DAYS = 366

Step = Literal["daily", "weekly", "monthly"]

_STEPS: Mapping[str, Step] = {"daily": "daily", "weekly": "weekly", "monthly": "monthly"}
_PARTS: Mapping[str, ValuePart] = {
    "event_properties": "properties",
    "session_properties": "session",
    "profile_fields": "customer_properties",
}
_DEFAULT_VALUES = 10


class Bucket(msgspec.Struct, frozen=True):
    """Some days that one figure stands for, both inclusive."""

    label: str
    first: date
    last: date


class TopGroup(msgspec.Struct, frozen=True):
    """Most frequent values, or rarest, of one property."""

    part: ValuePart
    key: str
    most: int
    rarest: bool


def trend_groups(query: Mapping[str, Any], first: date, last: date) -> dict[str, Step]:
    """The steps that are asked for, by label. Raises InvalidGroup, InvalidDate."""
    if (last - first).days >= MOST_DAYS:
        raise InvalidDate(f"Invalid date range : more than {MOST_DAYS} days")
    found = {}
    for label, group in _groups(query).items():
        step = group.get("trend_type", "daily")
        if step not in _STEPS:
            raise InvalidGroup(f"{label}.trend_type should be daily, weekly or monthly")
        found[label] = _STEPS[step]
    return found


def top_groups(query: Mapping[str, Any]) -> dict[str, TopGroup]:
    """The properties that are asked for, by label. Raises InvalidGroup."""
    return {label: _top_group(label, group) for label, group in _groups(query).items()}


def buckets(step: Step, first: date, last: date) -> Iterator[Bucket]:
    """The days from ``first`` to ``last`` in steps, cut at both ends; labels YYYYMMDD, YYYYWW (ISO weeks), YYYYMM."""
    day = first
    while day <= last:
        match step:
            case "daily":
                label, end = f"{day.year:04}{day:%m%d}", day
            case "weekly":
                year, week, weekday = day.isocalendar()
                label, end = f"{year:04}{week:02}", _later(day, 7 - weekday)
            case _:
                label, end = f"{day.year:04}{day:%m}", day.replace(day=monthrange(day.year, day.month)[1])
        yield Bucket(label, day, min(end, last))
        if end >= last:
            return
        day = end + timedelta(days=1)


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def _groups(query: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    groups = query.get("groups")
    if not isinstance(groups, dict) or not groups:
        raise InvalidGroup("groups is mandatory")
    if len(groups) > MOST_GROUPS:
        raise InvalidGroup(f"more than {MOST_GROUPS} groups")
    for label, group in groups.items():
        if not isinstance(group, dict):
            raise InvalidGroup(f"{label} should be an object")
        if label == "status":
            raise InvalidGroup("a group cannot be called status")
    return groups


def _top_group(label: str, group: Mapping[str, Any]) -> TopGroup:
    kind, name = group.get("property_type"), group.get("name")
    part = _PARTS.get(kind) if isinstance(kind, str) else None
    if part is None:
        raise InvalidGroup(f"{label}.property_type {kind} is not supported")
    if not isinstance(name, str) or not name or "\0" in name:
        raise InvalidGroup(f"{label}.name should be a property's name")
    if part == "session" and name not in SESSION_KEYS:
        raise InvalidGroup(f"{label}.name {name} is not supported")
    most, order = group.get("top_n", _DEFAULT_VALUES), group.get("order", "desc")
    if isinstance(most, str) and most.isascii() and most.isdecimal() and len(most) < 5:
        most = int(most)
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MOST_VALUES:
        raise InvalidGroup(f"{label}.top_n should be 1 to {MOST_VALUES}")
    if not isinstance(order, str) or order.lower() not in {"asc", "desc"}:
        raise InvalidGroup(f"{label}.order should be asc or desc")
    return TopGroup(part, name, most, rarest=order.lower() == "asc")
