"""Reading events (contracts/capillary.md 3) and what became of posts (2.5)."""

from collections.abc import AsyncIterator

import msgspec
from litestar import Response, get
from litestar.openapi.spec import OpenAPIType
from litestar.response import Stream

from footfall.apis.capillary import adapters, identity, mapping, posts
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.event_settings import masks_sensitive
from footfall.apis.capillary.mapping import View
from footfall.apis.capillary.parameters import INVALID_SEARCH, limit_of, moment
from footfall.apis.capillary.schemas import EventData, EventsData, LogItem, Logs, RunningStatus
from footfall.apis.capillary.tills import tills_of
from footfall.apis.http import JSON, AnyRequest, RouteHandlers, query_parameters, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import Services, services_of
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Post, State
from footfall.model.workspace import Workspace
from footfall.storage import behavioural_adapters, behavioural_events, event_browse, event_details, post_queue
from footfall.storage.connection import Connection
from footfall.storage.event_browse import Browse
from footfall.storage.event_walk import WalkPosition

_TAGS = ["Capillary"]
_EVENTS_AT_A_TIME = 1_000
_encode = msgspec.json.Encoder().encode


@get(
    "/v2/events/event_data",
    tags=_TAGS,
    summary="One event, by the `requestId` of its post",
    responses={200: answer_of(EventsData, "One event; none when the id is not one of yours")},
    operation_class=described(query("id", "requestId of the post", required=True)),
    direct=True,
)
async def event_by_request(request: AnyRequest) -> Response[bytes]:
    """Takes the query parameter `id`. Every event is found here, whichever product captured it."""
    caller = await principal(request)
    asked = dict(query_parameters(request)).get("id", "").strip()
    if not asked:
        raise CapillaryError(400, 400, "event id is required", data=[])
    identifier = identifiers.from_text(asked)
    found = None
    if identifier is not None:
        found = await services_of(request).database.ask(
            _event, caller.workspace, identifier, masks=masks_sensitive(caller)
        )
    return respond(EventsData(data=[] if found is None else [found]))


@get(
    "/v2/events/event_data/{user_id:str}",
    tags=_TAGS,
    summary="A customer's events, newest first",
    responses={200: answer_of(EventsData, "As by request id, but tillCode is the till's code")},
    operation_class=described(path=("user_id",)),
)
async def events_of_customer(request: AnyRequest, user_id: str) -> Response[bytes] | Stream:
    """Takes the customer's `userId`; a customer of nobody's has no events. All of them, however many."""
    caller = await principal(request)
    number = identity.customer_number(user_id)
    if number is None:
        raise CapillaryError(400, INVALID_SEARCH, "Invalid search request parameters userId", data=[])
    services, masks = services_of(request), masks_sensitive(caller)
    first = await services.database.ask_long(_events_of, caller.workspace, number, None, masks=masks)
    if first.position is None:
        return respond(EventsData(data=first.events))
    return Stream(_all_events(services, caller.workspace, number, first, masks=masks), media_type=JSON)


@get(
    "/v2/events/logs",
    tags=_TAGS,
    summary="What became of posted events, newest first",
    responses={200: answer_of(Logs, "Accepted and rejected posts with the reason")},
    operation_class=described(
        query("event_name", "Only posts of this event"),
        query("from_date", "Received from this moment on: epoch milliseconds or a date"),
        query("to_date", "Received before this moment"),
        query("limit", "How many: 10, at most 1000", OpenAPIType.INTEGER),
    ),
)
async def list_logs(request: AnyRequest) -> Response[bytes]:
    """Takes `event_name`, `from_date`, `to_date` (epoch milliseconds or a date) and `limit` (10, at most 1000)."""
    caller = await principal(request)
    workspace = caller.workspace
    asked = dict(query_parameters(request))
    services = services_of(request)
    found = await services.database.ask_long(
        behavioural_events.posts,
        workspace.number,
        asked.get("event_name") or None,
        since=moment(asked, "from_date", instant.EARLIEST),
        until=moment(asked, "to_date", instant.LATEST),
        limit=limit_of(asked),
    )
    hidden: dict[str, set[str]] = {}
    if masks_sensitive(caller):
        hidden = await services.database.ask(_sensitive, workspace.number, {one.event_name for one in found})
    return respond(Logs(data=[_log_item(one, workspace, hidden.get(one.event_name, set())) for one in found]))


