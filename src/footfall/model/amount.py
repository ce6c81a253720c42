"""Amounts: whole millionths of the currency's unit, as ``int``, so that sums are exact.

Capillary keeps three decimals and real invoices carry four; six hold both without rounding.
"""

from decimal import ROUND_HALF_EVEN, Decimal

MILLIONTHS = 1_000_000
_LARGEST = 2**63 - 1
_MOST_DIGITS = 13  # before the decimal point, less one: 2**63 millionths have no more


def parse(text: str | float | Decimal) -> int | None:
    """The amount that ``text`` spells, rounded half-even to millionths; None when it spells none."""
    try:
        exact = Decimal(str(text).strip())
        # Before any arithmetic: as a whole number, 1e900000 would keep the machine busy for seconds.
        if not exact.is_finite() or exact.adjusted() > _MOST_DIGITS:
            return None
        amount = int(exact.scaleb(6).to_integral_value(ROUND_HALF_EVEN))
    except (ArithmeticError, ValueError):
        return None
    return amount if -_LARGEST <= amount <= _LARGEST else None


def to_decimal(amount: int) -> Decimal:
    """``amount`` in the currency's units."""
    return Decimal(amount).scaleb(-6)


def to_text(amount: int) -> str:
    """``amount`` as a decimal number without trailing zeros: ``1000``, ``2000.46``."""
    whole, fraction = divmod(abs(amount), MILLIONTHS)
    sign = "-" if amount < 0 else ""
    if not fraction:
        return f"{sign}{whole}"
    return f"{sign}{whole}.{fraction:06d}".rstrip("0")
