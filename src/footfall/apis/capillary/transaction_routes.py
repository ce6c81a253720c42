"""``POST /v2/transactions`` and ``/bulk``: bills and returns as events (contracts/capillary.md 6.1)."""

import msgspec
from litestar import Response, post
from litestar.openapi.spec import OpenAPIType
from msgspec import UNSET

from footfall.apis.capillary import bill_codes, body, customers, transaction_storing
from footfall.apis.capillary.attributes import Posted
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.bill_codes import refused
from footfall.apis.capillary.caller import Caller
from footfall.apis.capillary.documentation import BULK_TRANSACTION, TRANSACTION, described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.mapping import json_object
from footfall.apis.capillary.schemas import Problem
from footfall.apis.capillary.side_effects import target_side_effects
from footfall.apis.capillary.transaction_schemas import (
    BulkAnswer,
    BulkItem,
    TargetSideEffect,
    TransactionAnswer,
    TransactionRequest,
)
from footfall.apis.capillary.transaction_settings import bill_settings
from footfall.apis.capillary.transaction_storing import Result, Stored
from footfall.apis.capillary.transactions import Circumstances, Transaction, Whose, transaction
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, read_body, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import Services, services_of
from footfall.model import instant
from footfall.model.customer import Customer
from footfall.model.workspace import Workspace
from footfall.storage import customers as stored
from footfall.storage import events
from footfall.storage.connection import Connection
from footfall.targets.definition import definitions_of

MOST_AT_ONCE = 1_000

_TAGS = ["Capillary"]
_decoder = msgspec.json.Decoder(TransactionRequest)
_members = msgspec.json.Decoder(Posted)
_items = msgspec.json.Decoder(list[msgspec.Raw])


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
        query("use_async", "Without side effects in the answer", OpenAPIType.BOOLEAN),
        query("rawSideEffects", "With what the transaction did to targets", OpenAPIType.BOOLEAN),
        body=TRANSACTION,
    ),
)
async def create_transaction(request: AnyRequest) -> Response[bytes]:
    """Takes `type` REGULAR, RETURN, NOT_INTERESTED or NOT_INTERESTED_RETURN for the customer that the query names.

    Errors: 604 for a bill number that is known, 643 and 644 for a date too far back or ahead, 8015 for an unknown
    `userId`; for returns 624, 625, 633, 667 and 668, and the product's other codes for what cannot be returned.
    """
    caller = await principal(request)
    workspace = caller.workspace
    services = services_of(request)
    sent = await read_body(request, services.settings.max_body_bytes)
    asked = dict(query_parameters(request))
    whose = Whose(
        asked.get("identifierName", ""), asked.get("identifierValue", ""), asked.get("source"), asked.get("accountId")
    )
    wanted = transaction(
        body.decode(sent, _decoder, request), body.decode(sent, _members, request), whose, _around(caller)
    )
    wants_raw = _is_true(asked, "rawSideEffects") and not _is_true(asked, "use_async")
    if wanted.taken is None:  # what needs no look at other transactions shares the writer's statements with others
        captured = await services.capture.events(workspace, [wanted.event], tells_targets=wants_raw)
        result: Result = transaction_storing.settled(captured.outcomes[0], captured.tally)
    else:
        result = (await services.capture.change(transaction_storing.store, workspace, [wanted]))[0]
    if isinstance(result, CapillaryError):
        raise result
    customer = await services.database.ask(_customer_of, workspace.number, result.id)
    answer = TransactionAnswer(
        created_id=result.sequence,
        warnings=list(result.warnings),
        raw_side_effects=await _side_effects(services, workspace, result) if wants_raw else UNSET,
        customer_info=customers.info(customer),
    )
    return respond(answer)


@post(
    "/v2/transactions/bulk",
    tags=_TAGS,
    summary="Store many bills and returns",
    status_code=200,
    responses={
        200: answer_of(BulkAnswer, "All were stored"),
        201: answer_of(BulkAnswer, "Some were stored"),
        500: answer_of(BulkAnswer, "None was stored: `errors` of each says why"),
    },
    operation_class=described(body=[BULK_TRANSACTION]),
)
async def create_transactions(request: AnyRequest) -> Response[bytes]:
    """Takes an array; each item names its customer by `identifierType`, `identifierValue`, `source` and `accountId`.

    What can be stored is stored, all of it in one transaction of the database. 1060 for more than 1000 items.
    """
    caller = await principal(request)
    items = await body.read(request, _items)
    if not items:
        raise CapillaryError(400, 400, "Invalid input: no transactions")
    if len(items) > MOST_AT_ONCE:
        raise refused(bill_codes.TOO_MANY_AT_ONCE)
    around = _around(caller)
    wanted = [_wanted(item, request, around) for item in items]
    results = await services_of(request).capture.change(transaction_storing.store, caller.workspace, wanted)
    failures = sum(1 for result in results if isinstance(result, CapillaryError))
    answer = BulkAnswer(
        response=[_bulk_item(item, result) for item, result in zip(items, results, strict=True)],
        total_count=len(items),
        failure_count=failures,
    )
    return respond(answer, 200 if not failures else 500 if failures == len(items) else 201)


HANDLERS: RouteHandlers = [create_transaction, create_transactions]


def _around(caller: Caller) -> Circumstances:
    return Circumstances(bill_settings(caller.workspace), caller.till.id, instant.now())


def _is_true(asked: dict[str, str], name: str) -> bool:
    return asked.get(name, "").strip().casefold() == "true"


def _wanted(item: msgspec.Raw, request: AnyRequest, around: Circumstances) -> Transaction | CapillaryError:
    try:
        asked = body.decode(bytes(item), _decoder, request)
        value = asked.identifier_value
        whose = Whose(asked.identifier_type or "", "" if value is None else str(value), asked.source, asked.account_id)
        return transaction(asked, body.decode(bytes(item), _members, request), whose, around)
    except CapillaryError as error:
        return error


def _bulk_item(item: msgspec.Raw, result: Result) -> BulkItem:
    if isinstance(result, Stored):
        members: Posted = {**_members.decode(item), "sideEffects": msgspec.Raw(b"[]")}
        shown = msgspec.Raw(json_object(members).encode())
        return BulkItem(entity_id=result.sequence, result=shown, warnings=list(result.warnings))
    return BulkItem(entity_id=None, result=item, errors=[Problem(code=result.code, message=result.message)])


async def _side_effects(services: Services, workspace: Workspace, result: Stored) -> list[TargetSideEffect]:
    fed = [] if result.tally is None else result.tally.of(result.sequence)
    groups = {one.group for one in fed}
    known = await services.database.ask(definitions_of, workspace.number, groups) if groups else []
    return target_side_effects(fed, {definition.group.id: definition for definition in known})


def _customer_of(connection: Connection, workspace: int, event_id: bytes) -> Customer | None:
    event = events.by_id(connection, workspace, event_id)
    if event is None or event.customer is None:
        return None
    return stored.by_number(connection, workspace, event.customer)
