"""The schema and its migrations."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from footfall.storage import schema
from footfall.storage.database import Database, url_of
from footfall.storage.failures import DatabaseUnavailable, UnsupportedDatabase
from footfall.storage.tables import metadata
from tests.conftest import Databases


def test_the_migrated_database_has_exactly_the_columns_that_statements_use(embedded: Database, file: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{file}")
    inspector = sa.inspect(engine)
    found = {
        table: [column["name"] for column in inspector.get_columns(table)]
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }
    engine.dispose()

    assert found == {table.name: [column.name for column in table.columns] for table in metadata.sorted_tables}


def test_an_upgraded_database_is_left_alone(embedded: Database, file: Path) -> None:
    embedded.prepare()

    engine = sa.create_engine(f"sqlite:///{file}")
    assert schema.current_version(engine) == schema.LATEST
    engine.dispose()


def test_processes_that_start_together_agree_on_one_schema(databases: Databases) -> None:
    command = [sys.executable, "-m", "footfall", "db", "upgrade", "--database", databases.new_empty_url()]

    together = [subprocess.Popen(command) for _ in range(3)]

    assert [process.wait(timeout=60) for process in together] == [0, 0, 0]


@pytest.mark.parametrize(
    "url",
    [
        *("mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense", ""),
        *("sqlite://host/x.db", "sqlite:///x.db?mode=ro", "sqlite+aiosqlite:///x.db"),
    ],
)
def test_a_url_of_no_known_engine_or_with_parts_that_would_do_nothing_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedDatabase, match="expected sqlite:///"):
        Database(url)


@pytest.mark.parametrize("url", ["postgresql://host", "postgresql://host/name?unheard=of", "postgresql://[host/name"])
def test_a_url_that_names_no_database_or_nonsense_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedDatabase):
        Database(url)


@pytest.mark.parametrize("name", ["plain.db", "a b.db", "50%20.db", "why?.db", "#é.db"])
def test_a_path_of_any_characters_has_a_url(tmp_path: Path, name: str) -> None:
    database = Database(url_of(tmp_path / name))
    database.prepare()
    database.close()
    assert (tmp_path / name).exists()


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(embedded: Database, file: Path) -> None:
    with closing(sqlite3.connect(file)) as direct:
        direct.execute("UPDATE alembic_version SET version_num = '9999'")
        direct.commit()

    with pytest.raises(UnsupportedDatabase, match=r"version is 9999.*a newer Footfall"):
        embedded.prepare()

    with closing(sqlite3.connect(file)) as direct:
        assert direct.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


@pytest.mark.parametrize("table", ["events", "alembic_version", "something"])
def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path, table: str) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as direct:
        direct.execute(f"CREATE TABLE {table} (version_num)")
    before = path.read_bytes()

    with pytest.raises(UnsupportedDatabase, match="another program's database"):
        Database(f"sqlite:///{path}").prepare()

    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    before = path.read_bytes()

    with pytest.raises(DatabaseUnavailable, match="not a database"):
        Database(f"sqlite:///{path}").prepare()

    assert path.read_bytes() == before


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_only_the_id_deduplicates_events(embedded: Database, file: Path) -> None:
    """The design's rule: one unique key besides the row's own number."""
    engine = sa.create_engine(f"sqlite:///{file}")
    inspector = sa.inspect(engine)
    unique: list[list[str | None]] = [
        list(found["column_names"]) for found in inspector.get_unique_constraints("events")
    ]
    unique += [list(found["column_names"]) for found in inspector.get_indexes("events") if found["unique"]]
    engine.dispose()

    assert unique == [["id"]]
