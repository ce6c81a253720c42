"""Identifiers."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from footfall.model import identifiers

MILLISECONDS = st.integers(0, 2**48 - 1)


@given(MILLISECONDS)
def test_a_fresh_id_is_a_version_4_uuid(milliseconds: int) -> None:
    made = uuid.UUID(bytes=identifiers.new_id(milliseconds))

    assert made.version == 4
    assert made.variant == uuid.RFC_4122


@given(MILLISECONDS, MILLISECONDS)
def test_fresh_ids_sort_by_their_milliseconds(first: int, second: int) -> None:
    if first != second:
        assert (identifiers.new_id(first) < identifiers.new_id(second)) == (first < second)


def test_fresh_ids_of_the_same_millisecond_differ() -> None:
    assert len({identifiers.new_id(1) for _ in range(1000)}) == 1000


@given(st.binary(min_size=16, max_size=16), st.text())
def test_a_derived_id_depends_on_workspace_and_key_alone(workspace: bytes, external_id: str) -> None:
    made = identifiers.derived_id(workspace, external_id)

    assert made == identifiers.derived_id(workspace, external_id)
    assert made != identifiers.derived_id(workspace, external_id + "x")
    assert made != identifiers.derived_id(bytes(16 - 1) + b"\x07" + workspace[:0], external_id) or (
        workspace == bytes(15) + b"\x07"
    )
    assert uuid.UUID(bytes=made).version == 4


@given(st.uuids())
def test_text_and_bytes_are_each_others_inverse(some: uuid.UUID) -> None:
    assert identifiers.to_text(some.bytes) == str(some)
    assert identifiers.from_text(str(some)) == some.bytes


def test_what_is_no_uuid_has_no_bytes() -> None:
    assert identifiers.from_text("not-a-uuid") is None
    assert identifiers.from_text("") is None
