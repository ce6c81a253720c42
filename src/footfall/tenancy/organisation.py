"""Setting an organisation up: stores, tills, OAuth clients, access groups. Each runs in a writing transaction."""

from collections.abc import Mapping, Sequence

import msgspec

from footfall.model.organisation import (
    LONGEST_TOKEN_SECONDS,
    AccessGroup,
    ClientCredential,
    Permission,
    Store,
    Till,
    TillCredential,
)
from footfall.model.text import is_name
from footfall.model.workspace import Credential, Workspace
from footfall.storage import organisations, workspaces
from footfall.storage.connection import Connection
from footfall.tenancy.credentials import IssuedCredential, issue

_FIRST_TILL_ID = 80_000_000
_LAST_TILL_ID = 2**31 - 1  # of those given here
_LARGEST_ID = 2**53 - 1  # that every JSON reader takes for itself
_FIRST_STORE_ID = 1_000
_LONGEST = 200


class InvalidOrganisation(ValueError):  # noqa: N818
    """It cannot be set up as asked; the message says why."""


def add_store(connection: Connection, workspace: Workspace, new: Store, access_group: str | None = None) -> Store:
    """Makes a store; its number is given here. Raises InvalidOrganisation."""
    connection.lock(workspace.number)
    _check_names(new.code, new.name)
    known = organisations.every_store(connection, workspace.number)
    if any(store.code == new.code for store in known):
        raise InvalidOrganisation(f"there is a store {new.code!r} already")
    group = None if access_group is None else group_named(connection, workspace.number, access_group).id
    number = max((store.id for store in known), default=_FIRST_STORE_ID) + 1
    made = msgspec.structs.replace(new, id=number, access_group=group)
    organisations.add_store(connection, workspace.number, made)
    return made


def put_store_in_group(connection: Connection, workspace: Workspace, code: str, group: str | None) -> None:
    """Puts a store's tills into an access group; None: the default one. Raises InvalidOrganisation."""
    number = None if group is None else group_named(connection, workspace.number, group).id
    organisations.set_store_group(connection, workspace.number, store_coded(connection, workspace, code).id, number)


def add_till(
    connection: Connection, workspace: Workspace, new: Till, store: str | None = None
) -> tuple[Till, IssuedCredential]:
    """Makes a till, in the store of that code, with a credential; ``id`` 0: its number is given here.

    Raises InvalidOrganisation.
    """
    connection.lock(workspace.number)
    known = organisations.every_till(connection, workspace.number)
    if new.code == workspace.till_code or any(till.code == new.code for till in known):
        raise InvalidOrganisation(f"there is a till {new.code!r} already")
    _check_till(new, known)
    taken = {workspace.till_id, *(till.id for till in known)}
    if new.id in taken:
        raise InvalidOrganisation(f"there is a till with the number {new.id} already")
    number = new.id or max(_FIRST_TILL_ID, *(one for one in taken if one < _LAST_TILL_ID)) + 1
    of_store = None if store is None else store_coded(connection, workspace, store).id
    made = msgspec.structs.replace(new, id=number, store=of_store)
    organisations.add_till(connection, workspace.number, made)
    return made, issue_for_till(connection, workspace, new.code)


def change_till(connection: Connection, workspace: Workspace, changed: Till) -> None:
    """Changes all of a till but its number and its code. Raises InvalidOrganisation."""
    connection.lock(workspace.number)
    others = [one for one in organisations.every_till(connection, workspace.number) if one.id != changed.id]
    _check_till(changed, others)
    organisations.change_till(connection, workspace.number, changed)


def change_store(connection: Connection, workspace: Workspace, changed: Store) -> None:
    """Changes all of a store but its number and its code. Raises InvalidOrganisation."""
    connection.lock(workspace.number)
    _check_names(changed.code, changed.name)
    organisations.change_store(connection, workspace.number, changed)


def issue_for_till(
    connection: Connection, workspace: Workspace, code: str, username: str | None = None
) -> IssuedCredential:
    """One more credential for a till; the ones before go on working. Raises InvalidOrganisation."""
    number = till_coded(connection, workspace, code)
    details = msgspec.json.encode(TillCredential(number))
    name = (
        username or f"till.{number or workspace.till_id}.{len(_credentials(connection, workspace, 'capillary_till'))}"
    )
    return issue(connection, workspace, "capillary_till", name=name, details=details)


