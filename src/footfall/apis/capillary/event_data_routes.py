"""Reading events (contracts/capillary.md 3) and what became of posts (2.5)."""

import msgspec
from litestar import Response, get
from litestar.openapi.spec import OpenAPIType

from footfall.apis.capillary import event_time, identity, mapping
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.schemas import EventData, EventsData, LogItem, Logs, Problem, RunningStatus
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import identifiers, instant
from footfall.model.behavioural_event import Definition, Post
from footfall.model.workspace import Workspace
from footfall.storage import behavioural_events, event_details, events
from footfall.storage.connection import Connection

_TAGS = ["Capillary"]
_MOST_EVENTS = 10_000
_DEFAULT_LOGS = 10
_MOST_LOGS = 1_000
_MILLISECOND_DIGITS = 13
_INVALID_SEARCH = 1850


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
    workspace = (await principal(request)).workspace
    asked = dict(query_parameters(request)).get("id", "").strip()
    if not asked:
        raise CapillaryError(400, 400, "event id is required", data=[])
    identifier = identifiers.from_text(asked)
    found = None
    if identifier is not None:
        found = await services_of(request).database.ask(_event, workspace, identifier)
    return respond(EventsData(data=[] if found is None else [found]))


@get(
    "/v2/events/event_data/{user_id:str}",
    tags=_TAGS,
    summary="A customer's events, newest first",
    responses={200: answer_of(EventsData, "As by request id, but tillCode is the till's code")},
    operation_class=described(path=("user_id",)),
)
async def events_of_customer(request: AnyRequest, user_id: str) -> Response[bytes]:
    """Takes the customer's `userId`; a customer of nobody's has no events."""
    workspace = (await principal(request)).workspace
    number = identity.customer_number(user_id)
    if number is None:
        raise CapillaryError(400, _INVALID_SEARCH, "Invalid search request parameters userId", data=[])
    found = await services_of(request).database.ask_long(_events_of, workspace, number)
    warnings = []
    if len(found) > _MOST_EVENTS:
        warnings = [Problem(code=400, message=f"only the latest {_MOST_EVENTS} events are shown")]
    return respond(EventsData(data=found[:_MOST_EVENTS], warnings=warnings))


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
    workspace = (await principal(request)).workspace
    asked = dict(query_parameters(request))
    found = await services_of(request).database.ask_long(
        behavioural_events.posts,
        workspace.number,
        asked.get("event_name") or None,
        since=_moment(asked, "from_date", instant.EARLIEST),
        until=_moment(asked, "to_date", instant.LATEST),
        limit=_limit(asked),
    )
    return respond(Logs(data=[_log_item(one, workspace) for one in found]))


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
        found = await services_of(request).database.ask(behavioural_events.post, workspace.number, identifier)
    status = RunningStatus(
        id=asked,
        org_id=workspace.org_id,
        state_list=[] if found is None else found.states,
        event_name=None if found is None else found.event_name,
    )
    return respond(status)


HANDLERS: RouteHandlers = [event_by_request, events_of_customer, list_logs, show_running_status]


def _event(connection: Connection, workspace: Workspace, identifier: bytes) -> EventData | None:
    found = event_details.with_definition(connection, workspace.number, identifier)
    return None if found is None else mapping.event_data(found[0], workspace, found[1])


def _events_of(connection: Connection, workspace: Workspace, customer: int) -> list[EventData]:
    known: dict[str, Definition | None] = {}
    shown = []
    for found in events.latest_of_customer(connection, workspace.number, customer, _MOST_EVENTS + 1):
        if found.name not in known:
            known[found.name] = behavioural_events.definition(connection, workspace.number, found.name)
        one = mapping.event_data(found, workspace, known[found.name])
        shown.append(msgspec.structs.replace(one, till_code=workspace.till_code))
    return shown


def _moment(asked: dict[str, str], name: str, default: int) -> int:
    text = asked.get(name, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdecimal() and len(text) <= _MILLISECOND_DIGITS:
        return int(text) * instant.MILLISECOND
    found = event_time.parse(text, instant.now())
    if found is None:
        raise CapillaryError(400, _INVALID_SEARCH, f"Invalid search request parameters {name}")
    return found.occurred_at


def _limit(asked: dict[str, str]) -> int:
    text = asked.get("limit", "").strip() or str(_DEFAULT_LOGS)
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise CapillaryError(400, _INVALID_SEARCH, "Invalid search request parameters limit")
    return min(int(text), _MOST_LOGS)


def _log_item(one: Post, workspace: Workspace) -> LogItem:
    return LogItem(
        start_time=one.received_at // instant.MILLISECOND,
        response_time=one.response_time,
        org_id=workspace.org_id,
        status=one.status,
        event_name=one.event_name,
        input_request=one.request,
        id=identifiers.to_text(one.id),
        webhook_id=one.webhook.hex(),
        parent_org_id=-1,
        message=one.message,
    )
