"""Posting events: accepted or rejected, the answer is the same (contracts/capillary.md 2.5 to 2.7)."""

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from footfall.capture.service import Capture
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import WaitingPost
from footfall.storage import post_queue, workspaces
from footfall.storage.database import Database
from footfall.storage.statement import Statement
from footfall.storage.tables import events
from tests.apis.capillary.conftest import TRUE, Json, Organisation, customer_field
from tests.conftest import Databases, Server, new_workspace, start_server

UNIQUE = {"isUniqueKeyField": TRUE}


def test_a_post_is_answered_at_once_with_a_request_id(organisation: Organisation, http: httpx.Client) -> None:
    organisation.define("seen")

    answer = http.post(organisation.make_webhook(), json={"event_name": "seen", "guest": "g"})

    assert answer.status_code == 200
    assert answer.json() == {
        "status": {"code": 1100, "message": "Event is pushed to transformation state"},
        "requestId": answer.headers["X-Cap-Requestid"],
    }
    assert uuid.UUID(answer.json()["requestId"]).version == 4


@pytest.mark.parametrize(
    ("definition", "sent", "message"),
    [
        ({"type": "string", "attributes": {"isRequired": TRUE}}, {}, "required field x is missing"),
        ({"type": "string", "attributes": {"isRequired": TRUE}}, {"x": None}, "required field x is missing"),
        ({"type": "string", "attributes": UNIQUE}, {}, "required field x is missing"),
        ({"type": "double"}, {"x": "many"}, "invalid value for field x"),
        ({"type": "DOUBLE"}, {"x": True}, "invalid value for field x"),
        ({"type": "double"}, {"x": "1_0"}, "invalid value for field x"),
        ({"type": "double"}, {"x": "NaN"}, "invalid value for field x"),
        ({"type": "double"}, {"x": [1]}, "invalid value for field x"),
        ({"type": "integer"}, {"x": 1.5}, "invalid value for field x"),
        ({"type": "boolean"}, {"x": "perhaps"}, "invalid value for field x"),
        ({"type": "date"}, {"x": "soon"}, "invalid value for field x"),
        ({"type": "tillCode"}, {"x": "elsewhere"}, "invalid value for field x"),
        (
            {"type": "enum", "attributes": {"possibleValues": {"valueType": "LIST", "values": ["1", "2"]}}},
            {"x": 3},
            "invalid value for field x",
        ),
        (
            {"type": "string", "attributes": {"regex": {"valueType": "STRING", "value": "[A-Z]+"}}},
            {"x": "abc"},
            "value of field x does not match regex",
        ),
        ({"type": "string"}, {"guest": None}, "required field guest is missing"),
        ({"type": "string"}, {"guest": ""}, "required field guest is missing"),
        ({"type": "string"}, {"guest": "g\0"}, "invalid value for field guest"),
        ({"type": "string"}, {"eventDateTime": "soon"}, "invalid value for field eventDateTime"),
        ({"type": "string"}, {"eventDateTime": 1724488200000}, "invalid value for field eventDateTime"),
    ],
)
def test_a_rejected_event_is_readable_nowhere_but_its_reason_is(
    organisation: Organisation, definition: Json, sent: Json, message: str
) -> None:
    organisation.define("seen", {"name": "x", **definition})

    request_id = organisation.post("seen", **sent)

    assert organisation.events(request_id) == []
    log = organisation.latest_log()
    assert (log["id"], log["status"], log["message"]) == (request_id, "EVENT_VALIDATION_FAILED", message)
    looked_up = organisation.client.get("/v2/customers/lookup?identifierName=externalId&identifierValue=g1")
    assert looked_up.json()["errors"][0]["code"] == 8015


