"""Options and openings that several commands share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from footfall.capture.service import Capture
from footfall.model import identifiers, instant
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.storage.database import URL_FORMS, Database, without_password
from footfall.storage.failures import DatabaseUnavailable, UnsupportedDatabase

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_DATABASE = "sqlite:///footfall.db"


def database_option(function: F) -> F:
    """Adds ``--database URL``."""
    return click.option(
        "--database",
        metavar="URL",
        envvar="FOOTFALL_DATABASE_URL",
        default=DEFAULT_DATABASE,
        show_default=True,
        show_envvar=True,
        help=f"Where the events are: {URL_FORMS}.",
    )(function)


def json_option(function: F) -> F:
    """Adds ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


def moment_of(text: str | None, workspace: Workspace, option: str) -> int | None:
    """The instant of an ISO 8601 day or time, without an offset of the workspace's zone. Raises click.BadParameter."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(workspace.timezone))
        return instant.from_datetime(moment)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"{text!r} is not an ISO 8601 day or time", param_hint=option) from error


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at ``url``, prepared; trouble with it becomes a plain message."""
    try:
        database = Database(url)
        database.prepare()
        try:
            yield database
        finally:
            database.close()
    except (UnsupportedDatabase, DatabaseUnavailable) as error:
        raise click.ClickException(f"{without_password(url)}: {error}") from error


@contextmanager
def writing(url: str) -> Iterator[tuple[Database, Capture]]:
    """The database at ``url`` with a way to write."""
    with opened(url) as database:
        capture = Capture(database)
        try:
            yield database, capture
        finally:
            capture.close()


def find_workspace(database: Database, name_or_id: str) -> Workspace:
    """The workspace of this name or id; a plain message when there is none."""
    identifier = identifiers.from_text(name_or_id)
    found = database.read(workspaces.by_name, name_or_id) if name_or_id.isprintable() else None
    if found is None and identifier is not None:
        found = database.read(workspaces.by_id, identifier)
    if found is None:
        raise click.ClickException(f"there is no workspace {name_or_id!r}; see: footfall workspace list")
    return found
