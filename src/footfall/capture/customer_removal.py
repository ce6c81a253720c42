"""Removing customers, with all that is theirs: erased everywhere, or handed over to the customer they turn out to be.

The promise: once ``erase`` has been awaited, nothing of the customers is left in the store: no event, no count of one,
no summary, nothing that counted towards a target, no logged post, no event of the system's, no name, no record. From
the moment it begins nobody can be found by their names, and whoever comes with one is somebody new.

Both begin with one transaction that removes the customer, moves what is bounded, and notes the removal; what is as many
as the customer's events follows in transactions of ``_BATCH`` rows, between which other writers write. A removal that
is broken off (a crash, a client who leaves) is gone on with when the server starts, or with the next one.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from footfall.capture import customer_lifecycle
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.customer import Customer
from footfall.storage import (
    customer_events,
    customer_removals,
    customers,
    event_summaries,
    members,
    removed_events,
    removed_targets,
    target_enrolments,
    targets,
    workspaces,
)
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.targets.failure import TargetFailure
from footfall.targets.recompute import recompute_batch

_BATCH = 1_000


async def erase(capture: Capture, workspace: int, numbers: Iterable[int]) -> None:
    """Erases the customers with these numbers, deleted ones included; returns when nothing is left of them."""
    await capture.change(begin_to_erase, workspace, list(numbers))
    await finish(capture, workspace)


async def finish(capture: Capture, workspace: int) -> None:
    """Does what is left to do in the workspace."""
    while await capture.change(go_on, workspace):
        pass


async def finish_all(capture: Capture, database: Database) -> None:
    """Does what was left to do when the server ended."""
    for workspace in await database.ask_long(customer_removals.workspaces):
        await finish(capture, workspace)


def begin_to_erase(connection: Connection, workspace: int, numbers: Sequence[int]) -> None:
    """The first transaction: the customers are nobody's any more; ``go_on`` does the rest."""
    connection.lock(workspace)
    gone = customers.by_numbers(connection, workspace, numbers)
    if not gone:
        return
    customer_lifecycle.delete(connection, workspace, gone.values())
    customers.remove_identities(connection, workspace, gone)  # those that another product's deletion has kept
    event_summaries.erase(connection, workspace, gone)
    for number in gone:
        removed_targets.erase_standing(connection, workspace, number)
    customer_removals.add(connection, workspace, gone, None, instant.now())


def begin_to_hand_over(connection: Connection, workspace: int, former: Customer, heir: int) -> None:
    """The first transaction: ``former`` is ``heir`` from now on, whose record the caller changes."""
    customers.hand_over_identities(connection, workspace, former.number, heir)
    customer_lifecycle.delete(connection, workspace, [former])
    event_summaries.move(connection, workspace, former.number, heir)
    removed_targets.hand_over_standing(connection, workspace, former.number, heir)
    customer_removals.add(connection, workspace, [former.number], heir, instant.now())


def go_on(connection: Connection, workspace: int) -> bool:
    """Does some of what is left to do; whether there may be more."""
    connection.lock(workspace)
    found = customer_removals.first(connection, workspace)
    if found is None:
        return False
    gone, heir = found
    if heir is None:
        done = removed_events.erase(connection, workspace, gone, _BATCH)
        done += removed_targets.erase_tracked(connection, workspace, gone, _BATCH)
    else:
        done = removed_events.hand_over(connection, workspace, gone, heir, _BATCH)
        done += removed_targets.hand_over_tracked(connection, workspace, gone, heir, _BATCH)
    if done < _BATCH:
        _end(connection, workspace, gone, heir)
    return True


def _end(connection: Connection, workspace: int, gone: int, heir: int | None) -> None:
    if heir is None:
        # What a writer may have added that had resolved the customer before he was removed.
        event_summaries.erase(connection, workspace, [gone])
        customer_events.erase(connection, workspace, [gone])
        members.delete_of(connection, workspace, [gone])
    else:
        event_summaries.move(connection, workspace, gone, heir)
        customer_events.hand_over(connection, workspace, gone, heir)
        members.hand_over(connection, workspace, gone, heir)
        _recount(connection, workspace, heir)
    customers.erase(connection, workspace, [gone])
    customer_removals.end(connection, workspace, gone, instant.now())


def _recount(connection: Connection, workspace: int, heir: int) -> None:
    """Counts anew what the heir did for targets: two customers' visits on one day, say, are one customer's one."""
    enrolled = {each.rule for each in target_enrolments.of_customer(connection, workspace, heir)}
    owner = workspaces.by_number(connection, workspace)
    if not enrolled or owner is None:
        return
    for group in sorted({rule.group for rule in targets.rules_by_id(connection, workspace, enrolled)}):
        with suppress(TargetFailure):  # nothing counts for the group any more
            recompute_batch(connection, owner, group, heir - 1, at_once=1)
