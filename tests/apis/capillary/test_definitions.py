"""Definitions of behavioural events (contracts/capillary.md 2.2, 2.3)."""

from typing import Any

import pytest

from tests.apis.capillary.conftest import TRUE, Json, Organisation, customer_field

CLEAN: Json = {"warnings": [], "errors": []}


def test_a_definition_reads_back_as_it_was_made(organisation: Organisation) -> None:
    size = {
        "name": "size",
        "type": "enum",
        "attributes": {"possibleValues": {"valueType": "LIST", "values": ["S", "M"]}},
    }
    made = organisation.define("shoe_tried", size, label="Shoe tried", description="on", actions=["EIConsumer"])

    assert (made.status_code, made.json()) == (200, CLEAN)
    answer = organisation.client.get("/v2/events/meta", params={"event_name": "shoe_tried"}).json()
    assert list(answer) == ["clickEventsMeta", "transformerMappings", "warnings"]
    meta = answer["clickEventsMeta"]
    assert list(meta) == [
        "eventId", "eventName", "eventType", "actions", "fields", "orgId", "status", "testStatus",
        "connectedOrgContext", "label", "description", "date", "standardEvent",
    ]  # fmt: skip
    assert len(meta["eventId"]) == 32
    assert meta["eventType"] == "USEREVENT"
    assert meta["actions"] == ["EIConsumer"]
    assert meta["fields"] == [customer_field(), size]
    assert meta["orgId"] == organisation.capillary.org_id
    assert (meta["status"], meta["testStatus"]) == ("PUBLISHED", "NOT_VERIFIED")
    assert (meta["label"], meta["description"]) == ("Shoe tried", "on")
    assert organisation.client.get("/v2/events").json() == {
        "data": [{"clickEventsMeta": meta, "transformerMappings": answer["transformerMappings"]}],
        **CLEAN,
    }


def test_label_and_description_are_left_out_where_there_are_none(organisation: Organisation) -> None:
    organisation.define("seen")

    meta = organisation.client.get("/v2/events/meta", params={"event_name": "seen"}).json()["clickEventsMeta"]
    assert not {"label", "description"} & meta.keys()


@pytest.mark.parametrize(
    ("field_type", "event_type"),
    [("productSku", "PRODUCTEVENT"), ("couponCode", "COUPONEVENT"), ("STRING", "USEREVENT")],
)
def test_the_fields_decide_the_type_of_the_event(organisation: Organisation, field_type: str, event_type: str) -> None:
    organisation.define("seen", {"name": "thing", "type": field_type})

    (one,) = organisation.client.get("/v2/events").json()["data"]
    assert one["clickEventsMeta"]["eventType"] == event_type


def test_replacing_drops_what_is_left_out(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "thing", "type": "string"}, label="Seen")

    replaced = organisation.client.put("/v2/events", json={"eventName": "seen", "fields": [customer_field("who")]})

    assert replaced.json() == CLEAN
    meta = organisation.client.get("/v2/events/meta", params={"event_name": "seen"}).json()["clickEventsMeta"]
    assert [field["name"] for field in meta["fields"]] == ["who"]
    assert "label" not in meta


def test_the_first_accepted_event_verifies_the_definition(organisation: Organisation) -> None:
    organisation.define("seen")

    organisation.post("seen")

    (one,) = organisation.client.get("/v2/events").json()["data"]
    assert one["clickEventsMeta"]["testStatus"] == "VERIFIED"


def test_a_disabled_event_takes_no_posts_and_cannot_come_back(organisation: Organisation) -> None:
    organisation.define("seen")

    assert organisation.client.put("/v2/events/disable?event_name=seen").json() == CLEAN

    assert organisation.events(organisation.post("seen")) == []
    assert organisation.client.put("/v2/events/disable?event_name=seen").json()["errors"][0]["code"] == 1811
    assert organisation.client.put("/v2/events", json={"eventName": "seen", "fields": [customer_field()]}).is_error
    assert organisation.define("seen").json()["errors"][0]["code"] == 1806


def field(**others: Any) -> Json:
    return {"name": "x", "type": "string", **others}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"eventName": "has blank"}, 1811),
        ({"eventName": ""}, 1811),
        ({"eventName": "nul\0"}, 1811),
        ({"actions": []}, 1810),
        ({"actions": ["Mail"]}, 1810),
        ({"fields": []}, 1802),
        ({"fields": [customer_field("a"), customer_field("b")]}, 1802),
        ({"fields": [customer_field(), field(type="colour")]}, 1823),
        ({"fields": [customer_field(), field(name="")]}, 1802),
        ({"fields": [customer_field(), field(name="n" * 51)]}, 1802),
        ({"fields": [customer_field(), field(), field()]}, 1802),
        ({"fields": [customer_field(), field(type="enum")]}, 1802),
        ({"fields": [customer_field(), field(attributes={"regex": {"value": "("}})]}, 1802),
        ({"fields": [customer_field("who", "passport")]}, 1823),
        ({"fields": "none"}, 400),
        ({"eventName": None}, 400),
    ],
)
def test_an_unsound_definition_is_refused_and_not_stored(organisation: Organisation, change: Json, code: int) -> None:
    answer = organisation.client.post("/v2/events", json={"eventName": "x", "fields": [customer_field()], **change})

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["status"], error["code"]) == (False, code)
    assert organisation.client.get("/v2/events").json()["data"] == []


def test_messages_name_what_is_wrong(organisation: Organisation) -> None:
    organisation.define("seen")

    assert organisation.define("seen").json()["errors"][0]["message"] == "seen event already exists"
    invalid = organisation.define("other", {"name": "x", "type": "colour"}).json()
    assert invalid["errors"][0]["message"] == "x invalid event field type"


def test_definitions_of_another_organisation_do_not_exist(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    organisation.define("seen", {"name": "x", "type": "string", "attributes": {"isPsiData": TRUE}})

    assert other_organisation.client.get("/v2/events").json()["data"] == []
    assert other_organisation.client.get("/v2/events/meta?event_name=seen").status_code == 400
    assert other_organisation.client.put("/v2/events/disable?event_name=seen").status_code == 400
    assert other_organisation.define("seen").status_code == 200


def test_a_member_that_is_null_is_a_member_left_out(organisation: Organisation) -> None:
    attributes = {"identifierType": {"valueType": "ENUM", "value": "mobile", "values": None}, "isPsiData": None}
    guest = {"name": "guest", "type": "customer", "attributes": attributes}
    bare = {"name": "note", "type": "string", "attributes": None}

    made = organisation.client.post(
        "/v2/events",
        json={"eventName": "noted", "label": None, "description": None, "actions": None, "fields": [guest, bare]},
    )

    assert made.json() == CLEAN
    meta = organisation.client.get("/v2/events/meta", params={"event_name": "noted"}).json()["clickEventsMeta"]
    assert meta["actions"] == ["EIConsumer", "EMFConsumer"]
    assert [list(field["attributes"]) for field in meta["fields"]] == [["identifierType"], []]
