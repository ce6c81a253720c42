"""Answers about target groups and tracked events (contracts/capillary.md 4 and 5); keys in the product's order."""

from decimal import Decimal
from typing import Annotated

import msgspec
from litestar.openapi.spec import OpenAPIType
from litestar.params import Parameter
from msgspec import UNSET, UnsetType

Number = Annotated[Decimal, Parameter(schema_extra={"type": OpenAPIType.NUMBER})]
"""A decimal that stands in the answer as the number it spells, digit for digit."""


class ActorAnswer(msgspec.Struct, frozen=True):
    """Who did it: the organisation's till."""

    id: int
    code: str
    description: str
    name: str
    type: str


class AttributionAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """When and by whom; times ``YYYY-MM-DDTHH:MM:SS.mmm+0000``."""

    created_on: str
    last_updated_on: str
    last_updated_by: ActorAnswer
    created_by: ActorAnswer


class PeriodAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A period; dates ``YYYY-MM-DD``, null where every customer has cycles of his own."""

    id: int
    attribution: AttributionAnswer
    start_date: str | None
    end_date: str | None
    ref_code: str
    period_status: str
    target_group_id: int
    description: str | None
    active: bool


class DefaultValueAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The goal of a rule in a period; three decimals."""

    id: int
    period_id: int
    default_value: Number


class FilterAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """Where events must have happened."""

    entity_type: str
    entity_ids: tuple[int, ...]


class FieldInfoAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """Which attribute is counted, and how."""

    name: str
    aggregate_function: str


class TriggerAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """A milestone of a rule."""

    id: int
    trigger_name: str
    trigger_value: Number


class StreakAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A streak level of a group."""

    id: int
    attribution: AttributionAnswer
    target_group_id: int
    name: str
    target_count_of_sequence: int


class TargetAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A rule."""

    id: int
    attribution: AttributionAnswer
    name: str
    emf_rule_set_id: int
    target_type: str
    target_entity: str
    event_name: str
    target_group_id: int
    description: str | None
    active: bool
    expression: str
    expression_json: str
    filters: list[FilterAnswer]
    enrolment_method: str
    default_values: list[DefaultValueAnswer]
    target_period_default_values_map: dict[str, DefaultValueAnswer]
    extended_field_info: FieldInfoAnswer | UnsetType = UNSET
    target_milestone_triggers: list[TriggerAnswer] | UnsetType = UNSET


class TargetGroupAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A group with its periods and rules."""

    id: int
    name: str
    active: bool
    preferred_till_id: int | None
    periods: list[PeriodAnswer] | UnsetType = UNSET
    active_period: PeriodAnswer | UnsetType = UNSET
    streaks: list[StreakAnswer] | UnsetType = UNSET
    total_periods: int
    description: str | None
    target_evaluation_type: str
    recurring_cycles: int
    frequency: int
    target_cycle_start_date: str | None
    target_cycle_end_date: str | None
    frequency_type: str
    tracking_type: str
    created_on: int | UnsetType = UNSET
    targets: list[TargetAnswer]
    leaderboard_enabled: bool
    user_created: bool


class PaginationAnswer(msgspec.Struct, frozen=True):
    """``offset`` is the page's number from 0, ``total`` the number of all events."""

    limit: int
    offset: int
    total: int


class WarningAnswer(msgspec.Struct, frozen=True):
    """Something that was not done as asked."""

    message: str


class TrackedEventAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One event that counted; dates ``YYYY-MM-DD HH:MM:SS.0`` on the server's clock."""

    event_log_id: int
    event_name: str
    customer_id: int
    event_display_name: str | None
    unique_id: str
    event_date: str
    event_processed_date: str
    period_id: int
    target_group_id: int
    target_rule_id: int
    target_value: Number


class TrackedEventsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``GET /v3/users/{userId}/trackedTargetEvents/{targetRuleId}``."""

    pagination: PaginationAnswer
    data: list[TrackedEventAnswer]
    errors: list[object] = []
    warnings: list[WarningAnswer] = []


class ChannelAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A way to reach the customer."""

    type: str
    account_id: None = None
    value: str
    primary: bool
    verified: bool
    subscribed: None = None
    attributes: None = None


class UserProfileAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The customer's profile."""

    first_name: str | None
    last_name: str | None
    comm_channels: list[ChannelAnswer]
    source: str = "instore"
    account_id: str
    user_id: int
    org_source_id: int = -1


class LoyaltyInfoAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the customer has bought."""

    attribution: AttributionAnswer
    loyalty_type: str = "loyalty"
    lifetime_purchases: Number


class UserAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The customer."""

    id: int
    profiles: list[UserProfileAnswer]
    loyalty_info: LoyaltyInfoAnswer
    custom_fields: dict[str, object] = {}


class UserMilestoneAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """A milestone, and whether the customer has come to it in the period."""

    id: int
    trigger_name: str
    trigger_value: Number
    is_achieved: bool


class UserTargetAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the customer stands by one rule in one period; ``target_id`` is this row's id, not the rule's."""

    target_id: int | None
    period_id: int
    period_ref_code: str
    period_start_date: str | None
    period_end_date: str | None
    target_value: Number
    target_achieved_value: Number
    target_name: str
    target_type: str
    target_entity: str
    target_rule_id: int
    enrolled_on: str
    event_name: str
    period_start_date_with_time_stamp: str | None
    period_end_date_with_time_stamp: str | None
    last_updated_on: str | UnsetType = UNSET
    target_achieved_date_time: str | None
    target_achieved_event_log_id: int | UnsetType = UNSET
    current_period: bool
    un_enrolled: bool | UnsetType = UNSET
    milestones: list[UserMilestoneAnswer] | None = None


class UserStreakAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the customer stands in a streak level."""

    user_streak_id: int
    streak_id: int
    streak_name: str
    status: str
    current_count: int
    total_target_count_of_sequence: int
    streak_achieved_user_target_id: int | None
    streak_achieved_date_time: str | None


class UserTargetGroupAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the customer stands in one group."""

    id: int
    attribution: AttributionAnswer
    name: str
    preferred_till_id: int | None
    targets: list[UserTargetAnswer]
    streaks: list[UserStreakAnswer] | UnsetType = UNSET
    target_evaluation_type: str
    tracking_type: str


class UserTargetGroupsData(msgspec.Struct, frozen=True, rename="camel"):
    """The customer and his target groups."""

    user_id: int
    customer: UserAnswer
    target_groups: list[UserTargetGroupAnswer]


class TargetGroupEnvelope(msgspec.Struct, frozen=True):
    """A v3 answer about one group."""

    data: TargetGroupAnswer
    errors: None = None
    warnings: None = None


class TargetGroupsEnvelope(msgspec.Struct, frozen=True):
    """A v3 answer about all groups."""

    data: list[TargetGroupAnswer]
    errors: None = None
    warnings: None = None


class PeriodsEnvelope(msgspec.Struct, frozen=True):
    """A v3 answer about periods."""

    data: list[PeriodAnswer]
    errors: None = None
    warnings: None = None


class TargetsEnvelope(msgspec.Struct, frozen=True):
    """A v3 answer about rules."""

    data: list[TargetAnswer]
    errors: None = None
    warnings: None = None


class TargetEnvelope(msgspec.Struct, frozen=True):
    """A v3 answer about one rule."""

    data: TargetAnswer
    errors: None = None
    warnings: None = None


class MilestonesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``GET /v3/milestones``: a page of groups."""

    pagination: PaginationAnswer
    data: list[TargetGroupAnswer]
    errors: list[object] = []
    warnings: list[WarningAnswer] = []


class DoneEnvelope(msgspec.Struct, frozen=True):
    """A v3 answer that says only that it was done."""

    data: bool = True
    errors: None = None
    warnings: None = None


class CustomerIdEnvelope(msgspec.Struct, frozen=True):
    """A v3 answer that names the customer it was done for."""

    data: int
    errors: None = None
    warnings: None = None


class UserTargetGroupsEnvelope(msgspec.Struct, frozen=True):
    """``GET /v3/users/{userId}/targetGroups``."""

    data: UserTargetGroupsData
    errors: None = None
    warnings: None = None