@pytest.mark.parametrize(
    ("definition", "sent", "shown"),
    [
        ({"type": "double"}, 20, "20.0"),
        ({"type": "double"}, "20.50", "20.5"),
        ({"type": "double"}, 1e15, "1000000000000000.0"),
        ({"type": "integer"}, 7, "7"),
        ({"type": "boolean"}, True, "true"),
        ({"type": "date"}, "2024-04-11", "2024-04-11"),
        ({"type": "string"}, "Grüße 😀 \0", "Grüße 😀 \0"),
        ({"type": "string"}, 12, "12"),
        ({"type": "productSku"}, "sku-1", "sku-1"),
        ({"type": "enum", "attributes": {"possibleValues": {"valueType": "LIST", "values": ["12"]}}}, 12, "12"),
        ({"type": "string", "attributes": {"regex": {"value": "[A-Z]+-?\\d*"}}}, "AB-12", "AB-12"),
    ],
)
def test_attributes_are_shown_as_text(organisation: Organisation, definition: Json, sent: object, shown: str) -> None:
    organisation.define("seen", {"name": "x", **definition})

    assert organisation.event(organisation.post("seen", x=sent))["additonalAttributes"]["x"] == shown


def test_what_is_required_is_looked_at_before_what_is_wrong(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "x", "type": "double"}, {"name": "y", "type": "string", "attributes": UNIQUE})

    organisation.post("seen", x="many")

    assert organisation.latest_log()["message"] == "required field y is missing"


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        ({"club": "x1"}, "INVALID_GROUP_IDENTIFIER_PASSED", "Invalid group identifier passed x1"),
        ({"club": ["x"]}, "INVALID_GROUP_IDENTIFIER_PASSED", 'Invalid group identifier passed ["x"]'),
        (
            {"club": "77", "guest": None},
            "NO_CUSTOMER_DETAILS_PASSED",
            "Customer details not passed ,User does not belong to group 77",
        ),
        ({"club": "", "guest": ""}, "EVENT_VALIDATION_FAILED", "required field guest is missing"),
        ({"club": 77}, "EVENT_SUCCESS", "Event processed successfully"),
        ({}, "EVENT_SUCCESS", "Event processed successfully"),
    ],
)
def test_an_event_of_a_group_names_the_group_and_the_customer(
    organisation: Organisation, sent: Json, status: str, message: str
) -> None:
    organisation.define("seen", {"name": "club", "type": "groupId"})

    request_id = organisation.post("seen", **sent)

    log = organisation.latest_log()
    assert (log["status"], log["message"]) == (status, message)
    assert organisation.settled(request_id)[-1]["status"] == status
    assert len(organisation.events(request_id)) == (status == "EVENT_SUCCESS")


def test_an_event_that_nobody_defined_is_rejected(organisation: Organisation) -> None:
    assert organisation.events(organisation.post("unheard_of")) == []
    assert organisation.latest_log()["message"] == "no active event is defined as unheard_of"


def test_a_customer_nobody_knows_is_rejected_unless_the_definition_adds_him(organisation: Organisation) -> None:
    organisation.client.post("/v2/events", json={"eventName": "seen", "fields": [customer_field(add=False)]})

    rejected = organisation.post("seen", guest="new")

    assert organisation.events(rejected) == []
    log = organisation.latest_log()
    assert log["status"] == "EMF_PROCESSOR_FAILED"
    assert log["message"] == "Error while processing emfEvent: customerId not present,cant proceed further"
    organisation.client.post(
        "/v2/customers", json={"profiles": [{"identifiers": [{"type": "externalId", "value": "new"}]}]}
    )
    assert organisation.events(organisation.post("seen", guest="new"))


@pytest.mark.parametrize(
    ("identifier_type", "values"),
    [
        ("mobile", ["+91 990-000-0001", 919900000001]),
        ("email", ["Anna@Example.com", "anna@example.com "]),
        ("externalId", ["e-1", "e-1"]),
        ("cardnumber", ["4711", 4711]),
        ("wechat", ["w1", "w1"]),
    ],
)
def test_spellings_of_one_identifier_are_one_customer(
    organisation: Organisation, identifier_type: str, values: list[object]
) -> None:
    fields = [customer_field("guest", identifier_type)]
    organisation.client.post("/v2/events", json={"eventName": "seen", "fields": fields})

    first, second = (organisation.event(organisation.post("seen", guest=value)) for value in values)

    assert first["userId"] == second["userId"]
    assert "guest" not in first["additonalAttributes"]


