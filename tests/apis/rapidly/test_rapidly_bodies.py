"""Whole answers, byte for byte: contracts/rapidly.md 0 to 4 and 11, as far as their rows were observed.

A story is told request by request. What differs from run to run is replaced by a word in angle brackets: ids are
numbered as they come up, and may stand in the paths and bodies of later requests; times and tokens are not told apart.
"""

import json
import re
from pathlib import Path

import pytest

from tests.apis.rapidly.conftest import Client

STORIES = Path(__file__).parent / "stories"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TIME = re.compile(r"2[1-9]\d\d-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|20(?:2[6-9]|[3-9]\d)-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
_TOKEN = re.compile(r"rapidly_oat_[\w-]{48}")
_STEP = re.compile(
    r"^> (?P<method>[A-Z]+) (?P<path>\S+)(?: (?P<body>.*))?\n(?:# .*\n)*(?P<answer>(?:^(?!> |$).*\n?)*)", re.MULTILINE
)


class Told:
    """Answers with what differs from run to run replaced."""

    def __init__(self, known: dict[str, str]) -> None:
        self.words = known

    def of(self, text: str) -> str:
        text = _TOKEN.sub("<token>", _UUID.sub(lambda found: self._word(found[0]), text))
        return _TIME.sub("<time>", text)

    def fill_in(self, text: str) -> str:
        for value, word in self.words.items():
            text = text.replace(word, value)
        return text

    def _word(self, identifier: str) -> str:
        return self.words.setdefault(identifier, f"<id{len(self.words)}>")


_USE = re.compile(r'(?<="last_used_at":)(?:null|"<time>")')
"""A token's use is noted a moment after it: a story may be told faster, or slower."""


def tell(client: Client, story: str) -> str:
    """The story with the answers that are given now."""
    told = Told({client.workspace.workspace.id: "<workspace>"})
    lines: list[str] = []
    for step in _STEP.finditer(story):
        path = told.fill_in(step["path"])
        body = told.fill_in(step["body"] or "")
        content = body.encode() if body else None
        headers = client.headers | ({"content-type": "application/json"} if body else {})
        answer = client.http.request(step["method"], path, content=content, headers=headers)
        head = f"> {step['method']} {step['path']}{' ' + step['body'] if step['body'] else ''}"
        here = str(client.http.base_url).rstrip("/")
        extra = "".join(
            f" {name}: {told.of(answer.headers[name]).replace(here, '<here>')}"
            for name in ("www-authenticate", "allow", "location", "content-disposition")
            if name in answer.headers
        )
        shown = told.of(answer.text).replace("\r", "<cr>")
        lines.append(f"{head}\n{answer.status_code}{extra}\n{shown.rstrip(chr(10))}".rstrip("\n") + "\n")
    return "\n".join(lines)


@pytest.mark.parametrize("path", sorted(STORIES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_story_is_told_word_for_word(client: Client, path: Path) -> None:
    story = path.read_text(encoding="utf-8")

    expected = re.sub(r"^# .*\n+", "", story, flags=re.MULTILINE)
    assert _USE.sub("<use>", tell(client, story)) == _USE.sub("<use>", expected)


def test_a_story_has_bodies_in_json() -> None:
    bodies = [
        step["body"] for path in STORIES.glob("*.txt") for step in _STEP.finditer(path.read_text()) if step["body"]
    ]

    assert bodies
    assert any(isinstance(json.loads(body), dict) for body in bodies if body.startswith("{"))
