"""The background sender, against a real server."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from footfall.client import BufferFull, Footfall, FootfallError, NewEvent, Refusal, Retry, Sender
from footfall.tenancy.creation import NewWorkspace
from tests.client.unreliable import Way, way_to
from tests.conftest import Server, free_port

PATIENT = 30.0
QUICK = Retry(attempts=2, first=0.01, longest=0.01)


@pytest.fixture
def way(server: Server) -> Iterator[Way]:
    with way_to(server.url) as found:
        yield found


@pytest.fixture
def client(way: Way, workspace: NewWorkspace) -> Iterator[Footfall]:
    with Footfall(way.url, token=workspace.footfall.token, retry=QUICK) as found:
        yield found


def names(client: Footfall) -> list[str]:
    return sorted(event.name for event in client.events.search())


def test_events_are_sent_in_batches(client: Footfall, way: Way) -> None:
    with client.sender(batch=10, every=PATIENT) as sender:
        for n in range(25):
            sender.put(f"{n:02}")

    assert way.seen == 3
    assert names(client) == [f"{n:02}" for n in range(25)]


def test_a_lone_event_does_not_wait_for_others_for_ever(client: Footfall) -> None:
    with client.sender(every=0.01) as sender:
        sender.put("A")
        deadline = time.monotonic() + PATIENT
        while not names(client) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert names(client) == ["A"]


def test_a_flush_waits_for_what_was_put(client: Footfall) -> None:
    with client.sender(every=PATIENT) as sender:
        sender.put(NewEvent(name="A"))
        assert sender.flush(PATIENT)
        assert names(client) == ["A"]
        assert sender.flush(PATIENT)


def test_what_is_refused_is_told_and_the_rest_is_stored(client: Footfall) -> None:
    refused: list[Refusal] = []
    with client.sender(on_refused=refused.extend) as sender:
        for name in ("A", "", "B"):
            sender.put(name)

    assert [(one.event.name, one.field) for one in refused] == [("", "name")]
    assert names(client) == ["A", "B"]


def test_a_wrong_token_is_told_of_every_event(way: Way) -> None:
    refused: list[Refusal] = []
    with Footfall(way.url, token="footfall_x") as client, client.sender(on_refused=refused.extend) as sender:
        sender.put("A")
        sender.put("B")

    assert [one.event.name for one in refused] == ["A", "B"]


def test_events_wait_for_a_server_that_is_away_and_come_once(client: Footfall, way: Way) -> None:
    refused: list[Refusal] = []
    way.faults = ["refuse", "cut", "busy after"]
    with client.sender(every=0, on_refused=refused.extend) as sender:
        sender.put("A")
        assert sender.flush(PATIENT)

    assert (names(client), refused) == (["A"], [])


def test_a_full_buffer_is_told_or_waited_for(client: Footfall, way: Way) -> None:
    way.faults = ["busy"] * 2
    told = client.sender(capacity=2, batch=2, every=0, wait_when_full=False)
    told.put("A")
    told.put("B")
    with pytest.raises(BufferFull):  # noqa: PT012
        while True:
            told.put("C")
    told.close(PATIENT)
    with client.sender(capacity=2, batch=2, every=PATIENT) as waits:
        for _ in range(9):
            waits.put("D")

    assert names(client).count("D") == 9


def test_what_could_not_be_sent_is_told_at_the_end() -> None:
    refused: list[Refusal] = []
    nobody = Footfall(f"http://127.0.0.1:{free_port()}", token="footfall_x", retry=QUICK)
    sender = nobody.sender(on_refused=refused.extend)
    sender.put("A")

    sender.close(timeout=0.1)

    nobody.close()
    assert [one.event.name for one in refused] == ["A"]
    with pytest.raises(FootfallError, match="closed"):
        sender.put("B")


def put(sender: Sender) -> None:
    for _ in range(100):
        sender.put("A")


def test_threads_share_a_sender(client: Footfall) -> None:
    with client.sender(capacity=50, batch=20) as sender:
        threads = [threading.Thread(target=put, args=(sender,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(names(client)) == 400


def test_a_callback_that_fails_does_not_end_the_sending(client: Footfall, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: list[Refusal]) -> None:
        raise KeyError("told")

    with client.sender(batch=1, on_refused=fails) as sender:
        sender.put("")
        sender.put("A")

    assert names(client) == ["A"]
    assert "on_refused failed" in caplog.text


def test_a_program_that_ends_has_sent_everything(server: Server, workspace: NewWorkspace) -> None:
    program = (
        "from footfall.client import Footfall\n"
        f"sender = Footfall({server.url!r}, token={workspace.footfall.token!r}).sender(every=60)\n"
        "sender.put('last words')\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENT)

    with Footfall(server.url, token=workspace.footfall.token) as client:
        assert names(client) == ["last words"]
