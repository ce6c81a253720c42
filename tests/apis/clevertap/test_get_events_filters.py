"""Get Events: filters that are applied, and those that are refused."""

from typing import Any

import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.event import NewEvent
from footfall.storage import workspaces
from footfall.storage.database import Database
from tests.apis.clevertap.account import DAY, NOON, Account, event, numbers, profile
from tests.conftest import Server


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"name": "color", "value": "red"}, [0]),
        ({"name": "color", "operator": "equals", "value": ["red", "Blue"]}, [0, 1]),
        ({"name": "color", "operator": "in", "value": ["red", "green"]}, [0]),
        ({"name": "color", "operator": "not_equals", "value": "red"}, [1, 2, 3]),
        ({"name": "color", "operator": "not_in", "value": ["red", "Blue"]}, [2, 3]),
        ({"name": "color", "operator": "contains", "value": "lu"}, [1]),
        ({"name": "color", "operator": "does_not_contain", "value": "lu"}, [0, 2, 3]),
        ({"name": "color", "operator": "not_contains", "value": ["re", "lu"]}, [2, 3]),
        ({"name": "color", "operator": "exists"}, [0, 1, 2]),
        ({"name": "color", "operator": "does_not_exist"}, [3]),
        ({"name": "price", "operator": "equals", "value": "10"}, [0]),
        ({"name": "price", "value": 10.0}, [0]),
        ({"name": "price", "operator": "greater_than", "value": 10}, [1, 2]),
        ({"name": "price", "operator": "gt", "value": "10"}, [1, 2]),
        ({"name": "price", "operator": "greater_than_equals", "value": 10}, [0, 1, 2]),
        ({"name": "price", "operator": "gte", "value": 20.5}, [1, 2]),
        ({"name": "price", "operator": "less_than", "value": 20.5}, [0]),
        ({"name": "price", "operator": "lt", "value": 10**30}, [0, 1, 2]),
        ({"name": "price", "operator": "less_than_equals", "value": 20.5}, [0, 1]),
        ({"name": "price", "operator": "lte", "value": -1}, []),
        ({"name": "price", "operator": "between", "value": [10, 20.5]}, [0, 1]),
        ({"name": "vip", "value": "True"}, [0, 1]),
        ({"name": "vip", "value": False}, [2]),
        ({"name": 'a key, "quoted"', "operator": "exists"}, []),
        ({"name": "clé", "value": "é"}, [3]),
        ({"name": "color", "OPERATOR": "equals"}, None),
    ],
)
def test_property_filters_are_applied(account: Account, condition: dict[str, Any], expected: list[int] | None) -> None:
    account.stored(
        event(at=NOON, n=0, color="red", price=10, vip=True),
        event(at=NOON + 1, n=1, color="Blue", price=20.5, vip="TRUE"),
        event(at=NOON + 2, n=2, color="10", price=30, vip=False),
        event(at=NOON + 3, n=3, price="10x", clé="é"),
    )
    if expected is None:
        refused = account.open(event_properties=[condition])
        assert refused.json()["error"] == "Invalid query : event_properties.OPERATOR is not supported"
        return

    assert numbers(account.records(event_properties=[condition], parameters="batch_size=1")) == expected
    assert numbers(account.records(props=[condition])) == expected


def test_all_filters_must_hold_and_paging_knows_them(account: Account) -> None:
    account.stored(*(event(at=NOON + n, n=n, even=str(n % 2 == 0)) for n in range(50)))
    conditions = [{"name": "even", "value": "true"}, {"name": "n", "operator": "gte", "value": 20}]

    pages = list(account.pages(parameters="batch_size=4", event_properties=conditions))

    assert [numbers(page["records"]) for page in pages] == [
        [20, 22, 24, 26],
        [28, 30, 32, 34],
        [36, 38, 40, 42],
        [44, 46, 48],
    ]
    back = account.get(cursor=pages[2]["previous_cursor"]).json()
    assert numbers(back["records"]) == [28, 30, 32, 34]


def test_filters_on_charged_look_into_its_items(account: Account) -> None:
    shoes = {"Category": "shoes", "Price": 50}
    account.stored(
        event("Charged", NOON, n=0, Items=[{"Category": "books"}, shoes]),
        event("Charged", NOON + 1, n=1, Items=[{"Category": "books"}]),
        event("Charged", NOON + 2, n=2),
    )

    assert numbers(account.records("Charged", event_properties=[{"name": "Category", "value": "shoes"}])) == [0]
    none = [{"name": "Category", "operator": "not_equals", "value": "shoes"}]
    assert numbers(account.records("Charged", event_properties=none)) == [1, 2]


