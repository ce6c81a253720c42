"""Searching customers and accounts on any of their fields, in any order: pages by keyset, and totals.

What is asked for is computed for each record of the workspace, which are fewer than events by far; only the order of
their making is an index range.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam, func

from footfall.model.people import RecordField, RecordKind, RecordQuery, RecordSort
from footfall.model.query import Operator
from footfall.storage.connection import Connection, Row
from footfall.storage.functions import casefold, hex_of, is_number_kind, is_same_long_text, json_at, members, number
from footfall.storage.statement import Statement
from footfall.storage.tables import accounts, customers, events
from footfall.storage.text_comparison import NEGATED, compare, compare_text, negation, text_value

Expression = ColumnElement[Any]
Shape = tuple[tuple[tuple[RecordField, Operator, bool], ...], ...]

_C = customers.c
_A = accounts.c
_E = events.c
_LOOKED_AT = 5_000
_MOST_NAMES = 2_000
_TABLES: dict[RecordKind, sa.Table] = {"customer": customers, "account": accounts}
_OWN_KEY: dict[RecordKind, Expression] = {"customer": _C.number, "account": _A.id}


class Page(msgspec.Struct, frozen=True):
    """Rows of the table's columns and ``extra_columns``; ``last``: where the page ended."""

    rows: list[Row]
    last: tuple[float | int | str | None, ...] | None


def page(connection: Connection, query: RecordQuery) -> Page:
    """One page: the columns of the table, then what ``extra_columns`` says."""
    shape, values = _shape(query)
    after = None if query.after is None else tuple(value is None for value in query.after)
    if query.after is not None:
        values |= {f"after{index}": value for index, value in enumerate(query.after)}
    statement = _page_statement(query.kind, shape, query.order, after, pinned=query.known_until is not None)
    rows = connection.rows(statement, limit=query.limit, **values)
    keys = 2 * len(query.order) + 1
    return Page([row[keys:] for row in rows], None if not rows else tuple(_plain(value) for value in rows[-1][:keys]))


def one(connection: Connection, kind: RecordKind, workspace: int, own_key: int | str) -> Row | None:
    """The living record with this number or id, as a row of a page."""
    statement = _one_statement(kind)
    return connection.row(statement, workspace=workspace, own_key=own_key)


def count(connection: Connection, query: RecordQuery) -> int:
    """How many records answer on all pages."""
    shape, values = _shape(query)
    values.pop("limit", None)
    statement = _count_statement(query.kind, shape, pinned=query.known_until is not None)
    return int(connection.value(statement, **values))


def property_names(connection: Connection, kind: RecordKind, workspace: int) -> list[tuple[str, str]]:
    """Names of custom properties that the latest few thousand records have, with the types of their values."""
    return [(row[0], row[1]) for row in connection.rows(_property_names(kind), workspace=workspace)]


def extra_columns(kind: RecordKind) -> list[Expression]:
    """What is read beside a record's own columns."""
    extra = [_value(kind, RecordField("number", computed="last_event_at"))]
    if kind == "account":
        extra.append(_value(kind, RecordField("number", computed="customers")))
    return extra


def _plain(value: Any) -> float | int | str | None:
    return value if value is None or isinstance(value, int | float | str) else float(value)


def _shape(query: RecordQuery) -> tuple[Shape, dict[str, Any]]:
    values: dict[str, Any] = {"workspace": query.workspace}
    if query.known_until is not None:
        values["known_until"] = query.known_until
    shape: list[tuple[tuple[RecordField, Operator, bool], ...]] = []
    for first, terms in enumerate(query.alternatives):
        alternative = []
        for second, term in enumerate(terms):
            name = f"{first}_{second}"
            as_number = _number(term.value)
            values[f"text{name}"] = text_value(term.operator, term.value)
            if as_number is not None:
                values[f"number{name}"] = as_number
            if term.field.column in _OF_ANY_NAME:
                values[f"key{name}"] = term.field.path[-1]
            alternative.append((_without_name(term.field), term.operator, as_number is not None))
        shape.append(tuple(alternative))
    return tuple(shape), values


def _without_name(field: RecordField) -> RecordField:
    """Fields of any name share statements; known ones have their own."""
    return msgspec.structs.replace(field, path=("",)) if field.column in _OF_ANY_NAME else field


_OF_ANY_NAME = frozenset({"properties"})


def _number(text: str) -> float | int | None:
    try:
        found = float(text)
    except ValueError:
        return None
    if found != found or found in (float("inf"), float("-inf")):  # noqa: PLR0124  (not a number equals nothing)
        return None
    return int(found) if found.is_integer() and abs(found) < 2**53 else found


