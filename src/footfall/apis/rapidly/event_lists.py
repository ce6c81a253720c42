"""Lists: events, the names they bear, and their types (contracts/rapidly.md 2.3, 2.4, 2.6)."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from litestar import Response, get, patch

from footfall.apis.http import AnyRequest, read_body
from footfall.apis.openapi import answer_of
from footfall.apis.rapidly import aggregates, answers, bodies, envelopes, mapping, openapi, polar, scalars
from footfall.apis.rapidly.auth import READ_EVENTS, RELABEL, require
from footfall.apis.rapidly.dialect import dialect_of
from footfall.apis.rapidly.errors import ResourceNotFound
from footfall.apis.rapidly.events import path_id
from footfall.apis.rapidly.faults import Faults, Problem, at_least, at_most
from footfall.apis.rapidly.listing import ListRequest, event_type_id
from footfall.apis.rapidly.openapi import ERRORS
from footfall.apis.rapidly.parameters import Parameters, boolean, one_of, sorting_of, text
from footfall.apis.rapidly.schemas import EventName, EventTypeWithStats, UserEvent
from footfall.apis.services import services_of
from footfall.model import identifiers, instant
from footfall.model.customer_event import LABELS, NAMES
from footfall.model.event_listing import SOURCES, EventListing
from footfall.model.workspace import Workspace
from footfall.storage import event_list, event_names, event_types
from footfall.storage.connection import Connection
from footfall.storage.event_list import EventPage
from footfall.storage.event_names import Occurrences
from footfall.storage.event_types import EventType

_NAME_KEYS = ("last_seen", "first_seen", "occurrences", "name")
_TYPE_KEYS = ("name", "label", "occurrences", "first_seen", "last_seen")
_LONGEST_LABEL, _LONGEST_SELECTOR = 128, 256
_BLANK = Problem("value_error", "Value error, Label cannot be blank.", {"error": {}})


@get(
    ["/api/events", "/v1/events"],
    tags=["Rapidly"],
    summary="List events",
    description="Called as `/api/events/`. All filters must hold; of one filter's values, one.",
    operation_class=openapi.list_events_operation(),
    responses={200: answer_of(envelopes.Page | envelopes.PageByCursor, "A page."), **ERRORS},
    direct=True,
)
async def list_events(request: AnyRequest) -> Response[bytes]:
    """One page of events."""
    services = services_of(request)
    dialect = dialect_of(request)
    workspace = require(request, READ_EVENTS).workspace
    asked = ListRequest(Parameters(request), workspace, dialect)
    listing = asked.listing
    if asked.type_id is not None:
        number = await services.database.ask(type_with_id, workspace, asked.type_id)
        listing = msgspec.structs.replace(listing, type=number)
    if asked.is_elsewhere:
        found = EventPage([], 0, has_more=False)
    else:
        is_below = listing.parent is not None and (listing.text or listing.properties)
        ask = services.database.ask_long if is_below else services.database.ask_briefly
        found = await ask(event_list.page, listing, services.listing_memory, counted=not asked.by_cursor)
    shown = [mapping.listed(each, workspace) for each in found.events]
    if asked.aggregates:
        shown = [
            await services.database.ask_long(aggregates.summed, workspace.number, each, asked.aggregates)
            if isinstance(each, UserEvent)
            else each
            for each in shown
        ]
    items = [polar.event(each) for each in shown] if dialect.is_polar else shown
    if found.total is None:
        return answers.json(envelopes.page_by_cursor(items, dialect, has_more=found.has_more))
    return answers.json(envelopes.page(items, found.total, asked.paging, dialect))


@get(
    ["/api/events/names", "/v1/events/names"],
    tags=["Rapidly"],
    summary="List the names of events",
    operation_class=openapi.list_names_operation(),
    responses={200: answer_of(envelopes.Page, "A page."), **ERRORS},
)
async def list_names(request: AnyRequest) -> Response[bytes]:
    """Which names events bear, by source, how often and since when."""
    dialect = dialect_of(request)
    workspace = require(request, READ_EVENTS).workspace
    parameters = Parameters(request)
    listing, part = _listing_of_types(parameters, workspace, dialect.tenant_id)
    sorting = parameters.many("sorting", sorting_of(_NAME_KEYS)) or ("-last_seen",)
    paging = parameters.paging()
    parameters.faults.raise_if_any()
    found: list[EventName] = []
    if listing is not None:
        database = services_of(request).database
        counted, types = await database.ask_long(_with_types, listing)
        found = [_name(each, types) for each in counted]
    part = part.casefold()
    found = _sorted([each for each in found if part in each.name.casefold()], sorting)
    items: Sequence[object] = envelopes.cut(found, paging)
    if not dialect.is_polar:
        items = [msgspec.structs.replace(each, label=msgspec.UNSET) for each in envelopes.cut(found, paging)]
    return answers.json(envelopes.page(items, len(found), paging, dialect))


@get(
    ["/api/event-types", "/v1/event-types"],
    tags=["Rapidly"],
    summary="List event types",
    description="Called as `/api/event-types/`. The types of captured events, with how often and since when.",
    operation_class=openapi.list_types_operation(),
    responses={200: answer_of(envelopes.Page, "A page."), **ERRORS},
)
async def list_event_types(request: AnyRequest) -> Response[bytes]:
    """The types of captured events that occurred."""
    dialect = dialect_of(request)
    workspace = require(request, READ_EVENTS).workspace
    parameters = Parameters(request)
    listing, part = _listing_of_types(parameters, workspace, dialect.tenant_id)
    sorting = parameters.many("sorting", sorting_of(_TYPE_KEYS)) or ("-last_seen",)
    roots_only = parameters.one("root_events", boolean, default=False)
    parent = parameters.one("parent_id", scalars.uuid4, None)
    paging = parameters.paging()
    parameters.faults.raise_if_any()
    found: list[EventTypeWithStats] = []
    if listing is not None:
        listing = msgspec.structs.replace(listing, parent=parent, depth=0 if roots_only and parent is None else None)
        counted, types = await services_of(request).database.ask_long(_with_types, listing)
        found = [_type(types[each.type], each, workspace) for each in counted if each.type in types]
    part = part.casefold()
    found = [each for each in found if part in each.name.casefold() or part in each.label.casefold()]
    found = _sorted(found, sorting)
    shown = [_in_dialect(each, dialect_is_polar=dialect.is_polar) for each in envelopes.cut(found, paging)]
    return answers.json(envelopes.page(shown, len(found), paging, dialect))


@patch(
    ["/api/event-types/{id:str}", "/v1/event-types/{id:str}"],
    tags=["Rapidly"],
    summary="Label an event type",
    description="For tokens to which the operator has granted `web:write`; see the documentation.",
    operation_class=openapi.label_type_operation(),
    responses={200: answer_of(EventTypeWithStats, "The event type."), **ERRORS},
)
async def update_event_type(request: AnyRequest) -> Response[bytes]:
    """Gives an event type another label, or the path of a property that holds each event's label."""
    services = services_of(request)
    body = await read_body(request, services.settings.max_body_bytes)
    value = bodies.parse(body, request.headers.get("content-type"))
    workspace = require(request, RELABEL).workspace
    identifier = path_id(request.path_params["id"])
    changes = _label_changes(bodies.object_of(value))
    changed = await services.capture.change(_relabel, workspace, identifier, changes)
    listing = EventListing(workspace=workspace.number, type=changed.number, names=(changed.name,))
    counted = await services.database.ask_long(event_names.occurrences, listing)
    of = counted[0] if counted else Occurrences(changed.number, 0, changed.created_at, changed.created_at)
    shown = _type(changed, of, workspace)
    return answers.json(_in_dialect(shown, dialect_is_polar=dialect_of(request).is_polar))


