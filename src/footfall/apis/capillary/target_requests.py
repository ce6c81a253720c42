"""Requests about target groups, periods, targets and enrolments (contracts/capillary.md 5.3 to 5.5).

Members that are not served are declared all the same, so that what asks for them is refused by name.
"""

from decimal import Decimal

import msgspec


class PeriodRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """A period to make. Dates are ISO 8601; the status is computed, whatever is posted.

    Only a group of fixed calendar windows has dates.
    """

    start_date: str | None = None
    end_date: str | None = None
    ref_code: str | None = None
    description: str | None = None
    active: bool = True
    period_status: str | None = None


class PeriodEditRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """A period to change, by its id or its refCode; what is left out stays."""

    id: int | None = None
    ref_code: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    description: str | None = None
    active: bool | None = None


class DefaultValueRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """The goal of one period, by position; in a change also by the period's id."""

    default_value: Decimal | None = None
    period_id: int | None = None


class FilterRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """Where events must have happened."""

    entity_type: str
    entity_ids: list[int]


class ExtendedFieldInfo(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """Which attribute is counted, and how. The window says nothing that the rule's type does not."""

    name: str | None = None
    aggregate_function: str = "SUM"
    aggregate_window: dict[str, object] | None = None


class MilestoneTriggerRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """A value on the way to the goal; in a change, ``id`` is that of the one that it takes the place of."""

    id: int | None = None
    trigger_name: str | None = None
    trigger_value: Decimal | None = None


class StreakRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """A streak level; in a change, ``id`` is that of the one that it takes the place of."""

    id: int | None = None
    name: str
    target_count_of_sequence: int


class TargetRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """A rule to make."""

    name: str
    target_entity: str
    target_type: str
    event_name: str | None = None
    description: str | None = None
    active: bool = True
    expression: bool | str | None = None
    expression_json: str | None = None
    filters: list[FilterRequest] | None = None
    enrolment_method: str | None = None
    default_values: list[DefaultValueRequest] | None = None
    extended_field_info: ExtendedFieldInfo | None = None
    target_milestone_triggers: list[MilestoneTriggerRequest] | None = None


class TargetEditRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """A rule to change, or (without ``id``, in a body that may do both) to make; what is left out stays."""

    id: int | None = None
    name: str | None = None
    target_entity: str | None = None
    target_type: str | None = None
    event_name: str | None = None
    description: str | None = None
    active: bool | None = None
    expression: bool | str | None = None
    expression_json: str | None = None
    filters: list[FilterRequest] | None = None
    enrolment_method: str | None = None
    default_values: list[DefaultValueRequest] | None = None
    extended_field_info: ExtendedFieldInfo | None = None
    target_milestone_triggers: list[MilestoneTriggerRequest] | None = None
    streaks: list[StreakRequest] | None = None


class TargetGroupRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """``POST /v3/targetGroups``."""

    name: str
    tracking_type: str
    total_periods: int
    frequency_type: str
    frequency: int
    recurring_cycles: int
    targets: list[TargetRequest]
    periods: list[PeriodRequest] | None = None
    active: bool = True
    description: str | None = None
    preferred_till_id: int | None = None
    target_evaluation_type: str | None = None
    combination_type: str | None = None
    time_zone_name: str | None = None
    user_created: bool = False
    leaderboard_enabled: bool = False
    from_date: str | None = None
    to_date: str | None = None
    target_cycle_start_date: str | None = None
    streaks: list[StreakRequest] | None = None


class TargetGroupEditRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """``PUT /v3/targetGroups/editTargetGroup/{id}``; what is left out stays."""

    name: str | None = None
    description: str | None = None
    active: bool | None = None
    preferred_till_id: int | None = None
    combination_type: str | None = None
    recurring_cycles: int | None = None
    user_created: bool | None = None
    tracking_type: str | None = None
    target_evaluation_type: str | None = None
    frequency_type: str | None = None
    frequency: int | None = None
    time_zone_name: str | None = None
    leaderboard_enabled: bool = False
    periods: list[PeriodEditRequest] | None = None
    targets: list[TargetEditRequest] | None = None
    streaks: list[StreakRequest] | None = None


class UnifiedTargetsRequest(msgspec.Struct, kw_only=True):
    """``PUT /v3/targetGroups/{id}/unifiedTargets``."""

    targets: list[TargetEditRequest]


class NameRequest(msgspec.Struct, kw_only=True):
    """``POST /v3/targetGroups/isValidName``."""

    type: str
    value: str


class EnrolRequest(msgspec.Struct, kw_only=True, rename="camel"):
    """The one item of the body of ``enroll``."""

    customer_id: int
    period_name: str
    initial_balance: Decimal | None = None
    reset_streak_status: bool | None = None


class UnEnrolRequest(msgspec.Struct, rename="camel"):
    """The one item of the body of ``unEnroll``."""

    customer_id: int
