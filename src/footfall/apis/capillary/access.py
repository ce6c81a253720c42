"""Who may see what is sensitive (contracts/capillary.md 3.4)."""

from functools import lru_cache

import msgspec

from footfall.apis.capillary.auth import PSI_ACCESS
from footfall.model.workspace import Principal


class _Own(msgspec.Struct, frozen=True):
    mask_psi: bool = False


class _Settings(msgspec.Struct, frozen=True):
    capillary: _Own = _Own()


def masks_sensitive(caller: Principal) -> bool:
    """Whether values of sensitive attributes are kept from ``caller``: its organisation masks them, and it is not let.

    A till never is; an OAuth client is when it was made with access to them.
    """
    return _decode(bytes(caller.workspace.settings)).capillary.mask_psi and not has_psi_access(caller)


def has_psi_access(caller: Principal) -> bool:
    """Whether ``caller`` may see sensitive values where they are masked."""
    return caller.credential.kind == "capillary_client" and PSI_ACCESS in caller.credential.scopes


@lru_cache(maxsize=1024)
def _decode(raw: bytes) -> _Settings:
    return msgspec.json.decode(raw, type=_Settings)
