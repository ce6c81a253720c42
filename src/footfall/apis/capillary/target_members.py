"""Members of posted targets: names, numbers, goals, values of an enumeration. What cannot be raises CapillaryError."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, get_args

import msgspec

from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.target_failures import invalid
from footfall.model import amount

LARGEST = 2**31 - 1
LONGEST_NAME = 200
_LONGEST_DESCRIPTION = 255
_RULE_NAME_TOO_LONG = 310008


def name_of(text: str, member: str) -> str:
    """A name of 1 to 200 characters, without the blanks around it."""
    stripped = text.strip()
    if not is_name(text):
        raise invalid(f"{member} has 1 to {LONGEST_NAME} characters")
    return stripped


def rule_name(text: str) -> str:
    """As ``name_of``; a longer one has a code of its own."""
    if len(text.strip()) > LONGEST_NAME:
        raise CapillaryError(400, _RULE_NAME_TOO_LONG, f"Length of Target rule name cannot exceed {LONGEST_NAME}")
    return name_of(text, "target name")


def is_name(text: str) -> bool:
    """Whether ``text`` may be a name."""
    return 0 < len(text.strip()) <= LONGEST_NAME and "\0" not in text


def description_of(text: str | None) -> str | None:
    """A description of at most 255 characters."""
    if text is not None and (len(text) > _LONGEST_DESCRIPTION or "\0" in text):
        raise invalid(f"a description has at most {_LONGEST_DESCRIPTION} characters")
    return text


def number_of(given: int | None, member: str, largest: int = LARGEST, *, least: int = 0) -> int | None:
    """A number from ``least`` to ``largest``."""
    if given is not None and not least <= given <= largest:
        raise invalid(f"{member} is out of range")
    return given


def one_of(kind: Any, given: str, member: str) -> Any:
    """``given`` as one of the Literal ``kind``'s values."""
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError:
        raise invalid(f"{member} {given} is not one of {', '.join(get_args(kind))}") from None


def goal_of(given: Decimal | None, member: str = "defaultValue") -> int:
    """A goal, as an amount of three decimals."""
    parsed = None if given is None else amount.parse(given)
    if parsed is None or parsed < 0:
        raise invalid(f"{member} must be a number that is not negative")
    rounded = amount.parse((Decimal(parsed) / amount.MILLIONTHS).quantize(Decimal("0.001"), ROUND_HALF_EVEN))
    assert rounded is not None
    return rounded
