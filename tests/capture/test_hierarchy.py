"""Parents."""

import random

from footfall.capture.batch import Batch, BatchResult
from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.event import Captured, CustomerReference, NewEvent, Refused
from footfall.model.workspace import Workspace
from footfall.storage import events, workspaces
from footfall.storage.database import Database
from footfall.tenancy.creation import create

UNKNOWN = Refused("parent", "unknown_parent")
CIRCULAR = Refused("parent", "circular_parent")


def event(key: str | None = None, parent: str | None = None, parent_id: bytes | None = None) -> NewEvent:
    return NewEvent(
        name="step", occurred_at=1, received_at=1, external_id=key, parent_external_id=parent, parent=parent_id
    )


def send(capture: Capture, tenant: Workspace, *sent: NewEvent, all_or_nothing: bool = False) -> BatchResult:
    return capture.submit(Batch(workspace=tenant, events=list(sent), all_or_nothing=all_or_nothing)).result()


def parent_key(database: Database, tenant: Workspace, key: str) -> str | None:
    stored = database.read(events.by_id, tenant.number, identifiers.derived_id(tenant.id, key))
    assert stored is not None
    if stored.parent_id is None:
        return None
    parent = database.read(events.by_id, tenant.number, stored.parent_id)
    assert parent is not None
    return parent.external_id


def test_a_tree_in_any_order_reads_back(database: Database, capture: Capture, tenant: Workspace) -> None:
    parents = {f"e{number}": f"e{(number - 1) // 3}" if number else None for number in range(200)}
    sent = [event(key, parent) for key, parent in parents.items()]
    random.Random(5).shuffle(sent)

    result = send(capture, tenant, *sent)

    assert result.inserted == 200
    assert {key: parent_key(database, tenant, key) for key in parents} == parents
    root = identifiers.derived_id(tenant.id, "e0")
    assert database.read(events.count_children, tenant.number, root) == 3


def test_a_stored_parent_is_found_by_key_and_by_id(database: Database, capture: Capture, tenant: Workspace) -> None:
    stored = send(capture, tenant, event("root")).outcomes[0]
    assert isinstance(stored, Captured)

    result = send(capture, tenant, event("by-key", "root"), event("by-id", parent_id=stored.id))

    assert result.inserted == 2
    assert parent_key(database, tenant, "by-key") == parent_key(database, tenant, "by-id") == "root"


def test_a_repeated_parent_sent_along_with_a_new_child_links_to_the_stored_one(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    send(capture, tenant, event("root"))

    result = send(capture, tenant, event("root"), event("child", "root"))

    assert (result.inserted, result.repeated) == (1, 1)
    assert parent_key(database, tenant, "child") == "root"


def test_an_unknown_parent_is_refused_also_for_a_repeated_event(capture: Capture, tenant: Workspace) -> None:
    send(capture, tenant, event("known"))

    result = send(capture, tenant, event("new", "nobody"), event("known", "nobody"), event("good"))

    assert result.refused == {0: UNKNOWN, 1: UNKNOWN}
    assert result.inserted == 1


def test_circles_are_refused_and_so_is_what_hangs_from_them(capture: Capture, tenant: Workspace) -> None:
    result = send(
        capture, tenant, event("a", "b"), event("b", "c"), event("c", "a"), event("d", "a"), event("e", "e"), event("f")
    )

    assert result.refused == dict.fromkeys(range(5), CIRCULAR)
    assert result.inserted == 1


def test_children_of_a_refused_event_are_refused_with_it(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    nobody = CustomerReference(number=12345)
    refused = NewEvent(name="step", occurred_at=1, received_at=1, external_id="a", customer=nobody)

    result = send(capture, tenant, event("c", "b"), event("b", "a"), refused, event("d"), event("e", "d"))

    assert result.refused == {0: UNKNOWN, 1: UNKNOWN, 2: Refused("customer", "unknown_customer")}
    assert result.inserted == 2
    assert parent_key(database, tenant, "e") == "d"


def test_all_or_nothing_keeps_the_good_ones_out(database: Database, capture: Capture, tenant: Workspace) -> None:
    result = send(capture, tenant, event("good"), event("bad", "nobody"), all_or_nothing=True)

    assert result.outcomes == []
    assert result.refused == {1: UNKNOWN}
    assert database.read(lambda connection: connection.last_sequence(tenant.number)) == 0


def test_a_parent_in_another_workspace_is_unknown(database: Database, capture: Capture, tenant: Workspace) -> None:
    stored = send(capture, tenant, event("root")).outcomes[0]
    assert isinstance(stored, Captured)
    capture.change_now(create, "other", "UTC")
    other = database.read(workspaces.by_name, "other")
    assert other is not None

    result = send(capture, other, event("x", "root"), event("y", parent_id=stored.id))

    assert result.refused == {0: UNKNOWN, 1: UNKNOWN}
