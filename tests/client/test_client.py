"""Both clients against a real server: every function."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from footfall.client import (
    AsyncFootfall,
    CustomerRef,
    Footfall,
    NewEvent,
    NotFound,
    RequestRefused,
    Retry,
    Unauthorized,
    Unreachable,
)
from footfall.tenancy.creation import NewWorkspace
from tests.client.unreliable import Fault, Way, way_to
from tests.conftest import Server, free_port, start_server

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
QUICK = Retry(attempts=4, first=0.01, longest=0.02)


class Awaited:
    """An asynchronous client, called as if it were the other one: what is awaited or iterated runs to its end."""

    def __init__(self, run: Callable[[Awaitable[Any]], Any], part: Any) -> None:
        self._run = run
        self._part = part

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if not callable(found):
            return Awaited(self._run, found)

        def called(*args: Any, **kwargs: Any) -> Any:
            answer = found(*args, **kwargs)
            if isinstance(answer, AsyncIterator):
                return self._iterated(answer)
            return self._run(answer)

        return called

    def _iterated(self, answers: AsyncIterator[Any]) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._run(anext(answers))
                except StopAsyncIteration:
                    return
        finally:
            if isinstance(answers, AsyncGenerator):
                self._run(answers.aclose())


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes clients of the one kind or the other."""
    opened: list[Footfall] = []
    if request.param == "sync":

        def sync(url: str, token: str) -> Any:
            opened.append(Footfall(url, token=token, retry=QUICK))
            return opened[-1]

        yield sync
        for client in opened:
            client.close()
        return
    with asyncio.Runner() as runner:

        async def awaited(answer: Awaitable[Any]) -> Any:
            return await answer

        waiting: list[AsyncFootfall] = []

        def asynchronous(url: str, token: str) -> Any:
            waiting.append(AsyncFootfall(url, token=token, retry=QUICK))
            return Awaited(lambda answer: runner.run(awaited(answer)), waiting[-1])

        yield asynchronous
        for each in waiting:
            runner.run(each.close())


@pytest.fixture
def client(connect: Callable[..., Any], server: Server, workspace: NewWorkspace) -> Any:
    return connect(server.url + "/", workspace.footfall.token)


def test_an_event_reads_back_as_it_was_captured(client: Any) -> None:
    captured = client.events.capture(
        NewEvent(
            name="Bought",
            customer=CustomerRef(external_id="c/17", email="ada@example.com"),
            properties={"basket": 3, "größe": [1.5, None]},
            session={"s": "1"},
            occurred_at=NOON,
            external_id="o-1",
            account_id="acme",
            source="till",
            amount=Decimal("139.12"),
        )
    )

    event = client.events.get(captured.id)

    assert event == client.events.find("o-1")
    assert (event.name, event.occurred_at, event.amount) == ("Bought", NOON, Decimal("139.12"))
    assert event.properties == {"basket": 3, "größe": [1.5, None]}
    assert (event.session, event.account_id, event.source) == ({"s": "1"}, "acme", "till")
    assert event.customer.external_id == "c/17"
    assert event.family == "custom"
    assert not captured.duplicate
    assert client.events.capture("Bought", external_id="o-1").duplicate
    assert client.customers.find("c/17").email == "ada@example.com"


def test_the_event_of_a_page_view_has_its_family_and_a_child_its_parent(client: Any) -> None:
    parent = client.events.capture("Home", family="page_view")
    child = client.events.capture("Below", parent_id=parent.id)

    assert client.events.get(parent.id).family == "page_view"
    assert client.events.get(child.id).parent_id == parent.id
    assert [event.id for event in client.events.search(parent=parent.id)] == [child.id]


def test_a_search_pages_by_itself(client: Any) -> None:
    summary = client.events.capture_many(
        NewEvent(name="AB"[n % 2], occurred_at=NOON, external_id=str(n), properties={"n": n, "even": n % 2 == 0})
        for n in range(1_203)
    )

    assert (summary.accepted, summary.duplicates, summary.refused) == (1_203, 0, [])
    found = [event.external_id for event in client.events.search(oldest_first=True)]
    assert found == [str(n) for n in range(1_203)]
    assert [event.external_id for event in client.events.search(names=["A"], properties={"n": 4, "even": True})] == [
        "4"
    ]
    assert list(client.events.search(since=NOON, until=NOON)) == []
    assert [event.external_id for event in client.events.search(names=["A", "B"])][:2] == ["1202", "1201"]


def test_a_page_can_be_had_by_itself(client: Any) -> None:
    client.events.capture_many(NewEvent(name="A", occurred_at=NOON, external_id=str(n)) for n in range(3))

    first = client.events.search_page(limit=2, source=None, names=["A"])
    rest = client.events.search_page(limit=2, cursor=first.next)

    assert [event.external_id for event in first.events + rest.events] == ["2", "1", "0"]
    assert rest.next is None


def test_bad_events_are_told_and_keep_no_good_one_out(client: Any) -> None:
    good, bad = NewEvent(name="Good"), NewEvent(name="")

    summary = client.events.capture_many([good, bad])
    only_bad = client.events.capture_many([bad])
    atomic = client.events.capture_many([good, bad], atomic=True)

    assert summary.accepted == 1
    assert [(refusal.event, refusal.field) for refusal in summary.refused] == [(bad, "name")]
    assert (only_bad.accepted, len(only_bad.refused)) == (0, 1)
    assert (atomic.accepted, len(atomic.refused)) == (0, 1)
    assert len(list(client.events.search())) == 1


