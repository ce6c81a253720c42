"""A customer's target groups as the product shows them (contracts/capillary.md 5.6)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from footfall.apis.capillary import customers
from footfall.apis.capillary.target_mapping import (
    View,
    attribution,
    exact,
    first_moment,
    last_moment,
    rule_answers,
    three_decimals,
    utc_timestamp,
)
from footfall.apis.capillary.target_schemas import (
    ChannelAnswer,
    LoyaltyInfoAnswer,
    TargetAnswer,
    UserAnswer,
    UserMilestoneAnswer,
    UserProfileAnswer,
    UserStreakAnswer,
    UserTargetAnswer,
    UserTargetGroupAnswer,
    UserTargetGroupsData,
)
from footfall.model import instant
from footfall.model.customer import Customer
from footfall.storage import customers as stored
from footfall.storage import target_authors, transactions
from footfall.storage.connection import Connection
from footfall.storage.target_authors import Part
from footfall.targets.failure import TargetFailure
from footfall.targets.standing import GroupStanding, Standing, check_customer, standings
from footfall.targets.streaks import Streak


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the customer's targets are asked for; ``tracking_at`` is the instant that counts as now."""

    tracking_at: int
    rule_or_group: int | None = None
    inactive_periods: bool = False
    inactive_targets: bool = False


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the targets that a customer is enrolled in; None: any."""

    rules: frozenset[int] | None
    tracking_at: int | None
    method: str | None
    only_user_created: bool


def enrolled_targets(connection: Connection, view: View, number: int, wanted: Enrolled) -> list[TargetAnswer]:
    """The rules that the customer is enrolled in. Raises TargetFailure ``unknown_customer``."""
    check_customer(connection, view.workspace.number, number)
    shown = []
    found = standings(connection, view.workspace.number, number, view.now)
    view = _with_authors(connection, view, found)
    for group in found:
        chosen = {one.rule.id for one in group.standings if _is_enrolled(one, group, wanted)}
        shown += rule_answers(view, group.definition, chosen)
    return sorted(shown, key=lambda rule: rule.id)


def _is_enrolled(one: Standing, group: GroupStanding, wanted: Enrolled) -> bool:
    return (
        one.enrolment.enrolled
        and one.rule.active
        and group.definition.group.active
        and (wanted.rules is None or one.rule.id in wanted.rules)
        and (wanted.method is None or one.rule.enrolment_method == wanted.method)
        and (not wanted.only_user_created or group.definition.group.user_created)
        and (wanted.tracking_at is None or _is_running(one, wanted.tracking_at))
    )


def user_target_groups(connection: Connection, view: View, number: int, wanted: Wanted) -> UserTargetGroupsData:
    """The customer, and how he stands. Raises TargetFailure ``unknown_customer``."""
    customer = stored.by_number(connection, view.workspace.number, number)
    if customer is None or customer.deleted_at is not None:
        raise TargetFailure("unknown_customer")
    purchases = transactions.purchases(connection, view.workspace.number, number)
    found = standings(connection, view.workspace.number, number, view.now)
    view = _with_authors(connection, view, found)
    names_a_rule = any(one.rule.id == wanted.rule_or_group for standing in found for one in standing.standings)
    groups = [
        _group(view, standing, chosen)
        for standing in found
        if (chosen := [one for one in standing.standings if _is_wanted(one, standing, wanted, names_a_rule)])
    ]
    return UserTargetGroupsData(number, _customer(view, customer, purchases), groups)


def _with_authors(connection: Connection, view: View, found: Sequence[GroupStanding]) -> View:
    groups = [standing.definition.group.id for standing in found]
    return msgspec.structs.replace(
        view, authors=target_authors.of_groups(connection, view.workspace.number, groups) if groups else {}
    )


def _is_wanted(one: Standing, group: GroupStanding, wanted: Wanted, names_a_rule: bool) -> bool:  # noqa: FBT001
    """A number that is both a rule's and a group's id means the rule."""
    if wanted.rule_or_group not in {None, one.rule.id if names_a_rule else one.rule.group}:
        return False
    if not wanted.inactive_targets and not (group.definition.group.active and one.rule.active):
        return False
    return wanted.inactive_periods or (one.period.active and _is_running(one, wanted.tracking_at))


def _is_running(one: Standing, moment: int) -> bool:
    """A cycle of the customer's own that has not begun is not running, one without an end is."""
    return one.starts_at is not None and one.starts_at <= moment and (one.ends_at is None or moment < one.ends_at)


