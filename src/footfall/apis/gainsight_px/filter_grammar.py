"""The grammar of ``filter`` and ``sort`` (contracts/gainsight_px.md 2.2, 2.4): from text to terms, meaning aside.

    filter := term *( ";" term ) [ ";" ]
    term   := field operator value
    field  := 1*( any character except ";" "=" "!" "<" ">" "~" )
    value  := *( any character except ";" )

The longest operator wins; nothing is quoted, escaped or trimmed; empty terms are passed over.
"""

import re

import msgspec

from footfall.apis.gainsight_px.errors import BadRequest
from footfall.model.query import Operator

_TERM = re.compile(r"(?P<field>[^;=!<>~]+)(?P<operator>==|!=|<=|>=|!~|<|>|~)(?P<value>[^;]*)", re.DOTALL)


class FilterTerm(msgspec.Struct, frozen=True):
    """``field operator value``, as written."""

    field: str
    operator: Operator
    value: str


class SortTerm(msgspec.Struct, frozen=True):
    """A field to sort by, as written."""

    field: str
    descending: bool


def parse_filter(text: str) -> tuple[FilterTerm, ...]:
    """The terms of one ``filter`` parameter, all of which must hold. Raises BadRequest."""
    return tuple(_filter_term(term) for term in text.split(";") if term)


def parse_sort(text: str) -> tuple[SortTerm, ...]:
    """The fields of the ``sort`` parameter. A sign ``+`` may have arrived as the blank that it means in a URL."""
    return tuple(_sort_term(term.strip()) for term in text.split(";") if term.strip())


def _filter_term(text: str) -> FilterTerm:
    found = _TERM.fullmatch(text)
    if found is None:
        raise BadRequest(f"Invalid filter '{text}': expected field, operator (== != < <= > >= ~ !~), value")
    return FilterTerm(found["field"], Operator(found["operator"]), found["value"])


def _sort_term(text: str) -> SortTerm:
    return SortTerm(text.lstrip("+").strip() if text[0] != "-" else text[1:], text[0] == "-")
