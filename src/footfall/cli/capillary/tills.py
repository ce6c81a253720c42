"""``footfall capillary till`` and ``store``."""

from typing import Any

import click
import msgspec

from footfall.cli.capillary.group import changing, tell, tell_all, tell_done, till_secret, workspace_option
from footfall.cli.options import database_option, find_workspace, json_option, opened
from footfall.model.organisation import Store, Till
from footfall.model.workspace import Workspace
from footfall.storage import organisations
from footfall.storage.connection import Connection
from footfall.tenancy.organisation import (
    InvalidOrganisation,
    add_store,
    add_till,
    change_store,
    change_till,
    issue_for_till,
    put_store_in_group,
    store_coded,
)


@click.group()
def store() -> None:
    """Stores: the shops that tills are in."""


@store.command("create")
@click.argument("code")
@workspace_option
@click.option("--name", metavar="TEXT", help="What people call it.  [default: CODE]")
@click.option("--external-id", metavar="TEXT", help="Its name elsewhere.")
@click.option("--external-id-1", metavar="TEXT", help="A second name elsewhere.")
@click.option("--external-id-2", metavar="TEXT", help="A third name elsewhere.")
@click.option("--zone", metavar="TEXT", help="The zone that targets may ask for.")
@click.option("--concept", metavar="TEXT", help="The concept that targets may ask for.")
@click.option("--access-group", metavar="NAME", help="What its tills may do.  [default: the default group]")
@json_option
@database_option
def create_store(
    code: str,
    workspace: str,
    name: str | None,
    access_group: str | None,
    as_json: bool,
    database: str,
    **others: str | None,
) -> None:
    """Make the store CODE."""
    new = msgspec.structs.replace(Store(id=0, code=code, name=name or code), **others)
    with changing(database, workspace) as (owner, capture):
        made = capture.change_now(add_store, owner, new, access_group)
    tell({"id": made.id, "code": made.code, "name": made.name}, as_json=as_json)


@store.command("list")
@workspace_option
@json_option
@database_option
def list_stores(workspace: str, as_json: bool, database: str) -> None:
    """List the stores."""
    with opened(database) as opened_store:
        found = opened_store.read(organisations.every_store, find_workspace(opened_store, workspace).number)
    names = ("id", "code", "name", "external_id", "zone", "concept", "access_group")
    tell_all([{name: getattr(one, name) for name in names} for one in found], as_json=as_json)


@store.command("change")
@click.argument("code")
@workspace_option
@click.option("--name", metavar="TEXT", help="What people call it.")
@click.option("--external-id", metavar="TEXT", help="Its name elsewhere; empty: none.")
@click.option("--external-id-1", metavar="TEXT", help="A second name elsewhere.")
@click.option("--external-id-2", metavar="TEXT", help="A third name elsewhere.")
@click.option("--zone", metavar="TEXT", help="The zone that targets may ask for.")
@click.option("--concept", metavar="TEXT", help="The concept that targets may ask for.")
@json_option
@database_option
def change_command(code: str, workspace: str, as_json: bool, database: str, **chosen: str | None) -> None:
    """Change the store CODE; what is not named stays, what is empty goes."""
    with changing(database, workspace) as (owner, capture):

        def apply(connection: Connection, owner: Workspace) -> None:
            found = store_coded(connection, owner, code)
            change_store(connection, owner, msgspec.structs.replace(found, **_given(chosen)))

        capture.change_now(apply, owner)
    tell_done(code, as_json=as_json)


@store.command("access-group")
@click.argument("code")
@click.argument("group", required=False)
@workspace_option
@json_option
@database_option
def set_group(code: str, group: str | None, workspace: str, as_json: bool, database: str) -> None:
    """Put the tills of the store CODE into the access group GROUP; without one, into the default group."""
    with changing(database, workspace) as (owner, capture):
        capture.change_now(put_store_in_group, owner, code, group)
    tell_done(code, as_json=as_json)


@click.group()
def till() -> None:
    """Tills: where events happen, and who proves the organisation by Basic."""


