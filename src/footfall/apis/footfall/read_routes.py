"""Routes that read many: ``/events/search``, ``/events/counts``, ``/events/names``, ``/customers``."""

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from footfall.apis.footfall import documentation, parameters, reading, schemas
from footfall.apis.footfall.auth import authenticate
from footfall.apis.http import AnyRequest, query_parameters, respond
from footfall.apis.openapi import answer_of
from footfall.apis.services import services_of
from footfall.model import instant

_TAGS = ["Footfall"]
_REFUSED = {
    400: answer_of(schemas.ErrorAnswer, "A parameter is wrong; field names it"),
    401: answer_of(schemas.ErrorAnswer, "No valid token"),
}
_NOT_FOUND = {404: answer_of(schemas.ErrorAnswer, "The workspace has no such customer")}


@get(
    "/events/search",
    tags=_TAGS,
    summary="Events by what is known of them, page by page",
    operation_class=documentation.SearchEvents,
    responses={200: answer_of(schemas.EventPage, "A page"), **_REFUSED},
)
async def search_events(request: AnyRequest) -> Response[bytes]:
    """Newest first, or oldest first; ``next`` is the cursor of the page behind."""
    return await _search(request, None)


@get(
    "/events/counts",
    tags=_TAGS,
    summary="How many events there are, over time",
    operation_class=documentation.CountEvents,
    responses={200: answer_of(schemas.CountAnswer, "The counts"), **_REFUSED},
)
async def count_events(request: AnyRequest) -> Response[bytes]:
    """Of each name, or of all together; kept, not counted."""
    services = services_of(request)
    workspace = (await authenticate(request)).workspace
    asked = parameters.counting_of(query_parameters(request), instant.now())
    return respond(await services.database.ask_long(reading.counts, workspace.number, asked))


@get(
    "/events/names",
    tags=_TAGS,
    summary="The names that events bear",
    operation_class=documentation.ListNames,
    responses={200: answer_of(schemas.NamePage, "A page"), **_REFUSED},
)
async def event_names(request: AnyRequest) -> Response[bytes]:
    """With how many events bear each, and since when."""
    services = services_of(request)
    workspace = (await authenticate(request)).workspace.number
    asked = parameters.listing_of(query_parameters(request), services.token_key, workspace, "names")
    found, cursor = await services.database.ask_long(reading.names, workspace, asked)
    following = None if cursor is None else parameters.list_cursor(cursor, services.token_key)
    return respond(schemas.NamePage(found, following))


@get(
    "/customers",
    tags=_TAGS,
    summary="All customers, page by page",
    operation_class=documentation.ListCustomers,
    responses={200: answer_of(schemas.CustomerPage, "A page"), **_REFUSED},
)
async def list_customers(request: AnyRequest) -> Response[bytes]:
    """In the order in which they came up."""
    services = services_of(request)
    workspace = (await authenticate(request)).workspace.number
    asked = parameters.listing_of(query_parameters(request), services.token_key, workspace, "customers")
    found, cursor = await services.database.ask_long(reading.customers, workspace, asked)
    following = None if cursor is None else parameters.list_cursor(cursor, services.token_key)
    return respond(schemas.CustomerPage(found, following))


@get(
    "/customers/{customer_id:str}",
    tags=_TAGS,
    summary="One customer, by external id or id",
    operation_class=documentation.ReadCustomer,
    responses={200: answer_of(schemas.CustomerAnswer, "The customer"), **_REFUSED, **_NOT_FOUND},
)
async def read_customer(request: AnyRequest, customer_id: str) -> Response[bytes]:
    """As known now."""
    services = services_of(request)
    workspace = (await authenticate(request)).workspace.number
    parameters.check_none(query_parameters(request))
    found = await services.database.ask(reading.customer, workspace, customer_id)
    return respond(reading.customer_answer(found))


@get(
    "/customers/{customer_id:str}/events",
    tags=_TAGS,
    summary="A customer's events, page by page",
    operation_class=documentation.CustomerEvents,
    responses={200: answer_of(schemas.EventPage, "A page"), **_REFUSED, **_NOT_FOUND},
)
async def customer_events(request: AnyRequest, customer_id: str) -> Response[bytes]:
    """As a search that asks for the customer."""
    return await _search(request, customer_id)


async def _search(request: AnyRequest, customer: str | None) -> Response[bytes]:
    services = services_of(request)
    workspace = (await authenticate(request)).workspace.number
    asked = parameters.search_of(query_parameters(request), services.token_key, workspace, customer)
    if customer is not None:
        await services.database.ask(reading.customer, workspace, customer)
    found, cursor = await services.database.ask_long(reading.search, workspace, asked)
    following = None if cursor is None else parameters.search_cursor(cursor, services.token_key)
    return respond(schemas.EventPage(found, following))


def handlers() -> list[HTTPRouteHandler]:
    """All of them."""
    return [search_events, count_events, event_names, list_customers, read_customer, customer_events]
