"""``footfall targets``: recomputing target groups."""

from collections.abc import Iterator

import click
import msgspec

from footfall.cli.options import database_option, find_workspace, json_option, opened, writing
from footfall.model import amount
from footfall.model.workspace import Workspace
from footfall.storage.connection import Connection
from footfall.targets.failure import TargetFailure
from footfall.targets.recompute import BatchReport, ProgressChange, Totals, batches, recompute_batch

_MOST_SHOWN = 20


@click.group()
def targets() -> None:
    """Targets, milestones and streaks."""


@targets.command()
@click.argument("group", type=int)
@click.option("--workspace", required=True, metavar="NAME", help="Name or id of the workspace.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@json_option
@database_option
def recompute(group: int, workspace: str, dry_run: bool, as_json: bool, database: str) -> None:
    """Replay the stored events of the target group GROUP under its rules as they are now.

    Changing a rule leaves what has counted as it is; this command brings it up to date and tells what changed: tracked
    events that were added, removed or counted otherwise, and each progress before and after. Customers are done in
    batches, each as a whole, while the server goes on. With --json, one line per changed progress, then the totals.
    """
    totals = Totals()
    shown = 0
    try:
        for report in _reports(database, workspace, group, dry_run=dry_run):
            totals.add(report)
            for change in report.progress:
                if as_json:
                    click.echo(msgspec.json.encode(_as_amounts(change)))
                elif shown < _MOST_SHOWN:
                    click.echo(_as_text(change))
                shown += 1
    except TargetFailure as failure:
        message = {"unknown_group": f"there is no active target group {group}"}.get(failure.reason, str(failure))
        raise click.ClickException(message) from failure
    if as_json:
        click.echo(msgspec.json.encode(totals))
        return
    if shown > _MOST_SHOWN:
        click.echo(f"and {shown - _MOST_SHOWN:,} more")
    click.echo(_summary(totals, dry_run=dry_run))


def _reports(database: str, workspace: str, group: int, *, dry_run: bool) -> Iterator[BatchReport]:
    if dry_run:
        with opened(database) as store:
            tenant = find_workspace(store, workspace)
            yield from batches(lambda after: store.read(_look, tenant, group, after))
        return
    with writing(database) as (store, capture):
        tenant = find_workspace(store, workspace)
        yield from batches(lambda after: capture.change_now(recompute_batch, tenant, group, after))


def _look(connection: Connection, workspace: Workspace, group: int, after: int) -> BatchReport | None:
    with connection.snapshot(workspace.number):
        return recompute_batch(connection, workspace, group, after, dry_run=True)


def _as_amounts(change: ProgressChange) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(change)
    return told | {"before": _amount(change.before), "after": _amount(change.after)}


def _amount(value: int | None) -> str | None:
    return None if value is None else amount.to_text(value)


def _as_text(change: ProgressChange) -> str:
    before, after = (_amount(value) or "nothing" for value in (change.before, change.after))
    return f"customer {change.customer}, target {change.rule}, period {change.period}: {before} -> {after}"


def _summary(totals: Totals, *, dry_run: bool) -> str:
    return (
        f"{totals.customers:,} customers: tracked events {totals.added:,} added, {totals.removed:,} removed, "
        f"{totals.changed:,} changed, {totals.kept:,} as they were; {totals.progress:,} progress changed, "
        f"{totals.enrolments:,} enrolments" + (" (nothing was written)" if dry_run else "")
    )
