"""One event, every view: the matrix of docs/cross-reading.md, cell by cell."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.products import Products, Seen, Sent

WRITERS: dict[str, Callable[[Products, Sent], str]] = {
    "capillary": Products.write_capillary,
    "gainsight_px": Products.write_gainsight_px,
    "clevertap": Products.write_clevertap,
    "rapidly": Products.write_rapidly,
    "own": Products.write_own,
}
MOMENT = datetime(2020, 3, 4, 10, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize("writer", WRITERS)
def test_an_event_reads_the_same_through_every_product(
    http: httpx.Client, workspace: NewWorkspace, writer: str
) -> None:
    products = Products(http, workspace)
    sent = Sent("table_booked", MOMENT, "guest-7", {"seats": 4, "hall": "Süd", "window": True, "deposit": 12.5})

    event_id = WRITERS[writer](products, sent)

    expected = Seen(sent.name, sent.occurred_at, sent.customer, sent.properties)
    assert products.read_rapidly(event_id) == expected
    assert products.read_clevertap("table_booked") == [expected]
    (px,) = products.read_gainsight_px(filter="eventName==table_booked")
    assert px["eventId"] == event_id
    assert (px["eventName"], px["date"], px["identifyId"], px["attributes"]) == (
        sent.name,
        int(MOMENT.timestamp() * 1000),
        sent.customer,
        sent.properties,
    )
    capillary = products.read_capillary(event_id)
    assert capillary is not None
    inner = capillary["additonalAttributes"]
    assert (capillary["eventName"], inner["eventDateTime"]) == (sent.name, str(int(MOMENT.timestamp() * 1000)))
    assert products.external_id_of_user(capillary["userId"]) == sent.customer
    assert {name: inner[name] for name in sent.properties} == {
        "seats": "4",
        "hall": "Süd",
        "window": "true",
        "deposit": "12.5",
    }


def test_one_customer_whoever_names_him(http: httpx.Client, workspace: NewWorkspace) -> None:
    products = Products(http, workspace)

    ids = [write(products, Sent(f"via_{name}", MOMENT, "guest-7", {})) for name, write in WRITERS.items()]

    users = set()
    for event_id in ids:
        shown = products.read_capillary(event_id)
        assert shown is not None
        users.add(shown["userId"])
    assert len(users) == 1
    assert len(products.read_gainsight_px(filter="identifyId==guest-7")) == len(WRITERS)


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_is_seen_from_another_workspace(
    http: httpx.Client, workspace: NewWorkspace, other_workspace: NewWorkspace, writer: str
) -> None:
    """Same customer, same keys, same names in two workspaces: each sees its own event only."""
    mine, theirs = Products(http, workspace), Products(http, other_workspace)
    my_id = WRITERS[writer](mine, Sent("table_booked", MOMENT, "guest-7", {"whose": "mine"}))
    their_id = WRITERS[writer](theirs, Sent("table_booked", MOMENT, "guest-7", {"whose": "theirs"}))

    assert my_id != their_id
    for products, own_id, foreign_id, whose in ((mine, my_id, their_id, "mine"), (theirs, their_id, my_id, "theirs")):
        seen = products.read_rapidly(own_id)
        assert seen is not None
        assert seen.properties == {"whose": whose}
        assert products.read_rapidly(foreign_id) is None
        assert products.read_capillary(foreign_id) is None
        assert [row["attributes"] for row in products.read_gainsight_px()] == [{"whose": whose}]
        assert [one.properties for one in products.read_clevertap("table_booked")] == [{"whose": whose}]


def test_the_callers_own_keys_of_two_workspaces_do_not_meet(
    http: httpx.Client, workspace: NewWorkspace, other_workspace: NewWorkspace
) -> None:
    bodies = {
        "own": {"name": "x", "external_id": "k1", "customer": {"external_id": "c"}},
        "rapidly": {"events": [{"name": "x", "external_id": "k2", "external_customer_id": "c"}]},
    }
    for whose in (workspace, other_workspace):
        products = Products(http, whose)
        own = http.post("/events", json=bodies["own"], headers=products.own).json()
        rapidly = http.post("/api/events/ingest", json=bodies["rapidly"], headers=products.rapidly).json()

        assert own["duplicate"] is False
        assert rapidly == {"inserted": 1, "duplicates": 0}


def test_a_credential_of_one_product_does_not_open_another(http: httpx.Client, workspace: NewWorkspace) -> None:
    products = Products(http, workspace)
    swapped = {"Authorization": f"Bearer {workspace.footfall.token}"}

    assert http.get("/api/events/749ec817-0bbf-4301-9ba8-555ca42b9737", headers=swapped).status_code == 401
    assert http.post("/events", json={"name": "x"}, headers=products.rapidly).status_code == 401
    wrong_key = {"X-APTRINSIC-API-KEY": workspace.clevertap.passcode}
    assert http.get("/v1/events/custom", headers=wrong_key).status_code == 401
