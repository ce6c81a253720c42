"""Figures about the events of an export's question: how many, of how many customers, sums, most frequent values.

Each is one statement over the range that the export would walk. Unlike ``event_counts`` they know filters and tell
customers apart; what they take grows with the range.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam, func

from footfall.model.export import ExportQuery
from footfall.storage.connection import Connection
from footfall.storage.event_export import conditions_of
from footfall.storage.functions import is_number_kind, members, number
from footfall.storage.statement import Statement
from footfall.storage.tables import customers, events

ANY_TYPE = -1
"""In place of an event type's number: events of all names."""

ValuePart = Literal["properties", "session", "customer_properties"]

_E = events.c
_C = customers.c
_DOCUMENTS = {"properties": _E.properties, "session": _E.session, "customer_properties": _C.properties}
_WITH_CUSTOMERS = events.outerjoin(customers, sa.and_(_C.number == _E.customer, _C.workspace == _E.workspace))


class ValueCount(msgspec.Struct, frozen=True):
    """How many events have this value; ``kind`` is STR, DATE, INT, FLOAT or BOOL, ``value`` as it reads."""

    kind: str
    value: str
    events: int


def count(connection: Connection, query: ExportQuery) -> tuple[int, int]:
    """How many events there are, and how many customers they are about."""
    statement, parameters = _asked(query, sa.select(func.count(), func.count(_E.customer.distinct())))
    row = connection.row(statement, **parameters)
    assert row is not None
    return row[0], row[1]


def total(connection: Connection, query: ExportQuery, key: str) -> int | float:
    """The sum of the numbers that events have under ``key`` of their properties."""
    held = members(_E.properties, "summed")
    is_it = sa.and_(held.c.key == bindparam("summed_key", type_=sa.Text), is_number_kind(held.c.type))
    value = sa.select(func.sum(number(held.c.value))).select_from(held).where(is_it).scalar_subquery()
    statement, parameters = _asked(query, sa.select(func.sum(value)))
    found = connection.value(statement, **parameters, summed_key=key)
    if found is None:
        return 0
    as_float = float(found)
    return int(as_float) if isinstance(found, int) or as_float.is_integer() else as_float


def top_values(
    connection: Connection, query: ExportQuery, part: ValuePart, key: str, most: int, *, rarest: bool
) -> list[ValueCount]:
    """The ``most`` frequent (or ``rarest``) values under ``key``, for each kind of value; texts, numbers, truths."""
    held = members(_DOCUMENTS[part], "counted")
    kind, value = _kind(held), _as_text(held)
    select = sa.select(kind.label("kind"), value.label("value"), func.count().label("times"))
    of_key = (held.c.key == bindparam("counted_key", type_=sa.Text), kind.is_not(None))
    asked, parameters = _conditions(query)
    source = _WITH_CUSTOMERS.join(held, sa.true())
    counted = select.select_from(source).where(*asked, *of_key).group_by(sa.text("1"), sa.text("2")).subquery("counts")
    times = counted.c.times if rarest else counted.c.times.desc()
    place = func.row_number().over(partition_by=counted.c.kind, order_by=(times, counted.c.value)).label("place")
    ranked = sa.select(counted.c.kind, counted.c.value, counted.c.times, place).subquery("ranked")
    statement = Statement(
        sa.select(ranked.c.kind, ranked.c.value, ranked.c.times)
        .where(ranked.c.place <= bindparam("most", type_=sa.Integer))
        .order_by(ranked.c.kind, ranked.c.place)
    )
    rows = connection.rows(statement, **parameters, counted_key=key, most=most)
    return [ValueCount(*row) for row in rows]


def _asked(query: ExportQuery, select: sa.Select[*tuple[Any, ...]]) -> tuple[Statement, dict[str, Any]]:
    conditions, parameters = _conditions(query)
    source = _WITH_CUSTOMERS if any("customer" in each.part for each in query.filters) else events
    return Statement(select.select_from(source).where(*conditions)), parameters


def _conditions(query: ExportQuery) -> tuple[Sequence[sa.ColumnElement[bool]], dict[str, Any]]:
    found, parameters = conditions_of(query.filters)
    conditions = [
        _E.workspace == bindparam("workspace"),
        _E.occurred_at >= bindparam("since", type_=sa.BigInteger),
        _E.occurred_at < bindparam("until", type_=sa.BigInteger),
        _E.sequence <= bindparam("snapshot", type_=sa.BigInteger),
        *found,
    ]
    parameters |= {
        "workspace": query.workspace,
        "since": query.since,
        "until": query.until,
        "snapshot": query.snapshot,
    }
    of_type: sa.ColumnElement[Any] = _E.type
    if query.customer is not None:
        # Adding nothing keeps the planner from walking all of a type's events instead of one customer's.
        of_type = _E.type + sa.literal_column("0")
        conditions.append(_E.customer == bindparam("customer"))
        parameters["customer"] = query.customer
    if query.type != ANY_TYPE:
        conditions.append(of_type == bindparam("type", type_=sa.Integer))
        parameters["type"] = query.type
    return conditions, parameters


def _kind(held: Any) -> sa.ColumnElement[str]:
    text = sa.cast(held.c.value, sa.Text)
    is_whole = sa.and_(text.not_like("%.%"), text.not_like("%e%"), text.not_like("%E%"))
    is_date = held.c.value.like("$D\\_%", escape="\\")
    return sa.case(
        (sa.and_(held.c.type == _word("text"), is_date), _word("DATE")),
        (held.c.type == _word("text"), _word("STR")),
        (sa.or_(held.c.type == _word("true"), held.c.type == _word("false")), _word("BOOL")),
        (sa.and_(is_number_kind(held.c.type), is_whole), _word("INT")),
        (is_number_kind(held.c.type), _word("FLOAT")),
    )


def _as_text(held: Any) -> sa.ColumnElement[str]:
    is_truth = sa.or_(held.c.type == _word("true"), held.c.type == _word("false"))
    return sa.case((is_truth, held.c.type), else_=sa.cast(held.c.value, sa.Text))


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text)
