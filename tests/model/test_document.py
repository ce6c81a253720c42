"""JSON objects that are passed through."""

import re
from pathlib import Path

import pytest

from footfall.model.document import DEEPEST, check_object


@pytest.mark.parametrize(
    "raw",
    [b"{}", b'{"a": 1.50, "a":[1e99]}', b'{"a":"' + b"[{" * 500 + b'"}', b'{"a":' + b"[" * 99 + b"]" * 99 + b"}"],
)
def test_a_sound_object_is_kept_as_it_is(raw: bytes) -> None:
    assert check_object(raw) == raw.decode()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"[1]", "an object"),
        (b'{"a":1e999}', "out of the range"),
        (b'{"a":' + b"9" * 5000 + b"}", "out of the range"),
        (b'{"a":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}", "Nested deeper"),
    ],
)
def test_what_some_reader_could_not_read_is_refused(raw: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_object(raw)


def test_no_pattern_has_a_possessive_group() -> None:
    """Before Python 3.11.5 (Debian 12 has 3.11.2) such a group may end too early."""
    source = Path(__file__).parent.parent.parent / "src"
    found = [path.name for path in source.rglob("*.py") if re.search(r"\)[*+?]\+", path.read_text())]

    assert found == []
