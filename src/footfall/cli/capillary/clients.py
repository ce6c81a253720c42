"""``footfall capillary client`` and ``rotate-key``."""

from datetime import timedelta

import click
import msgspec

from footfall.apis.capillary.caller import PSI_ACCESS, client_details
from footfall.apis.capillary.signing_keys import new_pem, rotate
from footfall.cli.capillary.group import changing, tell, tell_all, tell_done, workspace_option
from footfall.cli.options import database_option, find_workspace, json_option, opened, writing
from footfall.model import instant
from footfall.model.organisation import DEFAULT_TOKEN_SECONDS, ClientCredential
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.storage.connection import Connection
from footfall.tenancy.credentials import IssuedCredential
from footfall.tenancy.organisation import add_client, change_client, client_keyed, group_named, till_coded


@click.group()
def client() -> None:
    """OAuth clients, which exchange their key and secret for tokens."""


@client.command("create")
@workspace_option
@click.option("--name", metavar="TEXT", help="What people call it; the subject of its tokens.  [default: its key]")
@click.option(
    "--token-seconds",
    default=DEFAULT_TOKEN_SECONDS,
    show_default=True,
    type=int,
    help="How long its tokens last; up to 30 days.",
)
@click.option("--till", metavar="CODE", help="Where it acts unless a request says otherwise.  [default: the own till]")
@click.option("--access-group", metavar="NAME", help="What it may do.  [default: the default group]")
@click.option("--psi-access", is_flag=True, help="It sees sensitive values where they are masked.")
@click.option("--fall-back", is_flag=True, help="It acts at its till where a request names one that does not exist.")
@click.option("--expires-in-days", type=click.FloatRange(min=0, min_open=True), help="When it ends.  [default: never]")
@json_option
@database_option
def create_client(
    workspace: str,
    name: str | None,
    token_seconds: int,
    till: str | None,
    access_group: str | None,
    psi_access: bool,
    fall_back: bool,
    expires_in_days: float | None,
    as_json: bool,
    database: str,
) -> None:
    """Make a client. Its secret is printed this once. An organisation has at most 15."""
    ends = None if expires_in_days is None else instant.now() + round(expires_in_days * instant.DAY)

    def make(connection: Connection, owner: Workspace) -> IssuedCredential:
        details = ClientCredential(
            name=name,
            token_seconds=token_seconds,
            default_till=None if till is None else till_coded(connection, owner, till),
            access_group=None if access_group is None else group_named(connection, owner.number, access_group).id,
            falls_back=fall_back,
        )
        return add_client(connection, owner, details, has_psi_access=psi_access, expires_at=ends)

    with changing(database, workspace) as (owner, capture):
        issued = capture.change_now(make, owner)
    tell({"key": issued.credential.name, "secret": issued.secret, "token_seconds": token_seconds}, as_json=as_json)


@client.command("change")
@click.argument("key")
@workspace_option
@click.option("--name", metavar="TEXT", help="What people call it.")
@click.option("--token-seconds", type=int, help="How long its tokens last; up to 30 days.")
@click.option("--till", metavar="CODE", help="Where it acts unless a request says otherwise.")
@click.option("--access-group", metavar="NAME", help="What it may do; an empty NAME is the default group.")
@click.option("--psi-access/--no-psi-access", default=None, help="Whether it sees sensitive values.")
@click.option("--fall-back/--no-fall-back", default=None, help="Whether it acts at its till instead of a missing one.")
@json_option
@database_option
def change(
    key: str,
    workspace: str,
    name: str | None,
    token_seconds: int | None,
    till: str | None,
    access_group: str | None,
    psi_access: bool | None,
    fall_back: bool | None,
    as_json: bool,
    database: str,
) -> None:
    """Change the client KEY; what is not named stays. Tokens that are out follow within a second."""

    def apply(connection: Connection, owner: Workspace) -> None:
        found = client_keyed(connection, owner, key)
        changed = client_details(found)
        if name is not None:
            changed = msgspec.structs.replace(changed, name=name)
        if token_seconds is not None:
            changed = msgspec.structs.replace(changed, token_seconds=token_seconds)
        if till is not None:
            changed = msgspec.structs.replace(changed, default_till=till_coded(connection, owner, till))
        if access_group is not None:
            group = group_named(connection, owner.number, access_group).id if access_group else None
            changed = msgspec.structs.replace(changed, access_group=group)
        if fall_back is not None:
            changed = msgspec.structs.replace(changed, falls_back=fall_back)
        has_access = PSI_ACCESS in found.scopes if psi_access is None else psi_access
        change_client(connection, owner, key, changed, has_psi_access=has_access)

    with changing(database, workspace) as (owner, capture):
        capture.change_now(apply, owner)
    tell_done(key, as_json=as_json)


@client.command("revoke")
@click.argument("key")
@workspace_option
@json_option
@database_option
def revoke_client(key: str, workspace: str, as_json: bool, database: str) -> None:
    """End the client KEY; its tokens end with it, everywhere within a second."""

    def apply(connection: Connection, owner: Workspace) -> None:
        found = client_keyed(connection, owner, key)
        workspaces.revoke(connection, owner.number, found.id, instant.now())

    with changing(database, workspace) as (owner, capture):
        capture.change_now(apply, owner)
    tell_done(key, as_json=as_json)


@client.command("list")
@workspace_option
@json_option
@database_option
def list_clients(workspace: str, as_json: bool, database: str) -> None:
    """List the live clients, without their secrets."""
    with opened(database) as store:
        found = store.read(workspaces.credentials_of, find_workspace(store, workspace).number)
    live = [one for one in found if one.kind == "capillary_client" and one.revoked_at is None]
    tell_all(
        [
            {
                "key": one.name,
                **msgspec.to_builtins(client_details(one)),
                "psi_access": PSI_ACCESS in one.scopes,
                "ends_in": None
                if one.expires_at is None
                else str(timedelta(microseconds=one.expires_at - instant.now())),
            }
            for one in live
        ],
        as_json=as_json,
    )


@click.command("rotate-key")
@click.option("--forget-others", is_flag=True, help="Tokens that earlier keys have signed end within a second.")
@json_option
@database_option
def rotate_key(forget_others: bool, as_json: bool, database: str) -> None:
    """Sign OAuth tokens with a new key from now on. Tokens that are out stay valid until they end."""
    with writing(database) as (_, capture):
        key_id = capture.change_now(rotate, new_pem(), forget_others=forget_others)
    tell({"kid": key_id}, as_json=as_json)
