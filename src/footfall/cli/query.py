"""``footfall query``: events by what is known of them."""

import shutil
import sys
from collections.abc import Iterator

import click
import msgspec

from footfall.apis.footfall.mapping import event_answer
from footfall.cli.options import database_option, find_workspace, json_option, moment_of, opened
from footfall.model import identifiers
from footfall.model.event_filter import EventFilter
from footfall.storage import filtered_events
from footfall.storage.database import Database
from footfall.storage.event_browse import Browse
from footfall.storage.event_walk import Found, WalkPosition

_AT_A_TIME = 500
_WIDTH_IN_A_PIPE = 1_000
_HEADINGS = ("OCCURRED AT", "NAME", "CUSTOMER", "PROPERTIES")
_NARROWEST = 8
_LONGEST = 32  # of a name or a customer on the terminal
_encode = msgspec.json.encode


@click.command(short_help="Find events by what is known of them.")
@click.option("--workspace", required=True, metavar="NAME", help="Name or id of the workspace.")
@click.option("--name", "names", multiple=True, metavar="NAME", help="Only events of this name; may be repeated.")
@click.option("--customer", metavar="ID", help="Only events of the customer with this external id or id.")
@click.option("--source", metavar="TEXT", help="Only events from this source.")
@click.option("--account", metavar="ID", help="Only events of this account.")
@click.option("--since", metavar="TIME", help="Only events from this day or time on (ISO 8601).")
@click.option("--until", metavar="TIME", help="Only events before this day or time.")
@click.option(
    "--property", "properties", multiple=True, metavar="NAME=VALUE", help="Only with this property; may be repeated."
)
@click.option("--parent", metavar="ID", help="Only children of the event with this id.")
@click.option("--oldest-first", is_flag=True, help="Begin with the oldest.  [default: with the newest]")
@click.option("--limit", type=click.IntRange(0), default=100, show_default=True, help="So many at most; 0: all.")
@json_option
@database_option
def query(
    workspace: str,
    names: tuple[str, ...],
    customer: str | None,
    source: str | None,
    account: str | None,
    since: str | None,
    until: str | None,
    properties: tuple[str, ...],
    parent: str | None,
    oldest_first: bool,
    limit: int,
    as_json: bool,
    database: str,
) -> None:
    """Show the events that answer everything that is asked, as a table. With --json, an event a line.

    Times without an offset are of the workspace's zone. For a file of all events, see: footfall export.
    """
    with opened(database) as store:
        tenant = find_workspace(store, workspace)
        asked = EventFilter(
            names=names,
            customer=customer,
            source=source,
            account=account,
            since=moment_of(since, tenant, "--since"),
            until=moment_of(until, tenant, "--until"),
            properties=tuple(_property(text) for text in properties),
            parent=None if parent is None else _uuid(parent),
            descending=not oldest_first,
        )
        found = _found(store, tenant.number, asked, limit)
        try:
            _show_lines(found) if as_json else _show_table(found)
        except BrokenPipeError:
            sys.stderr.close()  # whoever reads has enough; nothing is wrong
            raise SystemExit(0) from None


def _found(store: Database, workspace: int, asked: EventFilter, limit: int) -> Iterator[Found]:
    """Page by page: however many there are, no more than a page is held."""
    browse: Browse = store.read(filtered_events.browse_of, workspace, asked)
    answers = filtered_events.answers_of(asked)
    position: WalkPosition | None = None
    left = limit
    while True:
        size = min(left, _AT_A_TIME) if limit else _AT_A_TIME
        page = store.read(filtered_events.page, browse, answers, position, size)
        yield from page.events
        left -= len(page.events)
        position = page.behind
        if position is None or (limit and left <= 0):
            return


def _show_lines(found: Iterator[Found]) -> None:
    for one in found:
        sys.stdout.buffer.write(_encode(event_answer(*one)) + b"\n")
    sys.stdout.flush()


def _show_table(found: Iterator[Found]) -> None:
    """Columns as wide as the first page needs them; the last one takes what is left of the terminal."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH_IN_A_PIPE
    rows: list[tuple[str, ...]] = []
    widths: list[int] | None = None
    for one in found:
        rows.append(_row(one))
        if widths is None and len(rows) == _AT_A_TIME:
            widths = _widths(rows)
        if widths is not None:
            _print(rows, widths, width, headed=len(rows) == _AT_A_TIME)
            rows = []
    if widths is None and rows:
        _print(rows, _widths(rows), width, headed=True)
    elif widths is None and sys.stderr.isatty():
        click.echo("no such events", err=True)


def _row(found: Found) -> tuple[str, ...]:
    event, customer = found
    answer = event_answer(event, customer)
    who = "-" if customer is None else customer.primary_identity
    cells = (answer.occurred_at, answer.name, who, event.properties)
    return tuple("".join(each if each.isprintable() else " " for each in cell) for cell in cells)


def _widths(rows: list[tuple[str, ...]]) -> list[int]:
    columns = zip(_HEADINGS, *rows, strict=True)
    return [min(_LONGEST, max(_NARROWEST, *(len(cell) for cell in column))) for column in columns]


def _print(rows: list[tuple[str, ...]], widths: list[int], width: int, *, headed: bool) -> None:
    for row in [_HEADINGS, *rows] if headed else rows:
        cells = [_cut(cell, size).ljust(size) for cell, size in zip(row[:-1], widths, strict=False)]
        start = "  ".join(cells)
        click.echo(f"{start}  {_cut(row[-1], max(_NARROWEST, width - len(start) - 2))}".rstrip())


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"


def _property(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--property")
    return name, value


def _uuid(text: str) -> bytes:
    found = identifiers.from_text(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not a UUID", param_hint="--parent")
    return found
