"""Definitions of behavioural events: made, replaced, listed, disabled (contracts/capillary.md 2.2, 2.3)."""

from litestar import Response, get, post, put

from footfall.apis.capillary import body, definitions
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import DEFINITION, described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.schemas import (
    DefinitionItem,
    DefinitionMeta,
    DefinitionRequest,
    Definitions,
    Envelope,
)
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import instant
from footfall.model.behavioural_event import Definition
from footfall.storage import behavioural_events, event_types
from footfall.storage.connection import Connection

_CLEAN = answer_of(Envelope, "Empty warnings and errors")
_TAGS = ["Capillary"]
_EVENT_NAME = query("event_name", "The event's name", required=True)


@post(
    "/v2/events",
    tags=_TAGS,
    summary="Define a behavioural event",
    status_code=200,
    responses={200: _CLEAN},
    operation_class=described(body=DEFINITION),
)
async def create_definition(request: AnyRequest) -> Response[bytes]:
    """Makes a definition; it takes posts at once. Errors 1802, 1806, 1810, 1811, 1823."""
    workspace = (await principal(request)).workspace
    asked = definitions.definition(await body.read_leniently(request, DefinitionRequest), workspace, instant.now())
    await services_of(request).capture.change(_add, asked)
    return respond(Envelope())


@put(
    "/v2/events",
    tags=_TAGS,
    summary="Replace a definition",
    responses={200: _CLEAN},
    operation_class=described(body=DEFINITION),
)
async def replace_definition(request: AnyRequest) -> Response[bytes]:
    """Replaces the whole definition of `eventName`: what is left out disappears."""
    workspace = (await principal(request)).workspace
    asked = definitions.definition(await body.read_leniently(request, DefinitionRequest), workspace, instant.now())
    await services_of(request).capture.change(_replace, asked)
    return respond(Envelope())


@get(
    "/v2/events",
    tags=_TAGS,
    summary="All definitions",
    responses={200: answer_of(Definitions, "Oldest first, disabled ones included")},
    operation_class=described(),
)
async def list_definitions(request: AnyRequest) -> Response[bytes]:
    """Lists every definition of the organisation."""
    workspace = (await principal(request)).workspace
    found = await services_of(request).database.ask(behavioural_events.definitions, workspace.number)
    return respond(Definitions(data=[DefinitionItem(definitions.meta(one, workspace)) for one in found]))


@get(
    "/v2/events/meta",
    tags=_TAGS,
    summary="One definition, by `event_name`",
    responses={200: answer_of(DefinitionMeta, "The definition, not wrapped in data")},
    operation_class=described(_EVENT_NAME),
)
async def show_definition(request: AnyRequest) -> Response[bytes]:
    """Shows the definition that the query's `event_name` names; 1811 when there is none."""
    workspace = (await principal(request)).workspace
    name = _asked_name(request)
    found = await services_of(request).database.ask(behavioural_events.definition, workspace.number, name)
    if found is None:
        raise definitions.unknown_event()
    return respond(DefinitionMeta(click_events_meta=definitions.meta(found, workspace)))


@put(
    "/v2/events/disable",
    tags=_TAGS,
    summary="Disable a definition, by `event_name`",
    responses={200: _CLEAN},
    operation_class=described(_EVENT_NAME),
)
async def disable_definition(request: AnyRequest) -> Response[bytes]:
    """Ends a definition for good: from now on its posts are rejected. 1811 when there is no live one."""
    workspace = (await principal(request)).workspace
    capture = services_of(request).capture
    name = _asked_name(request)
    if not await capture.change(behavioural_events.disable_definition, workspace.number, name, instant.now()):
        raise definitions.unknown_event()
    return respond(Envelope())


HANDLERS: RouteHandlers = [
    create_definition,
    replace_definition,
    list_definitions,
    show_definition,
    disable_definition,
]


def _asked_name(request: AnyRequest) -> str:
    name = dict(query_parameters(request)).get("event_name", "")
    if not name:
        raise CapillaryError(400, 1811, "invalid event name")
    return name


def _add(connection: Connection, new: Definition) -> None:
    connection.lock(new.workspace)
    if behavioural_events.definition(connection, new.workspace, new.name) is not None:
        raise CapillaryError(400, 1806, f"{new.name} event already exists")
    behavioural_events.add_definition(connection, new)
    if new.label is not None:
        event_types.set_label(connection, new.workspace, new.name, new.label)


def _replace(connection: Connection, changed: Definition) -> None:
    connection.lock(changed.workspace)
    current = behavioural_events.definition(connection, changed.workspace, changed.name)
    if current is None or current.disabled_at is not None:
        raise definitions.unknown_event()
    behavioural_events.replace_definition(connection, changed)
    if changed.label != current.label:
        event_types.set_label(connection, changed.workspace, changed.name, changed.label)
