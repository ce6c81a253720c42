"""Definitions, webhooks and the log of posts, in a real database file."""

import msgspec

from footfall.capture.service import Capture
from footfall.model import identifiers
from footfall.model.behavioural_event import Definition, Field, FieldAttribute, Post, State, Webhook
from footfall.model.workspace import Workspace
from footfall.storage import behavioural_events
from footfall.storage.database import Database

CUSTOMER = Field("guest", "customer", {"identifierType": FieldAttribute("ENUM", "mobile")})


def a_definition(tenant: Workspace, name: str = "seen") -> Definition:
    return Definition(
        id=identifiers.new_id(1),
        workspace=tenant.number,
        name=name,
        label="Seen",
        description=None,
        actions=["EIConsumer"],
        fields=[CUSTOMER],
        is_verified=False,
        created_at=1,
    )


def a_webhook(tenant: Workspace) -> Webhook:
    return Webhook(
        id=identifiers.new_id(1),
        workspace=tenant.number,
        transformer="DefaultTransformer",
        till_code="t",
        is_authenticated=False,
        checks_uniqueness=False,
        listens_to_children=True,
        created_at=1,
    )


def a_post(tenant: Workspace, received_at: int, name: str = "seen") -> Post:
    return Post(
        id=identifiers.new_id(received_at),
        workspace=tenant.number,
        webhook=bytes(16),
        event_name=name,
        received_at=received_at,
        response_time=1,
        status="EVENT_SUCCESS",
        message="fine",
        request="{}",
        states=[State("seen", 1, "EVENT_SUCCESS")],
    )


def test_a_definition_reads_back(database: Database, capture: Capture, tenant: Workspace) -> None:
    stored = a_definition(tenant)

    capture.change_now(behavioural_events.add_definition, stored)

    assert database.read(behavioural_events.definition, tenant.number, "seen") == stored
    assert database.read(behavioural_events.definitions, tenant.number) == [stored]
    assert database.read(behavioural_events.definition, tenant.number + 1, "seen") is None


def test_replacing_keeps_what_a_definition_is(database: Database, capture: Capture, tenant: Workspace) -> None:
    first = a_definition(tenant)
    capture.change_now(behavioural_events.add_definition, first)
    capture.change_now(behavioural_events.verify, tenant.number, "seen")

    second = msgspec.structs.replace(first, id=identifiers.new_id(2), label=None, actions=["EMFConsumer"], created_at=9)
    capture.change_now(behavioural_events.replace_definition, second)

    found = database.read(behavioural_events.definition, tenant.number, "seen")
    assert found == msgspec.structs.replace(second, id=first.id, created_at=1, is_verified=True)


def test_disabling_works_once(capture: Capture, tenant: Workspace) -> None:
    capture.change_now(behavioural_events.add_definition, a_definition(tenant))

    assert capture.change_now(behavioural_events.disable_definition, tenant.number, "seen", 5)
    assert not capture.change_now(behavioural_events.disable_definition, tenant.number, "seen", 6)


def test_a_disabled_webhook_is_gone_but_its_uniqueness_check_stays(
    database: Database, capture: Capture, tenant: Workspace
) -> None:
    webhook = a_webhook(tenant)
    capture.change_now(behavioural_events.add_webhook, webhook)
    assert database.read(behavioural_events.webhook, webhook.id) == webhook
    assert not database.read(behavioural_events.checks_uniqueness, tenant.number)

    changed = msgspec.structs.replace(webhook, checks_uniqueness=True, disabled_at=5)
    capture.change_now(behavioural_events.replace_webhook, changed)

    assert database.read(behavioural_events.webhook, webhook.id) is None
    assert database.read(behavioural_events.webhooks, tenant.number) == []
    assert database.read(behavioural_events.checks_uniqueness, tenant.number)


def test_old_posts_are_forgotten_a_few_at_a_time(database: Database, capture: Capture, tenant: Workspace) -> None:
    for moment in range(5):
        capture.change_now(behavioural_events.add_posts, [a_post(tenant, moment)])

    assert capture.change_now(behavioural_events.forget_posts, tenant.number + 1, before=9, most=9) == 0
    assert capture.change_now(behavioural_events.forget_posts, tenant.number, before=4, most=3) == 3

    left = database.read(behavioural_events.posts, tenant.number, None, since=0, until=9, limit=9)
    assert [post.received_at for post in left] == [4, 3]


def test_posts_are_found_by_name_and_time(database: Database, capture: Capture, tenant: Workspace) -> None:
    every = [a_post(tenant, moment, name) for moment, name in enumerate(["seen", "heard", "seen", "seen"])]
    for post in every:
        capture.change_now(behavioural_events.add_posts, [post])

    seen = database.read(behavioural_events.posts, tenant.number, "seen", since=1, until=9, limit=1)
    assert seen == [every[3]]
    assert database.read(behavioural_events.posts, tenant.number, None, since=1, until=3, limit=9) == every[2:0:-1]
    assert database.read(behavioural_events.post, tenant.number, every[0].id) == every[0]
    assert database.read(behavioural_events.post, tenant.number + 1, every[0].id) is None
