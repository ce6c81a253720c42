"""Counts, trends and top values against the store (contracts/clevertap.md 4.2-4.5)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from footfall.apis.clevertap.errors import CleverTapError, InvalidGroup
from footfall.apis.clevertap.export import asked_of_store
from footfall.apis.clevertap.groups import Bucket, TopGroup, buckets, top_groups, trend_groups
from footfall.apis.clevertap.query import days_as_instants, flag, question, question_of_any
from footfall.apis.clevertap.schemas import EventCountAnswer, ProfileCountAnswer, UserDevices
from footfall.apis.services import Services
from footfall.model import instant
from footfall.model.export import ExportQuery
from footfall.model.workspace import Workspace
from footfall.storage import event_counts, event_figures
from footfall.storage.connection import Connection
from footfall.storage.event_counts import Span

Figures = dict[str, dict[str, Any]]

_UNKNOWN = 200
"""The status that tells of an unknown event here (contract 4.4)."""


async def count_events(services: Services, workspace: Workspace, query: Mapping[str, Any]) -> EventCountAnswer:
    """How many events there are; with ``unique``, how many users did one."""
    asked = question(query, {})
    found = await asked_of_store(services, workspace, asked)
    figure = _users if _truth(query.get("unique")) else _events
    return EventCountAnswer("success", await services.database.ask_long(figure, found))


async def count_profiles(services: Services, workspace: Workspace, query: Mapping[str, Any]) -> ProfileCountAnswer:
    """How many users did an event, or any, and how often."""
    today = instant.to_datetime(instant.now(), workspace.zone).date()
    asked = question_of_any(query, {}, today)
    found = await asked_of_store(services, workspace, asked)
    events, users = await services.database.ask_long(event_figures.count, found)
    return ProfileCountAnswer("success", users, 0, events, UserDevices(users, users))


async def check_trends(services: Services, workspace: Workspace, query: Mapping[str, Any]) -> None:
    """Raises CleverTapError where ``trends`` would."""
    asked = question(query, {})
    trend_groups(query, asked.first_day, asked.last_day)
    _summed_key(query)
    await asked_of_store(services, workspace, asked, unknown_status=_UNKNOWN)


async def trends(services: Services, workspace: Workspace, query: Mapping[str, Any]) -> Figures:
    """One figure for each step of each group: events, users with ``unique``, or the sum of a property."""
    asked = question(query, {})
    steps = trend_groups(query, asked.first_day, asked.last_day)
    key = _summed_key(query)
    unique = _truth(query.get("unique"))
    found = await asked_of_store(services, workspace, asked, unknown_status=_UNKNOWN)

    def figure(connection: Connection, part: ExportQuery) -> int | float:
        if key is not None:
            return event_figures.total(connection, part, key)
        return _users(connection, part) if unique else _events(connection, part)

    def work(connection: Connection) -> Figures:
        return {
            label: {
                bucket.label: figure(connection, _part(found, bucket, workspace))
                for bucket in buckets(step, asked.first_day, asked.last_day)
            }
            for label, step in steps.items()
        }

    return await services.database.ask_long(work)


async def check_top(services: Services, workspace: Workspace, query: Mapping[str, Any]) -> None:
    """Raises CleverTapError where ``top`` would without looking at events."""
    asked = question(query, {})
    top_groups(query)
    await asked_of_store(services, workspace, asked)


async def top(services: Services, workspace: Workspace, query: Mapping[str, Any]) -> Figures:
    """For each group its values by kind, most frequent first. Raises InvalidGroup for a property no event has."""
    asked = question(query, {})
    groups = top_groups(query)
    found = await asked_of_store(services, workspace, asked)
    return await services.database.ask_long(_top, found, groups)


def _top(connection: Connection, query: ExportQuery, groups: Mapping[str, TopGroup]) -> Figures:
    figures: Figures = {}
    for label, group in groups.items():
        kinds = figures.setdefault(label, {})
        for each in event_figures.top_values(connection, query, group.part, group.key, group.most, rarest=group.rarest):
            kinds.setdefault(each.kind, {})[each.value] = each.events
        if not kinds and _events(connection, query):
            raise InvalidGroup(f"{label}, no event has {group.key}")
    return figures


def _events(connection: Connection, query: ExportQuery) -> int:
    if query.filters or query.customer is not None:
        return event_figures.count(connection, query)[0]
    span = Span(frozenset({query.type}), query.since, query.until)
    return event_counts.count(connection, query.workspace, [span])


def _users(connection: Connection, query: ExportQuery) -> int:
    return event_figures.count(connection, query)[1]


def _part(query: ExportQuery, bucket: Bucket, workspace: Workspace) -> ExportQuery:
    since, until = days_as_instants(bucket.first, bucket.last, workspace.zone)
    return msgspec.structs.replace(query, since=since, until=until)


def _summed_key(query: Mapping[str, Any]) -> str | None:
    key = query.get("sum_event_prop")
    if key is None or key == "":
        return None
    if not isinstance(key, str) or "\0" in key:
        raise CleverTapError("Invalid query : sum_event_prop should be a property's name")
    return key


def _truth(given: object) -> bool:
    return flag(given if isinstance(given, str) else str(given), default=False)
