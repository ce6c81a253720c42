"""Texts that name things."""

import pytest

from footfall.model.customer import Identity
from footfall.model.text import fault_of, identity


@pytest.mark.parametrize(
    ("text", "sound"), [("a", True), ("", False), (" ", False), ("x" * 1025, False), ("a\0", False)]
)
def test_a_name_is_short_and_visible(text: str, sound: bool) -> None:
    assert (fault_of(text) is None) is sound


def test_identities_are_compared_in_one_spelling() -> None:
    assert identity("email", " Ada@Example.COM ") == Identity("email", "ada@example.com")
    assert identity("mobile", "+44 (0)20-7946") == Identity("mobile", "440207946")
    assert identity("external_id", "C-17 ") == Identity("external_id", "C-17 ")
    assert identity("mobile", "none") is None
