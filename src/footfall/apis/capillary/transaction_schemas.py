"""The wire of transactions (contracts/capillary.md 6.1). Structs keep the order of keys that the answers have."""

import msgspec
from msgspec import UNSET, UnsetType

from footfall.apis.capillary.schemas import Problem

Number = str | int | float | None
"""A number as posted: often as text, where the empty text is none."""


class Line(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A line of a bill, as far as its returns need it; every other member is kept as it came."""

    item_code: str | int | None = None
    qty: Number = None
    amount: Number = None
    rate: Number = None
    value: Number = None
    discount: Number = None


class TransactionRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``POST /v2/transactions``: what decides; every other member is kept among the event's properties.

    ``identifier_type`` to ``account_id`` stand in the items of a bulk call, and in the query of a single one.
    """

    type: str | None = None
    return_type: str | None = None
    id: str | int | None = None
    bill_number: str | int | None = None
    parent_bill_number: str | int | None = None
    bill_amount: Number = None
    billing_date: str | None = None
    purchase_time: str | None = None
    discount: Number = None
    gross_amount: Number = None
    delivery_status: str | None = None
    line_items_v2: list[Line] | None = None
    payment_modes: list[dict[str, msgspec.Raw]] | None = None
    extended_fields: dict[str, msgspec.Raw] | None = None
    custom_fields: dict[str, msgspec.Raw] | None = None
    identifier_type: str | None = None
    identifier_value: str | int | None = None
    source: str | None = None
    account_id: str | None = None


class CustomerInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Whose transaction it is."""

    first_name: str | None
    last_name: str | None


class TargetSideEffect(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a transaction did to one target; everything is text."""

    current_event_target_value: str
    defined_target_value: str
    period_end_date: str
    period_ref_code: str
    period_start_date: str
    target_achieved_value_after_event: str
    target_achieved_value_before_event: str
    target_evaluation_type: str
    target_group_id: str
    target_group_name: str
    target_name: str
    target_rule_id: str
    type: str = "TARGETLOYALTY"
    user_id: str


class TransactionAnswer(msgspec.Struct, kw_only=True, rename="camel"):
    """The answer to a transaction stored."""

    created_id: int
    warnings: list[Problem] = []
    errors: list[Problem] = []
    side_effects: list[str] = []
    raw_side_effects: list[TargetSideEffect] | UnsetType = UNSET
    loyalty_details: list[str] = []
    customer_info: CustomerInfo


class BulkItem(msgspec.Struct, kw_only=True, rename="camel"):
    """What became of one item of a bulk call; ``result`` is the item as it was sent."""

    entity_id: int | None
    result: msgspec.Raw
    errors: list[Problem] = []
    warnings: list[Problem] = []


class BulkAnswer(msgspec.Struct, kw_only=True, rename="camel"):
    """``POST /v2/transactions/bulk``."""

    response: list[BulkItem]
    total_count: int
    failure_count: int
