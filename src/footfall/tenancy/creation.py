"""Making a workspace: one tenant with the names and credentials that every product needs."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from footfall.model import identifiers, instant, secret
from footfall.model.text import is_name
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.storage.connection import WHOLE_STORE, Connection
from footfall.tenancy.credentials import issue

_FIRST_ORG_ID = 100_000
_FIRST_TILL_ID = 75_000_000
_LONGEST_NAME = 200


class InvalidWorkspace(ValueError):  # noqa: N818
    """The workspace cannot be made as asked; the message says why."""


class WorkspacePart(msgspec.Struct, frozen=True):
    """The workspace itself."""

    id: str
    name: str
    timezone: str


class CapillaryPart(msgspec.Struct, frozen=True):
    """What a Capillary client needs."""

    org_id: int
    till_id: int
    till_code: str
    till_username: str
    till_password: str
    client_key: str
    client_secret: str


class GainsightPxPart(msgspec.Struct, frozen=True):
    """What a Gainsight PX client needs."""

    property_key: str
    api_key: str


class CleverTapPart(msgspec.Struct, frozen=True):
    """What a CleverTap client needs."""

    account_id: str
    passcode: str


class RapidlyPart(msgspec.Struct, frozen=True):
    """What a Rapidly client needs."""

    workspace_id: str
    token: str


class FootfallPart(msgspec.Struct, frozen=True):
    """What a client of Footfall's own API needs."""

    token: str


class NewWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace just made, with every secret: shown once, stored nowhere."""

    workspace: WorkspacePart
    capillary: CapillaryPart
    gainsight_px: GainsightPxPart
    clevertap: CleverTapPart
    rapidly: RapidlyPart
    footfall: FootfallPart


def create(connection: Connection, name: str, timezone: str = "UTC") -> NewWorkspace:
    """Makes the workspace ``name``. Raises InvalidWorkspace for a name in use or an unknown IANA ``timezone``."""
    connection.lock(WHOLE_STORE)
    _check(connection, name, timezone)
    number = workspaces.next_number(connection)
    now = instant.now()
    workspace = Workspace(
        number=number,
        id=identifiers.new_id(now // instant.MILLISECOND),
        name=name,
        timezone=timezone,
        org_id=_FIRST_ORG_ID + number,
        till_id=_FIRST_TILL_ID + number,
        till_code=f"till_{number}",
        property_key=secret.new_property_key(),
        account_id=secret.new_clevertap_account_id(),
    )
    workspaces.add(connection, workspace, now)
    till = issue(connection, workspace, "capillary_till")
    client = issue(connection, workspace, "capillary_client")
    identifier = identifiers.to_text(workspace.id)
    return NewWorkspace(
        workspace=WorkspacePart(identifier, name, timezone),
        capillary=CapillaryPart(
            org_id=workspace.org_id,
            till_id=workspace.till_id,
            till_code=workspace.till_code,
            till_username=till.credential.name,
            till_password=till.secret,
            client_key=client.credential.name,
            client_secret=client.secret,
        ),
        gainsight_px=GainsightPxPart(workspace.property_key, issue(connection, workspace, "gainsight_px_key").secret),
        clevertap=CleverTapPart(workspace.account_id, issue(connection, workspace, "clevertap_passcode").secret),
        rapidly=RapidlyPart(identifier, issue(connection, workspace, "rapidly_token").secret),
        footfall=FootfallPart(issue(connection, workspace, "footfall_token").secret),
    )


def _check(connection: Connection, name: str, timezone: str) -> None:
    if not is_name(name, _LONGEST_NAME):
        raise InvalidWorkspace(
            f"a workspace's name has 1 to {_LONGEST_NAME} characters, all printable, and no blanks around it"
        )
    if workspaces.by_name(connection, name) is not None:
        raise InvalidWorkspace(f"there is a workspace named {name!r} already")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidWorkspace(f"{timezone!r} is not an IANA time zone, such as Europe/London") from error
