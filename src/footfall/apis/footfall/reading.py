"""What the reads ask of the store. Each is bounded: a page, or as many counts as there are intervals."""

from bisect import bisect_right

import msgspec

from footfall.apis.footfall import schemas
from footfall.apis.footfall.errors import NotFound
from footfall.apis.footfall.mapping import customer_part, event_answer, time_text
from footfall.apis.footfall.parameters import Counting, ListCursor, Listing, Search, SearchCursor
from footfall.model.customer import Customer, Identity
from footfall.storage import customer_list, event_counts, event_names, event_types, filtered_events
from footfall.storage.connection import Connection
from footfall.storage.customers import by_identity
from footfall.storage.event_counts import ALL_TYPES
from footfall.storage.event_types import FAMILIES
from footfall.storage.time_buckets import WIDTHS, Run

_OF_ALL_TYPES = 0
_OF_A_TYPE = 1
"""The finest levels at which counts are kept."""


def search(
    connection: Connection, workspace: int, asked: Search
) -> tuple[list[schemas.EventAnswer], SearchCursor | None]:
    """A page of events, and where the next one begins."""
    cursor = asked.cursor
    snapshot = None if cursor is None else cursor.snapshot
    browse = filtered_events.browse_of(connection, workspace, asked.asked, snapshot)
    position = None if cursor is None else cursor.position
    page = filtered_events.page(connection, browse, filtered_events.answers_of(asked.asked), position, asked.limit)
    answers = [event_answer(*found) for found in page.events]
    if page.behind is None:
        return answers, None
    assert browse.snapshot is not None
    return answers, SearchCursor(workspace, browse.snapshot, page.behind, asked.asked)


def counts(connection: Connection, workspace: int, asked: Counting) -> schemas.CountAnswer:
    """How many events of each name, or of all names together, lie in each interval."""
    if asked.names:
        keyed = event_types.keyed(
            connection, workspace, [(family, name) for name in asked.names for family in FAMILIES]
        )
        name_of: dict[int, str | None] = {number: name for (_, name), number in keyed.items()}
    else:
        name_of = {ALL_TYPES: None}
    level = _OF_ALL_TYPES if asked.interval == "hour" else _OF_A_TYPE
    if not asked.names:
        level = _OF_ALL_TYPES
    run = Run(level, asked.starts[0] // WIDTHS[level], asked.starts[-1] // WIDTHS[level])
    intervals = len(asked.starts) - 1
    counted: dict[str | None, list[int]] = {name: [0] * intervals for name in asked.names or (None,)}
    for (number, bucket), events in event_counts.over_time(connection, workspace, sorted(name_of), run).items():
        counted[name_of[number]][bisect_right(asked.starts, bucket * WIDTHS[level]) - 1] += events
    return schemas.CountAnswer(
        interval=asked.interval,
        starts=[time_text(start) for start in asked.starts[:-1]],
        until=time_text(asked.starts[-1]),
        series=[schemas.CountSeries(name, sum(events), events) for name, events in counted.items()],
    )


def names(connection: Connection, workspace: int, asked: Listing) -> tuple[list[schemas.NameAnswer], ListCursor | None]:
    """A page of the names that events bear, in the order in which they came up."""
    after = asked.after if isinstance(asked.after, int) else 0
    known = [one for one in event_types.described(connection, workspace) if one.number > after]
    shown = known[: asked.limit]
    family_of = {
        number: family for family in FAMILIES[1:] for number in event_types.of_family(connection, workspace, family)
    }
    occurrences = event_names.of_types(connection, workspace, [one.number for one in shown])
    answers = [
        schemas.NameAnswer(
            name=one.name,
            family=family_of.get(one.number, event_types.CUSTOM),
            label=one.label,
            events=seen.occurrences,
            first_seen=time_text(seen.first_seen) if seen.occurrences else None,
            last_seen=time_text(seen.last_seen) if seen.occurrences else None,
        )
        for one, seen in zip(shown, occurrences, strict=True)
    ]
    return answers, ListCursor(workspace, "names", shown[-1].number) if len(known) > len(shown) else None


def customers(
    connection: Connection, workspace: int, asked: Listing
) -> tuple[list[schemas.CustomerAnswer], ListCursor | None]:
    """A page of the customers who are not deleted, in the order in which they came up."""
    if asked.external_id is not None:
        held = by_identity(connection, workspace, Identity("external_id", asked.external_id))
        return [] if held is None else [customer_answer(held)], None
    after = asked.after if isinstance(asked.after, int) else 0
    found = customer_list.living(connection, workspace, after, asked.limit + 1)
    shown = found[: asked.limit]
    following = ListCursor(workspace, "customers", shown[-1].number) if len(found) > len(shown) else None
    return [customer_answer(one) for one in shown], following


def customer(connection: Connection, workspace: int, name: str) -> Customer:
    """Who has this external id, or this id. Raises NotFound."""
    found = filtered_events.customer_called(connection, workspace, name)
    if found is None:
        raise NotFound("There is no customer with this external id or id")
    return found


def customer_answer(one: Customer) -> schemas.CustomerAnswer:
    """A customer as read."""
    return schemas.CustomerAnswer(
        **msgspec.structs.asdict(customer_part(one)),
        account_id=one.account_id,
        registered=one.registered,
        created_at=time_text(one.created_at),
        modified_at=None if one.modified_at is None else time_text(one.modified_at),
        deleted_at=None if one.deleted_at is None else time_text(one.deleted_at),
        properties=one.properties,
    )
