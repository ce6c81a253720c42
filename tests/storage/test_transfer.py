"""A whole store copied from any engine to any other."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model.customer import Identity
from footfall.model.event import ADD_TRANSACTION, Captured, CustomerReference, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import transfer, workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.failures import UnsupportedDatabase
from footfall.storage.statement import Statement
from footfall.storage.tables import metadata
from footfall.tenancy.creation import create
from tests.conftest import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty database of either engine."""
    url = request.getfixturevalue("postgresql_url")
    made = Databases(request.param, tmp_path_factory.mktemp("target"), url)
    target_url = made.new_url()
    store = Database(target_url)
    store.prepare()
    yield store
    store.close()
    made.drop(target_url)


def everything(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: sorted(connection.stream(Statement(sa.select(*table.columns))), key=repr)
        for table in metadata.sorted_tables
    }


def bought(key: str) -> NewEvent:
    who = CustomerReference(identities=(Identity("external_id", "ada"), Identity("email", "ada@example.com")))
    return NewEvent(
        name=ADD_TRANSACTION,
        occurred_at=5,
        received_at=7,
        amount=1,
        external_id=key,
        customer=who,
        properties='{"ü": "\\u0000\\t\\\\N"}',
    )


def stored(capture: Capture, workspace: Workspace, event: NewEvent) -> Captured:
    (outcome,) = capture.submit(Batch(workspace=workspace, events=[event])).result().outcomes
    assert isinstance(outcome, Captured)
    return outcome


def test_a_copy_holds_everything_and_goes_on_from_there(
    database: Database, capture: Capture, tenant: Workspace, target: Database
) -> None:
    last = [stored(capture, tenant, bought(f"o-{index}")) for index in range(3)][-1]
    heard: dict[str, int] = {}

    transfer.transfer(database, target, heard.__setitem__)

    assert heard["events"] == 3
    assert normal(target.read(everything)) == normal(database.read(everything))
    copied = target.read(workspaces.by_name, tenant.name)
    assert copied is not None
    other = Capture(target)
    assert stored(other, copied, bought("o-2")).repeated
    fresh = stored(other, copied, bought("o-3"))
    assert fresh.sequence is not None
    assert last.sequence is not None
    assert fresh.sequence > last.sequence
    other.change_now(create, "second", "UTC")
    other.close()


def normal(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Without what engines spell differently: truth as a number, the writers' places for counts."""
    return {
        name: sorted((tuple(int(cell) if isinstance(cell, bool) else cell for cell in row) for row in found), key=repr)
        for name, found in rows.items()
    }


def test_a_store_in_use_is_left_as_it_is(database: Database, capture: Capture, tenant: Workspace) -> None:
    stored(capture, tenant, bought("o-1"))
    before = database.read(everything)

    with pytest.raises(UnsupportedDatabase, match="in use"):
        transfer.transfer(database, database)

    assert database.read(everything) == before
