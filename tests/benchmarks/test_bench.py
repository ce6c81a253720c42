"""The bench itself: that it runs and tells what it promises. No figure is judged."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks import rapidly

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a tiny run took place."""
    folder = tmp_path_factory.mktemp("bench")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EVENTS": "1_000", "SECONDS": "0.1"}
    subprocess.run([sys.executable, "-m", "benchmarks"], cwd=folder, env=environment, check=True, capture_output=True)
    return folder


def test_every_operation_stands_beside_its_baseline_and_target(ran: Path) -> None:
    document = msgspec.json.decode((ran / "bench-results.json").read_bytes())

    lines = {line["operation"]: line for line in document["lines"]}
    with_baseline = [name for name, line in lines.items() if line["baseline"] is not None]
    assert len(with_baseline) == 10 + 32 + 1 + 2 + 8 + 3 + 4
    remembered = [f"list of events, Rapidly, {each}: asked for the first time" for each in rapidly._REMEMBERED]
    progress = "a customer's progress in three targets, of 100 enrolled, Capillary"
    assert [name for name, line in lines.items() if line["target"] is None] == [
        *remembered,
        progress,
        "memory of the import",
    ]
    for name in with_baseline:
        assert lines[name]["ratio"] == pytest.approx(lines[name]["figure"] / lines[name]["baseline"])


def test_a_loaded_store_is_kept_and_the_copies_that_were_written_to_are_not(ran: Path) -> None:
    assert {path.name for path in (ran / ".bench").glob("*.db")} == {"events_1000.db"}
