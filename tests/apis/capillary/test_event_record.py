"""What the record lists of behavioural events, row by row (contracts/capillary.md 2 and 3)."""

from typing import Any

import pytest

from tests.apis.capillary.conftest import TRUE, Json, Organisation, customer_field

IDENTIFIER_TYPES = [
    *("userId", "mobile", "email", "externalId", "wechat", "martjackId", "cuid", "fbId", "unionId", "fcmToken", "line"),
    *("cardnumber", "cardExternalId", "tmall_uname", "ali_uname", "jd_uname", "vip_uname"),
]
SOURCES = [
    *("INSTORE", "FACEBOOK", "WEB_ENGAGE", "WECHAT", "MARTJACK", "TMALL", "TAOBAO", "JD", "ECOMMERCE", "WEBSITE"),
    *("LINE", "MOBILE_APP"),
]
FIELD_TYPES = [
    *("tillCode", "couponCode", "productSku", "productBrand", "productCategory", "string", "double"),
    *("STRING", "DOUBLE", "date", "DATE", "boolean", "integer", "groupId", "currencyCode"),
]


def problem(answer: Any) -> tuple[int, str]:
    """Code and message of a v2 refusal, whose envelope is checked on the way."""
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["warnings", "errors"]
    (error,) = answer.json()["errors"]
    assert list(error) == ["status", "code", "message"]
    assert error["status"] is False
    return error["code"], error["message"]


def define(organisation: Organisation, **members: Any) -> Any:
    return organisation.client.post("/v2/events", json={"eventName": "seen", "fields": [customer_field()], **members})


@pytest.mark.parametrize("kind", IDENTIFIER_TYPES)
def test_a_customer_may_be_named_by_every_type_of_identifier(organisation: Organisation, kind: str) -> None:
    assert define(organisation, fields=[customer_field("guest", kind)]).json() == {"warnings": [], "errors": []}

    value = {"mobile": "919900000001", "email": "a@example.com"}.get(kind, "77")
    posted = organisation.post("seen", guest=value)
    assert len(organisation.events(posted)) == (kind != "userId")  # nobody is registered by a number of ours


@pytest.mark.parametrize("source", SOURCES)
def test_a_customer_may_come_from_every_source(organisation: Organisation, source: str) -> None:
    guest = customer_field("guest", "wechat")
    guest["attributes"]["source"] = {"valueType": "ENUM", "value": source}
    define(organisation, fields=[guest])

    event = organisation.event(organisation.post("seen"))

    assert (event["source"], event["additonalAttributes"]["source"]) == (source, source)
    assert event["additonalAttributes"]["accountId"] is None


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_a_field_has_any_of_the_types_in_any_case(organisation: Organisation, kind: str) -> None:
    assert define(organisation, fields=[customer_field(), {"name": "x", "type": kind}]).status_code == 200


@pytest.mark.parametrize("attribute", ["isUniqueKeyField", "isPsiData"])
def test_the_customer_is_neither_a_key_nor_sensitive(organisation: Organisation, attribute: str) -> None:
    guest = customer_field()
    guest["attributes"][attribute] = TRUE

    code, message = problem(define(organisation, fields=[guest]))

    assert code == 1802
    assert attribute in message


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"eventName": "nobody_defined_it"}, 1811),
        ({"fields": [customer_field(), {"name": "x", "type": "colour"}]}, 1823),
        ({"actions": ["Mail"]}, 1810),
        ({"fields": []}, 1802),
    ],
)
def test_what_does_not_fit_replaces_nothing(organisation: Organisation, members: Json, code: int) -> None:
    define(organisation, label="Seen")
    before = organisation.client.get("/v2/events").json()

    answer = organisation.client.put(
        "/v2/events", json={"eventName": "seen", "fields": [customer_field("who")], **members}
    )

    assert problem(answer)[0] == code
    assert organisation.client.get("/v2/events").json() == before


@pytest.mark.parametrize("query", ["", "?event_name=", "?event_name=unheard_of", "?event_name=%00"])
def test_an_event_that_nobody_defined_has_no_meta(organisation: Organisation, query: str) -> None:
    assert problem(organisation.client.get(f"/v2/events/meta{query}"))[0] == 1811
    assert problem(organisation.client.put(f"/v2/events/disable{query}"))[0] == 1811


def test_a_disabled_event_is_unpublished(organisation: Organisation) -> None:
    define(organisation)

    organisation.client.put("/v2/events/disable?event_name=seen")

    (one,) = organisation.client.get("/v2/events").json()["data"]
    assert one["clickEventsMeta"]["status"] == "UNPUBLISHED"
    assert one["clickEventsMeta"]["connectedOrgContext"] == {"orgType": "STANDARD_ORG"}


