"""``GET /v2/events/event_data`` (contracts/capillary.md 3)."""

import time
from datetime import UTC, datetime

import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import identifiers, instant
from footfall.model.customer import Identity
from footfall.model.event import Captured, CustomerReference, NewEvent
from footfall.storage import workspaces
from footfall.storage.database import Database
from tests.apis.capillary.conftest import TRUE, Organisation
from tests.conftest import Server

TOP = ["orgId", "userId", "date", "eventName", "eventId", "source", "tillCode", "additonalAttributes", "psiAttributes",
       "uniqueId"]  # fmt: skip


def capture_elsewhere(server: Server, organisation: Organisation, *new: NewEvent) -> list[str]:
    """Captures as another product does; the ids of the events."""
    database = Database(server.database_url)
    capture = Capture(database)
    tenant = database.read(workspaces.by_name, organisation.workspace.workspace.name)
    assert tenant is not None
    outcomes = capture.submit(Batch(workspace=tenant, events=list(new))).result().outcomes
    capture.close()
    database.close()
    return [identifiers.to_text(outcome.id) for outcome in outcomes if isinstance(outcome, Captured)]


def test_an_event_has_the_shape_of_the_published_sample(organisation: Organisation) -> None:
    organisation.define("Group_User_Event", {"name": "String", "type": "tillCode"})
    before = time.time_ns() // 1_000_000

    request_id = organisation.post(
        "Group_User_Event",
        String=organisation.capillary.till_code,
        groupId="3854766",
        eventDateTime="2024-08-24T15:30:00+07:00",
    )

    answer = organisation.client.get("/v2/events/event_data", params={"id": request_id}).json()
    assert list(answer) == ["data", "warnings", "errors"]
    assert (answer["warnings"], answer["errors"]) == ([], [])
    (event,) = answer["data"]
    assert list(event) == TOP
    attributes = event["additonalAttributes"]
    assert list(attributes) == [
        "String", "accountId", "autoUpdateTimeStamp", "customerId", "displayName", "eventDateTime",
        "eventDateTimeInputOffset", "eventName", "groupId", "isDuplicate", "is_mongo_push", "orgId", "ouTillCode",
        "requestId", "source", "source_till_id", "source_user_id", "uniqueId", "x-cap-lineage-id",
        "x-cap-lineage-start",
    ]  # fmt: skip
    till_id, org_id, user_id = organisation.capillary.till_id, organisation.capillary.org_id, event["userId"]
    received = attributes["autoUpdateTimeStamp"]
    assert before <= received <= time.time_ns() // 1_000_000
    assert attributes == {
        "String": str(till_id),
        "accountId": None,
        "autoUpdateTimeStamp": received,
        "customerId": str(user_id),
        "displayName": None,
        "eventDateTime": "1724488200000",
        "eventDateTimeInputOffset": "+07:00",
        "eventName": "Group_User_Event",
        "groupId": "3854766",
        "isDuplicate": False,
        "is_mongo_push": True,
        "orgId": org_id,
        "ouTillCode": organisation.capillary.till_code,
        "requestId": request_id,
        "source": "INSTORE",
        "source_till_id": till_id,
        "source_user_id": user_id,
        "uniqueId": request_id,
        "x-cap-lineage-id": request_id,
        "x-cap-lineage-start": attributes["x-cap-lineage-start"],
    }
    assert before <= int(attributes["x-cap-lineage-start"]) <= received
    assert event == {
        "orgId": org_id,
        "userId": user_id,
        "date": datetime.fromtimestamp(received // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventName": "Group_User_Event",
        "eventId": request_id,
        "source": "INSTORE",
        "tillCode": str(till_id),
        "additonalAttributes": attributes,
        "psiAttributes": [],
        "uniqueId": request_id,
    }


def test_the_label_is_shown_in_both_places(organisation: Organisation) -> None:
    organisation.define("seen", label="Was seen")

    event = organisation.event(organisation.post("seen"))

    assert list(event) == [*TOP[:7], "displayName", *TOP[7:]]
    assert event["displayName"] == event["additonalAttributes"]["displayName"] == "Was seen"


def test_sensitive_attributes_are_named_and_shown(organisation: Organisation) -> None:
    organisation.define(
        "seen",
        {"name": "salary", "type": "double", "attributes": {"isPsiData": TRUE}},
        {"name": "diet", "type": "string", "attributes": {"isPsiData": TRUE}},
    )

    event = organisation.event(organisation.post("seen", salary=1))

    assert event["psiAttributes"] == ["salary", "diet"]
    assert event["additonalAttributes"]["salary"] == "1.0"


@pytest.mark.parametrize(
    ("sent", "shown", "offset"),
    [("2024-04-11 12:00:00", "1712836800000", None), ("2024-04-11T12:00:00Z", "1712836800000", "+00:00")],
)
def test_the_offset_is_shown_where_one_was_sent(
    organisation: Organisation, sent: str, shown: str, offset: str | None
) -> None:
    organisation.define("seen")

    attributes = organisation.event(organisation.post("seen", eventDateTime=sent))["additonalAttributes"]

    assert attributes["eventDateTime"] == shown
    assert attributes.get("eventDateTimeInputOffset") == offset


def test_without_a_time_the_event_happened_now_to_the_second(organisation: Organisation) -> None:
    organisation.define("seen")

    attributes = organisation.event(organisation.post("seen"))["additonalAttributes"]

    assert attributes["eventDateTime"].endswith("000")
    assert int(attributes["eventDateTime"]) // 1000 == attributes["autoUpdateTimeStamp"] // 1000
    assert "eventDateTimeInputOffset" not in attributes


def test_source_and_account_come_from_the_definition(organisation: Organisation) -> None:
    customer = {
        "name": "guest",
        "type": "customer",
        "attributes": {
            "identifierType": {"valueType": "ENUM", "value": "cuid"},
            "source": {"valueType": "ENUM", "value": "WEB_ENGAGE"},
            "accountId": {"valueType": "STRING", "value": "shop-2"},
            "addCustomerIfNotExists": TRUE,
        },
    }
    organisation.client.post("/v2/events", json={"eventName": "seen", "fields": [customer]})

    event = organisation.event(organisation.post("seen"))

    assert event["source"] == event["additonalAttributes"]["source"] == "WEB_ENGAGE"
    assert event["additonalAttributes"]["accountId"] == "shop-2"


def test_an_attribute_cannot_pose_as_one_of_the_products_own(organisation: Organisation) -> None:
    organisation.define("seen")

    request_id = organisation.post("seen", orgId="1", requestId="2", isDuplicate="3", customerId="4", source="5")

    attributes = organisation.event(request_id)["additonalAttributes"]
    assert attributes["orgId"] == organisation.capillary.org_id
    assert attributes["requestId"] == request_id
    assert attributes["isDuplicate"] is False
    assert attributes["source"] == "INSTORE"


def test_an_event_of_another_product_is_shown_in_full(server: Server, organisation: Organisation) -> None:
    new = NewEvent(
        name="Page viewed",
        occurred_at=1_724_488_200_123_456,
        received_at=instant.now(),
        properties='{"n":20,"deep":{"a":[1, 2.50]},"yes":true,"none":null,"Text":"é","big":12345678901234567890}',
        customer=CustomerReference(identities=(Identity("external_id", "u1"),)),
        external_id="PX-1",
        account_id="acme",
        source="CUSTOM",
        outlet="AP-XYZ-2",
        captured_by="gainsight_px",
    )
    (identifier,) = capture_elsewhere(server, organisation, new)

    event = organisation.event(identifier)

    assert list(event) == TOP
    assert event["source"] == "INSTORE"
    assert event["tillCode"] == str(organisation.capillary.till_id)
    attributes = event["additonalAttributes"]
    own = {name: attributes[name] for name in ("n", "deep", "yes", "Text", "big", "external_event_id")}
    assert own == {
        "n": "20", "deep": '{"a":[1, 2.50]}', "yes": "true", "Text": "é", "big": "12345678901234567890",
        "external_event_id": "PX-1",
    }  # fmt: skip
    assert "none" not in attributes
    assert list(attributes) == sorted(attributes)
    assert attributes["accountId"] == "acme"
    assert attributes["eventDateTime"] == "1724488200123"
    assert attributes["source_user_id"] == event["userId"] == int(attributes["customerId"])


def test_an_event_of_nobody_is_shown_too(server: Server, organisation: Organisation) -> None:
    (identifier,) = capture_elsewhere(server, organisation, NewEvent(name="e", occurred_at=0, received_at=0))

    event = organisation.event(identifier)

    assert (event["userId"], event["additonalAttributes"]["customerId"]) == (-1, "-1")


@pytest.mark.parametrize("asked", ["0" * 32, "no-id", "00000000-0000-4000-8000-000000000000", "\0", "x" * 5000, "é"])
def test_an_unknown_id_has_no_data(organisation: Organisation, asked: str) -> None:
    assert organisation.events(asked) == []


@pytest.mark.parametrize("query", ["", "?id=", "?id=%20", "?other=1"])
def test_the_id_is_required(organisation: Organisation, query: str) -> None:
    answer = organisation.client.get(f"/v2/events/event_data{query}")

    assert answer.status_code == 400
    assert answer.json() == {
        "data": [],
        "warnings": [],
        "errors": [{"status": False, "code": 400, "message": "event id is required"}],
    }


def test_a_customers_events_come_newest_first_with_the_tills_code(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    organisation.define("seen")
    days = ("2024-01-02", "2024-01-03", "2024-01-01")
    sent = [organisation.post("seen", eventDateTime=day) for day in days]
    organisation.post("seen", guest="somebody else")
    user_id = organisation.event(sent[0])["userId"]

    answer = organisation.client.get(f"/v2/events/event_data/{user_id}").json()

    assert [event["eventId"] for event in answer["data"]] == [sent[1], sent[0], sent[2]]
    assert {event["tillCode"] for event in answer["data"]} == {organisation.capillary.till_code}
    assert (answer["warnings"], answer["errors"]) == ([], [])
    assert other_organisation.client.get(f"/v2/events/event_data/{user_id}").json()["data"] == []


@pytest.mark.parametrize("user_id", ["x", "-1", "1.5", str(2**63), "9" * 400, "%00", "%F0%9F%98%80"])
def test_a_malformed_user_id_is_refused(organisation: Organisation, user_id: str) -> None:
    answer = organisation.client.get(f"/v2/events/event_data/{user_id}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == 1850


@pytest.mark.parametrize("count", [999, 1_000, 1_001, 2_500])
def test_a_customer_is_shown_with_all_events_however_many(
    server: Server, organisation: Organisation, count: int
) -> None:
    """Of which many are of one instant, so that no page's end falls between two instants."""
    person = CustomerReference(identities=(Identity("external_id", "u1"),))
    moments = [7 if number % 3 else number * instant.SECOND for number in range(count)]
    sent = [NewEvent(name="e", occurred_at=moment, received_at=0, customer=person) for moment in moments]
    ids = capture_elsewhere(server, organisation, *sent)
    user = organisation.event(ids[0])["userId"]

    answer = organisation.client.get(f"/v2/events/event_data/{user}")

    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["X-Cap-Requestid"]
    assert list(answer.json()) == ["data", "warnings", "errors"]
    assert (answer.json()["warnings"], answer.json()["errors"]) == ([], [])
    newest_first = sorted(range(count), key=lambda number: (moments[number], number), reverse=True)
    assert [event["eventId"] for event in answer.json()["data"]] == [ids[number] for number in newest_first]
