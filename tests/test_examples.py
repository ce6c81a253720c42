"""Files of the examples that other programs read: that they say what a server tells."""

import json
import re
from pathlib import Path

from footfall.telemetry.metrics import Metrics

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    metrics = Metrics()
    metrics.answered("footfall", "GET", 200, 0.1)
    metrics.captured([(("footfall", "stored"), 1)])
    metrics.waits("events", 0)
    told = set(re.findall(r"^(footfall_\w+)", metrics.text().decode(), re.MULTILINE))
    dashboard = json.loads((EXAMPLES / "grafana" / "footfall.json").read_text())

    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"footfall_\w+", target["expr"])
    }

    assert asked
    assert asked <= told


def test_the_docker_file_copies_what_there_is() -> None:
    text = (EXAMPLES / "docker" / "Dockerfile").read_text()

    copied = [name for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.MULTILINE) for name in line.split()]

    assert copied
    for name in copied:
        assert (EXAMPLES.parent / name).exists(), name
