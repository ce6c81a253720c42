"""Mappings of other systems' events (contracts/capillary.md 2.3)."""

import msgspec
from litestar import Response, get, post

from footfall.apis.capillary import adapters, body, definitions
from footfall.apis.capillary.auth import principal
from footfall.apis.capillary.documentation import ADAPTER_MAPPING, described
from footfall.apis.capillary.schemas import (
    AdapterItem,
    AdapterMapping,
    AdapterMappings,
    AdapterRequest,
    Adapters,
    Envelope,
)
from footfall.apis.http import AnyRequest, RouteHandlers, query_parameters, respond
from footfall.apis.openapi import answer_of, query
from footfall.apis.services import services_of
from footfall.model import instant
from footfall.model.behavioural_event import Adapter
from footfall.storage import behavioural_adapters, behavioural_events
from footfall.storage.connection import Connection

_TAGS = ["Capillary"]


@get(
    "/v2/events/adapters_meta",
    tags=_TAGS,
    summary="The transformers",
    responses={200: answer_of(Adapters, "Their names")},
    operation_class=described(),
)
async def list_adapters(request: AnyRequest) -> Response[bytes]:
    """Lists what a webhook's `transformerType` may be."""
    await principal(request)
    return respond(Adapters(data=list(adapters.TRANSFORMERS)))


@get(
    "/v2/events/adapter_mapping",
    tags=_TAGS,
    summary="How other systems' events become defined ones",
    responses={200: answer_of(AdapterMappings, "By event")},
    operation_class=described(query("event_name", "Only the mappings of this event")),
)
async def list_mappings(request: AnyRequest) -> Response[bytes]:
    """Lists the mappings of events that have any."""
    workspace = (await principal(request)).workspace
    name = dict(query_parameters(request)).get("event_name", "")
    found = await services_of(request).database.ask(adapters.mappings, workspace.number)
    return respond(AdapterMappings(data=[AdapterItem(each, of) for each, of in found.items() if name in {"", each}]))


@post(
    "/v2/events/adapter_mapping",
    tags=_TAGS,
    summary="Say how another system's event becomes a defined one",
    status_code=200,
    responses={200: answer_of(Envelope, "Empty warnings and errors")},
    operation_class=described(body=ADAPTER_MAPPING),
)
async def put_mapping(request: AnyRequest) -> Response[bytes]:
    """Takes `eventName` and `webEngageTransformerMapping` or `defaultTransformerMapping`. 1811 for an unknown event.

    A mapping given replaces the event's former one of the same transformer.
    """
    workspace = (await principal(request)).workspace
    sent = await body.read_leniently(request, AdapterRequest)
    given: list[tuple[str, AdapterMapping | None]] = [
        (adapters.DEFAULT, sent.default_transformer_mapping),
        (adapters.WEB_ENGAGE, sent.web_engage_transformer_mapping),
    ]
    asked = [
        Adapter(
            workspace=workspace.number,
            transformer=transformer,
            event_name=sent.event_name,
            mapping=msgspec.Raw(msgspec.json.encode(mapping)),
            changed_at=instant.now(),
        )
        for transformer, mapping in given
        if mapping is not None
    ]
    await services_of(request).capture.change(_put, workspace.number, sent.event_name, asked)
    return respond(Envelope())


HANDLERS: RouteHandlers = [list_adapters, list_mappings, put_mapping]


def _put(connection: Connection, workspace: int, event_name: str, asked: list[Adapter]) -> None:
    connection.lock(workspace)
    if behavioural_events.definition(connection, workspace, event_name) is None:
        raise definitions.unknown_event()
    for adapter in asked:
        behavioural_adapters.put(connection, adapter)
