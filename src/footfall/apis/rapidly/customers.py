"""The customers' endpoints (contracts/rapidly.md 4.2)."""

import csv
import io
from collections.abc import AsyncIterator
from functools import partial

from litestar import Response, delete, get, patch, post
from litestar.response import Stream

from footfall.apis.http import AnyRequest, read_body
from footfall.apis.openapi import answer_of
from footfall.apis.rapidly import (
    answers,
    bodies,
    customer_changes,
    customer_creation,
    email_domains,
    envelopes,
    mapping,
    openapi,
    polar,
    scalars,
)
from footfall.apis.rapidly.auth import READ_CUSTOMERS, WRITE_CUSTOMERS, require
from footfall.apis.rapidly.customer_changes import Find
from footfall.apis.rapidly.dialect import Dialect, dialect_of
from footfall.apis.rapidly.errors import ResourceNotFound
from footfall.apis.rapidly.events import path_id
from footfall.apis.rapidly.openapi import ERRORS, create_customer_operation
from footfall.apis.rapidly.parameters import Parameters, boolean, sorting_of, text
from footfall.apis.rapidly.schemas import Customer, EventCustomer
from footfall.apis.services import Services, services_of
from footfall.model import customer as model
from footfall.model import identifiers
from footfall.model.customer import Identity
from footfall.model.customer_details import details_of
from footfall.model.member import Member
from footfall.model.text import comparable_email
from footfall.model.workspace import Workspace
from footfall.storage import customer_list, customers, members
from footfall.storage.customer_list import SORT_FIELDS, CustomerListing

_TAGS = ["Rapidly"]
_BY_ID = ["/api/customers/{id:str}", "/v1/customers/{id:str}"]
_BY_EXTERNAL_ID = ["/api/customers/external/{external_id:str}", "/v1/customers/external/{external_id:str}"]
_ROWS_AT_A_TIME = 500
_COLUMNS = (
    *("ID", "External ID", "Created At", "Email", "Email Verified", "Name"),
    *("Billing Address Line 1", "Billing Address Line 2", "Billing City", "Billing State"),
    *("Billing Postal Code", "Billing Country"),
)


@get(
    ["/api/customers", "/v1/customers"],
    tags=_TAGS,
    summary="List customers",
    description="Called as `/api/customers/`. Deleted customers are not shown.",
    operation_class=openapi.list_customers_operation(),
    responses={200: answer_of(envelopes.Page, "A page."), **ERRORS},
)
async def list_customers(request: AnyRequest) -> Response[bytes]:
    """One page of customers."""
    dialect = dialect_of(request)
    workspace = require(request, READ_CUSTOMERS).workspace
    parameters = Parameters(request)
    paging = parameters.paging()
    tenants = parameters.many(dialect.tenant_id, scalars.uuid4)
    sorting = parameters.many("sorting", sorting_of(SORT_FIELDS)) or ("-created_at",)
    email = parameters.one("email", text, None)
    with_members = parameters.one("include_members", boolean, default=False)
    query = parameters.one("query", text, "")
    parameters.faults.raise_if_any()
    listing = CustomerListing(
        workspace=workspace.number,
        email=None if email is None else comparable_email(email),
        text=query,
        properties=parameters.members("metadata"),
        order=tuple((key.removeprefix("-"), key.startswith("-")) for key in dict.fromkeys(sorting)),  # type: ignore[misc]
        limit=paging.limit,
        offset=paging.offset,
    )
    if tenants and workspace.id not in tenants:
        found: list[model.Customer] = []
        total = 0
    else:
        found, total = await services_of(request).database.ask_long(customer_list.page, listing)
    shown = await _shown(services_of(request), found, workspace, dialect, with_members=with_members)
    return answers.json(envelopes.page(shown, total, paging, dialect))


@get("/api/customers/export", tags=_TAGS, summary="Export customers as CSV", media_type="text/csv")
async def export_customers(request: AnyRequest) -> Stream:
    """All customers, oldest first, one row each."""
    workspace = require(request, READ_CUSTOMERS).workspace
    parameters = Parameters(request)
    tenants = parameters.many("workspace_id", scalars.uuid4)
    parameters.faults.raise_if_any()
    rows = _rows(services_of(request), workspace, is_elsewhere=bool(tenants) and workspace.id not in tenants)
    headers = answers.headers({"content-disposition": "attachment; filename=rapidly-customers.csv"})
    return Stream(rows, media_type="text/csv; charset=utf-8", headers=headers)


@post(
    ["/api/customers", "/v1/customers"],
    tags=_TAGS,
    summary="Create a customer",
    description="Called as `/api/customers/`. Events that named this `external_id` earlier then show the customer.",
    status_code=201,
    operation_class=create_customer_operation(),
    responses={201: answer_of(Customer, "The customer."), **ERRORS},
)
async def create_customer(request: AnyRequest) -> Response[bytes]:
    """Makes a customer and captures the event that tells of it."""
    services = services_of(request)
    dialect = dialect_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    value = bodies.parse(body, request.headers.get("content-type"))
    workspace = require(request, WRITE_CUSTOMERS).workspace
    new = customer_creation.parse(bodies.object_of(value), body, dialect)
    if services.settings.rapidly_check_email_domains:
        await email_domains.refuse_unknown(new.email)
    made = await services.capture.change(customer_creation.create, workspace, new)
    return answers.json(_in_dialect(mapping.customer(made, workspace), dialect), 201)


@get(_BY_ID, tags=_TAGS, summary="Get a customer", responses={200: answer_of(Customer, "The customer."), **ERRORS})
async def get_customer(request: AnyRequest) -> Response[bytes]:
    """One customer by id."""
    return await _answer(request)


