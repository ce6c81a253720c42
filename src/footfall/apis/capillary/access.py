"""Who may see what is sensitive (contracts/capillary.md 3.4)."""

from footfall.apis.capillary.auth import PSI_ACCESS
from footfall.apis.capillary.settings import settings_of
from footfall.model.workspace import Principal


def masks_sensitive(caller: Principal) -> bool:
    """Whether values of sensitive attributes are kept from ``caller``: its organisation masks them, and it is not let.

    A till never is; an OAuth client is when it was made with access to them.
    """
    return settings_of(caller.workspace).mask_psi and not has_psi_access(caller)


def has_psi_access(caller: Principal) -> bool:
    """Whether ``caller`` may see sensitive values where they are masked."""
    return caller.credential.kind == "capillary_client" and PSI_ACCESS in caller.credential.scopes
