"""Who did an event: customers in the order of their numbers, page by page."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.export import ExportQuery
from footfall.storage import event_types
from footfall.storage.connection import Connection
from footfall.storage.event_export import conditions_of
from footfall.storage.statement import Statement
from footfall.storage.tables import customers, event_summaries, events

_E = events.c
_C = customers.c
_S = event_summaries.c
_SINCE, _UNTIL = (bindparam(name, type_=sa.BigInteger) for name in ("since", "until"))
_TYPE = bindparam("type", type_=sa.Integer)

_Conditions = Sequence[sa.ColumnElement[bool]]


def page(connection: Connection, query: ExportQuery, after: int, last: int, limit: int) -> list[int]:
    """The numbers of at most ``limit`` customers with ``after < number <= last`` who did what ``query`` asks for.

    A summary that begins or ends in the range suffices; else the customer's own events are looked at, as they are for
    events of a family that has no summaries.
    """
    conditions, parameters = conditions_of(query.filters)
    is_summed_up = query.type not in event_types.of_others(connection, query.workspace, event_types.CUSTOM)
    select = _by_summaries(conditions) if is_summed_up else _by_events(conditions)
    customer = select.selected_columns[0]
    select = select.where(
        customer > bindparam("after", type_=sa.BigInteger), customer <= bindparam("last", type_=sa.BigInteger)
    )
    parameters |= {
        "workspace": query.workspace,
        "type": query.type,
        "since": query.since,
        "until": query.until,
        "after": after,
        "last": last,
        "limit": limit,
    }
    if query.customer is not None:
        select = select.where(customer == bindparam("customer"))
        parameters["customer"] = query.customer
    statement = Statement(select.order_by(customer).limit(bindparam("limit", type_=sa.Integer)))
    return [row[0] for row in connection.rows(statement, **parameters)]


def _by_summaries(conditions: _Conditions) -> sa.Select[*tuple[Any, ...]]:
    did_it: sa.ColumnElement[Any] = (
        sa.select(sa.literal(1))
        .select_from(_source(conditions))
        .where(*_asked(conditions), _E.customer == _S.customer)
        .correlate(event_summaries)
        .exists()
    )
    if not conditions:
        did_it = sa.or_(_S.first_at >= _SINCE, _S.last_at < _UNTIL, did_it)
    return (
        sa.select(_S.customer)
        .distinct()
        .where(
            _S.workspace == bindparam("workspace"),
            _S.type + sa.literal_column("0") == _TYPE,
            _S.first_at < _UNTIL,
            _S.last_at >= _SINCE,
            did_it,
        )
    )


def _by_events(conditions: _Conditions) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(_E.customer).distinct().select_from(_source(conditions)).where(*_asked(conditions))


def _source(conditions: _Conditions) -> sa.FromClause:
    holder = sa.and_(_C.number == _E.customer, _C.workspace == _E.workspace)
    return events.outerjoin(customers, holder) if conditions else events


def _asked(conditions: _Conditions) -> list[sa.ColumnElement[bool]]:
    # Adding nothing keeps the planner from walking all of a type's events instead of the customers' in order.
    of_type = _E.type + sa.literal_column("0") == _TYPE
    in_range = (_E.occurred_at >= _SINCE, _E.occurred_at < _UNTIL)
    return [_E.workspace == bindparam("workspace"), of_type, *in_range, *conditions]
