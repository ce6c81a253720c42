"""Target groups as posted: checked, and turned into what the model makes of them (contracts/capillary.md 5.2, 5.3).

Served: sums of transaction amounts in fixed calendar periods. All else is refused, never passed over in silence.
"""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.target_failures import invalid
from footfall.apis.capillary.target_schemas import PeriodRequest, TargetGroupRequest, TargetRequest
from footfall.model import amount
from footfall.model.target import (
    CombinationType,
    EnrolmentMethod,
    FrequencyType,
    NewPeriod,
    NewRule,
    NewTargetGroup,
    TargetType,
    TrackingType,
)
from footfall.model.workspace import Workspace
from footfall.targets.calendar import bounds

EVALUATION_TYPE = "FIXED_CALENDAR_WINDOW"
ENTITY = "TRANSACTION"
EVENT_NAME = "TransactionAdd"
ALWAYS = '{"arity":"literal","value":"true","type":"boolean:primitive"}'

_LONGEST_NAME = 200
_LONGEST_DESCRIPTION = 255
_LARGEST = 2**31 - 1
_YEARS = range(1900, 9999)  # shown with four digits in every zone
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})?(?P<offset>Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_MIDNIGHT = frozenset({None, "00:00", "00:00:00"})
_END_OF_DAY = _MIDNIGHT | {"23:59", "23:59:59"}


def new_group(asked: TargetGroupRequest, workspace: Workspace) -> NewTargetGroup:
    """The group to make. Raises CapillaryError for what is invalid or not served."""
    _refuse_what_is_not_served(asked)
    zone = _zone(asked.time_zone_name or workspace.timezone)
    periods = new_periods(asked.periods, zone)
    _check_days(asked, periods)
    if asked.tracking_type == "DEFAULT" and len(asked.targets) != 1:
        raise invalid("a group with trackingType DEFAULT has exactly one target")
    if not asked.targets:
        raise invalid("targets must not be empty")
    return NewTargetGroup(
        name=_name(asked.name, "name"),
        description=_description(asked.description),
        active=asked.active,
        preferred_till_id=_number(asked.preferred_till_id, "preferredTillId", 2**63 - 1, least=-1),
        tracking_type=_one_of(TrackingType, asked.tracking_type, "trackingType"),
        combination_type=_one_of(CombinationType, asked.combination_type or "ALL", "combinationType"),
        timezone=zone.key,
        frequency_type=_one_of(FrequencyType, asked.frequency_type, "frequencyType"),
        frequency=_number(asked.frequency, "frequency", _LARGEST) or 0,
        recurring_cycles=_number(asked.recurring_cycles, "recurringCycles", _LARGEST) or 0,
        user_created=asked.user_created,
        periods=tuple(periods),
        rules=tuple(_rule(target, len(periods)) for target in asked.targets),
    )


def new_periods(asked: list[PeriodRequest], zone: ZoneInfo) -> list[NewPeriod]:
    """The periods to make, whole days in ``zone``. Raises CapillaryError."""
    if not asked:
        raise invalid("periods must not be empty")
    return [_period(period, zone) for period in asked]


def _period(asked: PeriodRequest, zone: ZoneInfo) -> NewPeriod:
    first = _day(asked.start_date, "startDate", zone, _MIDNIGHT)
    last = _day(asked.end_date, "endDate", zone, _END_OF_DAY)
    if last < first:
        raise invalid("endDate lies before startDate")
    starts_at, ends_at = bounds(first, last, zone)
    return NewPeriod(
        ref_code=None if asked.ref_code is None else _name(asked.ref_code, "refCode"),
        description=_description(asked.description),
        active=asked.active,
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _rule(asked: TargetRequest, periods: int) -> NewRule:
    _refuse_other_rules(asked)
    goals = [_goal(value.default_value) for value in asked.default_values or ()]
    if len(goals) > periods:
        raise invalid("there are more defaultValues than periods")
    return NewRule(
        name=_name(asked.name, "target name", code=310008),
        description=_description(asked.description),
        active=asked.active,
        type=_one_of(TargetType, asked.target_type, "targetType"),
        expression=asked.expression_json or ALWAYS,
        enrolment_method=_one_of(EnrolmentMethod, asked.enrolment_method or "IMPORT", "enrolmentMethod"),
        goals=tuple(goals),
    )


def _refuse_what_is_not_served(asked: TargetGroupRequest) -> None:
    if asked.tracking_type not in get_args(TrackingType):
        raise invalid(f"trackingType {asked.tracking_type} is not supported; DEFAULT and UNIFIED are")
    if asked.target_evaluation_type not in {None, EVALUATION_TYPE}:
        raise invalid(f"targetEvaluationType {asked.target_evaluation_type} is not supported; {EVALUATION_TYPE} is")
    if asked.streaks:
        raise invalid("streaks are not supported")
    if asked.leaderboard_enabled:
        raise invalid("leaderboardEnabled is not supported")
    if asked.total_periods != len(asked.periods):
        raise invalid(f"totalPeriods is {asked.total_periods}, but {len(asked.periods)} periods are given")


def _refuse_other_rules(asked: TargetRequest) -> None:
    if asked.target_type == "EXTENDED_FIELD" and asked.extended_field_info is None:
        message = "Target rule metadata is required in case of EXTENDED_FIELD/ALTERNATE_CURRENCIES target type"
        raise CapillaryError(400, 310094, message)
    if asked.target_entity != ENTITY or asked.target_type not in get_args(TargetType):
        message = f"targetEntity {asked.target_entity} with targetType {asked.target_type} is not supported"
        raise CapillaryError(400, 310033, message)
    if asked.event_name not in {None, EVENT_NAME}:
        raise invalid(f"eventName {asked.event_name} is not supported; {EVENT_NAME} is")
    if str(asked.expression).lower() not in {"none", "", "true"} or not _is_always(asked.expression_json):
        raise invalid("expression and expressionJson other than true are not supported")
    if asked.filters:
        raise invalid("filters are not supported")
    if asked.extended_field_info:
        raise invalid("extendedFieldInfo is not supported")
    if asked.target_milestone_triggers:
        raise invalid("targetMilestoneTriggers are not supported")


def _is_always(expression: str | None) -> bool:
    if not expression:
        return True
    try:
        tree = msgspec.json.decode(expression)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return tree is True or (
        isinstance(tree, dict) and tree.get("arity") == "literal" and tree.get("value") in {"true", True}
    )


def _check_days(asked: TargetGroupRequest, periods: list[NewPeriod]) -> None:
    """The group's own dates say nothing that its periods do not; where they do, it is not served."""
    first, last = min(period.first_day or "" for period in periods), max(period.last_day or "" for period in periods)
    begins_late = asked.from_date is not None and _written_day(asked.from_date, "fromDate").isoformat() > first
    ends_early = asked.to_date is not None and _written_day(asked.to_date, "toDate").isoformat() < last
    if begins_late or ends_early:
        raise invalid("periods must lie between fromDate and toDate")
    start = asked.target_cycle_start_date
    if start is not None and _written_day(start, "targetCycleStartDate").isoformat() != first:
        raise invalid("targetCycleStartDate must be the first period's startDate")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(f"timeZoneName {name!r} is not an IANA time zone") from None


def _day(text: str, member: str, zone: ZoneInfo, boundary: frozenset[str | None]) -> date:
    """The day that ``text`` names: as written, or in ``zone`` where only there it is a day's boundary."""
    match = _MOMENT.fullmatch(text.strip())
    day = _written_day(text, member)
    if match is None or match["clock"] in boundary:
        return day
    offset = match["offset"]
    if offset is not None:
        try:
            moment = datetime.fromisoformat(f"{day.isoformat()}T{match['clock']}{offset}").astimezone(zone)
        except (ValueError, OverflowError):
            raise invalid(f"{member} {text!r} is not an ISO 8601 date") from None
        if f"{moment:%H:%M:%S}" in boundary:
            return moment.date()
    raise invalid(f"{member} {text!r} is not the boundary of a day; periods are whole days")


def _written_day(text: str, member: str) -> date:
    match = _MOMENT.fullmatch(text.strip())
    try:
        day = None if match is None else date.fromisoformat(match["day"])
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise invalid(f"{member} {text!r} is not an ISO 8601 date")
    return day


def _goal(given: Decimal | None) -> int:
    parsed = None if given is None else amount.parse(given)
    if parsed is None or parsed < 0:
        raise invalid("defaultValue must be a number that is not negative")
    rounded = amount.parse((Decimal(parsed) / amount.MILLIONTHS).quantize(Decimal("0.001"), ROUND_HALF_EVEN))
    assert rounded is not None
    return rounded


def _name(text: str, member: str, *, code: int | None = None) -> str:
    stripped = text.strip()
    if len(stripped) > _LONGEST_NAME and code is not None:
        raise CapillaryError(400, code, f"Length of Target rule name cannot exceed {_LONGEST_NAME}")
    if not stripped or len(stripped) > _LONGEST_NAME or "\0" in stripped:
        raise invalid(f"{member} has 1 to {_LONGEST_NAME} characters")
    return stripped


def _description(text: str | None) -> str | None:
    if text is not None and (len(text) > _LONGEST_DESCRIPTION or "\0" in text):
        raise invalid(f"a description has at most {_LONGEST_DESCRIPTION} characters")
    return text


def _number(given: int | None, member: str, largest: int, *, least: int = 0) -> int | None:
    if given is not None and not least <= given <= largest:
        raise invalid(f"{member} is out of range")
    return given


def _one_of(kind: Any, given: str, member: str) -> Any:
    """``given`` as one of the Literal ``kind``'s values."""
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError:
        raise invalid(f"{member} {given} is not one of {', '.join(get_args(kind))}") from None
