"""The own API's reads of many: searches, counts, names, customers."""

import json
from typing import Any

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace

DAY = "2024-05-{:02d}T12:00:00Z"


def auth(workspace: NewWorkspace) -> dict[str, str]:
    return {"Authorization": f"Bearer {workspace.footfall.token}"}


@pytest.fixture
def own(http: httpx.Client, workspace: NewWorkspace) -> httpx.Client:
    http.headers.update(auth(workspace))
    return http


def put(own: httpx.Client, *events: dict[str, Any]) -> None:
    answer = own.post("/events", json=list(events)).json()
    assert (answer["accepted"], answer["rejected"]) == (len(events), 0), answer


def keys(own: httpx.Client, path: str = "/events/search", **asked: Any) -> list[str]:
    """The external ids of the events on all pages."""
    found = []
    page = own.get(path, params=asked)
    while True:
        assert page.status_code == 200, page.text
        found += [event["external_id"] for event in page.json()["events"]]
        if page.json()["next"] is None:
            return found
        page = own.get(path, params={"cursor": page.json()["next"], "limit": asked.get("limit", 100)})


@pytest.fixture
def shop(own: httpx.Client) -> httpx.Client:
    put(
        own,
        {"name": "Seen", "occurred_at": DAY.format(1), "external_id": "1", "customer": {"external_id": "ada"}},
        {"name": "Bought", "occurred_at": DAY.format(2), "external_id": "2", "customer": {"external_id": "ada"}}
        | {"source": "till", "account_id": "acme", "properties": {"n": 3, "s": "x", "t": True}},
        {"name": "Bought", "occurred_at": DAY.format(3), "external_id": "3", "customer": {"external_id": "bob"}}
        | {"source": "web", "account_id": "acme", "properties": {"n": 3.0, "s": "y"}},
        {"name": "Left", "occurred_at": DAY.format(3), "external_id": "4", "parent_external_id": "3"},
    )
    return own


def test_a_search_without_filters_has_all_events_newest_first(shop: httpx.Client) -> None:
    assert keys(shop) == ["4", "3", "2", "1"]
    assert keys(shop, order="oldest") == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"name": "Bought"}, ["3", "2"]),
        ({"name": ["Seen", "Left"]}, ["4", "1"]),
        ({"name": "unheard of"}, []),
        ({"customer": "ada"}, ["2", "1"]),
        ({"customer": "nobody"}, []),
        ({"customer": "ada", "name": "Seen"}, ["1"]),
        ({"customer": "ada", "account": "acme"}, ["2"]),
        ({"source": "web"}, ["3"]),
        ({"account": "acme"}, ["3", "2"]),
        ({"account": "acme", "name": ["Seen"]}, []),
        ({"since": DAY.format(2), "until": DAY.format(3)}, ["2"]),
        ({"property": "n=3"}, ["3", "2"]),
        ({"property": "n=3.00"}, ["3", "2"]),
        ({"property": "n=three"}, []),
        ({"property": "s=x"}, ["2"]),
        ({"property": "t=true"}, ["2"]),
        ({"property": ["n=3", "s=y"]}, ["3"]),
        ({"property": "missing="}, []),
    ],
)
def test_a_search_finds_what_answers_every_filter(shop: httpx.Client, asked: Any, expected: list[str]) -> None:
    assert keys(shop, **asked) == expected
    assert keys(shop, **asked, order="oldest") == expected[::-1]


def test_a_parent_has_its_children(shop: httpx.Client) -> None:
    parent = shop.get("/events", params={"external_id": "3"}).json()["id"]

    assert keys(shop, parent=parent) == ["4"]
    assert keys(shop, parent=parent, name="Seen") == []


