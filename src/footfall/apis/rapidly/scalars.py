"""Single values of a request: text, integers, identifiers, amounts. Each check gives the value, or its Problem.

Lenient where the product is (contracts/rapidly.md 2.1, 11): numbers may come as text, identifiers in any of their
spellings.
"""

import math
import re
import uuid
from decimal import Decimal, InvalidOperation

from footfall.apis.rapidly.faults import FINITE_NUMBER, STRING_TYPE, STRING_UNICODE, Problem, at_most, invalid

NO_NUL = invalid("String must not contain NUL characters.")  # the product itself fails on it with a 500

INT_TYPE = Problem("int_type", "Input should be a valid integer")
INT_PARSING = Problem("int_parsing", "Input should be a valid integer, unable to parse string as an integer")
_INT_FROM_FLOAT = Problem("int_from_float", "Input should be a valid integer, got a number with a fractional part")
_INT_SIZE = Problem("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size")
_INTEGER_TEXT = re.compile(r"[+-]?\d+(?:_\d+)*(?:\.0+)?", re.ASCII)
_LONGEST_INTEGER = 4300
_LARGEST_FLOAT = 2**63  # beyond it the product takes no float for an integer

_UUID_TYPE = Problem("uuid_type", "UUID input should be a string, bytes or UUID object")
_UUID_VERSION = Problem("uuid_version", "UUID version 4 expected", {"expected_version": 4})
_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_LONGEST_UUID = 45
_GROUPS = (8, 4, 4, 4, 12)

_DECIMAL_TYPE = Problem("decimal_type", "Decimal input should be an integer, float, string or Decimal object")
_DECIMAL_PARSING = Problem("decimal_parsing", "Input should be a valid decimal")
_MOST_DIGITS, _MOST_PLACES = 17, 12


def text(value: object, *, longest: int | None = None) -> str | Problem:
    """A string of at most ``longest`` characters that any database can hold."""
    if not isinstance(value, str):
        return STRING_TYPE
    if not value.isascii() and _has_surrogates(value):
        return STRING_UNICODE
    if "\0" in value:
        return NO_NUL
    if longest is not None and len(value) > longest:
        return at_most(longest)
    return value


def integer(value: object) -> int | Problem:  # noqa: PLR0911  (one line per form)
    """An integer, or a number or text that spells one."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return FINITE_NUMBER
        if not value.is_integer():
            return _INT_FROM_FLOAT
        return int(value) if abs(value) < _LARGEST_FLOAT else _INT_SIZE
    if not isinstance(value, str):
        return INT_TYPE
    if _has_surrogates(value):
        return STRING_UNICODE
    stripped = value.strip()
    if len(stripped) > _LONGEST_INTEGER:
        return _INT_SIZE
    if not _INTEGER_TEXT.fullmatch(stripped):
        return INT_PARSING
    return int(stripped.partition(".")[0])


def uuid4(value: object) -> bytes | Problem:
    """The 16 bytes of a version 4 UUID in any of its spellings."""
    if not isinstance(value, str):
        return _UUID_TYPE
    if _CANONICAL.fullmatch(value):
        return bytes.fromhex(value.replace("-", ""))
    if _has_surrogates(value):
        return STRING_UNICODE
    fault = _uuid_fault(value)
    if fault is not None:
        return Problem("uuid_parsing", f"Input should be a valid UUID, {fault}", {"error": fault})
    parsed = uuid.UUID(value.removeprefix("urn:uuid:"))
    return parsed.bytes if parsed.version == 4 else _UUID_VERSION


def _uuid_fault(value: str) -> str | None:
    """What pydantic's parser says of a text that is no UUID; None for one that is."""
    if (size := len(value.encode())) > _LONGEST_UUID:
        return f"invalid length: found {size}"
    if value.startswith("{") and value.endswith("}") and len(value) > 1:
        inner, start = value[1:-1], 1
    elif value.startswith("urn:uuid:"):
        inner, start = value[9:], 9
    else:
        inner, start = value, 0
    for index, character in enumerate(inner):
        if character not in "0123456789abcdefABCDEF-":
            return f"invalid character: found `{character}` at {len(inner[:index].encode()) + start}"
    groups = inner.split("-")
    if len(groups) == 1 and start == 0:
        return None if len(inner) == 32 else f"invalid length: found {len(inner)}"
    if len(groups) != len(_GROUPS):
        return f"invalid group count: expected 5, found {len(groups)}"
    for index, (group, expected) in enumerate(zip(groups, _GROUPS, strict=True)):
        if len(group) != expected:
            return f"invalid group length in group {index}: expected {expected}, found {len(group)}"
    return None


def amount(value: object) -> Decimal | Problem:  # noqa: PLR0911  (one line per rule)
    """A decimal of at most 5 digits before and 12 after the point."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return _DECIMAL_TYPE
    try:
        exact = Decimal(value if isinstance(value, int) else str(value).strip())
    except InvalidOperation:
        return _DECIMAL_PARSING
    if not exact.is_finite():
        return FINITE_NUMBER
    places, digits = _extent(exact)
    if places <= _MOST_PLACES and digits - places <= _MOST_DIGITS - _MOST_PLACES:
        return exact
    least_places, least_digits = _extent(_shortest(exact))
    if min(digits, least_digits) > _MOST_DIGITS:
        return _too_many("decimal_max_digits", "digits in total", "max_digits", _MOST_DIGITS)
    if min(places, least_places) > _MOST_PLACES:
        return _too_many("decimal_max_places", "decimal places", "decimal_places", _MOST_PLACES)
    if min(digits - places, least_digits - least_places) > _MOST_DIGITS - _MOST_PLACES:
        most = _MOST_DIGITS - _MOST_PLACES
        return _too_many("decimal_whole_digits", "digits before the decimal point", "whole_digits", most)
    return exact


def plain(exact: Decimal) -> str:
    """``exact`` without an exponent, with the places it was written with."""
    return format(exact, "f")


def _shortest(exact: Decimal) -> Decimal:
    """``exact`` without trailing zeros; unlike ``normalize`` never rounded to a context's precision."""
    sign, digits, exponent = exact.as_tuple()
    assert isinstance(exponent, int)
    kept = "".join(map(str, digits)).rstrip("0") or "0"
    return Decimal((sign, tuple(map(int, kept)), exponent + len(digits) - len(kept) if kept != "0" else 0))


def _extent(exact: Decimal) -> tuple[int, int]:
    """Decimal places, and digits in total."""
    _, digits, exponent = exact.as_tuple()
    assert isinstance(exponent, int)
    if exponent >= 0:
        return 0, len(digits) + exponent
    return -exponent, max(len(digits), -exponent)


def _too_many(kind: str, what: str, key: str, most: int) -> Problem:
    return Problem(kind, f"Decimal input should have no more than {most} {what}", {key: most})


def _has_surrogates(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False
