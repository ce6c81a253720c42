"""``footfall credential``: what proves a workspace."""

import click
import msgspec

from footfall.cli.options import database_option, find_workspace, json_option, opened, writing
from footfall.model import identifiers, instant
from footfall.model.workspace import Credential, CredentialKind
from footfall.storage import workspaces
from footfall.tenancy.credentials import KINDS, InvalidCredential, issue

workspace_option = click.option("--workspace", required=True, metavar="NAME", help="Name or id of the workspace.")


@click.group()
def credential() -> None:
    """Make, list and revoke credentials."""


@credential.command("list")
@workspace_option
@json_option
@database_option
def list_command(workspace: str, as_json: bool, database: str) -> None:
    """List the credentials of a workspace, without their secrets."""
    with opened(database) as store:
        found = store.read(workspaces.credentials_of, find_workspace(store, workspace).number)
    if as_json:
        click.echo(msgspec.json.encode([_public(one) for one in found]))
        return
    for one in found:
        state = "live" if one.revoked_at is None else f"revoked {_time(one.revoked_at)}"
        click.echo(f"{identifiers.to_text(one.id)}  {one.kind:<18}  {one.name}  {' '.join(one.scopes)}  {state}")


@credential.command()
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@workspace_option
@click.option("--name", help="A label; of a capillary_till: its user name.")
@click.option("--scope", "scopes", multiple=True, help="May be repeated; all that the kind has by default.")
@json_option
@database_option
def create(
    kind: CredentialKind, workspace: str, name: str | None, scopes: tuple[str, ...], as_json: bool, database: str
) -> None:
    """Make a credential. The secret is printed this once.

    KIND: capillary_till, capillary_client, gainsight_px_key, clevertap_passcode, rapidly_token or footfall_token.
    """
    with writing(database) as (store, capture):
        owner = find_workspace(store, workspace)
        try:
            issued = capture.change_now(issue, owner, kind, name=name, scopes=tuple(dict.fromkeys(scopes)) or None)
        except InvalidCredential as error:
            raise click.ClickException(str(error)) from error
    shown = {**_public(issued.credential), "secret": issued.secret}
    if as_json:
        click.echo(msgspec.json.encode(shown))
        return
    click.echo("The secret is shown only now. Keep it.")
    shown["scopes"] = " ".join(issued.credential.scopes)
    for key in ("id", "kind", "name", "scopes", "secret"):
        click.echo(f"  {key:<12} {shown[key]}")


@credential.command()
@click.argument("identifier", metavar="ID")
@workspace_option
@json_option
@database_option
def revoke(identifier: str, workspace: str, as_json: bool, database: str) -> None:
    """End the credential ID; it stops working everywhere within a second."""
    key = identifiers.from_text(identifier)
    with writing(database) as (store, capture):
        owner = find_workspace(store, workspace)
        if key is None or not capture.change_now(workspaces.revoke, owner.number, key, instant.now()):
            raise click.ClickException(f"workspace {owner.name!r} has no live credential {identifier}")
    click.echo(msgspec.json.encode({"revoked": identifier}) if as_json else f"revoked {identifier}")


def _public(one: Credential) -> dict[str, object]:
    return {
        "id": identifiers.to_text(one.id),
        "kind": one.kind,
        "name": one.name,
        "scopes": list(one.scopes),
        "created_at": _time(one.created_at),
        "revoked_at": None if one.revoked_at is None else _time(one.revoked_at),
    }


def _time(moment: int) -> str:
    return instant.to_datetime(moment).isoformat(timespec="seconds")
