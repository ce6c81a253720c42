"""``footfall tail`` and ``footfall show``: looking at events."""

import sys
import time

import click
import msgspec

from footfall.apis.footfall.mapping import event_answer
from footfall.apis.footfall.tail import LOOKS_EVERY_SECONDS, TailQuestion
from footfall.cli.options import database_option, find_workspace, json_option, opened
from footfall.model import identifiers
from footfall.storage import event_details, event_tail
from footfall.storage.connection import Connection
from footfall.storage.event_walk import Found

_encode = msgspec.json.encode


@click.command(short_help="Watch events arrive.")
@click.option("--workspace", required=True, metavar="NAME", help="Name or id of the workspace.")
@click.option("--name", "names", multiple=True, metavar="NAME", help="Only events of this name; may be repeated.")
@click.option("--customer", metavar="ID", help="Only events of the customer with this external id.")
@click.option("--source", metavar="TEXT", help="Only events from this source.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="End after so many events.")
@json_option
@database_option
def tail(
    workspace: str,
    names: tuple[str, ...],
    customer: str | None,
    source: str | None,
    limit: int | None,
    as_json: bool,
    database: str,
) -> None:
    """Show events as they are stored, through whichever API, until Ctrl-C. With --json, an event a line."""
    question = TailQuestion(names=frozenset(names), customer=customer, source=source)
    with opened(database) as store:
        number = find_workspace(store, workspace).number
        position = store.read(_last, number)
        if not as_json and sys.stderr.isatty():
            click.echo("following; Ctrl-C ends", err=True)
        shown = 0
        while limit is None or shown < limit:
            stored = store.read(event_tail.stored_after, number, position)
            position = stored.reached
            for found in filter(question.takes, stored.events):
                click.echo(_line(found, as_json=as_json))
                shown += 1
                if shown == limit:
                    return
            if stored.is_all:
                time.sleep(LOOKS_EVERY_SECONDS)


@click.command(short_help="One event, as it is stored.")
@click.argument("event", metavar="ID")
@click.option("--workspace", required=True, metavar="NAME", help="Name or id of the workspace.")
@json_option
@database_option
def show(event: str, workspace: str, as_json: bool, database: str) -> None:
    """Show the event ID (or with this external id) as it is stored, with its customer."""
    with opened(database) as store:
        tenant = find_workspace(store, workspace)
        asked = [identifiers.from_text(event), identifiers.derived_id(tenant.id, event)]
        for identifier in asked:
            found = identifier and store.read(event_details.with_customer, tenant.number, identifier)
            if found:
                answer = _encode(event_answer(*found))
                click.echo(answer if as_json else msgspec.json.format(answer, indent=2))
                return
    raise click.ClickException(f"the workspace has no event {event!r}")


def _line(found: Found, *, as_json: bool) -> str:
    event, customer = found
    answer = event_answer(event, customer)
    if as_json:
        return _encode(answer).decode()
    who = "-" if customer is None else customer.primary_identity
    return f"{answer.occurred_at}  {answer.name}  {who}  {event.captured_by}  {event.properties}"


def _last(connection: Connection, workspace: int) -> int:
    return connection.last_sequence(workspace)
