"""``GET /v2/events/search`` (contracts/capillary.md 3.6)."""

from collections.abc import Callable
from typing import Any

import pytest

from footfall.model import instant
from footfall.model.customer import Identity
from footfall.model.event import CustomerReference, NewEvent
from tests.apis.capillary.conftest import TRUE, Json, Organisation, customer_field
from tests.apis.capillary.test_event_data import TOP, capture_elsewhere
from tests.conftest import Server


def search(organisation: Organisation, **parameters: Any) -> Json:
    answer = organisation.client.get("/v2/events/search", params=parameters)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def ids(organisation: Organisation, **parameters: Any) -> list[str]:
    found = search(organisation, **parameters)
    assert found["totalRecords"] >= len(found["clickEventDataList"])
    return [event["eventId"] for event in found["clickEventDataList"]]


def test_a_search_has_the_shape_of_the_record(organisation: Organisation) -> None:
    organisation.define("seen")
    request_id = organisation.post("seen")

    found = search(organisation)

    assert list(found) == ["clickEventDataList", "totalRecords", "warnings"]
    assert (found["totalRecords"], found["warnings"]) == (1, [])
    assert found["clickEventDataList"] == [organisation.event(request_id)]
    (with_effects,) = search(organisation, includeSideEffects="true")["clickEventDataList"]
    assert list(with_effects) == [*TOP[:-1], "clickEventSideEffects", "uniqueId"]
    assert with_effects["clickEventSideEffects"] == {"requestId": request_id, "sideEffects": []}


def test_nothing_found_is_an_empty_list(organisation: Organisation, other_organisation: Organisation) -> None:
    organisation.define("seen")
    request_id = organisation.post("seen", x="1")

    for nothing in (
        {"eventName": "Seen"},
        {"eventName": "nothing"},
        {"eventId": "nonsense"},
        {"eventId": "00000000-0000-4000-8000-000000000000"},
        {"userIdentifierType": "mobile", "userIdentifierValue": "919900000009"},
        {"userIdentifierType": "userId", "userIdentifierValue": "999999999"},
        {"userIdentifierType": "userId", "userIdentifierValue": "x"},
        {"x": "2"},
        {"y": "1"},
        {"offset": 1},
    ):
        assert search(organisation, **nothing)["clickEventDataList"] == [], nothing
    assert search(other_organisation, eventId=request_id)["totalRecords"] == 0
    assert search(other_organisation)["totalRecords"] == 0


@pytest.fixture
def visits(organisation: Organisation) -> list[str]:
    """Request ids of seven events of three customers, from the first to the last."""
    for name in ("seen", "heard"):
        organisation.client.post("/v2/events", json={"eventName": name, "fields": [customer_field("guest", "mobile")]})
    days = ("2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04 10:00:00", "2024-03-04 10:00:01", "2024-03-06",
            "2024-03-07T00:30:00+01:00")  # fmt: skip
    return [
        organisation.post(
            "heard" if index == 2 else "seen", guest=f"91990000000{index % 3}", eventDateTime=day, number=index
        )
        for index, day in enumerate(days)
    ]


def test_pages_skip_records_in_either_order(organisation: Organisation, visits: list[str]) -> None:
    assert ids(organisation) == visits[::-1]
    assert ids(organisation, sortOrder="asc") == visits
    assert ids(organisation, limit=3, offset=2) == visits[::-1][2:5]
    assert ids(organisation, limit=3, offset=6, sortOrder="ASC") == visits[6:]
    assert ids(organisation, limit=3, offset=10**17) == []
    assert search(organisation, limit=2, offset=3)["totalRecords"] == 7
    assert ids(organisation, eventName="seen", limit=2, offset=1) == [visits[5], visits[4]]
    assert search(organisation, eventName="seen", limit=2)["totalRecords"] == 6


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ({"fromDate": "2024-03-04"}, slice(3, 7)),
        ({"fromDate": "2024-03-04T10:00:01"}, slice(4, 7)),
        ({"tillDate": "2024-03-03"}, slice(3)),
        ({"tillDate": "2024-03-04T10:00:00"}, slice(4)),
        ({"fromDate": "2024-03-02", "tillDate": "2024-03-04"}, slice(1, 5)),
        ({"fromDate": "1709546400000", "tillDate": "1709546400000"}, slice(3, 4)),
        ({"fromDate": "2024-03-06T23:30:00Z"}, slice(6, 7)),
        ({"fromDate": "2024-03-05", "tillDate": "2024-03-04"}, slice(0)),
    ],
)
def test_a_span_has_both_its_ends(organisation: Organisation, visits: list[str], span: Json, expected: slice) -> None:
    assert ids(organisation, sortOrder="ASC", **span) == visits[expected]
    assert search(organisation, **span)["totalRecords"] == len(visits[expected])


