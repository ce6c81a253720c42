"""What a definition of targets must be like; what counting does not know is refused here, never passed over."""

from collections.abc import Sequence

from footfall.model.target import COUNTED, NewRule, NewStreakLevel, NewTargetGroup, TrackingType
from footfall.targets import expression
from footfall.targets.failure import TargetFailure

MOST_PERIODS = 100
MOST_RULES = 50
MOST_LEVELS = 10
MOST_MILESTONES = 100
COUNT_A_FIELD = frozenset({"EXTENDED_FIELD", "EVENT_ATTRIBUTE"})
STREAKS = frozenset({"STREAKS", "NON_CONTINUOUS_STREAKS"})


def check_group(new: NewTargetGroup) -> None:
    """Raises TargetFailure where the group, with its rules and levels, cannot be."""
    own_cycles = new.evaluation_type != "FIXED_CALENDAR_WINDOW"
    if not new.periods and not (own_cycles and new.total_periods > 0):
        raise TargetFailure("invalid", "periods must not be empty")
    if not new.periods and new.total_periods > MOST_PERIODS:
        raise TargetFailure("invalid", f"a target group has at most {MOST_PERIODS} periods")
    if new.evaluation_type in {"CYCLIC_WINDOW", "CALENDAR_CYCLIC_WINDOW"} and new.frequency < 1:
        raise TargetFailure("invalid", "frequency says how long a cycle is, so it is at least 1")
    if not new.rules:
        raise TargetFailure("invalid", "targets must not be empty")
    check_names([rule.name for rule in new.rules], new.tracking_type)
    for rule in new.rules:
        check_rule(rule)
    check_levels(new.levels, new.tracking_type)


def check_names(names: Sequence[str], tracking_type: TrackingType) -> None:
    """Raises TargetFailure ``invalid`` for more rules than a group of this kind has."""
    if len(names) > MOST_RULES:
        raise TargetFailure("invalid", f"a target group has at most {MOST_RULES} targets")
    if tracking_type != "UNIFIED" and len(names) != 1:
        raise TargetFailure("invalid", f"a group with trackingType {tracking_type} has exactly one target")


def check_rule(new: NewRule) -> None:
    """Raises TargetFailure ``kind_not_counted``, ``field_missing`` or ``invalid``."""
    if new.type not in COUNTED.get(new.entity, frozenset()):
        raise TargetFailure("kind_not_counted", f"targetEntity {new.entity} with targetType {new.type} is not counted")
    counts_field = new.type in COUNT_A_FIELD
    if counts_field and not new.field_name:
        raise TargetFailure("field_missing")
    if not counts_field and new.field_name is not None:
        raise TargetFailure("invalid", f"extendedFieldInfo is of no use to targetType {new.type}")
    if not new.event_name:
        raise TargetFailure("invalid", "eventName must not be empty")
    if new.entity in {"TRANSACTION", "LINEITEM"} and new.event_name not in {"TransactionAdd", "ReturnBill"}:
        raise TargetFailure("invalid", f"eventName {new.event_name} has no {new.entity.lower()}s")
    if len(new.milestones) > MOST_MILESTONES:
        raise TargetFailure("invalid", f"a target has at most {MOST_MILESTONES} milestones")
    expression.parsed(new.expression, new.entity)


def check_levels(levels: Sequence[NewStreakLevel], tracking_type: TrackingType) -> None:
    """Raises TargetFailure ``invalid``: up to ten levels, of streaks only, ascending."""
    if levels and tracking_type not in STREAKS:
        raise TargetFailure("invalid", f"a group with trackingType {tracking_type} has no streaks")
    if len(levels) > MOST_LEVELS:
        raise TargetFailure("invalid", f"a target group has at most {MOST_LEVELS} streaks")
    lengths = [level.length for level in levels]
    if any(length < 1 for length in lengths) or lengths != sorted(set(lengths)):
        raise TargetFailure("invalid", "targetCountOfSequence must be at least 1 and ascending")
