"""Routes: events of all families (contracts/gainsight_px.md 2, 3, 4); those of users and accounts stand beside."""

from collections.abc import Awaitable, Callable, Sequence

from litestar import Response, Router, get, post
from litestar.handlers import HTTPRouteHandler

from footfall.apis.gainsight_px import (
    body,
    collection_routes,
    families,
    mapping,
    reading,
    record_routes,
    schemas,
    scroll,
    user_routes,
)
from footfall.apis.gainsight_px.auth import authenticate
from footfall.apis.gainsight_px.documentation import CreateEvent, CreateEvents, ReadEvent, SearchEvents, search_events
from footfall.apis.gainsight_px.errors import BadRequest, NotFound, PxError, answer
from footfall.apis.gainsight_px.families import EventList
from footfall.apis.gainsight_px.search_parameters import RecentParameters
from footfall.apis.http import AnyRequest, read_body, respond
from footfall.apis.openapi import answer_of
from footfall.apis.services import Services, services_of
from footfall.model import identifiers, instant
from footfall.model.customer import Identity
from footfall.model.event import Captured, NewEvent
from footfall.model.workspace import Workspace
from footfall.storage import customers, event_search, events
from footfall.storage.connection import Connection
from footfall.storage.found_event import FoundEvent

PATHS: tuple[str, ...] = ("/v1/", "/v2/user/")
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""

_TAGS = ["Gainsight PX"]
_PATH = families.CUSTOM.path
_FAILURES = {
    400: answer_of(schemas.ErrorAnswer, "Bad request"),
    401: answer_of(schemas.ErrorAnswer, "Unauthorized or bad API Key"),
    403: answer_of(schemas.ErrorAnswer, "The key lacks a permission"),
    429: answer_of(schemas.ErrorAnswer, "Rate limit exceeded; see Retry-After"),
}

Handler = Callable[[AnyRequest], Awaitable[Response[bytes]]]


def _listing(listed: EventList) -> Handler:
    recent = RecentParameters(listed)

    async def list_events(request: AnyRequest) -> Response[bytes]:
        """Filters, sorts and pages through events. ``totalHits`` is exact, and the same on all pages of a scroll."""
        services = services_of(request)
        database, key, memory = services.database, services.token_key, services.search_memory
        workspace = (await authenticate(request, "read")).workspace
        parameters = recent.of(request)
        token = parameters.scroll_id
        if token is None:
            most_days = services.settings.px_max_window_days
            query = parameters.query(workspace.number, now=instant.now(), most_days=most_days)
            ask = database.ask_briefly if reading.is_brief(query, memory) else database.ask_long
            page = await ask(reading.first_page, workspace, query, memory, key, listed)
        else:
            under_way = scroll.from_token(token, key, workspace.number, listed.family)
            resized = scroll.with_page_size(under_way, parameters.page_size(under_way.query.limit))
            ask = database.ask_briefly if reading.is_brief(resized.query, memory) else database.ask_long
            page = await ask(reading.next_page, workspace, resized, memory, key, listed)
        return respond(page)

    list_events.__name__ = f"list_{listed.family}_events"
    return list_events


search_custom_events = get(
    _PATH,
    tags=_TAGS,
    summary="Search custom events",
    operation_class=SearchEvents,
    direct=True,
    responses={200: answer_of(schemas.CustomEventPage, "Success"), **_FAILURES},
)(_listing(families.CUSTOM))


def _other_lists() -> list[HTTPRouteHandler]:
    return [
        get(
            listed.path,
            tags=_TAGS,
            summary=f"Search {listed.family.replace('_', ' ')} events",
            operation_id=f"Search{listed.family.title().replace('_', '')}Events",
            operation_class=search_events(listed),
            direct=True,
            responses={200: answer_of(dict[str, object], "Success"), **_FAILURES},
        )(_listing(listed))
        for listed in families.OTHERS
    ]


@post(
    _PATH,
    status_code=201,
    tags=_TAGS,
    summary="Create a custom event",
    operation_class=CreateEvent,
    direct=True,
    responses={201: answer_of(schemas.CreatedEvent, "Stored, durably"), **_FAILURES},
)
async def create_custom_event(request: AnyRequest) -> Response[bytes]:
    """Stores one event. An ``eventId`` that is known already changes nothing and is answered alike."""
    services = services_of(request)
    workspace = (await authenticate(request, "write")).workspace
    sent = body.parse(await read_body(request, services.settings.max_body_bytes))
    (event,) = await _new_events(services, workspace, [sent])
    outcome = (await services.capture.events(workspace, [event])).outcomes[0]
    assert isinstance(outcome, Captured)  # a customer named by external id comes into being; there is no parent
    return respond(await _created(services, workspace, outcome, sent), 201)


