"""What is SQLite's own: how its connections are set."""

import subprocess
import sys
from pathlib import Path

import pytest

COUNTED = """
import re
import sys
from pathlib import Path

import sqlalchemy as sa

from footfall.storage.database import Database
from footfall.storage.statement import Statement



def peak() -> int:
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])


database = Database(sys.argv[1])
database.prepare()
numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)"
many = Statement(sa.text(f"{numbers} SELECT count(*) FROM (SELECT DISTINCT hex(zeroblob(60)) || i FROM n)"))
few = Statement(sa.text("SELECT 1"))
read = lambda connection, statement: connection.value(statement)
database.read(read, few)
before = peak()
assert database.read(read, many) == 400_000
print(peak() - before)
database.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process its peak")
def test_what_a_read_tells_apart_is_not_held_in_memory(tmp_path: Path) -> None:
    """400,000 values of 126 bytes: 50 MB of them alone."""
    command = [sys.executable, "-c", COUNTED, f"sqlite:///{tmp_path}/footfall.db"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert int(told) / 1024 < 25
