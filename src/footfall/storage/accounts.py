"""Accounts: whose customers a workspace's customers are; and the dictionary of all account ids that events bear.

The promise: an account that an event or a customer names stands here, because it is mentioned in the same transaction.
So a condition on account ids is answered from here before it touches an event.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import instant
from footfall.model.query import Operator
from footfall.storage.connection import Connection
from footfall.storage.functions import is_text
from footfall.storage.statement import Statement, Upsert, is_in
from footfall.storage.tables import accounts
from footfall.storage.text_comparison import compare_text, text_value

_A = accounts.c

_KNOWN = Statement(sa.select(_A.id).where(_A.workspace == bindparam("workspace"), is_in(_A.id, "ids")))
_MENTION = Upsert(
    accounts, ("workspace", "id", "folded", "registered", "created_at", "fields"), key=("workspace", "id")
)


def mention(connection: Connection, workspace: int, ids: Iterable[str]) -> None:
    """Makes ``ids`` known; those that are known stay as they are."""
    named = {each for each in ids if each}
    if not named:
        return
    known = {row[0] for row in connection.rows(_KNOWN, workspace=workspace, ids=sorted(named))}
    now = instant.now()
    connection.upsert(
        _MENTION, [(workspace, each, each.casefold(), False, now, "{}") for each in sorted(named - known)]
    )


def matching(
    connection: Connection, workspace: int, terms: Sequence[tuple[Operator, str]], most: int
) -> frozenset[str] | None:
    """The ids that answer all ``terms``, compared as texts are; None where there are more than ``most``."""
    values = {f"value{index}": text_value(operator, value) for index, (operator, value) in enumerate(terms)}
    statement = _matching(tuple(operator for operator, _ in terms))
    rows = connection.rows(statement, workspace=workspace, most=most + 1, **values)
    return None if len(rows) > most else frozenset(row[0] for row in rows)


@lru_cache(maxsize=256)
def _matching(operators: tuple[Operator, ...]) -> Statement:
    terms = [
        is_text(_A.folded, f"value{index}")
        if operator is Operator.EQUAL
        else compare_text(_A.folded, _A.folded, operator, f"value{index}")
        for index, operator in enumerate(operators)
    ]
    asked = sa.select(_A.id).where(_A.workspace == bindparam("workspace"), *terms)
    return Statement(asked.limit(bindparam("most", type_=sa.Integer)))
