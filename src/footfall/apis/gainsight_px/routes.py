"""Routes: ``/v1/events/custom`` (contracts/gainsight_px.md 2, 4)."""

from litestar import Response, Router, get, post

from footfall.apis.gainsight_px import body, mapping, reading, schemas, scroll
from footfall.apis.gainsight_px.auth import authenticate
from footfall.apis.gainsight_px.documentation import CreateEvent, SearchEvents
from footfall.apis.gainsight_px.errors import answer
from footfall.apis.gainsight_px.search_parameters import RecentParameters
from footfall.apis.http import AnyRequest, read_body, respond
from footfall.apis.openapi import answer_of
from footfall.apis.services import Services, services_of
from footfall.model import identifiers, instant
from footfall.model.event import Captured
from footfall.model.workspace import Workspace
from footfall.storage import customers, events

PATHS: tuple[str, ...] = ("/v1/",)
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""

_TAGS = ["Gainsight PX"]
_PATH = "/v1/events/custom"
_FAILURES = {
    400: answer_of(schemas.ErrorAnswer, "Bad request"),
    401: answer_of(schemas.ErrorAnswer, "Unauthorized or bad API Key"),
    403: answer_of(schemas.ErrorAnswer, "The key lacks a permission"),
    429: answer_of(schemas.ErrorAnswer, "Rate limit exceeded; see Retry-After"),
}

_recent = RecentParameters()


@get(
    _PATH,
    tags=_TAGS,
    summary="Search custom events",
    operation_class=SearchEvents,
    direct=True,
    responses={200: answer_of(schemas.CustomEventPage, "Success"), **_FAILURES},
)
async def search_custom_events(request: AnyRequest) -> Response[bytes]:
    """Filters, sorts and pages through events. ``totalHits`` is exact, and the same on all pages of a scroll."""
    services = services_of(request)
    database, key = services.database, services.token_key
    workspace = (await authenticate(request, "read")).workspace
    parameters = _recent.of(request)
    token = parameters.scroll_id
    if token is None:
        query = parameters.query(workspace.number, now=instant.now(), most_days=services.settings.px_max_window_days)
        ask = database.ask_briefly if reading.is_brief(query) else database.ask_long
        page = await ask(reading.first_page, workspace, query, key)
    else:
        under_way = scroll.from_token(token, key, workspace.number)
        resized = scroll.with_page_size(under_way, parameters.page_size(under_way.query.limit))
        ask = database.ask_briefly if reading.is_brief(resized.query) else database.ask_long
        page = await ask(reading.next_page, workspace, resized, key)
    return respond(page)


@post(
    _PATH,
    status_code=201,
    tags=_TAGS,
    summary="Create a custom event",
    operation_class=CreateEvent,
    direct=True,
    responses={
        201: answer_of(schemas.CreatedEvent, "Stored, durably"),
        **_FAILURES,
    },
)
async def create_custom_event(request: AnyRequest) -> Response[bytes]:
    """Stores one event. An ``eventId`` that is known already changes nothing and is answered alike."""
    services = services_of(request)
    workspace = (await authenticate(request, "write")).workspace
    sent = body.parse(await read_body(request, services.settings.max_body_bytes))
    account = None if sent.account_id else await _account_of_customer(services, workspace, sent)
    event = mapping.new_event(sent, received_at=instant.now(), account_of_customer=account)
    outcome = (await services.capture.events(workspace, [event])).outcomes[0]
    assert isinstance(outcome, Captured)  # a customer named by external id comes into being; there is no parent
    return respond(await _created(services, workspace, outcome, sent), 201)


def router() -> Router:
    """All routes of this product."""
    return Router(
        path="/",
        route_handlers=[search_custom_events, create_custom_event],
        exception_handlers={Exception: answer},
    )


async def _account_of_customer(services: Services, workspace: Workspace, sent: body.SentEvent) -> str | None:
    customer = await services.database.ask(customers.by_identity, workspace.number, mapping.identity_of(sent))
    return None if customer is None else customer.account_id


async def _created(
    services: Services, workspace: Workspace, outcome: Captured, sent: body.SentEvent
) -> schemas.CreatedEvent:
    identifier = identifiers.to_text(outcome.id)
    if not outcome.repeated:
        return schemas.CreatedEvent(sent.event_id or identifier, identifier)
    stored = await services.database.ask(events.by_id, workspace.number, outcome.id)  # maybe another product's
    return schemas.CreatedEvent(identifier if stored is None else mapping.event_id(stored), identifier)