def _listing_of_types(parameters: Parameters, workspace: Workspace, tenant_id: str) -> tuple[EventListing | None, str]:
    """What is asked about; None where it is another workspace. And the part that names are to contain."""
    tenants = parameters.many(tenant_id, scalars.uuid4)
    listing = EventListing(
        workspace=workspace.number,
        customers=parameters.many("customer_id", scalars.uuid4),
        external_customers=parameters.many("external_customer_id", text),
        sources=parameters.many("source", one_of(SOURCES)),  # type: ignore[arg-type]
    )
    is_elsewhere = bool(tenants) and workspace.id not in tenants
    return None if is_elsewhere else listing, parameters.last("query") or ""


def _with_types(connection: Connection, listing: EventListing) -> tuple[list[Occurrences], dict[int, EventType]]:
    types = event_types.described(connection, listing.workspace)
    return event_names.occurrences(connection, listing), {each.number: each for each in types}


def _name(of: Occurrences, types: dict[int, EventType]) -> EventName:
    if of.type > 0:
        name, label, source = types[of.type].name, types[of.type].label, mapping.USER
    else:
        name, source = NAMES[-of.type - 1], mapping.SYSTEM
        label = LABELS[name]
    return EventName(
        name=name,
        label=label or name,
        source=source,
        occurrences=of.occurrences,
        first_seen=mapping.moment(of.first_seen),
        last_seen=mapping.moment(of.last_seen),
    )


