"""An event as this product shows it (contracts/clevertap.md 2.4)."""

import shlex

import msgspec

from footfall.apis.clevertap.cursor import Flags
from footfall.apis.clevertap.mapping import records
from footfall.apis.event_view import EventView, Looked
from footfall.model import instant
from footfall.model.export import ExportedCustomer, ExportedEvent
from footfall.storage.connection import Connection


def show_event(_connection: Connection, looked: Looked) -> EventView:
    """``POST /1/events.json`` for the events of that name and day, then ``GET`` with its cursor."""
    event, customer, workspace = looked.event, looked.customer, looked.workspace
    exported = ExportedEvent(
        event.sequence, event.id, event.customer, event.occurred_at, event.properties, event.session
    )
    people = [] if customer is None else [_exported(looked)]
    (shown,) = records([exported], people, [], Flags(), workspace.zone)
    day = int(instant.to_datetime(event.occurred_at, workspace.zone).strftime("%Y%m%d"))
    query = shlex.quote(msgspec.json.encode({"event_name": event.name, "from": day, "to": day}).decode())
    account = f'-H "X-CleverTap-Account-Id: {workspace.account_id}" -H "X-CleverTap-Passcode: $CT_PASSCODE"'
    opened = f"CURSOR=$(curl -s '{looked.base}/1/events.json?batch_size=10' -d {query} {account}"
    return EventView(
        title="CleverTap",
        call="POST, then GET /1/events.json",
        curl=f'{opened} | sed \'s/.*"cursor": *"\\([^"]*\\)".*/\\1/\')\n'
        f'curl -s "{looked.base}/1/events.json?cursor=$CURSOR" {account}',
        content=msgspec.json.encode(shown),
        note="One of the answer's records; the call exports all events of this name and day, page by page.",
    )


def _exported(looked: Looked) -> ExportedCustomer:
    customer = looked.customer
    assert customer is not None
    return ExportedCustomer(
        customer.number,
        customer.id,
        customer.external_id,
        customer.email,
        customer.mobile,
        customer.object_id,
        customer.name,
        bytes(customer.properties).decode(),
    )
