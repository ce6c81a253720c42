"""Metadata: what its values may be, and the two keys with a form of their own (contracts/rapidly.md 2.1, 3.2)."""

import math
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from footfall.apis.rapidly import scalars
from footfall.apis.rapidly.faults import (
    DICT_TYPE,
    FINITE_NUMBER,
    MISSING,
    STRING_TYPE,
    Fault,
    Faults,
    Location,
    Problem,
    at_least,
    at_most,
)

LONGEST_VALUE = 500
COST, LLM = "_cost", "_llm"
_MOST_KEYS, _LONGEST_KEY = 50, 40
_TOO_MANY_KEYS = "Dictionary should have at most 50 items after validation, not {}"

_CURRENCY = Problem("string_pattern_mismatch", "String should match pattern 'usd'", {"pattern": "usd"})
_FLOAT_TYPE = Problem("float_type", "Input should be a valid number")
_FLOAT_PARSING = Problem("float_parsing", "Input should be a valid number, unable to parse string as a number")
_BOOL_TYPE = Problem("bool_type", "Input should be a valid boolean")
_BOOL_PARSING = Problem("bool_parsing", "Input should be a valid boolean, unable to interpret input")
_ARMS = ("constrained-str", "int", "float", "bool")

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_VALUE)]
_quick = msgspec.json.Decoder(dict[str, _Text | int | float | bool | dict[str, Any]])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.Encoder().encode

Raw = bytes | memoryview | str


def quick(raw: Raw, *, limited: bool = False) -> str | None:
    """The text to store for metadata that is valid beyond doubt and without NUL; None where a closer look is due.

    ``limited``: the number of keys and their length are, too.
    """
    values = _quick.decode(raw)
    if limited and limit_faults(values):
        return None
    if COST not in values and LLM not in values and dict not in map(type, values.values()):
        return _text(raw)
    return None if check(values) else normalised(raw)


def limit_faults(value: dict[str, Any]) -> list[Fault]:
    """Which keys are too long or empty; if none, whether there are too many. Locations are relative to the metadata."""
    faults = Faults()
    for key in value:
        outcome: str | Problem = scalars.text(key, longest=_LONGEST_KEY) if key else at_least(1)
        if isinstance(outcome, Problem):
            faults.add((key, "[key]"), outcome, key)
    if not faults.found and len(value) > _MOST_KEYS:
        ctx: dict[str, object] = {"field_type": "Dictionary", "max_length": _MOST_KEYS, "actual_length": len(value)}
        faults.add((), Problem("too_long", _TOO_MANY_KEYS.format(len(value)), ctx), value)
    return faults.found


def check(value: object, *, limited: bool = False) -> list[Fault]:
    """What is wrong with metadata; locations are relative to it. ``limited``: see ``quick``."""
    faults = Faults()
    if not isinstance(value, dict):
        faults.add((), DICT_TYPE, value)
        return faults.found
    if limited:
        faults.extend((), limit_faults(value))
    if COST in value:
        faults.extend((COST,), _check_cost(value[COST]))
    if LLM in value:
        faults.extend((LLM,), _check_llm(value[LLM]))
    for key, inner in value.items():
        problem = scalars.text(key)
        if isinstance(problem, Problem):
            faults.add((key, "[key]"), problem, key)
        if key not in {COST, LLM}:
            check_value(inner, (key,), faults)
    return faults.found


def check_value(value: object, loc: Location, faults: Faults) -> None:
    """Notes the faults of one value: a string of 1 to 500 characters, a number or a boolean."""
    if isinstance(value, bool | int):
        return
    if isinstance(value, float):
        if math.isfinite(value):
            return
        problems = (STRING_TYPE, FINITE_NUMBER, FINITE_NUMBER, _BOOL_TYPE)  # 1e400, or what is no JSON at all
    elif not isinstance(value, str):
        problems = (STRING_TYPE, scalars.INT_TYPE, _FLOAT_TYPE, _BOOL_TYPE)
    else:
        of_text = scalars.text(value) if value else at_least(1)
        if not isinstance(of_text, Problem):
            if len(value) <= LONGEST_VALUE:
                return
            of_text = at_most(LONGEST_VALUE)
        if of_text.type == "string_unicode":
            problems = (of_text, of_text, of_text, of_text)
        else:
            problems = (of_text, scalars.INT_PARSING, _FLOAT_PARSING, _BOOL_PARSING)
    for arm, problem in zip(_ARMS, problems, strict=True):
        faults.add((*loc, arm), problem, value)


