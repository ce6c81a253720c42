"""Routes: the overview, the explorer, one event through every API, its family, and the live tail."""

import re
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.response import Stream

from footfall.apis.event_view import EventView, Looked, ShowEvent
from footfall.apis.footfall.tail import TailQuestion, tail
from footfall.apis.http import AnyRequest, RouteHandlers, header_text, query_parameters
from footfall.apis.services import services_of
from footfall.console.exploring import Explored, InvalidQuestion, Question, explore, place_of, question_of
from footfall.console.failures import NotSignedIn, NotThere
from footfall.console.family import MOST_ANCESTORS, MOST_CHILDREN, family
from footfall.console.overview import LATEST_FOR_TOP, SPANS, SpanName, overview
from footfall.console.rendering import SECURITY, page
from footfall.console.session import session_of
from footfall.model import identifiers, instant
from footfall.model.workspace import Workspace
from footfall.storage import event_details, event_types
from footfall.storage.connection import Connection
from footfall.storage.event_walk import Found

_SEQUENCE = re.compile(r"[0-9]{1,18}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?", re.ASCII)
_ENDED = b"event: ended\ndata: signed out\n\n"
_MOST_NAMES_OFFERED = 200


@get("/console", include_in_schema=False)
async def show_overview(request: AnyRequest) -> Response[bytes]:
    """Events over time, totals, the latest."""
    session = await session_of(request)
    asked = dict(query_parameters(request)).get("span", "")
    chosen: SpanName = next((name for name in SPANS if name == asked), "month")
    database = services_of(request).database
    found = await database.ask_long(overview, session.workspace.number, SPANS[chosen], instant.now())
    return page(
        "overview.html",
        session=session,
        section="overview",
        title="Overview",
        found=found,
        spans=SPANS,
        chosen=chosen,
        most_compared=LATEST_FOR_TOP,
    )


@get("/console/events", include_in_schema=False)
async def show_explorer(request: AnyRequest) -> Response[bytes]:
    """The table of events that answer the form, newest first."""
    session = await session_of(request)
    given = dict(query_parameters(request))
    asked = question_of(given)
    database = services_of(request).database
    workspace = session.workspace.number
    names = await database.ask_long(_names, workspace)
    status = 200
    try:
        found = await database.ask_long(explore, workspace, asked, place_of(given.get("before", "")))
    except InvalidQuestion as error:
        found, status = Explored(events=[], older=None, looked_at=0, problem=str(error)), 400
    return page(
        "explorer.html",
        status=status,
        session=session,
        section="events",
        title="Events",
        asked=asked,
        found=found,
        names=names,
        older=None if found.older is None else _link(asked, found.older),
    )


@get("/console/events/{event_id:str}/family", include_in_schema=False)
async def show_family(request: AnyRequest, event_id: str) -> Response[bytes]:
    """The event's ancestors and children."""
    session = await session_of(request)
    identifier = _identifier(event_id)
    found = await services_of(request).database.ask_long(family, session.workspace.number, identifier)
    if found is None:
        raise NotThere("There is no such event.")
    return page(
        "family.html",
        session=session,
        section="events",
        title=f"Family of {found.event[0].name}",
        found=found,
        most_ancestors=MOST_ANCESTORS,
        most_children=MOST_CHILDREN,
    )


@get("/console/tail", include_in_schema=False)
async def show_tail(request: AnyRequest) -> Response[bytes]:
    """The page that follows what is stored."""
    session = await session_of(request)
    names = await services_of(request).database.ask_long(_names, session.workspace.number)
    given = dict(query_parameters(request))
    asked = {field: given.get(field, "") for field in ("name", "customer", "source")}
    return page("tail.html", session=session, section="tail", title="Live tail", names=names, asked=asked)


@get("/console/tail/stream", include_in_schema=False)
async def stream_tail(request: AnyRequest) -> Stream:
    """What ``GET /events/tail`` answers, for whoever is signed in."""
    session = await session_of(request)
    given = dict(query_parameters(request))
    name = given.get("name", "").strip()
    question = TailQuestion(
        names=frozenset({name} if name else ()),
        customer=given.get("customer", "").strip() or None,
        source=given.get("source", "").strip() or None,
    )
    last = header_text(request, b"last-event-id")
    position = int(last) if _SEQUENCE.fullmatch(last) else None
    told = tail(services_of(request), session.workspace.number, position, question.takes)
    headers = {**SECURITY, "Cache-Control": "no-store"}
    return Stream(_while_signed_in(request, told), media_type="text/event-stream", headers=headers)


async def _while_signed_in(request: AnyRequest, told: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Ends with the session: nothing is told that was stored after its token was revoked for a second."""
    async for chunk in told:
        try:
            await session_of(request)
        except NotSignedIn:
            yield _ENDED
            return
        yield chunk


def handlers(shows: Sequence[ShowEvent]) -> RouteHandlers:
    """All routes; ``shows``: how each API shows an event."""

    @get("/console/events/{event_id:str}", include_in_schema=False)
    async def show_event(request: AnyRequest, event_id: str) -> Response[bytes]:
        """One event, as the model has it and as each API shows it."""
        session = await session_of(request)
        base = _base(request)
        found = await services_of(request).database.ask_long(
            _looked, session.workspace, _identifier(event_id), base, shows
        )
        if found is None:
            raise NotThere("There is no such event.")
        (event, customer), views = found
        return page(
            "event.html",
            session=session,
            section="events",
            title=event.name,
            event=event,
            customer=customer,
            views=views,
            properties=event.properties.encode(),
            context=None if event.session is None else event.session.encode(),
        )

    return [show_overview, show_explorer, show_event, show_family, show_tail, stream_tail]


def _looked(
    connection: Connection, workspace: Workspace, identifier: bytes, base: str, shows: Sequence[ShowEvent]
) -> tuple[Found, list[EventView]] | None:
    found = event_details.with_customer(connection, workspace.number, identifier)
    if found is None:
        return None
    looked = Looked(workspace=workspace, event=found[0], customer=found[1], base=base)
    return found, [show(connection, looked) for show in shows]


def _base(request: AnyRequest) -> str:
    """The server's address as the visitor knows it."""
    chosen = services_of(request).settings.public_url.rstrip("/")
    host = header_text(request, b"host")
    if chosen or not _HOST.fullmatch(host):
        return chosen or "http://localhost:8000"
    return f"{request.scope['scheme']}://{host}"


def _identifier(text: str) -> bytes:
    found = identifiers.from_text(text)
    if found is None:
        raise NotThere("There is no such event: this is not an id.")
    return found


def _names(connection: Connection, workspace: int) -> list[str]:
    return [name for _, name, _, _ in event_types.every(connection, workspace)[:_MOST_NAMES_OFFERED]]


def _link(asked: Question, place: str) -> str:
    given = {name: value for name, value in msgspec.structs.asdict(asked).items() if value}
    return "/console/events?" + urlencode({**given, "before": place})
