"""Amounts: whole millionths of the currency's unit, as ``int``, so that sums are exact.

Capillary keeps three decimals and real invoices carry four; six hold both without rounding.
"""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

MILLIONTHS = 1_000_000
_LARGEST = 2**63 - 1


def parse(text: str | float | Decimal) -> int | None:
    """The amount that ``text`` spells, rounded half-even to millionths; None when it spells none."""
    try:
        exact = Decimal(str(text).strip()).scaleb(6)
        if not exact.is_finite():
            return None
        amount = int(exact.to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, OverflowError):
        return None
    return amount if -_LARGEST <= amount <= _LARGEST else None


def to_text(amount: int) -> str:
    """``amount`` as a decimal number without trailing zeros: ``1000``, ``2000.46``."""
    whole, fraction = divmod(abs(amount), MILLIONTHS)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{fraction:06d}".rstrip("0").rstrip(".")
