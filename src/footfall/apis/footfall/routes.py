"""Routes: ``/events``; those that read many are in ``read_routes``."""

import re
from collections.abc import AsyncIterator

from litestar import Response, Router, get, post
from litestar.response import Stream

from footfall.apis.footfall import documentation, read_routes, schemas
from footfall.apis.footfall.auth import authenticate
from footfall.apis.footfall.errors import EventTooLarge, InvalidEvent, NotFound, OwnError, UnsupportedEncoding, answer
from footfall.apis.footfall.intake import AtomicIntake, Intake, PartialIntake, receive
from footfall.apis.footfall.mapping import event_answer, new_event, refusal
from footfall.apis.footfall.splitting import ArraySplitter, LineSplitter, Splitter
from footfall.apis.footfall.spool import Spool
from footfall.apis.footfall.tail import TailQuestion, tail
from footfall.apis.http import AnyRequest, body_chunks, header, header_text, query_parameters, respond
from footfall.apis.openapi import answer_of
from footfall.apis.services import Services, services_of
from footfall.model import identifiers, instant
from footfall.model.event import Refused
from footfall.model.workspace import Workspace
from footfall.storage import event_details

PATHS: tuple[str, ...] = ("/",)
"""Path prefixes that are this product's: errors outside every route there are told in its envelope."""

_TAGS = ["Footfall"]
_LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_WHITESPACE = b" \t\n\r"
_SEQUENCE = re.compile(r"[0-9]{1,18}", re.ASCII)
_UNAUTHORIZED = {401: answer_of(schemas.ErrorAnswer, "No valid token")}
_FOUND = {
    200: answer_of(schemas.EventAnswer, "The event"),
    **_UNAUTHORIZED,
    404: answer_of(schemas.ErrorAnswer, "The workspace has no such event"),
}


@post(
    "/events",
    status_code=200,
    tags=_TAGS,
    summary="Capture one event, an array of events, or NDJSON",
    operation_class=documentation.CaptureEvents,
    responses={
        200: answer_of(schemas.CaptureSummary, "A stream, of which something was stored"),
        201: answer_of(schemas.CapturedEvent, "A single event, stored durably"),
        400: answer_of(
            schemas.ErrorAnswer,
            "Nothing stored; a stream is answered with its summary",
        ),
        **_UNAUTHORIZED,
        413: answer_of(schemas.ErrorAnswer, "A single event that is too large"),
    },
    direct=True,
)
async def capture_events(request: AnyRequest) -> Response[bytes]:
    """Stores events; answers once they are durable."""
    services = services_of(request)
    workspace = (await authenticate(request)).workspace
    atomic = _flag(request, "atomic")
    encoding = header(request, b"content-encoding")
    if encoding is not None and encoding.lower() != b"identity":
        raise UnsupportedEncoding("Send the body without Content-Encoding")
    limit = services.settings.max_event_bytes
    media_type = header_text(request, b"content-type").partition(";")[0].strip().lower()
    chunks = body_chunks(request)
    if media_type in _LINES:
        return await _stream(services, workspace, chunks, LineSplitter(limit), atomic=atomic)
    head = await _head(chunks, limit)
    if head.lstrip(_WHITESPACE).startswith(b"["):
        return await _stream(services, workspace, _joined(head, chunks), ArraySplitter(limit), atomic=atomic)
    return await _single(services, workspace, await _rest(head, chunks, limit))


@get(
    "/events/{event_id:str}",
    tags=_TAGS,
    summary="One event by its id",
    operation_class=documentation.ReadEvent,
    responses=_FOUND,
    direct=True,
)
async def event_by_id(request: AnyRequest, event_id: str) -> Response[bytes]:
    """The event as stored, whichever API captured it."""
    workspace = (await authenticate(request)).workspace
    identifier = identifiers.from_text(event_id)
    if identifier is None:
        raise NotFound("There is no event with this id: it is not a UUID")
    return await _answer_event(services_of(request), workspace, identifier)


