"""Rules (targets) as posted: checked, and turned into the model's (contracts/capillary.md 5.2, 5.3)."""

from collections.abc import Sequence
from typing import get_args

from msgspec import UNSET, UnsetType

from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.target_failures import invalid
from footfall.apis.capillary.target_members import description_of, goal_of, name_of, one_of, rule_name
from footfall.apis.capillary.target_requests import (
    ExtendedFieldInfo,
    FilterRequest,
    MilestoneTriggerRequest,
    TargetEditRequest,
    TargetRequest,
)
from footfall.model.target import (
    ALWAYS,
    TRANSACTION_ADD,
    AggregateFunction,
    EnrolmentMethod,
    Filter,
    FilterType,
    NewMilestone,
    NewRule,
    RuleChange,
    TargetEntity,
    TargetPeriod,
    TargetType,
)
from footfall.targets.checks import COUNT_A_FIELD

DOES_NOT_FIT = 310033
PERIOD_OF_ANOTHER_TARGET = 310118

Text = bool | str | None
"""An ``expression``, which clients write as a truth or as a text."""

_MOST_ENTITIES = 1_000
_LARGEST_ID = 2**63 - 1


def new_rule(asked: TargetRequest, periods: int) -> NewRule:
    """The rule to make in a group of so many periods. Raises CapillaryError."""
    goals = [goal_of(value.default_value) for value in asked.default_values or ()]
    if len(goals) > periods:
        raise invalid("there are more defaultValues than periods")
    entity = _entity(asked.target_entity, asked.target_type)
    info = asked.extended_field_info or ExtendedFieldInfo()
    return NewRule(
        name=rule_name(asked.name),
        description=description_of(asked.description),
        active=asked.active,
        entity=entity,
        event_name=_event_name(asked.event_name, entity),
        type=_type(asked.target_entity, asked.target_type),
        field_name=None if info.name is None else name_of(info.name, "extendedFieldInfo.name"),
        aggregate=one_of(AggregateFunction, info.aggregate_function, "aggregateFunction"),
        filters=_filters(asked.filters or ()),
        expression=_expression(asked.expression, asked.expression_json),
        expression_text=_expression_text(asked.expression),
        enrolment_method=one_of(EnrolmentMethod, asked.enrolment_method or "IMPORT", "enrolmentMethod"),
        goals=tuple(goals),
        milestones=_milestones(asked.target_milestone_triggers or ()),
    )


def rule_change(asked: TargetEditRequest, periods: Sequence[TargetPeriod]) -> RuleChange:
    """What is to change of a rule whose group has these periods; what is not said stays. Raises CapillaryError."""
    entity = UNSET if asked.target_entity is None else _entity(asked.target_entity, asked.target_type or "COUNT")
    is_expression = asked.expression is not None or asked.expression_json is not None
    info = asked.extended_field_info
    return RuleChange(
        name=UNSET if asked.name is None else rule_name(asked.name),
        description=UNSET if asked.description is None else description_of(asked.description),
        active=UNSET if asked.active is None else asked.active,
        entity=entity,
        event_name=UNSET if asked.event_name is None else name_of(asked.event_name, "eventName"),
        type=UNSET if asked.target_type is None else _type(asked.target_entity or "", asked.target_type),
        field_name=_changed_field(asked),
        aggregate=UNSET if info is None else one_of(AggregateFunction, info.aggregate_function, "aggregateFunction"),
        filters=UNSET if asked.filters is None else _filters(asked.filters),
        expression=_expression(asked.expression, asked.expression_json) if is_expression else UNSET,
        expression_text=UNSET if asked.expression is None else _expression_text(asked.expression),
        enrolment_method=UNSET
        if asked.enrolment_method is None
        else one_of(EnrolmentMethod, asked.enrolment_method, "enrolmentMethod"),
        goals=UNSET if asked.default_values is None else _goals(asked, periods),
        milestones=UNSET if asked.target_milestone_triggers is None else _milestones(asked.target_milestone_triggers),
    )


def _changed_field(asked: TargetEditRequest) -> str | UnsetType | None:
    """A target whose type becomes one that counts no field has none any more."""
    info = asked.extended_field_info
    if info is not None:
        return None if info.name is None else name_of(info.name, "extendedFieldInfo.name")
    return UNSET if asked.target_type is None or asked.target_type in COUNT_A_FIELD else None


def _goals(asked: TargetEditRequest, periods: Sequence[TargetPeriod]) -> dict[int, int]:
    """Goals by period: the one that an item names, else the one in its place."""
    goals = {}
    for position, value in enumerate(asked.default_values or ()):
        period = value.period_id
        if period is None:
            if position >= len(periods):
                raise invalid("there are more defaultValues than periods")
            period = periods[position].id
        elif all(period != own.id for own in periods):
            raise CapillaryError(400, PERIOD_OF_ANOTHER_TARGET, "Target Period not found for the target")
        goals[period] = goal_of(value.default_value)
    return goals


def _entity(entity: str, kind: str) -> TargetEntity:
    if entity not in get_args(TargetEntity):
        raise _does_not_fit(entity, kind)
    found: TargetEntity = one_of(TargetEntity, entity, "targetEntity")
    return found


def _type(entity: str, kind: str) -> TargetType:
    if kind not in get_args(TargetType):
        raise _does_not_fit(entity, kind)
    found: TargetType = one_of(TargetType, kind, "targetType")
    return found


def _does_not_fit(entity: str, kind: str) -> CapillaryError:
    return CapillaryError(400, DOES_NOT_FIT, f"targetEntity {entity} with targetType {kind} is not supported")


def _event_name(given: str | None, entity: TargetEntity) -> str:
    if given is not None:
        return name_of(given, "eventName")
    if entity == "EVENT":
        raise invalid("a target of events says in eventName which")
    return TRANSACTION_ADD


def _filters(asked: Sequence[FilterRequest]) -> tuple[Filter, ...]:
    filters = []
    for one in asked:
        if len(one.entity_ids) > _MOST_ENTITIES or not all(0 <= number <= _LARGEST_ID for number in one.entity_ids):
            raise invalid(f"a filter has up to {_MOST_ENTITIES} entityIds, none of them negative")
        filters.append(Filter(one_of(FilterType, one.entity_type, "entityType"), tuple(one.entity_ids)))
    return tuple(filters)


def _milestones(asked: Sequence[MilestoneTriggerRequest]) -> tuple[NewMilestone, ...]:
    return tuple(
        NewMilestone(
            name=name_of(one.trigger_name or f"MILESTONE_{number}", "triggerName"),
            value=goal_of(one.trigger_value, "triggerValue"),
            id=one.id,
        )
        for number, one in enumerate(asked, start=1)
    )


def _expression(text: Text, tree: str | None) -> str:
    """The tree, which decides; the text beside it is for people, and alone it can only be true."""
    if tree:
        return tree
    if _expression_text(text) != "true":
        raise invalid("an expression other than true needs its expressionJson")
    return ALWAYS


def _expression_text(text: Text) -> str:
    if text is None or text == "" or text is True or str(text).strip().lower() == "true":
        return "true"
    shown = str(text).strip()
    if len(shown) > 2**16 or "\0" in shown:
        raise invalid("expression is too long")
    return "false" if text is False else shown
