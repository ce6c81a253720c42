"""Who did an event: customers in the order of their numbers, page by page."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.export import ExportQuery
from footfall.storage.connection import Connection
from footfall.storage.event_export import conditions_of
from footfall.storage.statement import Statement
from footfall.storage.tables import customers, event_summaries, events

_E = events.c
_C = customers.c
_S = event_summaries.c


def page(connection: Connection, query: ExportQuery, after: int, last: int, limit: int) -> list[int]:
    """The numbers of at most ``limit`` customers with ``after < number <= last`` who did what ``query`` asks for.

    A summary that begins or ends in the range suffices; else the customer's own events are looked at.
    """
    conditions, parameters = conditions_of(query.filters)
    since, until = bindparam("since", type_=sa.BigInteger), bindparam("until", type_=sa.BigInteger)
    holder = sa.and_(_C.number == _E.customer, _C.workspace == _E.workspace)
    did_it: sa.ColumnElement[Any] = (
        sa.select(sa.literal(1))
        .select_from(events.outerjoin(customers, holder) if conditions else events)
        .where(
            _E.workspace == bindparam("workspace"),
            _E.customer == _S.customer,
            _E.type + sa.literal_column("0") == bindparam("type", type_=sa.Integer),
            _E.occurred_at >= since,
            _E.occurred_at < until,
            *conditions,
        )
        .correlate(event_summaries)
        .exists()
    )
    if not conditions:
        did_it = sa.or_(_S.first_at >= since, _S.last_at < until, did_it)
    statement = Statement(
        sa.select(_S.customer)
        .distinct()
        .where(
            _S.workspace == bindparam("workspace"),
            _S.type + sa.literal_column("0") == bindparam("type", type_=sa.Integer),
            _S.customer > bindparam("after", type_=sa.BigInteger),
            _S.customer <= bindparam("last", type_=sa.BigInteger),
            _S.first_at < until,
            _S.last_at >= since,
            did_it,
            *(() if query.customer is None else (_S.customer == bindparam("customer"),)),
        )
        .order_by(_S.customer)
        .limit(bindparam("limit", type_=sa.Integer))
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
        parameters["customer"] = query.customer
    return [row[0] for row in connection.rows(statement, **parameters)]
