"""What a return takes back of its bill: pure rules over the bill and what was returned of it before.

The promise: never more than the bill's amount is returned in all, nor of an item more than was bought; a bill that has
been returned whole is returned no more. Amounts and quantities are whole millionths (contracts/capillary.md 6.1).
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from footfall.apis.capillary import bill_codes
from footfall.apis.capillary.bill_codes import refused
from footfall.model.amount import MILLIONTHS

ReturnType = Literal["AMOUNT", "FULL", "LINE_ITEM", "CANCELLED"]
WHOLE: frozenset[ReturnType] = frozenset({"FULL", "CANCELLED"})


class Piece(msgspec.Struct, frozen=True):
    """A line of a bill or return: one of the item, unless a quantity is told; ``amount`` None: not told."""

    item: str
    quantity: int = MILLIONTHS
    amount: int | None = None


class Taken(msgspec.Struct, frozen=True):
    """A return: ``kind`` None where another product brought it. ``amount`` without a sign."""

    kind: ReturnType | None
    amount: int | None
    pieces: tuple[Piece, ...] = ()


class Bill(msgspec.Struct, frozen=True):
    """What was bought, and what has been returned of it so far."""

    amount: int
    pieces: tuple[Piece, ...] = ()
    returned: tuple[Taken, ...] = ()

    @property
    def left(self) -> int:
        """The amount that can still be returned."""
        return self.amount - sum(one.amount or 0 for one in self.returned)


class _Share(msgspec.Struct):
    quantity: int = 0
    amount: int = 0


def amount_of(wanted: Taken, bill: Bill) -> int:
    """The amount that ``wanted`` takes back of ``bill``. Raises CapillaryError where it cannot."""
    if _is_whole(bill):
        raise refused(bill_codes.FULLY_RETURNED)
    if wanted.kind in WHOLE:
        if bill.returned:
            raise refused(bill_codes.PARTLY_RETURNED)
        found = bill.amount
    elif wanted.kind == "LINE_ITEM":
        found = _amount_of_lines(wanted, bill)
    else:
        found = _plain_amount(wanted, bill)
    if max(found, wanted.amount or 0) > bill.left:
        raise refused(bill_codes.RETURN_ABOVE_BILL)
    return found


def priced(pieces: Iterable[Piece], bill: Bill) -> tuple[Piece, ...]:
    """The pieces, which are on the bill, with the amounts that they stand for."""
    bought = _totals(bill.pieces)
    return tuple(Piece(piece.item, piece.quantity, _amount_of(piece, bought[piece.item])) for piece in pieces)


def amount_without_bill(wanted: Taken) -> int:
    """The amount of a return whose bill nobody knows."""
    return sum(piece.amount or 0 for piece in wanted.pieces) if wanted.amount is None else wanted.amount


def _is_whole(bill: Bill) -> bool:
    """Whether all of the bill has been returned."""
    if not bill.returned:
        return False
    if any(one.kind in WHOLE for one in bill.returned) or bill.left <= 0:
        return True
    bought, gone = _totals(bill.pieces), _gone(bill)
    return bool(bought) and all(item in gone and gone[item].quantity >= own.quantity for item, own in bought.items())


def _plain_amount(wanted: Taken, bill: Bill) -> int:
    if any(one.kind == "LINE_ITEM" for one in bill.returned):
        raise refused(bill_codes.AMOUNT_AFTER_LINES)
    if not wanted.amount:
        raise refused(bill_codes.INVALID_AMOUNT)
    return wanted.amount


def _amount_of_lines(wanted: Taken, bill: Bill) -> int:
    if any(one.kind == "AMOUNT" for one in bill.returned):
        raise refused(bill_codes.LINES_AFTER_AMOUNT)
    if not wanted.pieces:
        raise refused(bill_codes.NO_LINES)
    bought, gone = _totals(bill.pieces), _gone(bill)
    total = 0
    for piece in wanted.pieces:
        own = bought.get(piece.item)
        if own is None:
            raise refused(bill_codes.UNKNOWN_LINE)
        before = gone.setdefault(piece.item, _Share())
        if before.quantity + piece.quantity > own.quantity:
            raise refused(bill_codes.TOO_MANY_RETURNED)
        amount = _amount_of(piece, own)
        if own.amount and before.amount + amount > own.amount:  # without amounts, the bill's own is the only bound
            raise refused(bill_codes.LINE_ABOVE_BILL)
        gone[piece.item] = _Share(before.quantity + piece.quantity, before.amount + amount)
        total += amount
    return total if wanted.amount is None else wanted.amount


def _totals(pieces: Iterable[Piece]) -> dict[str, _Share]:
    """Quantity and amount by item; an item may stand in several lines."""
    found: dict[str, _Share] = {}
    for piece in pieces:
        share = found.setdefault(piece.item, _Share())
        share.quantity += piece.quantity
        share.amount += piece.amount or 0
    return found


def _gone(bill: Bill) -> dict[str, _Share]:
    """What was returned by lines so far, by item."""
    bought = _totals(bill.pieces)
    pieces = [piece for one in bill.returned if one.kind == "LINE_ITEM" for piece in one.pieces]
    return _totals(priced((piece for piece in pieces if piece.item in bought), bill))


def _amount_of(piece: Piece, own: _Share) -> int:
    """The piece's amount: as told, else its share of what was paid for the item."""
    if piece.amount is not None:
        return piece.amount
    return own.amount * piece.quantity // own.quantity if own.quantity else 0
