"""``footfall capillary till`` and ``store``."""

import click
import msgspec

from footfall.cli.capillary.group import changing, tell, tell_all, till_secret, workspace_option
from footfall.cli.options import database_option, find_workspace, json_option, opened
from footfall.model.organisation import Store, Till
from footfall.storage import organisations
from footfall.tenancy.organisation import add_store, add_till, issue_for_till, put_store_in_group


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


@store.command("access-group")
@click.argument("code")
@click.argument("group", required=False)
@workspace_option
@database_option
def set_group(code: str, group: str | None, workspace: str, database: str) -> None:
    """Put the tills of the store CODE into the access group GROUP; without one, into the default group."""
    with changing(database, workspace) as (owner, capture):
        capture.change_now(put_store_in_group, owner, code, group)


@click.group()
def till() -> None:
    """Tills: where events happen, and who proves the organisation by Basic."""


@till.command("create")
@click.argument("code")
@workspace_option
@click.option("--name", metavar="TEXT", help="What people call it.  [default: CODE]")
@click.option("--description", default="", metavar="TEXT", help="More about it.")
@click.option("--store", "in_store", metavar="CODE", help="The store that it is in.")
@json_option
@database_option
def create_till(
    code: str, workspace: str, name: str | None, description: str, in_store: str | None, as_json: bool, database: str
) -> None:
    """Make the till CODE, with a user name and a password, which is printed this once."""
    new = Till(id=0, code=code, name=name or code, description=description)
    with changing(database, workspace) as (owner, capture):
        made, issued = capture.change_now(add_till, owner, new, in_store)
    tell({"id": made.id, "code": made.code, **till_secret(issued)}, as_json=as_json)


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
    own: dict[str, object] = {"id": owner.till_id, "code": owner.till_code, "name": owner.till_code, "store": None}
    others = [{name: getattr(one, name) for name in ("id", "code", "name", "store")} for one in found]
    tell_all([own, *others], as_json=as_json)
