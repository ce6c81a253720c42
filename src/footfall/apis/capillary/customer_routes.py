"""Customers: registered, looked up, shown (contracts/capillary.md 6.2)."""

import msgspec
from litestar import Response, get, post

from footfall.apis.capillary import body, customers, identity
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import CUSTOMER, described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.schemas import Created, CustomerAnswer, CustomerFound, CustomerRequest
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model.customer import Customer, Identity
from footfall.storage import customers as stored
from footfall.storage.connection import Connection

NOT_FOUND = 8015

_TAGS = ["Capillary"]
_decoder = msgspec.json.Decoder(CustomerRequest)


@post(
    "/v2/customers",
    tags=_TAGS,
    summary="Register a customer",
    status_code=200,
    responses={200: answer_of(Created, "createdId is the customer's userId")},
    operation_class=described(body=CUSTOMER),
)
async def create_customer(request: AnyRequest) -> Response[bytes]:
    """Takes profiles with identifiers. 8006 when somebody goes by one of them already, 8014 for an invalid one."""
    workspace = (await principal(request)).workspace
    asked = await body.read(request, _decoder)
    names = customers.identities(asked)
    number = await services_of(request).capture.change(customers.register, workspace, names, asked)
    return respond(Created(created_id=number))


@get(
    "/v2/customers/lookup",
    tags=_TAGS,
    summary="A customer's userId, by identifier",
    responses={200: answer_of(CustomerFound, "entity is the customer's userId")},
    operation_class=described(
        query("identifierName", "mobile, email, externalId, ...", required=True),
        query("identifierValue", "The identifier", required=True),
    ),
)
async def look_up_customer(request: AnyRequest) -> Response[bytes]:
    """Takes `identifierName` and `identifierValue`; 8015 when nobody goes by it."""
    workspace = (await principal(request)).workspace
    asked = dict(query_parameters(request))
    name, value = asked.get("identifierName", ""), asked.get("identifierValue", "")
    reference = identity.reference(name, value, may_register=False)
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
    operation_class=described(path=("user_id",)),
)
async def show_customer(request: AnyRequest, user_id: str) -> Response[bytes]:
    """Shows one customer; an unknown id is answered 400 with an empty body, as the product does."""
    workspace = (await principal(request)).workspace
    number = identity.customer_number(user_id)
    found = None
    if number is not None:
        found = await services_of(request).database.ask(_customer, workspace.number, number)
    if found is None:
        return Response(b"", status_code=400)
    customer, names = found
    return respond(customers.shown(customer, names, workspace))


HANDLERS: RouteHandlers = [create_customer, look_up_customer, show_customer]


def _customer(connection: Connection, workspace: int, number: int) -> tuple[Customer, list[Identity]] | None:
    found = stored.by_number(connection, workspace, number)
    if found is None or found.deleted_at is not None:
        return None
    return found, stored.identities_of(connection, workspace, number)
