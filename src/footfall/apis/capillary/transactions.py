"""Posted transactions as events to capture, checked as far as that goes without the store (contracts/capillary.md 6.1).

Pure. What only the store can tell (a bill number that is taken, the bill of a return) is for ``transaction_storing``.
"""

import msgspec

from footfall.apis.capillary import bill_codes, bill_lines, event_time, identity
from footfall.apis.capillary.attributes import Posted
from footfall.apis.capillary.bill_codes import refused
from footfall.apis.capillary.bill_returns import ReturnType, Taken
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.identity import Place
from footfall.apis.capillary.mapping import json_object
from footfall.apis.capillary.transaction_schemas import Number, TransactionRequest
from footfall.apis.capillary.transaction_settings import BillSettings
from footfall.model import instant
from footfall.model.document import check_object
from footfall.model.event import (
    ADD_TRANSACTION,
    NOT_INTERESTED,
    NOT_INTERESTED_RETURN,
    RETURN_BILL,
    CustomerReference,
    NewEvent,
)

INVALID = 400
EVENT_OF_TYPE = {
    "REGULAR": ADD_TRANSACTION,
    "RETURN": RETURN_BILL,
    "NOT_INTERESTED": NOT_INTERESTED,
    "NOT_INTERESTED_RETURN": NOT_INTERESTED_RETURN,
}
RETURNED = {RETURN_BILL: ADD_TRANSACTION, NOT_INTERESTED_RETURN: NOT_INTERESTED}
"""Which event each kind of return takes back."""

_OF_NOBODY = frozenset({NOT_INTERESTED, NOT_INTERESTED_RETURN})
_RETURN_TYPES: dict[str, ReturnType] = {
    "AMOUNT": "AMOUNT", "FULL": "FULL", "LINE_ITEM": "LINE_ITEM", "CANCELLED": "CANCELLED"
}  # fmt: skip
_DELIVERY = frozenset({"PLACED", "PROCESSED", "SHIPPED", "DELIVERED", "RETURNED"})
_LONGEST_BILL_NUMBER = 50
_NOT_PROPERTIES = frozenset({"type", "billingDate", "identifierType", "identifierValue", "source", "accountId"})


class Whose(msgspec.Struct, frozen=True):
    """How a transaction names its customer."""

    name: str
    value: str
    source: str | None
    account_id: str | None


class Circumstances(msgspec.Struct, frozen=True):
    """What beside its own text decides about a transaction: the till that acts, and when."""

    settings: BillSettings
    till_id: int
    now: int


