"""Counts, trends, top values (contracts/clevertap.md 4.1-4.5)."""

from typing import Any

import pytest

from tests.apis.clevertap.account import DAY, NOON, Account, event, profile

DAY_SECONDS = 86_400
YEAR = {"from": 20160101, "to": 20161231}
VIEWED = {"event_name": "Viewed", **YEAR}
FAILED = {"status": "fail", "code": 400}


def posted(account: Account, what: str, **query: Any) -> Any:
    answer = account.post(f"/1/counts/{what}.json", query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def polled(account: Account, what: str, **query: Any) -> Any:
    """As CleverTap's clients ask: first for an id, then by it."""
    first = posted(account, what, **query)
    assert first == {"status": "partial", "req_id": first["req_id"]}
    assert first["req_id"].isdecimal()
    answer = account.get(f"/1/counts/{what}.json", req_id=first["req_id"])
    assert answer.status_code == 200, answer.text
    assert account.post(f"/1/counts/{what}.json?req_id={first['req_id']}", content="").json() == answer.json()
    return answer.json()


def shop(account: Account) -> None:
    """u0 views three times on three days, u1 once, u2 buys."""
    account.stored(
        event(at=NOON, user="u0", color="red", price=10, vip=True, on="$D_1468308340"),
        event(at=NOON + DAY_SECONDS, user="u0", color="red", price=2.5, vip=False),
        event(at=NOON + 20 * DAY_SECONDS, user="u0", color="blue", price=10),
        event(at=NOON, user="u1", color="green", price="10"),
        event("Bought", NOON, user="u2"),
        profile("u0", plan="gold"),
        profile("u1", plan="silver"),
    )


def test_events_are_counted_at_once(account: Account) -> None:
    shop(account)

    assert posted(account, "events", **VIEWED) == {"status": "success", "count": 4}
    assert posted(account, "events", event_name="Viewed", **DAY) == {"status": "success", "count": 2}
    assert posted(account, "events", **VIEWED, unique=True) == {"status": "success", "count": 2}
    assert posted(account, "events", **VIEWED, unique="false") == {"status": "success", "count": 4}
    assert posted(account, "events", **VIEWED, identity="u1") == {"status": "success", "count": 1}


@pytest.mark.parametrize(
    ("filters", "events", "users"),
    [
        ({"event_properties": [{"name": "color", "value": "red"}]}, 2, 1),
        ({"event_properties": [{"name": "price", "value": 10}]}, 3, 2),
        ({"common_profile_properties": {"profile_fields": [{"name": "plan", "value": "silver"}]}}, 1, 1),
        ({"session_properties": [{"name": "session_source", "value": "Direct"}]}, 0, 0),
    ],
)
def test_filters_count_in(account: Account, filters: dict[str, Any], events: int, users: int) -> None:
    shop(account)

    assert posted(account, "events", **VIEWED, **filters)["count"] == events
    counted = posted(account, "profiles", **VIEWED, **filters)
    assert (counted["count"], counted["tcount"]) == (users, events)


def test_users_are_counted_with_their_events(account: Account) -> None:
    shop(account)

    assert posted(account, "profiles", **VIEWED) == {
        "status": "success",
        "count": 2,
        "nQCount": 0,
        "tcount": 4,
        "userDeviceCount": {"users": 2, "devices": 2},
    }
    everything = posted(account, "profiles", event_name="-1", **YEAR)
    assert (everything["count"], everything["tcount"]) == (3, 5)


@pytest.mark.parametrize("what", ["events", "profiles", "counts/events", "counts/trends", "counts/top"])
def test_minus_one_asks_for_any_event_of_profile_counts_alone(account: Account, what: str) -> None:
    """Elsewhere it is a name like any other: nothing must look like an empty answer that is none."""
    shop(account)
    groups = {"g": {"trend_type": "monthly", "property_type": "event_properties", "name": "color"}}

    answer = account.post(f"/1/{what}.json", {"event_name": "-1", **YEAR, "groups": groups})

    assert answer.status_code == (200 if what == "counts/trends" else 400)
    assert answer.json() == {**FAILED, "error": '["Invalid event : -1"]'}


def test_an_event_may_be_called_minus_one(account: Account) -> None:
    account.stored(event("-1", n=1), event(n=2))

    assert [record["event_props"] for record in account.records("-1")] == [{"n": 1}]
    assert posted(account, "events", event_name="-1", **YEAR)["count"] == 1


def test_without_name_and_days_the_last_365_days_are_counted(account: Account) -> None:
    shop(account)
    now = {"type": "event", "identity": "u9", "evtName": "New", "evtData": {}}
    account.stored(now)

    assert posted(account, "profiles")["tcount"] == 1


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("daily", {"20160711": 0, "20160712": 2, "20160713": 1, "20160714": 0}),
        ("weekly", {"201628": 3}),
        ("monthly", {"201607": 3}),
    ],
)
def test_trends_show_every_step_in_order(account: Account, step: str, expected: dict[str, int]) -> None:
    shop(account)
    query = {"event_name": "Viewed", "from": 20160711, "to": 20160714, "groups": {"mine": {"trend_type": step}}}

    found = polled(account, "trends", **query)

    assert found == {"status": "success", "mine": expected}
    assert list(found["mine"]) == sorted(found["mine"])


