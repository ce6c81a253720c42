"""Reads of one customer: his tracked events page by page, and how far he has come; each one range of an index."""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import identifiers
from footfall.model.target import Progress, TrackedEvent
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import Statement
from footfall.storage.tables import customers, enrolment_entries, target_progress, target_rules, tracked_events
from footfall.storage.target_progress import KINDS, PROGRESS_COLUMNS, progress_of_row

_T = tracked_events.c
_X = enrolment_entries.c
_P = target_progress.c

_OF_CUSTOMER = Statement(
    sa.select(*PROGRESS_COLUMNS)
    .where(_P.workspace == bindparam("workspace"), _P.customer == bindparam("customer"))
    .order_by(_P.rule, _P.period)
)
_COUNTED = Statement(
    sa.select(_P.period, _P.events, _P.entries, _P.first_at, _P.last_at, target_rules.c.group)
    .join(customers, sa.and_(customers.c.workspace == _P.workspace, customers.c.number == _P.customer))
    .join(target_rules, sa.and_(target_rules.c.workspace == _P.workspace, target_rules.c.id == _P.rule))
    .where(
        _P.workspace == bindparam("workspace"),
        _P.customer == bindparam("customer"),
        _P.rule == bindparam("rule"),
        customers.c.deleted_at.is_(None),
    )
)
_TRACKED = (
    _T.occurred_at,
    _T.sequence,
    _T.period,
    _T.kind,
    _T.display_name,
    _T.event,
    _T.processed_at,
    _T.value,
    _T.counted,
)
_own = (_T.workspace == bindparam("workspace"), _T.customer == bindparam("customer"), _T.rule == bindparam("rule"))
_of_period = (
    _T.period == bindparam("period"),
    _T.occurred_at >= bindparam("first"),
    _T.occurred_at <= bindparam("last"),
)
_tracked = sa.select(*_TRACKED).where(*_own)
_entries = sa.select(
    _X.occurred_at,
    _X.sequence,
    _X.period,
    sa.cast(sa.literal_column("-1"), sa.SmallInteger).label("kind"),
    _X.name.label("display_name"),
    sa.cast(sa.null(), sa.LargeBinary).label("event"),
    _X.progress.label("processed_at"),
    _X.value,
    _X.value.label("counted"),
).where(_X.workspace == bindparam("workspace"), _X.customer == bindparam("customer"), _X.rule == bindparam("rule"))
_LIMIT: sa.BindParameter[int] = bindparam("limit")
_OFFSET: sa.BindParameter[int] = bindparam("offset")


def _page(tracked: sa.Select[Any], entries: sa.Select[Any] | None) -> Statement:
    if entries is None:
        return Statement(tracked.order_by(_T.occurred_at, _T.sequence).limit(_LIMIT).offset(_OFFSET))
    # A server would rather sort all of both than merge them, so it is told that a page of each is enough.
    enough = (
        each.order_by("occurred_at", "sequence").limit(_LIMIT + _OFFSET).subquery() for each in (tracked, entries)
    )
    return Statement(
        _merged(sa.union_all(tracked, entries)), on_server=_merged(sa.union_all(*(sa.select(each) for each in enough)))
    )


def _merged(both: sa.CompoundSelect[Any]) -> sa.CompoundSelect[Any]:
    return both.order_by("occurred_at", "sequence").limit(_LIMIT).offset(_OFFSET)


_in_period = (_tracked.where(*_of_period), _entries.where(_X.period == bindparam("period")))
_PAGES = {
    (False, False): _page(_tracked, None),
    (False, True): _page(_tracked, _entries),
    (True, False): _page(_in_period[0], None),
    (True, True): _page(*_in_period),
}
"""By (whether of one period, whether there are entries of enrolments)."""


class Extent(msgspec.Struct, frozen=True):
    """How much there is of a customer's tracked events in one period of a rule, and in which times."""

    period: int
    events: int
    entries: int
    first_at: int
    last_at: int
    group: int

    @property
    def total(self) -> int:
        """With the records of enrolments."""
        return self.events + self.entries


def extents(connection: Connection, workspace: int, customer: int, rule: int) -> list[Extent]:
    """What there is of a customer's tracked events of a rule, by period; nothing for a customer who was deleted."""
    return [Extent(*row) for row in connection.rows(_COUNTED, workspace=workspace, customer=customer, rule=rule)]


def page(
    connection: Connection,
    workspace: int,
    customer: int,
    rule: int,
    of: Extent | Iterable[Extent],
    *,
    limit: int,
    offset: int,
) -> list[TrackedEvent]:
    """A customer's tracked events by time, then sequence: ``limit`` of them after the first ``offset``.

    ``of``: those of one period, or all that the rule has.
    """
    in_one = isinstance(of, Extent)
    every = [of] if isinstance(of, Extent) else list(of)
    bounds = {"period": of.period, "first": of.first_at, "last": of.last_at} if isinstance(of, Extent) else {}
    statement = _PAGES[in_one, any(extent.entries for extent in every)]
    rows = connection.rows(
        statement, workspace=workspace, customer=customer, rule=rule, limit=limit, offset=offset, **bounds
    )
    group = every[0].group if every else 0
    return [_tracked_event(row, customer, rule, group) for row in rows]


def progress_of(connection: Connection, workspace: int, customer: int) -> list[Progress]:
    """How far a customer has come, by rule and period."""
    return [progress_of_row(row) for row in connection.rows(_OF_CUSTOMER, workspace=workspace, customer=customer)]


def progress_in(connection: Connection, workspace: int, customer: int, rule: int) -> dict[int, Progress]:
    """How far a customer has come by one rule, by period."""
    return {own.period: own for own in progress_of(connection, workspace, customer) if own.rule == rule}


def tracked_sequences(connection: Connection, workspace: int, customer: int, rule: int) -> set[int]:
    """The sequences of all events that counted for a customer by a rule; unbounded."""
    rows = connection.stream(_SEQUENCES, workspace=workspace, customer=customer, rule=rule)
    return {row[0] for row in rows}


_SEQUENCES = Statement(sa.select(_T.sequence).where(*_own))


def _tracked_event(row: Row, customer: int, rule: int, group: int) -> TrackedEvent:
    occurred_at, sequence, period, kind, display_name, event, processed_at, value, counted = row
    if kind < 0:  # an entry: its name and its progress stand where an event has a display name and a time
        name, display_name, unique_id, processed_at = display_name, None, str(processed_at), occurred_at
    else:
        name, unique_id = KINDS[kind], str(sequence) if event is None else identifiers.to_text(event)
    return TrackedEvent(
        customer=customer,
        rule=rule,
        occurred_at=occurred_at,
        sequence=sequence,
        group=group,
        period=period,
        name=name,
        display_name=display_name,
        unique_id=unique_id,
        processed_at=processed_at,
        value=value,
        counted=counted,
    )
