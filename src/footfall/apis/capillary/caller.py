"""Who is asking, where, and what they may: a credential together with its till and its access group."""

from functools import lru_cache

import msgspec

from footfall.apis.capillary.attribution import Attribution, acting_till, own_till, till_of
from footfall.model.organisation import AccessGroup, ClientCredential, Till, TillCredential
from footfall.model.workspace import Credential, Principal, Workspace
from footfall.storage import organisations
from footfall.storage.connection import Connection

PSI_ACCESS = "psi"
"""The scope of a client that may read sensitive values unmasked."""


class AccessSettings(msgspec.Struct, frozen=True):
    """``basic``: whether tills may prove themselves by Basic; members of ``capillary`` in a workspace's settings."""

    basic: bool = True


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated till or OAuth client. ``group`` None: the organisation has no access groups, all is open."""

    workspace: Workspace
    credential: Credential
    till: Till
    group: AccessGroup | None

    @property
    def has_psi_access(self) -> bool:
        """Whether sensitive values are shown where the organisation masks them; to a till they never are."""
        return self.credential.kind == "capillary_client" and PSI_ACCESS in self.credential.scopes


class _Settings(msgspec.Struct, frozen=True):
    capillary: AccessSettings = AccessSettings()


def access_settings(workspace: Workspace) -> AccessSettings:
    """What the organisation has chosen."""
    return _decode(bytes(workspace.settings))


def caller_of(connection: Connection, principal: Principal, asked: Attribution | None) -> Caller | None:
    """The caller behind a credential that is good; None for a till where the organisation has switched Basic off.

    Raises CapillaryError where a client's request is attributed to a till that does not exist.
    """
    workspace, credential = principal.workspace, principal.credential
    if credential.kind == "capillary_till":
        if not access_settings(workspace).basic:
            return None
        till = _till(connection, workspace, till_details(credential).till)
        store = None if till.store is None else organisations.store_by_id(connection, workspace.number, till.store)
        group = None if store is None else store.access_group
    else:
        details = client_details(credential)
        default = _till(connection, workspace, details.default_till)
        found = None if asked is None else till_of(connection, workspace, asked)
        till = acting_till(asked, found, default, falls_back=details.falls_back)
        group = details.access_group
    return Caller(
        workspace=workspace, credential=credential, till=till, group=_group(connection, workspace.number, group)
    )


def till_details(credential: Credential) -> TillCredential:
    """What belongs to a till's credential."""
    return msgspec.json.decode(credential.details, type=TillCredential)


def client_details(credential: Credential) -> ClientCredential:
    """What belongs to an OAuth client's credential."""
    return msgspec.json.decode(credential.details, type=ClientCredential)


def _till(connection: Connection, workspace: Workspace, number: int | None) -> Till:
    found = None if number is None else organisations.till_by_id(connection, workspace.number, number)
    return own_till(workspace) if found is None else found


def _group(connection: Connection, workspace: int, number: int | None) -> AccessGroup | None:
    """The group of this number, else the default one."""
    groups = organisations.every_group(connection, workspace)
    wanted = (group for group in groups if (group.id == number if number is not None else group.is_default))
    return next(wanted, None)


@lru_cache(maxsize=1024)
def _decode(raw: bytes) -> AccessSettings:
    return msgspec.json.decode(raw, type=_Settings).capillary
