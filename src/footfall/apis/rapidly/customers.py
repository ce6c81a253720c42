"""The customers' endpoints (contracts/rapidly.md 4.2)."""

from litestar import Response, get, post

from footfall.apis.http import AnyRequest, read_body
from footfall.apis.openapi import answer_of
from footfall.apis.rapidly import answers, bodies, customer_creation, mapping
from footfall.apis.rapidly.auth import READ_CUSTOMERS, WRITE_CUSTOMERS, require
from footfall.apis.rapidly.errors import ResourceNotFound
from footfall.apis.rapidly.events import path_id
from footfall.apis.rapidly.openapi import ERRORS, create_customer_operation
from footfall.apis.rapidly.schemas import Customer
from footfall.apis.services import services_of
from footfall.model import customer as model
from footfall.model.customer import Identity
from footfall.model.workspace import Workspace
from footfall.storage import customers


@post(
    "/api/customers",
    tags=["Rapidly"],
    summary="Create a customer",
    description="Called as `/api/customers/`. Events that named this `external_id` earlier then show the customer.",
    status_code=201,
    operation_class=create_customer_operation(),
    responses={201: answer_of(Customer, "The customer."), **ERRORS},
)
async def create_customer(request: AnyRequest) -> Response[bytes]:
    """Makes a customer and captures the event that tells of it."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    value = bodies.parse(body, request.headers.get("content-type"))
    workspace = require(request, WRITE_CUSTOMERS).workspace
    new = customer_creation.parse(bodies.object_of(value), body)
    made = await services.capture.change(customer_creation.create, workspace, new)
    return answers.json(mapping.customer(made, workspace), 201)


@get(
    "/api/customers/{id:str}",
    tags=["Rapidly"],
    summary="Get a customer",
    responses={200: answer_of(Customer, "The customer."), **ERRORS},
)
async def get_customer(request: AnyRequest) -> Response[bytes]:
    """One customer by id."""
    workspace = require(request, READ_CUSTOMERS).workspace
    identifier = path_id(request.path_params["id"])
    found = await services_of(request).database.ask(customers.by_id, workspace.number, identifier)
    return _answer(found, workspace)


@get(
    "/api/customers/external/{external_id:str}",
    tags=["Rapidly"],
    summary="Get a customer by external id",
    responses={200: answer_of(Customer, "The customer."), **ERRORS},
)
async def get_customer_by_external_id(request: AnyRequest) -> Response[bytes]:
    """One customer by the name that the caller knows them by."""
    workspace = require(request, READ_CUSTOMERS).workspace
    named = Identity("external_id", request.path_params["external_id"])
    found = await services_of(request).database.ask(customers.by_identity, workspace.number, named)
    return _answer(found, workspace)


def _answer(found: model.Customer | None, workspace: Workspace) -> Response[bytes]:
    """The customer, unless there is none: one who was only mentioned, or is deleted, is none here."""
    if found is None or not found.registered or found.deleted_at is not None:
        raise ResourceNotFound
    return answers.json(mapping.customer(found, workspace))