def test_a_customer_may_be_named_by_user_id(organisation: Organisation) -> None:
    organisation.define("seen")
    user_id = organisation.event(organisation.post("seen"))["userId"]
    organisation.client.post("/v2/events", json={"eventName": "known", "fields": [customer_field("guest", "userId")]})

    assert organisation.event(organisation.post("known", guest=user_id))["userId"] == user_id
    assert organisation.events(organisation.post("known", guest=user_id + 1)) == []
    assert organisation.events(organisation.post("known", guest=2**63)) == []


def test_a_repeated_key_is_stored_and_flagged(organisation: Organisation) -> None:
    organisation.client.post(
        "/v2/events",
        json={
            "eventName": "Appointment",
            "fields": [
                customer_field("guest", "mobile"),
                {"name": "reference", "type": "string", "attributes": UNIQUE},
            ],
        },
    )
    organisation.make_webhook(uniquenessCheckEnabled=True)

    sent = [organisation.post("Appointment", guest="9123456789", reference=key) for key in ("refID", "refID", "other")]

    shown = [organisation.event(request_id) for request_id in sent]
    assert [one["additonalAttributes"]["isDuplicate"] for one in shown] == [False, True, False]
    assert shown[0]["uniqueId"] == shown[1]["uniqueId"] == "779069e41a8afde74b2c526bce59e51a"
    assert shown[2]["uniqueId"] == hashlib.md5(b"Appointment_9123456789_other").hexdigest()  # noqa: S324


_COUNTS = Statement(sa.select(events.c.counts).where(events.c.id == sa.bindparam("id")))


@pytest.mark.parametrize(
    ("actions", "counts"), [(["EIConsumer"], False), (["EMFConsumer"], True), (["EIConsumer", "EMFConsumer"], True)]
)
def test_an_event_that_is_only_analysed_is_stored_and_never_counts(
    server: Server, organisation: Organisation, actions: list[str], *, counts: bool
) -> None:
    organisation.define("seen", actions=actions)

    request_id = organisation.post("seen")

    assert organisation.event(request_id)
    database = Database(server.database_url)
    assert bool(database.read(lambda reader: reader.value(_COUNTS, id=uuid.UUID(request_id).bytes))) is counts
    database.close()


def test_without_the_check_the_unique_id_is_the_request_id(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "x", "type": "string", "attributes": UNIQUE})

    for request_id in (organisation.post("seen", x="1"), organisation.post("seen", x="1")):
        shown = organisation.event(request_id)
        assert shown["uniqueId"] == shown["additonalAttributes"]["uniqueId"] == request_id
        assert shown["additonalAttributes"]["isDuplicate"] is False


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"{}", 400),
        (b'{"event_name": ""}', 400),
        (b'{"event_name": 1}', 400),
        (b'{"event_name": "\xff"}', 400),
        (b'{"event_name": "\\ud800"}', 400),
        (b'{"event_name": "seen", "guest": "\\ud800"}', 400),
        (b'{"event_name": "seen", "guest": "g", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"event_name": "\\u0000", "guest": "g"}', 200),
        (b'{"event_name": "seen", "guest": {"a": 1}}', 200),
        (b'{"event_name": "seen", "guest": "g", "x": 1e999}', 200),
        (b'{"event_name": "seen", "guest": "g", "x": ' + b"9" * 5000 + b"}", 200),
        (b'{"event_name": "seen", "guest": "' + b"g" * 70_000 + b'"}', 200),
        (b'{"event_name": "' + b"n" * 70_000 + b'"}', 200),
    ],
)
def test_no_body_breaks_a_webhook(organisation: Organisation, http: httpx.Client, body: bytes, status: int) -> None:
    organisation.define("seen", {"name": "x", "type": "double"})

    answer = http.post(organisation.make_webhook(), content=body)

    assert answer.status_code == status
    assert answer.json()["status"]["code"] == (1100 if status == 200 else 400)
    if status == 200:
        organisation.settled(answer.json()["requestId"])
    assert organisation.client.get("/v2/events/logs").status_code == 200