@pytest.mark.parametrize(
    "key",
    [
        "advanced_query",
        "technographics",
        "demographics",
        "geo_fields",
        "reachability",
    ],
)
def test_filters_that_cannot_be_applied_are_refused(account: Account, key: str) -> None:
    account.stored(event())

    answer = account.post("/1/events.json", {"event_name": "Viewed", **DAY, key: [{"name": "x", "value": "y"}]})

    assert answer.status_code == 400
    assert answer.json() == {"status": "fail", "error": f"Invalid query : {key} is not supported", "code": 400}


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"session_properties": [{"name": "first_time", "value": "True"}]}, "session_properties.first_time"),
        ({"session_properties": [{"name": "day_of_week", "value": "1"}]}, "session_properties.day_of_week"),
        ({"common_profile_properties": {"demographics": [{"name": "Age", "value": 1}]}}, "demographics"),
        ({"common_profile_properties": {"geo_fields": [["India"]]}}, "common_profile_properties.geo_fields"),
        ({"common_profile_properties": {"profile_fields": [{"name": "Name", "operator": "gt", "value": 1}]}}, "Name"),
        ({"common_profile_properties": [1]}, "common_profile_properties should be an object"),
        ({"common_profile_properties": {"profile_fields": {}, "x": 1}}, "common_profile_properties.x"),
    ],
)
def test_parts_of_filters_that_cannot_be_applied_are_refused_by_name(
    account: Account, query: dict[str, Any], error: str
) -> None:
    account.stored(event())

    answer = account.open(**query)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid query : ")
    assert error in answer.json()["error"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"name": "plan", "value": "gold"}, [0]),
        ({"name": "plan", "operator": "not_equals", "value": "gold"}, [1, 2]),
        ({"name": "Age", "operator": "gte", "value": 18}, [0]),
        ({"name": "Name", "value": "Jack"}, [0]),
        ({"name": "Email", "value": "JILL@example.com"}, [1]),
        ({"name": "Email", "operator": "contains", "value": "example"}, [0, 1]),
        ({"name": "Email", "operator": "does_not_exist"}, [2]),
        ({"name": "Phone", "value": 911111111111}, [0]),
        ({"name": "Phone", "value": "+911111111111"}, [0]),
        ({"name": "Identity", "operator": "not_in", "value": ["u0", "u1"]}, [2]),
    ],
)
def test_filters_on_the_profile_are_applied(account: Account, condition: dict[str, Any], expected: list[int]) -> None:
    account.stored(
        *(event(at=NOON + n, user=f"u{n}", n=n) for n in range(3)),
        profile("u0", Name="Jack", Email="jack@example.com", Phone="+911111111111", plan="gold", Age=20),
        profile("u1", Name="Jill", Email="jill@example.com", plan="silver", Age=10),
    )
    query: dict[str, Any] = {"common_profile_properties": {"profile_fields": [condition]}}

    assert numbers(account.records(parameters="batch_size=1", **query)) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"name": "utm_source", "value": "Foo"}, [0]),
        ({"name": "utm_source", "operator": "exists"}, [0, 1]),
        ({"name": "utm_campaign", "operator": "contains", "value": "a"}, [1]),
        ({"name": "session_source", "value": "Direct"}, [0]),
        ({"name": "session_source", "value": "Unavailable"}, [1, 2]),
        ({"name": "session_source", "value": ["Direct", "Unavailable"]}, [0, 1, 2]),
        ({"name": "session_source", "operator": "not_equals", "value": "Unavailable"}, [0]),
    ],
)
def test_filters_on_the_session_are_applied(
    server: Server, account: Account, condition: dict[str, Any], expected: list[int]
) -> None:
    sessions = ['{"utm_source":"Foo","session_source":"Direct"}', '{"utm_source":"B","utm_campaign":"abc"}', None]
    database = Database(server.database_url)
    capture = Capture(database)
    tenant = database.read(workspaces.by_name, account.made.workspace.name)
    assert tenant is not None
    moment = NOON * instant.SECOND
    sent = [
        NewEvent(name="Viewed", occurred_at=moment + n, received_at=0, properties=f'{{"n":{n}}}', session=session)
        for n, session in enumerate(sessions)
    ]
    capture.submit(Batch(workspace=tenant, events=sent)).result()
    capture.close()
    database.close()

    assert numbers(account.records(session_properties=[condition])) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"name": "a", "value": "b"},
        "a",
        5,
        ["a"],
        [{"value": "a"}],
        [{"name": 5, "value": "a"}],
        [{"name": "a"}],
        [{"name": "a", "value": None}],
        [{"name": "a", "value": []}],
        [{"name": "a", "value": {"b": 1}}],
        [{"name": "a", "value": [["b"]]}],
        [{"name": "a", "value": "b\0"}],
        [{"name": "a", "operator": "like", "value": "b"}],
        [{"name": "a", "operator": 5, "value": "b"}],
        [{"name": "a", "operator": "gt", "value": "b"}],
        [{"name": "a", "operator": "gt", "value": True}],
        [{"name": "a", "operator": "gt", "value": [1, 2]}],
        [{"name": "a", "operator": "gt", "value": int("9" * 400)}],
        [{"name": "a", "operator": "between", "value": 1}],
        [{"name": "a", "value": "b"}] * 33,
        [{"name": "a", "value": ["b" * 100] * 30}],
    ],
)
def test_wrong_filters_are_refused(account: Account, given: object) -> None:
    account.stored(event())

    answer = account.open(event_properties=given)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid query : event_properties")


def test_one_user_can_be_asked_for(account: Account) -> None:
    account.stored(
        event(user="u1", n=1),
        event(user="u2", n=2),
        profile("u1", Email="u1@example.com"),
        {**event(n=3), "identity": None, "objectId": "__device"},
        {**event(n=4), "identity": None, "FBID": "f4"},
        event(user=77, n=5),
    )
    shown = {record["event_props"]["n"]: record["profile"]["objectId"] for record in account.records()}

    assert numbers(account.records(identity="u1")) == [1]
    assert numbers(account.records(identity=77)) == [5]
    assert numbers(account.records(email="U1@Example.com")) == [1]
    assert numbers(account.records(identity="u1", email="u1@example.com")) == [1]
    assert numbers(account.records(objectId="__device")) == [3]
    assert numbers(account.records(objectId=shown[2])) == [2]
    assert numbers(account.records(FBID="f4")) == [4]
    assert account.records(identity="u2", email="u1@example.com") == []
    assert account.records(identity="nobody") == []
    assert account.open(identity=["u1"]).json()["error"] == "Invalid query : identity should be one text"