def _type(own: EventType, of: Occurrences, workspace: Workspace) -> EventTypeWithStats:
    return EventTypeWithStats(
        created_at=mapping.moment(own.created_at),
        modified_at=None if own.modified_at is None else mapping.moment(own.modified_at),
        id=identifiers.to_text(event_type_id(workspace, own.name)),
        name=own.name,
        label=own.label or own.name,
        label_property_selector=own.label_selector,
        workspace_id=identifiers.to_text(workspace.id),
        source=mapping.USER,
        occurrences=of.occurrences,
        first_seen=mapping.moment(of.first_seen),
        last_seen=mapping.moment(of.last_seen),
    )


def _in_dialect(own: EventTypeWithStats, *, dialect_is_polar: bool) -> EventTypeWithStats | dict[str, object]:
    if not dialect_is_polar:
        return own
    return {
        "organization_id" if field == "workspace_id" else field: getattr(own, field)
        for field in EventTypeWithStats.__struct_fields__
    }


def _sorted(found: list[Any], sorting: Sequence[str]) -> list[Any]:
    """By the keys given, the first the most important; then by name and source."""
    found = sorted(found, key=lambda each: (each.name, each.source))
    for key in reversed(sorting):
        field = key.removeprefix("-")
        found = sorted(found, key=_value_of(field), reverse=key.startswith("-"))
    return found


def _value_of(field: str) -> Callable[[Any], Any]:
    # A moment as text without its Z, before which a whole second's fractions would stand.
    is_moment = field in ("first_seen", "last_seen")
    return lambda each: getattr(each, field).removesuffix("Z") if is_moment else getattr(each, field)


def type_with_id(connection: Connection, workspace: Workspace, identifier: bytes) -> int:
    """The number of the event type with this id; one that no type has, where there is none."""
    own = _find(connection, workspace, identifier)
    return 0 if own is None else own.number


def _find(connection: Connection, workspace: Workspace, identifier: bytes) -> EventType | None:
    types = event_types.described(connection, workspace.number)
    return next((each for each in types if event_type_id(workspace, each.name) == identifier), None)


def _relabel(
    connection: Connection, workspace: Workspace, identifier: bytes, changes: dict[str, str | None]
) -> EventType:
    own = _find(connection, workspace, identifier)
    if own is None:
        raise ResourceNotFound
    changed = msgspec.structs.replace(own, modified_at=instant.now(), **changes)
    event_types.describe(connection, workspace.number, changed)
    return changed


def _label_changes(given: dict[str, Any]) -> dict[str, str | None]:
    faults = Faults()
    changes: dict[str, str | None] = {}
    if given.get("label") is not None:
        label = _trimmed(given["label"], _LONGEST_LABEL)
        if isinstance(label, Problem):
            faults.add(("body", "label"), label, given["label"])
        elif not label:
            faults.add(("body", "label"), _BLANK if given["label"] else at_least(1), given["label"])
        else:
            changes["label"] = label
    if "label_property_selector" in given:
        value = given["label_property_selector"]
        selector = None if value is None else _trimmed(value, _LONGEST_SELECTOR)
        if isinstance(selector, Problem):
            faults.add(("body", "label_property_selector"), selector, value)
        else:
            changes["label_selector"] = selector or None
    faults.raise_if_any()
    return changes


def _trimmed(value: object, longest: int) -> str | Problem:
    read = scalars.text(value)
    if isinstance(read, Problem):
        return read
    read = read.strip()
    return at_most(longest) if len(read) > longest else read
