"""The product's codes for bills and returns that cannot be stored (contracts/capillary.md 6.1), with its words."""

from typing import Final

from footfall.apis.capillary.errors import CapillaryError

INVALID_AMOUNT: Final = 601
INVALID_NUMBER: Final = 602
REPEATED: Final = 604
INVALID_TYPE: Final = 605
INVALID_DATE: Final = 621
INVALID_RETURN_TIME: Final = 624
UNKNOWN_BILL: Final = 625
NEGATIVE_QUANTITY: Final = 627
INVALID_RETURN_TYPE: Final = 628
TOO_MANY_RETURNED: Final = 629
RETURN_ABOVE_BILL: Final = 630
NEGATIVE_AMOUNT: Final = 631
LINES_AFTER_AMOUNT: Final = 632
FULLY_RETURNED: Final = 633
AMOUNT_AFTER_LINES: Final = 635
PARTLY_RETURNED: Final = 639
TOO_FAR_BACK: Final = 643
TOO_FAR_AHEAD: Final = 644
NEGATIVE_LINE_AMOUNT: Final = 661
NEGATIVE_LINE_VALUE: Final = 662
NEGATIVE_LINE_RATE: Final = 663
NEGATIVE_LINE_DISCOUNT: Final = 664
NEGATIVE_GROSS_AMOUNT: Final = 665
NEGATIVE_DISCOUNT: Final = 666
ID_NOT_OF_CUSTOMER: Final = 667
NUMBER_NOT_OF_CUSTOMER: Final = 668
LINE_ABOVE_BILL: Final = 678
NO_LINES: Final = 679
UNKNOWN_LINE: Final = 688
TOO_MANY_AT_ONCE: Final = 1060
INVALID_STATUS: Final = 1636
UNKNOWN_CUSTOMER: Final = 8015

_MESSAGES = {
    INVALID_AMOUNT: "Invalid transaction amount",
    INVALID_NUMBER: "Invalid transaction number",
    REPEATED: "Transaction number already exists",
    INVALID_TYPE: "Invalid transaction type passed",
    INVALID_DATE: "Transaction date is invalid",
    INVALID_RETURN_TIME: "Invalid return transaction time, Return transaction should happen after add transaction",
    UNKNOWN_BILL: "Transaction number does not exist",
    NEGATIVE_QUANTITY: "Quantity cannot be negative",
    INVALID_RETURN_TYPE: "Invalid return transaction type",
    TOO_MANY_RETURNED: "The return quantity of the item is more than available quantity",
    RETURN_ABOVE_BILL: "The return amount is more than the transaction amount",
    NEGATIVE_AMOUNT: "Transaction amount cannot be negative",
    LINES_AFTER_AMOUNT: "The transaction was returned by AMOUNT before, it cannot be returned by LINE_ITEM",
    FULLY_RETURNED: "The entire transaction is already returned",
    AMOUNT_AFTER_LINES: "The transaction was returned by LINE_ITEM before, it cannot be returned by AMOUNT",
    PARTLY_RETURNED: "Unable to return full transaction, a part of it is already returned",
    TOO_FAR_BACK: "Transaction date is too far back",
    TOO_FAR_AHEAD: "Transaction date is too far ahead",
    NEGATIVE_LINE_AMOUNT: "Amount of a line item cannot be negative",
    NEGATIVE_LINE_VALUE: "Value of a line item cannot be negative",
    NEGATIVE_LINE_RATE: "Rate of a line item cannot be negative",
    NEGATIVE_LINE_DISCOUNT: "Discount of a line item cannot be negative",
    NEGATIVE_GROSS_AMOUNT: "Gross amount of the transaction cannot be negative",
    NEGATIVE_DISCOUNT: "Discount cannot be negative",
    ID_NOT_OF_CUSTOMER: "Unable to find the transaction ID for this customer",
    NUMBER_NOT_OF_CUSTOMER: "Unable to find the transaction number for this customer",
    LINE_ABOVE_BILL: "Amount of the returned item is more than that of the purchased item",
    NO_LINES: "Line item(s) to be returned not specified",
    UNKNOWN_LINE: "No matching line item found for return",
    TOO_MANY_AT_ONCE: "Batch limit exceeded",
    INVALID_STATUS: "Transaction status is invalid",
    UNKNOWN_CUSTOMER: "Customer not found for the given identifiers",
}


def message(code: int) -> str:
    """The words of a code."""
    return _MESSAGES[code]


def refused(code: int) -> CapillaryError:
    """The failure of this code."""
    return CapillaryError(400, code, _MESSAGES[code])
