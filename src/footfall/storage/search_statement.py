"""The SQL of a search: a pure function of its shape, compiled once per shape.

Pages are found by keyset, never by offset: the position of the last row seen is a condition like any other, so
rows stored or erased meanwhile shift nothing. A term that no index answers is written so that it cannot mislead
the planner away from the index that is to find the events.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, get_args

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam, func

from footfall.model.query import Operator, SortKey, UserType, is_by_time
from footfall.storage import found_event
from footfall.storage.conjunction import Dimension
from footfall.storage.functions import casefold, has_word, hex_of, is_number_kind, is_unusual, may_have, members, number
from footfall.storage.search_shape import Condition, Driver, Members, Part, Shape, Term, after_sequence, dimension_of
from footfall.storage.statement import Statement, is_in
from footfall.storage.tables import customers, events, workspaces
from footfall.storage.text_comparison import NEGATED, compare, compare_text, negation

_E = events.c
_Clause = ColumnElement[bool]
_Text = ColumnElement[Any]

_SHAPES_REMEMBERED = 512
_USER_TYPES: tuple[str, ...] = get_args(UserType)
_COLUMN_OF: dict[Dimension, ColumnElement[Any]] = {
    "types": _E.type,
    "customers": _E.customer,
    "accounts": _E.account_id,
    "ids": _E.id,
}
_TYPE_OF: dict[Dimension, Any] = {
    "types": sa.BigInteger(),
    "customers": sa.BigInteger(),
    "accounts": sa.Text(),
    "ids": sa.LargeBinary(),
}
_Columns = frozenset[ColumnElement[Any]]
_EVERY_COLUMN: _Columns = frozenset(_COLUMN_OF.values())
_KEYS = [str(column.key) for column in found_event.COLUMNS]


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def page(shape: Shape) -> Statement:
    """The rows of one page: ``found_event.COLUMNS`` in the shape's order.

    In the order of time they are merged from several index ranges. There is one for each of a few values of what finds
    them: neither does a rare type make the whole window be walked, nor does a frequent one make it be sorted. And
    behind a position there is one for the instant where the page before ended, and one for all beyond it: of any
    number of events at one instant, those that pages have shown are not walked again.
    """
    return Statement(_page(shape, on_server=False), on_server=_page(shape, on_server=True))


def _page(shape: Shape, *, on_server: bool) -> Any:
    limit = bindparam("limit", type_=sa.Integer)
    ranges = [found for part in shape.parts for found in _ranges(shape, part, on_server=on_server)]
    if len(ranges) == 1:
        return ranges[0].order_by(*_order(shape.order, _E)).limit(limit)
    if is_by_time(shape.order) and not on_server:
        return _by_time(sa.union_all(*ranges), shape).limit(limit)  # SQLite merges them
    # A server would sort whole ranges: it is told of each that no more than a page of it is wanted.
    limited = [found.order_by(*_order(shape.order, _E)).limit(limit) for found in ranges]
    if is_by_time(shape.order):
        return _by_time(sa.union_all(*limited), shape).limit(limit)
    united = sa.union_all(*(sa.select(each.subquery()) for each in limited)).subquery("united")
    return sa.select(*(united.c[key] for key in _KEYS)).order_by(*_order(shape.order, united.c)).limit(limit)


def _by_time(merged: sa.CompoundSelect[Any], shape: Shape) -> sa.CompoundSelect[Any]:
    columns = merged.selected_columns
    keys = (columns.occurred_at, columns.sequence)
    return merged.order_by(*(key.desc() if shape.order[0].descending else key for key in keys))


def _ranges(shape: Shape, part: Part, *, on_server: bool) -> list[sa.Select[Any]]:
    """The rows of a part in pieces of which each is in the shape's order, or small."""
    if not is_by_time(shape.order):
        by_account = bool(shape.order) and shape.order[0].field == "account_id"
        hidden = _hidden_columns(part, by_account=by_account, on_server=on_server)
        return [_rows(shape, part, behind, hidden=hidden) for behind in _pieces_behind(shape)]
    hidden = _hidden_columns(part, by_account=False, on_server=on_server)
    return [found for each in _by_value(part) for found in _from_position(shape, each, hidden)]


def _hidden_columns(part: Part, *, by_account: bool, on_server: bool) -> _Columns:
    """What the index that is to find the events does not begin with.

    The index of accounts ends with the types: a server looks at them there, where they are not hidden.
    """
    driver = part.driver
    hidden = {column for dimension, column in _COLUMN_OF.items() if dimension != driver}
    if driver == "sequence" or (driver == "order" and by_account and not on_server):
        hidden.add(_E.occurred_at)
    if on_server and (driver == "accounts" or (driver == "order" and by_account)):
        hidden.discard(_E.type)
    return frozenset(hidden)


