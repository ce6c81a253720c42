"""What a recompute reads and replaces: tracked events, visits and progress of some customers by a group's rules."""

from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.amount import MILLIONTHS
from footfall.model.counting import Tracked
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import BulkInsert, Statement, Upsert, is_in
from footfall.storage.tables import customers, enrolments, target_progress, target_visits, tracked_events
from footfall.storage.target_progress import Place, PlaceInTime, Visit, row_of

_C = customers.c
_N = enrolments.c
_T = tracked_events.c
_V = target_visits.c
_P = target_progress.c
_KEY = ("workspace", "customer", "rule", "period")
_SET = (
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

_CUSTOMERS = Statement(
    sa.select(_C.number)
    .where(_C.number > bindparam("after"), _C.workspace == bindparam("workspace"))
    .order_by(_C.number)
    .limit(bindparam("limit"))
)
_ENROLLED = Statement(
    sa.select(_N.customer)
    .distinct()
    .where(_N.workspace == bindparam("workspace"), _N.customer > bindparam("after"), is_in(_N.rule, "rules"))
    .order_by(_N.customer)
    .limit(bindparam("limit"))
)
_TRACKED = Statement(
    sa.select(*(column for column in tracked_events.columns if column.name != "workspace")).where(
        _T.workspace == bindparam("workspace"), is_in(_T.customer, "customers"), is_in(_T.rule, "rules")
    )
)
_PROGRESS = Statement(
    sa.select(*(_P[name] for name in (*_KEY[1:], *_SET))).where(
        _P.workspace == bindparam("workspace"), is_in(_P.customer, "customers"), is_in(_P.rule, "rules")
    )
)
_INSERT = BulkInsert(tracked_events)
_INSERT_VISITS = BulkInsert(target_visits)
_PUT = Upsert(target_progress, (*_KEY, *_SET), key=_KEY, replaced=_SET)


def _drop(table: sa.Table, *names: str) -> Statement:
    return Statement(sa.delete(table).where(*(table.c[name] == bindparam(f"of_{name}") for name in names)))


_DROP_TRACKED = _drop(tracked_events, "workspace", "customer", "rule")
_DROP_VISITS = _drop(target_visits, "workspace", "customer", "rule")
_DROP_PROGRESS = _drop(target_progress, *_KEY)


class StoredProgress(msgspec.Struct, frozen=True):
    """A progress as it is stored."""

    value: int
    events: int
    enrolled_at: int
    updated_at: int
    entries: int
    first_at: int
    last_at: int
    achieved: tuple[int, int] | None


def customers_after(connection: Connection, workspace: int, after: int, limit: int) -> list[int]:
    """The next customers of the workspace by number."""
    rows = connection.rows(_CUSTOMERS, workspace=workspace, after=after, limit=limit)
    return [row[0] for row in rows]


def enrolled_after(connection: Connection, workspace: int, rules: Sequence[int], after: int, limit: int) -> list[int]:
    """The next customers by number who are or were enrolled in any of the rules."""
    rows = connection.rows(_ENROLLED, workspace=workspace, rules=rules, after=after, limit=limit)
    return [row[0] for row in rows]


def tracked_of(
    connection: Connection, workspace: int, of_customers: Sequence[int], rules: Sequence[int]
) -> dict[Place, dict[int, Row]]:
    """What counted, by place and sequence, as rows of ``tracked_events``."""
    found: dict[Place, dict[int, Row]] = {}
    for row in connection.stream(_TRACKED, workspace=workspace, customers=list(of_customers), rules=list(rules)):
        found.setdefault((row[0], row[1]), {})[row[3]] = (workspace, *row)
    return found


def progress_of(
    connection: Connection, workspace: int, of_customers: Sequence[int], rules: Sequence[int]
) -> dict[PlaceInTime, StoredProgress]:
    """How far the customers have come, as it is stored."""
    rows = connection.rows(_PROGRESS, workspace=workspace, customers=list(of_customers), rules=list(rules))
    return {(row[0], row[1], row[2]): _stored_progress(row) for row in rows}


def _stored_progress(row: Row) -> StoredProgress:
    return StoredProgress(
        value=row[3] * MILLIONTHS + row[4],
        events=row[5],
        enrolled_at=row[6],
        updated_at=row[7],
        entries=row[8],
        first_at=row[9],
        last_at=row[10],
        achieved=None if row[12] is None else (row[11], row[12]),
    )


def replace_tracked(
    connection: Connection, workspace: int, place: Place, tracked: Iterable[Tracked], visits: Iterable[Visit]
) -> None:
    """Puts what counts for a customer by a rule in the place of all that did."""
    for statement in (_DROP_TRACKED, _DROP_VISITS):
        connection.execute(statement, of_workspace=workspace, of_customer=place[0], of_rule=place[1])
    connection.insert(_INSERT, sorted(row_of(workspace, one) for one in tracked))
    connection.insert(_INSERT_VISITS, [(workspace, *visit) for visit in sorted(visits)])


def put_progress(connection: Connection, workspace: int, changed: dict[PlaceInTime, StoredProgress | None]) -> None:
    """Stores progress over that which is there, or begins it; None forgets it."""
    rows = [
        (
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
            *(one.achieved or (None, None)),
        )
        for place, one in sorted(changed.items(), key=lambda item: item[0])
        if one is not None
    ]
    connection.upsert(_PUT, rows)
    for place, one in changed.items():
        if one is None:
            of_place = {"of_customer": place[0], "of_rule": place[1], "of_period": place[2]}
            connection.execute(_DROP_PROGRESS, of_workspace=workspace, **of_place)
