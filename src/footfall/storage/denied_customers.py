"""Customers, by their external ids, whose events are ignored, whichever product sends them."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model import instant
from footfall.storage.connection import Connection
from footfall.storage.functions import is_among_texts, is_text
from footfall.storage.statement import Statement, Upsert
from footfall.storage.tables import denied_customers

_FEW = 100

_D = denied_customers.c
_of_workspace = _D.workspace == bindparam("workspace")
_SOME = Statement(sa.select(_D.external_id).where(_of_workspace).limit(_FEW + 1))
_AMONG = Statement(sa.select(_D.external_id).where(_of_workspace, is_among_texts(_D.external_id, "ids")))
_IS_DENIED = Statement(sa.select(_D.external_id).where(_of_workspace, is_text(_D.external_id, "id")))
_DENY = Upsert(denied_customers, ("workspace", "external_id", "denied_at"), key=())
_ALLOW = Statement(sa.delete(denied_customers).where(_of_workspace, is_text(_D.external_id, "id")))


def among(connection: Connection, workspace: int, external_ids: Callable[[], Iterable[str]]) -> frozenset[str]:
    """Those of ``external_ids`` whose events are ignored. Most workspaces have none: that is found out first."""
    some = frozenset(row[0] for row in connection.rows(_SOME, workspace=workspace))
    if len(some) <= _FEW:
        return some
    return frozenset(row[0] for row in connection.rows(_AMONG, workspace=workspace, ids=list(external_ids())))


def is_denied(connection: Connection, workspace: int, external_id: str) -> bool:
    """Whether the events of this customer are ignored."""
    return connection.row(_IS_DENIED, workspace=workspace, id=external_id) is not None


def deny(connection: Connection, workspace: int, external_id: str) -> None:
    """Ignores what comes of this customer from now on; who it is need not be known yet."""
    connection.upsert(_DENY, [(workspace, external_id, instant.now())])


def allow(connection: Connection, workspace: int, external_id: str) -> None:
    """Takes the customer's events again."""
    connection.execute(_ALLOW, workspace=workspace, id=external_id)
