"""What the pages show, over plain HTTP."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from footfall.tenancy.creation import NewWorkspace
from tests.console.visitor import Visitor, capture, ids_in, names_in, views_in
from tests.curl import pasted
from tests.products import Products, Sent

MOMENT = datetime(2024, 5, 1, 12, 30, 15, 250_000, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\"&'><img src=x onerror=alert(1)>{{ 7*7 }}"


def test_the_explorer_pages_through_every_event_once(
    http: httpx.Client, workspace: NewWorkspace, visitor: Visitor
) -> None:
    # Three instants for 120 events: what decides within one is the order of their storing.
    moments = [(MOMENT + timedelta(hours=index % 3)).isoformat() for index in range(120)]
    stored = [capture(http, workspace, occurred_at=at) for at in moments]

    seen: list[str] = []
    address = "/events"
    pages = 0
    while address:
        page = visitor.text(address)
        seen += ids_in(page)
        pages += 1
        capture(http, workspace)  # newer than all: on no later page
        link = page.partition('rel="next" href="/console')[2].partition('"')[0]
        address = link.replace("&amp;", "&")

    assert pages == 3
    assert len(seen) == len(set(seen)) == 120
    assert set(seen) == set(stored)
    expected = sorted(range(120), key=lambda index: (moments[index], index), reverse=True)
    assert seen == [stored[index] for index in expected]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"name": "b"}, ["b"]),
        ({"name": "B"}, []),
        ({"customer": "c-1"}, ["c", "a"]),
        ({"customer": "ADA@example.com"}, ["c", "a"]),
        ({"customer": "nobody"}, []),
        ({"customer": "c-1", "name": "c"}, ["c"]),
        ({"since": "2024-05-01T13:00"}, ["c", "b"]),
        ({"until": "2024-05-01T13:30:15.25"}, ["a"]),
        ({"since": "2024-05-01T13:30:15.25+00:00", "until": "2024-05-01T14:30:15.25Z"}, ["b"]),
        ({"source": "web"}, ["a"]),
        ({"property_name": "seats"}, ["c", "b"]),
        ({"property_name": "seats", "property_value": "4"}, ["b"]),
        ({"property_name": "seats", "property_value": "four"}, ["c"]),
        ({"property_name": "open", "property_value": "true"}, ["a"]),
        ({"property_name": "SEATS"}, []),
        ({"name": "a\x00"}, []),
        ({"before": "nonsense"}, ["c", "b", "a"]),
        ({"before": "9" * 30}, ["c", "b", "a"]),
        ({}, ["c", "b", "a"]),
    ],
)
def test_the_explorer_answers_the_form(
    http: httpx.Client, workspace: NewWorkspace, visitor: Visitor, asked: dict[str, str], expected: list[str]
) -> None:
    _three(http, workspace)

    assert names_in(visitor.text("/events", **asked)) == expected


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("text", ["soon", "2024-13-01", "\x00"])
def test_a_time_that_is_none_is_told(visitor: Visitor, field: str, text: str) -> None:
    answer = visitor.get("/events", **{field: text})

    assert answer.status_code == 400
    assert "expected a time" in answer.text


def test_nothing_that_is_stored_becomes_markup(http: httpx.Client, workspace: NewWorkspace, visitor: Visitor) -> None:
    event = capture(
        http,
        workspace,
        name=HOSTILE,
        customer={"external_id": HOSTILE, "name": HOSTILE},
        source=HOSTILE,
        account_id=HOSTILE,
        properties={HOSTILE: HOSTILE},
        session={HOSTILE: HOSTILE},
    )
    child = capture(http, workspace, name=HOSTILE, parent_id=event, customer={"external_id": HOSTILE})
    number = visitor.get("/customers", find=HOSTILE).headers["location"].rpartition("/")[2]

    for path in (
        "",
        "/events",
        f"/events/{event}",
        f"/events/{event}/family",
        f"/events/{child}/family",
        "/customers",
        f"/customers/{number}",
        "/definitions",
        "/tail",
    ):
        page = visitor.text(path)
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
        assert "&lt;script&gt;alert" in page, path
        assert "{{ 7*7 }}" in page, path
    for field in ("name", "customer", "source", "property_name", "property_value"):
        assert "<img" not in visitor.text("/events", **{field: HOSTILE})
        assert "<img" not in visitor.text("/tail", **{field: HOSTILE})
    assert names_in(visitor.text("/events", name=HOSTILE)) == [HOSTILE] * 2


def test_an_event_is_shown_as_each_api_answers_it_and_its_commands_work(
    http: httpx.Client, workspace: NewWorkspace, visitor: Visitor, tmp_path: Path
) -> None:
    event = capture(
        http,
        workspace,
        name='it\'s; "booked" $HOME',
        occurred_at=MOMENT.isoformat(),
        customer={"external_id": "guest-7", "email": "zoe@example.org", "mobile": "+91 98765-43210"},
        properties={"seats": 4, "exact": 0.1, "inner": {"a": [1, None]}},
        session={"utm_source": "mail", "sessionId": "s1"},
        amount="12.5",
    )
    capture(http, workspace, name="child", parent_id=event)

    views = views_in(visitor.text(f"/events/{event}"))

    answers = {title: _answers(title, view[0], workspace, tmp_path) for title, view in views.items() if view}
    assert json.loads(views["Capillary: event_data"][1]) == answers["Capillary: event_data"]["data"][0]
    assert json.loads(views["Gainsight PX"][1]) == answers["Gainsight PX"]["customEvents"][0]
    assert json.loads(views["CleverTap"][1]) == answers["CleverTap"]["records"][0]
    assert json.loads(views["Rapidly"][1]) == answers["Rapidly"]
    assert json.loads(views["Footfall"][1]) == answers["Footfall"]
    assert answers["Rapidly"]["child_count"] == 1
    assert views["Capillary: trackedTargetEvents"] == []


def test_an_event_with_a_key_of_gainsight_pxs_own_is_found_there(
    http: httpx.Client, workspace: NewWorkspace, visitor: Visitor, tmp_path: Path
) -> None:
    sent = {"eventName": "x", "identifyId": "u", "eventId": "it's & 100 %", "attributes": {}, "userType": "USER"}
    body = {**sent, "propertyKey": workspace.gainsight_px.property_key, "date": int(MOMENT.timestamp() * 1000)}
    px = Products(http, workspace).px
    assert http.post("/v1/events/custom", json=body, headers=px).status_code == 201
    (event,) = ids_in(visitor.text("/events"))

    view = views_in(visitor.text(f"/events/{event}"))["Gainsight PX"]

    answer = _answers("Gainsight PX", view[0], workspace, tmp_path)
    assert json.loads(view[1]) == answer["customEvents"][0]
    assert answer["totalHits"] == 1


def test_what_an_event_counted_for_is_shown(
    http: httpx.Client, workspace: NewWorkspace, visitor: Visitor, tmp_path: Path
) -> None:
    rule = _target(http, workspace)
    products = Products(http, workspace)
    bill = {"type": "REGULAR", "billNumber": "B1", "billAmount": "60.5", "billingDate": "2024-05-01T15:00:00+00:00"}
    whom = {"identifierName": "externalId", "identifierValue": "guest-7", "source": "INSTORE"}
    assert http.post("/v2/transactions", params=whom, json=bill, headers=products.capillary).status_code == 200
    (event,) = ids_in(visitor.text("/events"))

    page = visitor.text(f"/events/{event}")

    view = views_in(page)["Capillary: trackedTargetEvents"]
    answer = _answers("tracked", view[0], workspace, tmp_path)
    assert json.loads(view[1]) == answer["data"]
    assert f"/trackedTargetEvents/{rule}" in view[0]
    (group,) = {link.partition('"')[0] for link in visitor.text("/targets").split("/console/targets/")[1:]}
    shown = visitor.text(f"/targets/{group}")
    assert "Of all 1 records of progress" in shown
    assert "0 of 1</meter>" in shown
    number = visitor.get("/customers", find="guest-7").headers["location"].rpartition("/")[2]
    customer = visitor.text(f"/customers/{number}")
    assert "60.5 of 100</meter>" in customer
    assert ids_in(customer) == [event]


def test_a_family_is_shown_up_and_down(http: httpx.Client, workspace: NewWorkspace, visitor: Visitor) -> None:
    root = capture(http, workspace, name="root")
    middle = capture(http, workspace, name="middle", parent_id=root)
    leaves = [capture(http, workspace, name=f"leaf {index}", parent_id=middle) for index in range(3)]

    page = visitor.text(f"/events/{middle}/family")

    assert page.index(">root<") < page.index(">middle<", page.index("</h1>"))
    assert ids_in(page) == leaves
    assert "It has no children." in visitor.text(f"/events/{leaves[0]}/family")
    assert "It has no parent." in visitor.text(f"/events/{root}/family")


def test_customers_are_listed_by_number_and_found_by_any_name(
    http: httpx.Client, workspace: NewWorkspace, visitor: Visitor
) -> None:
    for index in range(60):
        capture(http, workspace, customer={"external_id": f"c-{index}", "mobile": f"4912345{index:03}"})

    first = visitor.text("/customers")
    after = first.partition('rel="next" href="/console')[2].partition('"')[0]

    def named(page: str) -> list[str]:
        return [part.partition(">")[2].partition("<")[0] for part in page.split('<td><a href="/console/customers/')[1:]]

    assert named(first) + named(visitor.text(after)) == [f"c-{index}" for index in range(60)]
    assert named(visitor.text("/customers", after="9" * 18)) == []
    places = [visitor.get("/customers", find=text).headers["location"] for text in ("c-7", "+49 12345 007")]
    assert places[0] == places[1]
    assert visitor.get("/customers", find=places[0].rpartition("/")[2]).headers["location"] == places[0]
    assert "Nobody goes by this name." in visitor.text("/customers", find="nobody")


def test_definitions_are_shown(http: httpx.Client, workspace: NewWorkspace, visitor: Visitor) -> None:
    Products(http, workspace).write_capillary(Sent("table_booked", MOMENT, "guest-7", {"seats": "4"}))

    page = visitor.text("/definitions")

    assert "<td>seats</td><td>string</td>" in page
    assert '<td class="number">1</td>' in page


def test_the_overview_of_nothing_and_of_something(
    http: httpx.Client, workspace: NewWorkspace, visitor: Visitor
) -> None:
    assert "Nothing has been captured yet." in visitor.text("")

    for index in range(12):
        capture(http, workspace, name=f"name {index}", customer={"external_id": "c"})

    for span in ("", "week", "month", "year", "decade", "nonsense"):
        page = visitor.text("", span=span)
        assert "<dt>Last 7 days</dt><dd>12</dd>" in page
        assert "<dt>Events in all</dt><dd>12</dd>" in page
        assert page.count("<rect class") == 8 + 8  # seven names and the others, in one bar and in the legend
        assert "10 of 12 names." in page
        assert "Among the latest 12 events, which are all there are." in page


@pytest.mark.parametrize(
    "path", ["/events/{event}", "/events/{event}/family", "/customers/{customer}", "/targets/{group}"]
)
def test_another_workspaces_things_are_not_there(
    http: httpx.Client, workspace: NewWorkspace, other_workspace: NewWorkspace, visitor: Visitor, path: str
) -> None:
    event = capture(http, other_workspace, name="theirs", customer={"external_id": "them"})
    _target(http, other_workspace)
    theirs = Visitor(str(http.base_url))
    theirs.sign_in(other_workspace.footfall.token)
    customer = theirs.get("/customers", find="them").headers["location"].rpartition("/")[2]
    group = theirs.text("/targets").partition("/console/targets/")[2].partition('"')[0]
    address = path.format(event=event, customer=customer, group=group)
    assert theirs.get(address).status_code == 200
    theirs.close()

    assert visitor.get(address).status_code == 404


@pytest.mark.parametrize("path", ["", "/events", "/customers", "/targets", "/definitions", "/credentials"])
def test_no_list_shows_another_workspaces_things(
    http: httpx.Client, workspace: NewWorkspace, other_workspace: NewWorkspace, visitor: Visitor, path: str
) -> None:
    capture(http, workspace, name="mine", customer={"external_id": "me"})
    capture(http, other_workspace, name="theirs", customer={"external_id": "them"}, properties={"whose": "theirs"})
    _target(http, other_workspace)

    page = visitor.text(path)

    assert "theirs" not in page
    assert ">them<" not in page
    assert "Monthly" not in page
    assert names_in(visitor.text("/events", customer="them")) == []


@pytest.mark.parametrize(
    "path",
    [
        "/events/nonsense",
        "/events/00000000-0000-4000-8000-000000000000",
        "/events/00000000-0000-4000-8000-000000000000/family",
        "/customers/nonsense",
        "/customers/9999999999999999999999",
        "/customers/-1",
        "/targets/nonsense",
        "/targets/0",
        "/targets/²",
    ],
)
def test_what_is_not_there_is_told(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 404
    assert "There is no such" in answer.text


def _three(http: httpx.Client, workspace: NewWorkspace) -> None:
    ada = {"external_id": "c-1", "email": "ada@example.com"}
    told: list[dict[str, Any]] = [
        {"name": "a", "customer": ada, "source": "web", "properties": {"open": True}},
        {"name": "b", "properties": {"seats": 4}},
        {"name": "c", "customer": ada, "properties": {"seats": "four"}},
    ]
    for index, one in enumerate(told):
        capture(http, workspace, occurred_at=(MOMENT + timedelta(hours=index)).isoformat(), **one)


def _target(http: httpx.Client, workspace: NewWorkspace) -> int:
    group = {
        "active": True,
        "name": "Monthly spend",
        "description": "Spend 100 a month",
        "trackingType": "DEFAULT",
        "targetEvaluationType": "FIXED_CALENDAR_WINDOW",
        "totalPeriods": 1,
        "frequencyType": "MONTHLY",
        "frequency": 1,
        "recurringCycles": 1,
        "periods": [
            {"active": True, "startDate": "2024-05-01T00:00:00Z", "endDate": "2024-05-31T23:59:59Z", "refCode": "M"}
        ],
        "targets": [
            {
                "active": True,
                "name": "Spend 100",
                "targetEntity": "TRANSACTION",
                "targetType": "SALES",
                "eventName": "TransactionAdd",
                "expression": "true",
                "enrolmentMethod": "TRANSACTION",
                "defaultValues": [{"defaultValue": 100}],
            }
        ],
    }
    made = http.post("/v3/targetGroups", json=group, headers=Products(http, workspace).capillary)
    assert made.status_code == 201, made.text
    rule: int = made.json()["data"]["targets"][0]["id"]
    return rule


def _answers(_title: str, command: str, workspace: NewWorkspace, folder: Path) -> Any:
    """What the command prints, in a shell that has the secrets in variables."""
    user, _, md5 = base64.b64decode(_basic(workspace)).decode().partition(":")
    secrets = {
        "TOKEN": workspace.footfall.token,
        "RAPIDLY": workspace.rapidly.token,
        "PX_KEY": workspace.gainsight_px.api_key,
        "CT_PASSCODE": workspace.clevertap.passcode,
        "TILL": user,
        "TILL_MD5": md5,
    }
    lines = [f"{name}='{value}'" for name, value in secrets.items()]
    return json.loads(pasted("\n".join([*lines, command]), folder))


def _basic(workspace: NewWorkspace) -> str:
    with httpx.Client() as client:
        return Products(client, workspace).capillary["Authorization"].removeprefix("Basic ")
