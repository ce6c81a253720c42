"""``footfall demo``, as a new user meets it: five lines to paste, each of which works."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

from tests.conftest import FOOTFALL, START_SECONDS, free_port
from tests.curl import pasted


def test_the_printed_lines_work_when_pasted(tmp_path: Path) -> None:
    another = tmp_path / "demo" / "demo-1.db"
    another.parent.mkdir()
    another.write_text("of a demo on another port, which may be running")
    printed = tmp_path / "printed"
    with printed.open("wb") as output:
        demo = subprocess.Popen(
            [str(FOOTFALL), "demo", "--port", str(free_port()), "--directory", str(tmp_path / "demo")],
            stdout=output,
            env={**os.environ, "http_proxy": "http://127.0.0.1:9"},
        )
    try:
        deadline = time.monotonic() + 2 * START_SECONDS
        while "Stop with Ctrl-C" not in printed.read_text() and time.monotonic() < deadline:
            assert demo.poll() is None
            time.sleep(0.1)
        lines = [line for line in printed.read_text().splitlines() if line.startswith("curl ")]
        answers = [json.loads(pasted(line, tmp_path)) for line in lines]
    finally:
        demo.terminate()
        demo.wait(timeout=START_SECONDS)

    event, tracked, page, export, by_id = answers
    assert event["data"][0]["eventName"] == "table_booked"
    assert tracked["pagination"]["total"] > 0
    assert len(tracked["data"]) == 5
    assert len(page["customEvents"]) == 3
    assert page["totalHits"] > 10_000
    assert len(export["records"]) == 3
    assert by_id["customer"]["external_id"] == by_id["external_customer_id"] == "C10000"
    assert by_id["child_count"] > 0
    assert another.exists()


def test_a_port_in_use_is_told_plainly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        refused = subprocess.run(
            [str(FOOTFALL), "demo", "--port", port, "--directory", str(tmp_path / "demo")],
            capture_output=True,
            text=True,
            check=False,
            timeout=START_SECONDS,
        )

    assert refused.returncode == 1
    assert f"port {port} is in use" in refused.stderr
    assert not (tmp_path / "demo").exists()