@till.command("create")
@click.argument("code")
@workspace_option
@click.option("--name", metavar="TEXT", help="What people call it.  [default: CODE]")
@click.option("--description", default="", metavar="TEXT", help="More about it.")
@click.option("--store", "in_store", metavar="CODE", help="The store that it is in.")
@click.option("--id", "number", default=0, help="Its number in answers.  [default: given by Footfall]")
@click.option("--wechat", metavar="TEXT", help="What an attribution look-up of type WECHAT calls it.")
@click.option("--mobile-trigger", metavar="TEXT", help="What one of type MOBILE_TRIGGER calls it.")
@json_option
@database_option
def create_till(
    code: str,
    workspace: str,
    name: str | None,
    in_store: str | None,
    number: int,
    as_json: bool,
    database: str,
    **others: Any,
) -> None:
    """Make the till CODE, with a user name and a password, which is printed this once."""
    new = msgspec.structs.replace(Till(id=number, code=code, name=name or code), **others)
    with changing(database, workspace) as (owner, capture):
        made, issued = capture.change_now(add_till, owner, new, in_store)
    tell({"id": made.id, "code": made.code, **till_secret(issued)}, as_json=as_json)


@till.command("change")
@click.argument("code")
@workspace_option
@click.option("--name", metavar="TEXT", help="What people call it.")
@click.option("--description", metavar="TEXT", help="More about it.")
@click.option("--store", "in_store", metavar="CODE", help="The store that it is in; empty: none.")
@click.option("--wechat", metavar="TEXT", help="What an attribution look-up of type WECHAT calls it; empty: nothing.")
@click.option("--mobile-trigger", metavar="TEXT", help="What one of type MOBILE_TRIGGER calls it; empty: nothing.")
@json_option
@database_option
def change_till_command(
    code: str,
    workspace: str,
    in_store: str | None,
    description: str | None,
    as_json: bool,
    database: str,
    **chosen: str | None,
) -> None:
    """Change the till CODE; what is not named stays. The organisation's own till cannot be changed."""

    def apply(connection: Connection, owner: Workspace) -> None:
        found = organisations.till_by_code(connection, owner.number, code)
        if found is None:
            raise InvalidOrganisation(f"there is no till {code!r} that can be changed")
        changes: dict[str, Any] = _given(chosen)
        if in_store is not None:
            changes["store"] = store_coded(connection, owner, in_store).id if in_store else None
        if description is not None:
            changes["description"] = description
        change_till(connection, owner, msgspec.structs.replace(found, **changes))

    with changing(database, workspace) as (owner, capture):
        capture.change_now(apply, owner)
    tell_done(code, as_json=as_json)


@till.command()
@click.argument("code")
@workspace_option
@click.option("--username", metavar="TEXT", help="The user name.  [default: made by Footfall]")
@json_option
@database_option
def password(code: str, workspace: str, username: str | None, as_json: bool, database: str) -> None:
    """Make one more user name and password for the till CODE; the ones before go on working until revoked."""
    with changing(database, workspace) as (owner, capture):
        issued = capture.change_now(issue_for_till, owner, code, username)
    tell({"code": code, **till_secret(issued)}, as_json=as_json)


@till.command("list")
@workspace_option
@json_option
@database_option
def list_tills(workspace: str, as_json: bool, database: str) -> None:
    """List the tills; the first is the organisation's own."""
    with opened(database) as opened_store:
        owner = find_workspace(opened_store, workspace)
        found = opened_store.read(organisations.every_till, owner.number)
    own = Till(id=owner.till_id, code=owner.till_code, name=owner.till_code)
    tell_all([msgspec.to_builtins(one) for one in (own, *found)], as_json=as_json)


def _given(chosen: dict[str, str | None]) -> dict[str, str | None]:
    """What was named on the command line; an empty text stands for nothing."""
    given = {name: value for name, value in chosen.items() if value is not None}
    return {name: value if value or name == "name" else None for name, value in given.items()}
