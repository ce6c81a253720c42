"""Every read of events stays inside one workspace and one index range."""

import pytest
from sqlalchemy.dialects import sqlite

from footfall.storage import events
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from tests.conftest import driver_of


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (events._BY_ID, "sqlite_autoindex_events_1"),
        (events._CHILDREN, "events_by_parent"),
        (events._KNOWN_KEYS, "events_by_unique_key"),
        (events._OF_CUSTOMER, "events_by_customer"),
    ],
)
def test_a_read_uses_its_index_and_sorts_nothing(embedded: Database, statement: Statement, index: str) -> None:
    connection = driver_of(embedded.reader())
    compiled = statement.compiled(sqlite.dialect(paramstyle="named"))
    named = dict.fromkeys(("id", "workspace", "keys", "customer", "since"))

    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {compiled.text}", {**named, **compiled.defaults})]

    assert any(index in step for step in plan), plan
    scanned = [step for step in plan if step.startswith("SCAN") and "json_each" not in step]
    assert not scanned, plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
