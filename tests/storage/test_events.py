"""Every read of events stays inside one workspace and one index range."""

import pytest
from sqlalchemy.dialects import sqlite

from footfall.storage import events
from footfall.storage.database import Database
from footfall.storage.statement import SizedIn, Statement
from tests.conftest import driver_of


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (events._BY_ID, "sqlite_autoindex_events_1"),
        (events._CHILDREN, "events_by_parent"),
        (events._KNOWN_KEY, "events_by_unique_key"),
        (events._OF_CUSTOMER, "events_by_customer"),
    ],
)
def test_a_read_uses_its_index_and_sorts_nothing(embedded: Database, statement: Statement, index: str) -> None:
    connection = driver_of(embedded.reader())
    compiled = statement.compiled(sqlite.dialect(paramstyle="named"))
    named = dict.fromkeys(("id", "workspace", "unique_key", "customer", "since"))

    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {compiled.text}", {**named, **compiled.defaults})]

    assert any(index in step for step in plan), plan
    assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan), plan


def test_a_list_of_keys_is_covered_by_few_statements() -> None:
    asked: list[bytes] = [bytes([number % 256, number // 256]) for number in range(600)]

    pieces = list(events._KNOWN.pieces(asked))

    assert len(pieces) == 3
    assert {key for _, keys in pieces for key in keys.values()} == set(asked)
    assert isinstance(events._KNOWN, SizedIn)