@lru_cache(maxsize=256)
def _page_statement(
    kind: RecordKind, shape: Shape, order: tuple[RecordSort, ...], after: tuple[bool, ...] | None, *, pinned: bool
) -> Statement:
    keys = [key for sort in order for key in _sort_keys(kind, sort.field)]
    down = [sort.descending for sort in order for _ in range(2)]
    keys.append(_OWN_KEY[kind])
    down.append(order[-1].descending if order else False)
    asked = sa.select(*keys, *_TABLES[kind].c, *extra_columns(kind)).where(*_where(kind, shape, pinned=pinned))
    if after is not None:
        asked = asked.where(_behind(keys, down, after))
    ordered = [
        key.desc().nulls_last() if descending else key.asc().nulls_first()
        for key, descending in zip(keys, down, strict=True)
    ]
    return Statement(asked.order_by(*ordered).limit(bindparam("limit", type_=sa.Integer)))


@lru_cache(maxsize=2)
def _property_names(kind: RecordKind) -> Statement:
    table = _TABLES[kind]
    latest = (
        sa.select(table.c.properties)
        .where(*_where(kind, (), pinned=False), table.c.properties != _quoted("{}"))
        .order_by(_OWN_KEY[kind].desc())
        .limit(sa.literal_column(str(_LOOKED_AT)))
        .subquery("latest")
    )
    member = members(latest.c.properties, "member")
    named = sa.select(member.c.key, member.c.type).select_from(latest, member).distinct()
    return Statement(named.where(member.c.type != _quoted("null")).limit(sa.literal_column(str(_MOST_NAMES))))


@lru_cache(maxsize=2)
def _one_statement(kind: RecordKind) -> Statement:
    key = _OWN_KEY[kind]
    return Statement(
        sa.select(*_TABLES[kind].c, *extra_columns(kind)).where(
            *_where(kind, (), pinned=False), key == bindparam("own_key", type_=key.type)
        )
    )


@lru_cache(maxsize=256)
def _count_statement(kind: RecordKind, shape: Shape, *, pinned: bool) -> Statement:
    return Statement(sa.select(func.count()).select_from(_TABLES[kind]).where(*_where(kind, shape, pinned=pinned)))


def _where(kind: RecordKind, shape: Shape, *, pinned: bool) -> list[ColumnElement[bool]]:
    table = _TABLES[kind]
    where: list[ColumnElement[bool]] = [table.c.workspace == bindparam("workspace"), table.c.deleted_at.is_(None)]
    if kind == "account":
        where.append(table.c.registered)
    elif pinned:
        where.append(_C.number <= bindparam("known_until", type_=sa.BigInteger))
    alternatives = [
        sa.and_(sa.true(), *(_term(kind, term, f"{first}_{second}") for second, term in enumerate(terms)))
        for first, terms in enumerate(shape)
    ]
    if alternatives:
        where.append(sa.or_(*alternatives))
    return where


def _term(kind: RecordKind, term: tuple[RecordField, Operator, bool], name: str) -> ColumnElement[bool]:
    field, operator, is_number = term
    if operator in NEGATED:
        return negation(_term(kind, (field, NEGATED[operator], is_number), name))
    if field.column in _OF_ANY_NAME:
        return _named_term(kind, field, operator, name, is_number=is_number)
    value = _value(kind, field)
    if field.kind == "number" and operator is not Operator.LIKE:
        if not is_number:
            return sa.false()
        return compare(value, operator, bindparam(f"number{name}", type_=sa.Numeric))
    text = sa.cast(value, sa.Text)
    return compare_text(text, casefold(text), operator, f"text{name}")


def _named_term(
    kind: RecordKind, field: RecordField, operator: Operator, name: str, *, is_number: bool
) -> ColumnElement[bool]:
    member = members(_TABLES[kind].c[str(field.column)], f"member{name}")
    text: Expression = sa.cast(member.c.value, sa.Text)
    text = sa.case((member.c.type.in_((_quoted("true"), _quoted("false"))), member.c.type), else_=text)
    as_text = compare_text(text, casefold(text), operator, f"text{name}")
    clause: ColumnElement[bool] = as_text
    if operator is not Operator.LIKE:
        as_number: ColumnElement[bool] = sa.false()
        if is_number:
            as_number = compare(number(member.c.value), operator, bindparam(f"number{name}", type_=sa.Numeric))
        clause = sa.case((is_number_kind(member.c.type), as_number), else_=as_text)
    return sa.exists().where(member.c.key == bindparam(f"key{name}", type_=sa.Text), clause)


def _sort_keys(kind: RecordKind, field: RecordField) -> tuple[Expression, Expression]:
    """A number and a text, of which one is missing."""
    nothing = sa.cast(sa.null(), sa.Text)
    if field.column in _OF_ANY_NAME:
        member = members(_TABLES[kind].c[str(field.column)], "sorted")
        named = member.c.key == sa.literal(field.path[-1])
        is_number = is_number_kind(member.c.type)
        as_number = sa.select(number(member.c.value)).where(named, is_number).limit(sa.literal_column("1"))
        as_text = sa.select(sa.cast(member.c.value, sa.Text)).where(named, sa.not_(is_number))
        return as_number.scalar_subquery(), as_text.limit(sa.literal_column("1")).scalar_subquery()
    value = _value(kind, field)
    if field.kind == "number":
        return value, nothing
    return sa.cast(sa.null(), sa.Numeric), func.nullif(sa.cast(value, sa.Text), _quoted(""))


