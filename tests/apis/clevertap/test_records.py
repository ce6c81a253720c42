"""Records of events that other products captured (contracts/clevertap.md 2.4)."""

from collections.abc import Callable
from typing import Any

import pytest

from footfall.capture.batch import Batch
from footfall.capture.service import Capture
from footfall.model import instant
from footfall.model.customer import CustomerProfile, Identity
from footfall.model.event import CustomerReference, NewEvent, WhenUnknown
from footfall.storage import workspaces
from footfall.storage.database import Database
from tests.apis.clevertap.account import NOON, Account
from tests.conftest import Server

Captured = Callable[..., dict[str, Any]]


@pytest.fixture
def captured(server: Server, account: Account) -> Captured:
    """Captures one event as another product would, and reads it here."""

    def capture_and_read(**fields: Any) -> dict[str, Any]:
        database = Database(server.database_url)
        capture = Capture(database)
        tenant = database.read(workspaces.by_name, account.made.workspace.name)
        assert tenant is not None
        event = NewEvent(**{"name": "Viewed", "occurred_at": NOON * instant.SECOND, "received_at": 0, **fields})
        capture.submit(Batch(workspace=tenant, events=[event])).result()
        capture.close()
        database.close()
        (record,) = account.records()
        return record

    return capture_and_read


def test_an_event_of_nobody_has_an_object_id_that_stays_the_same(account: Account, captured: Captured) -> None:
    record = captured(properties='{"a":1}')

    assert record["profile"].keys() == {"objectId"}
    assert record["profile"]["objectId"].startswith("__")
    assert account.records() == [record]


def test_session_properties_are_the_five_that_were_set(captured: Captured) -> None:
    session = (
        '{"sessionId":"s","url":"/x","utm_source":"Foo","utm_medium":"Bar","utm_campaign":"FooBar",'
        '"session_source":"Others","session_referrer":"http://example.com","userType":null}'
    )

    assert captured(session=session)["session_props"] == {
        "utm_source": "Foo",
        "utm_medium": "Bar",
        "utm_campaign": "FooBar",
        "session_source": "Others",
        "session_referrer": "http://example.com",
    }


def test_session_properties_that_are_no_texts_are_left_out(captured: Captured) -> None:
    assert captured(session='{"utm_source":null,"utm_medium":5}')["session_props"] == {}


def test_identity_is_the_callers_own_name_alone(captured: Captured) -> None:
    named = (Identity("email", "a@example.com"), Identity("mobile", "911111111111"), Identity("object_id", "__dev"))

    profile = captured(customer=CustomerReference(identities=named, profile=CustomerProfile(name="Ann")))["profile"]

    profile.pop("id")
    assert profile == {
        "objectId": "__dev",
        "email": "a@example.com",
        "name": "Ann",
        "phone": 911111111111,
        "profileData": {},
    }


def test_a_user_whom_an_event_only_mentioned_is_shown(captured: Captured) -> None:
    mention = CustomerReference(identities=(Identity("external_id", "u9"),), when_unknown=WhenUnknown.MENTION)

    assert captured(customer=mention)["profile"]["identity"] == "u9"


def test_what_is_finer_than_a_second_is_cut(captured: Captured) -> None:
    assert captured(occurred_at=NOON * instant.SECOND + 999_999)["ts"] == 20160712120000
