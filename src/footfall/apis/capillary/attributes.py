"""Attributes of a posted event: what each field's type demands, and how values look as text.

Contract: contracts/capillary.md 2.2, 2.5 and 3.3.
"""

import math
import re
from collections.abc import Callable

import msgspec

from footfall.apis.capillary import event_time, pattern
from footfall.apis.capillary.definitions import possible_values
from footfall.apis.capillary.tills import Tills
from footfall.model.behavioural_event import Definition, Field

Posted = dict[str, msgspec.Raw]

GROUP = "groupid"
"""The type of a field that names a user group, which ``event_data`` shows as ``groupId``."""

_decode = msgspec.json.decode
_INTEGER = re.compile(r"[+-]?\d{1,19}(?:\.0+)?", re.ASCII)
_GROUP_ID = re.compile(r"\d{1,19}", re.ASCII)
_LARGEST_PLAIN = 1e16
_LONGEST_MATCHED = 10_000


class Rejected(Exception):  # noqa: N818
    """The event does not fit its definition: ``status`` and ``message`` of the log entry."""

    def __init__(self, message: str, status: str = "EVENT_VALIDATION_FAILED") -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def is_absent(value: msgspec.Raw | None) -> bool:
    """Whether nothing was posted under a name: null and the empty text count as nothing."""
    return value is None or bytes(value) in {b"null", b'""'}


def text_of(value: msgspec.Raw) -> str:
    """A posted value as text: a string as it is, everything else as its JSON."""
    raw = bytes(value)
    if raw[:1] != b'"':
        return raw.decode()
    decoded: str = _decode(raw, type=str)
    return decoded


def rendered(value: msgspec.Raw, field: Field | None) -> str:
    """A value as ``additonalAttributes`` shows it; a double always has a fraction: ``20.0``."""
    text = text_of(value)
    if field is None or field.kind != "double":
        return text
    number = _number(text)
    return text if number is None else _double_text(number)


def spellings(value: str) -> list[str]:
    """As what a double that is shown as ``value`` may have been posted, if it was posted as a text; itself first."""
    number = _number(value)
    if number is None:
        return [value]
    whole = [f"{number:.0f}"] if number.is_integer() and abs(number) < _LARGEST_PLAIN else []
    return list(dict.fromkeys([value, _double_text(number), *whole]))


def check_presence(defined: Definition, posted: Posted) -> None:
    """Raises Rejected unless everything is there that must be."""
    for field in defined.fields:
        if is_required(field) and is_absent(posted.get(field.name)):
            group = _group(defined, posted)
            if field.kind == "customer" and group is not None:
                raise Rejected(
                    f"Customer details not passed ,User does not belong to group {group}", "NO_CUSTOMER_DETAILS_PASSED"
                )
            raise Rejected(f"required field {field.name} is missing")


def check(field: Field, posted: Posted, tills: Tills, now: int) -> None:
    """Raises Rejected unless what was posted for ``field``, if anything, fits it."""
    value = posted.get(field.name)
    if value is None or is_absent(value) or field.kind == GROUP:
        return
    text = text_of(value)
    if bytes(value)[:1] in b"{[" or not _fits(field, text, tills, now):
        raise Rejected(f"invalid value for field {field.name}")
    expression = field.text("regex")
    if expression is not None and not _matches(expression, text):
        raise Rejected(f"value of field {field.name} does not match regex")


def check_group(defined: Definition, posted: Posted) -> None:
    """Raises Rejected where a group is named by what cannot be its id."""
    group = _group(defined, posted)
    if group is not None and not _GROUP_ID.fullmatch(group):
        raise Rejected(f"Invalid group identifier passed {group}", "INVALID_GROUP_IDENTIFIER_PASSED")


def _group(defined: Definition, posted: Posted) -> str | None:
    """The user group that was named, by an attribute of that type."""
    for field in defined.fields:
        value = posted.get(field.name) if field.kind == GROUP else None
        if value is not None and not is_absent(value):
            return text_of(value)
    return None


def is_required(field: Field) -> bool:
    """Whether an event without this field is rejected; nobody is anonymous, and a key has no holes."""
    return field.kind == "customer" or field.is_set("isRequired") or field.is_set("isUniqueKeyField")


def _fits(field: Field, text: str, tills: Tills, now: int) -> bool:
    checks: dict[str, Callable[[], bool]] = {
        "double": lambda: _number(text) is not None,
        "integer": lambda: _INTEGER.fullmatch(text) is not None,
        "boolean": lambda: text.casefold() in {"true", "false"},
        "enum": lambda: text in possible_values(field),
        "date": lambda: event_time.parse(text, now) is not None,
        "tillcode": lambda: tills.named(text) is not None,
    }
    check_of_type = checks.get(field.kind)
    return check_of_type is None or check_of_type()


def _matches(expression: str, text: str) -> bool:
    return len(text) <= _LONGEST_MATCHED and pattern.compiled(expression).matches(text)


def _number(text: str) -> float | None:
    """The finite number that ``text`` spells in JSON's or Java's usual way."""
    if "_" in text or not text.isascii():
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _double_text(number: float) -> str:
    return f"{number:.1f}" if number.is_integer() and abs(number) < _LARGEST_PLAIN else repr(number)
