"""``footfall query`` as a user runs it."""

import json
import subprocess
from typing import Any

import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.instant import DAY
from footfall.model.workspace import Workspace
from tests.conftest import FOOTFALL


@pytest.fixture
def shop(capture: Capture, tenant: Workspace) -> list[str]:
    """The ids of four events, a day after the other."""

    def event(day: int, name: str, who: str, **members: Any) -> NewEvent:
        customer = CustomerReference(identities=(Identity("external_id", who),))
        return NewEvent(
            name=name, occurred_at=day * DAY, received_at=0, customer=customer, external_id=str(day), **members
        )

    events = [
        event(0, "Seen", "ada"),
        event(1, "Bought", "ada", source="web", properties='{"n":1.0,"s":"x\\ny"}'),
        event(2, "Bought", "bob", account_id="acme", properties='{"n":2}'),
        event(3, "Left", "bob", parent_external_id="2"),
    ]
    outcomes = capture.submit(Batch(workspace=tenant, events=events)).result().outcomes
    return [identifiers.to_text(outcome.id) for outcome in outcomes if isinstance(outcome, Captured)]


def query(database_url: str, *options: str) -> str:
    command = [str(FOOTFALL), "query", "--workspace", "acme", "--database", database_url, *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def days(database_url: str, *options: str) -> list[str]:
    return [json.loads(line)["external_id"] for line in query(database_url, "--json", *options).splitlines()]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "3210"),
        (["--oldest-first"], "0123"),
        (["--limit", "2"], "32"),
        (["--limit", "0"], "3210"),
        (["--name", "Seen", "--name", "Left"], "30"),
        (["--name", "Unheard"], ""),
        (["--customer", "ada"], "10"),
        (["--customer", "nobody"], ""),
        (["--source", "web"], "1"),
        (["--account", "acme"], "2"),
        (["--since", "1970-01-02", "--until", "1970-01-03T00:00:01"], "21"),
        (["--property", "n=1"], "1"),
        (["--property", "n=2", "--name", "Bought"], "2"),
    ],
)
def test_it_shows_the_events_that_answer(database_url: str, shop: list[str], options: list[str], expected: str) -> None:
    assert days(database_url, *options) == list(expected)


def test_children_of_an_event(database_url: str, shop: list[str]) -> None:
    assert days(database_url, "--parent", shop[2]) == ["3"]


def test_a_table_has_a_row_for_each_event(database_url: str, shop: list[str]) -> None:
    assert query(database_url, "--name", "Bought").splitlines() == [
        "OCCURRED AT                  NAME      CUSTOMER  PROPERTIES",
        '1970-01-03T00:00:00.000000Z  Bought    bob       {"n":2}',
        '1970-01-02T00:00:00.000000Z  Bought    ada       {"n":1.0,"s":"x\\ny"}',
    ]
    assert query(database_url, "--name", "Unheard") == ""


def test_a_table_of_many_pages_has_one_heading(database_url: str, capture: Capture, tenant: Workspace) -> None:
    events = [NewEvent(name="A", occurred_at=n, received_at=0) for n in range(1_203)]
    capture.submit(Batch(workspace=tenant, events=events)).result()

    lines = query(database_url, "--limit", "0").splitlines()

    assert len(lines) == 1_204
    assert sum(line.startswith("OCCURRED") for line in lines) == 1
    assert lines[1].startswith("1970-01-01T00:00:00.001202Z")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--since", "yesterday"], "--since"),
        (["--until", "0001-01-01T00:00:00+23:00x"], "--until"),
        (["--property", "n"], "NAME=VALUE"),
        (["--parent", "3"], "UUID"),
        (["--limit", "-1"], "--limit"),
    ],
)
def test_what_cannot_be_read_is_told(database_url: str, tenant: Workspace, options: list[str], told: str) -> None:
    command = [str(FOOTFALL), "query", "--workspace", "acme", "--database", database_url, *options]

    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 2
    assert told in done.stderr