def _by_value(part: Part) -> list[Part]:
    """``part`` once for each of a few values of what finds its events."""
    dimension = dimension_of(part.driver)
    asked = None if dimension is None else part.bounds.members(dimension)
    if dimension is None or asked is None or len(asked.each) < 2:
        return [part]
    others = tuple(pair for pair in part.bounds.among if pair[0] != dimension)
    bounds = [
        msgspec.structs.replace(part.bounds, among=((dimension, Members(each=(value,))), *others))
        for value in asked.each
    ]
    return [msgspec.structs.replace(part, bounds=each) for each in bounds]


def _from_position(shape: Shape, part: Part, hidden: _Columns) -> list[sa.Select[Any]]:
    """The rows of a part in the order of time: all, or those at the first instant and those beyond it.

    The bounds of a part behind a position begin at the instant of which its ``after_sequence`` speaks.
    """
    if shape.after is None:
        return [_rows(shape, part, hidden=hidden)]
    at, bounds = _E.occurred_at, part.bounds
    behind = bindparam(after_sequence(part), type_=sa.BigInteger)
    if shape.order[0].descending:
        assert bounds.before is not None
        first = bindparam(bounds.before, type_=sa.BigInteger) - sa.literal_column("1")
        beyond = at < first
        rest_of_instant = _E.sequence < behind
        rest = msgspec.structs.replace(bounds, before=None)
    else:
        assert bounds.since is not None
        first = bindparam(bounds.since, type_=sa.BigInteger)
        beyond = at > first
        rest_of_instant = _E.sequence > behind
        rest = msgspec.structs.replace(bounds, since=None)
    within = msgspec.structs.replace(part, bounds=rest)
    pieces = ([at == first, rest_of_instant], [beyond])
    return [_rows(shape, within, piece, hidden=hidden) for piece in pieces]


def _rows(shape: Shape, part: Part, further: Sequence[_Clause] = (), *, hidden: _Columns) -> sa.Select[Any]:
    where = _where(shape, part, hidden)
    return sa.select(*found_event.COLUMNS).select_from(found_event.SOURCE).where(*where, *further)


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def count(shape: Shape) -> Statement:
    """The number of rows on all pages."""
    (part,) = shape.parts
    embedded, on_server = (
        sa.select(func.count())
        .select_from(events)
        .where(*_where(shape, part, _hidden_columns(part, by_account=False, on_server=on_server)))
        for on_server in (False, True)
    )
    return Statement(embedded, on_server=on_server)


@lru_cache(maxsize=_SHAPES_REMEMBERED)
def places(shape: Shape, *, with_account: bool) -> Statement:
    """Sequence and instant (and account) of the first ``limit`` rows in the order of time."""
    return Statement(
        _places(shape, with_account=with_account, on_server=False),
        on_server=_places(shape, with_account=with_account, on_server=True),
    )


def _places(shape: Shape, *, with_account: bool, on_server: bool) -> Any:
    columns = [_E.sequence, _E.occurred_at, *([_E.account_id] if with_account else [])]
    ranges = [
        sa.select(*columns)
        .select_from(events)
        .where(*_where(shape, part, _hidden_columns(part, by_account=False, on_server=on_server)))
        for part in shape.parts
    ]
    limit = bindparam("limit", type_=sa.Integer)
    if len(ranges) == 1:
        return ranges[0].order_by(*_order(shape.order, _E)).limit(limit)
    return _by_time(sa.union_all(*ranges), shape).limit(limit)


BY_SEQUENCES = Statement(
    sa.select(*found_event.COLUMNS)
    .select_from(found_event.SOURCE)
    .where(_E.workspace + sa.literal_column("0") == bindparam("workspace"), is_in(_E.sequence, "sequences"))
)


def _where(shape: Shape, part: Part, hidden: _Columns) -> list[_Clause]:
    where: list[_Clause] = [_E.workspace == bindparam("workspace")]
    if part.driver == "sequence":
        where = [
            _hidden(_E.workspace) == bindparam("workspace"),
            _E.sequence > bindparam("above", type_=sa.BigInteger),
        ]
    if shape.snapshot:
        # As an expression: as a bare column it would tempt the planner into walking the table by row id.
        where.append(_E.sequence + sa.literal_column("0") <= bindparam("snapshot", type_=sa.BigInteger))
    where += _clauses(part.bounds, hidden, part.driver)
    # By sequence, or an index of one of the alternatives would be taken, and all of time be walked.
    beside = _EVERY_COLUMN | ({_E.occurred_at} if part.driver == "sequence" else set())
    if part.any_of and all(_clauses(each, beside) for each in part.any_of):
        where.append(sa.or_(*(sa.and_(*_clauses(each, beside)) for each in part.any_of)))
    where += [negation(sa.and_(sa.true(), *_clauses(each, _EVERY_COLUMN))) for each in part.none_of]
    return where


