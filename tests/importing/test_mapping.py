"""Mapping files: what is accepted, and what is told of the rest."""

import pytest

from footfall.importing.mapping import InvalidMapping, parse

GOOD = '[name]\nconstant = "X"\n[time]\ncolumn = "t"\n'


def test_the_least_mapping_is_a_name_and_a_time() -> None:
    mapping = parse(GOOD)

    assert (mapping.name.constant, mapping.time.column, mapping.time.format) == ("X", "t", "iso")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[name", "not valid TOML"),
        ("", "missing required field `name`"),
        ('[name]\nconstant = "X"\n', "missing required field `time`"),
        (GOOD + '[custmer]\nemail = "e"\n', "unknown field `custmer`"),
        (GOOD + '[customer]\nmail = "e"\n', "unknown field `mail`"),
        (GOOD + '[properties.columns]\nx = "text"\n', "Invalid enum value 'text'"),
        ('[name]\n[time]\ncolumn = "t"\n', "name: give either constant or column"),
        ('[name]\nconstant = "X"\ndefault = "Y"\n[time]\ncolumn = "t"\n', "need a column"),
        ('[name]\ncolumn = "n"\nrules = [{name = "Y"}]\n[time]\ncolumn = "t"\n', "name.rules[0]"),
        ('[name]\nconstant = "X"\n[time]\ncolumn = []\n', "time.column"),
        (GOOD + 'format = "nonsense"\n', "time.format"),
        (GOOD + 'format = "%Y-%m-%d"\n', "time.zone"),
        (GOOD + 'zone = "Mars/Olympus"\n', "Mars/Olympus"),
        (GOOD + 'zone = "../etc"\n', "time.zone"),
        (GOOD + "[amount]\n", "amount: give either column or product"),
        ('delimiter = "::"\n' + GOOD, "delimiter"),
        ('encoding = "utf-16"\n' + GOOD, "encoding"),
        ('encoding = "klingon"\n' + GOOD, "encoding"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_told_where(text: str, told: str) -> None:
    with pytest.raises(InvalidMapping) as caught:
        parse(text)

    assert told in str(caught.value)
