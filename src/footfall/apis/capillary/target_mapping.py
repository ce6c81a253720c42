"""Targets as the product shows them (contracts/capillary.md 4.2, 5.3, 5.6)."""

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

import msgspec
from msgspec import UNSET

from footfall.apis.capillary.attribution import own_till
from footfall.apis.capillary.target_schemas import (
    ActorAnswer,
    AttributionAnswer,
    DefaultValueAnswer,
    FieldInfoAnswer,
    FilterAnswer,
    PeriodAnswer,
    StreakAnswer,
    TargetAnswer,
    TargetGroupAnswer,
    TrackedEventAnswer,
    TriggerAnswer,
)
from footfall.model import amount, instant
from footfall.model.organisation import Till
from footfall.model.target import (
    GENERIC_EVENT,
    StreakLevel,
    TargetDefinition,
    TargetPeriod,
    TargetRule,
    TrackedEvent,
)
from footfall.model.workspace import Workspace
from footfall.storage.target_authors import Authors, Part
from footfall.targets.calendar import current, status
from footfall.targets.settings import settings_of

_NOBODY = Authors(None, None)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (the texts show no zone)


class View(msgspec.Struct, frozen=True):
    """Who looks, and when: what an answer depends on beside what is stored."""

    workspace: Workspace
    now: int
    authors: Mapping[tuple[int, int], Authors] = {}
    """By part of a group and its id."""

    @property
    def zone(self) -> tzinfo:
        """The zone of the product's server."""
        return settings_of(self.workspace).server_zone


def group_answer(view: View, shown: TargetDefinition, *, with_periods: bool, listed: bool) -> TargetGroupAnswer:
    """A group. ``listed``: as reads show it, with the running period and the time of creation."""
    group = shown.group
    running = current(shown.periods, view.now) if listed and with_periods else None
    return TargetGroupAnswer(
        id=group.id,
        name=group.name,
        active=group.active,
        preferred_till_id=group.preferred_till_id,
        periods=[period_answer(view, period) for period in shown.periods] if with_periods else UNSET,
        active_period=UNSET if running is None else period_answer(view, running),
        streaks=[_level_answer(view, level) for level in shown.levels] if shown.levels else UNSET,
        total_periods=group.total_periods,
        description=group.description,
        target_evaluation_type=group.evaluation_type,
        recurring_cycles=group.recurring_cycles,
        frequency=group.frequency,
        target_cycle_start_date=first_moment(
            min((period.first_day for period in shown.periods if period.first_day is not None), default=None)
        ),
        target_cycle_end_date=last_moment(
            max((period.last_day for period in shown.periods if period.last_day is not None), default=None)
        ),
        frequency_type=group.frequency_type,
        tracking_type=group.tracking_type,
        created_on=group.created_at // instant.MILLISECOND if listed else UNSET,
        targets=rule_answers(view, shown),
        leaderboard_enabled=False,
        user_created=group.user_created,
    )


def period_answer(view: View, period: TargetPeriod) -> PeriodAnswer:
    """A period; its status is that of now."""
    return PeriodAnswer(
        id=period.id,
        attribution=attribution(view, period.created_at, period.modified_at, (Part.PERIOD, period.id)),
        start_date=period.first_day,
        end_date=period.last_day,
        ref_code=period.ref_code,
        period_status=status(period, view.now),
        target_group_id=period.group,
        description=period.description,
        active=period.active,
    )


def rule_answers(view: View, shown: TargetDefinition, only: Container[int] | None = None) -> list[TargetAnswer]:
    """The rules of a group, or those of these ids."""
    return [_rule_answer(view, rule, shown) for rule in shown.rules if only is None or rule.id in only]


def _rule_answer(view: View, rule: TargetRule, shown: TargetDefinition) -> TargetAnswer:
    """A rule with its goals. There is no rule engine beside ours: a rule is its own rule set."""
    values = [
        DefaultValueAnswer(goal.id, goal.period, three_decimals(goal.value))
        for goal in shown.goals
        if goal.rule == rule.id
    ]
    triggers = [
        TriggerAnswer(milestone.id, milestone.name, three_decimals(milestone.value))
        for milestone in shown.milestones
        if milestone.rule == rule.id
    ]
    return TargetAnswer(
        id=rule.id,
        attribution=attribution(view, rule.created_at, rule.modified_at, (Part.RULE, rule.id)),
        name=rule.name,
        emf_rule_set_id=rule.id,
        target_type=rule.type,
        target_entity=rule.entity,
        event_name=rule.event_name,
        target_group_id=rule.group,
        description=rule.description,
        active=rule.active,
        expression=rule.expression_text,
        expression_json=rule.expression,
        filters=[FilterAnswer(one.entity_type, one.entity_ids) for one in rule.filters],
        enrolment_method=rule.enrolment_method,
        default_values=values,
        target_period_default_values_map={str(value.period_id): value for value in values},
        extended_field_info=UNSET if rule.field_name is None else FieldInfoAnswer(rule.field_name, rule.aggregate),
        target_milestone_triggers=triggers or UNSET,
    )


