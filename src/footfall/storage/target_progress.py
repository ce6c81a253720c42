"""What counted, and how far everybody has come: written by what counts, set by set.

A tracked event is narrow: what can be told from its rule or its sequence is not stored with it. How far a customer has
come stands beside it, one row for each rule and period, so that nobody ever adds up events to learn it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.amount import MILLIONTHS
from footfall.model.counting import Tracked
from footfall.model.event import ADD_TRANSACTION, RETURN_BILL
from footfall.model.target import GENERIC_EVENT, OPEN_END, OPEN_START, Progress
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import BulkInsert, Statement, Upsert, is_in
from footfall.storage.tables import target_progress, target_visits, tracked_events

_P = target_progress.c
_V = target_visits.c

KINDS = (ADD_TRANSACTION, RETURN_BILL, GENERIC_EVENT)
"""What ``tracked_events.kind`` stands for."""

_KIND = {name: kind for kind, name in enumerate(KINDS)}
_BEHAVIOURAL = _KIND[GENERIC_EVENT]
PROGRESS_COLUMNS = [
    _P.id,
    _P.customer,
    _P.rule,
    _P.period,
    _P.whole,
    _P.millionths,
    _P.events,
    _P.enrolled_at,
    _P.updated_at,
    _P.entries,
    _P.achieved_at,
    _P.achieved_by,
]
_KEY = ("workspace", "customer", "rule", "period")
_ADDED = ("whole", "millionths", "events", "enrolled_at", "updated_at", "entries", "first_at", "last_at")
_INSERT = BulkInsert(tracked_events)


# Part of the text: an upsert has no parameters but its rows.
_UNIT = sa.literal_column(str(MILLIONTHS), sa.BigInteger)
_NOTHING = sa.literal_column("0", sa.BigInteger)


def _achieving(new: Any) -> dict[str, Any]:
    """The goal is reached by the one event that is added, where there was a way to go before it."""
    millionths = _P.millionths + new.millionths
    whole = _P.whole + new.whole + millionths // _UNIT
    goal = new.goal // _UNIT
    reaches = sa.and_(
        _P.achieved_by.is_(None),
        new.goal > _NOTHING,
        sa.or_(whole > goal, sa.and_(whole == goal, millionths % _UNIT >= new.goal % _UNIT)),
    )
    return {
        "achieved_at": sa.case((reaches, new.last_at), else_=_P.achieved_at),
        "achieved_by": sa.case((reaches, new.last_by), else_=_P.achieved_by),
    }


def _adding(*returned: str, computed: Callable[[Any], dict[str, Any]] | None = None) -> Upsert:
    return Upsert(
        target_progress,
        (*_KEY, *_ADDED, "achieved_at", "achieved_by", "goal", "last_by"),
        key=_KEY,
        replaced=("goal", "last_by"),
        added=("whole", "millionths", "events", "entries"),
        raised=("updated_at", "last_at"),
        lowered=("first_at",),
        computed=computed,
        returned=returned,
    )


_ADD_ONE = _adding(computed=_achieving)
_ADD = _adding("customer", "rule", "period", "whole", "millionths", "achieved_by", "id")
_ACHIEVE = Upsert(
    target_progress,
    (*_KEY, *_ADDED, "achieved_at", "achieved_by"),
    key=_KEY,
    replaced=("achieved_at", "achieved_by"),
)
_VISIT = Upsert(target_visits, (*_KEY, "day"), key=(*_KEY, "day"), returned=("customer", "rule", "period", "day"))
_VISITED = Statement(
    sa.select(_V.customer, _V.rule, _V.period, _V.day).where(
        _V.workspace == bindparam("workspace"), is_in(_V.customer, "customers"), is_in(_V.rule, "rules")
    )
)
_OF_CUSTOMERS = Statement(
    sa.select(*PROGRESS_COLUMNS)
    .where(_P.workspace == bindparam("workspace"), is_in(_P.customer, "customers"), is_in(_P.rule, "rules"))
    .order_by(_P.customer, _P.rule, _P.period)
)

Place = tuple[int, int]
"""(customer, rule)"""
PlaceInTime = tuple[int, int, int]
"""(customer, rule, period)"""
Visit = tuple[int, int, int, int]
"""(customer, rule, period, day)"""


class Added(msgspec.Struct, gc=False):
    """What is added to one progress."""

    enrolled_at: int
    updated_at: int
    value: int = 0
    events: int = 0
    entries: int = 0
    first_at: int = OPEN_END
    last_at: int = OPEN_START
    goal: int = 0
    last_by: int = 0


class Reached(msgspec.Struct, frozen=True, gc=False):
    """A progress after something was added."""

    id: int
    value: int
    is_achieved: bool


def row_of(workspace: int, tracked: Tracked) -> Row:
    """What counted as a row of ``tracked_events``."""
    event = tracked.occurrence
    kind = _KIND.get(event.name, _BEHAVIOURAL)
    is_behavioural = kind == _BEHAVIOURAL
    return (
        workspace,
        event.customer,
        tracked.rule.id,
        event.occurred_at,
        event.sequence,
        tracked.cycle.period,
        kind,
        event.name if is_behavioural else None,
        event.id if is_behavioural else None,
        tracked.processed_at,
        tracked.shown,
        tracked.counted,
    )


def add_tracked(connection: Connection, workspace: int, tracked: Iterable[Tracked]) -> None:
    """Stores what counted; none of it may be stored already."""
    rows = [row_of(workspace, one) for one in tracked]
    rows.sort(key=itemgetter(1, 2, 3, 4))
    connection.insert(_INSERT, rows)


def add_single(connection: Connection, workspace: int, sums: Mapping[PlaceInTime, Added]) -> None:
    """As ``add``, of one event each, which reaches the goal itself where it does: that costs half as much."""
    connection.upsert(_ADD_ONE, [_row(workspace, place, one) for place, one in sorted(sums.items())])


def add(connection: Connection, workspace: int, sums: Mapping[PlaceInTime, Added]) -> dict[PlaceInTime, Reached]:
    """Adds to progress, which begins where there is none; how far it has come then. No goal is noted as reached."""
    rows = [_row(workspace, place, one) for place, one in sorted(sums.items())]
    returned = connection.upsert(_ADD, [(*row[:-4], None, None, *row[-2:]) for row in rows])
    return {
        (row[0], row[1], row[2]): Reached(row[6], row[3] * MILLIONTHS + row[4], is_achieved=row[5] is not None)
        for row in returned
    }


def _row(workspace: int, place: PlaceInTime, one: Added) -> Row:
    reaches = 0 < one.goal <= one.value
    return (
        workspace,
        *place,
        one.value // MILLIONTHS,
        one.value % MILLIONTHS,
        one.events,
        one.enrolled_at,
        one.updated_at,
        one.entries,
        one.first_at,
        one.last_at,
        one.last_at if reaches else None,
        one.last_by if reaches else None,
        one.goal,
        one.last_by,
    )


def achieve(connection: Connection, workspace: int, achieved: dict[PlaceInTime, tuple[int, int] | None]) -> None:
    """Notes when, and by which sequence, goals were reached; None takes it back. The progress is there already."""
    rows = [
        (workspace, *place, 0, 0, 0, 0, 0, 0, 0, 0, *(by or (None, None))) for place, by in sorted(achieved.items())
    ]
    connection.upsert(_ACHIEVE, rows)


def open_visits(connection: Connection, workspace: int, visits: Iterable[Visit]) -> set[Visit]:
    """Which of the days nobody had opened yet; from now on somebody has."""
    rows = [(workspace, *visit) for visit in sorted(visits)]
    return {(row[0], row[1], row[2], row[3]) for row in connection.upsert(_VISIT, rows)}


def visits_of(connection: Connection, workspace: int, customers: Sequence[int], rules: Sequence[int]) -> set[Visit]:
    """The days that the customers have opened by these rules."""
    rows = connection.rows(_VISITED, workspace=workspace, customers=customers, rules=rules)
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def of_customers(
    connection: Connection, workspace: int, customers: Sequence[int], rules: Sequence[int]
) -> list[Progress]:
    """How far the customers have come by these rules, by customer, rule and period."""
    rows = connection.rows(_OF_CUSTOMERS, workspace=workspace, customers=customers, rules=rules)
    return [progress_of_row(row) for row in rows]


def progress_of_row(row: Row) -> Progress:
    """The progress in a row of ``PROGRESS_COLUMNS``."""
    return Progress(
        id=row[0],
        customer=row[1],
        rule=row[2],
        period=row[3],
        value=row[4] * MILLIONTHS + row[5],
        events=row[6] + row[9],
        enrolled_at=row[7],
        updated_at=row[8],
        achieved_at=row[10],
        achieved_by=row[11],
    )
