"""Targets: what customers are to reach, in which periods, and how far they have come.

A target group has periods (calendar days in the group's time zone) and rules; every rule counts in every period.
A customer who is enrolled in a rule collects tracked events, one for each event that counts (contracts/capillary.md 5).
"""

from typing import Literal

import msgspec

ENROL = "ENROL"
UNENROL = "UNENROL"

TrackingType = Literal["DEFAULT", "UNIFIED"]
TargetType = Literal["SALES", "GROSS_SALES"]
EnrolmentMethod = Literal["TRANSACTION", "IMPORT", "AUDIENCE_FILTER"]
FrequencyType = Literal["DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY", "CUSTOM"]
CombinationType = Literal["ALL", "ANY"]
EnrolledBy = Literal["api", "sibling", "transaction"]
"""``sibling``: by an enrolment in another rule of the same unified group."""


class TargetGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Periods and rules that belong together."""

    id: int
    workspace: int
    name: str
    description: str | None
    active: bool
    preferred_till_id: int | None
    tracking_type: TrackingType
    combination_type: CombinationType
    timezone: str  # whose days the periods are
    total_periods: int
    frequency_type: FrequencyType
    frequency: int
    recurring_cycles: int
    user_created: bool
    created_at: int
    modified_at: int


class TargetPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle: whole days, ``[starts_at, ends_at)`` as instants. Periods of one group never overlap."""

    id: int
    group: int
    ref_code: str
    description: str | None
    active: bool
    first_day: str  # YYYY-MM-DD
    last_day: str  # YYYY-MM-DD, included
    starts_at: int
    ends_at: int
    created_at: int
    modified_at: int


class TargetRule(msgspec.Struct, frozen=True, kw_only=True):
    """What counts: here, the sum of the amounts of transactions.

    ``created_after`` is the highest sequence stored when the rule was made: later events met the rule on arrival.
    """

    id: int
    group: int
    name: str
    description: str | None
    active: bool
    type: TargetType
    expression: str  # JSON text of the expression's tree
    enrolment_method: EnrolmentMethod
    created_after: int
    created_at: int
    modified_at: int


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be reached in one period by one rule; an amount."""

    id: int
    rule: int
    period: int
    value: int


class TargetDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A group with all that belongs to it: periods by their start, rules and goals by id."""

    group: TargetGroup
    periods: tuple[TargetPeriod, ...]
    rules: tuple[TargetRule, ...]
    goals: tuple[Goal, ...]


class NewPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """A period to make; the days are of the group's zone."""

    ref_code: str | None
    description: str | None
    active: bool
    first_day: str
    last_day: str
    starts_at: int
    ends_at: int


class NewRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to make; ``goals`` (amounts) fit the group's periods by position."""

    name: str
    description: str | None
    active: bool
    type: TargetType
    expression: str
    enrolment_method: EnrolmentMethod
    goals: tuple[int, ...]


class NewTargetGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group to make."""

    name: str
    description: str | None
    active: bool
    preferred_till_id: int | None
    tracking_type: TrackingType
    combination_type: CombinationType
    timezone: str
    frequency_type: FrequencyType
    frequency: int
    recurring_cycles: int
    user_created: bool
    periods: tuple[NewPeriod, ...]
    rules: tuple[NewRule, ...]


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's place in a rule. ``since``: the start of the first period that counts; None: every period."""

    customer: int
    rule: int
    period: int  # the one named at enrolment, or that of the event that enrolled
    since: int | None
    enrolled: bool  # False once un-enrolled
    enrolled_by: EnrolledBy
    enrolled_at: int


class TrackedEvent(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What one event contributed to one rule; also the record of an enrolment. Never changed once written."""

    customer: int
    rule: int
    occurred_at: int
    sequence: int
    group: int
    period: int
    name: str
    display_name: str | None
    unique_id: str
    processed_at: int
    value: int  # amount


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a customer has come by one rule in one period (the product's user target)."""

    id: int
    customer: int
    rule: int
    period: int
    value: int  # sum of the tracked events' values
    events: int  # their number
    enrolled_at: int
    updated_at: int


class Cycle(msgspec.Struct, frozen=True):
    """A period as counting needs it: ``[starts_at, ends_at)``."""

    period: int
    starts_at: int
    ends_at: int


class CountingRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as counting needs it; ``cycles`` by their start."""

    id: int
    group: int
    unified: bool
    enrols_by_transaction: bool
    created_after: int
    cycles: tuple[Cycle, ...]


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """An event that targets can count; ``value`` is the amount with the sign it counts by."""

    customer: int
    sequence: int
    occurred_at: int
    processed_at: int
    name: str
    value: int
