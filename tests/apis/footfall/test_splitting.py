"""Splitting against whole-body parsers, for every way the body may be cut into chunks."""

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.apis.footfall.splitting import ArraySplitter, Element, LineSplitter, Splitter

LIMIT = 10_000

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(['"', "\\", '\\"', "[,]", "}{"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
cuts = st.lists(st.integers(0, 400), max_size=12)
layouts = st.sampled_from([{"separators": (",", ":")}, {"indent": 1}, {"ensure_ascii": False}])


def pieces(body: bytes, at: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(body)) for cut in at), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


def split(splitter: Splitter, chunks: Sequence[bytes]) -> list[Element]:
    found = [element for chunk in chunks for element in splitter.feed(chunk)]
    return [*found, *splitter.finish()]


def is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


@given(st.lists(json_values, max_size=6), layouts, cuts)
def test_an_array_comes_out_element_by_element_however_it_is_cut(
    values: list[object], layout: dict[str, object], at: list[int]
) -> None:
    body = json.dumps(values, **layout).encode()  # type: ignore[arg-type]

    elements = split(ArraySplitter(LIMIT), pieces(body, at))

    assert [json.loads(element.content) for element in elements] == values
    assert [element.line for element in elements] == list(range(1, len(values) + 1))


@given(st.lists(json_values, max_size=4), layouts)
def test_an_array_may_come_byte_by_byte(values: list[object], layout: dict[str, object]) -> None:
    body = json.dumps(values, **layout).encode()  # type: ignore[arg-type]

    elements = split(ArraySplitter(LIMIT), [body[i : i + 1] for i in range(len(body))])

    assert [json.loads(element.content) for element in elements] == values


@given(st.text(alphabet='[]{},:"\\1a \n', max_size=24), cuts)
def test_a_body_is_a_json_array_exactly_when_nothing_is_wrong_with_its_elements(text: str, at: list[int]) -> None:
    body = b"[" + text.encode()

    elements = split(ArraySplitter(LIMIT), pieces(body, at))

    sound = all(element.fault is None and is_json(element.content) for element in elements)
    assert sound == is_json(body)


@given(st.binary(max_size=60), cuts, st.integers(1, 20))
def test_how_a_body_is_cut_changes_nothing(body: bytes, at: list[int], limit: int) -> None:
    assert split(ArraySplitter(limit), pieces(body, at)) == split(ArraySplitter(limit), [body])
    assert split(LineSplitter(limit), pieces(body, at)) == split(LineSplitter(limit), [body])


@given(st.lists(json_values, max_size=4), layouts, cuts, st.integers(1, 60))
def test_an_element_found_in_one_step_is_the_one_found_byte_by_byte(
    values: list[object], layout: dict[str, object], at: list[int], limit: int
) -> None:
    body = json.dumps(values, **layout).encode()  # type: ignore[arg-type]

    slowly = split(ArraySplitter(limit), [body[i : i + 1] for i in range(len(body))])

    assert split(ArraySplitter(limit), [body]) == slowly
    assert split(ArraySplitter(limit), pieces(body, at)) == slowly


def test_an_element_of_many_strings_that_is_never_closed_costs_no_more_than_its_length() -> None:
    body = b"[" + b'{"a":["\\\\",' * 20_000

    (fault,) = split(ArraySplitter(len(body)), [body])

    assert fault.fault is not None
    assert "not closed" in fault.fault


@given(st.lists(st.text(alphabet='ab "\r\t', max_size=5)), cuts)
def test_lines_keep_their_numbers_and_blank_ones_are_passed_over(lines: list[str], at: list[int]) -> None:
    body = "\n".join(lines).encode()

    elements = split(LineSplitter(LIMIT), pieces(body, at))

    expected = [(number, line.encode()) for number, line in enumerate(lines, 1) if line.strip()]
    assert [(element.line, element.content) for element in elements] == expected


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b'[{"a":1},', "not closed: the element that begins at byte 9"),
        (b'[{"a":1}] x', "after the array's end, at byte 10"),
        (b'[{"a":1},,{"b":2}]', "no event between the commas at byte 9"),
        (b'[{"a":1},]', "no event between the commas at byte 9"),
        (b'[{"a":1}}', "Unexpected } in the array, at byte 8"),
        (b'x [{"a":1}]', "where the array should begin, at byte 0"),
    ],
)
def test_what_is_wrong_with_an_array_is_told_by_its_byte(body: bytes, fault: str) -> None:
    told = [element.fault for element in split(ArraySplitter(LIMIT), [body]) if element.fault is not None]

    assert len(told) == 1
    assert fault in told[0]


def test_an_element_over_the_limit_spoils_only_itself() -> None:
    body = b'[{"a":1},{"a":"' + b"x" * 100 + b'"},{"a":2}]'

    elements = split(ArraySplitter(50), [body])

    assert [element.content for element in elements] == [b'{"a":1}', b"", b'{"a":2}']
    assert elements[1].fault == "The event is larger than 50 bytes"


def test_an_endless_element_is_not_kept() -> None:
    splitter = ArraySplitter(1000)
    list(splitter.feed(b'[{"a":"'))
    for _ in range(1000):
        list(splitter.feed(b"x" * 1000))

    assert sum(len(part) for part in splitter._parts) <= 1000


def test_a_body_cut_off_yields_only_what_was_complete() -> None:
    splitter = LineSplitter(LIMIT)

    elements = [*splitter.feed(b'{"a":1}\n{"a":'), *splitter.finish(complete=False)]

    assert [element.content for element in elements] == [b'{"a":1}']
