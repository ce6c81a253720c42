"""Customers: registered, looked up, shown (contracts/capillary.md 6.2)."""

import msgspec
from litestar import Response, get, post

from footfall.apis.capillary import body, customers, identity, registration
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.customer_schemas import Created, CustomerAnswer, CustomerFound, CustomerRequest
from footfall.apis.capillary.documentation import CUSTOMER, described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.schemas import Problem
from footfall.apis.capillary.transaction_settings import bill_settings
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model.customer import Customer, Identity
from footfall.storage import customers as stored
from footfall.storage import transactions
from footfall.storage.connection import Connection

NOT_FOUND = 8015
NO_DEFAULT_STATUS = 8107

_TAGS = ["Capillary"]
_decoder = msgspec.json.Decoder(CustomerRequest)


@post(
    "/v2/customers",
    tags=_TAGS,
    summary="Register a customer",
    status_code=200,
    responses={200: answer_of(Created, "createdId is the customer's userId")},
    operation_class=described(
        query("source", "INSTORE unless said; holds for profiles that name none"),
        query("accountId", "Account of the source"),
        body=CUSTOMER,
    ),
)
async def create_customer(request: AnyRequest) -> Response[bytes]:
    """Takes profiles with identifiers, channels and fields; who is known in another source gets a profile more.

    Errors: 8006 when somebody goes by one of the identifiers in that source already, 8014 for an invalid one, 3217 for
    an unknown source.
    """
    caller = await principal(request)
    query_string = dict(query_parameters(request))
    asked = await body.read(request, _decoder)
    source, account_id = query_string.get("source"), query_string.get("accountId")
    wanted = registration.registration(asked, source, account_id, till_code=caller.till.code)
    number = await services_of(request).capture.change(registration.register, caller.workspace.number, wanted)
    has_status = bool(asked.status_label or bill_settings(caller.workspace).default_customer_status)
    warning = Problem(code=NO_DEFAULT_STATUS, message="Default customer status label not set")
    return respond(Created(created_id=number, warnings=[] if has_status else [warning]))


@get(
    "/v2/customers/lookup",
    tags=_TAGS,
    summary="A customer's userId, by identifier",
    responses={200: answer_of(CustomerFound, "entity is the customer's userId")},
    operation_class=described(
        query("source", "INSTORE unless said; decides for the names that platforms give"),
        query("accountId", "Account of the source"),
        query("identifierName", "mobile, email, externalId, ...", required=True),
        query("identifierValue", "The identifier", required=True),
    ),
)
async def look_up_customer(request: AnyRequest) -> Response[bytes]:
    """Takes `identifierName` and `identifierValue`; 8015 when nobody goes by it."""
    workspace = (await principal(request)).workspace
    asked = dict(query_parameters(request))
    name, value = asked.get("identifierName", ""), asked.get("identifierValue", "")
    where = identity.place(asked.get("source"), asked.get("accountId"))
    reference = None if where is None else identity.reference(name, value, may_register=False, where=where)
    database = services_of(request).database
    found: Customer | None = None
    if reference is not None and reference.number is not None:
        found = await database.ask(stored.by_number, workspace.number, reference.number)
    elif reference is not None:
        found = await database.ask(stored.by_identity, workspace.number, reference.identities[0])
    if found is None or found.deleted_at is not None:
        raise CapillaryError(400, NOT_FOUND, "Customer not found for the given identifiers")
    return respond(CustomerFound(entity=found.number))


@get(
    "/v2/customers/{user_id:str}",
    tags=_TAGS,
    summary="A customer, by userId",
    responses={200: answer_of(CustomerAnswer, "The customer with its identifiers")},
    operation_class=described(
        query("source", "Accepted; the profiles of every source are shown"),
        query("embed", "Accepted; Footfall keeps nothing that could be embedded"),
        path=("user_id",),
    ),
)
async def show_customer(request: AnyRequest, user_id: str) -> Response[bytes]:
    """Shows one customer; an unknown id is answered 400 with an empty body, as the product does."""
    workspace = (await principal(request)).workspace
    number = identity.customer_number(user_id)
    found = None
    if number is not None:
        found = await services_of(request).database.ask_briefly(_customer, workspace.number, number)
    if found is None:
        return Response(b"", status_code=400)
    customer, names, purchases = found
    return respond(customers.shown(customer, names, purchases=purchases, till_code=workspace.till_code))


HANDLERS: RouteHandlers = [create_customer, look_up_customer, show_customer]


def _customer(connection: Connection, workspace: int, number: int) -> tuple[Customer, list[Identity], int] | None:
    found = stored.by_number(connection, workspace, number)
    if found is None or found.deleted_at is not None:
        return None
    names = stored.identities_of(connection, workspace, number)
    return found, names, transactions.purchases(connection, workspace, number)
