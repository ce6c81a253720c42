"""The tour of docs/rapidly.md works when it is pasted."""

import re
import subprocess
from pathlib import Path

from tests.apis.rapidly.conftest import Client
from tests.conftest import Server

PAGE = Path(__file__).parents[3] / "docs" / "rapidly.md"
EXAMPLE = "749ec817-5f0b-4f6e-9d3c-0d8a3a1b2c4d"


def test_every_command_of_the_tour_works(client: Client, server: Server) -> None:
    text = PAGE.read_text()
    tour = text[text.index("## A short tour") : text.index("## Events of other products")]
    blocks = re.findall(r"```bash\n(.*?)```", tour, re.DOTALL)
    assert len(blocks) > 6
    setup = f"set -e\nBASE={server.url}\nTOKEN={client.workspace.rapidly.token}\n"
    identifier = (
        'ID=$(curl -s "$BASE/api/events/external/visit-1" -H "Authorization: Bearer $TOKEN" | cut -d\'"\' -f4)\n'
    )
    shown = [re.sub(r"^curl ", 'echo; curl -sS -w " %{http_code}" ', block, flags=re.MULTILINE) for block in blocks[1:]]
    script = setup + shown[0] + "\n" + identifier + "\n".join(shown[1:]).replace(EXAMPLE, "$ID")

    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=60)

    answers = ended.stdout.strip().splitlines()
    statuses = re.findall(r" (\d{3})$", ended.stdout, re.MULTILINE)
    assert len(statuses) == sum(block.count("curl ") for block in blocks[1:]), ended.stdout
    assert set(statuses) <= {"200", "201", "204"}, answers
    assert '"inserted":2' in answers[0]
    assert any('"total":1' in answer and '"path":"/pay"' in answer for answer in answers)
    assert any('"amount":"0.25"' in answer for answer in answers)
