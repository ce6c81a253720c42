"""Statistics of events over time (contracts/rapidly.md 2.5)."""

import re
from array import array
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get

from footfall.apis.http import AnyRequest
from footfall.apis.openapi import answer_of
from footfall.apis.rapidly import aggregates, answers, mapping, moments, openapi, periods, scalars
from footfall.apis.rapidly.auth import READ_EVENTS, require
from footfall.apis.rapidly.dialect import dialect_of
from footfall.apis.rapidly.event_lists import type_with_id
from footfall.apis.rapidly.faults import Faults, Problem
from footfall.apis.rapidly.listing import aggregates_of, common_terms, event_type_id
from footfall.apis.rapidly.openapi import ERRORS
from footfall.apis.rapidly.parameters import Parameters, one_of, sorting_of
from footfall.apis.rapidly.periods import INTERVALS, Interval, Periods
from footfall.apis.rapidly.schemas import Period, Stat, Statistics
from footfall.apis.services import services_of
from footfall.model import identifiers, instant
from footfall.model.event_listing import EventListing
from footfall.model.workspace import Workspace
from footfall.storage import event_family, event_types
from footfall.storage.connection import Connection
from footfall.storage.event_types import EventType

_SORT_KEYS = ("total", "occurrences", "average", "p95", "p99", "name")
_TOO_BIG = "The interval is too big. Try to change the interval or reduce the date range."
_ZONE = Problem("TimeZoneName", "Invalid timezone name.")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ROOTS_AT_A_TIME = 500


class StatisticsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: root events of ``listing`` by period; ``paths`` lead to the numbers that are summed."""

    listing: EventListing
    periods: Periods
    zone: ZoneInfo
    paths: tuple[str, ...]
    sorting: tuple[str, ...]


class _Sample:
    """What is known of the root events of one type, in one period or in all."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.occurrences = 0
        self.customers: set[int] = set()
        self.totals = {path: Decimal(0) for path in paths}
        self.values = {path: array("d") for path in paths}

    def add(self, customer: int | None, sums: dict[str, Decimal]) -> None:
        self.occurrences += 1
        if customer is not None:
            self.customers.add(customer)
        for path, number in sums.items():
            self.totals[path] += number
            self.values[path].append(float(number))


@get(
    ["/api/events/statistics/timeseries", "/v1/events/statistics/timeseries"],
    tags=["Rapidly"],
    summary="Statistics of events over time",
    description="Root events by period and name; their descendants' numbers are summed into them.",
    operation_class=openapi.statistics_operation(),
    responses={200: answer_of(Statistics, "The statistics."), **ERRORS},
)
async def event_statistics(request: AnyRequest) -> Response[bytes]:
    """How often events occurred in each period, and what their numbers add up to."""
    workspace = require(request, READ_EVENTS).workspace
    parameters = Parameters(request)
    database = services_of(request).database
    asked = _request(parameters, workspace, request)
    type_id = parameters.one("event_type_id", scalars.uuid4, None)
    parameters.faults.raise_if_any()
    if type_id is not None and asked is not None:
        number = await database.ask(type_with_id, workspace, type_id)
        asked = msgspec.structs.replace(asked, listing=msgspec.structs.replace(asked.listing, type=number))
    if asked is None:
        return answers.json(Statistics(periods=[], totals=[]))
    return answers.json(await database.ask_long(_statistics, workspace, asked))


def _request(parameters: Parameters, workspace: Workspace, request: AnyRequest) -> StatisticsRequest | None:
    """What is asked; None of another workspace. Raises RequestInvalid."""
    first = parameters.one("start_date", _date, date.min, required=True)
    last = parameters.one("end_date", _date, date.min, required=True)
    interval = cast("Interval", parameters.one("interval", one_of(INTERVALS), "year", required=True))
    zone = parameters.one("timezone", _zone, ZoneInfo("UTC"))
    terms = common_terms(parameters, workspace, dialect_of(request))
    paths = aggregates_of(parameters) or ("_cost.amount",)
    sorting = parameters.many("sorting", sorting_of(_SORT_KEYS)) or ("-total",)
    parameters.faults.raise_if_any()
    if periods.is_too_long(first, last, interval):
        faults = Faults()
        shown = {"start_date": str(first), "end_date": str(last), "interval": interval}
        faults.add(("query",), Problem("value_error", _TOO_BIG), shown)
        faults.raise_if_any(is_rule=True)
    if terms is None:
        return None
    within = periods.cut(first, last, interval, zone)
    terms["sources"] = ("user",) if not terms["sources"] or "user" in cast("Any", terms["sources"]) else ("system",)
    listing = EventListing(
        workspace=workspace.number, since=within.since, before=within.before, depth=0, **cast("Any", terms)
    )
    return StatisticsRequest(listing=listing, periods=within, zone=zone, paths=paths, sorting=sorting)


