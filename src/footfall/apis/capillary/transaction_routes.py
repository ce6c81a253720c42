"""``POST /v2/transactions``: bills and returns as events (contracts/capillary.md 6.1)."""

import msgspec
from litestar import Response, post

from footfall.apis.capillary import body, customers, event_time, identity
from footfall.apis.capillary.attributes import Posted
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import TRANSACTION, described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.mapping import INSTORE, json_object
from footfall.apis.capillary.schemas import TransactionAnswer, TransactionRequest
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, read_body, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import amount, instant
from footfall.model.customer import Customer
from footfall.model.event import ADD_TRANSACTION, RETURN_BILL, Captured, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customers as stored
from footfall.storage import events
from footfall.storage.connection import Connection

INVALID = 400
REPEATED = 604
TOO_FAR_AHEAD = 644
CUSTOMER_NOT_FOUND = 8015

_LONGEST_BILL_NUMBER = 50
_FURTHEST_AHEAD = instant.DAY
_TAGS = ["Capillary"]
_decoder = msgspec.json.Decoder(TransactionRequest)
_members = msgspec.json.Decoder(Posted)


@post(
    "/v2/transactions",
    tags=_TAGS,
    summary="Store a bill or a return",
    status_code=200,
    responses={200: answer_of(TransactionAnswer, "createdId is the transaction's own number")},
    operation_class=described(
        query("identifierName", "mobile, email, externalId, userId, ...", required=True),
        query("identifierValue", "Whose bill it is", required=True),
        query("source", "INSTORE unless said"),
        query("accountId", "Account of the source"),
        body=TRANSACTION,
    ),
)
async def create_transaction(request: AnyRequest) -> Response[bytes]:
    """Takes `type` REGULAR or RETURN for the customer that `identifierName` and `identifierValue` name.

    Errors: 604 for a bill number that is known, 644 for a date too far ahead, 8015 for an unknown `userId`.
    """
    workspace = (await principal(request)).workspace
    services = services_of(request)
    sent = await read_body(request, services.settings.max_body_bytes)
    asked = body.decode(sent, _decoder, request)
    event = _event(asked, body.decode(sent, _members, request), request, workspace, instant.now())
    result = await services.capture.events(workspace, [event])
    outcome = result.outcomes[0]
    if not isinstance(outcome, Captured):
        raise CapillaryError(400, CUSTOMER_NOT_FOUND, "Customer not found for the given identifiers")
    if outcome.repeated or outcome.sequence is None:
        raise CapillaryError(400, REPEATED, "Transaction number already exists")
    customer = await services.database.ask(_customer_of, workspace.number, outcome.id)
    return respond(TransactionAnswer(created_id=outcome.sequence, customer_info=customers.info(customer)))


HANDLERS: RouteHandlers = [create_transaction]


def _event(asked: TransactionRequest, members: Posted, request: AnyRequest, workspace: Workspace, now: int) -> NewEvent:
    query = dict(query_parameters(request))
    bill_number = str(asked.bill_number)
    if not bill_number.strip() or len(bill_number) > _LONGEST_BILL_NUMBER or "\0" in bill_number:
        raise CapillaryError(400, INVALID, f"billNumber has 1 to {_LONGEST_BILL_NUMBER} characters")
    customer = identity.reference(query.get("identifierName", ""), query.get("identifierValue", ""), may_register=True)
    if customer is None:
        raise CapillaryError(400, CUSTOMER_NOT_FOUND, "identifierName and identifierValue must name a customer")
    is_return = _is_return(asked)
    billed = amount.parse(0 if asked.bill_amount is None else asked.bill_amount)
    if billed is None:
        raise CapillaryError(400, INVALID, "invalid billAmount")
    moment = _billed_at(asked, now)
    return NewEvent(
        name=RETURN_BILL if is_return else ADD_TRANSACTION,
        occurred_at=moment.occurred_at,
        utc_offset=moment.utc_offset,
        received_at=now,
        customer=customer,
        external_id=f"return:{bill_number}" if is_return else bill_number,
        amount=-abs(billed) if is_return else billed,
        properties=json_object(members, without=frozenset({"type", "billingDate"})),
        source=query.get("source") or INSTORE,
        account_id=query.get("accountId") or None,
        outlet=str(workspace.till_id),
        captured_by="capillary",
    )


def _is_return(asked: TransactionRequest) -> bool:
    kind = (asked.type or "REGULAR").upper()
    if kind not in {"REGULAR", "RETURN"}:
        raise CapillaryError(400, INVALID, "type is REGULAR or RETURN")
    return kind == "RETURN"


def _billed_at(asked: TransactionRequest, now: int) -> event_time.EventTime:
    if not asked.billing_date:
        return event_time.EventTime(now - now % instant.SECOND)
    moment = event_time.parse_iso8601(asked.billing_date, now)
    if moment is None:
        raise CapillaryError(400, INVALID, "invalid billingDate")
    if moment.occurred_at > now + _FURTHEST_AHEAD:
        raise CapillaryError(400, TOO_FAR_AHEAD, "Transaction date is too far ahead")
    return moment


def _customer_of(connection: Connection, workspace: int, event_id: bytes) -> Customer | None:
    event = events.by_id(connection, workspace, event_id)
    if event is None or event.customer is None:
        return None
    return stored.by_number(connection, workspace, event.customer)
