"""Definitions of behavioural events: made, replaced, listed, disabled (contracts/capillary.md 2.2, 2.3)."""

from litestar import Response, get, post, put

from footfall.apis.capillary import adapters, body, definition_changes, definitions, standard_events
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import DEFINITION, described
from footfall.apis.capillary.errors import CapillaryError
from footfall.apis.capillary.field_types import field_types
from footfall.apis.capillary.parameters import limit_of
from footfall.apis.capillary.schemas import (
    AuditLogs,
    DefinitionItem,
    DefinitionMeta,
    DefinitionRequest,
    Definitions,
    Envelope,
    FieldTypes,
    StandardEventsMeta,
    TransformerMappings,
)
from footfall.apis.capillary.standard_events import STANDARD_EVENTS
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import instant
from footfall.model.behavioural_event import Definition
from footfall.storage import behavioural_changes, behavioural_events
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
    caller = await principal(request)
    sent = await body.read_leniently(request, DefinitionRequest)
    asked = definitions.definition(sent, caller.workspace, instant.now())
    await services_of(request).capture.change(definition_changes.add, caller, asked)
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
    caller = await principal(request)
    sent = await body.read_leniently(request, DefinitionRequest)
    asked = definitions.definition(sent, caller.workspace, instant.now())
    await services_of(request).capture.change(definition_changes.replace, caller, asked)
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
    found, mappings = await services_of(request).database.ask(_all, workspace.number)
    items = [
        DefinitionItem(definitions.meta(one, workspace), mappings.get(one.name, TransformerMappings())) for one in found
    ]
    return respond(Definitions(data=items))


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
    found, mappings = await services_of(request).database.ask(_one, workspace.number, name)
    if found is None:
        raise definitions.unknown_event()
    shown = definitions.meta(found, workspace)
    return respond(
        DefinitionMeta(click_events_meta=shown, transformer_mappings=mappings.get(name, TransformerMappings()))
    )


@put(
    "/v2/events/disable",
    tags=_TAGS,
    summary="Disable a definition, by `event_name`",
    responses={200: _CLEAN},
    operation_class=described(_EVENT_NAME),
)
async def disable_definition(request: AnyRequest) -> Response[bytes]:
    """Ends a definition for good: from now on its posts are rejected. 1811 when there is no live one."""
    caller = await principal(request)
    name = _asked_name(request)
    await services_of(request).capture.change(definition_changes.disable, caller, name, instant.now())
    return respond(Envelope())


@get(
    "/v2/events/meta_fields",
    tags=_TAGS,
    summary="Which types fields have, and what can be said of each",
    responses={200: answer_of(FieldTypes, "All types of fields")},
    operation_class=described(),
)
async def list_field_types(request: AnyRequest) -> Response[bytes]:
    """Lists the types of fields, and the attributes that a field of each may have."""
    await principal(request)
    return respond(FieldTypes(data=field_types()))


@get(
    "/v2/events/standard_events_meta",
    tags=_TAGS,
    summary="The standard events",
    responses={200: answer_of(StandardEventsMeta, "Every standard event, enabled or not")},
    operation_class=described(),
)
async def list_standard_events(request: AnyRequest) -> Response[bytes]:
    """Lists the events that the product defines itself, and which of them are enabled."""
    workspace = (await principal(request)).workspace
    found = await services_of(request).database.ask(behavioural_events.definitions, workspace.number)
    enabled = {one.name for one in found if one.disabled_at is None}
    items = [definitions.standard_meta(event, is_enabled=event.name in enabled) for event in STANDARD_EVENTS.values()]
    return respond(StandardEventsMeta(data=items))


@post(
    "/v2/events/standard_events/enable",
    tags=_TAGS,
    summary="Enable a standard event, by `event_name`",
    status_code=200,
    responses={200: _CLEAN},
    operation_class=described(_EVENT_NAME),
)
async def enable_standard_event(request: AnyRequest) -> Response[bytes]:
    """Makes a definition of the standard event; 1811 when there is none of this name, 1806 when it is there."""
    caller = await principal(request)
    event = STANDARD_EVENTS.get(_asked_name(request))
    if event is None:
        raise definitions.unknown_event()
    asked = standard_events.definition(event, caller.workspace, instant.now())
    await services_of(request).capture.change(definition_changes.add, caller, asked)
    return respond(Envelope())


@get(
    "/v2/events/audit_logs",
    tags=_TAGS,
    summary="Who changed which definition",
    responses={200: answer_of(AuditLogs, "Changes, newest first")},
    operation_class=described(query("eventName", "Only changes of this event"), query("limit", "10, at most 1000")),
)
async def list_changes(request: AnyRequest) -> Response[bytes]:
    """Takes `eventName` and `limit`. Every definition made, replaced or disabled is told, with both states."""
    workspace = (await principal(request)).workspace
    asked = dict(query_parameters(request))
    name = asked.get("eventName") or asked.get("event_name") or None
    found = await services_of(request).database.ask_long(
        behavioural_changes.latest, workspace.number, name, limit_of(asked)
    )
    return respond(AuditLogs(data=[definition_changes.shown(one) for one in found]))


HANDLERS: RouteHandlers = [
    create_definition,
    replace_definition,
    list_definitions,
    show_definition,
    disable_definition,
    list_field_types,
    list_standard_events,
    enable_standard_event,
    list_changes,
]


def _asked_name(request: AnyRequest) -> str:
    name = dict(query_parameters(request)).get("event_name", "")
    if not name:
        raise CapillaryError(400, 1811, "invalid event name")
    return name


def _all(connection: Connection, workspace: int) -> tuple[list[Definition], dict[str, TransformerMappings]]:
    return behavioural_events.definitions(connection, workspace), adapters.mappings(connection, workspace)


def _one(connection: Connection, workspace: int, name: str) -> tuple[Definition | None, dict[str, TransformerMappings]]:
    found = behavioural_events.definition(connection, workspace, name)
    return found, adapters.mappings(connection, workspace)
