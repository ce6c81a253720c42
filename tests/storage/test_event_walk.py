"""Walking through whole events, against a list in memory."""

from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customers, event_types, event_walk, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.event_walk import Walk, WalkPosition
from footfall.tenancy.creation import create


def event(name: str, at: int, who: str | None = None, source: str | None = None) -> NewEvent:
    reference = None if who is None else CustomerReference(identities=(Identity("external_id", who),))
    return NewEvent(name=name, occurred_at=at, received_at=0, customer=reference, source=source)


def walked(database: Database, walk: Walk, size: int) -> list[tuple[str, int, str | None, str | None]]:
    found: list[event_walk.Found] = []
    position = None
    while True:
        page = database.read(event_walk.page, walk, position, size)
        found += page
        if len(page) < size:
            break
        position = WalkPosition(page[-1][0].occurred_at, page[-1][0].sequence)
    return [(one.name, one.occurred_at, None if who is None else who.external_id, one.source) for one, who in found]


events = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.integers(0, 4),
    st.sampled_from([None, "ada", "bob"]),
    st.sampled_from([None, "web", "shop"]),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(events, max_size=30),
    st.lists(events, max_size=5),
    st.integers(1, 7),
    st.none() | st.sets(st.sampled_from(["a", "b", "nobody's"])),
    st.sampled_from([None, "ada"]),
    st.sampled_from([None, "web"]),
    st.integers(-1, 5),
)
def test_a_walk_yields_what_a_list_in_memory_does(
    database: Database,
    capture: Capture,
    stored: list[tuple[str, int, str | None, str | None]],
    later: list[tuple[str, int, str | None, str | None]],
    size: int,
    names: set[str] | None,
    who: str | None,
    source: str | None,
    since: int,
) -> None:
    workspace = fresh(database, capture)
    capture.submit(Batch(workspace=workspace, events=[event(*each) for each in stored])).result()
    walk = database.read(walk_for, workspace.number, names, who, source, since)

    capture.submit(Batch(workspace=workspace, events=[event(*each) for each in later])).result()

    expected = [
        each
        for each in sorted(stored, key=lambda one: one[1])
        if each[1] >= since
        and (names is None or each[0] in names)
        and (who is None or each[2] == who)
        and (source is None or each[3] == source)
    ]
    assert walked(database, walk, size) == expected


def fresh(database: Database, capture: Capture) -> Workspace:
    name = str(uuid4())
    capture.change_now(create, name, "UTC")
    found = database.read(workspaces.by_name, name)
    assert found is not None
    return found


def walk_for(
    connection: Connection, workspace: int, names: set[str] | None, who: str | None, source: str | None, since: int
) -> Walk:
    customer = None
    if who is not None:
        known = customers.by_identity(connection, workspace, Identity("external_id", who))
        customer = 0 if known is None else known.number
    return Walk(
        workspace=workspace,
        snapshot=connection.last_sequence(workspace),
        since=since,
        types=None if names is None else tuple(event_types.numbers(connection, workspace, names).values()),
        customer=customer,
        source=source,
    )
