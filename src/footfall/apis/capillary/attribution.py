"""At which till a request of an OAuth client happens (contracts/capillary.md 1.4)."""

import msgspec

from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.http import AnyRequest, header
from footfall.model.organisation import Till
from footfall.model.workspace import Workspace
from footfall.storage import organisations
from footfall.storage.connection import Connection
from footfall.storage.organisations import LookupType, StoreName

LOOKUP_TYPE_REQUIRED = 1061

PREFIX = "X-CAP-API-ATTRIBUTION-"

_PREFIX = PREFIX.lower().encode()
_TILLS = frozenset({"", "TILL", "TILL_CODE"})
_LOOKUPS: dict[str, LookupType] = {"LOOKUP WECHAT": "wechat", "LOOKUP MOBILE_TRIGGER": "mobile_trigger"}
_STORES: dict[str, StoreName] = {
    "STORE_CODE": "code",
    "STORE_NAME": "name",
    "STORE_EXTERNAL_ID": "external_id",
    "STORE_EXTERNAL_ID_1": "external_id_1",
    "STORE_EXTERNAL_ID_2": "external_id_2",
}


class Attribution(msgspec.Struct, frozen=True):
    """What the headers name: an entity of a type, or the look-up of a value."""

    kind: str
    code: str


def attribution_of(request: AnyRequest) -> Attribution | None:
    """What the request is attributed to, if anything. Raises CapillaryError for a look-up of no type."""
    if not any(name.startswith(_PREFIX) for name, _ in request.scope["headers"]):
        return None
    code = _text(request, b"entity-code")
    if code:
        return Attribution(_text(request, b"entity-type").upper(), code)
    till = _text(request, b"till-code")
    if till:
        return Attribution("TILL", till)
    lookup = _text(request, b"lookup")
    if not lookup:
        return None
    kind = _text(request, b"lookup-type")
    if not kind:
        raise CapillaryError(400, LOOKUP_TYPE_REQUIRED, "Attribution lookup type header is required")
    return Attribution(f"LOOKUP {kind.upper()}", lookup)


def own_till(workspace: Workspace) -> Till:
    """The till that an organisation has from the start."""
    return Till(id=workspace.till_id, code=workspace.till_code, name=workspace.till_code)


def till_of(connection: Connection, workspace: Workspace, asked: Attribution) -> Till | None:
    """The till that is asked for; of a store: its oldest one. None where there is none."""
    if asked.kind in _TILLS:
        if asked.code == workspace.till_code:
            return own_till(workspace)
        return organisations.till_by_code(connection, workspace.number, asked.code)
    if (lookup := _LOOKUPS.get(asked.kind)) is not None:
        return organisations.till_by_lookup(connection, workspace.number, lookup, asked.code)
    named = _STORES.get(asked.kind)
    return None if named is None else organisations.till_of_store(connection, workspace.number, named, asked.code)


def acting_till(asked: Attribution | None, found: Till | None, default: Till, *, falls_back: bool) -> Till:
    """The till that acts for an OAuth client: the one asked for; its default one where none was, or it may fall back.

    Raises CapillaryError where the one asked for does not exist.
    """
    if found is not None:
        return found
    if asked is None or falls_back:
        return default
    raise CapillaryError(400, 400, f"Invalid attribution: no till for {asked.code!r}")


def _text(request: AnyRequest, name: bytes) -> str:
    value = header(request, _PREFIX + name)
    if value is None:
        return ""
    try:
        return value.decode().strip()  # names of stores need not be ASCII
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()