def test_a_changed_webhook_is_shown_like_a_new_one(organisation: Organisation) -> None:
    client = organisation.client
    asked = {"transformerType": "DefaultTransformer", "tillCode": organisation.capillary.till_code}
    made = client.post("/v2/events/webhook", json=asked).json()
    identifier = made["webHookUri"].rpartition("/")[2]

    changed = client.put(
        "/v2/events/webhook",
        json={
            **asked, "webHookId": identifier, "transformerType": "WebEngageTransformer", "authEnabled": True,
            "authMechanism": "Basic",
        },
    )  # fmt: skip

    assert list(changed.json()) == list(made)
    assert changed.json() == {**made, "transformerType": "WebEngageTransformer", "authEnabled": True}
    for path in ("/v2/events/webhook", "/v2/events/webhook/disable"):
        unknown = client.put(path, json={**asked, "webHookId": "0" * 32})
        assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (404, 404)


def test_both_names_of_an_event_with_a_key_are_its_md5(organisation: Organisation) -> None:
    key = {"name": "ref", "type": "string", "attributes": {"isUniqueKeyField": TRUE}}
    define(organisation, eventName="Appointment", fields=[customer_field("guest", "mobile"), key])
    organisation.make_webhook(uniquenessCheckEnabled=True)

    request_id = organisation.post("Appointment", guest="9123456789", ref="refID")

    event = organisation.event(request_id)
    assert event["uniqueId"] == event["additonalAttributes"]["uniqueId"] == "779069e41a8afde74b2c526bce59e51a"
    assert event["eventId"] == event["additonalAttributes"]["requestId"] == request_id


def test_the_event_vectors_of_time(organisation: Organisation) -> None:
    define(organisation)

    far, plain = (
        organisation.event(organisation.post("seen", eventDateTime=text))["additonalAttributes"]
        for text in ("2024-08-24T15:30:00+07:00", "2024-04-11 12:00:00")
    )

    assert (far["eventDateTime"], far["eventDateTimeInputOffset"]) == ("1724488200000", "+07:00")
    assert plain["eventDateTime"] == "1712836800000"
    assert "eventDateTimeInputOffset" not in plain


def test_an_event_of_a_definition_that_was_replaced_keeps_its_attributes(organisation: Organisation) -> None:
    define(organisation, fields=[customer_field(), {"name": "x", "type": "string", "attributes": {"isPsiData": TRUE}}])
    request_id = organisation.post("seen", x="1")

    organisation.client.put("/v2/events", json={"eventName": "seen", "fields": [customer_field()]})

    event = organisation.event(request_id)
    assert event["additonalAttributes"]["x"] == "1"
    assert event["psiAttributes"] == []


def test_lists_have_ten_items_unless_more_are_asked_for(organisation: Organisation) -> None:
    define(organisation)
    for number in range(12):
        organisation.post("seen", x=str(number))
    client = organisation.client

    logs = client.get("/v2/events/logs").json()
    assert list(logs) == ["data", "warnings", "errors"]
    assert len(logs["data"]) == 10
    assert all(entry["startTime"] <= entry["startTime"] + entry["responseTime"] for entry in logs["data"])
    assert len(client.get("/v2/events/logs?limit=100").json()["data"]) == 12
    found = client.get("/v2/events/search").json()
    assert (len(found["clickEventDataList"]), found["totalRecords"]) == (10, 12)


def test_parameters_that_are_not_known_are_ignored(organisation: Organisation) -> None:
    define(organisation)
    request_id = organisation.post("seen")
    event = organisation.event(request_id)
    client = organisation.client

    for path in (
        f"/v2/events/event_data?id={request_id}&verbose=true&id2=x",
        f"/v2/events/event_data/{event['userId']}?scope=child&limit=x",
    ):
        answer = client.get(path)
        assert [one["eventId"] for one in answer.json()["data"]] == [request_id]
    assert client.get("/v2/events?x=1").status_code == client.get("/v3/targetGroups?x=1").status_code == 200


def test_connected_organisations_are_accepted_without_effect(organisation: Organisation) -> None:
    define(organisation)
    resolver = {"type": "PARENT_CHILD_ORG", "childOrgId": 1234, "tillCode": "77"}

    event = organisation.event(organisation.post("seen", orgResolver=resolver))

    assert event["orgId"] == organisation.capillary.org_id
    assert event["tillCode"] == str(organisation.capillary.till_id)
