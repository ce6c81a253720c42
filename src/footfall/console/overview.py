"""What the first page tells, read from the counts alone: its cost does not depend on how many events there are."""

from typing import Literal

import msgspec

from footfall.console import chart
from footfall.console.chart import Chart, Series
from footfall.model import instant
from footfall.model.customer import Customer
from footfall.storage import customers, event_browse, event_counts, event_types
from footfall.storage.connection import Connection
from footfall.storage.event_browse import Browse
from footfall.storage.event_walk import Found
from footfall.storage.time_buckets import WIDTHS, Run

SpanName = Literal["week", "month", "year", "decade"]
LATEST_FOR_TOP = 1_000
"""The customers of so many latest events are compared: a ranking of everybody's would have to count everything."""

_NAMES_SHOWN = 7
_MOST_NAMES = 10
_MOST_CUSTOMERS = 10
_LATEST_SHOWN = 10
_HOURS_OF_WEEK = 168


class Span(msgspec.Struct, frozen=True):
    """How much time the chart covers: ``bars``, each of ``buckets`` buckets of ``level``."""

    label: str
    level: int
    buckets: int
    bars: int


SPANS: dict[SpanName, Span] = {
    "week": Span("7 days", 1, 1, 21),
    "month": Span("30 days", 1, 3, 30),
    "year": Span("1 year", 2, 1, 35),
    "decade": Span("10 years", 2, 4, 86),
}


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """``this_hour``, ``day`` and ``week`` are of whole hours by the clock, the present one included."""

    total: int
    this_hour: int
    day: int
    week: int
    names: list[tuple[str, int]]
    number_of_names: int
    chart: Chart
    latest: list[Found]
    customers: list[tuple[Customer, int]]
    compared: int


def overview(connection: Connection, workspace: int, span: Span, now: int) -> Overview:
    """The workspace at ``now``."""
    totals = event_counts.by_type(connection, workspace)
    known = {number: name for number, name, _, _ in event_types.every(connection, workspace)}
    ranked = sorted(
        ((number, count) for number, count in totals.items() if number > 0), key=lambda each: (-each[1], each[0])
    )
    hours = _hours(connection, workspace, now)
    counted, compared = event_browse.customers_of_latest(connection, workspace, LATEST_FOR_TOP)
    top = counted.most_common(_MOST_CUSTOMERS)
    people = customers.by_numbers(connection, workspace, [number for number, _ in top])
    return Overview(
        total=totals.get(event_counts.ALL_TYPES, 0),
        this_hour=hours[-1],
        day=sum(hours[-24:]),
        week=sum(hours),
        names=[(known.get(number, "?"), count) for number, count in ranked[:_MOST_NAMES]],
        number_of_names=len(ranked),
        chart=_chart(connection, workspace, span, now, [(number, known.get(number, "?")) for number, _ in ranked]),
        latest=event_browse.page(connection, Browse(workspace=workspace), None, _LATEST_SHOWN),
        customers=[(people[number], count) for number, count in top if number in people],
        compared=compared,
    )


def _hours(connection: Connection, workspace: int, now: int) -> list[int]:
    """Events of all names in each hour of the last week, the present one last."""
    end = now // WIDTHS[0] + 1
    run = Run(0, end - _HOURS_OF_WEEK, end)
    found = event_counts.over_time(connection, workspace, [event_counts.ALL_TYPES], run)
    return [found.get((event_counts.ALL_TYPES, bucket), 0) for bucket in range(run.first, run.end)]


def _chart(connection: Connection, workspace: int, span: Span, now: int, ranked: list[tuple[int, str]]) -> Chart:
    """The commonest names, each a colour, and the rest together."""
    width = WIDTHS[span.level]
    end = -(-(now // width + 1) // span.buckets) * span.buckets  # bars begin at whole multiples: days at midnight
    first = end - span.bars * span.buckets
    shown = ranked[:_NAMES_SHOWN]
    types = [event_counts.ALL_TYPES, *(number for number, _ in shown)]
    found = event_counts.over_time(connection, workspace, types, Run(span.level, first, end))
    values = {number: [0] * span.bars for number in types}
    for (number, bucket), count in found.items():
        values[number][(bucket - first) // span.buckets] += count
    series = [Series(name, index, tuple(values[number])) for index, (number, name) in enumerate(shown)]
    rest = tuple(
        whole - sum(one.values[index] for one in series) for index, whole in enumerate(values[event_counts.ALL_TYPES])
    )
    if any(rest):
        series.append(Series("all other names", _NAMES_SHOWN, rest))
    labels = [_label((first + index * span.buckets) * width, span) for index in range(span.bars)]
    return chart.stacked(labels, series)


def _label(at: int, span: Span) -> str:
    text = instant.utc_text(at).replace("T", " ")
    return text[:10] if WIDTHS[span.level] * span.buckets >= instant.DAY else text[:16]
