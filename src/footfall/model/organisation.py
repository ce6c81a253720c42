"""What a workspace is made of where it is a chain of shops: stores, the tills in them, and who may do what.

Capillary's words, contracts/capillary.md 1.3 to 1.5. A workspace has a till of its own from the start
(``Workspace.till_id``), at which everything is shown to have happened that names none.
"""

from typing import Literal

import msgspec

Permission = Literal["read", "write"]

MOST_CLIENTS = 15
"""OAuth clients of an organisation."""

LONGEST_TOKEN_SECONDS = 30 * 24 * 3600
DEFAULT_TOKEN_SECONDS = 300


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """A shop. Its tills inherit its access group; None: the organisation's default one."""

    id: int
    code: str
    name: str
    external_id: str | None = None
    external_id_1: str | None = None
    external_id_2: str | None = None
    zone: str | None = None
    concept: str | None = None
    access_group: int | None = None


class Till(msgspec.Struct, frozen=True, kw_only=True):
    """Where events happen: the number that answers show, and the text that people know it by.

    ``wechat`` and ``mobile_trigger``: what it goes by there, case and all.
    """

    id: int
    code: str
    name: str
    description: str = ""
    store: int | None = None
    wechat: str | None = None
    mobile_trigger: str | None = None


class Place(msgspec.Struct, frozen=True):
    """Where a till stands: its store's number, zone and concept as far as they are known."""

    store: int | None
    zone: str | None
    concept: str | None


class AccessGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of permissions by resource. A resource that is not in it is closed."""

    id: int
    name: str
    is_default: bool
    permissions: dict[str, tuple[Permission, ...]]

    def allows(self, resource: str, permission: Permission) -> bool:
        """Whether who is in it may read, or write, ``resource``."""
        return permission in self.permissions.get(resource, ())


class TillCredential(msgspec.Struct, frozen=True):
    """What belongs to a till's credential: whose it is; None: the organisation's own till."""

    till: int | None = None


class ClientCredential(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to an OAuth client's credential.

    ``name``: what people call it; None: its key. ``default_till``: None is the organisation's own. ``falls_back``: to
    that, where a request is attributed to a till that does not exist.
    """

    name: str | None = None
    token_seconds: int = DEFAULT_TOKEN_SECONDS
    default_till: int | None = None
    access_group: int | None = None
    falls_back: bool = False
