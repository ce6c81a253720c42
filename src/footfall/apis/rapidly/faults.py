"""Faults: what is wrong with a value, and where; the items of a 422's ``detail`` (contracts/rapidly.md 0).

Types and texts are those of pydantic v2, whose errors the product answers with; tests compare them with pydantic.
"""

from collections.abc import Iterable

import msgspec

from footfall.apis.rapidly.dialect import Dialect
from footfall.apis.rapidly.errors import RequestInvalid

Location = tuple[str | int, ...]

_MOST_FAULTS = 10_000  # a body of a million empty events must not become an answer of gigabytes


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with one value."""

    type: str
    msg: str
    ctx: dict[str, object] | None = None


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of ``detail``; ``ctx`` is absent when empty."""

    type: str
    loc: Location
    msg: str
    input: object
    ctx: dict[str, object] | None = None


class Faults:
    """The faults found so far; past ten thousand, further ones are not listed."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, loc: Location, problem: Problem, value: object) -> None:
        """Notes that ``value`` at ``loc`` has ``problem``."""
        self.found.append(Fault(problem.type, loc, problem.msg, value, problem.ctx))

    def extend(self, prefix: Location, found: Iterable[Fault]) -> None:
        """Notes faults whose locations are relative to ``prefix``."""
        self.found.extend(msgspec.structs.replace(fault, loc=prefix + fault.loc) for fault in found if not self.is_full)

    @property
    def is_full(self) -> bool:
        """Whether looking for more would be in vain."""
        return len(self.found) >= _MOST_FAULTS

    def raise_if_any(self, *, is_rule: bool = False) -> None:
        """Raises RequestInvalid with what was found; ``is_rule``: see there."""
        if self.found:
            raise RequestInvalid(self.found, is_rule=is_rule)


MISSING = Problem("missing", "Field required")
STRING_TYPE = Problem("string_type", "Input should be a valid string")
STRING_UNICODE = Problem(
    "string_unicode", "Input should be a valid string, unable to parse raw data as a unicode string"
)
OBJECT_TYPE = Problem("model_attributes_type", "Input should be a valid dictionary or object to extract fields from")
DICT_TYPE = Problem("dict_type", "Input should be a valid dictionary")
LIST_TYPE = Problem("list_type", "Input should be a valid list")
FINITE_NUMBER = Problem("finite_number", "Input should be a finite number")


def tenant_token(dialect: Dialect) -> Problem:
    """A token says itself which workspace is meant."""
    message = f"Setting {dialect.tenant_id} is disallowed when using an {dialect.tenant} token."
    return Problem(f"{dialect.tenant}_token", message)


def invalid(reason: str) -> Problem:
    """A rule of the product's own that a well-formed value breaks."""
    return Problem("value_error", f"Value error, {reason}", {"error": {}})


def at_least(characters: int) -> Problem:
    """A string that is too short."""
    plural = "character" if characters == 1 else "characters"
    return Problem("string_too_short", f"String should have at least {characters} {plural}", {"min_length": characters})


def at_most(characters: int) -> Problem:
    """A string that is too long."""
    return Problem("string_too_long", f"String should have at most {characters} characters", {"max_length": characters})