def _group(view: View, standing: GroupStanding, chosen: list[Standing]) -> UserTargetGroupAnswer:
    group = standing.definition.group
    zone = ZoneInfo(group.timezone)
    return UserTargetGroupAnswer(
        id=group.id,
        attribution=attribution(view, group.created_at, group.modified_at, (Part.GROUP, group.id)),
        name=group.name,
        preferred_till_id=group.preferred_till_id,
        targets=[_target(view, one, zone) for one in chosen],
        streaks=[_streak(one) for one in standing.streaks] if standing.definition.levels else UNSET,
        target_evaluation_type=group.evaluation_type,
        tracking_type=group.tracking_type,
    )


def _target(view: View, one: Standing, zone: ZoneInfo) -> UserTargetAnswer:
    progress = one.progress
    first, last = _days(one, zone)
    milestones = [
        UserMilestoneAnswer(
            each.milestone.id, each.milestone.name, three_decimals(each.milestone.value), each.is_achieved
        )
        for each in one.milestones
    ]
    return UserTargetAnswer(
        target_id=None if progress is None else progress.id,
        period_id=one.period.id,
        period_ref_code=one.period.ref_code,
        period_start_date=first,
        period_end_date=last,
        target_value=three_decimals(one.goal),
        target_achieved_value=three_decimals(one.value),
        target_name=one.rule.name,
        target_type=one.rule.type,
        target_entity=one.rule.entity,
        target_rule_id=one.rule.id,
        enrolled_on=utc_timestamp(view.now if progress is None else one.enrolment.enrolled_at),
        event_name=one.rule.event_name,
        period_start_date_with_time_stamp=_moment(one, one.starts_at, first_moment(first)),
        period_end_date_with_time_stamp=_moment(one, one.ends_at, last_moment(last)),
        last_updated_on=UNSET if progress is None else utc_timestamp(progress.updated_at),
        target_achieved_date_time=None if one.achieved is None else utc_timestamp(one.achieved.occurred_at),
        target_achieved_event_log_id=UNSET if one.achieved is None else one.achieved.sequence,
        current_period=_is_running(one, view.now),
        un_enrolled=UNSET if one.enrolment.enrolled else True,
        milestones=milestones or None,
    )


def _days(one: Standing, zone: ZoneInfo) -> tuple[str | None, str | None]:
    """First and last day of the period, or of the customer's own cycle in the group's zone, as far as it has them."""
    if one.period.first_day is not None:
        return one.period.first_day, one.period.last_day
    starts = None if one.starts_at is None else instant.to_datetime(one.starts_at, zone).date().isoformat()
    ends = None if one.ends_at is None else instant.to_datetime(one.ends_at - 1, zone).date().isoformat()
    return starts, ends


def _moment(one: Standing, moment: int | None, of_day: str | None) -> str | None:
    """A calendar period's ends are told by its days; those of a customer's own cycle as they are."""
    if one.period.first_day is not None:
        return of_day
    return None if moment is None else utc_timestamp(moment)


def _streak(one: Streak) -> UserStreakAnswer:
    """A customer has one standing in each level, so the level's id is also that of the standing."""
    return UserStreakAnswer(
        user_streak_id=one.level.id,
        streak_id=one.level.id,
        streak_name=one.level.name,
        status=one.status,
        current_count=one.count,
        total_target_count_of_sequence=one.level.length,
        streak_achieved_user_target_id=one.progress,
        streak_achieved_date_time=None if one.achieved_at is None else utc_timestamp(one.achieved_at),
    )


def _customer(view: View, customer: Customer, purchases: int) -> UserAnswer:
    name = customers.info(customer)
    channels = [
        ChannelAnswer(type=kind, value=value, primary=True, verified=False)
        for kind, value in (("mobile", customer.mobile), ("email", customer.email))
        if value is not None
    ]
    profile = UserProfileAnswer(
        first_name=name.first_name,
        last_name=name.last_name,
        comm_channels=channels,
        account_id=customer.account_id or "",
        user_id=customer.number,
    )
    return UserAnswer(
        id=customer.number,
        profiles=[profile],
        loyalty_info=LoyaltyInfoAnswer(
            attribution=attribution(view, customer.created_at, customer.modified_at or customer.created_at),
            lifetime_purchases=exact(purchases),
        ),
    )
