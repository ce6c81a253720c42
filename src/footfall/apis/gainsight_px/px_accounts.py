"""Accounts as this product shows and changes them (contracts/gainsight_px.md 5.2)."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from footfall.apis.gainsight_px import users
from footfall.apis.gainsight_px.errors import BadRequest, NotFound
from footfall.apis.gainsight_px.field_values import shown_value
from footfall.apis.gainsight_px.record_body import Sent, text_of
from footfall.apis.gainsight_px.record_fields import ACCOUNT, CUSTOM
from footfall.apis.gainsight_px.users import REVIVABLE, empty_of, merged
from footfall.model import instant
from footfall.model.account import Account
from footfall.model.workspace import Workspace
from footfall.storage import accounts, customers, people_search
from footfall.storage.connection import Connection

_HARD = "hardDeleted"
_AT_ONCE = 1_000
_NOTHING = Raw(b"{}")

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


def shown(row: Sequence[Any], workspace: Workspace) -> dict[str, object]:
    """The account in a row of ``storage.people_search``."""
    account = accounts.account_of(row)
    own = _members(account.fields)
    created_at = account.created_at // instant.MILLISECOND
    known: dict[str, object] = {
        "id": account.id,
        "lastSeenDate": row[-2] or 0,
        "numberOfUsers": row[-1],
        "createDate": created_at,
        "lastModifiedDate": created_at if account.modified_at is None else account.modified_at // instant.MILLISECOND,
        CUSTOM: None if bytes(account.properties) == b"{}" else account.properties,
    }
    if "propertyKeys" not in own:
        known["propertyKeys"] = [workspace.property_key]
    return {
        field.name: known[field.name]
        if field.name in known
        else shown_value(own.get(field.name), field.kind, empty_of(field.kind, field.values))
        for field in ACCOUNT.fields
    }


def find(connection: Connection, workspace: Workspace, identifier: str) -> dict[str, object]:
    """The account of this id. Raises NotFound."""
    row = people_search.one(connection, "account", workspace.number, identifier)
    if row is None:
        raise _not_found(identifier)
    return shown(row, workspace)


def create(connection: Connection, workspace: Workspace, sent: Sent) -> str:
    """Makes an account, or revives one deleted a short while ago; its id. Raises BadRequest for a duplicate."""
    connection.lock(workspace.number)
    identifier = text_of(sent["id"])
    known = accounts.by_id(connection, workspace.number, identifier)
    if known is not None and _is_living(known):
        raise BadRequest(f"Account already exists for parameters {{id={identifier}}}")
    if known is None or not _is_revivable(known):
        known = Account(
            workspace=workspace.number,
            id=identifier,
            registered=True,
            created_at=instant.now(),
            modified_at=None,
            deleted_at=None,
            fields=_NOTHING,
            properties=_NOTHING,
        )
    _store(connection, known, sent)
    return identifier


def update(connection: Connection, workspace: Workspace, identifier: str, sent: Sent) -> None:
    """Changes what was sent of an account, which may have been deleted a short while ago. Raises NotFound."""
    connection.lock(workspace.number)
    known = accounts.by_id(connection, workspace.number, identifier)
    if known is None or not (_is_living(known) or _is_revivable(known)):
        raise _not_found(identifier)
    _store(connection, known, sent)


def delete(connection: Connection, workspace: Workspace, identifier: str, *, hard: bool) -> None:
    """Deletes an account and its users; ``hard``: for good. Raises NotFound."""
    number = workspace.number
    connection.lock(number)
    known = accounts.by_id(connection, number, identifier)
    if known is None or not _is_living(known):
        raise _not_found(identifier)
    fields = Raw(_encode(_members(known.fields) | {_HARD: Raw(b"true")})) if hard else known.fields
    accounts.store(connection, replace(known, deleted_at=instant.now(), fields=fields))
    while own := customers.of_account(connection, number, identifier, _AT_ONCE):
        users.delete_all(connection, number, own, hard=hard)


def _store(connection: Connection, known: Account, sent: Sent) -> None:
    fields = _members(known.fields)
    for name, raw in sent.items():
        if name in ("id", CUSTOM):
            continue
        if raw is None:
            fields.pop(name, None)
        else:
            fields[name] = raw
    properties = merged(known.properties, sent[CUSTOM]) if CUSTOM in sent else known.properties
    accounts.store(
        connection,
        replace(
            known,
            registered=True,
            modified_at=instant.now(),
            deleted_at=None,
            fields=Raw(_encode(fields)),
            properties=properties,
        ),
    )


def _is_living(account: Account) -> bool:
    return account.registered and account.deleted_at is None


def _is_revivable(account: Account) -> bool:
    if account.deleted_at is None or _HARD in _members(account.fields):
        return False
    return instant.now() - account.deleted_at <= REVIVABLE


def _not_found(identifier: str) -> NotFound:
    return NotFound(f"Account was not found for parameters {{id={identifier}}}")
