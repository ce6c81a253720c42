"""Routes: customers, targets, definitions."""

from litestar import Response, get

from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters
from footfall.apis.services import services_of
from footfall.console.exploring import place_of, text_of
from footfall.console.failures import NotThere
from footfall.console.people import find_customer, number_of, person
from footfall.console.progress import SAMPLE, STEPS, group_page
from footfall.console.rendering import page, redirect
from footfall.console.session import session_of
from footfall.model import instant
from footfall.model.behavioural_event import Definition
from footfall.storage import behavioural_events, customer_list, event_counts, event_types, targets
from footfall.storage.connection import Connection
from footfall.storage.event_types import EventType
from footfall.targets.failure import TargetFailure

_PAGE = 50
_NOBODY = "There is no such customer."


@get("/console/customers", include_in_schema=False)
async def list_customers(request: AnyRequest) -> Response[bytes]:
    """Customers by number; ``find`` leads to whoever goes by that name."""
    session = await session_of(request)
    database = services_of(request).database
    given = dict(query_parameters(request))
    wanted = given.get("find", "").strip()
    if wanted:
        found = await database.ask_long(find_customer, session.workspace.number, wanted)
        if found is not None:
            return redirect(f"/console/customers/{found.number}")
    after = number_of(given.get("after", "")) or 0
    people = await database.ask_long(customer_list.every, session.workspace.number, after, _PAGE + 1)
    return page(
        "customers.html",
        session=session,
        section="customers",
        title="Customers",
        wanted=wanted,
        people=people[:_PAGE],
        after=people[_PAGE - 1].number if len(people) > _PAGE else None,
    )


@get("/console/customers/{number:str}", include_in_schema=False)
async def show_customer(request: AnyRequest, number: str) -> Response[bytes]:
    """One customer: identities, progress, and his events, newest first."""
    session = await session_of(request)
    key = number_of(number)
    if key is None:
        raise NotThere(_NOBODY)
    place = place_of(dict(query_parameters(request)).get("before", ""))
    found = await services_of(request).database.ask_long(person, session.workspace.number, key, place, instant.now())
    if found is None:
        raise NotThere(_NOBODY)
    return page(
        "customer.html",
        session=session,
        section="customers",
        title=found.customer.name or found.customer.primary_identity,
        found=found,
        older=text_of(found.events[-1][0]) if found.has_older else None,
        properties=bytes(found.customer.properties),
    )


@get("/console/targets", include_in_schema=False)
async def list_targets(request: AnyRequest) -> Response[bytes]:
    """The target groups."""
    session = await session_of(request)
    groups = await services_of(request).database.ask_long(targets.groups, session.workspace.number)
    return page("targets.html", session=session, section="targets", title="Targets", groups=groups)


@get("/console/targets/{group:str}", include_in_schema=False)
async def show_target(request: AnyRequest, group: str) -> Response[bytes]:
    """One group: periods, rules, and how far customers have come."""
    session = await session_of(request)
    key = number_of(group)
    try:
        found = await services_of(request).database.ask_long(group_page, session.workspace.number, key or 0)
    except TargetFailure:
        raise NotThere("There is no such target group.") from None
    return page(
        "target.html",
        session=session,
        section="targets",
        title=found.definition.group.name,
        found=found,
        steps=STEPS,
        most=SAMPLE,
    )


@get("/console/definitions", include_in_schema=False)
async def list_definitions(request: AnyRequest) -> Response[bytes]:
    """The names that events bear, and the behavioural events that are defined."""
    session = await session_of(request)
    types, counts, defined = await services_of(request).database.ask_long(_definitions, session.workspace.number)
    return page(
        "definitions.html",
        session=session,
        section="definitions",
        title="Definitions",
        types=types,
        counts=counts,
        defined=defined,
    )


HANDLERS: RouteHandlers = [list_customers, show_customer, list_targets, show_target, list_definitions]


def _definitions(connection: Connection, workspace: int) -> tuple[list[EventType], dict[int, int], list[Definition]]:
    return (
        event_types.described(connection, workspace),
        event_counts.by_type(connection, workspace),
        behavioural_events.definitions(connection, workspace),
    )
