"""What counted towards targets for a customer who is gone: taken away, or handed over to another customer.

Enrolments and progress are few and go at once; tracked events are as many as the customer's events and go some at a
time. On a cluster a row cannot change its customer, who says where it is: it is written anew.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection, Row
from footfall.storage.statement import BulkInsert, Statement, Upsert
from footfall.storage.tables import enrolments, target_progress, tracked_events

_T = tracked_events.c
_P = target_progress.c
_N = enrolments.c

_SOME_TRACKED = Statement(
    sa.select(*_T)
    .where(_T.workspace == bindparam("workspace"), _T.customer == bindparam("customer"))
    .order_by(_T.rule, _T.occurred_at, _T.sequence)
    .limit(bindparam("limit", type_=sa.Integer))
)
_ERASE_TRACKED = Statement(
    sa.delete(tracked_events).where(
        _T.workspace == bindparam("workspace"),
        _T.customer == bindparam("customer"),
        sa.tuple_(_T.rule, _T.occurred_at, _T.sequence)
        <= sa.tuple_(
            bindparam("rule", type_=sa.BigInteger),
            bindparam("at", type_=sa.BigInteger),
            bindparam("sequence", type_=sa.BigInteger),
        ),
    )
)
_INSERT_TRACKED = BulkInsert(tracked_events)
_TRACKED_COLUMNS = [column.name for column in _T]
_CUSTOMER, _RULE, _AT, _SEQUENCE = map(_TRACKED_COLUMNS.index, ("customer", "rule", "occurred_at", "sequence"))

_PROGRESS = ("rule", "period", "whole", "millionths", "events", "enrolled_at", "updated_at")
_PROGRESS_OF = Statement(
    sa.select(*(_P[name] for name in _PROGRESS)).where(
        _P.workspace == bindparam("workspace"), _P.customer == bindparam("customer")
    )
)
_ADD_PROGRESS = Upsert(
    target_progress,
    ("workspace", "customer", *_PROGRESS),
    key=("workspace", "customer", "rule", "period"),
    added=("whole", "millionths", "events"),
    raised=("updated_at",),
)
_ERASE_PROGRESS = Statement(
    sa.delete(target_progress).where(_P.workspace == bindparam("workspace"), _P.customer == bindparam("customer"))
)
_ENROLMENT_COLUMNS = [column.name for column in _N if column.name not in {"workspace", "customer"}]
_ENROLMENTS_OF = Statement(
    sa.select(*(_N[name] for name in _ENROLMENT_COLUMNS)).where(
        _N.workspace == bindparam("workspace"), _N.customer == bindparam("customer")
    )
)
_KEEP_ENROLMENT = Upsert(
    enrolments, ("workspace", "customer", *_ENROLMENT_COLUMNS), key=("workspace", "customer", "rule")
)
_ERASE_ENROLMENTS = Statement(
    sa.delete(enrolments).where(_N.workspace == bindparam("workspace"), _N.customer == bindparam("customer"))
)


def erase_standing(connection: Connection, workspace: int, customer: int) -> None:
    """Takes away enrolments and progress of ``customer``."""
    connection.execute(_ERASE_ENROLMENTS, workspace=workspace, customer=customer)
    connection.execute(_ERASE_PROGRESS, workspace=workspace, customer=customer)


def hand_over_standing(connection: Connection, workspace: int, customer: int, heir: int) -> None:
    """Adds progress to the heir's; enrolments become the heir's where there is none of the same rule."""
    rows = connection.rows(_ENROLMENTS_OF, workspace=workspace, customer=customer)
    connection.upsert(_KEEP_ENROLMENT, [(workspace, heir, *row) for row in rows])
    rows = connection.rows(_PROGRESS_OF, workspace=workspace, customer=customer)
    connection.upsert(_ADD_PROGRESS, sorted((workspace, heir, *row) for row in rows))
    erase_standing(connection, workspace, customer)


def erase_tracked(connection: Connection, workspace: int, customer: int, limit: int) -> int:
    """Takes away at most ``limit`` tracked events; how many."""
    return len(_take(connection, workspace, customer, limit))


def hand_over_tracked(connection: Connection, workspace: int, customer: int, heir: int, limit: int) -> int:
    """Makes at most ``limit`` tracked events of ``customer`` those of ``heir``; how many."""
    taken = _take(connection, workspace, customer, limit)
    connection.insert(_INSERT_TRACKED, [(*row[:_CUSTOMER], heir, *row[_CUSTOMER + 1 :]) for row in taken])
    return len(taken)


def _take(connection: Connection, workspace: int, customer: int, limit: int) -> Sequence[Row]:
    found = connection.rows(_SOME_TRACKED, workspace=workspace, customer=customer, limit=limit)
    if found:
        last = found[-1]
        end = {"rule": last[_RULE], "at": last[_AT], "sequence": last[_SEQUENCE]}
        connection.execute(_ERASE_TRACKED, workspace=workspace, customer=customer, **end)
    return found
