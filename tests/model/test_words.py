"""Words of a text, as a server's parser finds them."""

from typing import Any

import pytest
import sqlalchemy as sa

from footfall.model.words import has_words, words
from footfall.storage.connection import Connection
from footfall.storage.database import Database
from footfall.storage.functions import json_has_words
from footfall.storage.statement import Statement

DOCUMENT = (
    '{"path":"/pricing","n":3,"model":"gpt-4o-mini","who":"Zoë Straße","mail":"a_b@c.de","at":"v1.2.3","u":"x/y",'
    '"k_v":"foo_bar","e":"caf\\u00e9","neg":-3,"q":"a \\"b\\" c","url":"https://example.com/a/b"}'
)
_ASKED = Statement(
    sa.select(json_has_words(sa.bindparam("document", type_=sa.Text), "text")),
)


def _ask(connection: Connection, text: str) -> Any:
    return connection.value(_ASKED, document=DOCUMENT, text=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/pricing", True),
        ("pricing", False),
        ("PATH", True),
        ("3 n", True),
        ("gpt-4o-mini", True),
        ("mini", True),
        ("gpt-4o", False),
        ("zoë", True),
        ("STRASSE", True),
        ("a_b@c.de", True),
        ("a_z", False),
        ("v1.2.3", True),
        ("v1.2", False),
        ("x/y", True),
        ("foo", True),
        ("café", True),
        ("u00e9", False),
        ("b", True),
        ("example.com", True),
        ("", False),
        ("!?", False),
        ("path nothing", False),
        ("it's", False),
    ],
)
def test_every_engine_finds_the_same_words(database: Database, text: str, expected: bool) -> None:
    assert bool(database.read(_ask, text)) is expected


def test_a_long_text_is_looked_at_up_to_a_limit() -> None:
    assert has_words('{"a":"' + "x " * 200_000 + 'needle"}', "x")
    assert not has_words('{"a":"' + "x " * 200_000 + 'needle"}', "needle")


def test_a_hyphened_word_stands_for_its_parts_too() -> None:
    assert words("Foo-Bar 12-34") == {"foo-bar", "foo", "bar", "12", "-34"}
