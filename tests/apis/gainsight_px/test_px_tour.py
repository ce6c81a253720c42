"""The tour of docs/gainsight-px.md works when it is pasted."""

import json
import re
from pathlib import Path

from footfall.tenancy.creation import NewWorkspace
from tests.conftest import Server
from tests.curl import pasted

PAGE = Path(__file__).parents[3] / "docs" / "gainsight-px.md"


def test_the_tour_works_when_pasted(server: Server, workspace: NewWorkspace, tmp_path: Path) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    left_out = ("footfall serve", "scrollId=...")  # starts another server; goes on from a page before
    script = "\n".join(block for block in blocks if not any(words in block for words in left_out))
    script = re.sub(r"^( *)curl", r"\1echo\n\1curl", script, flags=re.MULTILINE)
    for shown, here in (
        ("http://127.0.0.1:8000", server.url),
        ("00000000-0000-4000-8000-000000000000", workspace.gainsight_px.api_key),
        ("footfall_...", workspace.footfall.token),
    ):
        assert shown in script
        script = script.replace(shown, here)
    answers = [json.loads(line) for line in pasted(script, tmp_path).splitlines() if line.strip()]

    created, found, errors, read, users, *rest = answers
    assert created["eventId"] == created["id"] == found["customEvents"][0]["eventId"]
    assert [each["index"] for each in errors] == [1]
    assert read["eventId"] == "click-1"
    assert [user["identifyId"] for user in users["users"]] == ["u1"]
    assert [event["eventId"] for event in rest[-1]["results"]] == ["view-1"]
