"""Targets: what customers are to reach, in which periods, and how far they have come.

A target group has periods and rules; every rule counts in every period. A customer who is enrolled in a rule collects
tracked events, one for each event that counts (contracts/capillary.md 5). Values, goals and contributions of every
kind are amounts (millionths): one visit is 1,000,000.
"""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

ENROL = "ENROL"
UNENROL = "UNENROL"
GENERIC_EVENT = "GENERIC_EVENT"
"""How a tracked behavioural event is named; its own name is the ``display_name``."""

TRANSACTION_ADD = "TransactionAdd"
RETURN_OF_BILL = "ReturnBill"
"""Names by which rules about transactions and line items know bills, and returns."""

ALWAYS = '{"arity":"literal","value":"true","type":"boolean:primitive"}'
"""The expression's tree that is true of every event."""

OPEN_START = -(2**62)
OPEN_END = 2**62
"""The bounds of a period that has none of its own: each customer's cycles are his."""

TrackingType = Literal["DEFAULT", "UNIFIED", "STREAKS", "NON_CONTINUOUS_STREAKS", "CAPPING"]
EvaluationType = Literal["FIXED_CALENDAR_WINDOW", "CYCLIC_WINDOW", "PERIOD_AGNOSTIC_WINDOW", "CALENDAR_CYCLIC_WINDOW"]
TargetEntity = Literal["TRANSACTION", "LINEITEM", "EVENT", "POINTS", "ALTERNATE_CURRENCIES"]
TargetType = Literal[
    "SALES",
    "GROSS_SALES",
    "COUNT",
    "VISIT",
    "QUANTITY",
    "EXTENDED_FIELD",
    "EVENT_ATTRIBUTE",
    "REGULAR_POINTS",
    "PROMOTIONAL_POINTS",
    "ALL_POINTS",
    "REGULAR",
    "PROMOTIONAL",
    "ALL",
]
AggregateFunction = Literal["SUM", "COUNT"]
FilterType = Literal["STORE", "ZONE", "CONCEPT"]
EnrolmentMethod = Literal["TRANSACTION", "IMPORT", "AUDIENCE_FILTER"]
FrequencyType = Literal["DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY", "CUSTOM"]
CombinationType = Literal["ALL", "ANY"]
StreakStatus = Literal["INPROGRESS", "ACHIEVED", "DROPPED"]
EnrolledBy = Literal["api", "sibling", "transaction"]
"""``sibling``: by an enrolment in another rule of the same unified group."""

COUNTED: dict[TargetEntity, frozenset[TargetType]] = {
    "TRANSACTION": frozenset({"SALES", "GROSS_SALES", "COUNT", "VISIT", "QUANTITY", "EXTENDED_FIELD"}),
    "LINEITEM": frozenset({"SALES", "GROSS_SALES", "COUNT", "VISIT", "QUANTITY", "EXTENDED_FIELD"}),
    "EVENT": frozenset({"COUNT", "VISIT", "EVENT_ATTRIBUTE"}),
}
"""What can be counted of what. Points and currencies have no events of their own here: no rule may ask for them."""


class TargetGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Periods and rules that belong together."""

    id: int
    workspace: int
    name: str
    description: str | None
    active: bool
    preferred_till_id: int | None
    tracking_type: TrackingType
    evaluation_type: EvaluationType
    combination_type: CombinationType  # what makes a period of a unified group achieved: all rules, or any
    timezone: str  # whose days the periods, and visits, are
    total_periods: int
    frequency_type: FrequencyType
    frequency: int
    recurring_cycles: int
    user_created: bool
    created_at: int
    modified_at: int


class TargetPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle: ``[starts_at, ends_at)`` as instants. Calendar periods of one group never overlap.

    Where every customer has cycles of his own, a period has no days (None) and is open (OPEN_START, OPEN_END):
    its n-th is the n-th of each customer.
    """

    id: int
    group: int
    ref_code: str
    description: str | None
    active: bool
    first_day: str | None  # YYYY-MM-DD
    last_day: str | None  # YYYY-MM-DD, included
    starts_at: int
    ends_at: int
    created_at: int
    modified_at: int


class Filter(msgspec.Struct, frozen=True):
    """Where an event must have happened: in one of these stores, zones or concepts. Several filters must all hold."""

    entity_type: FilterType
    entity_ids: tuple[int, ...]


class TargetRule(msgspec.Struct, frozen=True, kw_only=True):
    """What counts: of which events, and what of them.

    ``created_after`` is the highest sequence stored when the rule was made: later events met the rule on arrival.
    """

    id: int
    group: int
    name: str
    description: str | None
    active: bool
    entity: TargetEntity
    event_name: str  # TransactionAdd, ReturnBill, or a behavioural event's name
    type: TargetType
    field_name: str | None  # of EXTENDED_FIELD and EVENT_ATTRIBUTE
    aggregate: AggregateFunction
    filters: tuple[Filter, ...]
    expression: str  # JSON text of the expression's tree
    expression_text: str  # as it was written, for people; it decides nothing
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


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """A value on the way (the product's milestone trigger), the same in every period of its rule."""

    id: int
    rule: int
    name: str
    value: int


class StreakLevel(msgspec.Struct, frozen=True, kw_only=True):
    """How many periods are to be achieved, one after the other or (NON_CONTINUOUS_STREAKS) in all."""

    id: int
    group: int
    name: str
    length: int
    created_at: int
    modified_at: int


class TargetDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A group with all that belongs to it: periods by their start, rules, goals, milestones by id, levels by length."""

    group: TargetGroup
    periods: tuple[TargetPeriod, ...]
    rules: tuple[TargetRule, ...]
    goals: tuple[Goal, ...]
    milestones: tuple[Milestone, ...] = ()
    levels: tuple[StreakLevel, ...] = ()


class NewPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """A period to make; the days are of the group's zone. All but a calendar window leaves days and bounds out."""

    ref_code: str | None
    description: str | None = None
    active: bool = True
    first_day: str | None = None
    last_day: str | None = None
    starts_at: int = OPEN_START
    ends_at: int = OPEN_END


class NewMilestone(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone to make; in a change, ``id`` is that of the one that it takes the place of."""

    name: str
    value: int
    id: int | None = None


class NewStreakLevel(msgspec.Struct, frozen=True, kw_only=True):
    """A streak level to make; in a change, ``id`` is that of the one that it takes the place of."""

    name: str
    length: int
    id: int | None = None


class NewRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to make; ``goals`` (amounts) fit the group's periods by position."""

    name: str
    type: TargetType
    description: str | None = None
    active: bool = True
    entity: TargetEntity = "TRANSACTION"
    event_name: str = TRANSACTION_ADD
    field_name: str | None = None
    aggregate: AggregateFunction = "SUM"
    filters: tuple[Filter, ...] = ()
    expression: str = ALWAYS
    expression_text: str = "true"
    enrolment_method: EnrolmentMethod = "IMPORT"
    goals: tuple[int, ...] = ()
    milestones: tuple[NewMilestone, ...] = ()


class NewTargetGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group to make. Without ``periods``, one that is no calendar window gets ``total_periods`` of its own."""

    name: str
    description: str | None = None
    active: bool = True
    preferred_till_id: int | None = None
    tracking_type: TrackingType = "DEFAULT"
    evaluation_type: EvaluationType = "FIXED_CALENDAR_WINDOW"
    combination_type: CombinationType = "ALL"
    timezone: str
    frequency_type: FrequencyType
    frequency: int
    recurring_cycles: int
    user_created: bool = False
    total_periods: int = 0
    periods: tuple[NewPeriod, ...]
    rules: tuple[NewRule, ...]
    levels: tuple[NewStreakLevel, ...] = ()


class GroupChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of a group; what is not said stays. Its kind, zone and frequency are for good."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET
    preferred_till_id: int | UnsetType | None = UNSET
    combination_type: CombinationType | UnsetType = UNSET
    recurring_cycles: int | UnsetType = UNSET
    user_created: bool | UnsetType = UNSET


class PeriodChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of the period ``id``; a day is given with its instant (calendar.bounds)."""

    id: int
    description: str | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET
    first_day: str | UnsetType = UNSET
    starts_at: int | UnsetType = UNSET
    last_day: str | UnsetType = UNSET
    ends_at: int | UnsetType = UNSET


class RuleChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change of a rule; what is not said stays. ``goals``: amounts by the id of their period."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    active: bool | UnsetType = UNSET
    entity: TargetEntity | UnsetType = UNSET
    event_name: str | UnsetType = UNSET
    type: TargetType | UnsetType = UNSET
    field_name: str | UnsetType | None = UNSET
    aggregate: AggregateFunction | UnsetType = UNSET
    filters: tuple[Filter, ...] | UnsetType = UNSET
    expression: str | UnsetType = UNSET
    expression_text: str | UnsetType = UNSET
    enrolment_method: EnrolmentMethod | UnsetType = UNSET
    goals: dict[int, int] | UnsetType = UNSET
    milestones: tuple[NewMilestone, ...] | UnsetType = UNSET


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's place in a rule. ``since``: the start of the first period that counts; None: every period.

    ``anchor`` and ``cycle`` are of customers with cycles of their own: the instant at which the first began (None:
    not yet), and which one is open, from 1, in a window that stays open until the goal is reached.
    """

    customer: int
    rule: int
    period: int  # the one named at enrolment, or that of the event that enrolled
    since: int | None
    enrolled: bool  # False once un-enrolled
    enrolled_by: EnrolledBy
    enrolled_at: int
    streak_since: int | None = None  # periods that began earlier belong to no streak
    anchor: int | None = None
    cycle: int = 1


class TrackedEvent(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What one event contributed to one rule; also the record of an enrolment. Never changed once written.

    ``value`` is what the product shows (its ``targetValue``): a transaction's amount, 1 for a behavioural event,
    negative for a return. ``counted`` is what was added to the customer's progress: the two differ where a rule
    counts something else, as visits.
    """

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
    counted: int  # amount


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a customer has come by one rule in one period (the product's user target).

    ``achieved_at`` and ``achieved_by`` are time and sequence of the first event, in order of arrival, with which the
    value came to the goal; a later return does not take them back.
    """

    id: int
    customer: int
    rule: int
    period: int
    value: int  # sum of what was counted
    events: int  # number of tracked events, records of enrolments included
    enrolled_at: int
    updated_at: int
    achieved_at: int | None = None
    achieved_by: int | None = None


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What one captured event did to one rule: progress in the period before and after it, and the goal."""

    customer: int
    sequence: int
    group: int
    rule: int
    period: int
    goal: int
    before: int
    after: int
    value: int  # as shown