def _date(value: str) -> date | Problem:
    fault = moments.date_fault(value.encode()) if not _DATE.fullmatch(value) else None
    try:
        return date.fromisoformat(value)
    except ValueError:
        fault = fault or moments.date_fault(value.encode()) or "year 0 is out of range"
        return Problem(
            "date_from_datetime_parsing", f"Input should be a valid date or datetime, {fault}", {"error": fault}
        )


def _zone(value: str) -> ZoneInfo | Problem:
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        return _ZONE


def _statistics(connection: Connection, workspace: Workspace, asked: StatisticsRequest) -> Statistics:
    types = {each.number: each for each in event_types.described(connection, workspace.number)}
    totals: dict[int, _Sample] = {}
    samples: dict[tuple[int, int], _Sample] = {}
    for root, sums in event_family.roots_with_sums(
        connection, asked.listing, lambda properties: aggregates.numbers_of(properties, asked.paths), _ROOTS_AT_A_TIME
    ):
        index = asked.periods.index_of(root.occurred_at)
        for sample in (
            totals.setdefault(root.type, _Sample(asked.paths)),
            samples.setdefault((index, root.type), _Sample(asked.paths)),
        ):
            sample.add(root.customer, sums)
    ordered = _ordered(totals, types, asked)
    shown = []
    starts = asked.periods.starts
    for index, start in enumerate(starts):
        of_period = {number: samples.get((index, number)) or _Sample(asked.paths) for number in ordered}
        is_last = index == len(starts) - 1
        shown.append(
            Period(
                timestamp=mapping.moment(start),
                period_start=mapping.moment(start),
                period_end=_end(asked) if is_last else mapping.moment(starts[index + 1]),
                stats=[
                    _stat(types[number], of_period[number], workspace, asked.paths)
                    for number in _ordered(of_period, types, asked)
                ],
            )
        )
    return Statistics(
        periods=shown, totals=[_stat(types[number], totals[number], workspace, asked.paths) for number in ordered]
    )


def _end(asked: StatisticsRequest) -> str:
    """The last instant of the last day, on the clock of the zone that was asked for."""
    last = asked.periods.before - 1
    if asked.zone.key == "UTC":
        return mapping.moment(last)
    return instant.to_datetime(last, asked.zone).isoformat()


def _ordered(samples: dict[int, _Sample], types: dict[int, EventType], asked: StatisticsRequest) -> list[int]:
    numbers = sorted(samples, key=lambda number: types[number].name)
    for key in reversed(asked.sorting):
        field = key.removeprefix("-")
        numbers.sort(
            key=lambda number: _sort_value(field, samples[number], types[number], asked.paths[0]),
            reverse=key.startswith("-"),
        )
    return numbers


def _sort_value(field: str, sample: _Sample, own: EventType, path: str) -> Any:
    values = sample.values[path]
    match field:
        case "name":
            return own.name
        case "occurrences":
            return sample.occurrences
        case "total":
            return sample.totals[path]
        case "average":
            return sample.totals[path] / len(values) if values else Decimal(0)
        case _:
            return _percentile(values, 0.95 if field == "p95" else 0.99)


def _stat(own: EventType, sample: _Sample, workspace: Workspace, paths: tuple[str, ...]) -> Stat:
    def of(share: float) -> dict[str, str]:
        return {_key(path): _decimal(_percentile(values, share)) for path in paths if (values := sample.values[path])}

    averages = {path: sample.totals[path] / max(1, len(sample.values[path])) for path in paths}
    nothing = {_key(path): "0" for path in paths}
    return Stat(
        name=own.name,
        label=own.label or own.name,
        event_type_id=identifiers.to_text(event_type_id(workspace, own.name)),
        occurrences=sample.occurrences,
        customers=len(sample.customers),
        totals={_key(path): scalars.plain(total) for path, total in sample.totals.items()},
        averages={_key(path): scalars.plain(average) for path, average in averages.items()},
        p10=of(0.1),
        p90=of(0.9),
        p99={**nothing, **of(0.99)},
    )


def _key(path: str) -> str:
    return path.replace(".", "_")


def _percentile(values: "array[float]", share: float) -> float:
    """Between the two values that are nearest, in proportion."""
    if not values:
        return 0.0
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _decimal(number: float) -> str:
    return scalars.plain(Decimal(repr(number)))
