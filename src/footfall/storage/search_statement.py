"""The SQL of a search: a pure function of its shape, compiled once per shape.

Pages are found by keyset, never by offset: the position of the last row seen is a condition like any other, so
rows stored or erased meanwhile shift nothing. A term that no index answers is written so that it cannot mislead
the planner away from the index that carries the order.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam, func

from footfall.model.query import Operator, SortKey, UserType, is_by_time
from footfall.storage import found_event
from footfall.storage.functions import casefold, hex_of, is_number_kind, members, number
from footfall.storage.search_shape import Condition, Members, Shape, Term
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import customers, events, workspaces

_E = events.c
_Clause = ColumnElement[bool]
_Text = ColumnElement[Any]

_SHAPES_REMEMBERED = 512
_NEGATED = {Operator.NOT_EQUAL: Operator.EQUAL, Operator.NOT_LIKE: Operator.LIKE}
_AFTER_SEQUENCE = bindparam("after_sequence", type_=sa.BigInteger)
_USER_TYPES: tuple[str, ...] = get_args(UserType)


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def page(shape: Shape) -> Statement:
    """The rows of one page: ``found_event.COLUMNS`` in the shape's order.

    In the order of time they are merged from several index ranges. There is one for each of a few types: neither
    does a rare type make the whole window be walked, nor does a frequent one make it be sorted. And behind a
    position there is one for the instant where the page before ended, and one for all beyond it: of any number of
    events at one instant, those that pages have shown are not walked again.
    """
    limit = bindparam("limit", type_=sa.Integer)
    if not is_by_time(shape.order):
        behind = [] if shape.after is None else [_after(shape.order, shape.after)]
        return Statement(_rows(shape, behind).order_by(*_order(shape.order)).limit(limit))
    ranges = [part for each in _by_type(shape) for part in _ranges(each)]
    if len(ranges) == 1:
        return Statement(ranges[0].order_by(*_order(shape.order)).limit(limit))
    # A server would sort whole ranges: it is told of each that no more than a page of it is wanted. SQLite merges.
    limited = [part.order_by(*_order(shape.order)).limit(limit) for part in ranges]
    merged, of_limited = (_by_time(sa.union_all(*parts), shape).limit(limit) for parts in (ranges, limited))
    return Statement(merged, on_server=of_limited)


def _by_time(merged: sa.CompoundSelect[Any], shape: Shape) -> sa.CompoundSelect[Any]:
    columns = merged.selected_columns
    keys = (columns.occurred_at, columns.sequence)
    return merged.order_by(*(key.desc() if shape.order[0].descending else key for key in keys))


def _by_type(shape: Shape) -> list[Shape]:
    """``shape`` once for each type of a few."""
    types = shape.bounds.types
    if types is None or len(types.each) < 2 or shape.bounds.customers:
        return [shape]
    bounds = [msgspec.structs.replace(shape.bounds, types=Members(each=(number,))) for number in types.each]
    return [msgspec.structs.replace(shape, bounds=each) for each in bounds]


def _ranges(shape: Shape) -> list[sa.Select[Any]]:
    """The rows of a shape in the order of time: all, or those at the first instant and those beyond it.

    The bounds of a shape behind a position begin at the instant of which ``after_sequence`` speaks.
    """
    if shape.after is None:
        return [_rows(shape)]
    at, bounds = _E.occurred_at, shape.bounds
    if shape.order[0].descending:
        assert bounds.before is not None
        first = bindparam(bounds.before, type_=sa.BigInteger) - sa.literal_column("1")
        beyond = at < first
        rest_of_instant = _E.sequence < _AFTER_SEQUENCE
        rest = msgspec.structs.replace(bounds, before=None)
    else:
        assert bounds.since is not None
        first = bindparam(bounds.since, type_=sa.BigInteger)
        beyond = at > first
        rest_of_instant = _E.sequence > _AFTER_SEQUENCE
        rest = msgspec.structs.replace(bounds, since=None)
    within = msgspec.structs.replace(shape, bounds=rest)
    return [_rows(within, [at == first, rest_of_instant]), _rows(within, [beyond])]


def _rows(shape: Shape, further: Sequence[_Clause] = ()) -> sa.Select[Any]:
    return sa.select(*found_event.COLUMNS).select_from(found_event.SOURCE).where(*_where(shape), *further)


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def count(shape: Shape) -> Statement:
    """The number of rows on all pages."""
    return Statement(sa.select(func.count()).select_from(events).where(*_where(shape)))


def compare_text(text: _Text, folded: _Text, operator: Operator, parameter: str) -> _Clause:
    """``text`` (and ``folded``, the same case-folded) against ``search_shape.text_value`` in ``parameter``."""
    if operator in _NEGATED:
        return _not(compare_text(text, folded, _NEGATED[operator], parameter))
    return sa.and_(text != sa.literal_column("''"), _compare(folded, operator, bindparam(parameter, type_=sa.Text)))


def _compare(left: _Text, operator: Operator, right: ColumnElement[Any]) -> _Clause:
    match operator:
        case Operator.EQUAL:
            return left == right
        case Operator.LESS:
            return left < right
        case Operator.LESS_OR_EQUAL:
            return left <= right
        case Operator.GREATER:
            return left > right
        case Operator.GREATER_OR_EQUAL:
            return left >= right
        case Operator.LIKE:
            return left.like(right, escape="\\")
        case Operator.NOT_EQUAL | Operator.NOT_LIKE:
            raise AssertionError("negations are taken apart before")


def _not(clause: _Clause) -> _Clause:
    """The negation, true also where the clause is unknown because something is missing."""
    return sa.not_(func.coalesce(clause, sa.false()))


def _where(shape: Shape) -> list[_Clause]:
    where: list[_Clause] = [_E.workspace == bindparam("workspace")]
    if shape.snapshot:
        # As an expression: as a bare column it would tempt the planner into walking the table by row id.
        where.append(_E.sequence + sa.literal_column("0") <= bindparam("snapshot", type_=sa.BigInteger))
    where += _clauses(shape.bounds, within_bounds=False)
    if shape.alternatives and all(_clauses(each, within_bounds=True) for each in shape.alternatives):
        where.append(sa.or_(*(sa.and_(*_clauses(each, within_bounds=True)) for each in shape.alternatives)))
    return where


def _clauses(condition: Condition, *, within_bounds: bool) -> list[_Clause]:
    clauses: list[_Clause] = []
    if condition.customers is not None:
        clauses.append(_among(_E.customer, condition.customers))
    if condition.types is not None:
        # Who asks for customers has few events: their index goes first.
        column = _E.type + sa.literal_column("0") if within_bounds or condition.customers else _E.type
        clauses.append(_among(column, condition.types))
    if condition.since is not None:
        clauses.append(_E.occurred_at >= bindparam(condition.since))
    if condition.before is not None:
        clauses.append(_E.occurred_at < bindparam(condition.before))
    return clauses + [_term(term) for term in condition.terms]


def _among(column: ColumnElement[Any], members: Members) -> _Clause:
    if members.array is not None:
        return is_in(column, members.array, sa.BigInteger())
    if len(members.each) == 1:
        return column == bindparam(members.each[0], type_=sa.BigInteger)
    return column.in_([bindparam(number, type_=sa.BigInteger) for number in members.each])


def _term(term: Term) -> _Clause:
    if term.operator in _NEGATED:
        positive = Term(term.field, _NEGATED[term.operator], term.value, term.key, term.number)
        return _not(_term(positive))
    if term.field == "event_id" and term.operator is Operator.EQUAL:
        return _is_event(term)
    if term.field in _NEVER_EMPTY:
        text = casefold(_NEVER_EMPTY[term.field]())
        return _compare(text, term.operator, bindparam(term.value, type_=sa.Text))
    return _CLAUSES[term.field](term)


def _account(term: Term) -> _Clause:
    return compare_text(_E.account_id, casefold(_E.account_id), term.operator, term.value)


def _identity(term: Term) -> _Clause:
    folded = customers.c.identity_folded
    holders = sa.select(customers.c.number).where(
        customers.c.workspace == bindparam("workspace"), compare_text(folded, folded, term.operator, term.value)
    )
    return _E.customer.in_(holders)


def _instant(term: Term) -> _Clause:
    if term.operator is not Operator.LIKE:
        return _compare(_E.occurred_at, term.operator, bindparam(term.value, type_=sa.BigInteger))
    # SQL's remainder takes the sign of the dividend; ours must floor also before 1970.
    milliseconds: _Text = sa.literal_column("(events.occurred_at - ((events.occurred_at % 1000) + 1000) % 1000) / 1000")
    return _compare(sa.cast(milliseconds, sa.Text), term.operator, bindparam(term.value, type_=sa.Text))


def _member(term: Term) -> _Clause:
    """A member of a JSON object, by name: a JSON path would see names only as they are spelt."""
    assert term.key is not None
    document = _E.properties if term.field == "properties" else _E.session
    member = members(document, "member")
    kind, value = member.c.type, member.c.value
    named = member.c.key == bindparam(term.key, type_=sa.Text)
    text: _Text = sa.cast(value, sa.Text)
    if term.field == "session":
        clause = sa.and_(kind == _quoted("text"), compare_text(text, casefold(text), term.operator, term.value))
        return sa.exists().where(named, clause)
    text = sa.case((kind.in_((_quoted("true"), _quoted("false"))), kind), else_=text)
    as_text = compare_text(text, casefold(text), term.operator, term.value)
    if term.operator is Operator.LIKE:
        return sa.exists().where(named, as_text)
    is_number = is_number_kind(kind)
    as_number: _Clause = sa.false()
    if term.number is not None:
        as_number = _compare(number(value), term.operator, bindparam(term.number, type_=sa.Numeric))
    return sa.exists().where(named, sa.case((is_number, as_number), else_=as_text))


def _quoted(constant: str) -> ColumnElement[str]:
    return sa.literal_column(f"'{constant}'", sa.Text)


def _is_event(term: Term) -> _Clause:
    """As comparing with ``_event_id()``, without spelling out the id of every event."""
    by_key = casefold(_E.external_id) == bindparam(term.value, type_=sa.Text)
    by_id = sa.false() if term.key is None else _E.id == bindparam(term.key, type_=sa.LargeBinary)
    return sa.case((_HAS_KEY, by_key), else_=by_id)


def _event_id() -> _Text:
    digits = hex_of(_E.id)
    cut = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)]
    parts = [func.substr(digits, sa.literal_column(str(start)), sa.literal_column(str(size))) for start, size in cut]
    joined: _Text = parts[0]
    for part in parts[1:]:
        joined = joined.op("||")(_quoted("-")).op("||")(part)
    return sa.case((_HAS_KEY, _E.external_id), else_=joined)


def _event_type() -> _Text:
    return sa.case((sa.and_(_CAPTURED_BY_PX, _E.source.is_not(None)), _E.source), else_=_quoted("CUSTOM"))


def _property_key() -> _Text:
    own = sa.select(workspaces.c.property_key).where(workspaces.c.number == bindparam("workspace")).scalar_subquery()
    return sa.case((sa.and_(_CAPTURED_BY_PX, _E.outlet.is_not(None)), _E.outlet), else_=own)


def _user_type() -> _Text:
    member = members(_E.session, "said")
    said = (
        sa.select(member.c.value)
        .where(
            member.c.key == _quoted("userType"),
            member.c.type == _quoted("text"),
            member.c.value.in_([_quoted(user_type) for user_type in _USER_TYPES]),
        )
        .limit(sa.literal_column("1"))
        .scalar_subquery()
    )
    external_id = sa.select(customers.c.external_id).where(customers.c.number == _E.customer).scalar_subquery()
    derived = sa.case(
        (_E.customer.is_(None), _quoted("EMPTY_USER_TYPE")),
        (external_id.is_not(None), _quoted("USER")),
        else_=_quoted("VISITOR"),
    )
    return func.coalesce(sa.case((_E.session.is_not(None), said)), derived)


_CAPTURED_BY_PX = _E.captured_by == _quoted("gainsight_px")
_HAS_KEY = sa.and_(_CAPTURED_BY_PX, _E.external_id.is_not(None))
_CLAUSES: dict[str, Callable[[Term], _Clause]] = {
    "properties": _member,
    "session": _member,
    "customer_identity": _identity,
    "occurred_at": _instant,
    "account_id": _account,
}
_NEVER_EMPTY: dict[str, Callable[[], _Text]] = {
    "event_id": _event_id,
    "event_type": _event_type,
    "property_key": _property_key,
    "user_type": _user_type,
}


def _order(keys: tuple[SortKey, ...]) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = []
    for key in keys:
        column = _E[key.field]
        if key.field == "occurred_at":
            order.append(column.desc() if key.descending else column.asc())
        else:
            order.append(column.desc().nulls_last() if key.descending else column.asc().nulls_first())
    return [*order, _E.sequence.desc() if _ends_descending(keys) else _E.sequence.asc()]


def _after(keys: tuple[SortKey, ...], nulls: tuple[bool, ...]) -> _Clause:
    """Rows behind the position whose values stand in ``after0``, ..., ``after_sequence``."""
    behind: _Clause = _E.sequence < _AFTER_SEQUENCE if _ends_descending(keys) else _E.sequence > _AFTER_SEQUENCE
    for index, (key, is_null) in reversed(list(enumerate(zip(keys, nulls, strict=True)))):
        column = _E[key.field]
        value = bindparam(f"after{index}", type_=column.type)
        behind = sa.or_(
            _beyond(column, value, key, is_null=is_null), sa.and_(column.is_not_distinct_from(value), behind)
        )
    return behind


def _beyond(column: ColumnElement[Any], value: ColumnElement[Any], key: SortKey, *, is_null: bool) -> _Clause:
    if key.descending:
        return sa.false() if is_null else sa.or_(column < value, column.is_(None))
    return column.is_not(None) if is_null else column > value


def _ends_descending(keys: tuple[SortKey, ...]) -> bool:
    return bool(keys) and keys[-1].descending
