"""Stores, tills and access groups of a workspace."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.organisation import AccessGroup, Place, Store, Till
from footfall.storage.connection import Connection
from footfall.storage.statement import BulkInsert, Statement, Upsert, is_in
from footfall.storage.structs import struct_of
from footfall.storage.tables import access_groups, stores, tills

StoreName = Literal["code", "name", "external_id", "external_id_1", "external_id_2"]
"""What names a store."""

LookupType = Literal["wechat", "mobile_trigger"]
"""Where a till may go by another name."""

_S = stores.c
_T = tills.c
_G = access_groups.c
_STORE = [_S[name] for name in Store.__struct_fields__]
_TILL = [_T[name] for name in Till.__struct_fields__]
_GROUP = [_G.id, _G.name, _G.is_default, _G.permissions]

_ADD_STORE = BulkInsert(stores)
_ADD_TILL = BulkInsert(tills)
_PUT_GROUP = Upsert(
    access_groups,
    ("workspace", "id", "name", "is_default", "permissions"),
    key=("workspace", "id"),
    replaced=("name", "is_default", "permissions"),
)
_SET_STORE_GROUP = Statement(
    sa.update(stores)
    .where(_S.workspace == bindparam("of_workspace"), _S.id == bindparam("of_id"))
    .values(access_group=bindparam("new_group"))
)
_STORES = Statement(sa.select(*_STORE).where(_S.workspace == bindparam("workspace")).order_by(_S.id))
_TILLS = Statement(sa.select(*_TILL).where(_T.workspace == bindparam("workspace")).order_by(_T.id))
_GROUPS = Statement(sa.select(*_GROUP).where(_G.workspace == bindparam("workspace")).order_by(_G.id))
_TILL_BY_ID = Statement(sa.select(*_TILL).where(_T.workspace == bindparam("workspace"), _T.id == bindparam("id")))
_TILL_BY_CODE = Statement(sa.select(*_TILL).where(_T.workspace == bindparam("workspace"), _T.code == bindparam("code")))
_TILL_BY_LOOKUP = {
    name: Statement(sa.select(*_TILL).where(_T.workspace == bindparam("workspace"), _T[name] == bindparam("value")))
    for name in ("wechat", "mobile_trigger")
}
_CHANGE_TILL = Statement(
    sa.update(tills)
    .where(_T.workspace == bindparam("of_workspace"), _T.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in Till.__struct_fields__[2:]})
)
_CHANGE_STORE = Statement(
    sa.update(stores)
    .where(_S.workspace == bindparam("of_workspace"), _S.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in Store.__struct_fields__[2:]})
)
_PLACES = Statement(
    sa.select(_T.id, _T.store, _S.zone, _S.concept)
    .select_from(tills.outerjoin(stores, sa.and_(_S.workspace == _T.workspace, _S.id == _T.store)))
    .where(_T.workspace == bindparam("workspace"), is_in(_T.id, "tills"))
)
_STORE_BY_ID = Statement(sa.select(*_STORE).where(_S.workspace == bindparam("workspace"), _S.id == bindparam("id")))
_TILLS_OF_STORE = {
    name: Statement(
        sa.select(*_TILL)
        .select_from(tills.join(stores, sa.and_(_S.workspace == _T.workspace, _S.id == _T.store)))
        .where(_T.workspace == bindparam("workspace"), _S[name] == bindparam("value"))
        .order_by(_T.id)
        .limit(sa.literal_column("1"))
    )
    for name in ("code", "name", "external_id", "external_id_1", "external_id_2")
}


def every_store(connection: Connection, workspace: int) -> list[Store]:
    """The workspace's stores, oldest first."""
    return [struct_of(Store, row) for row in connection.rows(_STORES, workspace=workspace)]


def every_till(connection: Connection, workspace: int) -> list[Till]:
    """The workspace's tills, oldest first, without its own."""
    return [struct_of(Till, row) for row in connection.rows(_TILLS, workspace=workspace)]


def every_group(connection: Connection, workspace: int) -> list[AccessGroup]:
    """The workspace's access groups, oldest first."""
    return [_group(row) for row in connection.rows(_GROUPS, workspace=workspace)]


def till_by_id(connection: Connection, workspace: int, identifier: int) -> Till | None:
    """The till with this number."""
    row = connection.row(_TILL_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else struct_of(Till, row)


def till_by_code(connection: Connection, workspace: int, code: str) -> Till | None:
    """The till with exactly this code."""
    row = connection.row(_TILL_BY_CODE, workspace=workspace, code=code)
    return None if row is None else struct_of(Till, row)


def till_by_lookup(connection: Connection, workspace: int, where: LookupType, value: str) -> Till | None:
    """The till that goes by exactly ``value`` there."""
    row = connection.row(_TILL_BY_LOOKUP[where], workspace=workspace, value=value)
    return None if row is None else struct_of(Till, row)


def places_of(connection: Connection, workspace: int, till_numbers: Iterable[int]) -> dict[int, Place]:
    """Where those of the tills stand that the workspace has, beside its own."""
    rows = connection.rows(_PLACES, workspace=workspace, tills=list(till_numbers))
    return {row[0]: Place(*row[1:]) for row in rows}


def till_of_store(connection: Connection, workspace: int, named: StoreName, value: str) -> Till | None:
    """The oldest till of the store that ``value`` names."""
    row = connection.row(_TILLS_OF_STORE[named], workspace=workspace, value=value)
    return None if row is None else struct_of(Till, row)


def store_by_id(connection: Connection, workspace: int, identifier: int) -> Store | None:
    """The store with this number."""
    row = connection.row(_STORE_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else struct_of(Store, row)


def add_store(connection: Connection, workspace: int, store: Store) -> None:
    """Stores a new store."""
    connection.insert(_ADD_STORE, [(workspace, *msgspec.structs.astuple(store))])


def add_till(connection: Connection, workspace: int, till: Till) -> None:
    """Stores a new till."""
    connection.insert(_ADD_TILL, [(workspace, *msgspec.structs.astuple(till))])


def change_till(connection: Connection, workspace: int, till: Till) -> None:
    """Stores what has changed of a till; its number and code stay."""
    connection.execute(_CHANGE_TILL, of_workspace=workspace, of_id=till.id, **_changes(till))


def change_store(connection: Connection, workspace: int, store: Store) -> None:
    """Stores what has changed of a store; its number and code stay."""
    connection.execute(_CHANGE_STORE, of_workspace=workspace, of_id=store.id, **_changes(store))


def set_store_group(connection: Connection, workspace: int, store: int, group: int | None) -> bool:
    """Puts a store's tills into an access group, or the default one; False when there is no such store."""
    return connection.execute(_SET_STORE_GROUP, of_workspace=workspace, of_id=store, new_group=group) == 1


def put_groups(connection: Connection, workspace: int, changed: Sequence[AccessGroup]) -> None:
    """Stores access groups, over those with the same numbers."""
    rows = [
        (workspace, one.id, one.name, one.is_default, msgspec.json.encode(one.permissions).decode()) for one in changed
    ]
    connection.upsert(_PUT_GROUP, rows)


def _changes(changed: Till | Store) -> dict[str, Any]:
    return {f"new_{name}": getattr(changed, name) for name in changed.__struct_fields__[2:]}


def _group(row: Sequence[Any]) -> AccessGroup:
    permissions = msgspec.json.decode(row[3], type=dict[str, tuple[Literal["read", "write"], ...]])
    return AccessGroup(id=row[0], name=row[1], is_default=bool(row[2]), permissions=permissions)
