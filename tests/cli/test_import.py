"""``footfall import`` as a user runs it."""

import gzip
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from footfall.storage import workspaces
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from tests.conftest import FOOTFALL, new_workspace

MAPPING = """
[name]
column = "name"
[time]
column = "at"
[customer]
external_id = "who"
[properties]
others = "string"
"""
HEADER = "name,at,who,note\n"


class Desk:
    """A folder with a database, a workspace and a mapping."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/footfall.db"
        Database(self.url).prepare()
        self.workspace = new_workspace(self.url).workspace.id
        (folder / "mapping.toml").write_text(MAPPING)

    def command(self, content: str | None, *options: str, workspace: str | None = None) -> list[str]:
        file = self.folder / "events.csv"
        if content is not None:
            file.write_text(content)
        return [
            *(str(FOOTFALL), "import", str(file), "--workspace", workspace or self.workspace),
            *("--mapping", str(self.folder / "mapping.toml"), "--database", self.url, *options),
        ]

    def run(self, content: str, *options: str, workspace: str | None = None) -> subprocess.CompletedProcess[str]:
        command = self.command(content, *options, workspace=workspace)
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def count(self) -> int:
        database = Database(self.url)
        try:
            return database.read(_last_sequence)
        finally:
            database.close()


def _last_sequence(connection: Connection) -> int:
    assert workspaces.every(connection)
    return connection.last_sequence(1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def row(number: int) -> str:
    return f"Seen,2024-05-01T00:00:00Z,c{number % 100},note {number}\n"


def test_a_good_file_ends_with_0_and_a_line_of_counts(desk: Desk) -> None:
    done = desk.run(HEADER + row(1) + row(2))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 rows: 2 stored, 0 already there, 0 rejected")
    assert not (desk.folder / "events.csv.rejects.ndjson").exists()


def test_running_again_says_that_nothing_is_new(desk: Desk) -> None:
    desk.run(HEADER + row(1))

    again = desk.run(HEADER + row(1))

    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "nothing new")


def test_rejected_rows_end_with_3_also_when_run_again(desk: Desk) -> None:
    content = HEADER + row(1) + "Seen,never,c,x\n"

    first, again = desk.run(content, "--json"), desk.run(content, "--json")

    assert (first.returncode, again.returncode) == (3, 3)
    counted = json.loads(first.stdout)
    assert (counted["rows"], counted["stored"], counted["rejected"]) == (2, 1, 1)
    assert json.loads(again.stdout)["rejected_before"] == 1
    (reject,) = (desk.folder / "events.csv.rejects.ndjson").read_text().splitlines()
    assert json.loads(reject)["line"] == 3


def test_a_mapping_that_does_not_fit_ends_with_2(desk: Desk) -> None:
    done = desk.run("a,b\n1,2\n")

    assert done.returncode == 2
    assert "no column 'name'; it has: a, b" in done.stderr


def test_an_unknown_workspace_ends_with_1(desk: Desk) -> None:
    done = desk.run(HEADER, workspace="nobody")

    assert done.returncode == 1
    assert "no workspace 'nobody'" in done.stderr


def test_a_reject_file_that_cannot_be_written_ends_with_1(desk: Desk) -> None:
    done = desk.run(HEADER + "Seen,never,c,x\n", "--rejects", str(desk.folder / "missing" / "x"))

    assert done.returncode == 1
    assert "missing" in done.stderr


def test_a_kill_in_the_middle_loses_nothing_and_repeats_nothing(desk: Desk) -> None:
    rows = 40_000
    content = HEADER + "".join(map(row, range(rows))) + "Seen,never,c,x\n"
    desk.folder.joinpath("events.csv").write_text(content)
    running = subprocess.Popen(desk.command(None))
    deadline = time.monotonic() + 30
    while desk.count() < 5000 and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.01)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    stored_before = desk.count()

    again = desk.run(content, "--json")

    counted = json.loads(again.stdout)
    assert 0 < stored_before <= rows
    assert counted["resumed_after"] == stored_before
    assert (counted["stored"], counted["already_there"], again.returncode) == (rows - stored_before, 0, 3)
    assert desk.count() == rows


@pytest.mark.parametrize("chosen", ["letter.txt", "events.csv", "mapping.toml"])
def test_a_file_that_is_no_reject_file_is_never_overwritten(desk: Desk, chosen: str) -> None:
    (desk.folder / "letter.txt").write_text("Dear Sir or Madam,\n")
    content = HEADER + "Seen,never,c,x\n"
    command = desk.command(content, "--rejects", str(desk.folder / chosen))
    before = (desk.folder / chosen).read_bytes()

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode in {1, 2}
    assert chosen in done.stderr
    assert "Traceback" not in done.stderr
    assert (desk.folder / chosen).read_bytes() == before


def test_an_entry_cut_off_by_a_crash_is_written_anew(desk: Desk) -> None:
    rejects = desk.folder / "events.csv.rejects.ndjson"
    content = HEADER + "Seen,never,c,x\n"
    desk.run(content)
    whole = rejects.read_bytes()
    for left in (1, 7, 20, len(whole) - 1):
        rejects.write_bytes(whole[:left])

        done = desk.run(content, "--restart")

        assert (done.returncode, rejects.read_bytes()) == (3, whole)


def test_a_damaged_compressed_file_is_told_plainly(desk: Desk) -> None:
    damaged = bytearray(gzip.compress((HEADER + "".join(map(row, range(5000)))).encode()))
    for start in (0, 40, len(damaged) // 2, len(damaged) - 8):
        spoilt = damaged[:]
        spoilt[start : start + 4] = b"\xff\xff\xff\xff"
        (desk.folder / "events.csv.gz").write_bytes(spoilt)
        command = [part.replace("events.csv", "events.csv.gz") for part in desk.command(None)]

        done = subprocess.run(command, capture_output=True, text=True, check=False)

        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert "Traceback" not in done.stderr


def test_blank_lines_are_no_rows(desk: Desk) -> None:
    done = desk.run(HEADER + row(1) + "\n  \t \n" + row(2) + " \n", "--json")

    assert (done.returncode, json.loads(done.stdout)["rows"]) == (0, 2)


def test_a_quotation_mark_that_nothing_closes_costs_only_the_rows_it_takes_in(desk: Desk) -> None:
    content = HEADER + row(1) + 'Seen,2024-05-01T00:00:00Z,c,"open\n' + "".join(map(row, range(2, 30_000)))

    done = desk.run(content, "--json")

    counted = json.loads(done.stdout)
    assert (done.returncode, counted["rejected"]) == (3, 1)
    assert counted["stored"] == desk.count() > 1_000
    (reject,) = map(json.loads, (desk.folder / "events.csv.rejects.ndjson").read_text().splitlines())
    assert reject["line"] == 3
    assert "never closed" in reject["reason"]