def _clauses(condition: Condition, hidden: _Columns, driver: Driver | None = None) -> list[_Clause]:
    """``driver`` None: within bounds that have found the events already."""
    clauses: list[_Clause] = []
    for dimension, values in condition.among:
        column = _COLUMN_OF[dimension]
        clauses.append(_among(_hidden(column) if column in hidden else column, dimension, values))
    for dimension, values in condition.apart_from:
        clauses.append(negation(_among(_hidden(_COLUMN_OF[dimension]), dimension, values)))
    if not condition.has_account:
        clauses.append(_E.account_id.is_(None))
    at = _hidden(_E.occurred_at) if _E.occurred_at in hidden else _E.occurred_at
    if condition.since is not None:
        clauses.append(at >= bindparam(condition.since, type_=sa.BigInteger))
    if condition.before is not None:
        clauses.append(at < bindparam(condition.before, type_=sa.BigInteger))
    return clauses + [_term(term, driver) for term in condition.terms]


def _hidden(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """As an expression, which no index answers."""
    if isinstance(column.type, sa.Text):
        hidden: ColumnElement[Any] = column.op("||")(_quoted(""))
        return hidden
    if isinstance(column.type, sa.LargeBinary):
        return func.coalesce(column, column, type_=sa.LargeBinary)
    return column + sa.literal_column("0")


def _among(column: ColumnElement[Any], dimension: Dimension, values: Members) -> _Clause:
    kind = _TYPE_OF[dimension]
    if values.array is not None:
        return is_in(column, values.array, kind)
    if len(values.each) == 1:
        return column == bindparam(values.each[0], type_=kind)
    return column.in_([bindparam(name, type_=kind) for name in values.each])


def _term(term: Term, driver: Driver | None) -> _Clause:
    if term.operator in NEGATED:
        positive = msgspec.structs.replace(term, operator=NEGATED[term.operator])
        return negation(_term(positive, None))
    if term.field == "customer_identity":
        return _identity(term, by_customers=driver == "customers")
    if term.field in _NEVER_EMPTY:
        return compare(_NEVER_EMPTY[term.field](), term.operator, bindparam(term.value, type_=sa.Text))
    return _CLAUSES[term.field](term)


def _account(term: Term) -> _Clause:
    return compare_text(_E.account_id, casefold(_E.account_id), term.operator, term.value)


def _identity(term: Term, *, by_customers: bool) -> _Clause:
    folded = customers.c.identity_folded
    named = compare_text(folded, folded, term.operator, term.value)
    if by_customers:
        holders = sa.select(customers.c.number).where(customers.c.workspace == bindparam("workspace"), named)
        return _E.customer.in_(holders)
    # Looked up for each event: there may be more such customers than events will be looked at.
    return sa.exists().where(customers.c.number == _E.customer, named)


def _instant(term: Term) -> _Clause:
    if term.operator is not Operator.LIKE:
        return compare(_E.occurred_at, term.operator, bindparam(term.value, type_=sa.BigInteger))
    # SQL's remainder takes the sign of the dividend; ours must floor also before 1970.
    milliseconds: _Text = sa.literal_column("(events.occurred_at - ((events.occurred_at % 1000) + 1000) % 1000) / 1000")
    return compare(sa.cast(milliseconds, sa.Text), term.operator, bindparam(term.value, type_=sa.Text))


def _member(term: Term) -> _Clause:
    """A member of a JSON object, by name: a JSON path would see names only as they are spelt.

    First it is looked whether it can be in the document at all: that costs a tenth of reading the document's members.
    """
    assert term.key is not None
    document = _E.properties if term.field == "properties" else _E.session
    if term.fragment is None:
        return sa.and_(may_have(document, term.key), _read_member(term, document))
    # A word of the value stands in the document, or something is escaped or to be folded.
    may_answer = sa.or_(has_word(document, term.fragment), is_unusual(document))
    return sa.and_(may_answer, _read_member(term, document))


def _read_member(term: Term, document: ColumnElement[Any]) -> _Clause:
    member = members(document, "member")
    kind, value = member.c.type, member.c.value
    named = member.c.key == bindparam(str(term.key), type_=sa.Text)
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
        as_number = compare(number(value), term.operator, bindparam(term.number, type_=sa.Numeric))
    return sa.exists().where(named, sa.case((is_number, as_number), else_=as_text))


def _quoted(constant: str) -> ColumnElement[str]:
    return sa.literal_column(f"'{constant}'", sa.Text)


# Each of these gives a text case-folded, as which nothing but what was sent needs to be folded.


def _event_id() -> _Text:
    return sa.case((_HAS_KEY, casefold(_E.external_id)), else_=_uuid())


def _event_key() -> _Text:
    return func.coalesce(casefold(_E.external_id), _uuid(), type_=sa.Text)


def _uuid() -> _Text:
    digits = hex_of(_E.id)
    cut = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)]
    parts = [func.substr(digits, sa.literal_column(str(start)), sa.literal_column(str(size))) for start, size in cut]
    joined: _Text = parts[0]
    for part in parts[1:]:
        joined = joined.op("||")(_quoted("-")).op("||")(part)
    return joined


