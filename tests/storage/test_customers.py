"""How customers are looked up."""

import pytest
from sqlalchemy.dialects import sqlite

from footfall.storage import customers, event_types, search_narrowing, targets
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from tests.conftest import driver_of


@pytest.mark.parametrize(
    ("statement", "search"),
    [
        (customers._BY_IDENTITY, "SEARCH identities USING PRIMARY KEY (workspace=? AND kind=? AND value=?)"),
        (customers._HOLDERS, "SEARCH identities USING PRIMARY KEY (workspace=? AND kind=? AND value=?)"),
        (customers._REMOVE_IDENTITY, "SEARCH identities USING PRIMARY KEY (workspace=? AND kind=? AND value=?)"),
        (customers._BY_NUMBERS, "SEARCH customers USING INTEGER PRIMARY KEY (rowid=?)"),
        (search_narrowing._BY_FOLDED_IDENTITY, "customers_by_identity (workspace=? AND identity_folded=?)"),
        (event_types._BY_NAME, "sqlite_autoindex_event_types_1 (workspace=? AND family=? AND name=?)"),
        (targets._RULES, "target_rules_by_group (workspace=? AND group=?)"),
    ],
)
def test_a_condition_over_texts_or_lists_is_looked_up_in_its_index(
    embedded: Database, statement: Statement, search: str
) -> None:
    compiled = statement.compiled(sqlite.dialect(paramstyle="named"))
    names = ("workspace", "kind", "value", "values", "numbers", "folded", "names", "families", "groups")

    rows = driver_of(embedded.reader()).execute(f"EXPLAIN QUERY PLAN {compiled.text}", dict.fromkeys(names, 1))

    assert search in "\n".join(row[3] for row in rows)
