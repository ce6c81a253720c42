"""Numbers and lines of bills and returns: as posted, and as they stand in stored properties. Pure."""

import re
from collections.abc import Iterable

import msgspec

from footfall.apis.capillary import bill_codes
from footfall.apis.capillary.bill_codes import refused
from footfall.apis.capillary.bill_returns import Piece, ReturnType, Taken
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.transaction_schemas import Line, Number
from footfall.model import amount
from footfall.model.amount import MILLIONTHS

INVALID = 400

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)  # what every reader takes for one


class _Stored(msgspec.Struct, frozen=True, rename="camel"):
    """What the properties of a stored bill or return tell of its lines; another product may have written anything."""

    return_type: ReturnType | None = None
    line_items_v2: list[Line] | None = None


_decode = msgspec.json.Decoder(_Stored).decode


def number(sent: Number, name: str, *, negative: int | None = None) -> int | None:
    """A number in millionths; None for none. Raises CapillaryError, ``negative`` where it must not be below zero."""
    if sent is None or (isinstance(sent, str) and not sent.strip()):
        return None
    parsed = None if isinstance(sent, str) and not _NUMBER.fullmatch(sent.strip()) else amount.parse(sent)
    if parsed is None:
        raise CapillaryError(400, INVALID, f"invalid {name}")
    if negative is not None and parsed < 0:
        raise refused(negative)
    return parsed


def pieces(lines: Iterable[Line] | None) -> tuple[Piece, ...]:
    """Posted lines. Raises CapillaryError for one whose numbers cannot be."""
    return tuple(_piece(line) for line in lines or ())


def stored_pieces(properties: str) -> tuple[Piece, ...]:
    """The lines that the properties of a stored bill tell of; none where they tell nothing that can be read."""
    return taken(properties, None).pieces


def taken(properties: str, amount_returned: int | None) -> Taken:
    """A stored return of that amount."""
    try:
        found = _decode(properties)
        return Taken(found.return_type, amount_returned, pieces(found.line_items_v2))
    except (msgspec.MsgspecError, RecursionError, CapillaryError):
        return Taken(None, amount_returned)


def _piece(line: Line) -> Piece:
    quantity = number(line.qty, "qty", negative=bill_codes.NEGATIVE_QUANTITY)
    paid = number(line.amount, "amount", negative=bill_codes.NEGATIVE_LINE_AMOUNT)
    value = number(line.value, "value", negative=bill_codes.NEGATIVE_LINE_VALUE)
    rate = number(line.rate, "rate", negative=bill_codes.NEGATIVE_LINE_RATE)
    discount = number(line.discount, "discount", negative=bill_codes.NEGATIVE_LINE_DISCOUNT)
    sold = MILLIONTHS if quantity is None else quantity
    if value is None and rate is not None:
        value = rate * sold // MILLIONTHS
    if paid is None and value is not None:
        paid = max(0, value - (discount or 0))
    return Piece("" if line.item_code is None else str(line.item_code), sold, paid)
