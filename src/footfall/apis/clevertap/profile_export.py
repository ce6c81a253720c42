"""The users who did an event: a cursor, then its pages (contracts/clevertap.md 4.6).

A page goes on behind the last user's number, up to the last number that anybody had when the cursor was opened.
"""

import msgspec

from footfall.apis.clevertap import profile_records
from footfall.apis.clevertap.cursor import Flags, seal_content, unseal_content
from footfall.apis.clevertap.errors import InvalidCursor
from footfall.apis.clevertap.export import asked_of_store
from footfall.apis.clevertap.query import Question
from footfall.apis.clevertap.schemas import ProfilePage
from footfall.apis.services import Services
from footfall.model import instant
from footfall.model.export import ExportQuery
from footfall.model.workspace import Workspace
from footfall.storage import event_users
from footfall.storage.connection import Connection

OF_PROFILES = Flags(app=True, profile=True, events=True)
"""What a record shows unless asked otherwise."""
SECONDS = 4 * 24 * 3600
"""How long a cursor can be used, from the opening on (contract 2.3)."""

_PURPOSE = "ct.profiles"


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    query: ExportQuery
    limit: int
    flags: Flags
    created: int  # epoch seconds
    last: int  # the highest customer's number then
    after: int = 0


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Cursor).decode


async def open_export(services: Services, workspace: Workspace, question: Question) -> str:
    """The cursor of the first page. Raises CleverTapError for an unknown event."""
    query = await asked_of_store(services, workspace, question)
    last = await services.database.ask(_last_number)
    now = instant.now() // instant.SECOND
    return _sealed(_Cursor(query, question.limit, question.flags, now, last), services.token_key)


async def page(services: Services, workspace: Workspace, text: str) -> ProfilePage:
    """The page of the cursor ``text``. Raises InvalidCursor."""
    try:
        cursor = _decode(unseal_content(text, services.token_key, _PURPOSE))
    except msgspec.DecodeError as error:
        raise InvalidCursor from error
    if cursor.query.workspace != workspace.number:
        raise InvalidCursor
    if instant.now() // instant.SECOND - cursor.created > SECONDS:
        raise InvalidCursor("expired")
    return await services.database.ask_in_turn(_page, cursor, services.token_key)


def _page(connection: Connection, cursor: _Cursor, key: bytes) -> ProfilePage:
    numbers = event_users.page(connection, cursor.query, cursor.after, cursor.last, cursor.limit)
    if not numbers:
        return ProfilePage("success")
    records = profile_records.several(connection, cursor.query.workspace, numbers, cursor.flags)
    following = _sealed(msgspec.structs.replace(cursor, after=numbers[-1]), key)
    return ProfilePage("success", next_cursor=following, records=records)


def _sealed(cursor: _Cursor, key: bytes) -> str:
    return seal_content(_encode(cursor), key, _PURPOSE)


def _last_number(connection: Connection) -> int:
    return connection.last_customer_number()