def _level_answer(view: View, level: StreakLevel) -> StreakAnswer:
    return StreakAnswer(
        id=level.id,
        attribution=attribution(view, level.created_at, level.modified_at, (Part.LEVEL, level.id)),
        target_group_id=level.group,
        name=level.name,
        target_count_of_sequence=level.length,
    )


def tracked_answers(tracked: Iterable[TrackedEvent], zone: tzinfo) -> list[TrackedEventAnswer]:
    """Rows of the tracked events."""
    timestamp = sql_clock(zone)
    return [_tracked_answer(event, timestamp) for event in tracked]


def _tracked_answer(tracked: TrackedEvent, timestamp: Callable[[int], str]) -> TrackedEventAnswer:
    return TrackedEventAnswer(
        event_log_id=tracked.sequence,
        event_name=tracked.name,
        customer_id=tracked.customer,
        event_display_name=tracked.display_name,
        unique_id=tracked.unique_id,
        event_date=timestamp(tracked.occurred_at),
        event_processed_date=timestamp(tracked.processed_at),
        period_id=tracked.period,
        target_group_id=tracked.group,
        target_rule_id=tracked.rule,
        target_value=three_decimals(tracked.value) if tracked.name == GENERIC_EVENT else exact(tracked.value),
    )


def attribution(
    view: View, created_at: int, modified_at: int, part: tuple[Part, int] | None = None
) -> AttributionAnswer:
    """When and at which till ``part`` of a group was made and changed; what is told of no till is the own one's."""
    authors = _NOBODY if part is None else view.authors.get(part, _NOBODY)
    own = own_till(view.workspace)
    return AttributionAnswer(
        created_on=zoned_timestamp(created_at, view.zone),
        last_updated_on=zoned_timestamp(modified_at, view.zone),
        last_updated_by=_actor(authors.modified_by or own),
        created_by=_actor(authors.created_by or own),
    )


def _actor(till: Till) -> ActorAnswer:
    return ActorAnswer(till.id, till.code, till.description, till.name, "TILL")


def sql_clock(zone: tzinfo) -> Callable[[int], str]:
    """Shows instants as ``YYYY-MM-DD HH:MM:SS.0``: cut to the second, as every sample of the product is."""
    offset = zone.utcoffset(None)
    if offset is None:  # the zone's clock is changed at times
        return lambda moment: f"{datetime.fromtimestamp(moment // instant.SECOND, zone).isoformat(' ')[:19]}.0"
    epoch = _EPOCH + offset
    return lambda moment: f"{(epoch + timedelta(0, moment // instant.SECOND)).isoformat(' ')}.0"


def zoned_timestamp(moment: int, zone: tzinfo) -> str:
    """``YYYY-MM-DDTHH:MM:SS.mmm+0000``."""
    shown = instant.to_datetime(moment, zone)
    return f"{shown.replace(tzinfo=None).isoformat(timespec='milliseconds')}{shown:%z}"


def utc_timestamp(moment: int) -> str:
    """``YYYY-MM-DDTHH:MM:SS.mmmZ``."""
    return instant.to_datetime(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def first_moment(day: str | None) -> str | None:
    """The start of a period's first day, with the ``Z`` that the product writes whatever the zone."""
    return None if day is None else f"{day}T00:00:00.000Z"


def last_moment(day: str | None) -> str | None:
    """The end of a period's last day."""
    return None if day is None else f"{day}T23:59:59.000Z"


def exact(value: int) -> Decimal:
    """An amount as a number without trailing zeros: ``1000``, ``2000.46``."""
    whole, rest = divmod(value, amount.MILLIONTHS)
    return Decimal(amount.to_text(value) if rest else whole)


def three_decimals(value: int) -> Decimal:
    """An amount as the product renders its decimals: ``1.000``; more digits only where there are more."""
    shown = exact(value)
    return shown.quantize(Decimal("0.001")) if shown == round(shown, 3) else shown
