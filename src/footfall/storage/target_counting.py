"""The rules that may count events of given names and times, as counting needs them."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.counting import Counted, CountingRule, Cycle
from footfall.model.target import Filter
from footfall.storage.connection import Connection, Row
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import target_goals, target_groups, target_periods, target_rules

_G = target_groups.c
_P = target_periods.c
_R = target_rules.c
_Q = target_goals.c

_RULE = [
    _R.id,
    _R.group,
    _G.tracking_type,
    _G.evaluation_type,
    _G.frequency_type,
    _G.frequency,
    _R.enrolment_method,
    _R.created_after,
    _R.entity,
    _R.event_name,
    _R.type,
    _R.field_name,
    _R.aggregate,
    _R.filters,
    _R.expression,
    _G.timezone,
]
_active = (_G.active == bindparam("yes"), _R.active == bindparam("yes"))
_of_group = sa.and_(_G.id == _R.group, _G.workspace == _R.workspace)
_about = target_rules.alias("about")
_RULES_ABOUT = Statement(
    sa.select(*_RULE)
    .select_from(target_rules)
    .join(target_groups, _of_group)
    .where(
        _R.workspace == bindparam("workspace"),
        _R.group.in_(
            sa.select(_about.c.group).where(
                _about.c.workspace == bindparam("workspace"),
                is_in(_about.c.event_name, "names"),
                _about.c.active == bindparam("yes"),
            )
        ),
        *_active,
    )
    .order_by(_R.group, _R.id)
)
_RULES_IN = Statement(
    sa.select(*_RULE)
    .select_from(target_rules)
    .join(target_groups, _of_group)
    .where(_R.workspace == bindparam("workspace"), is_in(_R.group, "groups"), *_active)
    .order_by(_R.id)
)
_CYCLES = Statement(
    sa.select(_P.group, _P.id, _P.starts_at, _P.ends_at)
    .where(
        _P.workspace == bindparam("workspace"),
        is_in(_P.group, "groups"),
        _P.ends_at > bindparam("first"),
        _P.starts_at <= bindparam("last"),
        _P.active == bindparam("yes"),
    )
    .order_by(_P.group, _P.starts_at, _P.id)
)
_GOALS = Statement(
    sa.select(_Q.rule, _Q.period, _Q.value).where(_Q.workspace == bindparam("workspace"), is_in(_Q.group, "groups"))
)
_filters = msgspec.json.Decoder(tuple[Filter, ...])


def about(connection: Connection, workspace: int, names: Iterable[str], first: int, last: int) -> list[CountingRule]:
    """Active rules of groups of which one asks for events of these names, by group and id.

    Each comes with those of its active periods that overlap ``[first, last]`` (instants); without any it is left out.
    """
    rows = connection.rows(_RULES_ABOUT, workspace=workspace, names=list(names), yes=True)
    return _with_cycles(connection, workspace, rows, first, last) if rows else []


def of_group(connection: Connection, workspace: int, group: int, first: int, last: int) -> list[CountingRule]:
    """As ``about``, of all active rules of an active group."""
    rows = connection.rows(_RULES_IN, workspace=workspace, groups=[group], yes=True)
    return _with_cycles(connection, workspace, rows, first, last) if rows else []


def _with_cycles(connection: Connection, workspace: int, rows: list[Row], first: int, last: int) -> list[CountingRule]:
    groups = list({row[1] for row in rows})
    found = connection.rows(_CYCLES, workspace=workspace, groups=groups, first=first, last=last, yes=True)
    periods: dict[int, list[Row]] = {
        group: [row[1:] for row in members] for group, members in groupby(found, key=itemgetter(0))
    }
    if not periods:
        return []
    goals = {
        (rule, period): value
        for rule, period, value in connection.rows(_GOALS, workspace=workspace, groups=list(periods))
    }
    return [
        _rule(row, tuple(Cycle(own[0], own[1], own[2], goals.get((row[0], own[0]), 0)) for own in periods[row[1]]))
        for row in rows
        if row[1] in periods
    ]


def _rule(row: Row, cycles: tuple[Cycle, ...]) -> CountingRule:
    return CountingRule(
        id=row[0],
        group=row[1],
        unified=row[2] == "UNIFIED",
        evaluation_type=row[3],
        frequency_type=row[4],
        frequency=row[5],
        enrols_by_transaction=row[6] == "TRANSACTION",
        created_after=row[7],
        counted=Counted(
            entity=row[8],
            event_name=row[9],
            type=row[10],
            field_name=row[11],
            aggregate=row[12],
            filters=_filters.decode(row[13]),
            expression=row[14],
            timezone=row[15],
        ),
        cycles=cycles,
    )
