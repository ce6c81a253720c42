"""From a query's terms to conjunctions: names, identities, accounts and event ids looked up where they are listed.

What is looked up becomes numbers and ids, so that an index answers it and a wildcard never scans events. Of patterns
that more customers or accounts answer than a statement should name, the term remains.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import identifiers
from footfall.model.event import Family
from footfall.model.query import Comparison, EventQuery, Operator
from footfall.storage import accounts, event_types
from footfall.storage.conjunction import Conjunction
from footfall.storage.connection import Connection
from footfall.storage.functions import casefold, folded_key, is_text
from footfall.storage.statement import Statement
from footfall.storage.tables import customers, events
from footfall.storage.tables import event_types as types_table
from footfall.storage.text_comparison import NEGATED, compare_text, prefix_range, text_value
from footfall.storage.time_buckets import BEGINNING, END

MOST_MEMBERS = 2_000
"""How many customers or accounts are named one by one."""

_E = events.c
_C = customers.c
_BY_FOLDED_IDENTITY = Statement(
    sa.select(_C.number).where(_C.workspace == bindparam("workspace"), is_text(_C.identity_folded, "folded"))
)
_captured_by_px = _E.captured_by == sa.literal_column("'gainsight_px'")
_has_key = sa.and_(_captured_by_px, _E.external_id.is_not(None))
_BY_KEY = Statement(
    sa.select(_E.id).where(
        _E.workspace == bindparam("workspace"),
        _has_key,
        folded_key(_E.external_id) == folded_key(bindparam("given", type_=sa.Text)),
        casefold(_E.external_id) == bindparam("folded", type_=sa.Text),
    )
)
_BY_ODD_KEY = Statement(
    sa.select(_E.id).where(
        _E.workspace == bindparam("workspace"),
        _has_key,
        folded_key(_E.external_id) == folded_key(bindparam("odd", type_=sa.Text)),
        casefold(_E.external_id) == bindparam("folded", type_=sa.Text),
    )
)
_BY_ID = Statement(
    sa.select(_E.id).where(
        _E.id == bindparam("id"), _E.workspace + sa.literal_column("0") == bindparam("workspace"), sa.not_(_has_key)
    )
)
_ODD = "\u00e9"  # stands for every key with letters beyond ASCII

# Which span of instants ``occurred_at operator value`` is: the distances of its ends from the value.
_SPANS: dict[Operator, tuple[int | None, int | None]] = {
    Operator.EQUAL: (0, 1),
    Operator.GREATER_OR_EQUAL: (0, None),
    Operator.GREATER: (1, None),
    Operator.LESS: (None, 0),
    Operator.LESS_OR_EQUAL: (None, 1),
}


class _Sorted(msgspec.Struct):
    """The terms of one alternative, by what answers them."""

    since: int = BEGINNING
    before: int = END
    names: list[Comparison] = []
    identities: list[Comparison] = []
    accounts: list[Comparison] = []
    ids: list[Comparison] = []
    rest: list[Comparison] = []


def narrow_all(connection: Connection, query: EventQuery, *, plainly: bool = False) -> list[Conjunction]:
    """The query's alternatives, each as a conjunction; ``plainly``: with nothing looked up but names."""
    alternatives = query.alternatives or ((),)
    known = query.types or (None,) * len(alternatives)
    found = [
        _narrow(connection, query, _sorted(terms), types, plainly=plainly)
        for terms, types in zip(alternatives, known, strict=True)
    ]
    if all(each.types is not None for each in found):
        return found
    other_types = query.other_types
    if other_types is None:
        other_types = tuple(event_types.of_others(connection, query.workspace, query.family))
    return [each if each.types is not None else each.without("types", frozenset(other_types)) for each in found]


def is_indexed(query: EventQuery) -> bool:
    """Whether the dictionaries and indexes answer all of the query's terms, so that no event is looked into."""
    return all(_is_indexed(term) for terms in query.alternatives for term in terms)


def _is_indexed(term: Comparison) -> bool:
    if term.field in ("customer_identity", "event_id"):
        return term.operator in (Operator.EQUAL, Operator.NOT_EQUAL)
    return term.field in ("name", "account_id") or (term.field == "occurred_at" and isinstance(term.value, int))


def _sorted(terms: Iterable[Comparison]) -> _Sorted:
    found = _Sorted()
    for term in terms:
        value = term.value
        if term.field == "occurred_at" and isinstance(value, int) and term.operator in _SPANS:
            from_value, to_value = _SPANS[term.operator]
            found.since = found.since if from_value is None else max(found.since, value + from_value)
            found.before = found.before if to_value is None else min(found.before, value + to_value)
        else:
            of_field = {"name": found.names, "customer_identity": found.identities, "account_id": found.accounts}
            of_field["event_id"] = found.ids if term.operator in (Operator.EQUAL, Operator.NOT_EQUAL) else found.rest
            (found.rest if not isinstance(term.field, str) else of_field.get(term.field, found.rest)).append(term)
    return found


