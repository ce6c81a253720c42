"""Changes of targets as posted, applied in one writing transaction each (contracts/capillary.md 5.4)."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from footfall.apis.capillary.caller import Caller
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.target_dates import first_day
from footfall.apis.capillary.target_definitions import (
    group_change,
    new_group,
    new_levels,
    new_periods,
    period_change,
)
from footfall.apis.capillary.target_failures import invalid
from footfall.apis.capillary.target_requests import (
    PeriodEditRequest,
    PeriodRequest,
    TargetEditRequest,
    TargetGroupEditRequest,
    TargetGroupRequest,
    TargetRequest,
)
from footfall.apis.capillary.target_rules import new_rule, rule_change
from footfall.model.target import NewRule, TargetDefinition, TargetPeriod, TargetRule
from footfall.storage import behavioural_events, target_authors, targets
from footfall.storage.connection import Connection
from footfall.targets import definition, editing
from footfall.targets.failure import TargetFailure

T = TypeVar("T")

FIELD_OF_WRONG_TYPE = 310092

_LARGEST_ID = 2**63 - 1


def create(connection: Connection, caller: Caller, asked: TargetGroupRequest) -> TargetDefinition:
    """Makes a group."""
    workspace = caller.workspace
    new = new_group(asked, workspace)
    _check_attributes(connection, workspace.number, new.rules)
    made = definition.create(connection, workspace.number, new)
    target_authors.note(connection, workspace.number, made.group.id, {}, caller.till.id)
    return made


def attributed(connection: Connection, caller: Caller, group: int, change: Callable[..., T], *asked: object) -> T:
    """Runs ``change(connection, workspace, group, *asked)``, and notes at which till the group's parts were changed."""
    workspace = caller.workspace.number
    connection.lock(workspace)
    before = target_authors.stamps(connection, workspace, group)
    done = change(connection, workspace, group, *asked)
    target_authors.note(connection, workspace, group, before, caller.till.id)
    return done


def edit_group(connection: Connection, workspace: int, group: int, asked: TargetGroupEditRequest) -> TargetDefinition:
    """Changes a group and, where the body names them, its periods, targets and streaks."""
    before = targets.group_by_id(connection, workspace, group)
    if before is None:
        raise TargetFailure("unknown_group")
    editing.edit_group(connection, workspace, group, group_change(asked, before))
    if asked.periods is not None:
        edit_periods(connection, workspace, group, asked.periods, may_add=True)
    if asked.targets is not None:
        put_targets(connection, workspace, group, asked.targets)
    if asked.streaks is not None:
        editing.put_levels(connection, workspace, group, new_levels(asked.streaks))
    return definition.definition(connection, workspace, group)


def add_periods(
    connection: Connection, workspace: int, group: int, asked: Sequence[PeriodRequest]
) -> list[TargetPeriod]:
    """Gives a group more periods."""
    own = definition.active_group(connection, workspace, group)
    return definition.add_periods(connection, workspace, group, new_periods(asked, own))


def edit_periods(
    connection: Connection, workspace: int, group: int, asked: Sequence[PeriodEditRequest], *, may_add: bool = False
) -> list[TargetPeriod]:
    """Changes periods, and gives those; with ``may_add``, one that is named by nothing known is a new one."""
    own = definition.active_group(connection, workspace, group)
    known = targets.periods_of(connection, workspace, [group])
    zone = ZoneInfo(own.timezone)
    changes, new = [], []
    for one in asked:
        before = next((period for period in known if _is_named(period, one, zone)), None)
        if before is not None:
            changes.append(period_change(one, before, zone))
        elif may_add and one.id is None:
            new.append(_as_new(one))
        else:
            raise TargetFailure("unknown_period")
    changed = editing.edit_periods(connection, workspace, group, changes) if changes else []
    return changed + (add_periods(connection, workspace, group, new) if new else [])


def add_targets(
    connection: Connection, workspace: int, group: int, asked: Sequence[TargetRequest]
) -> tuple[TargetDefinition, set[int]]:
    """Gives a unified group more rules; the group, and the ids of the new ones."""
    if not asked:
        raise invalid("targets must not be empty")
    definition.active_group(connection, workspace, group)
    known = targets.periods_of(connection, workspace, [group])
    rules = [new_rule(one, len(known)) for one in asked]
    _check_attributes(connection, workspace, rules)
    added = definition.add_rules(connection, workspace, group, rules)
    return definition.definition(connection, workspace, group), {rule.id for rule in added}


