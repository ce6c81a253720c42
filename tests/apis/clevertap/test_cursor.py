"""Cursors as such (contracts/clevertap.md 2.3)."""

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.clevertap.cursor import Cursor, Flags, seal, unseal
from footfall.apis.clevertap.errors import InvalidCursor, InvalidQuery
from footfall.model import instant
from footfall.model.export import ExportPosition, ExportQuery, PropertyFilter

KEY = b"k" * 32
NOW = instant.now() // instant.SECOND

longs = st.integers(-(2**63), 2**63 - 1)
filters = st.builds(
    PropertyFilter,
    key=st.text(max_size=10),
    operator=st.sampled_from(["equals", "between"]),
    texts=st.lists(st.text(max_size=10), max_size=3).map(tuple),
    numbers=st.lists(longs | st.floats(allow_nan=False), max_size=3).map(tuple),
    truths=st.just(("true",)),
    negated=st.booleans(),
    in_items=st.booleans(),
)
cursors = st.builds(
    Cursor,
    query=st.builds(
        ExportQuery,
        workspace=st.just(7),
        type=longs,
        since=longs,
        until=longs,
        snapshot=longs,
        customer=st.none() | longs,
        filters=st.lists(filters, max_size=3).map(tuple),
    ),
    limit=st.integers(1, 5000),
    flags=st.builds(Flags, app=st.booleans(), profile=st.booleans(), events=st.booleans()),
    created=st.integers(NOW - 60, NOW),
    issued=st.integers(NOW - 60, NOW),
    position=st.none() | st.builds(ExportPosition, longs, longs),
    backward=st.booleans(),
)


@given(cursors)
def test_a_cursor_says_again_what_it_was_told_however_often_it_is_encoded(cursor: Cursor) -> None:
    text = seal(cursor, KEY)

    assert re.fullmatch("[A-Za-z0-9_-]+", text)
    assert unseal(text, KEY, 7) == cursor
    assert unseal("".join(f"%{ord(each):02x}" for each in quote(text)), KEY, 7) == cursor


@given(cursors, st.data())
def test_a_cursor_that_was_touched_is_none(cursor: Cursor, data: st.DataObject) -> None:
    text = seal(cursor, KEY)
    index = data.draw(st.integers(0, len(text) - 2))  # the last character may hold bits that mean nothing
    other = data.draw(st.sampled_from("ABab01-_").filter(lambda each: each != text[index]))

    with pytest.raises(InvalidCursor):
        unseal(text[:index] + other + text[index + 1 :], KEY, 7)


@given(cursors)
def test_a_cursor_is_bound_to_its_server_and_workspace(cursor: Cursor) -> None:
    with pytest.raises(InvalidCursor):
        unseal(seal(cursor, KEY), KEY, 8)
    with pytest.raises(InvalidCursor):
        unseal(seal(cursor, b"x" * 32), KEY, 7)


def test_a_cursor_that_would_not_fit_into_a_url_is_refused() -> None:
    long = PropertyFilter("k", "equals", texts=("x" * 3000,))
    cursor = Cursor(ExportQuery(7, 1, 0, 1, 1, None, (long,)), 50, Flags(), NOW, NOW)

    with pytest.raises(InvalidQuery):
        seal(cursor, KEY)
