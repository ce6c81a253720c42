"""Several processes write to one database, and none keeps the others waiting."""

import subprocess
import sys

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
while True:  # two under way at any time, as an import has
    waiting.pop(0).result()
    print("wrote", flush=True)
    waiting.append(capture.submit_change(lambda connection: time.sleep(0.05)))
"""
CHANGES = 10


def test_a_process_that_writes_without_a_pause_keeps_nobody_waiting(database: Database, capture: Capture) -> None:
    greedy = subprocess.Popen([sys.executable, "-c", GREEDY, database.url], stdout=subprocess.PIPE, text=True)
    try:
        assert greedy.stdout is not None
        greedy.stdout.readline()
        for _ in range(CHANGES):
            capture.change_now(workspaces.revoke, 1, identifiers.new_id(0), 0)
    finally:
        greedy.kill()
        meanwhile, _ = greedy.communicate()

    assert meanwhile.count("wrote") <= 5 * CHANGES, "turns alternate, more or less"


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
