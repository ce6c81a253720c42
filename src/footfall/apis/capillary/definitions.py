"""Definitions of behavioural events: from the wire, checked, and back (contracts/capillary.md 2.2, 2.3)."""

import re

from msgspec import UNSET

from footfall.apis.capillary import identity, pattern
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.event_settings import settings_of
from footfall.apis.capillary.field_types import COUPON_TYPES, PRODUCT_TYPES, TYPES
from footfall.apis.capillary.schemas import DefinitionRequest, EventMeta, StandardEventMeta
from footfall.apis.capillary.standard_events import StandardEvent
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition, Field
from footfall.model.workspace import Workspace

ACTIONS = frozenset({"EIConsumer", "EMFConsumer"})

_COUPON_TYPES = frozenset(name.casefold() for name in COUPON_TYPES)
_PRODUCT_TYPES = frozenset(name.casefold() for name in PRODUCT_TYPES)
_EVENT_NAME = re.compile(r"\w{1,100}", re.ASCII)
_LONGEST_ATTRIBUTE = 50
_LONGEST_TEXT = 1000


def definition(asked: DefinitionRequest, workspace: Workspace, now: int) -> Definition:
    """The definition that was asked for. Raises CapillaryError where it is not sound."""
    _check_name(asked.event_name)
    if not asked.actions or not ACTIONS.issuperset(asked.actions):
        raise CapillaryError(400, 1810, "invalid actions")
    if any("\0" in text or len(text) > _LONGEST_TEXT for text in (asked.label or "", asked.description or "")):
        raise CapillaryError(400, 1802, f"label and description have up to {_LONGEST_TEXT} characters")
    _check_fields(asked.fields, settings_of(workspace).most_attributes)
    return Definition(
        id=identifiers.new_id(now // instant.MILLISECOND),
        workspace=workspace.number,
        name=asked.event_name,
        label=asked.label or None,
        description=asked.description or None,
        actions=asked.actions,
        fields=asked.fields,
        is_verified=False,
        created_at=now,
    )


def unknown_event() -> CapillaryError:
    """There is no such definition."""
    return CapillaryError(400, 1811, "invalid event name")


def meta(defined: Definition, workspace: Workspace) -> EventMeta:
    """The definition as the product shows it."""
    return EventMeta(
        event_id=defined.id.hex(),
        event_name=defined.name,
        event_type=_event_type(defined.fields),
        actions=defined.actions,
        fields=defined.fields,
        org_id=workspace.org_id,
        status="PUBLISHED" if defined.disabled_at is None else "UNPUBLISHED",
        test_status="VERIFIED" if defined.is_verified else "NOT_VERIFIED",
        label=defined.label if defined.label is not None else UNSET,
        description=defined.description if defined.description is not None else UNSET,
        date=defined.created_at // instant.MILLISECOND,
        standard_event=defined.is_standard,
    )


def standard_meta(event: StandardEvent, *, is_enabled: bool) -> StandardEventMeta:
    """The standard event as the product shows it."""
    return StandardEventMeta(
        event_name=event.name,
        category=event.category,
        event_type=_event_type(event.fields),
        actions=list(event.actions),
        fields=event.fields,
        enabled=is_enabled,
    )


def _event_type(fields: list[Field]) -> str:
    kinds = {field.kind for field in fields}
    if kinds & _COUPON_TYPES:
        return "COUPONEVENT"
    return "PRODUCTEVENT" if kinds & _PRODUCT_TYPES else "USEREVENT"


def _check_name(name: str) -> None:
    if _EVENT_NAME.fullmatch(name) is None:
        raise CapillaryError(400, 1811, "invalid event name")


def _check_fields(fields: list[Field], most: int) -> None:
    if sum(field.kind != "customer" for field in fields) > most:
        raise CapillaryError(400, 1802, f"an event has up to {most} attributes")
    names = set()
    for field in fields:
        if field.kind not in TYPES:
            raise CapillaryError(400, 1823, f"{field.name} invalid event field type")
        if not field.name or len(field.name) > _LONGEST_ATTRIBUTE or "\0" in field.name or field.name in names:
            raise CapillaryError(400, 1802, f"{field.name[:_LONGEST_ATTRIBUTE]} is not a usable name of a field")
        names.add(field.name)
        _check_attributes(field)
    if sum(field.kind == "customer" for field in fields) != 1:
        raise CapillaryError(400, 1802, "required attribute customer fails isRequired")


def _check_attributes(field: Field) -> None:
    if field.kind == "customer":
        if not identity.is_type(field.text("identifierType") or "mobile"):
            raise CapillaryError(400, 1823, f"{field.name} invalid identifierType")
        for attribute in ("isUniqueKeyField", "isPsiData"):
            if field.is_set(attribute):
                raise CapillaryError(400, 1802, f"{field.name} identifies the customer and cannot be {attribute}")
    if field.kind == "enum" and not possible_values(field):
        raise CapillaryError(400, 1802, f"{field.name} has no possibleValues")
    expression = field.text("regex")
    if expression is not None:
        try:
            pattern.compiled(expression)
        except pattern.InvalidPattern as error:
            raise CapillaryError(400, 1802, f"{field.name} invalid regex: {error}") from error


def possible_values(field: Field) -> list[str]:
    """What an enum may hold."""
    attribute = field.attributes.get("possibleValues")
    return [] if attribute is None else attribute.values or []
