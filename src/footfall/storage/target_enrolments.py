"""Who is enrolled in which rule, and the record of enrolling and un-enrolling."""

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.target import Enrolment
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import BulkInsert, Statement, Upsert, is_in
from footfall.storage.tables import enrolment_entries, enrolments

_N = enrolments.c
_X = enrolment_entries.c

_ENROLMENT = [_N[name] for name in Enrolment.__struct_fields__]
_KEY = ("workspace", "customer", "rule")
_OF_CUSTOMERS = Statement(
    sa.select(*_ENROLMENT).where(
        _N.workspace == bindparam("workspace"), is_in(_N.customer, "customers"), is_in(_N.rule, "rules")
    )
)
_OF_CUSTOMER = Statement(
    sa.select(*_ENROLMENT)
    .where(_N.workspace == bindparam("workspace"), _N.customer == bindparam("customer"))
    .order_by(_N.rule)
)
_PUT = Upsert(
    enrolments,
    ("workspace", *Enrolment.__struct_fields__),
    key=_KEY,
    replaced=[name for name in Enrolment.__struct_fields__ if name not in _KEY],
)
_DROP = Statement(
    sa.delete(enrolments).where(
        _N.workspace == bindparam("of_workspace"),
        _N.customer == bindparam("of_customer"),
        _N.rule == bindparam("of_rule"),
    )
)
_MOVE_SINCE = Statement(
    sa.update(enrolments)
    .where(_N.workspace == bindparam("of_workspace"), _N.period == bindparam("of_period"), _N.since.is_not(None))
    .values(since=bindparam("new_since"))
)
_MOVE_ENTRIES = Statement(
    sa.update(enrolment_entries)
    .where(_X.workspace == bindparam("of_workspace"), _X.period == bindparam("of_period"), _X.since.is_not(None))
    .values(since=bindparam("new_since"))
)
_INSERT_ENTRY = BulkInsert(enrolment_entries)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The record of an enrolment or its end. ``since``: what the enrolment says from here on, in a calendar window."""

    customer: int
    rule: int
    occurred_at: int
    sequence: int
    period: int
    name: str
    progress: int  # id of the progress it is shown with
    value: int
    since: int | None


_ENTRIES = Statement(
    sa.select(*(_X[name] for name in Entry.__struct_fields__))
    .where(_X.workspace == bindparam("workspace"), is_in(_X.customer, "customers"), is_in(_X.rule, "rules"))
    .order_by(_X.customer, _X.rule, _X.sequence)
)


def of_customers(
    connection: Connection, workspace: int, customers: Iterable[int], rules: Iterable[int]
) -> dict[tuple[int, int], Enrolment]:
    """Enrolments, also ended ones, of any of the customers in any of the rules, by (customer, rule)."""
    rows = connection.rows(_OF_CUSTOMERS, workspace=workspace, customers=list(customers), rules=list(rules))
    return {(row[0], row[1]): _enrolment(row) for row in rows}


def of_customer(connection: Connection, workspace: int, customer: int) -> list[Enrolment]:
    """A customer's enrolments, also ended ones, by rule."""
    return [_enrolment(row) for row in connection.rows(_OF_CUSTOMER, workspace=workspace, customer=customer)]


def _enrolment(row: Row) -> Enrolment:
    """By hand: every event that counts brings some."""
    return Enrolment(
        customer=row[0],
        rule=row[1],
        period=row[2],
        since=row[3],
        enrolled=bool(row[4]),
        enrolled_by=row[5],
        enrolled_at=row[6],
        streak_since=row[7],
        anchor=row[8],
        cycle=row[9],
    )


def put(connection: Connection, workspace: int, changed: Iterable[Enrolment]) -> None:
    """Stores enrolments, over those that are there for the same customer and rule."""
    connection.upsert(_PUT, [(workspace, *msgspec.structs.astuple(enrolment)) for enrolment in changed])


def drop(connection: Connection, workspace: int, customer: int, rule: int) -> None:
    """Forgets an enrolment."""
    connection.execute(_DROP, of_workspace=workspace, of_customer=customer, of_rule=rule)


def move(connection: Connection, workspace: int, period: int, starts_at: int) -> None:
    """Lets what was enrolled in a period that begins otherwise now begin with it; walks the workspace's enrolments."""
    for statement in (_MOVE_SINCE, _MOVE_ENTRIES):
        connection.execute(statement, of_workspace=workspace, of_period=period, new_since=starts_at)


def add_entry(connection: Connection, workspace: int, entry: Entry) -> None:
    """Stores the record of an enrolment or its end."""
    connection.insert(_INSERT_ENTRY, [(workspace, *msgspec.structs.astuple(entry))])


def entries_of(connection: Connection, workspace: int, customers: Iterable[int], rules: Iterable[int]) -> list[Entry]:
    """The records of the customers in the rules, by customer, rule and sequence."""
    rows = connection.rows(_ENTRIES, workspace=workspace, customers=list(customers), rules=list(rules))
    return [Entry(**dict(zip(Entry.__struct_fields__, row, strict=True))) for row in rows]
