"""``footfall capillary access-group``."""

from collections.abc import Sequence
from typing import cast

import click
import msgspec

from footfall.apis.capillary.permissions import RESOURCES
from footfall.cli.capillary.group import changing, tell, tell_all, workspace_option
from footfall.cli.options import database_option, find_workspace, json_option, opened
from footfall.model.organisation import Permission
from footfall.storage import organisations
from footfall.tenancy.organisation import put_group

_EVERY = "*"


@click.group("access-group")
def access_group() -> None:
    """Access groups: who may read and write what. Without any, whoever is authenticated may do everything."""


@access_group.command("set")
@click.argument("name")
@workspace_option
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="RESOURCE:PERMISSION",
    help="May be repeated, such as 'Behavioural Events:read' or '*:write'; what is not named is closed.",
)
@click.option(
    "--default/--no-default",
    "is_default",
    default=None,
    help="Whether it holds for all that have no group of their own.  [default: as before]",
)
@json_option
@database_option
def set_group(
    name: str, workspace: str, allowed: tuple[str, ...], is_default: bool | None, as_json: bool, database: str
) -> None:
    """Make the access group NAME, or replace what it permits. It holds everywhere within a second."""
    permissions = _permissions(allowed)
    with changing(database, workspace) as (owner, capture):
        made = capture.change_now(put_group, owner, name, permissions, is_default=is_default)
    shown = {"name": made.name, "is_default": made.is_default, "permissions": made.permissions}
    tell(shown, as_json=as_json)


@access_group.command("list")
@workspace_option
@json_option
@database_option
def list_groups(workspace: str, as_json: bool, database: str) -> None:
    """List the access groups."""
    with opened(database) as store:
        found = store.read(organisations.every_group, find_workspace(store, workspace).number)
    shown: list[dict[str, object]] = [
        {"name": one.name, "is_default": one.is_default, "permissions": one.permissions} for one in found
    ]
    tell_all(shown, as_json=as_json)


@access_group.command()
@json_option
def resources(as_json: bool) -> None:
    """List the resources that can be named."""
    if as_json:
        click.echo(msgspec.json.encode(RESOURCES))
        return
    for resource in RESOURCES:
        click.echo(resource)


def _permissions(allowed: Sequence[str]) -> dict[str, list[Permission]]:
    permissions: dict[str, list[Permission]] = {}
    for text in allowed:
        resource, _, permission = text.rpartition(":")
        if permission not in ("read", "write") or (resource != _EVERY and resource not in RESOURCES):
            message = f"{text!r} is not RESOURCE:read or RESOURCE:write; see: footfall capillary access-group resources"
            raise click.BadParameter(message, param_hint="--allow")
        for each in RESOURCES if resource == _EVERY else (resource,):
            permissions.setdefault(each, []).append(cast("Permission", permission))
    return permissions
