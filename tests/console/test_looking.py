"""What pages read, without a server: bounded looks, figures from the counts, and the chart's geometry."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.console import exploring, family, progress
from footfall.console.chart import HEIGHT, WIDTH, Series, stacked
from footfall.console.exploring import Question, explore, place_of
from footfall.console.overview import SPANS, overview
from footfall.console.people import person
from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.model.target import Progress
from footfall.model.workspace import Workspace
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.storage.event_walk import WalkPosition
from footfall.tenancy.creation import create

EVENTS = 20_000
STEPS = 60_000
NOW = 1_800_000_000 * instant.SECOND


def store(capture: Capture, tenant: Workspace, events: list[NewEvent]) -> list[bytes]:
    outcomes = capture.submit(Batch(workspace=tenant, events=events)).result().outcomes
    return [outcome.id for outcome in outcomes if isinstance(outcome, Captured)]


def _tenant(database: Database, service: Capture) -> Workspace:
    made = service.change_now(create, "acme", "UTC")
    found = database.read(workspaces.by_name, made.workspace.name)
    assert found is not None
    return found


def event(name: str, at: int, customer: str | None = None, **more: Any) -> NewEvent:
    whom = None if customer is None else CustomerReference(identities=(Identity("external_id", customer),))
    return NewEvent(name=name, occurred_at=at, received_at=NOW, customer=whom, **more)


def test_a_search_that_no_index_answers_stops_and_goes_on(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exploring, "MOST_LOOKED_AT", 400)
    kinds = ["web" if index % 350 == 0 else "shop" for index in range(1_000)]
    store(capture, tenant, [event("x", NOW + index, source=kind) for index, kind in enumerate(kinds)])

    found, place, pages = [], "", 0
    while True:
        page = database.read(explore, tenant.number, Question(source="web"), place_of(place))
        found += [one.occurred_at - NOW for one, _ in page.events]
        pages += 1
        assert page.looked_at <= 400
        if page.older is None:
            break
        place = page.older

    assert found == [700, 350, 0]
    assert pages == 3


def test_the_overviews_figures_are_those_of_the_events(database: Database, capture: Capture, tenant: Workspace) -> None:
    hours = [0, 1, 2, 5, 23, 30, 24 * 6, 24 * 20, 24 * 20, 24 * 300, 24 * 3000, -2]
    names = [f"n{index % 9}" for index in range(len(hours))]
    told = [
        event(name, NOW - hour * instant.HOUR, customer=f"c{index % 2}")
        for index, (name, hour) in enumerate(zip(names, hours, strict=True))
    ]
    store(capture, tenant, told)

    for span, expected in (("week", 7), ("month", 9), ("year", 10), ("decade", 11)):
        found = database.read(overview, tenant.number, SPANS[span], NOW)  # type: ignore[index]
        in_chart = sum(bar.total for bar in found.chart.bars)
        assert expected <= in_chart <= expected + 1, span  # the event to come may lie in the last bar
        assert in_chart == sum(one.total for one in found.chart.series)
        assert (found.total, found.number_of_names) == (len(hours), 9)
        assert (found.this_hour, found.day, found.week) == (1, 5, 7)
        assert dict(found.names) == dict(Counter(names))
        assert [count for _, count in found.customers] == [6, 6]
        assert found.compared == len(hours)
        assert [one.occurred_at for one, _ in found.latest] == sorted((one.occurred_at for one in told), reverse=True)[
            :10
        ]


def test_no_page_reads_more_the_more_is_stored(embedded: Database) -> None:
    """SQLite's own steps are bounded: they would not suffice to pass over all that is stored, once."""
    service = Capture(embedded)
    try:
        tenant = _tenant(embedded, service)
        (root,) = store(service, tenant, [event("root", NOW)])
        for start in range(0, EVENTS, 2_000):
            at = [NOW - index * instant.SECOND for index in range(start, start + 2_000)]
            store(service, tenant, [event("x", moment, customer="c", parent=root) for moment in at])
    finally:
        service.close()
    connection = embedded.reader()
    place = WalkPosition(NOW - EVENTS // 2 * instant.SECOND, 2**60)

    with connection.at_most(STEPS):
        assert len(explore(connection, tenant.number, Question(), None).events) == exploring.PAGE
    with connection.at_most(STEPS):
        asked = Question(name="x", customer="c")
        assert len(explore(connection, tenant.number, asked, place).events) == exploring.PAGE
    with connection.at_most(STEPS):
        assert len(explore(connection, tenant.number, Question(name="x"), place).events) == exploring.PAGE
    with connection.at_most(STEPS):
        assert overview(connection, tenant.number, SPANS["decade"], NOW).total == EVENTS + 1
    with connection.at_most(STEPS):
        found = family.family(connection, tenant.number, root)
        assert found is not None
        assert found.children_cut
    with connection.at_most(STEPS):
        known = person(connection, tenant.number, 1, place, NOW)
        assert known is not None
        assert known.has_older


def test_a_long_line_and_many_children_are_cut_and_told(
    database: Database, capture: Capture, tenant: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family, "MOST_ANCESTORS", 3)
    monkeypatch.setattr(family, "MOST_CHILDREN", 2)
    line: list[bytes] = []
    for depth in range(6):
        parent: dict[str, Any] = {} if not line else {"parent": line[-1]}
        line += store(capture, tenant, [event(f"g{depth}", NOW + depth, **parent)])
    store(capture, tenant, [event("leaf", NOW + 10 + index, parent=line[-1]) for index in range(3)])

    found = database.read(family.family, tenant.number, line[-1])
    near = database.read(family.family, tenant.number, line[2])

    assert found is not None
    assert [one.name for one, _ in found.ancestors] == ["g2", "g3", "g4"]
    assert (found.ancestors_cut, found.children_cut, len(found.children)) == (True, True, 2)
    assert near is not None
    assert [one.name for one, _ in near.ancestors] == ["g0", "g1"]
    assert (near.ancestors_cut, near.children_cut) == (False, False)


@given(
    st.integers(1, 40).flatmap(
        lambda bars: st.lists(
            st.lists(st.integers(0, 10**9), min_size=bars, max_size=bars).map(tuple), min_size=1, max_size=8
        )
    )
)
def test_bars_fill_their_share_of_the_picture_and_nothing_else(values: list[tuple[int, ...]]) -> None:
    series = [Series(str(index), index, own) for index, own in enumerate(values)]

    made = stacked([str(index) for index in range(len(values[0]))], series)

    assert made.highest == max(bar.total for bar in made.bars)
    for index, bar in enumerate(made.bars):
        assert bar.total == sum(own[index] for own in values)
        height = sum(block.height for block in bar.blocks)
        expected = bar.total / made.highest * HEIGHT if made.highest else 0
        assert height == pytest.approx(expected, abs=0.1)
        for block in bar.blocks:
            assert 0 <= block.x <= block.x + block.width <= WIDTH
            assert -0.1 <= block.y <= block.y + block.height <= HEIGHT + 0.1


def test_each_step_of_progress_has_its_bounds() -> None:
    def step(value: int, goal: int) -> str:
        one = Progress(id=1, customer=1, rule=1, period=1, value=value, events=1, enrolled_at=0, updated_at=0)
        return progress.STEPS[progress._step(one, goal)]

    assert [step(value, 100) for value in (-5, 0, 1, 24, 25, 49, 50, 74, 75, 99, 100, 500)] == [
        *("none", "none", "below 25 %", "below 25 %", "25 to 50 %", "25 to 50 %"),
        *("50 to 75 %", "50 to 75 %", "75 to 100 %", "75 to 100 %", "reached", "reached"),
    ]
    assert step(5, 0) == "none"
