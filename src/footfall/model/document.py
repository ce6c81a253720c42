"""JSON objects that are passed through: checked once, where they enter, so that every reader can read them."""

import re

import msgspec

DEEPEST = 100
"""Levels of nesting that are accepted: far more than any event needs, far fewer than any reader refuses."""

_OUTSIZE_DIGITS = 300
_OUTSIZE_NUMBER = re.compile(rb"[0-9][eE]\+?[0-9]{3}|[0-9]{300}")
_EXPONENT = re.compile(rb"[eE]\+?[0-9]{3}")  # rarely there, and looked for in a third of the time
# No possessive group: before Python 3.11.5 it may end too early.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*"', re.DOTALL)


def check_object(raw: bytes) -> str:
    """The text of a JSON object whose grammar is known to be sound. Raises ValueError with what is wrong."""
    if not raw.startswith(b"{"):
        raise ValueError("Expected an object")
    text = raw.decode()
    if len(raw) > DEEPEST and raw.count(b"{") + raw.count(b"[") > DEEPEST and _depth(raw) > DEEPEST:
        raise ValueError(f"Nested deeper than {DEEPEST} levels")
    if (len(raw) >= _OUTSIZE_DIGITS or _EXPONENT.search(raw)) and _OUTSIZE_NUMBER.search(raw):
        try:
            msgspec.json.decode(raw)
        except msgspec.ValidationError:
            raise ValueError("A number is out of the range of double precision") from None
    return text


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
