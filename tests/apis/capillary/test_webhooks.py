"""Webhooks (contracts/capillary.md 2.4)."""

import httpx
import pytest

from tests.apis.capillary.conftest import Json, Organisation, basic


def ask(organisation: Organisation, **others: object) -> Json:
    return {"transformerType": "DefaultTransformer", "tillCode": organisation.capillary.till_code, **others}


def test_a_webhook_is_made_listed_and_disabled(organisation: Organisation) -> None:
    made = organisation.client.post("/v2/events/webhook", json=ask(organisation)).json()

    assert list(made) == [
        "transformerType", "uniquenessCheckEnabled", "tillCode", "webHookUri", "authEnabled", "warnings",
    ]  # fmt: skip
    webhook_id = made["webHookUri"].rsplit("/", 1)[1]
    assert made["webHookUri"] == f"{organisation.client.base_url}/eucrm/webhooks/{webhook_id}"
    assert len(webhook_id) == 32
    listed = organisation.client.get("/v2/events/webhooks").json()["data"]
    assert listed == [
        {
            "transformerType": "DefaultTransformer",
            "webHookId": webhook_id,
            "tillCode": organisation.capillary.till_code,
            "webHookUri": made["webHookUri"],
        }
    ]
    disabled = organisation.client.put("/v2/events/webhook/disable", json={"webHookId": webhook_id})
    assert disabled.json() == {"warnings": [], "errors": []}
    assert organisation.client.get("/v2/events/webhooks").json()["data"] == []
    assert organisation.client.post(f"/eucrm/webhooks/{webhook_id}", json={"event_name": "x"}).status_code == 404


def test_the_uniqueness_check_stays_on(organisation: Organisation) -> None:
    path = organisation.make_webhook(uniquenessCheckEnabled=True)
    asked = ask(organisation, webHookId=path.rsplit("/", 1)[1], uniquenessCheckEnabled=False)

    assert organisation.client.put("/v2/events/webhook", json=asked).json()["uniquenessCheckEnabled"] is True


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tillCode": "elsewhere"}, 400),
        ({"transformerType": "Other"}, 1808),
        ({"authEnabled": True}, 1839),
        ({"authEnabled": True, "authMechanism": "Magic"}, 1839),
        ({"authEnabled": "yes"}, 400),
    ],
)
def test_an_unsound_webhook_is_refused(organisation: Organisation, change: Json, code: int) -> None:
    answer = organisation.client.post("/v2/events/webhook", json=ask(organisation, **change))

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


def test_a_protected_webhook_takes_posts_of_its_own_organisation_only(
    http: httpx.Client, organisation: Organisation, other_organisation: Organisation
) -> None:
    organisation.define("seen")
    path = organisation.make_webhook(authEnabled=True, authMechanism="Basic")
    sent = {"event_name": "seen", "guest": "g"}

    assert http.post(path, json=sent).status_code == 401
    stranger = http.post(path, json=sent, headers={"Authorization": basic(other_organisation.workspace)})
    assert stranger.status_code == 401
    assert stranger.json()["status"]["code"] == 401
    own = http.post(path, json=sent, headers={"Authorization": basic(organisation.workspace)})
    organisation.settled(own.json()["requestId"])
    assert len(organisation.events(own.json()["requestId"])) == 1


def test_another_organisation_cannot_change_a_webhook(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    webhook_id = organisation.make_webhook().rsplit("/", 1)[1]

    changed = other_organisation.client.put("/v2/events/webhook", json=ask(other_organisation, webHookId=webhook_id))
    disabled = other_organisation.client.put("/v2/events/webhook/disable", json={"webHookId": webhook_id})

    assert (changed.status_code, disabled.status_code) == (404, 404)
    assert len(organisation.client.get("/v2/events/webhooks").json()["data"]) == 1


def test_a_member_that_is_null_is_a_member_left_out(organisation: Organisation) -> None:
    unset = dict.fromkeys(["transformerType", "authMechanism", "uniquenessCheckEnabled", "listenToChildEvents"])

    made = organisation.client.post("/v2/events/webhook", json={**ask(organisation), **unset, "authEnabled": "false"})

    assert made.status_code == 200, made.text
    shown = made.json()
    assert (shown["transformerType"], shown["authEnabled"]) == ("DefaultTransformer", False)
    assert shown["uniquenessCheckEnabled"] is False


def test_the_uniqueness_check_is_the_organisations(organisation: Organisation) -> None:
    organisation.make_webhook(uniquenessCheckEnabled=True)

    later = organisation.client.post("/v2/events/webhook", json=ask(organisation, uniquenessCheckEnabled=False)).json()

    assert later["uniquenessCheckEnabled"] is True


def test_a_post_that_was_acknowledged_before_its_webhook_was_disabled_becomes_an_event(
    organisation: Organisation,
) -> None:
    organisation.define("seen")
    path = organisation.make_webhook()
    posted = organisation.client.post(path, json={"event_name": "seen", "guest": "g"}).json()["requestId"]

    organisation.client.put("/v2/events/webhook/disable", json={"webHookId": path.rsplit("/", 1)[1]})

    assert organisation.settled(posted)[-1]["status"] == "EVENT_SUCCESS"
    assert organisation.event(posted)