class PurchaseTime(msgspec.Struct, frozen=True):
    """When a return says that its bill was: an instant, or a whole day."""

    moment: int
    is_day: bool

    def fits(self, bill_at: int, utc_offset: int | None) -> bool:
        """Whether a bill of that instant can be meant: the same second, or the same day where it was written."""
        if not self.is_day:
            return bill_at // instant.SECOND == self.moment // instant.SECOND
        local = bill_at + (utc_offset or 0) * 60 * instant.SECOND
        return self.moment // instant.DAY in {local // instant.DAY, bill_at // instant.DAY}


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A sound transaction. ``taken`` for a return: what it asks to take back of the bill ``bill_number``.

    A return has no number of its own, unless it names its bill apart (``parentBillNumber``).
    """

    event: NewEvent
    bill_number: str
    has_own_number: bool = False
    bill_id: int | None = None
    taken: Taken | None = None
    purchased: PurchaseTime | None = None


def transaction(asked: TransactionRequest, sent: Posted, whose: Whose, around: Circumstances) -> Transaction:
    """The transaction that was posted; ``sent`` is all of its members. Raises CapillaryError."""
    name = EVENT_OF_TYPE.get((asked.type or "REGULAR").strip().upper())
    if name is None:
        raise refused(bill_codes.INVALID_TYPE)
    bill_number = _bill_number(asked.bill_number)
    _check_numbers(asked)
    is_return = name in RETURNED
    pieces = bill_lines.pieces(asked.line_items_v2)
    billed = _amount(asked.bill_amount)
    if billed is not None and billed < 0 and not is_return:
        raise refused(bill_codes.NEGATIVE_AMOUNT)
    where = identity.place(whose.source, whose.account_id)
    if where is None:
        raise CapillaryError(400, INVALID, "invalid source or accountId")
    moment = _billed_at(asked, around)
    may_register = not is_return or not around.settings.returns_need_bill
    event = NewEvent(
        name=name,
        occurred_at=moment.occurred_at,
        utc_offset=moment.utc_offset,
        received_at=around.now,
        customer=None if name in _OF_NOBODY else _customer(whose, where, may_register=may_register),
        external_id=f"return:{bill_number}" if is_return else bill_number,
        amount=billed or 0,
        properties=_properties(sent),
        source=where.source,
        account_id=where.account_id or None,
        outlet=str(around.till_id),
        captured_by="capillary",
    )
    if not is_return:
        return Transaction(event=event, bill_number=bill_number)
    has_own_number = asked.parent_bill_number not in {None, ""}
    return Transaction(
        event=event,
        bill_number=_bill_number(asked.parent_bill_number) if has_own_number else bill_number,
        has_own_number=has_own_number,
        bill_id=_bill_id(asked),
        taken=Taken(_return_type(asked), None if billed is None else abs(billed), pieces),
        purchased=_purchased(asked, moment.occurred_at, around.now),
    )


def without_bill(returned: Transaction, amount_returned: int) -> NewEvent:
    """The return as an event of its own, once for each bill number."""
    return msgspec.structs.replace(returned.event, amount=-amount_returned)


def _bill_number(sent: str | int | None) -> str:
    found = "" if sent is None else str(sent)
    if not found.strip() or len(found) > _LONGEST_BILL_NUMBER or "\0" in found:
        raise refused(bill_codes.INVALID_NUMBER)
    return found


def _bill_id(asked: TransactionRequest) -> int | None:
    if asked.id is None or asked.id == "":
        return None
    found = identity.customer_number(str(asked.id))
    if found is None:
        raise refused(bill_codes.ID_NOT_OF_CUSTOMER)
    return found


def _check_numbers(asked: TransactionRequest) -> None:
    bill_lines.number(asked.discount, "discount", negative=bill_codes.NEGATIVE_DISCOUNT)
    bill_lines.number(asked.gross_amount, "grossAmount", negative=bill_codes.NEGATIVE_GROSS_AMOUNT)
    if asked.delivery_status and asked.delivery_status.strip().upper() not in _DELIVERY:
        raise refused(bill_codes.INVALID_STATUS)


def _amount(sent: Number) -> int | None:
    try:
        return bill_lines.number(sent, "billAmount")
    except CapillaryError:
        raise refused(bill_codes.INVALID_AMOUNT) from None


def _return_type(asked: TransactionRequest) -> ReturnType:
    """As told; without a word, an amount that is named, else the lines that are, else all."""
    if asked.return_type:
        found = _RETURN_TYPES.get(asked.return_type.strip().upper())
        if found is None:
            raise refused(bill_codes.INVALID_RETURN_TYPE)
        return found
    if asked.bill_amount not in {None, ""}:
        return "AMOUNT"
    return "LINE_ITEM" if asked.line_items_v2 else "FULL"


def _customer(whose: Whose, where: Place, *, may_register: bool) -> CustomerReference:
    found = identity.reference(whose.name, whose.value, may_register=may_register, where=where)
    if found is None:
        raise refused(bill_codes.UNKNOWN_CUSTOMER)
    return found


def _billed_at(asked: TransactionRequest, around: Circumstances) -> event_time.EventTime:
    if not (asked.billing_date or "").strip():
        return event_time.EventTime(around.now - around.now % instant.SECOND)
    moment = event_time.parse_iso8601(asked.billing_date or "", around.now)
    if moment is None:
        raise refused(bill_codes.INVALID_DATE)
    if around.settings.is_too_far_back(moment.occurred_at, around.now):
        raise refused(bill_codes.TOO_FAR_BACK)
    if around.settings.is_too_far_ahead(moment.occurred_at, around.now):
        raise refused(bill_codes.TOO_FAR_AHEAD)
    return moment


def _purchased(asked: TransactionRequest, returned_at: int, now: int) -> PurchaseTime | None:
    text = (asked.purchase_time or "").strip()
    if not text:
        return None
    moment = event_time.parse_iso8601(text, now)
    if moment is None or moment.occurred_at > returned_at:
        raise refused(bill_codes.INVALID_RETURN_TIME)
    return PurchaseTime(moment.occurred_at, is_day=":" not in text and "T" not in text.upper())


def _properties(sent: Posted) -> str:
    found = json_object(sent, without=_NOT_PROPERTIES)
    try:
        return check_object(found.encode())
    except ValueError as error:
        raise CapillaryError(400, INVALID, f"Invalid input: {error}") from None
