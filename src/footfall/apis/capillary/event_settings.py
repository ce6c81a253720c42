"""What an organisation may choose about behavioural events: members of ``capillary`` in its workspace's settings."""

from functools import lru_cache

import msgspec

from footfall.apis.capillary.caller import Caller
from footfall.model.workspace import Workspace


class EventSettings(msgspec.Struct, frozen=True):
    """``mask_psi``: sensitive values are kept from callers without access to them. The limits are the product's."""

    mask_psi: bool = False
    most_events: int = 10  # active ones, without standard events
    most_attributes: int = 20  # of an event, beside its customer


class _Settings(msgspec.Struct, frozen=True):
    capillary: EventSettings = EventSettings()


def settings_of(workspace: Workspace) -> EventSettings:
    """What the organisation has chosen."""
    return _decode(bytes(workspace.settings))


def masks_sensitive(caller: Caller) -> bool:
    """Whether values of sensitive attributes are kept from ``caller`` (contracts/capillary.md 3.4)."""
    return settings_of(caller.workspace).mask_psi and not caller.has_psi_access


@lru_cache(maxsize=1024)
def _decode(raw: bytes) -> EventSettings:
    return msgspec.json.decode(raw, type=_Settings).capillary
