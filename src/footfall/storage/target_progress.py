"""Who is enrolled, what counted, and how far everybody has come."""

from collections.abc import Iterable, Mapping
from operator import attrgetter

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.amount import MILLIONTHS
from footfall.model.target import Enrolment, Progress, TrackedEvent
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import BulkInsert, Statement, Upsert, is_in
from footfall.storage.structs import struct_of
from footfall.storage.tables import customers, enrolments, target_progress, tracked_events

_N = enrolments.c
_T = tracked_events.c
_P = target_progress.c

_ENROLMENT = [_N[name] for name in Enrolment.__struct_fields__]
_TRACKED = [_T[name] for name in TrackedEvent.__struct_fields__]
_PROGRESS = [_P.id, _P.customer, _P.rule, _P.period, _P.whole, _P.millionths, _P.events, _P.enrolled_at, _P.updated_at]
_KEY = ("workspace", "customer", "rule", "period")

_OF_CUSTOMERS = Statement(
    sa.select(*_ENROLMENT).where(
        _N.workspace == bindparam("workspace"),
        is_in(_N.customer, "customers"),
        is_in(_N.rule, "rules"),
    )
)
_OF_CUSTOMER = Statement(
    sa.select(*_ENROLMENT)
    .where(_N.workspace == bindparam("workspace"), _N.customer == bindparam("customer"))
    .order_by(_N.rule)
)
_PUT_ENROLMENT = Upsert(
    enrolments,
    ("workspace", *Enrolment.__struct_fields__),
    key=("workspace", "customer", "rule"),
    replaced=("period", "since", "enrolled", "enrolled_by", "enrolled_at"),
)
_INSERT_TRACKED = BulkInsert(tracked_events)
_ADD_PROGRESS = Upsert(
    target_progress,
    (*_KEY, "whole", "millionths", "events", "enrolled_at", "updated_at"),
    key=_KEY,
    added=("whole", "millionths", "events"),
    raised=("updated_at",),
)
_PROGRESS_OF = Statement(
    sa.select(*_PROGRESS)
    .where(_P.workspace == bindparam("workspace"), _P.customer == bindparam("customer"))
    .order_by(_P.rule, _P.period)
)
_PROGRESS_BY_RULE = Statement(
    sa.select(*_PROGRESS).where(
        _P.workspace == bindparam("workspace"), _P.customer == bindparam("customer"), _P.rule == bindparam("rule")
    )
)
_COUNTED = Statement(
    sa.select(_P.period, _P.events)
    .join(customers, sa.and_(customers.c.workspace == _P.workspace, customers.c.number == _P.customer))
    .where(
        _P.workspace == bindparam("workspace"),
        _P.customer == bindparam("customer"),
        _P.rule == bindparam("rule"),
        customers.c.deleted_at.is_(None),
    )
)
_of_rule = (_T.workspace == bindparam("workspace"), _T.customer == bindparam("customer"), _T.rule == bindparam("rule"))
_page = (
    sa.select(*_TRACKED)
    .where(*_of_rule)
    .order_by(_T.occurred_at, _T.sequence)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_PAGE = Statement(_page)
_PAGE_OF_PERIOD = Statement(_page.where(_T.period == bindparam("period")))
_SEQUENCES = Statement(sa.select(_T.sequence).where(*_of_rule))
_IN_ARRIVAL = Statement(
    sa.select(*_TRACKED).where(*_of_rule, _T.period == bindparam("period")).order_by(_T.sequence, _T.occurred_at)
)


def enrolments_in(
    connection: Connection, workspace: int, customers: Iterable[int], rules: Iterable[int]
) -> dict[tuple[int, int], Enrolment]:
    """Enrolments, also ended ones, of any of the customers in any of the rules, by (customer, rule)."""
    rows = connection.rows(_OF_CUSTOMERS, workspace=workspace, customers=list(customers), rules=list(rules))
    return {(row[0], row[1]): struct_of(Enrolment, row) for row in rows}


def enrolments_of(connection: Connection, workspace: int, customer: int) -> list[Enrolment]:
    """A customer's enrolments, also ended ones, by rule."""
    return [struct_of(Enrolment, row) for row in connection.rows(_OF_CUSTOMER, workspace=workspace, customer=customer)]


def put_enrolments(connection: Connection, workspace: int, changed: Iterable[Enrolment]) -> None:
    """Stores enrolments, over those that are there for the same customer and rule."""
    connection.upsert(_PUT_ENROLMENT, [(workspace, *msgspec.structs.astuple(enrolment)) for enrolment in changed])


def add_tracked(
    connection: Connection, workspace: int, tracked: Iterable[TrackedEvent], enrolled_at: Mapping[tuple[int, int], int]
) -> None:
    """Stores what counted and adds it up; ``enrolled_at`` by (customer, rule). None of it may be stored already."""
    sums: dict[tuple[int, int, int], list[int]] = {}
    rows: list[Row] = []
    for event in sorted(tracked):
        rows.append((workspace, *_columns_of(event)))
        total = sums.setdefault((event.customer, event.rule, event.period), [0, 0, event.processed_at])
        total[0] += event.value
        total[1] += 1
        total[2] = max(total[2], event.processed_at)
    connection.insert(_INSERT_TRACKED, rows)
    added: list[Row] = []
    for (customer, rule, period), (value, events, updated_at) in sums.items():
        parts = value // MILLIONTHS, value % MILLIONTHS
        added.append((workspace, customer, rule, period, *parts, events, enrolled_at[customer, rule], updated_at))
    connection.upsert(_ADD_PROGRESS, added)


def begin(connection: Connection, workspace: int, enrolment: Enrolment, period: int, now: int) -> int:
    """The id of the enrolled customer's progress in ``period``, which comes into being if it is not there."""
    key = workspace, enrolment.customer, enrolment.rule, period
    connection.upsert(_ADD_PROGRESS, [(*key, 0, 0, 0, enrolment.enrolled_at, now)])
    return progress_in(connection, workspace, enrolment.customer, enrolment.rule)[period].id


def progress_of(connection: Connection, workspace: int, customer: int) -> list[Progress]:
    """How far a customer has come, by rule and period."""
    return [_progress(row) for row in connection.rows(_PROGRESS_OF, workspace=workspace, customer=customer)]


def progress_in(connection: Connection, workspace: int, customer: int, rule: int) -> dict[int, Progress]:
    """How far a customer has come by one rule, by period."""
    rows = connection.rows(_PROGRESS_BY_RULE, workspace=workspace, customer=customer, rule=rule)
    return {row[3]: _progress(row) for row in rows}


def counted(connection: Connection, workspace: int, customer: int, rule: int) -> dict[int, int]:
    """How many events counted for a customer by one rule, by period; nothing for a customer who was deleted."""
    return dict(connection.rows(_COUNTED, workspace=workspace, customer=customer, rule=rule))


def page(
    connection: Connection, workspace: int, customer: int, rule: int, *, period: int | None, limit: int, offset: int
) -> list[TrackedEvent]:
    """A customer's tracked events of a rule by time, then sequence: ``limit`` of them after the first ``offset``."""
    statement = _PAGE if period is None else _PAGE_OF_PERIOD
    bounds = {} if period is None else {"period": period}
    rows = connection.rows(
        statement, workspace=workspace, customer=customer, rule=rule, limit=limit, offset=offset, **bounds
    )
    return [_tracked(row) for row in rows]


def tracked_sequences(connection: Connection, workspace: int, customer: int, rule: int) -> set[int]:
    """The sequences of all that counted for a customer by a rule; unbounded."""
    rows = connection.stream(_SEQUENCES, workspace=workspace, customer=customer, rule=rule)
    return {row[0] for row in rows}


def in_arrival_order(
    connection: Connection, workspace: int, customer: int, rule: int, period: int
) -> Iterable[TrackedEvent]:
    """What counted in one period, in the order in which it came to be known; streamed."""
    rows = connection.stream(_IN_ARRIVAL, workspace=workspace, customer=customer, rule=rule, period=period)
    return (_tracked(row) for row in rows)


_columns_of = attrgetter(*(column.name for column in tracked_events.columns if column.name != "workspace"))


def _tracked(row: Row) -> TrackedEvent:
    return TrackedEvent(
        customer=row[0],
        rule=row[1],
        occurred_at=row[2],
        sequence=row[3],
        group=row[4],
        period=row[5],
        name=row[6],
        display_name=row[7],
        unique_id=row[8],
        processed_at=row[9],
        value=row[10],
    )


def _progress(row: Row) -> Progress:
    return Progress(
        id=row[0],
        customer=row[1],
        rule=row[2],
        period=row[3],
        value=row[4] * MILLIONTHS + row[5],
        events=row[6],
        enrolled_at=row[7],
        updated_at=row[8],
    )
