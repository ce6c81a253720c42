"""Events of other systems (contracts/capillary.md 2.3)."""

from tests.apis.capillary.conftest import Json, Organisation

MAPPING: Json = {
    "eventNameMapping": {"valueMap": {"Room Seen": 1}},
    "eventFieldMappings": [
        {"eventFieldName": "guest", "fieldName": "phone"},
        {"eventFieldName": "rooms", "fieldName": "Rooms Wanted"},
    ],
}


def test_the_adapters_are_told(organisation: Organisation) -> None:
    answer = organisation.client.get("/v2/events/adapters_meta").json()

    assert answer == {"data": ["DefaultTransformer", "WebEngageTransformer"], "warnings": [], "errors": []}


def test_a_mapping_is_shown_with_its_event_and_replaced_as_a_whole(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    organisation.define("seen")
    organisation.define("heard")
    asked = {"eventName": "seen", "webEngageTransformerMapping": MAPPING}

    assert organisation.client.post("/v2/events/adapter_mapping", json=asked).json() == {"warnings": [], "errors": []}

    shown = {"defaultTransformerMapping": None, "webEngageTransformerMapping": MAPPING}
    assert organisation.client.get("/v2/events/adapter_mapping").json()["data"] == [
        {"eventName": "seen", "transformerMappings": shown}
    ]
    assert organisation.client.get("/v2/events/adapter_mapping?event_name=heard").json()["data"] == []
    assert organisation.client.get("/v2/events/meta?event_name=seen").json()["transformerMappings"] == shown
    listed = {
        one["clickEventsMeta"]["eventName"]: one["transformerMappings"]
        for one in organisation.client.get("/v2/events").json()["data"]
    }
    nothing = {"defaultTransformerMapping": None, "webEngageTransformerMapping": None}
    assert listed == {"seen": shown, "heard": nothing}
    changed = {**MAPPING, "eventFieldMappings": []}
    organisation.client.post("/v2/events/adapter_mapping", json={**asked, "webEngageTransformerMapping": changed})
    (only,) = organisation.client.get("/v2/events/adapter_mapping").json()["data"]
    assert only["transformerMappings"]["webEngageTransformerMapping"] == changed
    assert other_organisation.client.get("/v2/events/adapter_mapping").json()["data"] == []


def test_a_mapping_of_an_event_that_nobody_defined_is_refused(organisation: Organisation) -> None:
    asked = {"eventName": "seen", "webEngageTransformerMapping": MAPPING}

    answer = organisation.client.post("/v2/events/adapter_mapping", json=asked)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 1811)


def test_a_post_to_a_webhook_of_the_transformer_may_use_the_other_systems_words(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "rooms", "type": "double"})
    organisation.client.post(
        "/v2/events/adapter_mapping", json={"eventName": "seen", "webEngageTransformerMapping": MAPPING}
    )
    theirs = {"event_name": "Room Seen", "phone": "g1", "Rooms Wanted": 2, "floor": "3"}

    def post(path: str) -> str:
        request_id: str = organisation.client.post(path, json=theirs).json()["requestId"]
        organisation.settled(request_id)
        return request_id

    of_the_transformer = post(organisation.make_webhook(transformerType="WebEngageTransformer"))
    of_another = post(organisation.make_webhook())

    shown = organisation.event(of_the_transformer)
    assert shown["eventName"] == "seen"
    assert (shown["additonalAttributes"]["rooms"], shown["additonalAttributes"]["floor"]) == ("2.0", "3")
    assert organisation.latest_log()["message"] == "no active event is defined as Room Seen"
    assert organisation.events(of_another) == []
