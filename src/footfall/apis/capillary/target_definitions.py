"""Target groups as posted: checked, and turned into what the model makes of them (contracts/capillary.md 5.2, 5.3)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from msgspec import UNSET

from footfall.apis.capillary.target_dates import any_day, first_day, last_day, zone_named
from footfall.apis.capillary.target_failures import invalid
from footfall.apis.capillary.target_members import description_of, name_of, number_of, one_of
from footfall.apis.capillary.target_requests import (
    PeriodEditRequest,
    PeriodRequest,
    StreakRequest,
    TargetGroupEditRequest,
    TargetGroupRequest,
)
from footfall.apis.capillary.target_rules import new_rule
from footfall.model.target import (
    CombinationType,
    EvaluationType,
    FrequencyType,
    GroupChange,
    NewPeriod,
    NewStreakLevel,
    NewTargetGroup,
    PeriodChange,
    TargetGroup,
    TargetPeriod,
    TrackingType,
)
from footfall.model.workspace import Workspace
from footfall.targets.calendar import bounds

CALENDAR = "FIXED_CALENDAR_WINDOW"
_ALSO_SAID = {"STREAK": "STREAKS"}
_LARGEST_ID = 2**63 - 1
_WITHOUT_END = -1


def new_group(asked: TargetGroupRequest, workspace: Workspace) -> NewTargetGroup:
    """The group to make. Raises CapillaryError for what is invalid or not served."""
    if asked.leaderboard_enabled:
        raise invalid("leaderboardEnabled is not supported")
    zone = zone_named(asked.time_zone_name or workspace.timezone)
    evaluation: EvaluationType = one_of(
        EvaluationType, asked.target_evaluation_type or CALENDAR, "targetEvaluationType"
    )
    periods = [_period(period, zone, is_calendar=evaluation == CALENDAR) for period in asked.periods or ()]
    total = number_of(asked.total_periods, "totalPeriods") or 0
    if periods and total > len(periods):  # published bodies have fewer: the periods count
        raise invalid(f"totalPeriods is {total}, but {len(periods)} periods are given")
    _check_days(asked, periods, zone)
    return NewTargetGroup(
        name=name_of(asked.name, "name"),
        description=description_of(asked.description),
        active=asked.active,
        preferred_till_id=number_of(asked.preferred_till_id, "preferredTillId", _LARGEST_ID, least=-1),
        tracking_type=one_of(TrackingType, _ALSO_SAID.get(asked.tracking_type, asked.tracking_type), "trackingType"),
        evaluation_type=evaluation,
        combination_type=one_of(CombinationType, asked.combination_type or "ALL", "combinationType"),
        timezone=zone.key,
        frequency_type=one_of(FrequencyType, asked.frequency_type, "frequencyType"),
        frequency=number_of(asked.frequency, "frequency") or 0,
        recurring_cycles=number_of(asked.recurring_cycles, "recurringCycles", least=_WITHOUT_END) or 0,
        user_created=asked.user_created,
        total_periods=total,
        periods=tuple(periods),
        rules=tuple(new_rule(target, len(periods) or total) for target in asked.targets),
        levels=new_levels(asked.streaks or ()),
    )


def new_periods(asked: Sequence[PeriodRequest], group: TargetGroup) -> list[NewPeriod]:
    """More periods of a group. Raises CapillaryError."""
    if not asked:
        raise invalid("periods must not be empty")
    zone = ZoneInfo(group.timezone)
    return [_period(period, zone, is_calendar=group.evaluation_type == CALENDAR) for period in asked]


def new_levels(asked: Sequence[StreakRequest]) -> tuple[NewStreakLevel, ...]:
    """Streak levels. Raises CapillaryError."""
    return tuple(
        NewStreakLevel(
            name=name_of(one.name, "streak name"),
            length=number_of(one.target_count_of_sequence, "targetCountOfSequence") or 0,
            id=one.id,
        )
        for one in asked
    )


def group_change(asked: TargetGroupEditRequest, before: TargetGroup) -> GroupChange:
    """What is to change of a group; what is not said stays, and its kind is for good. Raises CapillaryError."""
    fixed = {
        "trackingType": (_ALSO_SAID.get(asked.tracking_type or "", asked.tracking_type), before.tracking_type),
        "targetEvaluationType": (asked.target_evaluation_type, before.evaluation_type),
        "frequencyType": (asked.frequency_type, before.frequency_type),
        "frequency": (asked.frequency, before.frequency),
        "timeZoneName": (asked.time_zone_name, before.timezone),
    }
    for member, (wanted, current) in fixed.items():
        if wanted is not None and wanted != current:
            raise invalid(f"{member} of a target group cannot be changed")
    if asked.leaderboard_enabled:
        raise invalid("leaderboardEnabled is not supported")
    combination = asked.combination_type
    return GroupChange(
        name=UNSET if asked.name is None else name_of(asked.name, "name"),
        description=UNSET if asked.description is None else description_of(asked.description),
        active=UNSET if asked.active is None else asked.active,
        preferred_till_id=UNSET
        if asked.preferred_till_id is None
        else number_of(asked.preferred_till_id, "preferredTillId", _LARGEST_ID, least=-1),
        combination_type=UNSET if combination is None else one_of(CombinationType, combination, "combinationType"),
        recurring_cycles=UNSET
        if asked.recurring_cycles is None
        else number_of(asked.recurring_cycles, "recurringCycles", least=_WITHOUT_END) or 0,
        user_created=UNSET if asked.user_created is None else asked.user_created,
    )


def period_change(asked: PeriodEditRequest, before: TargetPeriod, zone: ZoneInfo) -> PeriodChange:
    """What is to change of a period; what is not said stays. Raises CapillaryError."""
    if asked.ref_code is not None and asked.ref_code.strip() != before.ref_code:
        raise invalid("refCode of a period cannot be changed: enrolments name it")
    first = None if asked.start_date is None else first_day(asked.start_date, zone)
    last = None if asked.end_date is None else last_day(asked.end_date, zone)
    return PeriodChange(
        id=before.id,
        description=UNSET if asked.description is None else description_of(asked.description),
        active=UNSET if asked.active is None else asked.active,
        first_day=UNSET if first is None else first.isoformat(),
        starts_at=UNSET if first is None else bounds(first, first, zone)[0],
        last_day=UNSET if last is None else last.isoformat(),
        ends_at=UNSET if last is None else bounds(last, last, zone)[1],
    )


def _period(asked: PeriodRequest, zone: ZoneInfo, *, is_calendar: bool) -> NewPeriod:
    ref_code = None if asked.ref_code is None else name_of(asked.ref_code, "refCode")
    description = description_of(asked.description)
    if not is_calendar:
        return NewPeriod(ref_code=ref_code, description=description, active=asked.active)
    if asked.start_date is None or asked.end_date is None:
        raise invalid("each period has a startDate and an endDate")
    first, last = first_day(asked.start_date, zone), last_day(asked.end_date, zone)
    if last < first:
        raise invalid("endDate lies before startDate")
    starts_at, ends_at = bounds(first, last, zone)
    return NewPeriod(
        ref_code=ref_code,
        description=description,
        active=asked.active,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _check_days(asked: TargetGroupRequest, periods: Sequence[NewPeriod], zone: ZoneInfo) -> None:
    """The group's own dates say nothing that its periods do not; where they do, it is not served."""
    first = min((period.first_day for period in periods if period.first_day is not None), default=None)
    last = max((period.last_day for period in periods if period.last_day is not None), default=None)
    given = [
        None if text is None else any_day(text, member, zone).isoformat()
        for text, member in (
            (asked.from_date, "fromDate"),
            (asked.to_date, "toDate"),
            (asked.target_cycle_start_date, "targetCycleStartDate"),
        )
    ]
    if first is None or last is None:
        return
    from_day, to_day, start = given
    if (from_day is not None and from_day > first) or (to_day is not None and to_day < last):
        raise invalid("periods must lie between fromDate and toDate")
    if start is not None and start != first:
        raise invalid("targetCycleStartDate must be the first period's startDate")