def test_a_customer_is_found_by_any_identifier(organisation: Organisation, visits: list[str]) -> None:
    user_id = organisation.event(visits[1])["userId"]

    by_mobile = {"userIdentifierType": "mobile", "userIdentifierValue": "+91 99-0000-0001"}
    assert ids(organisation, **by_mobile, userIdentifierSource="INSTORE") == [visits[4], visits[1]]
    assert ids(organisation, userIdentifierType="userId", userIdentifierValue=user_id) == [visits[4], visits[1]]
    assert ids(organisation, **by_mobile, tillDate="2024-03-02", eventName="seen") == [visits[1]]
    assert ids(organisation, **by_mobile, eventName="heard") == []


def test_everything_asked_has_to_hold(organisation: Organisation, visits: list[str]) -> None:
    assert ids(organisation, eventId=visits[3]) == [visits[3]]
    assert ids(organisation, eventId=visits[3], eventName="seen", number=3) == [visits[3]]
    assert ids(organisation, eventId=visits[3], eventName="heard") == []
    assert ids(organisation, eventId=visits[3], number=4) == []


@pytest.fixture
def describe(organisation: Organisation) -> Callable[..., list[str]]:
    """Posts events with the attribute ``x`` of a type; which of them a search finds, by their values."""

    def post(field: Json, *values: object) -> list[str]:
        organisation.define("seen", {"name": "x", **field})
        return [organisation.post("seen", x=value) for value in values]

    return post


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("red", {0, 1, 3}),
        ("RED", {0, 1, 3}),
        ("shirt red", {0, 1}),
        ("Red Shirt", {0, 1}),
        ("shirt,", {0, 1}),
        ("shir", set()),
        ("reddish", {2}),
        ("grün", {4}),
        ("GRÜN", {4}),
        ("a_b", {5}),
        ("b", {6}),
        ("12", {7, 8}),
        ("12.5", {9}),
        ("%", set()),
        ("true", {10}),
        ("-", {11}),
    ],
)
def test_attributes_are_found_by_their_words(
    organisation: Organisation, describe: Callable[..., list[str]], asked: str, found: set[int]
) -> None:
    values = ("Red shirt", "the shirt is RED.", "reddish", "red", "Das Grün", "a_b", "a-b", 12, "12", 12.5, True, "-")
    sent = describe({"type": "string"}, *values)

    assert set(ids(organisation, eventName="seen", x=asked, limit=100)) == {sent[index] for index in found}
    assert set(ids(organisation, x=asked, limit=100)) == {sent[index] for index in found}
    assert search(organisation, x=asked)["totalRecords"] == len(found)


@pytest.mark.parametrize(
    ("asked", "found"),
    [("Red shirt", {0}), ("red shirt", {1}), ("red", set()), ("20", {2, 3}), ("true", {4}), ("Red shirt ", set())],
)
def test_an_exact_match_is_of_the_whole_value(
    organisation: Organisation, describe: Callable[..., list[str]], asked: str, found: set[int]
) -> None:
    sent = describe({"type": "string"}, "Red shirt", "red shirt", 20, "20", *[True])

    assert set(ids(organisation, x=asked, allowExactMatch="true")) == {sent[index] for index in found}


def test_a_double_is_found_as_it_is_shown_and_as_it_was_posted(
    organisation: Organisation, describe: Callable[..., list[str]]
) -> None:
    sent = describe({"type": "double"}, 20, "20", 20.0, "20.50", 2)

    for asked in ("20", "20.0"):
        for exact in ("true", "false"):
            assert set(ids(organisation, x=asked, allowExactMatch=exact)) == set(sent[:3])


