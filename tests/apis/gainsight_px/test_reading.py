"""Which pages are read on the event loop."""

import pytest

from footfall.apis.gainsight_px.reading import is_brief
from footfall.apis.gainsight_px.search_parameters import SearchParameters
from footfall.storage.search_memory import SearchMemory


def brief(*filters: str, **parameters: str) -> bool:
    given = [*(("filter", text) for text in filters), *parameters.items()]
    return is_brief(SearchParameters(given).query(1, now=0, most_days=190), SearchMemory())


@pytest.mark.parametrize(
    "filters",
    [
        (),
        ("eventName==Clicked",),
        ("eventName~cl*;date>=0;date<=1000",),
        ("identifyId==u1;eventName!=Clicked;date==5",),
        ("identifyId==u1", "eventName==Clicked"),
    ],
)
def test_what_indexes_answer_alone_is_brief(filters: tuple[str, ...]) -> None:
    assert brief(*filters)


@pytest.mark.parametrize(
    "term",
    ["identifyId~u*", "eventId~e*", "attributes.qty>2", "url~*", "userType==USER", "date~1*"],
)
def test_what_looks_into_events_is_not(term: str) -> None:
    assert not brief(term)
    assert not brief("eventName==Clicked", f"eventName==Viewed;{term}")


def test_a_long_page_is_not() -> None:
    assert brief(pageSize="100")
    assert not brief(pageSize="101")
