"""Metrics of a real server, read as Prometheus reads them."""

import time
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from footfall.tenancy.creation import NewWorkspace
from tests.conftest import Databases, Server, new_workspace, start_server

Labels = dict[str, str]


def figure(server: Server, name: str, **labels: str) -> float:
    """The sum of all samples of this name that bear the labels."""
    text = httpx.get(f"{server.url}/metrics").text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def own(workspace: NewWorkspace) -> dict[str, str]:
    return {"Authorization": f"Bearer {workspace.footfall.token}"}


def rapidly(workspace: NewWorkspace) -> dict[str, str]:
    return {"Authorization": f"Bearer {workspace.rapidly.token}"}


@pytest.fixture
def alone(databases: Databases) -> Iterator[Server]:
    """A server that nobody else asks."""
    server = start_server(databases.new_url())
    yield server
    server.stop()


@pytest.fixture
def tenant(alone: Server) -> NewWorkspace:
    return new_workspace(alone.database_url)


def test_requests_are_counted_by_product_method_and_status(alone: Server, tenant: NewWorkspace) -> None:
    httpx.get(f"{alone.url}/api/events/", headers=rapidly(tenant))
    httpx.get(f"{alone.url}/api/events/")
    httpx.get(f"{alone.url}/1/events.json")
    httpx.request("PURGE", f"{alone.url}/events")

    assert figure(alone, "footfall_requests_total", product="rapidly", method="GET", status="200") == 1
    assert figure(alone, "footfall_requests_total", product="rapidly", method="GET", status="401") == 1
    assert figure(alone, "footfall_requests_total", product="clevertap", status="401") == 1
    assert figure(alone, "footfall_requests_total", product="footfall", method="other") == 1
    assert figure(alone, "footfall_request_seconds_count", product="rapidly") == 2
    assert figure(alone, "footfall_request_seconds_sum", product="rapidly") > 0


def test_events_are_counted_by_product_and_fate_once_they_are_stored(alone: Server, tenant: NewWorkspace) -> None:
    events = [{"name": "A", "external_id": f"e{number}"} for number in range(3)]
    clevertap = {
        "X-CleverTap-Account-Id": tenant.clevertap.account_id,
        "X-CleverTap-Passcode": tenant.clevertap.passcode,
    }
    uploaded = {"type": "event", "identity": "u", "evtName": "B", "evtData": {}}
    httpx.post(f"{alone.url}/events", headers=own(tenant), json=events)
    httpx.post(f"{alone.url}/events", headers=own(tenant), json=events[:2])
    httpx.post(f"{alone.url}/events?atomic=true", headers=own(tenant), json=[{"name": "A"}] * 4)
    orphan = {"name": "A", "parent_id": "00000000-0000-4000-8000-000000000000"}
    assert httpx.post(f"{alone.url}/events", headers=own(tenant), json=orphan).status_code == 400
    httpx.post(f"{alone.url}/1/upload", headers=clevertap, json={"d": [uploaded]})
    httpx.post(f"{alone.url}/1/upload?dryRun=1", headers=clevertap, json={"d": [uploaded]})

    assert figure(alone, "footfall_events_total", product="footfall", fate="stored") == 7
    assert figure(alone, "footfall_events_total", product="footfall", fate="repeated") == 2
    assert figure(alone, "footfall_events_total", product="footfall", fate="refused") == 1
    assert figure(alone, "footfall_events_total", product="clevertap", fate="stored") == 1


def test_the_figures_of_several_processes_are_added_up(databases: Databases) -> None:
    server = start_server(databases.new_url(), "--workers", "2")
    try:
        for _ in range(40):
            with httpx.Client() as client:  # a connection of its own: any process may answer
                client.get(f"{server.url}/healthz")

        seen = {figure(server, "footfall_requests_total", product="server", status="200") for _ in range(4)}

        assert min(seen) >= 40
        assert figure(server, "footfall_waiting", queue="events") == 0
    finally:
        server.stop()


def test_metrics_may_want_a_token_or_be_off(databases: Databases) -> None:
    guarded = start_server(databases.new_url(), FOOTFALL_METRICS_TOKEN="s3cret")
    silent = start_server(databases.new_url(), FOOTFALL_METRICS="false")
    try:
        assert httpx.get(f"{guarded.url}/metrics").status_code == 401
        assert httpx.get(f"{guarded.url}/metrics", headers={"Authorization": "Bearer s3cre"}).status_code == 401
        answer = httpx.get(f"{guarded.url}/metrics", headers={"Authorization": "Bearer s3cret"})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
        assert httpx.get(f"{silent.url}/metrics").status_code == 404
    finally:
        guarded.stop()
        silent.stop()


def test_what_waits_is_told(alone: Server) -> None:
    deadline = time.monotonic() + 10
    while "footfall_waiting" not in httpx.get(f"{alone.url}/metrics").text and time.monotonic() < deadline:
        time.sleep(0.1)

    text = httpx.get(f"{alone.url}/metrics").text
    assert 'footfall_waiting{queue="events"} 0.0' in text
    assert 'footfall_waiting{queue="posts"} 0.0' in text
