"""Places in an order, and pages cut from them, against sorting all there is."""

from functools import cmp_to_key

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.query import Position, SortKey
from footfall.storage.found_places import Place, arranged

KEYS = [SortKey(field, descending) for field in ("occurred_at", "account_id") for descending in (False, True)]
ORDERS = [(), *((key,) for key in KEYS), *((one, other) for one in KEYS for other in KEYS if one.field != other.field)]

places = st.lists(
    st.tuples(st.integers(1, 60), st.integers(-3, 3), st.sampled_from([None, "", "A", "a", "é"])),
    unique_by=lambda place: place[0],
    max_size=40,
)


def in_order(found: list[Place], order: tuple[SortKey, ...]) -> list[Place]:
    """As ``model.query`` words it: no account comes first, and what was stored first where nothing else decides."""

    def before(left: Place, right: Place) -> int:
        for key in order:
            ours, theirs = (place[1] if key.field == "occurred_at" else place[2] for place in (left, right))
            if ours != theirs:
                is_less = ours is None or (theirs is not None and ours < theirs)  # type: ignore[operator]
                return -1 if is_less != key.descending else 1
        backwards = bool(order) and order[-1].descending
        return right[0] - left[0] if backwards else left[0] - right[0]

    return sorted(found, key=cmp_to_key(before))


@pytest.mark.parametrize("order", ORDERS, ids=repr)
@given(first=places, later=places, limit=st.integers(1, 7), last=st.integers(0, 70))
def test_pages_of_places_are_those_of_the_whole_sorted(
    order: tuple[SortKey, ...], first: list[Place], later: list[Place], limit: int, last: int
) -> None:
    later = [(sequence + 100, at, account) for sequence, at, account in later]
    grown = arranged(order, first).with_more(later[:3]).with_more(later[3:])
    last = last if last < 65 else 200
    expected = [place for place in in_order([*first, *later], order) if place[0] <= last]

    found: list[int] = []
    after = None
    by_sequence = {place[0]: place for place in expected}
    while page := grown.page(after, limit, last):
        found += page
        assert len(found) <= len(expected)
        ended = by_sequence[page[-1]]
        after = Position(tuple(ended[1] if key.field == "occurred_at" else ended[2] for key in order), ended[0])

    assert found == [place[0] for place in expected]
    assert len(grown) == len(first) + len(later)


def test_places_do_not_change_when_more_are_added() -> None:
    known = arranged((SortKey("account_id"),), [(number, number, "a") for number in range(20)])

    known.with_more([(50, 3, "A")])

    assert known.page(None, 100, 100) == list(range(20))
