"""``footfall workspace``: tenants."""

import click
import msgspec

from footfall.cli.options import database_option, find_workspace, json_option, opened, writing
from footfall.cli.workspace_settings import InvalidSetting, changed, fields
from footfall.model import identifiers
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.tenancy.creation import InvalidWorkspace, NewWorkspace, create


@click.group()
def workspace() -> None:
    """Make and look at workspaces (tenants)."""


@workspace.command("create")
@click.argument("name")
@click.option("--timezone", default="UTC", show_default=True, metavar="ZONE", help="IANA zone of CleverTap's days.")
@json_option
@database_option
def create_command(name: str, timezone: str, as_json: bool, database: str) -> None:
    """Make the workspace NAME, with credentials for every product. Secrets are printed this once."""
    with writing(database) as (_, capture):
        try:
            made = capture.change_now(create, name, timezone)
        except InvalidWorkspace as error:
            raise click.ClickException(str(error)) from error
    click.echo(msgspec.json.encode(made) if as_json else _as_text(made))


@workspace.command("list")
@json_option
@database_option
def list_command(as_json: bool, database: str) -> None:
    """List all workspaces."""
    with opened(database) as store:
        found = store.read(workspaces.every)
    if as_json:
        click.echo(msgspec.json.encode([_public(one) for one in found]))
        return
    for one in found:
        click.echo(f"{identifiers.to_text(one.id)}  {one.name}  {one.timezone}")


@workspace.command()
@click.argument("name")
@json_option
@database_option
def show(name: str, as_json: bool, database: str) -> None:
    """Show the workspace NAME (or id): the names that each product knows it by, no secrets."""
    with opened(database) as store:
        found = _public(find_workspace(store, name))
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    for product, names in found.items():
        click.echo(product)
        for key, value in names.items():
            click.echo(f"  {key:<14} {value}")


@workspace.command()
@click.argument("name")
@click.argument("changes", nargs=-1, metavar="[SETTING=VALUE]...")
@json_option
@database_option
def configure(name: str, changes: tuple[str, ...], as_json: bool, database: str) -> None:
    """Choose for the workspace NAME, such as capillary.basic=false; SETTING= goes back to the default.

    Shows all that may be chosen, and what is. It holds everywhere within a second.
    """
    with writing(database) as (store, capture):
        owner = find_workspace(store, name)
        chosen = bytes(owner.settings)
        try:
            for change in changes:
                setting, equals, value = change.partition("=")
                if not equals:
                    raise click.BadParameter(f"{change!r} is not SETTING=VALUE", param_hint="SETTING=VALUE")
                chosen = changed(chosen, setting, value or None)
        except InvalidSetting as error:
            raise click.ClickException(str(error)) from error
        if changes:
            capture.change_now(workspaces.set_settings, owner.number, chosen)
    own = msgspec.json.decode(chosen, type=dict[str, dict[str, object]])
    shown = {}
    for setting, (_, default) in fields().items():
        product, _, member = setting.partition(".")
        shown[setting] = own.get(product, {}).get(member, default)
    if as_json:
        click.echo(msgspec.json.encode(shown))
        return
    for setting, current in shown.items():
        click.echo(f"  {setting:<32} {msgspec.json.encode(current).decode()}")


def _public(one: Workspace) -> dict[str, dict[str, object]]:
    identifier = identifiers.to_text(one.id)
    return {
        "workspace": {"id": identifier, "name": one.name, "timezone": one.timezone},
        "capillary": {"org_id": one.org_id, "till_id": one.till_id, "till_code": one.till_code},
        "gainsight_px": {"property_key": one.property_key},
        "clevertap": {"account_id": one.account_id},
        "rapidly": {"workspace_id": identifier},
    }


def _as_text(made: NewWorkspace) -> str:
    lines = ["Secrets are shown only now. Keep them.", ""]
    for product, names in msgspec.to_builtins(made).items():
        lines.append(product)
        lines += [f"  {key:<14} {value}" for key, value in names.items()]
    return "\n".join(lines)
