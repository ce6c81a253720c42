"""Run in the environment of ``polar-sdk`` 1.0.2: prints what the client makes of the server's answers, as JSON."""

import json
import os
import sys

from polar.v2026_04 import Polar
from polar.v2026_04.errors import HTTPValidationError, ResourceNotFound

URL, TOKEN = os.environ["BASE_URL"], os.environ["TOKEN"]


def main() -> dict[str, object]:
    seen: dict[str, object] = {}
    polar = Polar(TOKEN, base_url=URL)
    made = polar.customers.create(
        email="Ada@acme.test",
        name="Ada",
        external_id="ada",
        metadata={"plan": "pro", "seats": 3},
        billing_address={"country": "DE", "city": "Berlin"},
    )
    seen["made"] = [made.email, made.name, made.external_id, made.metadata, made.billing_address.city]
    sent = polar.events.ingest(
        events=[
            {"name": "llm", "external_customer_id": "ada", "external_id": "e1", "metadata": {"n": 1, "ok": True}},
            {
                "name": "llm",
                "customer_id": made.id,
                "parent_id": "e1",
                "metadata": {"_cost": {"amount": 0.25, "currency": "usd"}},
            },
            {"name": "llm", "external_customer_id": "ada", "external_id": "e1"},
        ]
    )
    seen["ingested"] = [sent.inserted, sent.duplicates]
    listed = polar.events.list(limit=10)
    seen["listed"] = sorted([event.name, event.source, event.label] for event in listed.items)
    [event] = polar.events.list(name=["llm"], metadata={"n": 1}, external_customer_id="ada").items
    seen["filtered"] = [event.name, event.metadata["n"] if isinstance(event.metadata, dict) else None]
    one = polar.events.get(event.id)
    seen["got"] = [one.id == event.id, one.child_count, one.customer.name]
    seen["names"] = [[item.name, item.source, item.occurrences] for item in polar.events.iter_list_names(limit=1)]
    try:
        polar.events.get("749ec817-0bbf-4301-9ba8-555ca42b9737")
    except ResourceNotFound as error:
        seen["missing"] = error.status_code
    try:
        polar.events.ingest(events=[{"name": "x", "customer_id": made.id, "parent_id": "nobody"}])
    except HTTPValidationError as error:
        seen["refused"] = [[fault.type, list(fault.loc)] for fault in error.error.detail]
    seen["customers"] = [customer.email for customer in polar.customers.iter_list(query="ada")]
    seen["changed"] = polar.customers.update_external("ada", name="Countess").name
    seen["external"] = polar.customers.get_external("ada").name
    polar.customers.delete(made.id)
    seen["told"] = [event.name for event in polar.events.list(source="system").items]
    return seen


json.dump(main(), sys.stdout)
