"""Run in the environment of ``polar-sdk`` 0.32.0: prints what the client makes of the server's answers, as JSON."""

import json
import os
import sys

from polar_sdk import Polar, models
from polar_sdk.ingestion import Ingestion

URL, TOKEN = os.environ["BASE_URL"], os.environ["TOKEN"]


def name_of(event: object) -> str:
    """Names that are fixed stand in capitals in this client."""
    return getattr(event, "NAME", None) or event.name


def main() -> dict[str, object]:
    seen: dict[str, object] = {}
    with Polar(access_token=TOKEN, server_url=URL) as polar:
        made = polar.customers.create(
            request={
                "email": "Ada@acme.test",
                "name": "Ada",
                "external_id": "ada",
                "metadata": {"plan": "pro", "seats": 3},
                "billing_address": {"country": "DE", "city": "Berlin"},
            }
        )
        seen["made"] = [made.email, made.name, made.external_id, made.metadata, made.billing_address.city]
        sent = polar.events.ingest(
            request={
                "events": [
                    {
                        "name": "llm",
                        "external_customer_id": "ada",
                        "external_id": "e1",
                        "metadata": {"n": 1, "ok": True},
                    },
                    {
                        "name": "llm",
                        "customer_id": made.id,
                        "parent_id": "e1",
                        "metadata": {"_cost": {"amount": 0.25, "currency": "usd"}},
                    },
                    {"name": "llm", "external_customer_id": "ada", "external_id": "e1"},
                ]
            }
        )
        seen["ingested"] = [sent.inserted, sent.duplicates]
        listed = polar.events.list(limit=10, sorting=["timestamp"])
        seen["listed"] = sorted([name_of(event), event.SOURCE, event.label] for event in listed.items)
        [event] = polar.events.list(name=["llm"], metadata={"n": 1}, external_customer_id="ada").items
        seen["filtered"] = [event.name, event.metadata["n"] if isinstance(event.metadata, dict) else None]
        one = polar.events.get(id=event.id)
        seen["got"] = [one.id == event.id, one.child_count, one.customer.name]
        names = polar.events.list_names(limit=1)
        seen["names"] = []
        while names is not None:
            seen["names"] += [[item.name, item.source, item.occurrences] for item in names.result.items]
            names = names.next()
        try:
            polar.events.get(id="749ec817-0bbf-4301-9ba8-555ca42b9737")
        except models.ResourceNotFound as error:
            seen["missing"] = error.status_code
        try:
            polar.events.ingest(request={"events": [{"name": "x", "customer_id": made.id, "parent_id": "nobody"}]})
        except models.HTTPValidationError as error:
            seen["refused"] = [[fault.type, fault.loc] for fault in error.data.detail]
        customers = polar.customers.list(query="ada")
        seen["customers"] = [customer.email for customer in customers.result.items]
        changed = polar.customers.update_external(external_id="ada", customer_update_external_id={"name": "Countess"})
        seen["changed"] = changed.name
        seen["external"] = polar.customers.get_external(external_id="ada").name
        polar.customers.delete(id=made.id)
        seen["told"] = [name_of(event) for event in polar.events.list(source="system").items]
    return seen


def batches() -> dict[str, object]:
    ingestion = Ingestion(access_token=TOKEN, server_url=URL, max_batch_size=50, flush_interval=0.05)
    for number in range(230):
        ingestion.ingest({"name": "soaked", "external_customer_id": f"c{number % 7}", "external_id": f"soak-{number}"})
    ingestion.close()
    with Polar(access_token=TOKEN, server_url=URL) as polar:
        names = polar.events.list_names(query="soaked").result.items
    return {"soaked": [item.occurrences for item in names]}


json.dump(batches() if "batches" in sys.argv else main(), sys.stdout)