def put_targets(
    connection: Connection, workspace: int, group: int, asked: Sequence[TargetEditRequest]
) -> TargetDefinition:
    """Changes the rules that have an id or a known name, adds others; the target of a group of one needs neither."""
    own = definition.active_group(connection, workspace, group)
    known = targets.rules_of(connection, workspace, [group])
    only = known[0].id if own.tracking_type != "UNIFIED" and len(asked) == 1 else None
    new = []
    for one in asked:
        rule = next((found for found in (one.id, _named(one, known), only) if found is not None), None)
        if rule is None:
            new.append(_as_new_target(one))
        else:
            edit_target(connection, workspace, group, rule, one)
    if new:
        add_targets(connection, workspace, group, new)
    return definition.definition(connection, workspace, group)


def put_unified_targets(
    connection: Connection, workspace: int, group: int, asked: Sequence[TargetEditRequest]
) -> TargetDefinition:
    """As ``put_targets``, of a unified group."""
    if definition.active_group(connection, workspace, group).tracking_type != "UNIFIED":
        raise invalid("the target group is not UNIFIED")
    return put_targets(connection, workspace, group, asked)


def edit_target(
    connection: Connection, workspace: int, group: int, rule: int, asked: TargetEditRequest
) -> TargetDefinition:
    """Changes a rule, and the streaks of its group where the body names them."""
    definition.active_group(connection, workspace, group)
    if not 0 < rule <= _LARGEST_ID:
        raise TargetFailure("unknown_rule")
    periods = targets.periods_of(connection, workspace, [group])
    changed = editing.edit_rule(connection, workspace, group, rule, rule_change(asked, periods))
    if changed.entity == "EVENT" and changed.field_name is not None:
        _check_attribute(connection, workspace, changed.event_name, changed.field_name)
    if asked.streaks is not None:
        editing.put_levels(connection, workspace, group, new_levels(asked.streaks))
    return definition.definition(connection, workspace, group)


def _is_named(period: TargetPeriod, asked: PeriodEditRequest, zone: ZoneInfo) -> bool:
    """By its id, else its refCode, else the day it begins on."""
    if asked.id is not None:
        return period.id == asked.id
    if asked.ref_code is not None:
        return period.ref_code == asked.ref_code.strip()
    return asked.start_date is not None and period.first_day == first_day(asked.start_date, zone).isoformat()


def _named(asked: TargetEditRequest, known: Sequence[TargetRule]) -> int | None:
    """The rule that goes by the name, in any case of letters."""
    name = None if asked.name is None else asked.name.strip().casefold()
    return next((rule.id for rule in known if rule.name.casefold() == name), None)


def _as_new(asked: PeriodEditRequest) -> PeriodRequest:
    return PeriodRequest(
        start_date=asked.start_date,
        end_date=asked.end_date,
        ref_code=asked.ref_code,
        description=asked.description,
        active=asked.active is not False,
    )


def _as_new_target(asked: TargetEditRequest) -> TargetRequest:
    if asked.name is None or asked.target_entity is None or asked.target_type is None:
        raise invalid("a target without id is a new one: it has a name, a targetEntity and a targetType")
    said = {name: value for name in TargetRequest.__struct_fields__ if (value := getattr(asked, name)) is not None}
    return TargetRequest(**said)


def _check_attributes(connection: Connection, workspace: int, rules: Sequence[NewRule]) -> None:
    """Raises CapillaryError 310092 where an attribute to count is none of the event's, or no number."""
    for rule in rules:
        if rule.entity == "EVENT" and rule.type == "EVENT_ATTRIBUTE" and rule.field_name is not None:
            _check_attribute(connection, workspace, rule.event_name, rule.field_name)


def _check_attribute(connection: Connection, workspace: int, event_name: str, attribute: str) -> None:
    """Events that other products capture have no definition: their attributes are what they are."""
    defined = behavioural_events.definition(connection, workspace, event_name)
    if defined is None:
        return
    kinds = [field.kind for field in defined.fields if field.name == attribute]
    if kinds != ["double"]:
        raise CapillaryError(
            400, FIELD_OF_WRONG_TYPE, f"Extended field {attribute} is unknown or not of the data type double"
        )
