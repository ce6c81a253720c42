"""The accounts that events bear, in the order of their ids; events without one come first."""

from functools import lru_cache

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.storage.connection import Connection
from footfall.storage.statement import Statement
from footfall.storage.tables import events

_E = events.c


class Account(msgspec.Struct, frozen=True):
    """An account's id, or None for events without one."""

    id: str | None


def first(connection: Connection, workspace: int, *, descending: bool) -> str | None:
    """The first in the order; without any event there is none, which is the account of events that have none."""
    if not descending:
        return None
    last: str | None = connection.value(_beyond(descending=True, bounded=False), workspace=workspace)
    return last


def after(connection: Connection, workspace: int, account: str | None, *, descending: bool) -> Account | None:
    """The one that follows ``account``; None at the end."""
    if account is None:
        if descending:
            return None
        found = connection.row(_beyond(descending=False, bounded=False), workspace=workspace)
    else:
        found = connection.row(_beyond(descending=descending, bounded=True), workspace=workspace, account=account)
        if found is None and descending:
            return Account(None)
    return None if found is None else Account(found[0])


@lru_cache(maxsize=4)
def _beyond(*, descending: bool, bounded: bool) -> Statement:
    account = _E.account_id
    beyond = account >= sa.literal_column("''")
    if bounded:
        given = bindparam("account", type_=sa.Text)
        beyond = account < given if descending else account > given
    ordered = account.desc().nulls_last() if descending else account.asc().nulls_first()  # as the index has them
    return Statement(
        sa.select(account).where(_E.workspace == bindparam("workspace"), beyond).order_by(ordered).limit(1)
    )
