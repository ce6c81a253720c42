"""Definitions of behavioural events: from the wire, checked, and back (contracts/capillary.md 2.2, 2.3)."""

import re

from msgspec import UNSET

from footfall.apis.capillary import identity, pattern
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.schemas import DefinitionRequest, EventMeta
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition, Field
from footfall.model.workspace import Workspace

ACTIONS = frozenset({"EIConsumer", "EMFConsumer"})

_FIELD_TYPES = frozenset(
    {
        "customer", "tillcode", "couponcode", "productsku", "productbrand", "productcategory", "string", "double",
        "enum", "date", "boolean", "integer", "groupid", "currencycode",
    }
)  # fmt: skip
_COUPON_TYPES = frozenset({"couponcode"})
_PRODUCT_TYPES = frozenset({"productsku", "productbrand", "productcategory"})
_EVENT_NAME = re.compile(r"\w{1,100}", re.ASCII)
_LONGEST_ATTRIBUTE = 50
_LONGEST_TEXT = 1000
_MOST_FIELDS = 100


def definition(asked: DefinitionRequest, workspace: Workspace, now: int) -> Definition:
    """The definition that was asked for. Raises CapillaryError where it is not sound."""
    _check_name(asked.event_name)
    if not asked.actions or not ACTIONS.issuperset(asked.actions):
        raise CapillaryError(400, 1810, "invalid actions")
    if any("\0" in text or len(text) > _LONGEST_TEXT for text in (asked.label or "", asked.description or "")):
        raise CapillaryError(400, 1802, f"label and description have up to {_LONGEST_TEXT} characters")
    _check_fields(asked.fields)
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
    kinds = {field.kind for field in defined.fields}
    return EventMeta(
        event_id=defined.id.hex(),
        event_name=defined.name,
        event_type="COUPONEVENT"
        if kinds & _COUPON_TYPES
        else "PRODUCTEVENT"
        if kinds & _PRODUCT_TYPES
        else "USEREVENT",
        actions=defined.actions,
        fields=defined.fields,
        org_id=workspace.org_id,
        status="PUBLISHED" if defined.disabled_at is None else "UNPUBLISHED",
        test_status="VERIFIED" if defined.is_verified else "NOT_VERIFIED",
        label=defined.label if defined.label is not None else UNSET,
        description=defined.description if defined.description is not None else UNSET,
        date=defined.created_at // instant.MILLISECOND,
    )


def _check_name(name: str) -> None:
    if _EVENT_NAME.fullmatch(name) is None:
        raise CapillaryError(400, 1811, "invalid event name")


def _check_fields(fields: list[Field]) -> None:
    if len(fields) > _MOST_FIELDS:
        raise CapillaryError(400, 1802, f"an event has up to {_MOST_FIELDS} fields")
    names = set()
    for field in fields:
        if field.kind not in _FIELD_TYPES:
            raise CapillaryError(400, 1823, f"{field.name} invalid event field type")
        if not field.name or len(field.name) > _LONGEST_ATTRIBUTE or "\0" in field.name or field.name in names:
            raise CapillaryError(400, 1802, f"{field.name} is not a usable name of a field")
        names.add(field.name)
        _check_attributes(field)
    if sum(field.kind == "customer" for field in fields) != 1:
        raise CapillaryError(400, 1802, "required attribute customer fails isRequired")


def _check_attributes(field: Field) -> None:
    if field.kind == "customer" and not identity.is_type(field.text("identifierType") or "mobile"):
        raise CapillaryError(400, 1823, f"{field.name} invalid identifierType")
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
