"""Several processes write to one database, and none keeps the others waiting."""

import subprocess
import sys
import time

from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.storage.turn import SUFFIX, Turn

GREEDY = """
import sys, time
from footfall.capture.service import Capture
from footfall.storage.database import Database
capture = Capture(Database(sys.argv[1]))
waiting = [capture.submit_change(lambda connection: time.sleep(0.05)) for _ in range(2)]
print("writing", flush=True)
while True:  # two under way at any time, as an import has
    waiting.pop(0).result()
    waiting.append(capture.submit_change(lambda connection: time.sleep(0.05)))
"""


def test_a_process_that_writes_without_a_pause_keeps_nobody_waiting(database: Database, capture: Capture) -> None:
    greedy = subprocess.Popen([sys.executable, "-c", GREEDY, database.url], stdout=subprocess.PIPE)
    try:
        assert greedy.stdout is not None
        greedy.stdout.readline()
        waits = []
        for _ in range(10):
            began = time.monotonic()
            capture.change_now(workspaces.revoke, 1, identifiers.new_id(0), 0)
            waits.append(time.monotonic() - began)
    finally:
        greedy.kill()
        greedy.communicate()

    assert sorted(waits)[5] < 0.5
    assert max(waits) < 2


def test_a_turn_that_is_never_passed_on_delays_and_does_not_prevent_writing(
    database: Database, capture: Capture
) -> None:
    stuck = Turn(database.path)
    with stuck.taken():
        assert capture.change_now(lambda _: "written") == "written"
    stuck.close()


def test_where_there_can_be_no_turn_everybody_goes_without(database: Database) -> None:
    database.path.with_name(database.path.name + SUFFIX).mkdir()
    capture = Capture(database)

    assert capture.change_now(lambda _: "written") == "written"
    capture.close()