@get(
    "/v2/events/running_status",
    tags=_TAGS,
    summary="The steps of one post",
    responses={200: answer_of(RunningStatus, "No states when the post is unknown or long ago")},
    operation_class=described(query("eventId", "requestId of the post", required=True)),
)
async def show_running_status(request: AnyRequest) -> Response[bytes]:
    """Takes the query parameter `eventId`, the `requestId` of the post."""
    workspace = (await principal(request)).workspace
    asked = dict(query_parameters(request)).get("eventId", "").strip()
    if not asked:
        raise CapillaryError(400, 400, "event id is required")
    identifier = identifiers.from_text(asked)
    found = None
    if identifier is not None:
        found = await services_of(request).database.ask(_progress, workspace.number, identifier)
    name, states = (None, []) if found is None else found
    return respond(RunningStatus(id=asked, org_id=workspace.org_id, state_list=states, event_name=name))


HANDLERS: RouteHandlers = [event_by_request, events_of_customer, list_logs, show_running_status]


def _event(connection: Connection, workspace: Workspace, identifier: bytes, *, masks: bool) -> EventData | None:
    found = event_details.with_definition(connection, workspace.number, identifier)
    if found is None:
        return None
    return mapping.event_data(*found, View(workspace, tills_of(connection, workspace), masks))


class _EventsPage(msgspec.Struct, frozen=True):
    """Some of a customer's events, newest first; ``position`` None: there are no older ones."""

    events: list[EventData]
    position: WalkPosition | None


def _events_of(
    connection: Connection, workspace: Workspace, customer: int, position: WalkPosition | None, *, masks: bool
) -> _EventsPage:
    asked = Browse(workspace=workspace.number, customer=customer)
    found = [event for event, _ in event_browse.page(connection, asked, position, _EVENTS_AT_A_TIME)]
    view = View(workspace, tills_of(connection, workspace), masks)
    defined = behavioural_events.definitions_of(connection, workspace.number, {event.name for event in found})
    shown = [mapping.event_data_of_customer(event, defined.get(event.name), view) for event in found]
    is_last = len(found) < _EVENTS_AT_A_TIME
    return _EventsPage(shown, None if is_last else WalkPosition(found[-1].occurred_at, found[-1].sequence))


async def _all_events(
    services: Services, workspace: Workspace, customer: int, first: _EventsPage, *, masks: bool
) -> AsyncIterator[bytes]:
    """The answer piece by piece: a customer may have any number of events."""
    page, separator = first, b'{"data":['
    while True:
        for event in page.events:
            yield separator + _encode(event)
            separator = b","
        if page.position is None:
            break
        page = await services.database.ask_long(_events_of, workspace, customer, page.position, masks=masks)
    yield b'],"warnings":[],"errors":[]}'


def _progress(connection: Connection, workspace: int, identifier: bytes) -> tuple[str, list[State]] | None:
    waiting = post_queue.waiting(connection, workspace, identifier)
    if waiting is not None:
        return waiting.event_name, posts.first_states(waiting)
    found = behavioural_events.post(connection, workspace, identifier)
    return None if found is None else (found.event_name, found.states)


def _sensitive(connection: Connection, workspace: int, names: set[str]) -> dict[str, set[str]]:
    """By event: the names of its sensitive attributes, also those by which adapters know them."""
    hidden = {
        name: set(one.sensitive)
        for name, one in behavioural_events.definitions_of(connection, workspace, names).items()
    }
    for translation in adapters.translations(behavioural_adapters.every(connection, workspace)).values():
        own = hidden.get(translation.event_name, set())
        own |= {theirs for theirs, ours in translation.fields.items() if ours in own}
    return hidden


def _log_item(one: Post, workspace: Workspace, hidden: set[str]) -> LogItem:
    return LogItem(
        start_time=one.received_at // instant.MILLISECOND,
        response_time=one.response_time,
        org_id=workspace.org_id,
        status=one.status,
        event_name=one.event_name,
        input_request=mapping.masked(one.request, hidden) if hidden else one.request,
        id=identifiers.to_text(one.id),
        webhook_id=one.webhook.hex(),
        parent_org_id=-1,
        message=one.message,
    )
