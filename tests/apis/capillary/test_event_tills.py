"""At which till an event happened (contracts/capillary.md 2.4, 3.2, 3.3)."""

import pytest

from footfall.capture.service import Capture
from footfall.model.organisation import Till
from footfall.storage import workspaces
from footfall.storage.database import Database
from footfall.tenancy import organisation as setting_up
from tests.apis.capillary.conftest import Json, Organisation
from tests.conftest import Server


@pytest.fixture
def tills(server: Server, organisation: Organisation) -> tuple[Till, Till]:
    """Two tills beside the organisation's own."""
    database = Database(server.database_url)
    capture = Capture(database)
    tenant = database.read(workspaces.by_name, organisation.workspace.workspace.name)
    assert tenant is not None
    made = [
        capture.change_now(setting_up.add_till, tenant, Till(id=0, code=code, name=code), None)[0]
        for code in ("front", "back")
    ]
    capture.close()
    database.close()
    return made[0], made[1]


def post(organisation: Organisation, path: str, **sent: object) -> Json:
    request_id = organisation.client.post(path, json={"event_name": "seen", "guest": "g", **sent}).json()["requestId"]
    organisation.settled(request_id)
    return organisation.event(request_id)


def test_an_event_happens_at_its_webhooks_till_unless_it_names_one(
    organisation: Organisation, tills: tuple[Till, Till]
) -> None:
    front, back = tills
    organisation.define("seen", {"name": "where", "type": "tillCode"})
    path = organisation.make_webhook(tillCode="front")

    plain = post(organisation, path)
    by_code, by_id = post(organisation, path, where="back"), post(organisation, path, where=back.id)

    assert plain["tillCode"] == str(front.id)
    assert plain["additonalAttributes"]["source_till_id"] == front.id
    assert "ouTillCode" not in plain["additonalAttributes"]
    for event in (by_code, by_id):
        shown = event["additonalAttributes"]
        assert event["tillCode"] == str(back.id)
        assert (shown["where"], shown["ouTillCode"], shown["source_till_id"]) == (str(back.id), "back", back.id)
    listed = organisation.client.get(f"/v2/events/event_data/{plain['userId']}").json()["data"]
    assert sorted(event["tillCode"] for event in listed) == ["back", "back", "front"]
    found = organisation.client.get("/v2/events/search", params={"where": "back"}).json()
    assert found["totalRecords"] == 2


def test_a_till_that_does_not_exist_rejects_the_event(
    organisation: Organisation, other_organisation: Organisation, tills: tuple[Till, Till]
) -> None:
    other_organisation.define("seen", {"name": "where", "type": "tillCode"})

    other_organisation.post("seen", where=tills[0].id)

    assert other_organisation.latest_log()["message"] == "invalid value for field where"


def test_the_list_of_webhooks_shows_the_code_of_a_till_that_was_named_by_its_id(
    organisation: Organisation, tills: tuple[Till, Till]
) -> None:
    organisation.make_webhook(tillCode=str(tills[0].id))

    (hook,) = organisation.client.get("/v2/events/webhooks").json()["data"]
    assert hook["tillCode"] == "front"
