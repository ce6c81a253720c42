"""``footfall db`` as a user runs it."""

import subprocess
from pathlib import Path

import pytest

from footfall.capture.service import Capture
from footfall.storage import workspaces
from footfall.storage.database import Database, url_of
from footfall.tenancy.creation import create
from tests.conftest import FOOTFALL


def db(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(FOOTFALL), "db", *arguments], capture_output=True, text=True, check=False)


def names(url: str) -> list[str]:
    database = Database(url)
    database.prepare()
    try:
        return [one.name for one in database.read(workspaces.every)]
    finally:
        database.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = url_of(tmp_path / "footfall.db")
    database = Database(made)
    database.prepare()
    capture = Capture(database)
    capture.change_now(create, "acme", "UTC")
    capture.close()
    database.close()
    return made


def test_a_backup_is_a_store_that_can_be_restored(url: str, tmp_path: Path, database_url: str) -> None:
    backup = tmp_path / "backup.db"

    made = db("backup", str(backup), "--database", url)
    restored = db("restore", str(backup), "--database", database_url)

    assert (made.returncode, restored.returncode) == (0, 0), made.stderr + restored.stderr
    assert [path.name for path in tmp_path.glob("backup*") if not path.name.endswith("-turn")] == ["backup.db"]
    assert names(url_of(backup)) == names(database_url) == ["acme"]


def test_nothing_is_overwritten(url: str, tmp_path: Path) -> None:
    full = tmp_path / "full.db"
    full.write_bytes(b"")

    refused = db("backup", str(full), "--database", url)
    occupied = db("restore", str(tmp_path / "footfall.db"), "--database", url)

    assert refused.returncode == 2
    assert full.read_bytes() == b""
    assert occupied.returncode == 1
    assert "in use" in occupied.stderr
    assert names(url) == ["acme"]