@get(
    _BY_EXTERNAL_ID,
    tags=_TAGS,
    summary="Get a customer by external id",
    responses={200: answer_of(Customer, "The customer."), **ERRORS},
)
async def get_customer_by_external_id(request: AnyRequest) -> Response[bytes]:
    """One customer by the name that the caller knows them by."""
    return await _answer(request)


@get(
    [f"{path}/state" for path in (*_BY_ID, *_BY_EXTERNAL_ID)],
    tags=_TAGS,
    summary="Get a customer's state",
    responses={200: answer_of(EventCustomer, "The customer, without members."), **ERRORS},
)
async def get_customer_state(request: AnyRequest) -> Response[bytes]:
    """One customer without members."""
    workspace = require(request, READ_CUSTOMERS).workspace
    found = await services_of(request).database.ask(_finder(request, workspace))
    return answers.json(
        _in_dialect(mapping.event_customer(_living(found), identifiers.to_text(workspace.id)), dialect_of(request))
    )


@patch(
    [*_BY_ID, *_BY_EXTERNAL_ID],
    tags=_TAGS,
    summary="Change a customer",
    description="Only what is given changes; `metadata` is replaced as a whole.",
    operation_class=openapi.change_customer_operation(),
    responses={200: answer_of(Customer, "The customer."), **ERRORS},
)
async def update_customer(request: AnyRequest) -> Response[bytes]:
    """Changes a customer and captures the event that tells of it."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    value = bodies.parse(body, request.headers.get("content-type"))
    workspace = require(request, WRITE_CUSTOMERS).workspace
    find = _finder(request, workspace)
    by_external_id = "external_id" in request.path_params
    change = customer_changes.parse(bodies.object_of(value), body, by_external_id=by_external_id)
    if services.settings.rapidly_check_email_domains and isinstance(change.email, str):
        await email_domains.refuse_unknown(change.email)
    changed = await services.capture.change(customer_changes.update, workspace.number, find, change)
    return answers.json(_in_dialect(mapping.customer(changed, workspace), dialect_of(request)))


@delete(
    [*_BY_ID, *_BY_EXTERNAL_ID],
    tags=_TAGS,
    summary="Delete a customer",
    description="`?anonymize=true` also takes away what tells who it was.",
    operation_class=openapi.delete_customer_operation(),
    status_code=200,  # the framework lets no handler of a 204 answer by itself
    responses={204: openapi.NOTHING, **ERRORS},
)
async def delete_customer(request: AnyRequest) -> Response[bytes]:
    """Deletes a customer, softly, and captures the event that tells of it."""
    workspace = require(request, WRITE_CUSTOMERS).workspace
    find = _finder(request, workspace)
    parameters = Parameters(request)
    anonymised = parameters.one("anonymize", boolean, default=False)
    parameters.faults.raise_if_any()
    capture = services_of(request).capture
    await capture.change(customer_changes.delete, workspace.number, find, anonymised=anonymised)
    return answers.empty(204)


def _finder(request: AnyRequest, workspace: Workspace) -> Find:
    """How to find the customer whom the path names. Raises RequestInvalid."""
    external_id = request.path_params.get("external_id")
    if external_id is not None:
        return partial(customers.by_identity, workspace=workspace.number, identity=Identity("external_id", external_id))
    return partial(customers.by_id, workspace=workspace.number, identifier=path_id(request.path_params["id"]))


async def _answer(request: AnyRequest) -> Response[bytes]:
    """The customer whom the path names."""
    services = services_of(request)
    dialect = dialect_of(request)
    workspace = require(request, READ_CUSTOMERS).workspace
    find = _finder(request, workspace)
    parameters = Parameters(request)
    with_members = parameters.one("include_members", boolean, default=False)
    parameters.faults.raise_if_any()
    found = _living(await services.database.ask(find))
    [shown] = await _shown(services, [found], workspace, dialect, with_members=with_members)
    return answers.json(shown)


async def _shown(
    services: Services, found: list[model.Customer], workspace: Workspace, dialect: Dialect, *, with_members: bool
) -> list[object]:
    of: dict[int, list[Member]] = {}
    if with_members and found:
        of = await services.database.ask(members.of_customers, workspace.number, [each.number for each in found])
    return [_in_dialect(mapping.customer(each, workspace, of.get(each.number, ())), dialect) for each in found]


def _living(found: model.Customer | None) -> model.Customer:
    """The customer, unless there is none: one who was only mentioned, or is deleted, is none here."""
    if found is None or not found.registered or found.deleted_at is not None:
        raise ResourceNotFound
    return found


def _in_dialect(own: Customer | EventCustomer, dialect: Dialect) -> object:
    return polar.customer(own) if dialect.is_polar else own


async def _rows(services: Services, workspace: Workspace, *, is_elsewhere: bool) -> AsyncIterator[bytes]:
    yield _csv([_COLUMNS])
    after = 0
    while not is_elsewhere:
        found = await services.database.ask_long(customer_list.every, workspace.number, after, _ROWS_AT_A_TIME)
        if not found:
            return
        after = found[-1].number
        yield _csv([_row(each) for each in found])


def _row(customer: model.Customer) -> tuple[str | None, ...]:
    details = details_of(customer)
    address = details.billing_address
    of_address: tuple[str | None, ...] = (None,) * 6
    if address is not None:
        of_address = (
            address.line1,
            address.line2,
            address.city,
            address.state,
            address.postal_code,
            address.country,
        )
    return (
        identifiers.to_text(customer.id),
        customer.external_id,
        mapping.moment(customer.created_at),
        details.email or customer.email,
        "true" if details.email_verified else "false",
        customer.name,
        *of_address,
    )


def _csv(rows: list[tuple[str | None, ...]]) -> bytes:
    text_of = io.StringIO()
    csv.writer(text_of).writerows(rows)
    return text_of.getvalue().encode()