@pytest.mark.parametrize("webhook_id", ["x", "0" * 32, "0" * 31, "%00", "..%2f", "z" * 1000])
def test_an_unknown_webhook_is_not_found(http: httpx.Client, webhook_id: str) -> None:
    answer = http.post(f"/eucrm/webhooks/{webhook_id}", json={"event_name": "x"})

    assert answer.status_code == 404
    assert answer.json()["status"]["code"] == 404


def logs(organisation: Organisation, **query: Any) -> list[Json]:
    data: list[Json] = organisation.client.get("/v2/events/logs", params=query).json()["data"]
    return data


def test_the_log_shows_the_newest_first_and_can_be_narrowed(organisation: Organisation) -> None:
    organisation.define("seen")
    organisation.define("heard")
    sent = [organisation.post(name) for name in ("seen", "heard", "seen")]

    newest = logs(organisation)
    assert [entry["id"] for entry in newest] == sent[::-1]
    assert list(newest[0]) == [
        "startTime", "responseTime", "orgId", "status", "eventName", "inputRequest", "id", "webhookId", "parentOrgId",
        "message",
    ]  # fmt: skip
    assert (newest[0]["status"], newest[0]["message"]) == ("EVENT_SUCCESS", "Event processed successfully")
    assert newest[0]["inputRequest"] == '{"event_name":"seen","guest":"g1"}'
    assert newest[0]["parentOrgId"] == -1
    assert [entry["id"] for entry in logs(organisation, event_name="heard")] == [sent[1]]
    assert [entry["id"] for entry in logs(organisation, limit=2)] == sent[:0:-1]
    assert logs(organisation, from_date=newest[0]["startTime"] + 60_000) == []
    assert logs(organisation, to_date="2020-01-01") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=-1", "from_date=soon", "to_date=2024-13-40"])