def normalised(raw: Raw) -> str:
    """Valid metadata with ``_cost`` and ``_llm`` in their one form; every other member stays byte for byte."""
    members: dict[str, Any] = dict(_members.decode(raw))
    if COST not in members and LLM not in members:
        return _text(raw)
    if COST in members:
        members[COST] = _normal_cost(members[COST])
    if LLM in members:
        members[LLM] = _normal_llm(msgspec.json.decode(members[LLM]))
    return _encode(members).decode()


def shown(properties: str) -> msgspec.Raw:
    """Properties as metadata is shown: a cost's amount is text, whichever product the event came through."""
    if '"_cost"' not in properties:
        return msgspec.Raw(properties)
    try:
        members: dict[str, Any] = dict(_members.decode(properties))
        if COST in members and not _check_cost(msgspec.json.decode(members[COST])):
            members[COST] = _normal_cost(members[COST])
            return msgspec.Raw(_encode(members))
    except (msgspec.MsgspecError, RecursionError):  # another product takes what this one would refuse
        pass
    return msgspec.Raw(properties)


def at(properties: str, path: str) -> str | None:
    """The value at a dotted ``path`` as text (or JSON), unless it is false, zero, empty or missing."""
    found: Any = msgspec.Raw(properties)
    try:
        for key in path.split("."):
            found = _members.decode(found).get(key)
            if found is None:
                return None
        value = msgspec.json.decode(found)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if not value:
        return None
    return value if isinstance(value, str) else bytes(found).decode()


def _check_cost(value: object) -> list[Fault]:
    faults = Faults()
    if not isinstance(value, dict):
        faults.add((), DICT_TYPE, value)
        return faults.found
    _note(faults, value, "amount", scalars.amount)
    _note(faults, value, "currency", _currency)
    return faults.found


def _currency(value: object) -> object:
    given = scalars.text(value)
    return given if isinstance(given, Problem) or given == "usd" else _CURRENCY


def _check_llm(value: object) -> list[Fault]:
    faults = Faults()
    if not isinstance(value, dict):
        faults.add((), DICT_TYPE, value)
        return faults.found
    for key in ("vendor", "model"):
        _note(faults, value, key, scalars.text)
    for key in ("prompt", "response"):
        if value.get(key) is not None:
            _note(faults, value, key, scalars.text)
    _note(faults, value, "input_tokens", scalars.integer)
    if "cached_input_tokens" in value:
        _note(faults, value, "cached_input_tokens", scalars.integer)
    for key in ("output_tokens", "total_tokens"):
        _note(faults, value, key, scalars.integer)
    return faults.found


def _note(faults: Faults, given: dict[str, Any], key: str, rule: Any) -> None:
    if key not in given:
        faults.add((key,), MISSING, given)
        return
    outcome = rule(given[key])
    if isinstance(outcome, Problem):
        faults.add((key,), outcome, given[key])


def _normal_cost(raw: msgspec.Raw) -> dict[str, str]:
    amount = bytes(_members.decode(raw)["amount"]).decode()
    written = msgspec.json.decode(amount, type=str) if amount.startswith('"') else amount
    return {"amount": scalars.plain(Decimal(written.strip())), "currency": "usd"}


def _normal_llm(given: dict[str, Any]) -> dict[str, object]:
    form: dict[str, object] = {
        "vendor": given["vendor"],
        "model": given["model"],
        "prompt": given.get("prompt"),
        "response": given.get("response"),
        "input_tokens": scalars.integer(given["input_tokens"]),
    }
    if "cached_input_tokens" in given:
        form["cached_input_tokens"] = scalars.integer(given["cached_input_tokens"])
    for key in ("output_tokens", "total_tokens"):
        form[key] = scalars.integer(given[key])
    return form


def _text(raw: Raw) -> str:
    return raw if isinstance(raw, str) else bytes(raw).decode()
