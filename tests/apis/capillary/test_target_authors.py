"""At which till target groups were made and changed (contracts/capillary.md 5.3: attribution)."""

from typing import Any

from tests.apis.capillary.bill_calls import second_till
from tests.apis.capillary.conftest import Json, Organisation
from tests.apis.capillary.target_calls import FEBRUARY, JANUARY, MARCH, buy, make, target, user_id
from tests.conftest import Server


def authors(shown: Json) -> tuple[Any, Any]:
    """The codes of who made it and who changed it last."""
    attribution = shown["attribution"]
    for actor in (attribution["createdBy"], attribution["lastUpdatedBy"]):
        assert list(actor) == ["id", "code", "description", "name", "type"]
        assert actor["type"] == "TILL"
    return attribution["createdBy"]["code"], attribution["lastUpdatedBy"]["code"]


def show(organisation: Organisation, made: Json) -> Json:
    data: Json = organisation.client.get(f"/v3/targetGroups/{made['id']}").json()["data"]
    return data


def test_a_till_is_shown_with_what_it_made(server: Server, organisation: Organisation) -> None:
    till, second = second_till(server, organisation, "second")
    levels = [{"name": "two", "targetCountOfSequence": 2}]

    with second.client:
        made = make(second, JANUARY, FEBRUARY, trackingType="STREAKS", streaks=levels)

    for shown in (made, show(organisation, made)):
        for part in (*shown["periods"], *shown["targets"], *shown["streaks"]):
            assert authors(part) == ("second", "second")
        assert shown["periods"][0]["attribution"]["createdBy"]["id"] == till.id
    path = f"/v3/targetGroups/{made['id']}"
    for list_path in ("/targetPeriods", "/targets"):
        for part in organisation.client.get(path + list_path).json()["data"]:
            assert authors(part) == ("second", "second")
    (listed,) = organisation.client.get("/v3/targetGroups").json()["data"]
    (page,) = organisation.client.get("/v3/milestones?type=STREAKS&require-periods=true").json()["data"]
    assert {authors(part) for one in (listed, page) for part in one["periods"]} == {("second", "second")}


def test_only_what_a_till_changed_tells_of_it(server: Server, organisation: Organisation) -> None:
    _, second = second_till(server, organisation, "second")
    made = make(organisation, JANUARY, FEBRUARY, trackingType="UNIFIED", targets=[target(name="a"), target(name="b")])
    own = organisation.capillary.till_code
    path = f"/v3/targetGroups/{made['id']}"
    first, other = (one["id"] for one in made["targets"])

    with second.client as client:
        changed = client.put(f"{path}/targets/{first}", json={"name": "renamed"}).json()["data"]
        (added,) = client.post(f"{path}/targetPeriods", json=[MARCH]).json()["data"]
        edited = client.put(f"{path}/targetPeriods", json=[{"refCode": "JAN", "description": "x"}]).json()["data"]
        client.delete(f"{path}/targets/{other}")

    assert authors(changed) == (own, "second")
    assert authors(added) == ("second", "second")
    assert [authors(one) for one in edited] == [(own, "second")]
    after = show(organisation, made)
    assert [authors(one) for one in after["periods"]] == [(own, "second"), (own, own), ("second", "second")]
    assert [authors(one) for one in after["targets"]] == [(own, "second")] * 2


def test_a_customers_groups_tell_who_changed_them(server: Server, organisation: Organisation) -> None:
    _, second = second_till(server, organisation, "second")
    made = make(organisation, JANUARY)
    buy(organisation, "2025-01-05", 1)
    user = user_id(organisation)
    own = organisation.capillary.till_code

    with second.client as client:
        client.put(f"/v3/targetGroups/editTargetGroup/{made['id']}", json={"description": "anew"})

    data = organisation.client.get(f"/v3/users/{user}/targetGroups?includeInactive=true").json()["data"]
    assert authors(data["targetGroups"][0]) == (own, "second")
    enrolled = organisation.client.get(f"/v3/users/{user}/enrolledTargets").json()["data"]
    assert [authors(one) for one in enrolled] == [(own, own)]


def test_what_was_refused_tells_of_nobody(server: Server, organisation: Organisation) -> None:
    _, second = second_till(server, organisation, "second")
    made = make(organisation, JANUARY)

    with second.client as client:
        wrong = [{"refCode": "JAN", "description": "x"}, {"refCode": "MAY"}]
        assert client.put(f"/v3/targetGroups/{made['id']}/targetPeriods", json=wrong).status_code == 400

    after = show(organisation, made)
    own = organisation.capillary.till_code
    assert [authors(one) for one in after["periods"]] == [(own, own)]
    assert after["periods"][0]["description"] is None