def test_the_log_refuses_what_it_cannot_read(organisation: Organisation, query: str) -> None:
    answer = organisation.client.get(f"/v2/events/logs?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == 1850


def test_the_running_status_lists_the_steps(organisation: Organisation) -> None:
    organisation.define("seen")
    request_id = organisation.post("seen")

    answer = organisation.client.get("/v2/events/running_status", params={"eventId": request_id}).json()

    assert list(answer) == ["id", "orgId", "stateList", "eventName", "warnings"]
    assert (answer["id"], answer["eventName"]) == (request_id, "seen")
    assert [state["status"] for state in answer["stateList"]] == [
        "EVENT_PROCESSING_STARTED",
        "EVENT_FIELD_VALIDATION_STARTED",
        "EVENT_FIELD_VALIDATION_FINISHED",
        "EVENT_VALIDATION_FINISHED",
        "EVENT_CONSUMER_STARTED",
        "EVENT_SUCCESS",
    ]
    assert answer["stateList"][2]["message"] == "guest"


def test_the_running_status_of_a_rejected_post_tells_how_far_it_came(organisation: Organisation) -> None:
    organisation.define("seen", {"name": "x", "type": "double"}, {"name": "y", "type": "string"})
    organisation.client.post("/v2/events", json={"eventName": "known", "fields": [customer_field(add=False)]})

    states = organisation.settled(organisation.post("seen", x="many"))
    of_a_stranger = organisation.settled(organisation.post("known", guest="nobody"))

    assert [(state["status"], state["message"]) for state in states[1:]] == [
        ("EVENT_FIELD_VALIDATION_STARTED", "guest"),
        ("EVENT_FIELD_VALIDATION_FINISHED", "guest"),
        ("EVENT_FIELD_VALIDATION_STARTED", "x"),
        ("EVENT_VALIDATION_FAILED", "invalid value for field x"),
    ]
    assert [state["status"] for state in of_a_stranger[-2:]] == ["EVENT_CONSUMER_STARTED", "EVENT_CONSUMER_FAILED"]
    assert [state["date"] for state in states] == sorted(state["date"] for state in states)


def test_a_post_that_waits_is_told_by_its_running_status_alone(
    server: Server, organisation: Organisation, other_organisation: Organisation
) -> None:
    """As if another process had accepted it, which has some seconds for it."""
    organisation.define("seen")
    database = Database(server.database_url)
    capture = Capture(database)
    tenant = database.read(workspaces.by_name, organisation.workspace.workspace.name)
    assert tenant is not None
    now = instant.now()
    post = WaitingPost(
        id=identifiers.new_id(now // instant.MILLISECOND),
        workspace=tenant.number,
        webhook=bytes(16),
        event_name="seen",
        received_at=now,
        request='{"event_name":"seen","guest":"g"}',
    )
    capture.change_now(post_queue.add, bytes(16), post)
    capture.close()
    database.close()

    request_id = identifiers.to_text(post.id)
    asked = {"eventId": request_id}
    status = organisation.client.get("/v2/events/running_status", params=asked).json()
    assert (status["id"], status["eventName"]) == (request_id, "seen")
    assert [state["status"] for state in status["stateList"]] == ["EVENT_PROCESSING_STARTED"]
    assert status["stateList"][0]["date"] == now // instant.MILLISECOND
    assert organisation.events(request_id) == []
    assert logs(organisation) == []
    assert organisation.client.get("/v2/events/search", params=asked).json()["totalRecords"] == 0
    assert other_organisation.client.get("/v2/events/running_status", params=asked).json()["stateList"] == []


def test_posts_of_another_organisation_do_not_exist(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    organisation.define("seen")
    request_id = organisation.post("seen")

    assert other_organisation.events(request_id) == []
    assert logs(other_organisation) == []
    status = other_organisation.client.get("/v2/events/running_status", params={"eventId": request_id}).json()
    assert (status["stateList"], status["eventName"]) == ([], None)


def test_an_acknowledged_post_survives_a_power_cut(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path}/footfall.db"
    server = start_server(database_url)
    tenant = new_workspace(database_url)
    before = Organisation(server.url, tenant)
    with before.client:
        before.define("seen", {"name": "x", "type": "double"})
        kept, rejected = before.post("seen", x=1), before.post("seen", x="one")
        server.kill()

    restarted = start_server(database_url)
    after = Organisation(restarted.url, tenant)
    with after.client:
        assert after.event(kept)["eventId"] == kept
        assert after.events(rejected) == []
        assert [(entry["id"], entry["status"]) for entry in logs(after)] == [
            (rejected, "EVENT_VALIDATION_FAILED"),
            (kept, "EVENT_SUCCESS"),
        ]
    restarted.stop()


def test_posts_that_a_dying_server_had_only_just_acknowledged_become_events_once(databases: Databases) -> None:
    database_url = databases.new_url()
    server = start_server(database_url)
    tenant = new_workspace(database_url)
    before = Organisation(server.url, tenant)
    with before.client, ThreadPoolExecutor(8) as threads:
        before.define("seen")
        path = before.make_webhook()
        acknowledged: list[str] = []

        def post(number: int) -> None:
            with suppress(httpx.TransportError):
                answer = before.client.post(path, json={"event_name": "seen", "guest": f"g{number % 5}"})
                acknowledged.append(answer.json()["requestId"])
                if len(acknowledged) == 40:
                    server.kill()

        list(threads.map(post, range(60)))
    assert len(acknowledged) >= 40

    restarted = start_server(database_url)
    after = Organisation(restarted.url, tenant)
    with after.client:
        for request_id in acknowledged:
            assert after.settled(request_id)[-1]["status"] == "EVENT_SUCCESS"
            assert len(after.events(request_id)) == 1
        entries = [entry["id"] for entry in logs(after, limit=1000)]
    assert len(entries) == len(set(entries))
    assert set(acknowledged) <= set(entries)
    restarted.stop()
    databases.drop(database_url)


def test_what_is_nested_almost_too_deeply_is_shown_all_the_same(organisation: Organisation, http: httpx.Client) -> None:
    organisation.define("seen")
    path = organisation.make_webhook()

    for depth in (*range(1, 1000, 37), *range(930, 1000, 2)):
        nested = b"[" * depth + b"]" * depth
        answer = http.post(path, content=b'{"event_name": "seen", "guest": "g", "x": ' + nested + b"}")
        assert answer.status_code in {200, 400}
        if answer.status_code == 200:
            organisation.settled(answer.json()["requestId"])
            assert nested.decode() in str(organisation.event(answer.json()["requestId"])["additonalAttributes"])
