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


def sensitive_customer() -> Json:
    guest = customer_field()
    return {**guest, "attributes": {**guest["attributes"], "isPsiData": TRUE}}


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
        ({"fields": [sensitive_customer()]}, 1802),
        ({"fields": [customer_field(), *(field(name=f"x{number}") for number in range(21))]}, 1802),
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


def test_an_organisation_has_up_to_ten_active_events_and_an_event_twenty_attributes(organisation: Organisation) -> None:
    for number in range(10):
        organisation.define(f"event_{number}", *(field(name=f"x{index}") for index in range(20)))

    assert (
        organisation.define("one_more").json()["errors"][0]["message"] == "an organisation has up to 10 active events"
    )
    organisation.client.put("/v2/events/disable?event_name=event_3")
    assert organisation.define("one_more").json() == CLEAN
    assert organisation.client.post("/v2/events/standard_events/enable?event_name=AppInstalled").json() == CLEAN


STANDARD = {
    "ProductViewed": "productSku* productBrand productCategory productPrice productName productType",
    "ProductAddedToCart": "cartId productSku* productBrand productCategory productQuantity productPrice productName "
    "productType",
    "ProductRemovedFromCart": "cartId productSku* productBrand productCategory productQuantity productPrice "
    "productName productType",
    "CategoryViewed": "categoryId productCategory*",
    "ProductSearched": "searchTerm*",
    "CustomerRegistered": "firstName* lastName deviceId ipAddress location",
    "CustomerLoggedIn": "firstName lastName* deviceId ipAddress location",
    "CustomerLoggedOut": "firstName lastName deviceId ipAddress location",
    "AppInstalled": "firstName lastName deviceId ipAddress location",
    "AppUninstalled": "firstName lastName deviceId ipAddress location",
    "CouponApplied": "couponId orderId* cartId checkoutId couponCode discount",
    "CouponDenied": "couponId orderId* cartId checkoutId couponCode discount reason",
}


def test_the_standard_events_are_those_of_the_record(organisation: Organisation) -> None:
    data = organisation.client.get("/v2/events/standard_events_meta").json()["data"]

    described = {}
    for event in data:
        customer, *others = event["fields"]
        assert (customer["name"], customer["type"]) == ("customer", "customer")
        assert customer["attributes"]["identifierType"]["value"] == "mobile"
        assert customer["attributes"]["source"]["value"] == "INSTORE"
        assert customer["attributes"]["isRequired"]["value"] == "true"
        described[event["eventName"]] = " ".join(
            one["name"] + "*" * ("isRequired" in one["attributes"]) for one in others
        )
        kinds = {one["name"]: one["type"] for one in others}
        assert {kinds[name] for name in ("productPrice", "productQuantity", "discount") if name in kinds} <= {"double"}
    assert described == STANDARD
    assert {event["eventName"] for event in data if event["category"] == "MobileApp"} == {
        "AppInstalled",
        "AppUninstalled",
    }
    assert {event["eventName"]: event["actions"] for event in data if len(event["actions"]) == 1} == {
        "ProductSearched": ["EIConsumer"]
    }


def test_a_standard_event_is_enabled_once_and_takes_posts(organisation: Organisation) -> None:
    enabled = organisation.client.post("/v2/events/standard_events/enable?event_name=ProductViewed")

    assert (enabled.status_code, enabled.json()) == (200, CLEAN)
    meta = organisation.client.get("/v2/events/meta?event_name=ProductViewed").json()["clickEventsMeta"]
    assert (meta["standardEvent"], meta["eventType"]) == (True, "PRODUCTEVENT")
    states = {
        event["eventName"]: event["enabled"]
        for event in organisation.client.get("/v2/events/standard_events_meta").json()["data"]
    }
    assert [name for name, is_enabled in states.items() if is_enabled] == ["ProductViewed"]
    again = organisation.client.post("/v2/events/standard_events/enable?event_name=ProductViewed")
    assert again.json()["errors"][0]["code"] == 1806
    unknown = organisation.client.post("/v2/events/standard_events/enable?event_name=Nothing")
    assert unknown.json()["errors"][0]["code"] == 1811
    organisation.client.post(
        "/v2/customers", json={"profiles": [{"identifiers": [{"type": "mobile", "value": "919900000001"}]}]}
    )
    posted = organisation.post("ProductViewed", customer="919900000001", productSku="s-1", productPrice=3)
    assert organisation.event(posted)["additonalAttributes"]["productPrice"] == "3.0"


def test_the_types_of_fields_are_told_with_their_attributes(organisation: Organisation) -> None:
    answer = organisation.client.get("/v2/events/meta_fields").json()

    kinds = {one["type"]: {each["name"] for each in one["attributes"]} for one in answer["data"]}
    assert {"customer", "tillCode", "couponCode", "productSku", "string", "double", "enum", "date"} <= kinds.keys()
    assert kinds["enum"] == {"isRequired", "isUniqueKeyField", "isPsiData", "possibleValues"}
    assert kinds["customer"] == {"isRequired", "identifierType", "source", "accountId", "addCustomerIfNotExists"}
    for kind in kinds:
        made = organisation.client.post(
            "/v2/events", json={"eventName": "x", "fields": [customer_field(), {"name": "f", "type": kind}]}
        )
        codes = [error["code"] for error in made.json()["errors"]]
        assert 1823 not in codes, kind


def test_every_change_of_a_definition_is_in_the_audit_log(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    organisation.define("seen", label="Seen")
    organisation.define("heard")
    organisation.client.put("/v2/events", json={"eventName": "seen", "fields": [customer_field()]})
    organisation.client.put("/v2/events/disable?event_name=seen")

    def changes(**query: Any) -> list[Json]:
        data: list[Json] = organisation.client.get("/v2/events/audit_logs", params=query).json()["data"]
        return data

    assert [one["action"] for one in changes(eventName="seen")] == ["DISABLE", "UPDATE", "CREATE"]
    assert [one["eventName"] for one in changes()] == ["seen", "seen", "heard", "seen"]
    assert len(changes(limit=2)) == 2
    update = changes(eventName="seen")[1]
    assert (update["oldValue"]["label"], "label" in update["newValue"]) == ("Seen", False)
    assert update["changedBy"] == organisation.capillary.till_username
    assert other_organisation.client.get("/v2/events/audit_logs").json()["data"] == []
