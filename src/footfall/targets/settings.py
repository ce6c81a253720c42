"""What a workspace may choose about targets: members of ``capillary`` in its settings (contracts/capillary.md 10)."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from footfall.model.workspace import Workspace


class TargetSettings(msgspec.Struct, frozen=True):
    """``server_timezone``: whose clock the product's dates without a zone are on."""

    server_timezone: str = "UTC"
    returns_count: bool = True

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.server_timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{self.server_timezone!r} is not an IANA time zone, such as Europe/London") from None

    @property
    def server_zone(self) -> ZoneInfo:
        """``server_timezone`` as a zone."""
        return ZoneInfo(self.server_timezone)


class _Settings(msgspec.Struct, frozen=True):
    capillary: TargetSettings = TargetSettings()


def settings_of(workspace: Workspace) -> TargetSettings:
    """What the workspace has chosen."""
    return _decode(bytes(workspace.settings))


@lru_cache(maxsize=1024)
def _decode(raw: bytes) -> TargetSettings:
    return msgspec.json.decode(raw, type=_Settings).capillary
