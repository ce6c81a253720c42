"""One event, every view: the matrix of docs/cross-reading.md, cell by cell."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.conftest import FOOTFALL, Server
from tests.products import WIDE_OPEN, Products, Seen, Sent

WRITERS: dict[str, Callable[[Products, Sent], str]] = {
    "capillary": Products.write_capillary,
    "gainsight_px": Products.write_gainsight_px,
    "clevertap": Products.write_clevertap,
    "rapidly": Products.write_rapidly,
    "own": Products.write_own,
}
MOMENT = datetime(2020, 3, 4, 10, 15, 30, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXOTIC = (
    '{"nested":{"a":[1,{"b":null}]},"nothing":null,"big":123456789012345678901234567890,"exact":0.10000000000000000555,'
    '"power":1E5,"minus":-0,"twice":1,"twice":2,"":"no name","a.b":"\\u00e9",'
    '"\\u00fc\\"":[],"accountId":"mine", "wide" :  1 }'
)
MAPPING = """
name = { constant = "row_read" }
time = { column = "at", format = "iso" }
customer = { external_id = "who", email = "mail" }
amount = { column = "paid" }
properties = { columns = { hall = "string", seats = "json" } }
"""
ROWS = """at,who,mail,paid,hall,seats
2020-03-04T10:15:30.999999Z,Zoë,,-1.5,Süd,"[1,{""b"":null}]"
"""


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


@pytest.mark.parametrize(
    "moment",
    [
        "2020-03-04T10:15:30.999999+00:00",
        "1969-12-31T23:59:59.999999+00:00",
        "1969-12-31T23:59:58.000001+00:00",
        "1900-02-28T23:59:59.999500+05:30",
        "0001-01-02T00:00:00.000001+00:00",
        "9998-12-31T23:59:59.999999-11:00",
    ],
)
def test_an_instant_is_cut_and_never_rounded(http: httpx.Client, workspace: NewWorkspace, moment: str) -> None:
    products = Products(http, workspace)
    exact = datetime.fromisoformat(moment)

    event_id = products.write_own(Sent("odd_hour", exact, "guest-7", {}))

    seen = products.read_rapidly(event_id)
    assert seen is not None
    assert seen.occurred_at == exact
    (exported,) = products.read_clevertap("odd_hour")
    assert exported.occurred_at == exact.replace(microsecond=0)
    milliseconds = (exact - EPOCH) // timedelta(milliseconds=1)
    (px,) = products.read_gainsight_px(dateRangeStart=str(milliseconds), dateRangeEnd=str(milliseconds + 1))
    assert px["date"] == milliseconds
    capillary = products.read_capillary(event_id)
    assert capillary is not None
    assert capillary["additonalAttributes"]["eventDateTime"] == str(milliseconds)


def test_properties_pass_through_byte_for_byte(http: httpx.Client, workspace: NewWorkspace) -> None:
    products = Products(http, workspace)
    body = f'{{"name":"exotic","occurred_at":"{MOMENT.isoformat()}","properties":{EXOTIC}}}'

    event_id = http.post("/events", content=body.encode(), headers=products.own).json()["id"]

    assert f'"properties":{EXOTIC}' in http.get(f"/events/{event_id}", headers=products.own).text
    assert f'"metadata":{EXOTIC}' in http.get(f"/api/events/{event_id}", headers=products.rapidly).text
    found = http.get("/v1/events/custom", params={**WIDE_OPEN, "filter": "eventName==exotic"}, headers=products.px)
    assert f'"attributes":{EXOTIC}' in found.text
    query = {"event_name": "exotic", "from": 20200101, "to": 20201231}
    cursor = http.post("/1/events.json", json=query, headers=products.clevertap).json()["cursor"]
    page = http.get("/1/events.json", params={"cursor": cursor}, headers=products.clevertap)
    assert f'"event_props":{EXOTIC}' in page.text
    capillary = products.read_capillary(event_id)
    assert capillary is not None
    shown = capillary["additonalAttributes"]
    assert shown["accountId"] is None, "a property never passes for a member of the product's own"
    assert {name: shown[name] for name in ("nested", "big", "exact", "power", "twice", "", 'ü"')} == {
        "nested": '{"a":[1,{"b":null}]}',
        "big": "123456789012345678901234567890",
        "exact": "0.10000000000000000555",
        "power": "1E5",
        "twice": "2",
        "": "no name",
        'ü"': "[]",
    }


@pytest.mark.parametrize(
    ("customer", "name", "clevertap"),
    [
        ({"external_id": "Zoë 日本"}, "Zoë 日本", {"identity": "Zoë 日本"}),
        ({"email": "Zoe@Example.ORG"}, "zoe@example.org", {"email": "zoe@example.org"}),
        ({"mobile": "+91 98765-43210"}, "919876543210", {"phone": 919876543210}),
        ({"object_id": "device-1"}, "device-1", {"objectId": "device-1"}),
        (None, "", {}),
    ],
)
def test_a_customer_is_shown_by_the_names_there_are(
    http: httpx.Client, workspace: NewWorkspace, customer: dict[str, str] | None, name: str, clevertap: dict[str, Any]
) -> None:
    products = Products(http, workspace)
    body = {"name": "came_by", "occurred_at": MOMENT.isoformat(), "customer": customer}

    event_id = http.post("/events", json=body, headers=products.own).json()["id"]

    stored = http.get(f"/events/{event_id}", headers=products.own).json()["customer"]
    (px,) = products.read_gainsight_px()
    (exported,) = products.export_clevertap("came_by")
    capillary = products.read_capillary(event_id)
    rapidly = http.get(f"/api/events/{event_id}", headers=products.rapidly).json()
    assert px["identifyId"] == name
    assert {field: exported["profile"][field] for field in clevertap} == clevertap
    assert capillary is not None
    if customer is None:
        assert stored is None
        assert capillary["userId"] == -1
        assert "id" not in exported["profile"]
        assert (rapidly["customer"], rapidly["customer_id"], rapidly["external_customer_id"]) == (None, None, None)
    else:
        assert capillary["userId"] == exported["profile"]["id"] == stored["number"]
        assert rapidly["customer"]["id"] == rapidly["customer_id"] == stored["id"]
        assert rapidly["external_customer_id"] == customer.get("external_id")
        assert rapidly["customer"]["email"] == stored["email"]


def test_a_bill_reads_the_same_through_every_product(http: httpx.Client, workspace: NewWorkspace) -> None:
    products = Products(http, workspace)
    bill = {
        "type": "REGULAR",
        "billNumber": "B1",
        "billAmount": "100.25",
        "billingDate": "2020-03-04T15:45:30.5+05:30",
        "lineItemsV2": [{"itemCode": "i", "qty": 2}],
    }
    whom = {"identifierName": "externalId", "identifierValue": "guest-7", "source": "INSTORE"}

    sent = http.post("/v2/transactions", params=whom, json=bill, headers=products.capillary)

    assert sent.status_code == 200, sent.text
    properties = {name: bill[name] for name in ("billNumber", "billAmount", "lineItemsV2")}
    _assert_read_alike(products, "ADD_TRANSACTION", MOMENT + timedelta(milliseconds=500), "guest-7", properties)


def test_an_imported_row_reads_the_same_through_every_product(
    server: Server, http: httpx.Client, workspace: NewWorkspace, tmp_path: Path
) -> None:
    rows, mapping = tmp_path / "rows.csv", tmp_path / "mapping.toml"
    rows.write_text(ROWS)
    mapping.write_text(MAPPING)

    subprocess.run(
        [
            *(FOOTFALL, "import", rows, "--mapping", mapping),
            *("--workspace", workspace.workspace.id, "--database", server.database_url),
        ],
        check=True,
        capture_output=True,
    )

    properties = {"hall": "Süd", "seats": [1, {"b": None}]}
    moment = MOMENT + timedelta(microseconds=999_999)
    _assert_read_alike(Products(http, workspace), "row_read", moment, "Zoë", properties)


def _assert_read_alike(
    products: Products, name: str, moment: datetime, customer: str, properties: dict[str, Any]
) -> None:
    """The only event of the workspace, through every product."""
    (px,) = products.read_gainsight_px()
    milliseconds = (moment - EPOCH) // timedelta(milliseconds=1)
    assert (px["eventName"], px["date"], px["identifyId"], px["attributes"]) == (
        name,
        milliseconds,
        customer,
        properties,
    )
    assert products.read_rapidly(px["eventId"]) == Seen(name, moment, customer, properties)
    assert products.read_clevertap(name) == [Seen(name, moment.replace(microsecond=0), customer, properties)]
    capillary = products.read_capillary(px["eventId"])
    assert capillary is not None
    assert (capillary["eventName"], products.external_id_of_user(capillary["userId"])) == (name, customer)
    assert capillary["additonalAttributes"]["eventDateTime"] == str(milliseconds)
    assert capillary["additonalAttributes"].keys() >= properties.keys()


def test_a_family_across_products(http: httpx.Client, workspace: NewWorkspace) -> None:
    products = Products(http, workspace)
    root = http.post("/events", json={"name": "root", "external_id": "r"}, headers=products.own).json()["id"]
    child = {"name": "child", "external_customer_id": "c", "parent_id": "r"}
    http.post("/api/events/ingest", json={"events": [child]}, headers=products.rapidly)
    own = http.post("/events", json={"name": "child", "parent_id": root}, headers=products.own).json()["id"]

    assert http.get(f"/api/events/{root}", headers=products.rapidly).json()["child_count"] == 2
    assert http.get(f"/api/events/{own}", headers=products.rapidly).json()["parent_id"] == root


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


def test_what_the_system_tells_of_customers_is_rapidlys_alone(http: httpx.Client, workspace: NewWorkspace) -> None:
    products = Products(http, workspace)
    event_id = products.write_own(Sent("customer.created", MOMENT, "guest-7", {"by": "hand"}))

    told = http.get("/api/events/?source=system", headers=products.rapidly).json()["data"]

    assert [(each["name"], each["metadata"]["customer_external_id"]) for each in told] == [
        ("customer.created", "guest-7")
    ]
    assert [row["eventId"] for row in products.read_gainsight_px()] == [event_id]
    assert [one.properties for one in products.read_clevertap("customer.created")] == [{"by": "hand"}]
    assert products.read_capillary(told[0]["id"]) is None
    assert products.read_capillary(event_id) is not None


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