def test_trends_cut_weeks_and_months_at_the_ends_of_the_range(account: Account) -> None:
    shop(account)
    groups = {"w": {"trend_type": "weekly"}, "m": {"trend_type": "monthly"}}

    found = polled(account, "trends", event_name="Viewed", **{"from": 20160713, "to": 20160801}, groups=groups)

    assert found["w"] == {"201628": 1, "201629": 0, "201630": 0, "201631": 1}
    assert found["m"] == {"201607": 1, "201608": 1}


def test_trends_count_users_or_add_up_a_property(account: Account) -> None:
    shop(account)
    query = {**VIEWED, "groups": {"m": {"trend_type": "monthly"}}}

    users, sums = (
        polled(account, "trends", **query, **more)["m"] for more in ({"unique": True}, {"sum_event_prop": "price"})
    )

    assert (users["201607"], users["201608"], users["201601"]) == (2, 1, 0)
    assert (sums["201607"], sums["201608"], sums["201601"]) == (12.5, 10, 0)


def test_an_unknown_event_is_told_in_http_200_by_trends_alone(account: Account) -> None:
    query = {"event_name": "Never", **YEAR, "groups": {"m": {"trend_type": "monthly"}}}
    told = {**FAILED, "error": '["Invalid event : Never"]'}

    answer = account.post("/1/counts/trends.json", query)

    assert (answer.status_code, answer.json()) == (200, told)
    for what in ("events", "profiles"):
        answer = account.post(f"/1/counts/{what}.json", query)
        assert (answer.status_code, answer.json()) == (400, told)


def top_of(account: Account, **group: Any) -> Any:
    return polled(account, "top", **VIEWED, groups={"g": {"property_type": "event_properties", **group}})["g"]


def test_top_values_stand_by_their_kind(account: Account) -> None:
    shop(account)

    assert top_of(account, name="color") == {"STR": {"red": 2, "blue": 1, "green": 1}}
    assert list(top_of(account, name="color")["STR"]) == ["red", "blue", "green"]
    assert top_of(account, name="price") == {"INT": {"10": 2}, "FLOAT": {"2.5": 1}, "STR": {"10": 1}}
    assert top_of(account, name="vip") == {"BOOL": {"true": 1, "false": 1}}
    assert top_of(account, name="on") == {"DATE": {"$D_1468308340": 1}}
    assert top_of(account, name="plan", property_type="profile_fields") == {"STR": {"gold": 3, "silver": 1}}


def test_top_values_are_as_many_and_in_the_order_that_is_asked_for(account: Account) -> None:
    shop(account)

    assert top_of(account, name="color", top_n=1) == {"STR": {"red": 2}}
    assert top_of(account, name="color", top_n="2", order="asc") == {"STR": {"blue": 1, "green": 1}}