def test_counts_and_names(client: Any) -> None:
    client.events.capture("A", occurred_at=NOON)
    client.events.capture("B", occurred_at=NOON)

    counts = client.events.counts("A", interval="week", since=NOON, until=NOON.replace(day=2))
    together = client.events.counts()

    assert (counts.interval, counts.starts, counts.until) == (
        "week",
        [datetime(2024, 4, 29, tzinfo=UTC)],
        datetime(2024, 5, 6, tzinfo=UTC),
    )
    assert [(series.name, series.total, series.events) for series in counts.series] == [("A", 1, [1])]
    assert [(series.name, series.total) for series in together.series] == [(None, 0)]
    assert {(name.name, name.events, name.first_seen) for name in client.events.names()} == {
        ("A", 1, NOON),
        ("B", 1, NOON),
    }


def test_customers_and_what_they_did(client: Any) -> None:
    for n in range(2):
        client.events.capture(f"Did {n}", customer=CustomerRef(external_id="ada", name="Ada"), occurred_at=NOON)
    client.events.capture("Did", customer=CustomerRef(external_id="bob"))

    ada = client.customers.get("ada")

    assert (ada.name, ada.registered, ada.deleted_at) == ("Ada", client.customers.find("ada").registered, None)
    assert client.customers.get(ada.id) == ada
    assert [customer.external_id for customer in client.customers.list()] == ["ada", "bob"]
    assert [event.name for event in client.customers.events("ada")] == ["Did 1", "Did 0"]
    assert [event.name for event in client.customers.events(ada.id, names=["Did 1"])] == ["Did 1"]
    assert client.customers.find("eve") is None
    with pytest.raises(NotFound):
        client.customers.get("eve")
    with pytest.raises(NotFound):
        list(client.customers.events("eve"))


def test_the_tail_goes_on_behind_what_is_known(client: Any) -> None:
    client.events.capture_many([NewEvent(name="A"), NewEvent(name="B"), NewEvent(name="A")])

    followed = client.events.tail(names=["A"], after="0")

    assert [next(followed).name for _ in range(2)] == ["A", "A"]
    followed.close()


def test_what_the_server_refuses_is_told_in_its_words(client: Any, connect: Callable[..., Any], server: Server) -> None:
    with pytest.raises(NotFound) as missing:
        client.events.get("no/such")
    with pytest.raises(RequestRefused) as refused:
        client.events.capture("")
    with pytest.raises(Unauthorized):
        connect(server.url, "footfall_wrong").events.find("x")
    with pytest.raises(Unauthorized):
        next(connect(server.url, "footfall_wrong").events.tail())

    assert missing.value.status == 404
    assert (refused.value.status, refused.value.code, refused.value.field) == (400, "invalid_event", "name")


def test_times_need_a_zone_and_filters_a_name(client: Any) -> None:
    naive = datetime(2024, 5, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        client.events.capture("A", occurred_at=naive)
    with pytest.raises(ValueError, match="zone"):
        list(client.events.search(since=naive))
    with pytest.raises(TypeError, match="nmaes"):
        list(client.events.search(nmaes=["x"]))


@pytest.fixture
def way(server: Server) -> Iterator[Way]:
    with way_to(server.url) as found:
        yield found


@pytest.mark.parametrize("fault", ["refuse", "cut", "busy", "busy after"])
def test_a_retry_never_doubles(connect: Callable[..., Any], way: Way, workspace: NewWorkspace, fault: Fault) -> None:
    client = connect(way.url, workspace.footfall.token)
    way.faults = [fault, fault]
    one = client.events.capture("One")
    way.faults = [fault]
    many = client.events.capture_many([NewEvent(name="Many")] * 3)
    way.faults = [fault]
    found = [event.name for event in client.events.search()]

    assert not one.duplicate
    assert (many.accepted, many.duplicates) == (3, 0)
    assert sorted(found) == ["Many", "Many", "Many", "One"]
    assert way.seen == 3 + 2 + 2


def test_it_gives_up_when_it_was_patient_enough(connect: Callable[..., Any], way: Way, workspace: NewWorkspace) -> None:
    client = connect(way.url, workspace.footfall.token)
    way.faults = ["busy"] * 9

    with pytest.raises(Unreachable) as busy:
        client.events.names().__next__()

    assert busy.value.status == 503
    assert way.seen == QUICK.attempts
    with pytest.raises(Unreachable) as nobody:
        connect(f"http://127.0.0.1:{free_port()}", "footfall_x").events.get("x")
    assert nobody.value.status is None


def test_a_server_that_asks_for_too_much_patience_is_given_up(
    connect: Callable[..., Any], way: Way, workspace: NewWorkspace
) -> None:
    way.faults = ["busy"]
    way.retry_after = "3600"

    with pytest.raises(Unreachable):
        connect(way.url, workspace.footfall.token).events.capture("A")

    assert way.seen == 1


def test_an_answer_of_something_else_is_told(connect: Callable[..., Any], server: Server) -> None:
    with pytest.raises(RequestRefused, match="not Footfall's"):
        connect(server.url + "/console/login?", "footfall_x").events.counts()


def test_the_tail_goes_on_when_the_server_was_away(connect: Callable[..., Any], database_url: str) -> None:
    from tests.conftest import new_workspace  # noqa: PLC0415

    first = start_server(database_url)
    token = new_workspace(database_url).footfall.token
    client = connect(first.url, token)
    followed = client.events.tail(after="0")
    client.events.capture("before")
    assert next(followed).name == "before"
    port = int(first.url.rsplit(":", 1)[1])
    first.stop()
    second = start_server(database_url, port=port)
    try:
        with Footfall(second.url, token=token) as other:
            other.events.capture("after")

        assert next(followed).name == "after"
    finally:
        followed.close()
        second.stop()
