"""The grammar of filter and sort, as properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.apis.gainsight_px.filter_grammar import FilterTerm, SortTerm, parse_filter, parse_sort
from footfall.model.query import Operator

fields = st.text(st.characters(exclude_characters=";=!<>~"), min_size=1, max_size=10)
values = st.text(st.characters(exclude_characters=";"), max_size=10)
terms = st.builds(FilterTerm, fields, st.sampled_from(list(Operator)), values).filter(
    lambda term: not (term.value.startswith("=") and term.operator in (Operator.LESS, Operator.GREATER))
)


def written(term: FilterTerm) -> str:
    return f"{term.field}{term.operator.value}{term.value}"


@given(st.lists(terms, max_size=5), st.booleans())
def test_terms_read_back_as_they_were_written(wanted: list[FilterTerm], ends_with_a_semicolon: bool) -> None:
    text = ";".join(map(written, wanted)) + (";" if ends_with_a_semicolon else "")

    assert parse_filter(text) == tuple(wanted)


@given(st.text(alphabet=list("ab=!<>~; *?"), max_size=12))
def test_any_text_is_read_whole_or_refused(text: str) -> None:
    try:
        parsed = parse_filter(text)
    except BadRequest:
        return

    assert ";".join(map(written, parsed)) == ";".join(term for term in text.split(";") if term)


@pytest.mark.parametrize(
    ("text", "field", "operator", "value"),
    [
        ("a===b", "a", Operator.EQUAL, "=b"),
        ("a<=b", "a", Operator.LESS_OR_EQUAL, "b"),
        ("a<>b", "a", Operator.LESS, ">b"),
        ("a!~b*?", "a", Operator.NOT_LIKE, "b*?"),
        ("a~~", "a", Operator.LIKE, "~"),
        ('e==me+you@x.example, "q"', "e", Operator.EQUAL, 'me+you@x.example, "q"'),
        ("a==", "a", Operator.EQUAL, ""),
    ],
)
def test_the_longest_operator_wins_and_values_are_not_touched(
    text: str, field: str, operator: Operator, value: str
) -> None:
    assert parse_filter(text) == (FilterTerm(field, operator, value),)


@pytest.mark.parametrize("text", ["a", "a=b", "a=>b", "a!b", "==b", "~", "a==b;c"])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_filter(text)


def test_a_sort_is_fields_with_signs() -> None:
    assert parse_sort("-date; accountId;+x;") == (
        SortTerm("date", descending=True),
        SortTerm("accountId", descending=False),
        SortTerm("x", descending=False),
    )