@post(
    f"{_PATH}/batch",
    status_code=201,
    tags=_TAGS,
    summary="Create custom events (an extension of ours)",
    operation_class=CreateEvents,
    responses={201: answer_of(list[schemas.BatchError], "Stored, durably, but for those told of"), **_FAILURES},
)
async def create_custom_events(request: AnyRequest) -> Response[bytes]:
    """Stores an array of events; answers what is wrong with those that were not stored."""
    services = services_of(request)
    workspace = (await authenticate(request, "write")).workspace
    good: list[body.SentEvent] = []
    errors: list[schemas.BatchError] = []
    for index, content in enumerate(body.parse_batch(await read_body(request, services.settings.max_body_bytes))):
        try:
            good.append(body.parse(content))
        except BadRequest as error:
            errors.append(schemas.BatchError(index, _told(error)))
    if good:
        await services.capture.events(workspace, await _new_events(services, workspace, good))
    elif errors:
        told = [
            schemas.SubError(
                object=f"customEvents[{error.index}]", field="", rejected_value=None, message=error.message
            )
            for error in errors
        ]
        raise BadRequest("None of the events was stored", told)
    return respond(errors, 201)


@get(
    f"{_PATH}/{{event_id:str}}",
    tags=_TAGS,
    summary="One custom event (an extension of ours)",
    operation_class=ReadEvent,
    responses={
        200: answer_of(schemas.CustomEvent, "The event"),
        **_FAILURES,
        404: answer_of(schemas.ErrorAnswer, "There is no such event"),
    },
)
async def read_custom_event(request: AnyRequest, event_id: str) -> Response[bytes]:
    """The event that searches show under this ``eventId``, letter case included."""
    services = services_of(request)
    workspace = (await authenticate(request, "read")).workspace
    found = await services.database.ask(_shown_under, workspace, event_id)
    if found is None:
        raise NotFound(f"Custom event was not found for parameters {{eventId={event_id}}}")
    return respond(mapping.custom_event(found, workspace))


def router() -> Router:
    """All routes of this product."""
    return Router(
        path="/",
        route_handlers=[
            search_custom_events,
            create_custom_event,
            create_custom_events,
            read_custom_event,
            *_other_lists(),
            *record_routes.handlers(),
            *user_routes.handlers(),
            *collection_routes.handlers(),
        ],
        exception_handlers={Exception: answer},
    )


async def _new_events(services: Services, workspace: Workspace, sent: Sequence[body.SentEvent]) -> list[NewEvent]:
    """The events to capture. One sent without an account gets its customer's, as it is now."""
    named = {mapping.identity_of(each) for each in sent if not each.account_id}
    accounts: dict[Identity, str | None] = {}
    if named:
        holders = await services.database.ask(customers.holders, workspace.number, named)
        accounts = {identity: holder.account_id for identity, holder in holders.items()}
    now = instant.now()
    return [
        mapping.new_event(each, received_at=now, account_of_customer=accounts.get(mapping.identity_of(each)))
        for each in sent
    ]


async def _created(
    services: Services, workspace: Workspace, outcome: Captured, sent: body.SentEvent
) -> schemas.CreatedEvent:
    identifier = identifiers.to_text(outcome.id)
    if not outcome.repeated:
        return schemas.CreatedEvent(sent.event_id or identifier, identifier)
    stored = await services.database.ask(events.by_id, workspace.number, outcome.id)  # maybe another product's
    return schemas.CreatedEvent(identifier if stored is None else mapping.event_id(stored), identifier)


def _told(error: PxError) -> str:
    return "; ".join(each.message for each in error.sub_errors) or error.message


def _shown_under(connection: Connection, workspace: Workspace, event_id: str) -> FoundEvent | None:
    """The custom event of this id: the sender's key, or the event's own id."""
    candidates = [identifiers.derived_id(workspace.id, event_id)]
    own = identifiers.from_text(event_id)
    if own is not None and identifiers.to_text(own) == event_id:
        candidates.append(own)
    for found in event_search.by_ids(connection, workspace.number, candidates):
        if mapping.event_id(found) == event_id:
            return found
    return None