def add_client(
    connection: Connection,
    workspace: Workspace,
    details: ClientCredential,
    *,
    has_psi_access: bool = False,
    expires_at: int | None = None,
) -> IssuedCredential:
    """Makes an OAuth client. Raises InvalidOrganisation."""
    connection.lock(workspace.number)
    _check_client(details)
    scopes = ("psi",) if has_psi_access else ()
    encoded = msgspec.json.encode(details)
    return issue(connection, workspace, "capillary_client", scopes=scopes, expires_at=expires_at, details=encoded)


def change_client(
    connection: Connection, workspace: Workspace, key: str, details: ClientCredential, *, has_psi_access: bool
) -> None:
    """Changes what belongs to a client; its key and secret stay. Raises InvalidOrganisation."""
    connection.lock(workspace.number)
    _check_client(details)
    client = client_keyed(connection, workspace, key)
    scopes = ("psi",) if has_psi_access else ()
    encoded = msgspec.Raw(msgspec.json.encode(details))
    workspaces.change_credential(connection, msgspec.structs.replace(client, scopes=scopes, details=encoded))


def put_group(
    connection: Connection,
    workspace: Workspace,
    name: str,
    permissions: Mapping[str, Sequence[Permission]],
    *,
    is_default: bool | None = None,
) -> AccessGroup:
    """Makes the access group ``name``, or replaces what it permits. There is one default group at most.

    ``is_default`` None: it stays what it is. What was the default group before is so no more.

    Raises InvalidOrganisation.
    """
    connection.lock(workspace.number)
    _check_names(name)
    known = organisations.every_group(connection, workspace.number)
    before = next((group for group in known if group.name == name), None)
    number = before.id if before is not None else max((group.id for group in known), default=0) + 1
    made = AccessGroup(
        id=number,
        name=name,
        is_default=before is not None and before.is_default if is_default is None else is_default,
        permissions={resource: tuple(sorted(set(allowed))) for resource, allowed in permissions.items()},
    )
    others = [
        msgspec.structs.replace(group, is_default=False)
        for group in known
        if made.is_default and group.is_default and group.id != number
    ]
    organisations.put_groups(connection, workspace.number, [*others, made])
    return made


def group_named(connection: Connection, workspace: int, name: str) -> AccessGroup:
    """The access group of this name. Raises InvalidOrganisation."""
    for group in organisations.every_group(connection, workspace):
        if group.name == name:
            return group
    raise InvalidOrganisation(f"there is no access group {name!r}")


def store_coded(connection: Connection, workspace: Workspace, code: str) -> Store:
    """The store with this code. Raises InvalidOrganisation."""
    for store in organisations.every_store(connection, workspace.number):
        if store.code == code:
            return store
    raise InvalidOrganisation(f"there is no store {code!r}")


def till_coded(connection: Connection, workspace: Workspace, code: str) -> int | None:
    """The number of the till with this code; None: the organisation's own. Raises InvalidOrganisation."""
    if code == workspace.till_code:
        return None
    till = organisations.till_by_code(connection, workspace.number, code)
    if till is None:
        raise InvalidOrganisation(f"there is no till {code!r}")
    return till.id


def client_keyed(connection: Connection, workspace: Workspace, key: str) -> Credential:
    """The live client with this key. Raises InvalidOrganisation."""
    for client in _credentials(connection, workspace, "capillary_client"):
        if client.name == key and client.revoked_at is None:
            return client
    raise InvalidOrganisation(f"there is no OAuth client {key!r}")


def _credentials(connection: Connection, workspace: Workspace, kind: str) -> list[Credential]:
    return [one for one in workspaces.credentials_of(connection, workspace.number) if one.kind == kind]


def _check_names(*names: str) -> None:
    for name in names:
        if not is_name(name, _LONGEST):
            raise InvalidOrganisation(f"a code or name has 1 to {_LONGEST} printable characters, not {name!r}")


def _check_till(new: Till, others: Sequence[Till]) -> None:
    _check_names(new.code, new.name, *(name for name in (new.wechat, new.mobile_trigger) if name is not None))
    if not 0 <= new.id <= _LARGEST_ID:
        raise InvalidOrganisation(f"a till's number is 1 to {_LARGEST_ID}")
    for where in ("wechat", "mobile_trigger"):
        value = getattr(new, where)
        if value is not None and any(getattr(other, where) == value for other in others):
            raise InvalidOrganisation(f"there is a till with {where.replace('_', ' ')} {value!r} already")


def _check_client(details: ClientCredential) -> None:
    if details.name is not None:
        _check_names(details.name)
    if not 1 <= details.token_seconds <= LONGEST_TOKEN_SECONDS:
        raise InvalidOrganisation(f"a token lasts 1 to {LONGEST_TOKEN_SECONDS} seconds (30 days)")
