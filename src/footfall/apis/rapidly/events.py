"""The events' endpoints: one event, and ingestion (contracts/rapidly.md 2.1, 2.2)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

from litestar import Response, get, post

from footfall.apis.http import AnyRequest, header_text, query_parameters, read_body
from footfall.apis.openapi import answer_of
from footfall.apis.rapidly import aggregates, answers, bodies, ingestion, mapping, polar, scalars
from footfall.apis.rapidly.auth import READ_EVENTS, WRITE_EVENTS, require
from footfall.apis.rapidly.dialect import Dialect, dialect_of
from footfall.apis.rapidly.errors import RequestInvalid, ResourceNotFound
from footfall.apis.rapidly.faults import Fault, Faults, Problem, tenant_token
from footfall.apis.rapidly.listing import aggregates_of
from footfall.apis.rapidly.openapi import ERRORS, ingest_operation
from footfall.apis.rapidly.parameters import Parameters
from footfall.apis.rapidly.schemas import EventCreate, Ingested, SystemEvent, UserEvent
from footfall.apis.services import Services, services_of
from footfall.capture.batch import Batch, BatchResult
from footfall.capture.recorder import record
from footfall.model import identifiers, instant
from footfall.model.event import NewEvent, Refused
from footfall.model.workspace import Workspace
from footfall.storage import customers, event_details, members
from footfall.storage.connection import Connection

P = ParamSpec("P")
T = TypeVar("T")

_LARGE_BODY = 256 * 1024
_NO_CUSTOMER = Problem("customer_id", "Customer not found.")
_NO_MEMBER = Problem("member_id", "Member not found.")
_NO_PARENT = Problem("parent_id", "Parent event not found.")
_CIRCLE = Problem("parent_id", "Circular dependency detected in event parent relationships")


class _Rehearsed(Exception):  # noqa: N818
    """Carries what would come of a batch out of a transaction that it thereby undoes."""

    def __init__(self, result: BatchResult) -> None:
        super().__init__("rehearsed")
        self.result = result


@get(
    ["/api/events/{id:str}", "/v1/events/{id:str}"],
    tags=["Rapidly"],
    summary="Get an event",
    description="One event with its customer, its parent's id and the number of its direct children.",
    responses={200: answer_of(UserEvent | SystemEvent, "The event."), **ERRORS},
    direct=True,
)
async def get_event(request: AnyRequest) -> Response[bytes]:
    """One event by its id; 404 also for another workspace's."""
    principal = require(request, READ_EVENTS)
    identifier = path_id(request.path_params["id"])
    return await _answer_event(request, principal.workspace, identifier)


@get(
    ["/api/events/external/{external_id:str}", "/v1/events/external/{external_id:str}"],
    tags=["Rapidly"],
    summary="Get an event by its external id",
    description="An addition of Footfall's: the event that was ingested with this `external_id`.",
    responses={200: answer_of(UserEvent | SystemEvent, "The event."), **ERRORS},
)
async def get_event_by_external_id(request: AnyRequest) -> Response[bytes]:
    """One event by the key that its sender gave it."""
    principal = require(request, READ_EVENTS)
    identifier = identifiers.derived_id(principal.workspace.id, request.path_params["external_id"])
    return await _answer_event(request, principal.workspace, identifier)


@post(
    ["/api/events/ingest", "/v1/events/ingest"],
    tags=["Rapidly"],
    summary="Ingest events",
    description=(
        "Captures a batch: all of it or, when anything is wrong with any event, nothing. Answers once it is durable. "
        "`?return_ids=true` (an addition of Footfall's) also answers the events' ids, in their order."
    ),
    status_code=201,
    operation_class=ingest_operation(),
    direct=True,
    responses={
        201: answer_of(Ingested, "How many were new, how many known already."),
        **ERRORS,
    },
)
async def ingest_events(request: AnyRequest) -> Response[bytes]:
    """Captures a batch of events."""
    services = services_of(request)
    dialect = dialect_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    now = instant.now()
    latest = now + services.settings.future_tolerance_seconds * instant.SECOND
    content_type = header_text(request, b"content-type")
    is_json = bodies.is_json(content_type)
    limited = services.settings.rapidly_metadata_limits
    sent = await _judge(body, ingestion.decode, now=now, latest=latest, limited=limited) if is_json else None
    # Malformed JSON is told before a missing token or scope, a badly formed batch after it.
    value = await _judge(body, bodies.parse, content_type) if sent is None else None
    workspace = require(request, WRITE_EVENTS).workspace
    if sent is None:
        tenant_id = dialect.tenant_id
        sent = await _judge(
            body, ingestion.examine, value, now=now, latest=latest, tenant_id=tenant_id, limited=limited
        )
    result = await _capture(services, workspace, sent, now, dialect)
    ids = None
    if ("return_ids", "true") in query_parameters(request):
        ids = [identifiers.to_text(outcome.id) for outcome in result.outcomes if not isinstance(outcome, Refused)]
    return answers.json(Ingested(result.inserted, result.repeated, ids), dialect.ingested)


