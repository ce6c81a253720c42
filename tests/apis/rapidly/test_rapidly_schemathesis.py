"""Whatever a machine makes of the published description gets an answer that the description knows."""

import subprocess
from pathlib import Path

import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.clients import installed
from tests.conftest import Server

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.mark.parametrize(
    ("paths", "checks"),
    [("^/api/", CHECKS), ("^/v1/(events/?$|events/(names|ingest|external)|event-types|customers)", CHECKS[:1])],
)
def test_machine_made_requests_get_described_answers(
    server: Server, workspace: NewWorkspace, paths: str, checks: tuple[str, ...], tmp_path: Path
) -> None:
    command = [
        *(str(installed.python("schemathesis") / "schemathesis"), "run", f"{server.url}/schema/openapi.json"),
        *("--include-path-regex", paths, "--checks", ",".join(checks)),
        *("-H", f"Authorization: Bearer {workspace.rapidly.token}"),
        *("--phases", "coverage,fuzzing", "--max-examples", "4", "--seed", "7", "--no-color"),
    ]

    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path)

    assert ended.returncode == 0, ended.stdout[-5_000:]