def test_a_till_is_found_by_id_and_by_code(organisation: Organisation, describe: Callable[..., list[str]]) -> None:
    sent = describe({"type": "tillCode"}, organisation.capillary.till_code, str(organisation.capillary.till_id))

    for asked in (organisation.capillary.till_code, organisation.capillary.till_id):
        assert set(ids(organisation, x=asked)) == set(sent)


def test_an_attribute_is_not_found_by_another_ones_value_or_by_null(
    organisation: Organisation, describe: Callable[..., list[str]]
) -> None:
    sent = describe({"type": "string"}, "red", None)

    assert ids(organisation, y="red") == []
    assert ids(organisation, x="null") == []
    assert ids(organisation, x="red", y="red") == []
    assert ids(organisation, x="") == []
    assert set(ids(organisation)) == set(sent)


def test_duplicates_can_be_asked_for_or_left_out(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "x", "type": "string", "attributes": {"isUniqueKeyField": TRUE}})
    organisation.make_webhook(uniquenessCheckEnabled=True)
    first, again = organisation.post("seen", x="1"), organisation.post("seen", x="1")

    assert ids(organisation, isDuplicate="true") == [again]
    assert ids(organisation, isDuplicate="False", eventName="seen") == [first]
    assert search(organisation, isDuplicate="false")["totalRecords"] == 1


def test_events_of_a_group_are_found_by_it_and_by_their_customer(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "club", "type": "groupId"})
    grouped = organisation.post("seen", guest="g1", club="3854766")
    organisation.post("seen", guest="g1")
    organisation.post("seen", guest="g2", club="77")

    assert organisation.event(grouped)["additonalAttributes"]["groupId"] == "3854766"
    assert ids(organisation, userGroupIdentifierType="groupId", userGroupIdentifierValue="3854766") == [grouped]
    assert ids(organisation, groupId="3854766") == [grouped]
    by_member = {"userGroupIdentifierType": "externalId", "userGroupIdentifierValue": "g1"}
    assert ids(organisation, **by_member) == [grouped]
    assert ids(organisation, **by_member, groupId="77") == []


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"userIdentifierType": "mobile"}, "userIdentifierValue"),
        ({"userIdentifierValue": "9"}, "userIdentifierType"),
        ({"userIdentifierType": "passport", "userIdentifierValue": "9"}, "userIdentifierType"),
        ({"userGroupIdentifierType": "groupId"}, "userGroupIdentifierValue"),
        ({"fromDate": "soon"}, "fromDate"),
        ({"tillDate": "2024-13-40"}, "tillDate"),
        ({"limit": "0"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"offset": "9" * 30}, "offset"),
        ({"sortOrder": "up"}, "sortOrder"),
        ({"isDuplicate": "perhaps"}, "isDuplicate"),
        ({"allowExactMatch": "1"}, "allowExactMatch"),
        ({"includeSideEffects": "1"}, "includeSideEffects"),
    ],
)
def test_what_cannot_be_read_is_refused(organisation: Organisation, parameters: Json, name: str) -> None:
    answer = organisation.client.get("/v2/events/search", params=parameters)

    assert answer.status_code == 400
    assert answer.json() == {
        "warnings": [],
        "errors": [{"code": 1850, "message": f"Invalid search request parameters {name}", "status": False}],
    }


def test_events_of_other_products_are_found_too(server: Server, organisation: Organisation) -> None:
    elsewhere = NewEvent(
        name="Session Started",
        occurred_at=instant.now(),
        received_at=instant.now(),
        properties='{"browser":"Fire Fox","tabs":3}',
        customer=CustomerReference(identities=(Identity("external_id", "g7"),)),
    )
    (event_id,) = capture_elsewhere(server, organisation, elsewhere)

    assert ids(organisation, eventName="Session Started", browser="fire", tabs="3") == [event_id]
    by_name = {"userIdentifierType": "externalId", "userIdentifierValue": "g7"}
    assert ids(organisation, **by_name) == [event_id]


def test_any_text_may_be_asked_for(organisation: Organisation) -> None:
    organisation.define("seen")
    organisation.post("seen", x="1")

    for text in ("'", '"', "\\", "%00", "\0", "x\0y", "*", "$.x", "a" * 5000, "😀", "' OR 1=1 --"):
        assert search(organisation, x=text)["totalRecords"] == 0
        assert search(organisation, **{text: "1"})["totalRecords"] == 0
        assert search(organisation, x=text, allowExactMatch="true")["totalRecords"] == 0
