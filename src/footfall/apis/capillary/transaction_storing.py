"""Transactions into the store: run inside the transaction that writes, so that what they are checked against holds.

Whoever returns has the workspace alone meanwhile (``Connection.lock``): of two returns of the same rest, one wins.
"""

from collections.abc import Sequence

import msgspec

from footfall.apis.capillary import bill_codes, bill_lines, bill_returns, return_properties, transactions
from footfall.apis.capillary.bill_codes import refused
from footfall.apis.capillary.bill_returns import Bill
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.schemas import Problem
from footfall.apis.capillary.transaction_settings import bill_settings
from footfall.apis.capillary.transactions import RETURNED, Transaction
from footfall.capture.batch import Batch
from footfall.capture.identity_resolution import Resolver
from footfall.capture.recorder import record
from footfall.model import identifiers, instant
from footfall.model.event import Captured, Event, NewEvent, Outcome
from footfall.model.workspace import Workspace
from footfall.storage import bill_returns as stored
from footfall.storage import events
from footfall.storage.connection import Connection
from footfall.targets.tally import Tally


class Stored(msgspec.Struct, frozen=True):
    """A transaction that is in the store: the event's number and id, and, where asked for, what it did to targets."""

    sequence: int
    id: bytes
    tally: Tally | None
    warnings: tuple[Problem, ...] = ()


Result = Stored | CapillaryError


def store(connection: Connection, workspace: Workspace, wanted: Sequence[Transaction | CapillaryError]) -> list[Result]:
    """Stores transactions in their order; one result for each, and the failures among ``wanted`` as they are.

    Bills that stand side by side are recorded together; a return sees what stands before it.
    """
    if any(isinstance(one, Transaction) and one.taken is not None for one in wanted):
        connection.lock(workspace.number)
    results: dict[int, Result] = {}
    bills: dict[int, NewEvent] = {}
    for index, one in enumerate(wanted):
        if isinstance(one, CapillaryError):
            results[index] = one
        elif one.taken is None:
            bills[index] = one.event
        else:
            results |= _record(connection, workspace, bills)
            bills = {}
            results[index] = _take_back(connection, workspace, one)
    results |= _record(connection, workspace, bills)
    return [results[index] for index in range(len(wanted))]


def settled(outcome: Outcome, tally: Tally | None) -> Stored:
    """What capture says of a transaction's event. Raises CapillaryError where it was not stored."""
    if not isinstance(outcome, Captured):
        raise refused(bill_codes.UNKNOWN_CUSTOMER)
    if outcome.repeated or outcome.sequence is None:
        raise refused(bill_codes.REPEATED)
    return Stored(outcome.sequence, outcome.id, tally)


def _record(connection: Connection, workspace: Workspace, bills: dict[int, NewEvent]) -> dict[int, Result]:
    if not bills:
        return {}
    recorded = record(connection, [Batch(workspace=workspace, events=list(bills.values()), tells_targets=True)])[0]
    return {index: _result(outcome, recorded.tally) for index, outcome in zip(bills, recorded.outcomes, strict=True)}


def _result(outcome: Outcome, tally: Tally | None) -> Result:
    try:
        return settled(outcome, tally)
    except CapillaryError as error:
        return error


def _take_back(connection: Connection, workspace: Workspace, wanted: Transaction) -> Result:
    warnings: tuple[Problem, ...] = ()
    try:
        event = _of_bill(connection, workspace, wanted)
        if event is None:
            event = transactions.without_bill(wanted, bill_returns.amount_without_bill(_taken(wanted)))
            code = bill_codes.UNKNOWN_BILL
            warnings = (Problem(code=code, message=bill_codes.message(code)),)
        result = _record(connection, workspace, {0: event})[0]
    except CapillaryError as error:
        return error
    return msgspec.structs.replace(result, warnings=warnings) if isinstance(result, Stored) else result


def _of_bill(connection: Connection, workspace: Workspace, wanted: Transaction) -> NewEvent | None:
    """The return as an event of its bill; None where it may do without one. Raises CapillaryError."""
    bill_name = RETURNED[wanted.event.name]
    found = events.by_id(connection, workspace.number, identifiers.derived_id(workspace.id, wanted.bill_number))
    if found is None or found.name != bill_name:
        if wanted.bill_id is not None:
            raise refused(bill_codes.ID_NOT_OF_CUSTOMER)
        if bill_settings(workspace).returns_need_bill:
            raise refused(bill_codes.UNKNOWN_BILL)
        return None
    _check_number(connection, workspace, wanted)
    _check_whose(connection, workspace, wanted, found)
    _check_when(wanted, found)
    earlier = stored.returns_of(connection, workspace.number, found.id, wanted.event.name)
    bill = Bill(
        amount=found.amount or 0,
        pieces=bill_lines.stored_pieces(found.properties),
        returned=tuple(bill_lines.taken(properties, abs(amount)) for amount, properties in earlier),
    )
    taken = _taken(wanted)
    amount_returned = bill_returns.amount_of(taken, bill)
    properties = return_properties.completed(wanted.event.properties, taken, bill, found.properties)
    event = msgspec.structs.replace(wanted.event, parent=found.id, amount=-amount_returned, properties=properties)
    return event if wanted.has_own_number else msgspec.structs.replace(event, external_id=None)


def _check_number(connection: Connection, workspace: Workspace, wanted: Transaction) -> None:
    """Before all else: a return that is sent again is told so, whatever is left by then."""
    own = wanted.event.external_id
    if not wanted.has_own_number or own is None:
        return
    if events.known(connection, workspace.number, [identifiers.derived_id(workspace.id, own)]):
        raise refused(bill_codes.REPEATED)


def _check_whose(connection: Connection, workspace: Workspace, wanted: Transaction, bill: Event) -> None:
    if wanted.bill_id not in {None, bill.sequence}:
        raise refused(bill_codes.ID_NOT_OF_CUSTOMER)
    reference = wanted.event.customer
    if reference is None:
        return
    number = Resolver(connection, workspace.number, [reference]).number_of(reference)
    if number is None:
        raise refused(bill_codes.UNKNOWN_CUSTOMER)
    if number != bill.customer:
        code = bill_codes.NUMBER_NOT_OF_CUSTOMER if wanted.bill_id is None else bill_codes.ID_NOT_OF_CUSTOMER
        raise refused(code)


def _check_when(wanted: Transaction, bill: Event) -> None:
    is_before = wanted.event.occurred_at // instant.SECOND < bill.occurred_at // instant.SECOND
    purchased = wanted.purchased
    if is_before or (purchased is not None and not purchased.fits(bill.occurred_at, bill.utc_offset)):
        raise refused(bill_codes.INVALID_RETURN_TIME)


def _taken(wanted: Transaction) -> bill_returns.Taken:
    assert wanted.taken is not None
    return wanted.taken
