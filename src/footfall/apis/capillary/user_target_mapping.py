"""A customer's target groups as the product shows them (contracts/capillary.md 5.6)."""

import msgspec
from msgspec import UNSET

from footfall.apis.capillary import customers
from footfall.apis.capillary.target_definitions import ENTITY, EVALUATION_TYPE, EVENT_NAME
from footfall.apis.capillary.target_mapping import (
    View,
    attribution,
    exact,
    first_moment,
    last_moment,
    three_decimals,
    utc_timestamp,
)
from footfall.apis.capillary.target_schemas import (
    ChannelAnswer,
    LoyaltyInfoAnswer,
    UserAnswer,
    UserProfileAnswer,
    UserTargetAnswer,
    UserTargetGroupAnswer,
    UserTargetGroupsData,
)
from footfall.model.customer import Customer
from footfall.storage import customers as stored
from footfall.storage import transactions
from footfall.storage.connection import Connection
from footfall.targets.failure import TargetFailure
from footfall.targets.standing import GroupStanding, Standing, standings


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the customer's targets are asked for; ``tracking_at`` is the instant that counts as now."""

    tracking_at: int
    rule_or_group: int | None = None
    inactive_periods: bool = False
    inactive_targets: bool = False


def user_target_groups(connection: Connection, view: View, number: int, wanted: Wanted) -> UserTargetGroupsData:
    """The customer, and how he stands. Raises TargetFailure ``unknown_customer``."""
    customer = stored.by_number(connection, view.workspace.number, number)
    if customer is None or customer.deleted_at is not None:
        raise TargetFailure("unknown_customer")
    purchases = transactions.purchases(connection, view.workspace.number, number)
    found = standings(connection, view.workspace.number, number, view.now)
    names_a_rule = any(one.rule.id == wanted.rule_or_group for standing in found for one in standing.standings)
    groups = [
        _group(view, standing, chosen)
        for standing in found
        if (chosen := [one for one in standing.standings if _is_wanted(one, standing, wanted, names_a_rule)])
    ]
    return UserTargetGroupsData(number, _customer(view, customer, purchases), groups)


def _is_wanted(one: Standing, group: GroupStanding, wanted: Wanted, names_a_rule: bool) -> bool:  # noqa: FBT001
    """A number that is both a rule's and a group's id means the rule."""
    if wanted.rule_or_group not in {None, one.rule.id if names_a_rule else one.rule.group}:
        return False
    if not wanted.inactive_targets and not (group.definition.group.active and one.rule.active):
        return False
    return wanted.inactive_periods or (one.period.active and _is_running(one, wanted.tracking_at))


def _is_running(one: Standing, moment: int) -> bool:
    return one.period.starts_at <= moment < one.period.ends_at


def _group(view: View, standing: GroupStanding, chosen: list[Standing]) -> UserTargetGroupAnswer:
    group = standing.definition.group
    return UserTargetGroupAnswer(
        id=group.id,
        attribution=attribution(view, group.created_at, group.modified_at),
        name=group.name,
        preferred_till_id=group.preferred_till_id,
        targets=[_target(view, one) for one in chosen],
        target_evaluation_type=EVALUATION_TYPE,
        tracking_type=group.tracking_type,
    )


def _target(view: View, one: Standing) -> UserTargetAnswer:
    progress = one.progress
    return UserTargetAnswer(
        target_id=None if progress is None else progress.id,
        period_id=one.period.id,
        period_ref_code=one.period.ref_code,
        period_start_date=one.period.first_day or "",
        period_end_date=one.period.last_day or "",
        target_value=three_decimals(one.goal),
        target_achieved_value=three_decimals(one.value),
        target_name=one.rule.name,
        target_type=one.rule.type,
        target_entity=ENTITY,
        target_rule_id=one.rule.id,
        enrolled_on=utc_timestamp(view.now if progress is None else one.enrolment.enrolled_at),
        event_name=EVENT_NAME,
        period_start_date_with_time_stamp=first_moment(one.period.first_day or ""),
        period_end_date_with_time_stamp=last_moment(one.period.last_day or ""),
        last_updated_on=UNSET if progress is None else utc_timestamp(progress.updated_at),
        target_achieved_date_time=None if one.achieved is None else utc_timestamp(one.achieved.occurred_at),
        target_achieved_event_log_id=UNSET if one.achieved is None else one.achieved.sequence,
        current_period=_is_running(one, view.now),
        un_enrolled=UNSET if one.enrolment.enrolled else True,
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
