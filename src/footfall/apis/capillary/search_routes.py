"""Searching events (contracts/capillary.md 3.6)."""

import msgspec
from litestar import Response, get
from litestar.openapi.spec import OpenAPIType

from footfall.apis.capillary import identity, mapping, parameters, search
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import described
from footfall.apis.capillary.event_settings import masks_sensitive
from footfall.apis.capillary.mapping import View
from footfall.apis.capillary.schemas import EventData, FoundEvents, SideEffects
from footfall.apis.capillary.search import Asked, Schema
from footfall.apis.capillary.tills import tills_of
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model.behavioural_event import Definition
from footfall.model.customer import Identity
from footfall.model.event import Event
from footfall.model.workspace import Workspace
from footfall.storage import behavioural_events, customers, event_types, record_search
from footfall.storage.connection import Connection

_TAGS = ["Capillary"]
_NOTHING: tuple[list[EventData], int] = ([], 0)


@get(
    "/v2/events/search",
    tags=_TAGS,
    summary="Search events",
    responses={200: answer_of(FoundEvents, "One page, and how many events answer on all pages")},
    operation_class=described(
        query("eventId", "requestId of the post"),
        query("eventName", "The event's name"),
        query("userIdentifierType", "mobile, email, userId or another identifier"),
        query("userIdentifierValue", "What the customer goes by"),
        query("userGroupIdentifierType", "groupId, groupExternalId, mobile, email or userId"),
        query("userGroupIdentifierValue", "What the group, or its member, goes by"),
        query("fromDate", "Happened from this moment on; without an offset GMT"),
        query("tillDate", "Happened up to and including this day, second or millisecond"),
        query("limit", "10, at most 1000", OpenAPIType.INTEGER),
        query("offset", "How many events to skip", OpenAPIType.INTEGER),
        query("sortOrder", "ASC or DESC, by when they happened; DESC unless given"),
        query("isDuplicate", "true or false", OpenAPIType.BOOLEAN),
        query("allowExactMatch", "Attributes must be as given, instead of having its words", OpenAPIType.BOOLEAN),
        query("includeSideEffects", "Show each event's side effects", OpenAPIType.BOOLEAN),
    ),
)
async def search_events(request: AnyRequest) -> Response[bytes]:
    """Finds the events that have everything that is asked; every other parameter is an attribute's name and value."""
    caller = await principal(request)
    asked = search.asked_of(query_parameters(request))
    found, total = await services_of(request).database.ask_long(
        _found, caller.workspace, asked, masks=masks_sensitive(caller)
    )
    return respond(FoundEvents(click_event_data_list=found, total_records=total))


HANDLERS: RouteHandlers = [search_events]


def _found(connection: Connection, workspace: Workspace, asked: Asked, *, masks: bool) -> tuple[list[EventData], int]:
    """The page's events as they are shown, and how many there are in all."""
    tills = tills_of(connection, workspace)
    defined = _definitions(connection, workspace, asked)
    if masks:
        _refuse_sensitive(asked, defined)
    event_type = None
    if asked.event_name is not None:
        known = event_types.numbers(connection, workspace.number, [asked.event_name])
        event_type = known.get(asked.event_name)
        if event_type is None:
            return _NOTHING
    numbers = {_customer(connection, workspace, person) for person in asked.people}
    if asked.is_impossible or None in numbers or len(numbers) > 1:
        return _NOTHING
    question = search.question(asked, workspace.number, event_type, next(iter(numbers), None), Schema(defined, tills))
    page, total = record_search.search(connection, question)
    return _shown(connection, asked, page, View(workspace, tills, masks)), total


def _definitions(connection: Connection, workspace: Workspace, asked: Asked) -> dict[str, Definition]:
    """Of all events that may be found."""
    if asked.event_name is not None:
        return behavioural_events.definitions_of(connection, workspace.number, [asked.event_name])
    return {one.name: one for one in behavioural_events.definitions(connection, workspace.number)}


def _refuse_sensitive(asked: Asked, defined: dict[str, Definition]) -> None:
    """Whoever may not see a value may not find out by searching, either."""
    sensitive = {name for one in defined.values() for name in one.sensitive}
    for name, _ in asked.attributes:
        if name in sensitive:
            raise parameters.invalid(name)


def _customer(connection: Connection, workspace: Workspace, person: search.Person) -> int | None:
    """The number of the customer, or None when nobody goes by that."""
    reference = identity.reference(person.type, person.value, may_register=False, where=person.where)
    if reference is None:
        return None
    if reference.number is not None:
        return reference.number
    name: Identity = reference.identities[0]
    holder = customers.holders(connection, workspace.number, [name]).get(name)
    return None if holder is None else holder.number


def _shown(connection: Connection, asked: Asked, page: list[Event], view: View) -> list[EventData]:
    names = {event.name for event in page}
    defined = behavioural_events.definitions_of(connection, view.workspace.number, names)
    shown = [mapping.event_data(event, defined.get(event.name), view) for event in page]
    if not asked.with_side_effects:
        return shown
    return [msgspec.structs.replace(one, click_event_side_effects=SideEffects(one.event_id)) for one in shown]