@get(
    "/events",
    tags=_TAGS,
    summary="One event by the caller's own key",
    operation_class=documentation.FindEvent,
    responses={
        **_FOUND,
        400: answer_of(schemas.ErrorAnswer, "external_id is missing"),
    },
)
async def event_by_external_id(request: AnyRequest) -> Response[bytes]:
    """The event that was captured with this ``external_id``."""
    workspace = (await authenticate(request)).workspace
    given = [value for name, value in query_parameters(request) if name == "external_id"]
    if len(given) != 1 or not given[0]:
        raise OwnError("Name the event: GET /events?external_id=KEY", "external_id")
    return await _answer_event(services_of(request), workspace, identifiers.derived_id(workspace.id, given[0]))


@get(
    "/events/tail",
    tags=_TAGS,
    summary="Events as they are stored",
    operation_class=documentation.TailEvents,
    responses={200: answer_of(str, "Server-sent events, without an end"), **_UNAUTHORIZED},
)
async def tail_events(request: AnyRequest) -> Stream:
    """Follows the workspace; ``Last-Event-ID`` goes on where a connection broke off."""
    workspace = (await authenticate(request)).workspace
    given = query_parameters(request)
    question = TailQuestion(
        names=frozenset(value for name, value in given if name == "name"),
        customer=_last_of(given, "customer"),
        source=_last_of(given, "source"),
    )
    after = header_text(request, b"last-event-id") or _last_of(given, "after")
    if after is not None and not _SEQUENCE.fullmatch(after):
        raise OwnError("Expected the id of a server-sent event", "after")
    position = None if after is None else int(after)
    content = tail(services_of(request), workspace.number, position, question.takes)
    return Stream(content, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def router() -> Router:
    """All routes of this product."""
    return Router(
        path="/",
        route_handlers=[
            capture_events,
            event_by_id,
            event_by_external_id,
            tail_events,
            *read_routes.handlers(),
        ],
        exception_handlers={Exception: answer},
    )


async def _single(services: Services, workspace: Workspace, body: bytes) -> Response[bytes]:
    if not body.strip(_WHITESPACE):
        raise InvalidEvent("The body is empty; expected an event, an array of events, or NDJSON")
    event = new_event(body, instant.now())
    (outcome,) = (await services.capture.events(workspace, [event])).outcomes
    if isinstance(outcome, Refused):
        raise refusal(outcome)
    return respond(schemas.CapturedEvent(identifiers.to_text(outcome.id), outcome.repeated), 201)


async def _stream(
    services: Services, workspace: Workspace, chunks: AsyncIterator[bytes], splitter: Splitter, *, atomic: bool
) -> Response[bytes]:
    intake: Intake
    if atomic:
        with Spool() as spool:
            intake = AtomicIntake(services.capture, workspace, spool)
            await receive(chunks, splitter, intake)
    else:
        intake = PartialIntake(services.capture, workspace)
        await receive(chunks, splitter, intake)
    return respond(intake.tally.summary(), 400 if intake.tally.is_all_bad else 200)


async def _head(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """The body up to the chunk that tells what it is."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if chunk.strip(_WHITESPACE):
            break
        if size > limit:
            raise EventTooLarge(f"The event is larger than {limit} bytes")
    return b"".join(parts)


async def _rest(head: bytes, chunks: AsyncIterator[bytes], limit: int) -> bytes:
    parts = [head]
    size = len(head)
    while size <= limit:
        chunk = await anext(chunks, None)
        if chunk is None:
            return b"".join(parts)
        parts.append(chunk)
        size += len(chunk)
    raise EventTooLarge(f"The event is larger than {limit} bytes")


async def _joined(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk


def _flag(request: AnyRequest, name: str) -> bool:
    given = [value.lower() for key, value in query_parameters(request) if key == name]
    if any(value not in ("true", "false", "1", "0") for value in given):
        raise OwnError(f"Expected true or false for {name}", name)
    return bool(given) and given[-1] in ("true", "1")


def _last_of(given: list[tuple[str, str]], name: str) -> str | None:
    """The last value of a parameter; empty is not given."""
    return next((value for key, value in reversed(given) if key == name and value), None)


async def _answer_event(services: Services, workspace: Workspace, identifier: bytes) -> Response[bytes]:
    found = await services.database.ask(event_details.with_customer, workspace.number, identifier)
    if found is None:
        raise NotFound("There is no such event")
    return respond(event_answer(*found))