def _behind(keys: Sequence[Expression], down: Sequence[bool], nulls: Sequence[bool]) -> ColumnElement[bool]:
    behind: ColumnElement[bool] = sa.false()
    for index in range(len(keys) - 1, -1, -1):
        key, is_null = keys[index], nulls[index]
        value = bindparam(f"after{index}", type_=key.type)
        beyond: ColumnElement[bool]
        same: ColumnElement[bool]
        if is_null:
            beyond, same = (sa.false() if down[index] else key.is_not(None)), key.is_(None)
        else:
            beyond = sa.or_(key < value, key.is_(None)) if down[index] else key > value
            same = key == value
        behind = sa.or_(beyond, sa.and_(same, behind))
    return behind


def _quoted(constant: str) -> ColumnElement[str]:
    return sa.literal_column(f"'{constant}'", sa.Text)


def _value(kind: RecordKind, field: RecordField) -> Expression:
    """What the field holds, as its kind."""
    if field.computed is not None:
        return _COMPUTED[kind, field.computed]()
    assert field.column is not None
    column = _TABLES[kind].c[field.column]
    found = json_at(column, field.path) if field.path else column
    if field.kind == "number":
        return sa.cast(found, sa.Numeric)
    if field.kind == "truth":  # SQLite's JSON has them as 0 and 1
        is_false, is_true = found == _quoted("0"), found == _quoted("1")
        return sa.case((is_false, _quoted("false")), (is_true, _quoted("true")), else_=found)
    return found


def _identity() -> Expression:
    return func.coalesce(_C.external_id, _C.email, _C.mobile, _C.object_id, hex_of(_C.id), type_=sa.Text)


def _uuid() -> Expression:
    digits = hex_of(_C.id)
    cut = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)]
    parts = [func.substr(digits, sa.literal_column(str(start)), sa.literal_column(str(size))) for start, size in cut]
    joined: Expression = parts[0]
    for part in parts[1:]:
        joined = joined.op("||")(_quoted("-")).op("||")(part)
    return joined


def _email() -> Expression:
    return func.coalesce(_C.email, json_at(_C.details, ("gainsight_px", "email")), type_=sa.Text)


def _first_name() -> Expression:
    """Who was never given one in this product has a whole name from another."""
    said = (json_at(_C.details, ("gainsight_px", name)) for name in ("firstName", "lastName"))
    first, last = said
    return sa.case((sa.and_(first.is_(None), last.is_(None)), _C.name), else_=first)


def _user_type() -> Expression:
    derived = sa.case((_C.external_id.is_not(None), _quoted("USER")), else_=_quoted("VISITOR"))
    return func.coalesce(json_at(_C.details, ("gainsight_px", "type")), derived, type_=sa.Text)


def _last_event_at(kind: RecordKind) -> Callable[[], Expression]:
    def expression() -> Expression:
        own = _E.customer == _C.number if kind == "customer" else _E.account_id == _A.id
        table = _TABLES[kind]
        latest = (
            sa.select(_cut(_E.occurred_at))
            .where(_E.workspace == table.c.workspace, own)
            .order_by(_E.occurred_at.desc())
            .limit(sa.literal_column("1"))
            .correlate(table)
        )
        return latest.scalar_subquery()

    return expression


def _customers_of_account() -> Expression:
    named = is_same_long_text(_C.account_id, _A.id)
    own = sa.and_(_C.workspace == _A.workspace, named, _C.account_id.is_not(None), _C.deleted_at.is_(None))
    return sa.select(func.count()).select_from(customers).where(own).correlate(accounts).scalar_subquery()


def _cut(column: sa.Column[int]) -> Expression:
    """As whole milliseconds. SQL's division cuts towards zero; ours must floor also before 1970."""
    name = f"{column.table.name}.{column.name}"
    return sa.literal_column(f"(({name} - (({name} % 1000) + 1000) % 1000) / 1000)", sa.BigInteger)


_COMPUTED: dict[tuple[RecordKind, str], Callable[[], Expression]] = {
    ("customer", "identity"): _identity,
    ("customer", "id"): _uuid,
    ("customer", "email"): _email,
    ("customer", "first_name"): _first_name,
    ("customer", "user_type"): _user_type,
    ("customer", "last_event_at"): _last_event_at("customer"),
    ("customer", "created_at"): lambda: _cut(_C.created_at),
    ("customer", "modified_at"): lambda: func.coalesce(_cut(_C.modified_at), _cut(_C.created_at)),
    ("account", "last_event_at"): _last_event_at("account"),
    ("account", "created_at"): lambda: _cut(_A.created_at),
    ("account", "modified_at"): lambda: func.coalesce(_cut(_A.modified_at), _cut(_A.created_at)),
    ("account", "customers"): _customers_of_account,
}