@pytest.mark.parametrize(
    ("what", "groups"),
    [
        ("top", None),
        ("top", {}),
        ("top", [1]),
        ("top", {"g": 1}),
        ("top", {"g": {"property_type": "demographics", "name": "x"}}),
        ("top", {"g": {"property_type": "event_properties"}}),
        ("top", {"g": {"property_type": "event_properties", "name": "x", "top_n": 0}}),
        ("top", {"g": {"property_type": "event_properties", "name": "x", "top_n": 101}}),
        ("top", {"g": {"property_type": "event_properties", "name": "x", "order": "up"}}),
        ("top", {"g": {"property_type": "session_properties", "name": "first_time"}}),
        ("top", {"status": {"property_type": "event_properties", "name": "x"}}),
        ("trends", None),
        ("trends", {"g": {"trend_type": "hourly"}}),
        ("trends", {str(n): {} for n in range(6)}),
    ],
)
def test_groups_that_cannot_be_answered_are_refused(account: Account, what: str, groups: Any) -> None:
    shop(account)

    answer = account.post(f"/1/counts/{what}.json", {**VIEWED, "groups": groups})

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid group")


def test_a_property_that_no_event_has_is_an_invalid_group(account: Account) -> None:
    shop(account)
    groups = {"g": {"property_type": "event_properties", "name": "nothing"}}
    name = posted(account, "top", **VIEWED, groups=groups)["req_id"]

    answer = account.get("/1/counts/top.json", req_id=name)

    assert (answer.status_code, answer.json()["status"]) == (400, "fail")
    assert "Invalid group" in answer.json()["error"]
    empty = {"event_name": "Viewed", "from": 20200101, "to": 20200101, "groups": groups}
    assert polled(account, "top", **empty) == {"status": "success", "g": {}}


def test_a_trend_is_at_most_a_year_long(account: Account) -> None:
    shop(account)
    query = {"event_name": "Viewed", "from": 20150101, "to": 20160712, "groups": {"g": {}}}

    answer = account.post("/1/counts/trends.json", query)

    assert (answer.status_code, answer.json()["code"]) == (400, 4002)
    assert "date range" in answer.json()["error"]


@pytest.mark.parametrize("what", ["events", "profiles", "trends", "top"])
def test_a_request_id_that_was_never_given_out_is_refused(account: Account, other_account: Account, what: str) -> None:
    shop(account)
    shop(other_account)
    groups = {"g": {"trend_type": "daily"}}
    foreign = posted(other_account, "trends", **VIEWED, groups=groups)["req_id"]

    for name in (foreign, "123", "x"):
        for answer in (
            account.get(f"/1/counts/{what}.json", req_id=name),
            account.post(f"/1/counts/{what}.json?req_id={name}", content=""),
        ):
            assert (answer.status_code, answer.json()) == (400, {**FAILED, "error": "Invalid request id"})


@pytest.mark.parametrize("what", ["events", "profiles", "trends", "top"])
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", "Malformed request"),
        ('{"event_name":"","from":20160101,"to":20160101}', "Event name is mandatory"),
        ('{"event_name":"Viewed","from":"x","to":20160101}', "Invalid date"),
        ('{"event_name":"Viewed","from":20160102,"to":20160101}', "Invalid date range"),
        (
            '{"event_name":"Viewed","from":20160101,"to":20160101,"advanced_query":[1],"groups":{"g":{}}}',
            "Invalid query : advanced_query is not supported",
        ),
    ],
)
def test_questions_are_checked_as_those_of_exports(account: Account, what: str, body: str, error: str) -> None:
    account.stored(event())

    answer = account.post(f"/1/counts/{what}.json", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith(error)


def test_accounts_are_counted_apart(account: Account, other_account: Account) -> None:
    shop(account)
    other_account.stored(event(at=NOON, user="u0", color="black"))

    assert posted(other_account, "events", **VIEWED)["count"] == 1
    assert posted(other_account, "profiles", **VIEWED)["count"] == 1
    assert top_of(other_account, name="color") == {"STR": {"black": 1}}
