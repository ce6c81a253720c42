"""Patterns of attributes: the same answers as a backtracking matcher, without its bad days."""

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.capillary.pattern import InvalidPattern, Pattern

ATOMS = st.sampled_from(["a", "b", ".", r"\d", r"\w", r"\s", "[ab]", "[^a]", "[a-c1]", r"\.", r"[\d-]"])
REPEATS = st.sampled_from(["", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"])


BOUNDED = st.sampled_from(["", "?", "{2}"])
"""What may repeat a group that repeats inside: with more, Python's own matcher, the judge, takes for ever."""

PLAIN_GROUPS = st.tuples(st.lists(st.one_of(ATOMS, st.just("|")), min_size=1, max_size=3).map("".join), REPEATS)


def sequences(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.tuples(inner.map(lambda text: f"({text})"), BOUNDED).map("".join)
    return st.lists(st.one_of(repeated, st.just("|"), inner), min_size=1, max_size=3).map("".join)


PATTERNS = st.recursive(
    st.one_of(st.tuples(ATOMS, REPEATS).map("".join), PLAIN_GROUPS.map(lambda parts: f"({parts[0]}){parts[1]}")),
    sequences,
    max_leaves=4,
)


@given(PATTERNS, st.text("ab1.- c", max_size=6))
def test_a_whole_match_is_what_python_finds(text: str, value: str) -> None:
    assert Pattern(text).matches(value) == (re.fullmatch(text, value, re.ASCII) is not None)


def test_anchors_at_the_ends_change_nothing() -> None:
    assert Pattern("^[A-Z]{3}$").matches("ABC")
    assert not Pattern("^[A-Z]{3}$").matches("ABCD")


def test_a_pattern_that_ruins_a_backtracking_matcher_is_quick() -> None:
    """A backtracking matcher would not come back from this."""
    assert not Pattern("(a|a)*(a*)*b").matches("a" * 5000)


@pytest.mark.parametrize(
    "text",
    ["(", ")", "[", "[z-a]", "*", "a**", "a{", "a{2,1}", "a{x}", r"(a)\1", "(?=a)", "(?P<n>a)", "\\", r"\b",
     "(" * 60 + ")" * 60, "((a{50}){50}){50}", "a$b", "[a[b]]"],
)  # fmt: skip
def test_what_an_automaton_cannot_do_is_refused(text: str) -> None:
    with pytest.raises(InvalidPattern):
        Pattern(text)


@given(st.text(max_size=30))
def test_no_text_makes_compiling_fail_otherwise(text: str) -> None:
    with contextlib.suppress(InvalidPattern):
        assert Pattern(text).matches("abc") in {True, False}
