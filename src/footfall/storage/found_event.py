"""An event as a search finds it: what pages show of it, and by what names its customer goes, in one row."""

from typing import Any

import msgspec
import sqlalchemy as sa

from footfall.model.event import Api
from footfall.storage.tables import customers, event_types, events

_E = events.c
_HOLDER = customers.alias("holder")  # a name of its own: conditions of searches look customers up, too
_C = _HOLDER.c


class FoundEvent(msgspec.Struct, frozen=True, gc=False):
    """One row of ``COLUMNS``. ``customer`` is None where there is none, and so is then all that follows it."""

    sequence: int
    id: bytes
    name: str
    occurred_at: int
    external_id: str | None
    account_id: str | None
    source: str | None
    outlet: str | None
    captured_by: Api
    properties: str
    session: str | None
    customer: bytes | None  # id
    customer_external_id: str | None
    customer_email: str | None
    customer_mobile: str | None
    customer_object_id: str | None

    @property
    def identity(self) -> str:
        """As ``Customer.primary_identity``; empty where there is no customer."""
        named = self.customer_external_id or self.customer_email or self.customer_mobile or self.customer_object_id
        return named or ("" if self.customer is None else self.customer.hex())


COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    _E.sequence,
    _E.id,
    event_types.c.name,
    _E.occurred_at,
    _E.external_id,
    _E.account_id,
    _E.source,
    _E.outlet,
    _E.captured_by,
    _E.properties,
    _E.session,
    _C.id.label("customer"),
    _C.external_id.label("customer_external_id"),
    _C.email.label("customer_email"),
    _C.mobile.label("customer_mobile"),
    _C.object_id.label("customer_object_id"),
)

# Outer joins keep the planner from walking the dictionaries first.
SOURCE = events.join(event_types, event_types.c.number == _E.type, isouter=True).join(
    _HOLDER, sa.and_(_C.number == _E.customer, _C.workspace == _E.workspace), isouter=True
)
