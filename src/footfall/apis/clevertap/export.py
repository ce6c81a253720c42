"""Get Events against the store: opening an export, and answering its pages (contracts/clevertap.md 2.1-2.3).

Every page is full except the last, every page with records names a next one, and the page after the last has no
records. The cursor of the page before asks for the events *up to* this page's start: nothing has to be
remembered to step back, and since pages are full it is the same page as on the way forward.
"""

import msgspec
from msgspec import UNSET

from footfall.apis.clevertap import identities, mapping
from footfall.apis.clevertap.cursor import Cursor, seal, unseal
from footfall.apis.clevertap.errors import CleverTapError
from footfall.apis.clevertap.query import Question, days_as_instants
from footfall.apis.clevertap.schemas import Page
from footfall.apis.services import Services
from footfall.model import instant
from footfall.model.export import NOBODY, ExportedEvent, ExportPosition, ExportQuery
from footfall.model.workspace import Workspace
from footfall.storage import event_export, event_summaries, event_types
from footfall.storage.connection import Connection

NOT_EXPORTABLE = frozenset(
    {
        "Notification Sent",
        "Notification Bounce",
        "Notification Viewed",
        "Notification Control Group",
        "Notification Rendered",
        "Notification System Control Group",
    }
)
"""What CleverTap does not export by this API; refused only where the server is set to."""
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
    if settings.clevertap_forbidden_exports and name in NOT_EXPORTABLE:
        raise CleverTapError("Export not allowed for this event")
    query = await services.database.ask(_query, workspace, question)
    if query.type == NOBODY and settings.clevertap_strict_event_names:
        raise CleverTapError(msgspec.json.encode([f"Invalid event : {name}"]).decode())
    now = instant.now() // instant.SECOND
    return seal(Cursor(query, question.limit, question.flags, created=now, issued=now), services.token_key)


async def page(services: Services, workspace: Workspace, text: str) -> bytes:
    """The page of the cursor ``text``, as JSON. Raises InvalidCursor."""
    cursor = unseal(text, services.token_key, workspace.number)
    brief = cursor.limit <= _SHORT_PAGE and not cursor.query.filters and not cursor.flags.events
    ask = services.database.ask_briefly if brief else services.database.ask_long
    return await ask(_page, workspace, cursor, services.token_key)


def _query(connection: Connection, workspace: Workspace, question: Question) -> ExportQuery:
    """The question in the store's numbers, fixed to what is stored now."""
    numbers = event_types.numbers(connection, workspace.number, [question.event_name])
    since, until = days_as_instants(question.first_day, question.last_day, workspace.zone)
    return ExportQuery(
        workspace=workspace.number,
        type=numbers.get(question.event_name, NOBODY),
        since=since,
        until=until,
        snapshot=connection.last_sequence(workspace.number),
        customer=identities.find(connection, workspace.number, question.people) if question.people else None,
        filters=question.filters,
    )


def _page(connection: Connection, workspace: Workspace, cursor: Cursor, key: bytes) -> bytes:
    found, before = _events(connection, cursor)
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


def _events(connection: Connection, cursor: Cursor) -> tuple[list[ExportedEvent], ExportPosition | None]:
    """The page's events, and where the page before it ends, if there is one."""
    if not cursor.backward:
        return event_export.page(connection, cursor.query, cursor.position, cursor.limit), cursor.position
    found = event_export.page(connection, cursor.query, cursor.position, cursor.limit + 1, backward=True)
    before = found[cursor.limit].position if len(found) > cursor.limit else None
    return found[: cursor.limit][::-1], before
