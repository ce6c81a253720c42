"""Amounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model import amount


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_six_decimals_survive_exactly(exact: Decimal) -> None:
    parsed = amount.parse(exact)

    assert parsed is not None
    assert Decimal(amount.to_text(parsed)) == exact


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1000", "1000"), ("2000.460", "2000.46"), ("-0.5", "-0.5"), ("1e3", "1000"), (" 7 ", "7"), ("0.000", "0")],
)
def test_an_amount_shows_without_trailing_zeros(text: str, shown: str) -> None:
    parsed = amount.parse(text)

    assert parsed is not None
    assert amount.to_text(parsed) == shown


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1,5", "1e30", "--1", "1e900000", "1e999999"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amount.parse(text) is None