def _narrow(
    connection: Connection, query: EventQuery, terms: _Sorted, known: tuple[int, ...] | None, *, plainly: bool
) -> Conjunction:
    """One alternative; ``known`` are the types that its names stand for, if that is known."""
    types = None if known is None else frozenset(known)
    if known is None and terms.names:
        types = _types(connection, query.workspace, query.family, terms.names)
    elif known is None and query.family != event_types.CUSTOM:
        types = event_types.of_family(connection, query.workspace, query.family)
    narrowed = Conjunction(
        since=None if terms.since == BEGINNING else terms.since,
        before=None if terms.before == END else terms.before,
        types=types,
        rest=tuple(terms.rest),
    )
    if types == frozenset():
        return narrowed
    if plainly:
        return msgspec.structs.replace(narrowed, rest=(*terms.rest, *terms.identities, *terms.accounts, *terms.ids))
    narrowed = _by_identities(connection, query.workspace, narrowed, terms.identities)
    narrowed = _by_accounts(connection, query.workspace, narrowed, terms.accounts)
    for term in terms.ids:
        found = _events(connection, query.workspace, str(term.value))
        narrowed = narrowed.within("ids", found) if term.operator is Operator.EQUAL else narrowed.without("ids", found)
    return narrowed


def _by_identities(
    connection: Connection, workspace: int, narrowed: Conjunction, terms: Sequence[Comparison]
) -> Conjunction:
    for term in terms:
        positive = NEGATED.get(term.operator, term.operator)
        holders = _holders(connection, workspace, positive, str(term.value))
        if holders is None:
            narrowed = msgspec.structs.replace(narrowed, rest=(*narrowed.rest, term))
        elif term.operator in NEGATED:
            narrowed = narrowed.without("customers", holders)
        else:
            narrowed = narrowed.within("customers", holders)
    return narrowed


def _by_accounts(
    connection: Connection, workspace: int, narrowed: Conjunction, terms: Sequence[Comparison]
) -> Conjunction:
    for term in terms:
        positive = NEGATED.get(term.operator, term.operator)
        ids = accounts.matching(connection, workspace, [(positive, str(term.value))], MOST_MEMBERS)
        if ids is None:
            narrowed = msgspec.structs.replace(narrowed, rest=(*narrowed.rest, term))
        elif term.operator in NEGATED:
            narrowed = narrowed.without("accounts", ids)
        else:
            narrowed = narrowed.within("accounts", ids)
    return narrowed


def _holders(connection: Connection, workspace: int, operator: Operator, value: str) -> frozenset[int] | None:
    """Customers whose primary identity answers: several for one, where they differ in case alone. None: too many."""
    folded = value.casefold()
    if operator is Operator.EQUAL:
        if not folded:
            return frozenset()
        return frozenset(row[0] for row in connection.rows(_BY_FOLDED_IDENTITY, workspace=workspace, folded=folded))
    values = {"workspace": workspace, "value": text_value(operator, value), "most": MOST_MEMBERS + 1}
    first, end = prefix_range(folded) if operator is Operator.LIKE else (None, None)
    is_range = first is not None and end is not None
    if is_range:
        values |= {"first": first, "end": end}
    rows = connection.rows(_holders_statement(operator, is_range=is_range), **values)
    return None if len(rows) > MOST_MEMBERS else frozenset(row[0] for row in rows)


@lru_cache(maxsize=32)
def _holders_statement(operator: Operator, *, is_range: bool) -> Statement:
    folded = _C.identity_folded
    named = compare_text(folded, folded, operator, "value")
    asked = sa.select(_C.number).where(_C.workspace == bindparam("workspace"), named)
    limit = bindparam("most", type_=sa.Integer)
    if not is_range:
        return Statement(asked.limit(limit))
    first, end = bindparam("first", type_=sa.Text), bindparam("end", type_=sa.Text)
    # A server's index has the texts' hashes.
    return Statement(asked.where(folded >= first, folded < end).limit(limit), on_server=asked.limit(limit))


def _events(connection: Connection, workspace: int, shown: str) -> frozenset[bytes]:
    """Events that are shown under the id ``shown``, letter case aside."""
    folded = shown.casefold()
    found = connection.rows(_BY_KEY, workspace=workspace, given=folded, folded=folded)
    found += connection.rows(_BY_ODD_KEY, workspace=workspace, odd=_ODD, folded=folded)
    identifier = identifiers.from_text(shown)
    if identifier is not None and identifiers.to_text(identifier) == folded:
        found += connection.rows(_BY_ID, workspace=workspace, id=identifier)
    return frozenset(row[0] for row in found)


def _types(connection: Connection, workspace: int, family: Family, names: Sequence[Comparison]) -> frozenset[int]:
    """The event types of the family whose names answer all of ``names``."""
    statement = _types_statement(tuple(term.operator for term in names))
    values = {f"name{index}": text_value(term.operator, str(term.value)) for index, term in enumerate(names)}
    return frozenset(row[0] for row in connection.rows(statement, workspace=workspace, family=family, **values))


@lru_cache(maxsize=256)
def _types_statement(operators: tuple[Operator, ...]) -> Statement:
    folded = types_table.c.folded
    return Statement(
        sa.select(types_table.c.number).where(
            types_table.c.workspace == bindparam("workspace"),
            types_table.c.family.op("||")(sa.literal_column("''", sa.Text)) == bindparam("family", type_=sa.Text),
            *(compare_text(folded, folded, operator, f"name{index}") for index, operator in enumerate(operators)),
        )
    )
