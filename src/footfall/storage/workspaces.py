"""Workspaces and their credentials."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from footfall.model.workspace import Credential, Principal, Workspace
from footfall.storage.connection import Connection
from footfall.storage.statement import BulkInsert, Statement
from footfall.storage.tables import credentials, workspaces

_W = workspaces.c
_C = credentials.c
_WORKSPACE = [
    _W.number,
    _W.id,
    _W.name,
    _W.timezone,
    _W.org_id,
    _W.till_id,
    _W.till_code,
    _W.property_key,
    _W.account_id,
    _W.settings,
]
_CREDENTIAL = [
    _C.id,
    _C.workspace,
    _C.kind,
    _C.name,
    _C.scopes,
    _C.created_at,
    _C.expires_at,
    _C.revoked_at,
    _C.details,
    _C.modified_at,
    _C.last_used_at,
]

_ADD_WORKSPACE = BulkInsert(workspaces)
_ADD_CREDENTIAL = BulkInsert(credentials)
_LAST_WORKSPACE = Statement(sa.select(sa.func.max(_W.number)))
_ALL = Statement(sa.select(*_WORKSPACE).order_by(_W.number))
_BY_NAME = Statement(sa.select(*_WORKSPACE).where(_W.name == bindparam("name")))
_BY_ID = Statement(sa.select(*_WORKSPACE).where(_W.id == bindparam("id")))
_BY_NUMBER = Statement(sa.select(*_WORKSPACE).where(_W.number == bindparam("number")))
_HAS_ACCOUNT = Statement(sa.select(_W.number).where(_W.account_id == bindparam("account_id")))
_BY_HASH = Statement(
    sa.select(*_WORKSPACE, *_CREDENTIAL)
    .join(credentials, _C.workspace == _W.number)
    .where(_C.hash == bindparam("hash"), _C.revoked_at.is_(None))
)
_CREDENTIALS_OF = Statement(
    sa.select(*_CREDENTIAL).where(_C.workspace == bindparam("workspace")).order_by(_C.created_at, _C.id)
)
_CREDENTIAL_BY_ID = Statement(
    sa.select(*_CREDENTIAL).where(_C.workspace == bindparam("workspace"), _C.id == bindparam("id"))
)
_REVOKE = Statement(
    sa.update(credentials)
    .where(_C.workspace == bindparam("of_workspace"), _C.id == bindparam("of_id"), _C.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_CHANGE = Statement(
    sa.update(credentials)
    .where(_C.workspace == bindparam("of_workspace"), _C.id == bindparam("of_id"), _C.revoked_at.is_(None))
    .values(
        name=bindparam("new_name"),
        scopes=bindparam("new_scopes"),
        details=bindparam("new_details"),
        expires_at=bindparam("new_expires_at"),
        modified_at=bindparam("changed_at"),
    )
)
_NOTE_USE = Statement(
    sa.update(credentials)
    .where(_C.workspace == bindparam("of_workspace"), _C.id == bindparam("of_id"))
    .values(last_used_at=bindparam("now"))
)
_SET_SETTINGS = Statement(
    sa.update(workspaces).where(_W.number == bindparam("of_number")).values(settings=bindparam("new_settings"))
)


def next_number(connection: Connection) -> int:
    """The number for a new workspace."""
    return int(connection.value(_LAST_WORKSPACE) or 0) + 1


def has_account(connection: Connection, account_id: str) -> bool:
    """Whether CleverTap's API knows a workspace by this account id."""
    return connection.row(_HAS_ACCOUNT, account_id=account_id) is not None


def add(connection: Connection, workspace: Workspace, now: int) -> None:
    """Stores a new workspace."""
    row = (
        workspace.number,
        workspace.id,
        workspace.name,
        workspace.timezone,
        workspace.org_id,
        workspace.till_id,
        workspace.till_code,
        workspace.property_key,
        workspace.account_id,
        bytes(workspace.settings).decode(),
        now,
    )
    connection.insert(_ADD_WORKSPACE, [row])