def _event_type() -> _Text:
    return sa.case((sa.and_(_CAPTURED_BY_PX, _E.source.is_not(None)), casefold(_E.source)), else_=_quoted("custom"))


def _property_key() -> _Text:
    own = sa.select(workspaces.c.property_key).where(workspaces.c.number == bindparam("workspace")).scalar_subquery()
    return sa.case((sa.and_(_CAPTURED_BY_PX, _E.outlet.is_not(None)), casefold(_E.outlet)), else_=casefold(own))


def _user_type() -> _Text:
    member = members(_E.session, "said")
    said = (
        sa.select(func.lower(member.c.value, type_=sa.Text))
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
        (_E.customer.is_(None), _quoted("empty_user_type")),
        (external_id.is_not(None), _quoted("user")),
        else_=_quoted("visitor"),
    )
    return func.coalesce(sa.case((_E.session.is_not(None), said)), derived)


_CAPTURED_BY_PX = _E.captured_by == _quoted("gainsight_px")
_HAS_KEY = sa.and_(_CAPTURED_BY_PX, _E.external_id.is_not(None))
_CLAUSES: dict[str, Callable[[Term], _Clause]] = {
    "properties": _member,
    "session": _member,
    "occurred_at": _instant,
    "account_id": _account,
}
_NEVER_EMPTY: dict[str, Callable[[], _Text]] = {
    "event_id": _event_id,
    "event_key": _event_key,
    "event_type": _event_type,
    "property_key": _property_key,
    "user_type": _user_type,
}


def _order(keys: tuple[SortKey, ...], columns: Any) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = []
    for key in keys:
        column = columns[key.field]
        if key.field == "occurred_at":
            order.append(column.desc() if key.descending else column.asc())
        else:
            order.append(column.desc().nulls_last() if key.descending else column.asc().nulls_first())
    return [*order, columns.sequence.desc() if _ends_descending(keys) else columns.sequence.asc()]


def _pieces_behind(shape: Shape) -> list[list[_Clause]]:
    """Rows behind the position, in one piece or, where the account leads the order, one for each range of its index."""
    keys, nulls = shape.order, shape.after
    if nulls is None:
        return [[]]
    if not keys or keys[0].field != "account_id":
        return [[_after(keys, nulls)]]
    account, value = _E.account_id, bindparam("after0", type_=sa.Text)
    rest = [_after(keys[1:], nulls[1:], 1)] if len(keys) > 1 else [_behind_sequence(keys)]
    if len(keys) > 1:
        at = bindparam("after1", type_=sa.BigInteger)
        rest.append(_E.occurred_at <= at if keys[1].descending else _E.occurred_at >= at)
    if nulls[0]:
        without = [account.is_(None), *rest]
        return [without] if keys[0].descending else [without, [account >= _quoted("")]]
    same = [account == value, *rest]
    return [same, [account < value], [account.is_(None)]] if keys[0].descending else [same, [account > value]]


def _behind_sequence(keys: tuple[SortKey, ...]) -> _Clause:
    sequence = bindparam("after_sequence", type_=sa.BigInteger)
    return _E.sequence < sequence if _ends_descending(keys) else _E.sequence > sequence


def _after(keys: tuple[SortKey, ...], nulls: tuple[bool, ...], start: int = 0) -> _Clause:
    """Rows behind the position whose values stand in ``after<start>``, ..., ``after_sequence``."""
    behind = _behind_sequence(keys)
    for index, (key, is_null) in reversed(list(enumerate(zip(keys, nulls, strict=True), start))):
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
