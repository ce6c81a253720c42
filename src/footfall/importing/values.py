"""Cells of a row as JSON values and exact numbers."""

import re
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation

import msgspec

from footfall.importing.mapping import PropertyType
from footfall.model import amount
from footfall.model.document import check_object

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})
_EXACT = Context(prec=200)

_encode = msgspec.json.encode


def exact_product(texts: list[str]) -> int:
    """The product of decimal numbers as an amount, rounded once, at the end. Raises ValueError."""
    product = Decimal(1)
    for text in texts:
        product = _EXACT.multiply(product, _decimal(text))
    found = amount.parse(product)
    if found is None:
        raise ValueError("too large for an amount")
    return found


def encoder(kind: PropertyType) -> Callable[[str], str]:
    """A function from a cell's text to JSON; it raises ValueError for a text that is not of this type."""
    return _ENCODERS[kind]


def _decimal(text: str) -> Decimal:
    stripped = text.strip()
    if not _DECIMAL.fullmatch(stripped):
        raise ValueError(f"{_short(text)} is not a number")
    try:
        return Decimal(stripped)
    except InvalidOperation:
        raise ValueError(f"{_short(text)} is not a number") from None


def _string(text: str) -> str:
    return _encode(text).decode()


def _integer(text: str) -> str:
    stripped = text.strip()
    if not _INTEGER.fullmatch(stripped):
        raise ValueError(f"{_short(text)} is not an integer")
    return str(int(stripped))


def _number(text: str) -> str:
    stripped = text.strip()
    if _JSON_NUMBER.fullmatch(stripped) and len(stripped) < 300:
        return stripped  # digits stay as they came: 2.50 is not 2.5 on an invoice
    exact = _decimal(stripped)
    if exact.adjusted() > 300 or len(stripped) >= 300:
        raise ValueError(f"{_short(text)} is too large a number")
    return format(exact, "f")


def _boolean(text: str) -> str:
    folded = text.strip().lower()
    if folded in _TRUE:
        return "true"
    if folded in _FALSE:
        return "false"
    raise ValueError(f"{_short(text)} is neither true nor false")


def _json(text: str) -> str:
    try:
        msgspec.json.decode(text)
        check_object(b'{"":' + text.encode() + b"}")  # as deep and as large as a property may be
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"{_short(text)} is not JSON that can be kept: {error}") from None
    return text


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")


_ENCODERS: dict[PropertyType, Callable[[str], str]] = {
    "string": _string,
    "integer": _integer,
    "decimal": _number,
    "boolean": _boolean,
    "json": _json,
}