def every(connection: Connection) -> list[Workspace]:
    """All workspaces, oldest first."""
    return [_workspace(row) for row in connection.rows(_ALL)]


def by_name(connection: Connection, name: str) -> Workspace | None:
    """The workspace of this name."""
    row = connection.row(_BY_NAME, name=name)
    return None if row is None else _workspace(row)


def by_id(connection: Connection, identifier: bytes) -> Workspace | None:
    """The workspace with this id."""
    row = connection.row(_BY_ID, id=identifier)
    return None if row is None else _workspace(row)


def by_number(connection: Connection, number: int) -> Workspace | None:
    """The workspace with this number."""
    row = connection.row(_BY_NUMBER, number=number)
    return None if row is None else _workspace(row)


def add_credential(connection: Connection, credential: Credential, stored_hash: bytes) -> None:
    """Stores a credential; of its secret only ``model.secret.stored_hash``."""
    row = (
        credential.id,
        credential.workspace,
        credential.kind,
        credential.name,
        stored_hash,
        " ".join(credential.scopes),
        credential.created_at,
        credential.expires_at,
        credential.revoked_at,
        bytes(credential.details).decode(),
        credential.modified_at,
        credential.last_used_at,
    )
    connection.insert(_ADD_CREDENTIAL, [row])


def principal(connection: Connection, stored_hash: bytes) -> Principal | None:
    """Whom a presented secret proves, unless it was revoked. Expiry is for the caller to judge."""
    row = connection.row(_BY_HASH, hash=stored_hash)
    if row is None:
        return None
    return Principal(_workspace(row), _credential(row[len(_WORKSPACE) :]))


def credentials_of(connection: Connection, workspace: int) -> list[Credential]:
    """A workspace's credentials, revoked ones included, oldest first."""
    return [_credential(row) for row in connection.rows(_CREDENTIALS_OF, workspace=workspace)]


def credential_by_id(connection: Connection, workspace: int, identifier: bytes) -> Credential | None:
    """One credential of the workspace."""
    row = connection.row(_CREDENTIAL_BY_ID, workspace=workspace, id=identifier)
    return None if row is None else _credential(row)


def change_credential(connection: Connection, changed: Credential) -> bool:
    """Stores what is said of a live credential, and what it may; False when there is none with this id."""
    done = connection.execute(
        _CHANGE,
        of_workspace=changed.workspace,
        of_id=changed.id,
        new_name=changed.name,
        new_scopes=" ".join(changed.scopes),
        new_details=bytes(changed.details).decode(),
        new_expires_at=changed.expires_at,
        changed_at=changed.modified_at,
    )
    return done == 1


def note_use(connection: Connection, workspace: int, identifier: bytes, now: int) -> None:
    """Writes down when a credential was used last."""
    connection.execute(_NOTE_USE, of_workspace=workspace, of_id=identifier, now=now)


def set_settings(connection: Connection, workspace: int, settings: bytes) -> None:
    """Replaces the workspace's settings, a JSON object."""
    connection.execute(_SET_SETTINGS, of_number=workspace, new_settings=settings.decode())


def revoke(connection: Connection, workspace: int, identifier: bytes, now: int) -> bool:
    """Ends a credential; False when there is no live one with this id."""
    return connection.execute(_REVOKE, of_workspace=workspace, of_id=identifier, now=now) == 1


def _workspace(row: Sequence[Any]) -> Workspace:
    return Workspace(
        number=row[0],
        id=row[1],
        name=row[2],
        timezone=row[3],
        org_id=row[4],
        till_id=row[5],
        till_code=row[6],
        property_key=row[7],
        account_id=row[8],
        settings=msgspec.Raw(row[9]),
    )


def _credential(row: Sequence[Any]) -> Credential:
    return Credential(
        id=row[0],
        workspace=row[1],
        kind=row[2],
        name=row[3],
        scopes=tuple(row[4].split()),
        created_at=row[5],
        expires_at=row[6],
        revoked_at=row[7],
        details=msgspec.Raw(row[8]),
        modified_at=row[9],
        last_used_at=row[10],
    )
