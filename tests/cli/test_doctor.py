"""``footfall doctor`` as a user runs it."""

import json
import os
import socket
import sqlite3
import subprocess
from pathlib import Path

from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.workspace import Workspace
from footfall.storage import schema, workspaces
from footfall.storage.database import Database, url_of
from tests.conftest import FOOTFALL, free_port


def examined(url: str, *options: str, **settings: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
    """The exit code; by name of each check its state, what was found, and the advice."""
    command = [str(FOOTFALL), "doctor", "--json", "--database", url, *(options or ["--port", str(free_port())])]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **settings})
    told = json.loads(done.stdout)
    return done.returncode, {one["name"]: (one["state"], one["found"], one["advice"]) for one in told}


def test_a_good_set_up_is_good(database_url: str, database: Database, tenant: Workspace) -> None:
    code, checks = examined(database_url)

    assert code == 0
    assert {name: state for name, (state, _, _) in checks.items() if state != "ok"} == {}
    assert {"python", "settings", "time zones", "database", "schema", "credentials", "port"} <= set(checks)
    assert checks["schema"][1] == f"version {schema.LATEST}"
    assert ("PostgreSQL" in checks["database"][1]) == database_url.startswith("postgresql")


def test_an_empty_database_wants_a_workspace(database_url: str, database: Database) -> None:
    code, checks = examined(database_url)

    assert code == 0
    assert checks["credentials"] == ("warning", "there is no workspace", "footfall workspace create NAME")


def test_a_workspace_without_a_credential_is_named(
    database_url: str, database: Database, capture: Capture, tenant: Workspace
) -> None:
    for credential in database.read(workspaces.credentials_of, tenant.number):
        capture.change_now(workspaces.revoke, tenant.number, credential.id, instant.now())

    assert examined(database_url)[1]["credentials"][:2] == ("warning", "none that lives in acme")


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    code, checks = examined(url_of(tmp_path / "below" / "new.db"))

    assert (code, checks["schema"][0]) == (0, "warning")
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_program_is_a_fault(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()

    code, checks = examined(url_of(tmp_path / "other.db"))

    assert code == 1
    assert checks["database"][0] == "fault"
    assert "another program's database" in checks["database"][1]


def test_an_old_schema_is_a_fault_and_left_as_it_is(tmp_path: Path) -> None:
    store = Database(url_of(tmp_path / "old.db"))
    store.prepare()
    store.close()
    old = sqlite3.connect(tmp_path / "old.db")
    old.execute("UPDATE alembic_version SET version_num = '0004'")
    old.commit()

    code, checks = examined(url_of(tmp_path / "old.db"))

    assert (code, checks["schema"][0]) == (1, "fault")
    assert "footfall db upgrade" in checks["schema"][2]
    assert old.execute("SELECT version_num FROM alembic_version").fetchone() == ("0004",)
    old.close()


def test_a_server_that_does_not_answer_is_a_fault_and_its_password_is_not_told() -> None:
    code, checks = examined(f"postgresql://me:hidden@127.0.0.1:{free_port()}/db")

    assert (code, checks["database"][0]) == (1, "fault")
    assert "hidden" not in str(checks)


def test_a_url_of_no_engine_and_a_wrong_setting_are_faults() -> None:
    code, checks = examined("mysql://here/db", FOOTFALL_QUEUE_CAPACITY="many")

    assert code == 1
    assert (checks["database"][0], checks["settings"][0]) == ("fault", "fault")


def test_a_port_in_use_is_told(database_url: str, database: Database) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, checks = examined(database_url, "--port", str(port))

    assert (code, checks["port"][0]) == (0, "warning")
    assert f"--port {port + 1}" in checks["port"][2]


def test_advice_stands_below_what_was_found(tmp_path: Path) -> None:
    command = [str(FOOTFALL), "doctor", "--database", url_of(tmp_path / "new.db")]

    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert "warning  schema       there is no database yet\n                      -> footfall serve makes it" in told
