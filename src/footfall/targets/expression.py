"""Expressions of rules: a tree in JSON becomes a predicate over an event's attributes. Pure.

Known are literals, attributes of the event at hand (``currentTxn.value``, ``currentEvent.hotel``,
``currentLineItem.itemCode``; a bare name means the event, or the line of a rule about line items), comparisons, and,
or, not. Whatever else a tree holds is refused when the rule is made. An attribute that an event lacks compares as
false with everything.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal

import msgspec

from footfall.model.target import TargetEntity
from footfall.targets.failure import TargetFailure

Subject = Literal["event", "line"]
Facts = Callable[[Subject, tuple[str, ...]], object]
"""What an event, or the line of it that is at hand, says of an attribute; None where it says nothing."""

Predicate = Callable[[Facts], bool]
_Value = Callable[[Facts], object]

_DEEPEST = 40
_LONGEST = 65_536
_SUBJECTS: dict[TargetEntity, dict[str, Subject]] = {
    "TRANSACTION": {"currentTxn": "event"},
    "LINEITEM": {"currentTxn": "event", "currentLineItem": "line"},
    "EVENT": {"currentEvent": "event"},
}
_NESTED = frozenset({"extendedFields", "customFields", "attributes"})
_OF_TRANSACTION = _NESTED | {"value", "amount", "billAmount", "grossAmount", "discount", "billNumber", "source"}
_OF_LINE = _NESTED | {"itemCode", "description", "amount", "rate", "qty", "value", "discount"}

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
}
_ALL = frozenset({"&&", "and", "AND"})
_ANY = frozenset({"||", "or", "OR"})
_NOT = frozenset({"!", "not", "NOT"})


@lru_cache(maxsize=1024)
def parsed(text: str, entity: TargetEntity) -> Predicate | None:
    """The predicate that ``text``, the JSON of a tree, spells; None for one that is always true.

    Raises TargetFailure ``invalid`` for what is no tree, or says more than is known here.
    """
    try:
        tree = msgspec.json.decode(text) if len(text) <= _LONGEST else None
    except (msgspec.MsgspecError, RecursionError):
        raise _unknown("it is no JSON") from None
    if _literal(tree) is True:
        return None
    return _predicate(tree, entity, 0)


def number(value: object) -> Decimal | None:
    """The number that ``value``, from JSON, is or spells."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = Decimal(str(value).strip()) if isinstance(value, int | float | str | Decimal) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _predicate(tree: object, entity: TargetEntity, depth: int) -> Predicate:
    literal = _literal(tree)
    if isinstance(literal, bool):
        return lambda _: literal
    value, operands = _operation(tree, depth)
    if value in _NOT and len(operands) == 1:
        inner = _predicate(operands[0], entity, depth + 1)
        return lambda facts: not inner(facts)
    if value in _ALL | _ANY and len(operands) > 1:
        parts = [_predicate(operand, entity, depth + 1) for operand in operands]
        combine = all if value in _ALL else any
        return lambda facts: combine(part(facts) for part in parts)
    if value in _COMPARISONS and len(operands) == 2:
        left, right = (_value(operand, entity) for operand in operands)
        compare = _COMPARISONS[value]
        return lambda facts: _compared(compare, left(facts), right(facts), differs=value == "!=")
    raise _unknown(f"{value!r} of {len(operands)}")


def _operation(tree: object, depth: int) -> tuple[str, list[object]]:
    if not isinstance(tree, dict) or depth > _DEEPEST:
        raise _unknown("a part of it is no operation" if depth <= _DEEPEST else "it is nested too deeply")
    arity, value, operands = tree.get("arity"), tree.get("value"), tree.get("operands")
    if arity not in {"binary_operation", "unary_operation"} or not isinstance(value, str):
        raise _unknown(f"arity {arity!r}")
    if not isinstance(operands, list):
        raise _unknown("an operation has operands")
    return value, operands


def _value(tree: object, entity: TargetEntity) -> _Value:
    literal = _literal(tree)
    if literal is not None:
        return lambda _: literal
    subject, path = _attribute(tree, entity)
    return lambda facts: facts(subject, path)


def _literal(tree: object) -> bool | Decimal | str | None:
    """What a literal says; None for what is none."""
    if isinstance(tree, bool):
        return tree
    if not isinstance(tree, dict) or tree.get("arity") != "literal":
        return None
    value, kind = tree.get("value"), str(tree.get("type") or "")
    if isinstance(value, bool):
        return value
    if kind.startswith("boolean"):
        return {"true": True, "false": False}.get(str(value).casefold())
    if not kind.startswith("string"):
        as_number = number(value)
        if as_number is not None:
            return as_number
    return value if isinstance(value, str) else None


def _attribute(tree: object, entity: TargetEntity) -> tuple[Subject, tuple[str, ...]]:
    names = _names(tree, 0)
    subjects = _SUBJECTS.get(entity, {})
    if names[0] in subjects and len(names) > 1:
        subject, path = subjects[names[0]], names[1:]
    elif names[0].startswith("current") and len(names) > 1:
        raise _unknown(f"{names[0]!r}")
    else:
        subject, path = ("line" if entity == "LINEITEM" else "event"), names
    known = None if entity == "EVENT" else _OF_LINE if subject == "line" else _OF_TRANSACTION
    if known is not None and (path[0] not in known or (len(path) > 1) != (path[0] in _NESTED)):
        raise _unknown(f"attribute {'.'.join(names)!r}")
    return subject, path


def _names(tree: object, depth: int) -> tuple[str, ...]:
    if isinstance(tree, dict) and depth < _DEEPEST:
        value, operands = tree.get("value"), tree.get("operands")
        if tree.get("arity") == "name" and isinstance(value, str) and value:
            return (value,)
        if tree.get("arity") == "object_dereference" and isinstance(operands, list) and len(operands) > 1:
            return tuple(name for operand in operands for name in _names(operand, depth + 1))
    raise _unknown("a part of it is neither a literal nor an attribute")


def _compared(compare: Callable[[Any, Any], bool], left: object, right: object, *, differs: bool) -> bool:
    """Numbers compare as numbers, also where one of them came as a text; what cannot be compared is not equal."""
    if left is None or right is None:
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        left, right = _truth(left), _truth(right)
        return differs if left is None or right is None else compare(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return compare(left, right)
    one, other = number(left), number(right)
    return differs if one is None or other is None else compare(one, other)


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.casefold()) if isinstance(value, str) else None


def _unknown(detail: str) -> TargetFailure:
    return TargetFailure("invalid", f"expressionJson says what is not known here: {detail}")
