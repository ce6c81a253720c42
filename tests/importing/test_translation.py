"""Rows become the same events, whatever was read before them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.importing.mapping import InvalidMapping, PropertyType, parse
from footfall.importing.rows import Row
from footfall.importing.translation import BadRow, Translator
from footfall.model.event import NewEvent

_COLUMNS = ["id", "name", "at", "who", "mail", "text", "whole", "number", "truth", "json"]
_MAPPING = parse(
    """
external_id = ["id"]
[name]
column = "name"
rules = [{ equals = "x", name = "X" }, { prefix = "C", name = "Return" }]
default = "other"
[time]
column = "at"
zone = "Europe/London"
[customer]
external_id = "who"
email = "mail"
[properties.columns]
text = "string"
whole = "integer"
number = "decimal"
truth = "boolean"
json = "json"
"""
)
_FINGERPRINT = b"f" * 16
_CELL = st.one_of(
    st.sampled_from(
        ["", " ", "x", "C1", "1", "01", "-0", "1.50", "1e3", "yes", "FALSE", '{"a":[1]}', "{", "\0", "é", '"']
    ),
    st.sampled_from(["a@b.c", "A@B.C ", "2011-07-01 08:26", "2011-07-01T08:26:00Z", "9" * 70, "t" * 65, "t" * 2000]),
    st.text(max_size=5),
)
_CELLS = st.lists(st.lists(_CELL, min_size=len(_COLUMNS), max_size=len(_COLUMNS)), min_size=1, max_size=20)


def translated(translator: Translator, cells: list[str], number: int) -> NewEvent | str:
    try:
        return translator.event(Row(number, number + 1, ",".join(cells).encode(), cells), 0)
    except BadRow as error:
        return str(error)


@given(_CELLS)
def test_a_row_becomes_what_it_becomes_alone(rows: Sequence[list[str]]) -> None:
    one = Translator(_MAPPING, _COLUMNS, _FINGERPRINT)

    for number, cells in enumerate([*rows, *rows], 1):
        alone = Translator(_MAPPING, _COLUMNS, _FINGERPRINT)

        assert translated(one, cells, number) == translated(alone, cells, number)


@pytest.mark.parametrize("kind", ["string", "integer", "decimal", "boolean", "json"])
def test_a_cell_that_is_no_value_is_told_each_time(kind: PropertyType) -> None:
    mapping = parse(
        f'[name]\nconstant = "n"\n[time]\ncolumn = "at"\nformat = "epoch_s"\n[properties.columns]\nv = "{kind}"'
    )
    translator = Translator(mapping, ["at", "v"], _FINGERPRINT)
    good = {"string": "s", "integer": "1", "decimal": "1.5", "boolean": "no", "json": "[]"}[kind]
    shown = {"string": '"s"', "integer": "1", "decimal": "1.5", "boolean": "false", "json": "[]"}[kind]

    for _ in range(2):
        event = translated(translator, ["0", good], 1)
        assert isinstance(event, NewEvent)
        assert event.properties == f'{{"v":{shown}}}'
        if kind != "string":
            refused = translated(translator, ["0", "{x"], 2)
            assert isinstance(refused, str)
            assert refused.startswith("v: '{x'")


def of_family(family: str, *cells: str) -> NewEvent:
    mapping = parse(
        f'family = {family}\nname = {{ constant = "Seen" }}\ntime = {{ column = "at", format = "epoch_ms" }}\n'
        'session.columns.sessionId = "string"\nproperties.columns.path = "string"\n'
    )
    translator = Translator(mapping, ["at", "kind", "sessionId", "path"], _FINGERPRINT)
    return translator.event(Row(1, 2, b"", list(cells)), 0)


def test_a_row_may_be_of_a_family_and_have_a_session() -> None:
    constant = of_family('{ constant = "page_view" }', "5", "", "s1", "/a")
    from_column = of_family('"kind"', "5", "lead", "", "/a")

    assert (constant.family, constant.session, constant.properties) == (
        "page_view",
        '{"sessionId":"s1"}',
        '{"path":"/a"}',
    )
    assert (from_column.family, from_column.session) == ("lead", "{}")
    assert of_family('"kind"', "5", "", "", "").family == "custom"
    with pytest.raises(BadRow, match="kind: 'x' is not one of custom"):
        of_family('"kind"', "5", "x", "", "")
    with pytest.raises(InvalidMapping, match="family"):
        of_family('{ constant = "x" }', "5", "", "", "")
