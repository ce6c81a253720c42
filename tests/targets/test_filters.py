"""Where events must have happened to count."""

import pytest

from footfall.model.organisation import Place
from footfall.model.target import Filter
from footfall.targets.filters import admits

PLACES = {"11": Place(5, "80", "90"), "12": Place(6, None, "91"), "13": Place(None, None, None)}


@pytest.mark.parametrize(
    ("filters", "admitted"),
    [
        ([], {"11", "12", "13", "99", None}),
        ([Filter("STORE", (5,))], {"11"}),
        ([Filter("STORE", (5, 6, 13, 99))], {"11", "12", "13", "99"}),
        ([Filter("STORE", (11,))], set()),
        ([Filter("ZONE", (80,))], {"11"}),
        ([Filter("CONCEPT", (90, 91))], {"11", "12"}),
        ([Filter("CONCEPT", (90, 91)), Filter("STORE", (6,))], {"12"}),
        ([Filter("STORE", ())], set()),
    ],
)
def test_all_filters_must_let_the_outlet_in(filters: list[Filter], admitted: set[str | None]) -> None:
    assert {outlet for outlet in ("11", "12", "13", "99", None) if admits(filters, outlet, PLACES)} == admitted
