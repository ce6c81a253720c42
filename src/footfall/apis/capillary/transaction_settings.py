"""What a workspace may choose about customers and bills: members of ``capillary`` in its settings."""

from functools import lru_cache

import msgspec

from footfall.model import instant
from footfall.model.workspace import Workspace


class BillSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``furthest_back_days`` and ``furthest_ahead_days``: how a bill may be dated; None: anyhow.

    Without ``returns_need_bill``, what takes back a bill that nobody knows is stored, with a warning.
    ``default_customer_status``: while there is none, the product warns of it whenever it registers a customer.
    """

    furthest_back_days: float | None = None
    furthest_ahead_days: float | None = 1
    returns_need_bill: bool = True
    default_customer_status: str | None = None

    def is_too_far_back(self, moment: int, now: int) -> bool:
        """Whether a bill of ``moment`` is too old."""
        return self.furthest_back_days is not None and moment < now - self.furthest_back_days * instant.DAY

    def is_too_far_ahead(self, moment: int, now: int) -> bool:
        """Whether a bill of ``moment`` is too far in the future."""
        return self.furthest_ahead_days is not None and moment > now + self.furthest_ahead_days * instant.DAY


class _Settings(msgspec.Struct, frozen=True):
    capillary: BillSettings = BillSettings()


def bill_settings(workspace: Workspace) -> BillSettings:
    """What the workspace has chosen."""
    return _decode(bytes(workspace.settings))


@lru_cache(maxsize=1024)
def _decode(raw: bytes) -> BillSettings:
    return msgspec.json.decode(raw, type=_Settings).capillary
