"""Several processes write to one database, and none keeps the others waiting."""

import threading
from pathlib import Path

from footfall.capture.service import Capture
from footfall.storage.database import Database
from footfall.storage.engines.turn import SUFFIX, Turn


def test_who_waits_for_the_turn_gets_it_when_it_is_passed_on(embedded: Database, file: Path) -> None:
    holding, waiting = Turn(file), Turn(file)
    order: list[str] = []
    asked = threading.Event()

    def wait_for_it() -> None:
        asked.set()
        with waiting.taken():
            order.append("second")

    other = threading.Thread(target=wait_for_it)
    with holding.taken():
        other.start()
        assert asked.wait(10)
        other.join(0.2)
        assert other.is_alive(), "it waits while the turn is held"
        order.append("first")
    other.join(10)

    assert order == ["first", "second"]
    holding.close()
    waiting.close()


def test_a_turn_that_is_never_passed_on_delays_and_does_not_prevent_writing(embedded: Database, file: Path) -> None:
    capture = Capture(embedded)
    stuck = Turn(file)
    with stuck.taken():
        assert capture.change_now(lambda _: "written") == "written"
    stuck.close()


def test_where_there_can_be_no_turn_everybody_goes_without(embedded: Database, file: Path) -> None:
    file.with_name(file.name + SUFFIX).mkdir()
    capture = Capture(embedded)

    assert capture.change_now(lambda _: "written") == "written"
    capture.close()
