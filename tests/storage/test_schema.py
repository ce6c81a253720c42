"""The schema and its migrations."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from footfall.storage import schema
from footfall.storage.database import Database, UnsupportedDatabase
from footfall.storage.tables import metadata


def test_the_migrated_database_has_exactly_the_columns_that_statements_use(database: Database) -> None:
    engine = sa.create_engine(f"sqlite:///{database.path}")
    inspector = sa.inspect(engine)
    found = {
        table: [column["name"] for column in inspector.get_columns(table)]
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }
    engine.dispose()

    assert found == {table.name: [column.name for column in table.columns] for table in metadata.sorted_tables}


def test_an_upgraded_database_is_left_alone(database: Database) -> None:
    database.prepare()

    engine = sa.create_engine(f"sqlite:///{database.path}")
    assert schema.current_version(engine) == schema.LATEST
    engine.dispose()


def test_processes_that_start_together_agree_on_one_schema(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "footfall", "db", "upgrade", "--database", f"sqlite:///{tmp_path}/new.db"]

    together = [subprocess.Popen(command) for _ in range(3)]

    assert [process.wait(timeout=60) for process in together] == [0, 0, 0]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense", ""])
def test_a_url_of_no_known_engine_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedDatabase):
        Database(url)


def test_only_the_id_deduplicates_events(database: Database) -> None:
    """The design's rule: one unique key besides the row's own number."""
    engine = sa.create_engine(f"sqlite:///{database.path}")
    inspector = sa.inspect(engine)
    unique: list[list[str | None]] = [
        list(found["column_names"]) for found in inspector.get_unique_constraints("events")
    ]
    unique += [list(found["column_names"]) for found in inspector.get_indexes("events") if found["unique"]]
    engine.dispose()

    assert unique == [["id"]]