def test_a_customer_is_also_found_by_id(shop: httpx.Client) -> None:
    identifier = shop.get("/customers/ada").json()["id"]

    assert keys(shop, customer=identifier) == ["2", "1"]
    assert keys(shop, f"/customers/{identifier}/events", limit=1) == ["2", "1"]
    assert keys(shop, "/customers/ada/events", name="Seen") == ["1"]


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("asked", [{}, {"name": ["A", "B"]}, {"source": "s"}, {"property": "p=1"}, {"account": "a"}])
def test_pages_have_every_event_once_also_at_one_instant(own: httpx.Client, asked: dict[str, Any], order: str) -> None:
    event = {"source": "s", "account_id": "a", "properties": {"p": 1}}
    put(
        own,
        *(
            event | {"name": "AB"[n % 2], "external_id": str(n), "occurred_at": DAY.format(1 + n // 5)}
            for n in range(23)
        ),
    )

    found = keys(own, **asked, order=order, limit=4)

    expected = [str(n) for n in range(23)]
    assert found == (expected if order == "oldest" else expected[::-1])


def test_what_is_captured_meanwhile_is_left_to_the_next_search(shop: httpx.Client) -> None:
    first = shop.get("/events/search", params={"limit": 2, "order": "oldest"}).json()
    put(shop, {"name": "Late", "occurred_at": DAY.format(9), "external_id": "5"})

    rest = shop.get("/events/search", params={"cursor": first["next"]}).json()

    assert [event["external_id"] for event in rest["events"]] == ["3", "4"]
    assert rest["next"] is None


def test_a_page_looks_at_a_bounded_number_of_events(own: httpx.Client) -> None:
    many = [{"name": "A", "external_id": str(n), "source": "common"} for n in range(10_500)]
    many[0]["source"] = "rare"
    put(own, *many)

    page = own.get("/events/search", params={"source": "rare", "limit": 5}).json()

    assert page["events"] == []
    assert page["next"] is not None
    assert keys(own, source="rare", limit=5) == ["0"]


def test_an_event_is_shown_as_it_is_by_itself(shop: httpx.Client) -> None:
    found = shop.get("/events/search", params={"name": "Left"})

    alone = shop.get(f"/events/{found.json()['events'][0]['id']}")
    assert found.text == f'{{"events":[{alone.text}],"next":null}}'


def test_nothing_of_another_workspace_is_read(
    shop: httpx.Client, other_workspace: NewWorkspace, http: httpx.Client
) -> None:
    parent = shop.get("/events", params={"external_id": "3"}).json()["id"]
    cursor = shop.get("/events/search", params={"limit": 1}).json()["next"]
    http.headers.update(auth(other_workspace))

    assert keys(http) == []
    assert keys(http, parent=parent) == []
    assert keys(http, customer="ada") == []
    assert http.get("/events/names").json() == {"names": [], "next": None}
    assert http.get("/customers").json() == {"customers": [], "next": None}
    assert http.get("/customers/ada").status_code == 404
    stolen = http.get("/events/search", params={"cursor": cursor})
    assert (stolen.status_code, stolen.json()["error"]["field"]) == (400, "cursor")


@pytest.mark.parametrize(
    ("path", "asked", "field"),
    [
        ("/events/search", {"nmae": "x"}, "nmae"),
        ("/events/search", {"name": ""}, "name"),
        ("/events/search", {"name": [str(n) for n in range(51)]}, "name"),
        ("/events/search", {"customer": "a\0"}, "customer"),
        ("/events/search", {"customer": ["a", "b"]}, "customer"),
        ("/events/search", {"source": "x" * 1025}, "source"),
        ("/events/search", {"since": "yesterday"}, "since"),
        ("/events/search", {"until": "2024-05-01T12:00:00"}, "until"),
        ("/events/search", {"property": "n"}, "property"),
        ("/events/search", {"property": "=3"}, "property"),
        ("/events/search", {"property": ["a=1"] * 11}, "property"),
        ("/events/search", {"parent": "3"}, "parent"),
        ("/events/search", {"order": "up"}, "order"),
        ("/events/search", {"limit": "0"}, "limit"),
        ("/events/search", {"limit": "1001"}, "limit"),
        ("/events/search", {"limit": "٣"}, "limit"),
        ("/events/search", {"cursor": "forged"}, "cursor"),
        ("/events/search", {"cursor": "x", "name": "a"}, "cursor"),
        ("/events/counts", {"interval": "year"}, "interval"),
        ("/events/counts", {"interval": "hour", "name": "a"}, "interval"),
        ("/events/counts", {"interval": "day", "since": "1999-01-01T00:00:00Z"}, "interval"),
        ("/events/counts", {"since": DAY.format(2), "until": DAY.format(1)}, "since"),
        ("/events/counts", {"since": "0001-01-01T00:00:00Z", "until": DAY.format(1)}, "since"),
        ("/events/counts", {"until": "9999-12-31T00:00:00Z"}, "until"),
        ("/events/names", {"cursor": "x"}, "cursor"),
        ("/customers", {"cursor": "x"}, "cursor"),
        ("/customers", {"name": "x"}, "name"),
        ("/customers/ada", {"x": "1"}, "x"),
        ("/customers/ada/events", {"customer": "bob"}, "customer"),
    ],
)
def test_a_wrong_parameter_is_named(shop: httpx.Client, path: str, asked: Any, field: str) -> None:
    answer = shop.get(path, params=asked)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_request"
    assert answer.json()["error"]["field"] == field


@pytest.mark.parametrize("path", ["search", "counts", "names"])
def test_reads_want_a_token(http: httpx.Client, path: str) -> None:
    assert http.get(f"/events/{path}").json()["error"]["code"] == "unauthorized"
    assert http.get("/customers").status_code == 401
    assert http.get("/customers/ada/events").status_code == 401


def test_cursors_of_one_list_are_no_good_for_another(shop: httpx.Client) -> None:
    of_names = shop.get("/events/names", params={"limit": 1}).json()["next"]
    of_search = shop.get("/customers/ada/events", params={"limit": 1}).json()["next"]

    assert shop.get("/customers", params={"cursor": of_names}).status_code == 400
    assert shop.get("/customers/bob/events", params={"cursor": of_search}).status_code == 400
    assert shop.get("/events/search", params={"cursor": of_names}).status_code == 400
    assert shop.get("/events/search", params={"cursor": of_search}).status_code == 200


def counted(own: httpx.Client, **asked: Any) -> Any:
    answer = own.get("/events/counts", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_counts_per_day_and_name(shop: httpx.Client) -> None:
    span = {"since": DAY.format(2), "until": DAY.format(3)}

    assert counted(shop, **span, name=["Bought", "Seen", "none"]) == {
        "interval": "day",
        "starts": ["2024-05-02T00:00:00.000000Z", "2024-05-03T00:00:00.000000Z"],
        "until": "2024-05-04T00:00:00.000000Z",
        "series": [
            {"name": "Bought", "total": 2, "events": [1, 1]},
            {"name": "Seen", "total": 0, "events": [0, 0]},
            {"name": "none", "total": 0, "events": [0, 0]},
        ],
    }
    assert counted(shop, **span)["series"] == [{"name": None, "total": 3, "events": [1, 2]}]


def test_counts_of_hours_weeks_and_months(own: httpx.Client) -> None:
    moments = ["2024-01-31T23:59:59Z", "2024-02-01T00:00:00Z", "2024-02-29T12:30:00Z", "1969-12-28T23:00:00Z"]
    put(own, *({"name": "A", "occurred_at": moment} for moment in moments))

    months = counted(own, interval="month", since="2024-01-15T00:00:00Z", until="2024-02-29T13:00:00Z", name="A")
    assert months["starts"] == ["2024-01-01T00:00:00.000000Z", "2024-02-01T00:00:00.000000Z"]
    assert months["until"] == "2024-03-01T00:00:00.000000Z"
    assert months["series"][0]["events"] == [1, 2]
    weeks = counted(own, interval="week", since="1969-12-28T00:00:00Z", until="1969-12-29T00:00:01Z")
    assert weeks["starts"] == ["1969-12-22T00:00:00.000000Z", "1969-12-29T00:00:00.000000Z"]  # a Sunday is the last day
    assert weeks["series"][0]["events"] == [1, 0]
    hours = counted(own, interval="hour", since="2024-01-31T23:10:00Z", until="2024-02-01T00:00:01Z")
    assert hours["series"][0]["events"] == [1, 1]


def test_names_with_what_bears_them(shop: httpx.Client) -> None:
    put(shop, {"family": "page_view"})

    first = shop.get("/events/names", params={"limit": 2}).json()
    rest = shop.get("/events/names", params={"cursor": first["next"]}).json()

    names = {(name["family"], name["name"]): name for name in first["names"] + rest["names"]}
    assert (len(first["names"]), len(rest["names"]), rest["next"]) == (2, 2, None)
    assert set(names) == {("custom", "Seen"), ("custom", "Bought"), ("custom", "Left"), ("page_view", "page_view")}
    assert names["custom", "Bought"] == {
        "name": "Bought",
        "family": "custom",
        "label": None,
        "events": 2,
        "first_seen": "2024-05-02T12:00:00.000000Z",
        "last_seen": "2024-05-03T12:00:00.000000Z",
    }


def test_customers_page_by_page(shop: httpx.Client) -> None:
    first = shop.get("/customers", params={"limit": 1}).json()
    rest = shop.get("/customers", params={"cursor": first["next"]}).json()

    assert [one["external_id"] for one in first["customers"] + rest["customers"]] == ["ada", "bob"]
    assert rest["next"] is None
    assert shop.get("/customers", params={"external_id": "bob"}).json()["customers"] == rest["customers"]
    assert shop.get("/customers", params={"external_id": "eve"}).json()["customers"] == []


def test_a_customer_with_all_that_is_known(own: httpx.Client) -> None:
    put(own, {"name": "A", "customer": {"external_id": "ada", "email": "Ada@Example.com", "name": "Ada"}})

    found = own.get("/customers/ada").json()

    assert (found["external_id"], found["email"], found["name"]) == ("ada", "ada@example.com", "Ada")
    assert found["properties"] == {}
    assert found["deleted_at"] is None
    assert found == own.get(f"/customers/{found['id']}").json()
    assert own.get("/customers/eve").json()["error"]["code"] == "not_found"
    assert json.loads(own.get("/customers").text)["customers"] == [found]
