"""Counting: rules and stored events as the engine of targets needs them, without what is only shown."""

import msgspec

from footfall.model.target import (
    AggregateFunction,
    EvaluationType,
    Filter,
    FrequencyType,
    TargetEntity,
    TargetType,
)


class Cycle(msgspec.Struct, frozen=True):
    """A period as counting needs it: ``[starts_at, ends_at)``, and what is to be reached in it (0: nothing)."""

    period: int
    starts_at: int
    ends_at: int
    goal: int = 0


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Of which events a rule counts what; the words of ``TargetRule``. ``timezone``: whose days are visits."""

    entity: TargetEntity
    event_name: str
    type: TargetType
    field_name: str | None
    aggregate: AggregateFunction
    filters: tuple[Filter, ...]
    expression: str
    timezone: str


class CountingRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as counting needs it; ``cycles`` by their start, or by number where each customer has his own."""

    id: int
    group: int
    unified: bool
    evaluation_type: EvaluationType
    frequency_type: FrequencyType
    frequency: int
    enrols_by_transaction: bool
    created_after: int
    counted: Counted
    cycles: tuple[Cycle, ...]

    @property
    def is_calendar(self) -> bool:
        """Whether its periods are the same days for everybody."""
        return self.evaluation_type == "FIXED_CALENDAR_WINDOW"


class Occurrence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A stored event that targets may count. ``properties`` is JSON text."""

    customer: int
    sequence: int
    id: bytes
    occurred_at: int
    processed_at: int
    name: str
    amount: int | None
    outlet: str | None
    properties: str


class Tracked(msgspec.Struct, gc=False):
    """An occurrence that counts by a rule in a cycle: ``shown`` as its value, ``counted`` added to progress.

    ``day``, in days since 1970 of the group's zone, is a visit that it may open: the first one to do so counts it.
    """

    occurrence: Occurrence
    rule: CountingRule
    cycle: Cycle
    shown: int
    counted: int
    day: int | None
    processed_at: int

    @property
    def place(self) -> tuple[int, int, int]:
        """The progress that it adds to: (customer, rule, period)."""
        return self.occurrence.customer, self.rule.id, self.cycle.period
