"""Accounts: whose customers a workspace's customers are; and the dictionary of all account ids that events bear.

The promise: an account that an event or a customer names stands here, because it is mentioned in the same transaction.
So a condition on account ids is answered from here before it touches an event.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from msgspec import Raw
from sqlalchemy import bindparam

from footfall.model import instant
from footfall.model.account import Account
from footfall.model.query import Operator
from footfall.storage.connection import Connection
from footfall.storage.functions import is_text
from footfall.storage.statement import Statement, Upsert, is_in
from footfall.storage.tables import accounts
from footfall.storage.text_comparison import compare_text, text_value

_A = accounts.c

_KNOWN = Statement(sa.select(_A.id).where(_A.workspace == bindparam("workspace"), is_in(_A.id, "ids")))
ACCOUNT_COLUMNS = list(_A)
"""What ``account_of`` reads, in its order."""
_BY_ID = Statement(sa.select(*ACCOUNT_COLUMNS).where(_A.workspace == bindparam("workspace"), _A.id == bindparam("id")))
_columns = [column.name for column in accounts.columns]
_KEY = ("workspace", "id")
_STORE = Upsert(accounts, _columns, key=_KEY, replaced=[name for name in _columns if name not in _KEY])
_MENTION = Upsert(
    accounts, ("workspace", "id", "folded", "registered", "created_at", "fields", "properties"), key=("workspace", "id")
)


def mention(connection: Connection, workspace: int, ids: Iterable[str]) -> None:
    """Makes ``ids`` known; those that are known stay as they are."""
    named = {each for each in ids if each}
    if not named:
        return
    known = {row[0] for row in connection.rows(_KNOWN, workspace=workspace, ids=sorted(named))}
    now = instant.now()
    connection.upsert(
        _MENTION, [(workspace, each, each.casefold(), False, now, "{}", "{}") for each in sorted(named - known)]
    )


def by_id(connection: Connection, workspace: int, identifier: str) -> Account | None:
    """The account of this id, also one that is only mentioned, or deleted."""
    row = connection.row(_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else account_of(row)


def store(connection: Connection, account: Account) -> None:
    """Stores an account, over the one of the same id if there is one."""
    connection.upsert(
        _STORE,
        [
            (
                account.workspace,
                account.id,
                account.id.casefold(),
                account.registered,
                account.created_at,
                account.modified_at,
                account.deleted_at,
                bytes(account.fields).decode(),
                bytes(account.properties).decode(),
            )
        ],
    )


def account_of(row: Sequence[Any]) -> Account:
    """The account in a row of ``ACCOUNT_COLUMNS``."""
    return Account(
        workspace=row[0],
        id=row[1],
        registered=bool(row[3]),
        created_at=row[4],
        modified_at=row[5],
        deleted_at=row[6],
        fields=Raw(row[7]),
        properties=Raw(row[8]),
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
