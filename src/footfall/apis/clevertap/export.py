"""Get Events against the store: opening an export, and answering its pages (contracts/clevertap.md 2.1-2.3).

Every page is full except the last, every page with records names a next one, and the page after the last has no
records. The cursor of the page before asks for the events *up to* this page's start: nothing has to be
remembered to step back, and since pages are full it is the same page as on the way forward.
"""

from functools import lru_cache
from urllib.parse import unquote

import msgspec
from msgspec import UNSET

from footfall.apis.clevertap import identities, mapping
from footfall.apis.clevertap.cursor import Cursor, seal, unseal
from footfall.apis.clevertap.errors import CleverTapError, StillInProgress
from footfall.apis.clevertap.query import Question, days_as_instants
from footfall.apis.clevertap.schemas import Page
from footfall.apis.services import Services
from footfall.model import instant
from footfall.model.export import NOBODY, ExportedEvent, ExportPosition, ExportQuery
from footfall.model.workspace import Workspace
from footfall.storage import event_export, event_summaries, event_types, pending_answers
from footfall.storage.connection import Connection
from footfall.storage.event_figures import ANY_TYPE

NOT_EXPORTABLE = (
    "Notification Sent",
    "Notification Bounce",
    "Notification Viewed",
    "Notification Control Group",
    "Notification Rendered",
    "Notification System Control Group",
)
"""What CleverTap does not export by this API: ``standard`` in the setting."""
_SHORT_PAGE = 500
"""Up to so many events a page is read on the event loop; longer ones would hold up other requests."""

_ISSUED_STEP = 600
"""Cursors are dated in steps of ten minutes (upwards, so none ends early): a page read again then names the same
cursors, unless a step lies between."""

_encode = msgspec.json.Encoder().encode


async def open_export(services: Services, workspace: Workspace, question: Question) -> str:
    """The cursor of the first page. Raises CleverTapError for an event that cannot be exported or is unknown."""
    settings = services.settings
    name = question.event_name
    if name in not_exportable(settings.clevertap_not_exportable):
        raise CleverTapError("Export not allowed for this event")
    query = await asked_of_store(services, workspace, question)
    now = instant.now() // instant.SECOND
    return seal(Cursor(query, question.limit, question.flags, created=now, issued=now), services.token_key)


async def asked_of_store(
    services: Services, workspace: Workspace, question: Question, *, unknown_status: int = 400
) -> ExportQuery:
    """The question in the store's numbers, fixed to what is stored now. Raises CleverTapError for an unknown event."""
    query = await services.database.ask(_query, workspace, question)
    if query.type == NOBODY and services.settings.clevertap_strict_event_names:
        told = _encode([f"Invalid event : {question.event_name}"]).decode()
        raise CleverTapError(told, status=unknown_status, code=400)
    return query


async def page(services: Services, workspace: Workspace, text: str) -> bytes:
    """The page of the cursor ``text``, as JSON. Raises InvalidCursor.

    Where filters leave out so much that the page takes more than one request, raises StillInProgress: how far it has
    come is stored, and the same cursor goes on from there.
    """
    cursor = unseal(text, services.token_key, workspace.number)
    database = services.database
    if not cursor.query.filters:
        ask = database.ask_briefly if cursor.limit <= _SHORT_PAGE else database.ask_in_turn
        return await ask(_page, workspace, cursor, services.token_key)
    key = pending_answers.key_of(unquote(text).strip())
    budget = services.settings.clevertap_max_scan or None
    found = await database.ask_in_turn(_filtered_page, workspace, cursor, services.token_key, key, budget)
    if isinstance(found, bytes):
        return found
    await services.capture.change(pending_answers.put, workspace.number, key, _pack(found))
    raise StillInProgress


def _query(connection: Connection, workspace: Workspace, question: Question) -> ExportQuery:
    since, until = days_as_instants(question.first_day, question.last_day, workspace.zone)
    return ExportQuery(
        workspace=workspace.number,
        type=_type(connection, workspace.number, question.event_name),
        since=since,
        until=until,
        snapshot=connection.last_sequence(workspace.number),
        customer=identities.find(connection, workspace.number, question.people) if question.people else None,
        filters=question.filters,
    )


def _type(connection: Connection, workspace: int, name: str | None) -> int:
    """The number of the event type of this name; of any, where there is no name."""
    return ANY_TYPE if name is None else event_types.numbers(connection, workspace, [name]).get(name, NOBODY)


@lru_cache(maxsize=4)
def not_exportable(listed: str) -> frozenset[str]:
    """The names of events in a setting, separated by commas."""
    names = {name.strip() for name in listed.split(",")} - {""}
    return frozenset(names - {"standard"}).union(NOT_EXPORTABLE if "standard" in names else ())


class _SoFar(msgspec.Struct, frozen=True, array_like=True):
    """A page that is not whole: the sequences of what was found, and up to where."""

    reached: ExportPosition | None = None
    found: tuple[int, ...] = ()


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_SoFar).decode


def _page(connection: Connection, workspace: Workspace, cursor: Cursor, key: bytes) -> bytes:
    found = event_export.page(connection, cursor.query, cursor.position, _looked_for(cursor), backward=cursor.backward)
    return _encoded(connection, workspace, cursor, key, found.events)


def _filtered_page(
    connection: Connection, workspace: Workspace, cursor: Cursor, key: bytes, kept_as: bytes, budget: int | None
) -> bytes | _SoFar:
    """The page, or how far it has come by now; what is kept of earlier requests is gone on with."""
    kept = pending_answers.get(connection, workspace.number, kept_as)
    so_far = _SoFar() if kept is None else _unpack(kept)
    found = event_export.page(
        connection,
        cursor.query,
        so_far.reached or cursor.position,
        _looked_for(cursor) - len(so_far.found),
        backward=cursor.backward,
        budget=budget,
    )
    if not found.is_whole:
        return _SoFar(found.reached, (*so_far.found, *(event.sequence for event in found.events)))
    earlier = event_export.by_sequences(connection, workspace.number, so_far.found) if so_far.found else []
    events = (earlier[::-1] if cursor.backward else earlier) + found.events
    return _encoded(connection, workspace, cursor, key, events)


def _looked_for(cursor: Cursor) -> int:
    """How many events it takes to answer; backwards, one more tells where the page before ends."""
    return cursor.limit + 1 if cursor.backward else cursor.limit


def _encoded(
    connection: Connection, workspace: Workspace, cursor: Cursor, key: bytes, events: list[ExportedEvent]
) -> bytes:
    found, before = events, cursor.position
    if cursor.backward:
        before = events[cursor.limit].position if len(events) > cursor.limit else None
        found = events[: cursor.limit][::-1]
    if not found:
        return _encode(Page("success"))
    now = instant.now() // instant.SECOND
    issued = -(-now // _ISSUED_STEP) * _ISSUED_STEP

    def sealed(position: ExportPosition, *, backward: bool) -> str:
        return seal(msgspec.structs.replace(cursor, issued=issued, position=position, backward=backward), key)

    numbers = {event.customer for event in found if event.customer is not None}
    people = event_export.people(connection, workspace.number, numbers) if numbers else []
    summaries = event_summaries.of_customers(connection, workspace.number, numbers) if cursor.flags.events else []
    return _encode(
        Page(
            status="success",
            previous_cursor=UNSET if before is None else sealed(before, backward=True),
            next_cursor=sealed(found[-1].position, backward=False),
            records=mapping.records(found, people, summaries, cursor.flags, workspace.zone),
        )
    )
