"""Metadata as stored and as shown: contracts/rapidly.md 2.1 and 3.2."""

import pytest

from footfall.apis.rapidly import metadata

COST = '{"amount": 1.50, "currency": "usd"}'


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        ('{"a": 1}', '{"a": 1}'),
        (f'{{"a": 1.0, "_cost": {COST}}}', '{"a":1.0,"_cost":{"amount":"1.50","currency":"usd"}}'),
        ('{"_cost": 5}', '{"_cost": 5}'),
        ('{"_cost": {"amount": 1, "currency": "eur"}}', '{"_cost": {"amount": 1, "currency": "eur"}}'),
        ('{"_cost": {"amount": "\\ud800", "currency": "usd"}}', '{"_cost": {"amount": "\\ud800", "currency": "usd"}}'),
        (f'{{"x": "\\ud800", "_cost": {COST}}}', f'{{"x": "\\ud800", "_cost": {COST}}}'),
        ('{"b": {"_cost": 1}}', '{"b": {"_cost": 1}}'),
    ],
)
def test_properties_of_any_product_are_shown_as_they_are_but_for_the_amount_of_a_cost(
    properties: str, shown: str
) -> None:
    assert bytes(metadata.shown(properties)).decode() == shown


def test_plain_metadata_is_stored_as_sent() -> None:
    assert metadata.quick(b'{ "a" : 1.0 }') == '{ "a" : 1.0 }'


@pytest.mark.parametrize("raw", [b'{"_cost": "x"}', b'{"\\u005fcost": 5}', b'{"a": {"b": 1}}', b'{"_llm": {}}'])
def test_what_needs_a_closer_look_is_left_to_it(raw: bytes) -> None:
    assert metadata.quick(raw) is None
