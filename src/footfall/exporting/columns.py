"""An event as one row of a table: the columns of CSV and Parquet files. Pure."""

import msgspec

from footfall.apis.footfall.schemas import EventAnswer

COLUMNS = (
    "id",
    "name",
    "label",
    "occurred_at",
    "utc_offset",
    "received_at",
    "external_id",
    "customer_id",
    "customer_number",
    "customer_external_id",
    "customer_email",
    "customer_mobile",
    "customer_object_id",
    "customer_name",
    "account_id",
    "source",
    "amount",
    "properties",
    "session",
    "parent_id",
    "captured_by",
)
"""Their order. ``properties`` and ``session`` are JSON texts, times RFC 3339 texts in UTC, amounts decimal texts."""

Cell = str | int | None

_NULL = b"null"
_NOBODY: tuple[Cell, ...] = (None,) * 7


def row_of(event: EventAnswer) -> tuple[Cell, ...]:
    """The cells of ``COLUMNS``."""
    customer = _NOBODY if event.customer is None else msgspec.structs.astuple(event.customer)
    session = bytes(event.session)
    return (
        event.id,
        event.name,
        event.label,
        event.occurred_at,
        event.utc_offset,
        event.received_at,
        event.external_id,
        *customer,
        event.account_id,
        event.source,
        event.amount,
        bytes(event.properties).decode(),
        None if session == _NULL else session.decode(),
        event.parent_id,
        event.captured_by,
    )