def path_id(given: str) -> bytes:
    """The id in a path. Raises RequestInvalid when it is no version 4 UUID."""
    identifier = scalars.uuid4(given)
    if isinstance(identifier, Problem):
        raise RequestInvalid([Fault(identifier.type, ("path", "id"), identifier.msg, given, identifier.ctx)])
    return identifier


async def _judge(body: bytes, function: Callable[Concatenate[bytes, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs ``function(body, ...)``, for a large body in a thread, so that others are answered meanwhile."""
    if len(body) < _LARGE_BODY:
        return function(body, *args, **kwargs)
    return await asyncio.to_thread(function, body, *args, **kwargs)


async def _answer_event(request: AnyRequest, workspace: Workspace, identifier: bytes) -> Response[bytes]:
    database = services_of(request).database
    sums: tuple[str, ...] = ()
    if request.scope["query_string"]:
        parameters = Parameters(request)
        sums = aggregates_of(parameters)
        parameters.faults.raise_if_any()
    found = await database.ask(event_details.in_hierarchy, workspace.number, identifier)
    shown: UserEvent | SystemEvent
    if found is not None:
        shown = mapping.event(*found, workspace)
        if sums:
            shown = await database.ask_long(aggregates.summed, workspace.number, shown, sums)
    else:
        told = await database.ask(event_details.of_customer_record, workspace.number, identifier)
        if told is None:
            raise ResourceNotFound
        shown = mapping.system_event(*told, workspace)
    return answers.json(polar.event(shown) if dialect_of(request).is_polar else shown)


async def _capture(
    services: Services, workspace: Workspace, sent: list[EventCreate], now: int, dialect: Dialect
) -> BatchResult:
    """Stores the events. Raises RequestInvalid with every one that names what does not exist."""
    new = [mapping.new_event(event, now) for event in sent]
    strangers: frozenset[int] = frozenset()
    if any(event.member_id is not None for event in sent):
        strangers = await services.database.ask_long(_strangers, workspace.number, sent)
    unfit = bool(strangers) or any(event.workspace_id is not None for event in sent)
    if unfit:
        try:
            result = await services.capture.change(_rehearse, workspace, new)
        except _Rehearsed as rehearsed:
            result = rehearsed.result
    elif new:
        result = await services.capture.events(workspace, new, all_or_nothing=True)
    else:
        result = BatchResult([], {})
    if unfit or result.refused:
        faults = Faults()
        for index, event in enumerate(sent):
            _note_faults(event, index, result.refused.get(index), faults, dialect, is_stranger=index in strangers)
        raise RequestInvalid(faults.found, is_rule=True)
    return result


def _strangers(connection: Connection, workspace: int, sent: Sequence[EventCreate]) -> frozenset[int]:
    """The indexes of events whose member is none of their customer's."""
    known = members.by_ids(connection, workspace, {each.member_id for each in sent if each.member_id is not None})
    ids = {each.customer_id for each in sent if each.member_id is not None and each.customer_id is not None}
    about = customers.by_ids(connection, workspace, list(ids))
    strangers = set()
    for index, each in enumerate(sent):
        if each.member_id is None:
            continue
        member = known.get(each.member_id)
        customer = None if each.customer_id is None else about.get(each.customer_id)
        if member is None or (customer is not None and member.customer != customer.number):
            strangers.add(index)
    return frozenset(strangers)


def _rehearse(connection: Connection, workspace: Workspace, new: list[NewEvent]) -> BatchResult:
    """Finds out what would be refused of a batch that must not be stored anyway; always raises _Rehearsed."""
    raise _Rehearsed(record(connection, [Batch(workspace=workspace, events=new, all_or_nothing=True)])[0])


def _note_faults(
    event: EventCreate, index: int, refused: Refused | None, faults: Faults, dialect: Dialect, *, is_stranger: bool
) -> None:
    loc = ("body", "events", index)
    if event.workspace_id is not None:
        faults.add((*loc, dialect.tenant_id), tenant_token(dialect), event.workspace_id)
    if refused is not None and refused.field == "customer" and event.customer_id is not None:
        faults.add((*loc, "customer_id"), _NO_CUSTOMER, identifiers.to_text(event.customer_id))
    if is_stranger and event.member_id is not None:
        faults.add((*loc, "member_id"), _NO_MEMBER, identifiers.to_text(event.member_id))
    if refused is not None and refused.field == "parent":
        problem = _CIRCLE if refused.reason == "circular_parent" else _NO_PARENT
        faults.add((*loc, "parent_id"), problem, event.parent_id)
