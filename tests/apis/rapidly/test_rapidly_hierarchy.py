"""Families of events: of any size and depth, counted alike everywhere (contracts/rapidly.md 2.1, 2.2, 2.3, 8)."""

import json
import random
from collections import Counter
from typing import Any

import pytest

from footfall.model import identifiers, instant
from footfall.model.event_listing import EventListing
from footfall.storage import event_list, workspaces
from footfall.storage.database import Database
from footfall.storage.event_list import Listed
from footfall.storage.listing_memory import ListingMemory
from tests.apis.rapidly.conftest import Client

EVENTS = 100_000
LEVELS = 10


def parent_of(number: int) -> int | None:
    """Ten levels of ten thousand events: each hangs from one of the level above."""
    level, place = divmod(number, EVENTS // LEVELS)
    return None if level == 0 else (level - 1) * (EVENTS // LEVELS) + place // 2


def test_a_hundred_thousand_events_in_random_order_read_back_exactly(client: Client) -> None:
    order = list(range(EVENTS))
    random.Random(7).shuffle(order)
    sent = [
        {
            "name": "n",
            "external_customer_id": "c",
            "external_id": f"e{number}",
            "timestamp": f"2026-01-01T00:00:00.{number:06}Z",
            **({} if (parent := parent_of(number)) is None else {"parent_id": f"e{parent}"}),
        }
        for number in order
    ]

    answer = client.send({"events": sent}, return_ids="true")

    assert answer.status_code == 201, answer.text[:500]
    assert (answer.json()["inserted"], answer.json()["duplicates"]) == (EVENTS, 0)
    ids = dict(zip(order, answer.json()["ids"], strict=True))
    children = Counter(parent for number in range(EVENTS) if (parent := parent_of(number)) is not None)
    for number in random.Random(8).sample(range(EVENTS), 40):
        event = client.event(ids[number])
        parent = parent_of(number)
        assert event["parent_id"] == (None if parent is None else ids[parent])
        assert event["child_count"] == children[number]
    stored = [identifiers.from_text(ids[number]) for number in range(EVENTS)]
    parents = [None if (parent := parent_of(number)) is None else stored[parent] for number in range(EVENTS)]
    expected = {stored[number]: (number, parents[number], children[number]) for number in range(EVENTS)}
    assert family_of(client) == expected
    roots = client.get("/api/events/?depth=0&limit=2&sorting=timestamp").json()
    assert roots["meta"]["total"] == EVENTS // LEVELS
    assert [each["id"] for each in roots["data"]] == [ids[0], ids[1]]
    assert client.get("/api/events/?depth=5&limit=1").json()["meta"]["total"] == 6 * EVENTS // LEVELS
    below = client.get(f"/api/events/?parent_id={ids[0]}&depth=5&limit=100&sorting=timestamp").json()
    subtree = descendants(0, 5)
    assert below["meta"]["total"] == len(subtree)
    assert [each["id"] for each in below["data"]] == [ids[number] for number in subtree[:100]]
    assert [each["child_count"] for each in below["data"]] == [children[number] for number in subtree[:100]]


def family_of(client: Client) -> dict[bytes, tuple[int, bytes | None, int]]:
    """Every event by its id, as a list reads it: microseconds of its instant, parent, number of children."""
    database = Database(client.database_url)
    identifier = identifiers.from_text(client.workspace.workspace.id)
    assert identifier is not None
    try:
        workspace = database.read(workspaces.by_id, identifier)
        assert workspace is not None
        listing = EventListing(workspace=workspace.number, sources=("user",), limit=2 * EVENTS)
        found = database.read(event_list.page, listing, ListingMemory())
    finally:
        database.close()
    assert found.total == len(found.events) == EVENTS
    events = [each.event for each in found.events if isinstance(each, Listed)]
    return {event.id: (event.occurred_at % instant.SECOND, event.parent_id, event.child_count) for event in events}


def descendants(root: int, depth: int) -> list[int]:
    per_level = EVENTS // LEVELS
    found = []
    generation = [root]
    for _ in range(depth):
        above = set(generation)
        first = (generation[0] // per_level + 1) * per_level
        generation = [number for number in range(first, first + per_level) if parent_of(number) in above]
        found += generation
    return found


def test_a_line_of_thousands_has_no_end(client: Client) -> None:
    length = 3_000
    sent: list[dict[str, Any]] = [{"name": "n", "external_customer_id": "c", "external_id": "e0"}]
    sent += [
        {
            "name": "n",
            "external_customer_id": "c",
            "external_id": f"e{number}",
            "parent_id": f"e{number - 1}",
            "metadata": {"count": 1},
        }
        for number in range(1, length)
    ]

    assert client.ingest(*reversed(sent)).json() == {"inserted": length, "duplicates": 0}

    first = client.get("/api/events/external/e0?aggregate_fields=count").json()
    assert (first["child_count"], first["metadata"]) == (1, {"count": length - 1})
    last = {"name": "n", "external_customer_id": "c", "external_id": "after", "parent_id": f"e{length - 1}"}
    assert client.ingest(last).json()["inserted"] == 1
    assert client.get("/api/events/?depth=5").json()["meta"]["total"] == 6


def test_child_count_is_the_number_of_direct_children_in_every_route(client: Client) -> None:
    [root] = client.stored({"name": "r", "external_customer_id": "c", "external_id": "r"})
    client.ingest(
        {"name": "k", "external_customer_id": "c", "external_id": "k", "parent_id": root["id"]},
        {"name": "k", "external_customer_id": "c", "parent_id": "r"},
        {"name": "g", "external_customer_id": "c", "parent_id": "k"},
    )

    counts = {
        "by id": client.event(root["id"])["child_count"],
        "by external id": client.get("/api/events/external/r").json()["child_count"],
        "with sums": client.get(f"/api/events/{root['id']}?aggregate_fields=count").json()["child_count"],
        "in the list": client.get("/api/events/?name=r").json()["data"][0]["child_count"],
        "in Polar's": client.get("/v1/events/?name=r").json()["items"][0]["child_count"],
    }

    assert set(counts.values()) == {2}, counts


@pytest.mark.parametrize(
    "parents",
    [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}],
    ids=json.dumps,
)
def test_a_circle_stores_nothing(client: Client, parents: dict[str, str]) -> None:
    sent = [
        {"name": "n", "external_customer_id": "c", "external_id": own, "parent_id": of} for own, of in parents.items()
    ]

    answer = client.ingest({"name": "n", "external_customer_id": "c"}, *sent)

    assert answer.status_code == 422
    assert [(fault["type"], fault["loc"], fault["msg"]) for fault in answer.json()["detail"]] == [
        (
            "parent_id",
            ["body", "events", index, "parent_id"],
            "Circular dependency detected in event parent relationships",
        )
        for index in range(1, len(parents) + 1)
    ]
    assert client.get("/api/events/").json()["meta"]["total"] == 0


def test_sums_of_statistics_reach_every_level(client: Client) -> None:
    client.ingest(
        *(
            {
                "name": "n",
                "external_customer_id": "c",
                "external_id": f"e{level}",
                "timestamp": "2026-01-01T00:00:00Z",
                "metadata": {"count": 1},
                **({"parent_id": f"e{level - 1}"} if level else {}),
            }
            for level in range(30)
        )
    )

    asked = "start_date=2026-01-01&end_date=2026-01-01&interval=day&aggregate_fields=count"
    [total] = client.get(f"/api/events/statistics/timeseries?{asked}").json()["totals"]

    assert (total["occurrences"], total["totals"]) == (1, {"count": "30"})
