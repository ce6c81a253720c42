"""What a transaction did to targets, as the product tells it (contracts/capillary.md 6.1). Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from footfall.apis.capillary.transaction_schemas import TargetSideEffect
from footfall.model import amount
from footfall.model.target import Contribution, TargetDefinition

_THREE_DECIMALS = Decimal("0.001")


def target_side_effects(
    contributions: Iterable[Contribution], definitions: Mapping[int, TargetDefinition]
) -> list[TargetSideEffect]:
    """One entry for each rule that was fed, in their order; ``definitions`` by group."""
    return [_side_effect(one, definitions[one.group]) for one in contributions if one.group in definitions]


def _side_effect(fed: Contribution, definition: TargetDefinition) -> TargetSideEffect:
    group = definition.group
    rule = next(rule for rule in definition.rules if rule.id == fed.rule)
    period = next(period for period in definition.periods if period.id == fed.period)
    return TargetSideEffect(
        current_event_target_value=_double(fed.after - fed.before),
        defined_target_value=_decimal(fed.goal),
        period_end_date=period.last_day or "",
        period_ref_code=period.ref_code,
        period_start_date=period.first_day or "",
        target_achieved_value_after_event=_decimal(fed.after),
        target_achieved_value_before_event=_decimal(fed.before),
        target_evaluation_type=group.evaluation_type,
        target_group_id=str(group.id),
        target_group_name=group.name,
        target_name=rule.name,
        target_rule_id=str(rule.id),
        user_id=str(fed.customer),
    )


def _double(value: int) -> str:
    """``1000.0``: with at least one decimal."""
    text = amount.to_text(value)
    return text if "." in text else f"{text}.0"


def _decimal(value: int) -> str:
    """``1000.000``: with three decimals, as the product keeps them."""
    exact = Decimal(value).scaleb(-6)
    return f"{exact.quantize(_THREE_DECIMALS):f}"
