"""``footfall tail`` and ``footfall show`` as a user runs them."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.storage import workspaces
from footfall.storage.database import Database, url_of
from footfall.tenancy.creation import create
from tests.conftest import FOOTFALL


class Store:
    """A database with a workspace."""

    def __init__(self, path: Path) -> None:
        self.url = url_of(path)
        self.database = Database(self.url)
        self.database.prepare()
        self.capture = Capture(self.database)
        self.capture.change_now(create, "acme", "UTC")
        found = self.database.read(workspaces.by_name, "acme")
        assert found is not None
        self.workspace = found

    def put(self, name: str, who: str | None = None, external_id: str | None = None) -> str:
        customer = None if who is None else CustomerReference(identities=(Identity("external_id", who),))
        event = NewEvent(name=name, occurred_at=0, received_at=0, customer=customer, external_id=external_id)
        (outcome,) = self.capture.submit(Batch(workspace=self.workspace, events=[event])).result().outcomes
        assert isinstance(outcome, Captured)
        return identifiers.to_text(outcome.id)

    def command(self, *arguments: str) -> list[str]:
        return [str(FOOTFALL), *arguments, "--workspace", "acme", "--database", self.url]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "footfall.db")


def test_tail_shows_what_is_stored_from_now_on(store: Store) -> None:
    store.put("before")
    command = store.command("tail", "--limit", "2", "--customer", "ada", "--json")
    following = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    while following.poll() is None:  # it begins when it is ready, which nobody tells
        store.put("other", "bob")
        store.put("wanted", "ada")
        time.sleep(0.05)

    assert following.stdout is not None
    shown = [json.loads(line) for line in following.stdout]
    following.stdout.close()
    assert [(event["name"], event["customer"]["external_id"]) for event in shown] == [("wanted", "ada")] * 2


def test_show_takes_an_id_or_the_callers_key(store: Store) -> None:
    identifier = store.put("Bought", external_id="o-1")

    for asked in (identifier, "o-1"):
        shown = subprocess.run(store.command("show", asked, "--json"), capture_output=True, text=True, check=True)
        assert json.loads(shown.stdout)["id"] == identifier


def test_an_event_that_is_not_there_is_told(store: Store) -> None:
    ended = subprocess.run(store.command("show", "nothing"), capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "'nothing'" in ended.stderr
