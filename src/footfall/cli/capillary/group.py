"""The command group, and what its commands share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
import msgspec

from footfall.capture.service import Capture
from footfall.cli.options import find_workspace, writing
from footfall.model.workspace import Workspace
from footfall.tenancy.credentials import InvalidCredential, IssuedCredential
from footfall.tenancy.organisation import InvalidOrganisation

F = TypeVar("F", bound=Callable[..., Any])

workspace_option = click.option("--workspace", required=True, metavar="NAME", help="Name or id of the workspace.")


@contextmanager
def changing(database: str, workspace: str) -> Iterator[tuple[Workspace, Capture]]:
    """The workspace, and a way to change it; what cannot be done as asked becomes a plain message."""
    with writing(database) as (store, capture):
        try:
            yield find_workspace(store, workspace), capture
        except (InvalidOrganisation, InvalidCredential) as error:
            raise click.ClickException(str(error)) from error


def tell(shown: dict[str, object], *, as_json: bool) -> None:
    """One thing, as JSON or as lines."""
    if as_json:
        click.echo(msgspec.json.encode(shown))
        return
    if "secret" in shown or "password" in shown:
        click.echo("The secret is shown only now. Keep it.")
    for key, value in shown.items():
        click.echo(f"  {key:<14} {value}")


def tell_done(what: str, *, as_json: bool) -> None:
    """That it is done: in JSON, or in silence."""
    if as_json:
        click.echo(msgspec.json.encode({"done": what}))


def tell_all(listed: list[dict[str, object]], *, as_json: bool) -> None:
    """A list, as JSON or a line each."""
    if as_json:
        click.echo(msgspec.json.encode(listed))
        return
    for one in listed:
        click.echo("  ".join(f"{key}={value}" for key, value in one.items() if value not in (None, "")))


def till_secret(issued: IssuedCredential) -> dict[str, object]:
    """A till's credential as it is shown once."""
    return {"username": issued.credential.name, "password": issued.secret}
