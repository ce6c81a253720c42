"""What counted towards targets for a customer who is gone: taken away, or handed over to another customer.

Enrolments, their records, visits and progress are few and go at once; tracked events are as many as the customer's
events and go some at a time. On a cluster a row cannot change its customer, who says where it is: it is written anew.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection, Row
from footfall.storage.statement import BulkInsert, Statement, Upsert
from footfall.storage.tables import enrolment_entries, enrolments, target_progress, target_visits, tracked_events

_T = tracked_events.c

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

_PROGRESS = (
    "rule",
    "period",
    "whole",
    "millionths",
    "events",
    "enrolled_at",
    "updated_at",
    "entries",
    "first_at",
    "last_at",
    "achieved_at",
    "achieved_by",
)
_ADD_PROGRESS = Upsert(
    target_progress,
    ("workspace", "customer", *_PROGRESS),
    key=("workspace", "customer", "rule", "period"),
    added=("whole", "millionths", "events", "entries"),
    raised=("updated_at", "last_at"),
    lowered=("first_at",),
)


def _of_customer(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.workspace == bindparam("workspace"), table.c.customer == bindparam("customer")


def _others(table: sa.Table) -> list[str]:
    """The columns beside those that say whose the row is."""
    return [column.name for column in table.columns if column.name not in {"workspace", "customer"}]


def _read(table: sa.Table, columns: Sequence[str]) -> Statement:
    return Statement(sa.select(*(table.c[name] for name in columns)).where(*_of_customer(table)))


def _keep(table: sa.Table, key: Sequence[str]) -> Upsert:
    """Adds rows where there are none of the same key."""
    return Upsert(table, ("workspace", "customer", *_others(table)), key=("workspace", "customer", *key))


_STANDING = (enrolments, enrolment_entries, target_visits, target_progress)
_ERASE_STANDING = [Statement(sa.delete(table).where(*_of_customer(table))) for table in _STANDING]
_READ_ENROLMENTS, _KEEP_ENROLMENT = _read(enrolments, _others(enrolments)), _keep(enrolments, ["rule"])
_READ_VISITS = _read(target_visits, _others(target_visits))
_KEEP_VISIT = _keep(target_visits, ["rule", "period", "day"])
_ENTRY = _others(enrolment_entries)
_READ_ENTRIES = _read(enrolment_entries, _ENTRY)
_KEEP_ENTRY = _keep(enrolment_entries, ["rule", "occurred_at", "sequence"])
_READ_PROGRESS = _read(target_progress, _PROGRESS)
_READ_PLACES = _read(target_progress, ["rule", "period", "id"])


def erase_standing(connection: Connection, workspace: int, customer: int) -> None:
    """Takes away enrolments with their records, visits and progress of ``customer``."""
    for statement in _ERASE_STANDING:
        connection.execute(statement, workspace=workspace, customer=customer)


def hand_over_standing(connection: Connection, workspace: int, customer: int, heir: int) -> None:
    """Adds progress to the heir's; the rest becomes the heir's where he has nothing of the same key."""

    def rows_of(statement: Statement) -> list[Row]:
        return connection.rows(statement, workspace=workspace, customer=customer)

    connection.upsert(_KEEP_ENROLMENT, _rows_of_heir(workspace, heir, rows_of(_READ_ENROLMENTS)))
    connection.upsert(_KEEP_VISIT, _rows_of_heir(workspace, heir, rows_of(_READ_VISITS)))
    connection.upsert(_ADD_PROGRESS, _rows_of_heir(workspace, heir, rows_of(_READ_PROGRESS)))
    places = {row[:2]: row[2] for row in connection.rows(_READ_PLACES, workspace=workspace, customer=heir)}
    at_rule, at_period, at_progress = (_ENTRY.index(name) for name in ("rule", "period", "progress"))
    entries = [
        (*row[:at_progress], places[row[at_rule], row[at_period]], *row[at_progress + 1 :])
        for row in rows_of(_READ_ENTRIES)
    ]
    connection.upsert(_KEEP_ENTRY, _rows_of_heir(workspace, heir, entries))
    erase_standing(connection, workspace, customer)


def _rows_of_heir(workspace: int, heir: int, rows: Sequence[Row]) -> list[Row]:
    """``rows`` as rows of ``heir``, in an order in which all writers take their locks."""
    return [(workspace, heir, *row) for row in sorted(rows, key=lambda row: row[0])]


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
